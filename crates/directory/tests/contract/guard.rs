//! The admin-lockout guard: once an organization has an administrator, no change by a provider
//! leaves it without one who can come in.

use directory::{
    Error, Group, Rule, User,
    connection::{self, NewConnection, Protocol, Provider, State},
    group::MemberChange,
    organization, role,
};
use testkit::{TestConnection, TestOrganization, contract};

use crate::support::{
    add_members, change_group, change_user, clear_members, create_user, delete_group, delete_user,
    get_user, named, newest, remove_members, rename_group, role_name, set, set_active, set_members,
    team, try_add_members, try_clear_members, try_set_active,
};

/// A refusal that says what to do.
#[track_caller]
fn locked_out<T: std::fmt::Debug>(result: Result<T, Error>) {
    match result {
        Err(Error::Denied { rule: Rule::LastAdministrator, detail }) => {
            assert!(detail.contains("role admin or superadmin first"), "{detail}");
        }
        other => panic!("{other:?}"),
    }
}

async fn assign(org: &TestOrganization, user: &User, role: &'static str) {
    let user = user.clone();
    let assigned =
        org.by_operator().write(move |writer| role::assign(writer, &user, &role_name(role))).await;
    assert!(assigned.expect("assigned"));
}

async fn map(org: &TestOrganization, group: &Group, role: &'static str) {
    let group = group.clone();
    let mapped =
        org.by_operator().write(move |writer| role::map(writer, &group, &role_name(role))).await;
    assert!(mapped.expect("mapped"));
}

async fn in_setup(org: &TestOrganization) -> TestConnection {
    let new = NewConnection {
        state: State::Setup,
        ..NewConnection::active(Provider::Entra, Protocol::Scim2)
    };
    org.connection_like(new).await
}

contract! {
    async fn the_last_administrator_is_neither_archived_nor_deleted(store) {
        let acme = store.organization("acme").await;
        let okta = store.connection(&acme).await.organization;
        let (ada, alan) = (named(&okta, "ada").await, named(&okta, "alan").await);
        // Roles that make no administrator are not guarded.
        assign(&acme, &ada, "member").await;
        set_active(&okta, ada.id, false).await;
        set_active(&okta, ada.id, true).await;
        for role in ["superadmin", "admin"] {
            assign(&acme, &ada, role).await;
            let before = newest(&acme).await;
            locked_out(try_set_active(&okta, ada.id, false).await);
            locked_out(change_user(&okta, ada.id, testkit::user("ada")).await);
            locked_out(delete_user(&okta, ada.id).await);
            // It may still be changed.
            assert_eq!(newest(&acme).await, before);
            set(&okta, ada.id, "title", role).await.expect("not locked out");
            // Another one may go.
            set_active(&okta, alan.id, false).await;
            set_active(&okta, alan.id, true).await;
            let taken = ada.clone();
            acme.write(move |writer| role::unassign(writer, &taken, &role_name(role)))
                .await
                .expect("an operator may");
        }
        // Of two administrators one may go, and not the other.
        assign(&acme, &ada, "admin").await;
        assign(&acme, &alan, "superadmin").await;
        set_active(&okta, ada.id, false).await;
        locked_out(try_set_active(&okta, alan.id, false).await);
        // The archived one does not count until it is back.
        set_active(&okta, ada.id, true).await;
        delete_user(&okta, alan.id).await.expect("another is left");
        locked_out(delete_user(&okta, ada.id).await);
        assert!(get_user(&acme, ada.id).await.expect("there").is_active());
    }
}

contract! {
    async fn a_group_that_makes_administrators_keeps_one(store) {
        let acme = store.organization("acme").await;
        let okta = store.connection(&acme).await.organization;
        let (ada, alan) = (named(&okta, "ada").await, named(&okta, "alan").await);
        let (ada_id, alan_id) = (ada.id.to_string(), alan.id.to_string());
        let inner = team(&okta, "Inner", &[&ada_id]).await;
        let outer = team(&okta, "Outer", &[&inner.id.to_string()]).await;
        map(&acme, &outer, "admin").await;
        for group in [&inner, &outer] {
            locked_out(try_clear_members(&okta, group.id).await);
            locked_out(delete_group(&okta, group.id).await);
            let none = MemberChange::Replace(testkit::members(&["later"]));
            locked_out(change_group(&okta, group.id, None, &[none]).await);
        }
        let remove = MemberChange::Remove(testkit::members(&[&*ada_id]));
        locked_out(change_group(&okta, inner.id, None, &[remove]).await);
        locked_out(try_set_active(&okta, ada.id, false).await);
        locked_out(delete_user(&okta, ada.id).await);
        rename_group(&okta, inner.id, "Insiders").await.expect("nothing is lost");
        // Exchanging the one for the other in one change is no lockout.
        set_members(&okta, inner.id, &[&alan_id]).await;
        delete_user(&okta, ada.id).await.expect("it is none any more");
        locked_out(try_set_active(&okta, alan.id, false).await);
        // A second way to the role keeps the organization open.
        assign(&acme, &alan, "superadmin").await;
        clear_members(&okta, inner.id).await;
        delete_group(&okta, outer.id).await.expect("another way is left");
        locked_out(delete_user(&okta, alan.id).await);
    }
}

contract! {
    async fn an_organization_without_an_administrator_is_not_guarded_yet(store) {
        let acme = store.organization("acme").await;
        let okta = store.connection(&acme).await.organization;
        // Roles are used: a group is mapped, and its members come later.
        let admins = team(&okta, "Admins", &[]).await;
        map(&acme, &admins, "admin").await;
        rename_group(&okta, admins.id, "Administrators").await.expect("there is none to lose");
        add_members(&okta, admins.id, &["00u1"]).await;
        clear_members(&okta, admins.id).await;
        let ada = named(&okta, "ada").await;
        set_active(&okta, ada.id, false).await;
        add_members(&okta, admins.id, &[&ada.id.to_string()]).await;
        remove_members(&okta, admins.id, &[&ada.id.to_string()]).await;
        add_members(&okta, admins.id, &[&ada.id.to_string()]).await;
        // From the first one on it is.
        set_active(&okta, ada.id, true).await;
        locked_out(try_set_active(&okta, ada.id, false).await);
        locked_out(try_clear_members(&okta, admins.id).await);
    }
}

contract! {
    async fn the_guard_is_a_setting(store) {
        let acme = store.organization("acme").await;
        let okta = store.connection(&acme).await.organization;
        let ada = named(&okta, "ada").await;
        assign(&acme, &ada, "admin").await;
        let set_guard = async |guard| {
            let set = acme.write(move |writer| organization::set_admin_guard(writer, guard)).await;
            assert_eq!(set.expect("set").admin_guard, guard);
            assert_eq!(acme.get().await.admin_guard, guard);
        };
        locked_out(try_set_active(&okta, ada.id, false).await);
        set_guard(Some(true)).await;
        locked_out(try_set_active(&okta, ada.id, false).await);
        set_guard(Some(false)).await;
        set_active(&okta, ada.id, false).await;
        set_active(&okta, ada.id, true).await;
        set_guard(None).await;
        locked_out(delete_user(&okta, ada.id).await);
    }
}

contract! {
    async fn an_operator_is_not_held_back(store) {
        let acme = store.organization("acme").await;
        let ada = named(&acme, "ada").await;
        assign(&acme, &ada, "admin").await;
        set_active(&acme, ada.id, false).await;
        delete_user(&acme, ada.id).await.expect("an operator may");
    }
}

contract! {
    async fn each_part_of_one_change_is_guarded(store) {
        let acme = store.organization("acme").await;
        let okta = store.connection(&acme).await.organization;
        let (ada, alan) = (named(&okta, "ada").await, named(&okta, "alan").await);
        assign(&acme, &ada, "admin").await;
        assign(&acme, &alan, "admin").await;
        // As a bulk request does it: the first goes, the second is refused, and the rest is kept.
        let parts = [ada.clone(), alan.clone()];
        let outcomes = okta
            .write(move |writer| {
                let mut outcomes = Vec::new();
                for user in &parts {
                    let part = writer.attempt(|writer| directory::user::archive(writer, user))?;
                    outcomes.push(part.map(|user| user.is_active()).map_err(|error| error.code()));
                }
                Ok(outcomes)
            })
            .await
            .expect("kept");
        assert_eq!(outcomes, [Ok(false), Err("last_administrator")]);
        // Two requests of one commit cannot take both either.
        set_active(&okta, ada.id, true).await;
        let both = [&ada, &alan].map(|user| {
            let (okta, id) = (okta.clone(), user.id);
            tokio::spawn(async move { try_set_active(&okta, id, false).await.is_ok() })
        });
        let [one, other] = both;
        let done = [one.await.expect("no panic"), other.await.expect("no panic")];
        assert_eq!(done.iter().filter(|done| **done).count(), 1);
    }
}

contract! {
    async fn a_provider_that_is_set_up_takes_no_administrator_over(store) {
        let acme = store.organization("acme").await;
        let entra = in_setup(&acme).await;
        let ada = named(&acme, "ada").await;
        let crew = team(&acme, "Crew", &[&ada.id.to_string()]).await;
        map(&acme, &crew, "admin").await;
        // What it manages does not count, so the only administrator must not become one of these.
        locked_out(set(&entra.organization, ada.id, "externalId", "00u1").await);
        locked_out(try_add_members(&entra.organization, crew.id, &["later"]).await);
        locked_out(rename_group(&entra.organization, crew.id, "Staff").await);
        let alan = create_user(&entra.organization, testkit::user("alan")).await.expect("new");
        assign(&acme, &alan, "superadmin").await;
        locked_out(set(&entra.organization, ada.id, "externalId", "00u1").await);
        // In use it may, whoever it makes an administrator counts.
        let id = entra.connection.id;
        acme.write(move |writer| connection::activate(writer, id)).await.expect("activated");
        set(&entra.organization, ada.id, "externalId", "00u1").await.expect("taken over");
        delete_user(&entra.organization, ada.id).await.expect("another is left");
        locked_out(delete_user(&entra.organization, alan.id).await);
    }
}

contract! {
    async fn a_connection_goes_into_use_only_where_an_administrator_can_come_in(store) {
        let acme = store.organization("acme").await;
        let entra = in_setup(&acme).await;
        let id = entra.connection.id;
        let activate = async || {
            acme.write(move |writer| connection::activate(writer, id)).await.map(|done| done.1)
        };
        let new = || NewConnection::active(Provider::Okta, Protocol::Scim2);
        // Roles are used, and no one who has one can come in.
        let ada = named(&acme, "ada").await;
        set_active(&acme, ada.id, false).await;
        assign(&acme, &ada, "admin").await;
        let before = newest(&acme).await;
        locked_out(activate().await);
        locked_out(connection::create(&store.store, &acme.operator, new()).await);
        assert_eq!(newest(&acme).await, before);
        assert_eq!(acme.read(connection::list).await.expect("a list").len(), 1);
        // The administrators that it brings itself are counted from now on.
        let alan = named(&entra.organization, "alan").await;
        let admins = team(&entra.organization, "Admins", &[&alan.id.to_string()]).await;
        map(&acme, &admins, "admin").await;
        assert!(activate().await.expect("one can come in"));
        assert!(!activate().await.expect("it is in use"));
        connection::create(&store.store, &acme.operator, new()).await.expect("made");
    }
}

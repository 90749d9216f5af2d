//! What an identity provider manages is changed there, and not here.

use directory::{
    Error, Rule,
    audit::{AuditKind, Payload},
    connection::{NewConnection, Protocol, Provider},
    group::{self, Group},
    user,
};
use testkit::{TestConnection, TestOrganization, contract};

use crate::support::{
    add_members, audit_kinds, audited, change_group, code, create_user, delete_group, delete_user,
    get_group, get_user, groups_of, is_missing, members, named, newest, newest_audit,
    remove_members, rename_group, set, set_active, team, try_add_members, try_clear_members,
    try_set_active,
};

async fn okta(org: &TestOrganization) -> TestConnection {
    let new = NewConnection {
        name: Some("Okta Europe".to_owned()),
        ..NewConnection::active(Provider::Okta, Protocol::Scim2)
    };
    org.connection_like(new).await
}

/// A refusal that says where it is changed.
#[track_caller]
fn elsewhere<T: std::fmt::Debug>(result: Result<T, Error>) {
    match result {
        Err(Error::Denied { rule: Rule::ManagedElsewhere, detail }) => {
            assert!(detail.contains("Okta Europe (okta)"), "{detail}");
        }
        other => panic!("{other:?}"),
    }
}

contract! {
    async fn local_acts_do_not_change_a_managed_user(store) {
        let acme = store.organization("acme").await;
        let okta = okta(&acme).await.organization;
        let ada = named(&okta, "ada").await;
        let archived = named(&okta, "alan").await;
        set_active(&okta, archived.id, false).await;
        let before = newest(&acme).await;
        elsewhere(set(&acme, ada.id, "title", "Countess").await);
        elsewhere(try_set_active(&acme, ada.id, false).await);
        elsewhere(try_set_active(&acme, archived.id, true).await);
        elsewhere(delete_user(&acme, ada.id).await);
        // Nor by way of creating the archived one again.
        elsewhere(create_user(&acme, testkit::user("alan")).await);
        assert_eq!(newest(&acme).await, before);
        // Saving what is stored is no change.
        let (id, same) = (ada.id, ada.attributes.to_object());
        let saved = acme.write(move |writer| {
            let ada = user::get(writer, id)?;
            user::change(writer, &ada, same.clone())
        });
        assert_eq!(saved.await.expect("no change").version, ada.version);
        set(&okta, ada.id, "title", "Countess").await.expect("its own");
    }
}

contract! {
    async fn local_acts_do_not_change_a_managed_group(store) {
        let acme = store.organization("acme").await;
        let okta = okta(&acme).await.organization;
        let ada = named(&acme, "ada").await;
        let crew = team(&okta, "Crew", &[&ada.id.to_string()]).await;
        let before = newest(&acme).await;
        elsewhere(rename_group(&acme, crew.id, "Staff").await);
        elsewhere(try_add_members(&acme, crew.id, &["later"]).await);
        elsewhere(try_clear_members(&acme, crew.id).await);
        elsewhere(delete_group(&acme, crew.id).await);
        assert_eq!(newest(&acme).await, before);
        assert_eq!(members(&acme, crew.id).await, [ada.id.to_string()]);
        change_group(&acme, crew.id, None, &[]).await.expect("no change");
        // A member that is not managed goes as it likes.
        delete_user(&acme, ada.id).await.expect("its own");
        assert!(members(&acme, crew.id).await.is_empty());
        let outer = team(&acme, "Outer", &[&crew.id.to_string()]).await;
        remove_members(&acme, outer.id, &[&crew.id.to_string()]).await;
    }
}

contract! {
    async fn what_is_not_managed_is_changed_by_anyone(store) {
        let acme = store.organization("acme").await;
        let okta = okta(&acme).await.organization;
        let ada = named(&acme, "ada").await;
        let crew = team(&acme, "Crew", &[]).await;
        // A provider takes over what it changes.
        set(&acme, ada.id, "title", "Countess").await.expect("local");
        set(&okta, ada.id, "title", "Lady").await.expect("by the provider");
        elsewhere(set(&acme, ada.id, "title", "Countess").await);
        add_members(&acme, crew.id, &[&ada.id.to_string()]).await;
        rename_group(&okta, crew.id, "Staff").await.expect("by the provider");
        elsewhere(rename_group(&acme, crew.id, "Crew").await);
    }
}

async fn link(org: &TestOrganization, group: &Group, to: &TestConnection) -> Result<Group, Error> {
    let (id, connection) = (group.id, to.connection.clone());
    org.write(move |writer| {
        let group = group::get(writer, id)?;
        group::link(writer, &group, &connection)
    })
    .await
}

async fn unlink(org: &TestOrganization, group: &Group) -> Result<Group, Error> {
    let id = group.id;
    org.write(move |writer| {
        let group = group::get(writer, id)?;
        group::unlink(writer, &group)
    })
    .await
}

contract! {
    async fn a_team_is_linked_to_a_connection_and_keeps_its_members(store) {
        let acme = store.organization("acme").await;
        let (okta, entra) = (okta(&acme).await, store.connection(&acme).await);
        let ada = named(&acme, "ada").await;
        let crew = team(&acme, "Crew", &[&ada.id.to_string()]).await;
        let (before, audit) = (newest(&acme).await, newest_audit(&acme).await);
        let linked = link(&acme, &crew, &okta).await.expect("linked");
        assert_eq!(linked.version, get_group(&acme, crew.id).await.expect("there").version);
        assert!(linked.version > crew.version && linked.managed_by.is_some());
        assert_eq!(link(&acme, &crew, &okta).await.expect("no change").version, linked.version);
        elsewhere(rename_group(&acme, crew.id, "Staff").await);
        elsewhere(link(&acme, &crew, &entra).await);
        assert_eq!(groups_of(&acme, ada.id).await.len(), 1);
        let team = unlink(&acme, &crew).await.expect("unlinked");
        assert_eq!(team.managed_by, None);
        assert_eq!(unlink(&acme, &crew).await.expect("no change").version, team.version);
        rename_group(&acme, crew.id, "Staff").await.expect("local again");
        assert_eq!(members(&acme, crew.id).await, [ada.id.to_string()]);
        assert_eq!(acme.events_after(before).await.len(), 3);
        let entries = audited(&acme, audit).await;
        let told: Vec<_> = entries.iter().map(|entry| &entry.payload).collect();
        let [Payload::GroupLinked(on), Payload::GroupUnlinked(off)] = told[..] else {
            panic!("{told:?}")
        };
        assert_eq!((on.connection, off.connection), (okta.connection.id, okta.connection.id));
    }
}

contract! {
    async fn a_link_to_what_is_gone_is_none(store) {
        let acme = store.organization("acme").await;
        let umbra = store.organization("umbra").await;
        let okta = okta(&acme).await;
        let crew = team(&acme, "Crew", &[]).await;
        // A connection of another organization has the same number.
        let theirs = store.connection(&umbra).await;
        assert!(is_missing(&link(&acme, &crew, &theirs).await));
        directory::connection::delete(&store.store, &acme.operator, okta.connection.id)
            .await
            .expect("there");
        assert!(is_missing(&link(&acme, &crew, &okta).await));
        assert_eq!(get_group(&acme, crew.id).await.expect("there").managed_by, None);
        // A group that was read earlier is not overwritten.
        let entra = store.connection(&acme).await.connection;
        rename_group(&acme, crew.id, "Staff").await.expect("free");
        let (stale, connection) = (crew.clone(), entra.clone());
        let linked = acme.write(move |writer| group::link(writer, &stale, &connection)).await;
        assert_eq!(code(linked), "stale");
        let audit = newest_audit(&acme).await;
        let (stale, connection) = (crew.clone(), entra);
        let linked = acme
            .write(move |writer| {
                let staff = group::get(writer, stale.id)?;
                group::link(writer, &staff, &connection)?;
                group::unlink(writer, &stale)
            })
            .await;
        // It was not managed when it was read: there is nothing to take away.
        assert_eq!(linked.expect("no change").version, crew.version);
        assert_eq!(audit_kinds(&acme, audit).await, [AuditKind::GroupLinked]);
        assert!(get_user(&acme, crew.id).await.is_err());
    }
}

contract! {
    async fn a_provider_gives_up_what_it_manages_and_takes_nothing_over(store) {
        let acme = store.organization("acme").await;
        let (okta, entra) = (okta(&acme).await, store.connection(&acme).await);
        let team = team(&acme, "Crew", &[]).await;
        let before = newest(&acme).await;
        assert_eq!(code(link(&okta.organization, &team, &okta).await), "not_permitted");
        link(&acme, &team, &entra).await.expect("by the operator");
        for own in [&okta, &entra] {
            assert_eq!(code(link(&own.organization, &team, &okta).await), "not_permitted");
        }
        assert_eq!(code(unlink(&okta.organization, &team).await), "managed_elsewhere");
        assert_eq!(acme.events_after(before).await.len(), 1);
        let own = unlink(&entra.organization, &team).await.expect("its own");
        assert_eq!(own.managed_by, None);
        // A team is no one's: there is nothing to take away.
        let same = unlink(&okta.organization, &team).await.expect("no change");
        assert_eq!(same.version, own.version);
    }
}

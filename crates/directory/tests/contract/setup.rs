//! A connection that is being set up: what arrives is stored and shown, and gives no role.

use directory::{
    connection::{self, NewConnection, Protocol, Provider, State},
    event::EventKind,
    role::{self, Why},
    token,
};
use testkit::{TestConnection, TestOrganization, contract};

use crate::support::{
    add_members, get_user, kinds_after, members, named, newest, role_name, roles_of, set, team,
};

async fn in_setup(org: &TestOrganization) -> TestConnection {
    let new = NewConnection {
        state: State::Setup,
        ..NewConnection::active(Provider::Entra, Protocol::Scim2)
    };
    org.connection_like(new).await
}

contract! {
    async fn what_arrives_is_stored_and_shown(store) {
        let acme = store.organization("acme").await;
        let entra = in_setup(&acme).await;
        let before = newest(&acme).await;
        let issued = acme.issue(&entra.connection).await;
        let shown = token::authenticate(&store.store, issued.reveal(), None, None).await;
        assert_eq!(shown.expect("an answer").expect("let in").connection.state, State::Setup);
        let ada = named(&entra.organization, "ada").await;
        set(&entra.organization, ada.id, "title", "Countess").await.expect("its own");
        let crew = team(&entra.organization, "Crew", &[&ada.id.to_string()]).await;
        assert_eq!(get_user(&acme, ada.id).await.expect("there").attributes.str("title"), Some("Countess"));
        assert_eq!(members(&acme, crew.id).await, [ada.id.to_string()]);
        let expected = [EventKind::UserCreated, EventKind::UserUpdated, EventKind::GroupCreated];
        assert_eq!(kinds_after(&acme, before).await, expected);
    }
}

contract! {
    async fn its_groups_give_no_role_until_it_is_in_use(store) {
        let acme = store.organization("acme").await;
        let entra = in_setup(&acme).await;
        let ada = named(&acme, "ada").await;
        let ada_id = ada.id.to_string();
        let pushed = team(&entra.organization, "Pushed", &[&ada_id]).await;
        let local = team(&acme, "Local", &[&pushed.id.to_string()]).await;
        let direct = team(&acme, "Direct", &[]).await;
        let (one, two, three) = (pushed.clone(), local, direct.clone());
        acme.write(move |writer| {
            role::create(writer, &role_name("auditor"), "")?;
            role::map(writer, &one, &role_name("superadmin"))?;
            // By way of a group that gives none, no other is reached.
            role::map(writer, &two, &role_name("auditor"))?;
            role::map(writer, &three, &role_name("member"))
        })
        .await
        .expect("mapped");
        assert_eq!(roles_of(&acme, ada.id).await, [""; 0]);
        add_members(&acme, direct.id, &[&ada_id]).await;
        assert_eq!(roles_of(&acme, ada.id).await, ["member"]);
        let id = entra.connection.id;
        acme.write(move |writer| connection::activate(writer, id)).await.expect("activated");
        assert_eq!(roles_of(&acme, ada.id).await, ["superadmin", "member", "auditor"]);
        // Switched off, what it pushed stays as it is.
        acme.write(move |writer| connection::disable(writer, id)).await.expect("disabled");
        assert_eq!(roles_of(&acme, ada.id).await, ["superadmin", "member", "auditor"]);
    }
}

contract! {
    async fn a_role_that_was_given_by_people_counts(store) {
        let acme = store.organization("acme").await;
        let entra = in_setup(&acme).await;
        let ada = named(&entra.organization, "ada").await;
        let bearer = ada.clone();
        acme.write(move |writer| role::assign(writer, &bearer, &role_name("member")))
            .await
            .expect("assigned");
        let held = acme.read(move |reader| role::of_user(reader, &ada)).await.expect("roles");
        assert_eq!(held.len(), 1);
        assert_eq!(held[0].why, [Why::Assigned]);
    }
}

contract! {
    async fn going_into_use_is_told(store) {
        let acme = store.organization("acme").await;
        let entra = in_setup(&acme).await;
        assert_eq!(entra.connection.state, State::Setup);
        let before = newest(&acme).await;
        let id = entra.connection.id;
        let (active, changed) =
            acme.write(move |writer| connection::activate(writer, id)).await.expect("activated");
        assert!(changed && active.state == State::Active);
        assert_eq!(kinds_after(&acme, before).await, [EventKind::ConnectionActivated]);
    }
}

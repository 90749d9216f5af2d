//! Connections: made, found, switched off and on, renamed, deleted.

use directory::{
    ConnectionId,
    audit::{AuditKind, Payload},
    connection::{self, NewConnection, Protocol, Provider, State},
    event::EventKind,
    token,
};
use scim::Profile;
use testkit::contract;

use crate::support::{
    audit_kinds, audited, code, get_user, invalid, is_missing, kinds_after, named, newest,
    newest_audit,
};

contract! {
    async fn a_connection_is_found_from_outside_by_its_id(store) {
        let acme = store.organization("acme").await;
        let made = acme.connection(Provider::Entra, Protocol::Scim1).await.connection;
        let (access, found) =
            connection::find(&store.installation(), made.id).await.expect("there");
        assert_eq!(found.id, made.id);
        // It leads to the organization that has it.
        let listed = store.store.read(&access, connection::list).await.expect("a list");
        assert_eq!(listed.iter().map(|one| one.id).collect::<Vec<_>>(), [made.id]);
        assert_eq!((found.provider, found.protocol), (Provider::Entra, Protocol::Scim1));
        assert_eq!(found.state, State::Active);
        let list = acme.read(connection::list).await.expect("a list");
        assert_eq!(list.iter().map(|one| one.id).collect::<Vec<_>>(), [made.id]);
        let id = made.id;
        let got = acme.read(move |reader| connection::get(reader, id)).await.expect("there");
        assert_eq!(got.created, made.created);
    }
}

contract! {
    async fn switching_off_twice_is_one_change(store) {
        let acme = store.organization("acme").await;
        let id = store.connection(&acme).await.connection.id;
        let (before, audit) = (newest(&acme).await, newest_audit(&acme).await);
        for (enabled, expected) in [(true, false), (false, true), (false, false), (true, true)] {
            let switch = if enabled { connection::activate } else { connection::disable };
            let switched = acme.write(move |writer| switch(writer, id)).await.expect("there");
            assert_eq!((switched.0.state == State::Active, switched.1), (enabled, expected));
        }
        let expected = [EventKind::ConnectionDisabled, EventKind::ConnectionActivated];
        assert_eq!(kinds_after(&acme, before).await, expected);
        let expected = [AuditKind::ConnectionDisabled, AuditKind::ConnectionActivated];
        assert_eq!(audit_kinds(&acme, audit).await, expected);
    }
}

contract! {
    async fn a_connection_is_not_reached_from_another_organization(store) {
        let (acme, umbra) = (store.organization("acme").await, store.organization("umbra").await);
        let id = store.connection(&acme).await.connection.id;
        assert!(is_missing(&umbra.write(move |writer| connection::disable(writer, id)).await));
        assert!(is_missing(&umbra.write(move |writer| connection::activate(writer, id)).await));
        let renamed = umbra.write(move |writer| connection::rename(writer, id, Some("x"))).await;
        assert!(is_missing(&renamed));
        assert!(is_missing(&umbra.read(move |reader| connection::get(reader, id)).await));
        assert!(is_missing(&connection::delete(&store.store, &umbra.operator, id).await));
        assert!(umbra.read(connection::list).await.expect("a list").is_empty());
        let unknown = ConnectionId::parse("00000000-0000-4000-8000-000000000000").expect("an id");
        assert!(is_missing(&connection::find(&store.installation(), unknown).await));
        connection::find(&store.installation(), id).await.expect("it is there as before");
    }
}

contract! {
    async fn a_connection_has_the_profile_of_its_provider_until_one_is_chosen(store) {
        let acme = store.organization("acme").await;
        let id = acme.connection(Provider::Entra, Protocol::Scim2).await.connection.id;
        let found = async || connection::find(&store.installation(), id).await.expect("there").1;
        assert_eq!((found().await.profile, found().await.profile_in_force()), (None, Profile::ENTRA));
        let (before, audit) = (newest(&acme).await, newest_audit(&acme).await);
        for (profile, expected) in
            [(None, false), (Some(Profile::STRICT), true), (Some(Profile::STRICT), false), (None, true)]
        {
            let changed = acme.write(move |writer| connection::set_profile(writer, id, profile));
            let (connection, changed) = changed.await.expect("there");
            assert_eq!((connection.profile, changed), (profile, expected));
            assert_eq!(found().await.profile, profile);
        }
        // What the application follows does not change by it; who did it is audited.
        assert!(kinds_after(&acme, before).await.is_empty());
        let told: Vec<_> = audited(&acme, audit)
            .await
            .into_iter()
            .map(|entry| match entry.payload {
                Payload::ProfileChanged(payload) => payload.profile,
                other => panic!("not a profile: {other:?}"),
            })
            .collect();
        assert_eq!(told, [Some("strict-1".to_owned()), None]);
    }
}

contract! {
    async fn a_connection_can_be_made_with_a_profile(store) {
        let acme = store.organization("acme").await;
        let new = NewConnection {
            profile: Some(Profile::STRICT),
            ..NewConnection::active(Provider::Okta, Protocol::Scim2)
        };
        let made = connection::create(&store.store, &acme.operator, new).await;
        let made = made.expect("a connection");
        let (_, found) = connection::find(&store.installation(), made.id).await.expect("there");
        assert_eq!((made.profile, found.profile), (Some(Profile::STRICT), Some(Profile::STRICT)));
        let umbra = store.organization("umbra").await;
        let foreign = umbra.write(move |writer| connection::set_profile(writer, made.id, None));
        assert!(is_missing(&foreign.await));
    }
}

contract! {
    async fn a_connection_has_a_name_for_people(store) {
        let acme = store.organization("acme").await;
        let new = NewConnection {
            name: Some(" Okta Europe ".to_owned()),
            ..NewConnection::active(Provider::Okta, Protocol::Scim2)
        };
        let made = connection::create(&store.store, &acme.operator, new.clone()).await;
        let made = made.expect("a connection");
        assert_eq!((made.name.as_deref(), &*made.label()), (Some("Okta Europe"), "Okta Europe"));
        let audit = newest_audit(&acme).await;
        for name in [Some("Okta"), Some("Okta"), None] {
            let renamed = acme.write(move |writer| connection::rename(writer, made.id, name)).await;
            assert_eq!(renamed.expect("there").name.as_deref(), name);
        }
        let unnamed = acme.read(move |reader| connection::get(reader, made.id)).await;
        assert_eq!(unnamed.expect("there").label(), made.id.to_string());
        let expected = [AuditKind::ConnectionRenamed, AuditKind::ConnectionRenamed];
        assert_eq!(audit_kinds(&acme, audit).await, expected);
        for bad in ["", "  ", "a\u{7}b", &"x".repeat(101)] {
            let (id, bad) = (made.id, bad.to_owned());
            let new = NewConnection { name: Some(bad.clone()), ..new.clone() };
            let renamed = acme.write(move |writer| connection::rename(writer, id, Some(&bad)));
            assert_eq!(invalid(renamed.await), "name");
            let made = connection::create(&store.store, &acme.operator, new).await;
            assert_eq!(invalid(made), "name");
        }
        assert_eq!(acme.read(connection::list).await.expect("a list").len(), 1);
    }
}

contract! {
    async fn a_deleted_connection_leaves_what_it_managed_to_none(store) {
        let acme = store.organization("acme").await;
        let okta = store.connection(&acme).await;
        let id = okta.connection.id;
        let shown = acme.issue(&okta.connection).await;
        let ada = named(&okta.organization, "ada").await;
        let managing = async || {
            let user = get_user(&acme, ada.id).await.expect("it stays");
            let managing = acme
                .read(move |reader| connection::managing(reader, user.managed_by))
                .await;
            managing.expect("an answer").map(|connection| connection.id)
        };
        assert_eq!(managing().await, Some(id));
        let (before, audit) = (newest(&acme).await, newest_audit(&acme).await);
        connection::delete(&store.store, &acme.operator, id).await.expect("there");
        assert!(is_missing(&connection::delete(&store.store, &acme.operator, id).await));
        assert!(is_missing(&connection::find(&store.installation(), id).await));
        assert!(acme.read(connection::list).await.expect("a list").is_empty());
        assert_eq!(kinds_after(&acme, before).await, [EventKind::ConnectionDeleted]);
        let told = audited(&acme, audit).await.remove(0);
        // The test connection itself has a token too.
        assert!(
            matches!(&told.payload, Payload::ConnectionDeleted(it) if it.live_tokens == 2),
            "{told:?}"
        );
        let refused = token::authenticate(&store.store, shown.reveal(), None, None).await;
        assert_eq!(refused.expect("an answer").err(), Some(token::Refusal::Unknown));
        // The user is managed by none: local acts change it again.
        assert_eq!(managing().await, None);
        crate::support::set(&acme, ada.id, "title", "Countess").await.expect("local again");
    }
}

contract! {
    async fn a_connection_cannot_be_made_by_a_connection(store) {
        let acme = store.organization("acme").await;
        let okta = store.connection(&acme).await.organization;
        let new = NewConnection::active(Provider::Okta, Protocol::Scim2);
        let made = connection::create(&store.store, &okta.access, new).await;
        assert_eq!(code(made), "not_permitted");
        assert_eq!(acme.read(connection::list).await.expect("a list").len(), 1);
        // Not even half of one.
        let found = directory::maintenance::verify::organization(&store.store, &acme.operator);
        assert_eq!(found.await.expect("findings").half_made, [""; 0]);
    }
}

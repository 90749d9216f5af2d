//! Connections: made, found, switched off and on.

use directory::{
    Error,
    connection::{self, Protocol, Provider, State},
    event::EventKind,
};
use scim::Profile;
use testkit::contract;

use crate::support::{is_missing, kinds_after, newest};

contract! {
    async fn a_connection_is_found_from_outside_by_its_id(store) {
        let acme = store.organization("acme").await;
        let made = acme.connection(Provider::Entra, Protocol::Scim1).await.connection;
        let (tenant, found) = connection::find(&store.store, made.id).await.expect("there");
        assert_eq!((tenant, found.id), (acme.tenant, made.id));
        assert_eq!((found.provider, found.protocol), (Provider::Entra, Protocol::Scim1));
        assert_eq!(found.state, State::Active);
        let list = acme.read(connection::list).await.expect("a list");
        assert_eq!(list.iter().map(|one| one.id).collect::<Vec<_>>(), [made.id]);
    }
}

contract! {
    async fn switching_off_twice_is_one_change(store) {
        let acme = store.organization("acme").await;
        let id = store.connection(&acme).await.connection.id;
        let before = newest(&acme).await;
        for enabled in [true, false, false, true] {
            let changed = acme.write(move |writer| connection::set_enabled(writer, id, enabled));
            let changed = changed.await.expect("there");
            assert_eq!(changed.state == State::Active, enabled);
        }
        let expected = [EventKind::ConnectionDisabled, EventKind::ConnectionEnabled];
        assert_eq!(kinds_after(&acme, before).await, expected);
    }
}

contract! {
    async fn a_connection_is_not_reached_from_another_organization(store) {
        let (acme, umbra) = (store.organization("acme").await, store.organization("umbra").await);
        let id = store.connection(&acme).await.connection.id;
        let foreign = umbra.write(move |writer| connection::set_enabled(writer, id, false)).await;
        assert!(is_missing(&foreign));
        assert!(umbra.read(connection::list).await.expect("a list").is_empty());
        let unknown = connection::find(
            &store.store,
            directory::ConnectionId::parse("00000000-0000-4000-8000-000000000000").expect("an id"),
        );
        assert!(matches!(unknown.await, Err(Error::Refused(_))));
    }
}

contract! {
    async fn a_connection_has_the_profile_of_its_provider_until_one_is_chosen(store) {
        let acme = store.organization("acme").await;
        let id = acme.connection(Provider::Entra, Protocol::Scim2).await.connection.id;
        let found = async || connection::find(&store.store, id).await.expect("there").1;
        assert_eq!((found().await.profile, found().await.profile_in_force()), (None, Profile::ENTRA));
        let before = newest(&acme).await;
        for profile in [None, Some(Profile::STRICT), Some(Profile::STRICT), None] {
            let changed = acme.write(move |writer| connection::set_profile(writer, id, profile));
            assert_eq!(changed.await.expect("there").profile, profile);
            assert_eq!(found().await.profile, profile);
        }
        let events = acme.events_after(before).await;
        let told: Vec<_> = events.iter().map(|event| (event.kind, &event.body["profile"])).collect();
        let (kind, strict) = (EventKind::ConnectionProfileChanged, "strict-1".into());
        assert_eq!(told, [(kind, &strict), (kind, &serde_json::Value::Null)]);
    }
}

contract! {
    async fn a_connection_can_be_made_with_a_profile(store) {
        let acme = store.organization("acme").await;
        let (okta, scim2, strict) = (Provider::Okta, Protocol::Scim2, Some(Profile::STRICT));
        let made =
            connection::create(&store.store, &acme.tenant, &acme.actor, okta, scim2, strict).await;
        let made = made.expect("a connection");
        let (_, found) = connection::find(&store.store, made.id).await.expect("there");
        assert_eq!((made.profile, found.profile), (strict, strict));
        let umbra = store.organization("umbra").await;
        let foreign = umbra.write(move |writer| connection::set_profile(writer, made.id, None));
        assert!(is_missing(&foreign.await));
    }
}

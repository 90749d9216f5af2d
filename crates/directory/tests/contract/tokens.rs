//! Tokens: what opens the door, and why something does not.

use std::time::Duration;

use directory::{
    ConnectionId, Error, Store,
    connection::{self, Connection},
    event::EventKind,
    organization,
    token::{self, Caller, IssuedToken, Refusal, authenticate},
};
use testkit::{TestOrganization, contract};

use crate::support::{is_missing, kinds_after, newest};

async fn show(store: &Store, token: &str) -> Result<Caller, Refusal> {
    authenticate(store, token, None).await.expect("the store answers")
}

async fn refusal(store: &Store, token: &str) -> Option<Refusal> {
    show(store, token).await.err()
}

async fn issue_until(
    org: &TestOrganization,
    connection: &Connection,
    expires: Option<directory::Time>,
) -> Result<IssuedToken, Error> {
    let (tenant, id) = (org.tenant, connection.id);
    org.write(move |writer| token::issue(writer, &tenant, id, expires)).await
}

async fn revoke(org: &TestOrganization, id: ConnectionId, issued: &IssuedToken) {
    let no = issued.token.no;
    org.write(move |writer| token::revoke(writer, id, no)).await.expect("there");
}

contract! {
    async fn a_token_proves_its_connection(store) {
        let acme = store.organization("acme").await;
        let (one, two) = (store.connection(&acme).await, store.connection(&acme).await);
        let issued = acme.issue(&one.connection).await;
        let caller = show(&store.store, issued.reveal()).await.expect("a live token");
        assert_eq!((caller.tenant, caller.connection.id), (acme.tenant, one.connection.id));
        assert_eq!(caller.token_no(), issued.token.no);
        assert_eq!(caller.actor(), one.organization.actor);
        // The address may name the connection; another one's is refused.
        for (address, expected) in
            [(one.connection.id, None), (two.connection.id, Some(Refusal::WrongAddress))]
        {
            let address = address.to_string();
            let shown = authenticate(&store.store, issued.reveal(), Some(&address));
            assert_eq!(shown.await.expect("an answer").err(), expected);
        }
        let shown = authenticate(&store.store, issued.reveal(), Some("nonsense")).await;
        assert_eq!(shown.expect("an answer").err(), Some(Refusal::WrongAddress));
    }
}

contract! {
    async fn two_tokens_live_side_by_side_and_are_revoked_alone(store) {
        let acme = store.organization("acme").await;
        let okta = store.connection(&acme).await.connection;
        let (old, new) = (acme.issue(&okta).await, acme.issue(&okta).await);
        let before = newest(&acme).await;
        revoke(&acme, okta.id, &old).await;
        revoke(&acme, okta.id, &old).await;
        assert_eq!(refusal(&store.store, old.reveal()).await, Some(Refusal::Revoked));
        assert!(refusal(&store.store, new.reveal()).await.is_none());
        assert_eq!(kinds_after(&acme, before).await, [EventKind::TokenRevoked]);
        let id = okta.id;
        let tokens = acme.read(move |reader| token::list(reader, id)).await.expect("a list");
        let revoked: Vec<bool> = tokens.iter().map(|token| token.revoked.is_some()).collect();
        assert_eq!(revoked, [false, true, false]);
    }
}

contract! {
    async fn a_revocation_works_in_every_process_at_once(store) {
        let acme = store.organization("acme").await;
        let okta = store.connection(&acme).await.connection;
        let issued = acme.issue(&okta).await;
        let other = store.another();
        assert!(refusal(&other, issued.reveal()).await.is_none());
        revoke(&acme, okta.id, &issued).await;
        assert_eq!(refusal(&other, issued.reveal()).await, Some(Refusal::Revoked));
        other.close();
    }
}

contract! {
    async fn a_token_expires_by_itself(store) {
        let acme = store.organization("acme").await;
        let okta = store.connection(&acme).await.connection;
        let expires = store.now().plus(Duration::from_hours(1));
        let issued = issue_until(&acme, &okta, Some(expires)).await.expect("issued");
        store.clock.advance(Duration::from_secs(3599));
        assert!(refusal(&store.store, issued.reveal()).await.is_none());
        store.clock.advance(Duration::from_secs(1));
        assert_eq!(refusal(&store.store, issued.reveal()).await, Some(Refusal::Expired));
    }
}

contract! {
    async fn a_disabled_connection_refuses_its_tokens(store) {
        let acme = store.organization("acme").await;
        let okta = store.connection(&acme).await.connection;
        let issued = acme.issue(&okta).await;
        let id = okta.id;
        acme.write(move |writer| connection::set_enabled(writer, id, false)).await.expect("there");
        assert_eq!(refusal(&store.store, issued.reveal()).await, Some(Refusal::Disabled));
        acme.write(move |writer| connection::set_enabled(writer, id, true)).await.expect("there");
        assert!(refusal(&store.store, issued.reveal()).await.is_none());
    }
}

contract! {
    async fn what_is_not_the_whole_token_tells_nothing(store) {
        let acme = store.organization("acme").await;
        let okta = store.connection(&acme).await.connection;
        let issued = acme.issue(&okta).await;
        let text = issued.reveal().to_owned();
        assert_eq!(refusal(&store.store, "secret").await, Some(Refusal::Malformed));
        assert_eq!(refusal(&store.store, &text[..text.len() - 1]).await, Some(Refusal::Mistyped));
        // A token that was well made somewhere else, with the same numbers and another secret.
        let elsewhere = testkit::TestStore::open(testkit::Engine::Sqlite);
        let strange = elsewhere.organization("acme").await;
        let connection = elsewhere.connection(&strange).await.connection;
        crate::support::named(&strange, "draws another number").await;
        let foreign = strange.issue(&connection).await.reveal().to_owned();
        let numbers = |text: &str| text.rsplit_once('_').map(|(numbers, _)| numbers.to_owned());
        assert_eq!(numbers(&foreign), numbers(&text));
        assert_ne!(foreign, text);
        assert_eq!(refusal(&store.store, &foreign).await, Some(Refusal::Unknown));
        // Not even that it was revoked is told to somebody who shows half of it.
        revoke(&acme, okta.id, &issued).await;
        assert_eq!(refusal(&store.store, &foreign).await, Some(Refusal::Unknown));
        tokio::task::block_in_place(|| drop(elsewhere));
    }
}

contract! {
    async fn a_token_of_a_deleted_organization_is_unknown(store) {
        let acme = store.organization("acme").await;
        let okta = store.connection(&acme).await.connection;
        let issued = acme.issue(&okta).await;
        organization::delete(&store.store, &acme.tenant, &acme.slug).await.expect("there");
        assert_eq!(refusal(&store.store, issued.reveal()).await, Some(Refusal::Unknown));
    }
}

contract! {
    async fn tokens_belong_to_a_connection(store) {
        let acme = store.organization("acme").await;
        let (one, two) = (store.connection(&acme).await, store.connection(&acme).await);
        let issued = acme.issue(&one.connection).await;
        let (no, id) = (issued.token.no, two.connection.id);
        assert!(is_missing(&acme.write(move |writer| token::revoke(writer, id, no)).await));
        assert!(refusal(&store.store, issued.reveal()).await.is_none());
        let umbra = store.organization("umbra").await;
        let foreign = issue_until(&umbra, &one.connection, None).await;
        assert!(is_missing(&foreign.map(drop)));
    }
}

contract! {
    async fn there_is_an_end_to_live_tokens(store) {
        let acme = store.organization("acme").await;
        let okta = store.connection(&acme).await.connection;
        // The connection has one already.
        let mut last = None;
        for _ in 0..19 {
            last = Some(acme.issue(&okta).await);
        }
        let refused = issue_until(&acme, &okta, None).await;
        assert!(matches!(refused, Err(Error::Refused(_))));
        revoke(&acme, okta.id, &last.expect("nineteen")).await;
        issue_until(&acme, &okta, None).await.expect("there is room again");
    }
}

contract! {
    async fn the_last_use_is_kept_to_the_minute_and_is_no_event(store) {
        let acme = store.organization("acme").await;
        let okta = store.connection(&acme).await.connection;
        let issued = acme.issue(&okta).await;
        let before = newest(&acme).await;
        let id = okta.id;
        let no = issued.token.no;
        let mut seen = Vec::new();
        for _ in 0..4 {
            assert!(refusal(&store.store, issued.reveal()).await.is_none());
            // Nobody waits for the note; this write stands in line behind it.
            acme.write(|_| Ok(())).await.expect("a write");
            let tokens = acme.read(move |reader| token::list(reader, id)).await.expect("a list");
            let token = tokens.iter().find(|token| token.no == no).expect("it is listed");
            seen.push(token.last_used.expect("it was used"));
            store.clock.advance(Duration::from_secs(30));
        }
        assert_eq!(seen[0], seen[1]);
        assert_eq!(seen[2], seen[0].plus(Duration::from_mins(1)));
        assert_eq!(newest(&acme).await, before);
    }
}

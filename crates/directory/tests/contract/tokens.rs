//! Tokens: what opens the door, and why something does not.

use std::time::Duration;

use directory::{
    ConnectionId, Error, Store, TokenNo,
    audit::{AuditKind, Payload},
    connection::{self, Connection},
    organization,
    token::{self, Caller, IssuedToken, Refusal, authenticate},
};
use testkit::{TestOrganization, contract};

use crate::support::{
    audit_kinds, audited, code, conflict, is_missing, kinds_after, named, newest, newest_audit,
    refusal,
};

async fn show(store: &Store, token: &str) -> Result<Caller, Refusal> {
    authenticate(store, token, None, None).await.expect("the store answers")
}

async fn issue_until(
    org: &TestOrganization,
    connection: &Connection,
    expires: Option<directory::Time>,
) -> Result<IssuedToken, Error> {
    let id = connection.id;
    org.write(move |writer| token::issue(writer, id, expires)).await
}

/// Revokes a token. Answers whether that changed something.
async fn revoke(org: &TestOrganization, id: ConnectionId, issued: &IssuedToken) -> bool {
    let no = issued.token.no;
    org.write(move |writer| token::revoke(writer, id, no)).await.expect("there").1
}

contract! {
    async fn a_token_proves_its_connection(store) {
        let acme = store.organization("acme").await;
        let (one, two) = (store.connection(&acme).await, store.connection(&acme).await);
        let issued = acme.issue(&one.connection).await;
        let caller = show(&store.store, issued.reveal()).await.expect("a live token");
        assert_eq!(caller.connection.id, one.connection.id);
        assert_eq!(caller.token_no(), Some(issued.token.no));
        assert_eq!(
            caller.access.principal().to_string(),
            format!("connection:{}", one.connection.id)
        );
        // The address may name the connection; another one's is refused.
        for (address, expected) in
            [(one.connection.id, None), (two.connection.id, Some(Refusal::WrongAddress))]
        {
            let address = address.to_string();
            let shown = authenticate(&store.store, issued.reveal(), Some(&address), None);
            assert_eq!(shown.await.expect("an answer").err(), expected);
        }
        let shown = authenticate(&store.store, issued.reveal(), Some("nonsense"), None).await;
        assert_eq!(shown.expect("an answer").err(), Some(Refusal::WrongAddress));
    }
}

contract! {
    async fn two_tokens_live_side_by_side_and_are_revoked_alone(store) {
        let acme = store.organization("acme").await;
        let okta = store.connection(&acme).await.connection;
        let (old, new) = (acme.issue(&okta).await, acme.issue(&okta).await);
        let (before, audit) = (newest(&acme).await, newest_audit(&acme).await);
        assert!(revoke(&acme, okta.id, &old).await);
        assert!(!revoke(&acme, okta.id, &old).await);
        assert_eq!(refusal(&store.store, old.reveal()).await, Some(Refusal::Revoked));
        assert!(refusal(&store.store, new.reveal()).await.is_none());
        // Who did it is audited; the application has nothing to follow.
        assert_eq!(audit_kinds(&acme, audit).await, [AuditKind::TokenRevoked]);
        assert!(kinds_after(&acme, before).await.is_empty());
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
        assert!(revoke(&acme, okta.id, &issued).await);
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
        acme.write(move |writer| connection::disable(writer, id)).await.expect("there");
        assert_eq!(refusal(&store.store, issued.reveal()).await, Some(Refusal::Disabled));
        acme.write(move |writer| connection::activate(writer, id)).await.expect("there");
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
        // A token that was well made in another store, with the same numbers and another secret.
        let elsewhere = testkit::TestStore::open(testkit::Engine::Sqlite);
        let strange = elsewhere.organization("acme").await;
        let connection = elsewhere.connection(&strange).await.connection;
        named(&strange, "draws another number").await;
        let foreign = strange.issue(&connection).await.reveal().to_owned();
        let numbers = |text: &str| text.rsplit_once('_').map(|(numbers, _)| numbers.to_owned());
        assert_eq!(numbers(&foreign), numbers(&text));
        assert_ne!(foreign, text);
        assert_eq!(refusal(&store.store, &foreign).await, Some(Refusal::Unknown));
        // That it was revoked is not told to whoever shows half of it.
        assert!(revoke(&acme, okta.id, &issued).await);
        assert_eq!(refusal(&store.store, &foreign).await, Some(Refusal::Unknown));
        tokio::task::block_in_place(|| drop(elsewhere));
    }
}

contract! {
    async fn a_token_of_a_deleted_organization_is_unknown(store) {
        let acme = store.organization("acme").await;
        let okta = store.connection(&acme).await.connection;
        let issued = acme.issue(&okta).await;
        organization::delete(&store.installation(), &acme.slug).await.expect("there");
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
        assert_eq!(conflict(refused), "token");
        assert!(revoke(&acme, okta.id, &last.expect("nineteen")).await);
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
            // No request waits for the note; this write stands in line after it.
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

contract! {
    async fn issuing_a_token_is_audited_and_shows_no_secret(store) {
        let acme = store.organization("acme").await;
        let okta = store.connection(&acme).await.connection;
        let audit = newest_audit(&acme).await;
        let expires = store.now().plus(Duration::from_hours(1));
        let issued = issue_until(&acme, &okta, Some(expires)).await.expect("issued");
        let entry = audited(&acme, audit).await.remove(0);
        assert_eq!((&*entry.principal, &entry.target), ("operator", &issued.token.no.to_string()));
        let Payload::TokenIssued(payload) = &entry.payload else { panic!("{entry:?}") };
        assert_eq!(payload.connection, okta.id);
        assert_eq!(payload.expires.as_deref(), Some(&*expires.to_string()));
        let secret = issued.reveal().rsplit('_').next().expect("a secret part");
        for text in [format!("{entry:?}"), format!("{issued:?}"), format!("{:?}", issued.token)] {
            assert!(!text.contains(secret), "{text}");
        }
    }
}

contract! {
    async fn a_provider_neither_issues_nor_revokes_tokens(store) {
        let acme = store.organization("acme").await;
        let okta = store.connection(&acme).await;
        let issued = acme.issue(&okta.connection).await;
        let (id, no) = (okta.connection.id, issued.token.no);
        let made = issue_until(&okta.organization, &okta.connection, None).await;
        assert_eq!(code(made), "not_permitted");
        let revoked = okta.organization.write(move |writer| token::revoke(writer, id, no)).await;
        assert_eq!(code(revoked), "not_permitted");
        let listed = store.store.read(&okta.organization.access, move |reader| {
            token::list(reader, id)
        });
        assert_eq!(code(listed.await), "not_permitted");
        assert!(refusal(&store.store, issued.reveal()).await.is_none());
    }
}

contract! {
    async fn the_first_token_is_number_one(store) {
        for slug in ["acme", "umbra"] {
            let org = store.organization(slug).await;
            let connection = store.connection(&org).await.connection;
            assert_eq!(org.issue(&connection).await.token.no, TokenNo::parse("2").expect("two"));
            let id = connection.id;
            let tokens = org.read(move |reader| token::list(reader, id)).await.expect("a list");
            assert_eq!(tokens[0].no.number(), 1);
        }
    }
}

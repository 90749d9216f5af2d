//! Machines: programs that act for themselves, by client credentials.

use std::{sync::Arc, time::Duration};

use ::oauth::{
    ClientKind, Scopes,
    jose::{Algorithm, KeySet, SigningKey},
};
use directory::oauth::{
    NewClient,
    client::{NewProof, Voucher},
};
use testkit::{TestServer, TestStore, contract};

use super::party::{Party, refused, registration, text};
use crate::sign_in::{browser::Door, metadata::Publisher};

fn for_scim(door: &Door) -> NewClient {
    NewClient {
        redirect_uris: Vec::new(),
        post_logout_redirect_uris: Vec::new(),
        scopes: Scopes::parse("scim").expect("a scope"),
        connection: Some(door.client.connection.connection.clone()),
        ..registration(ClientKind::Machine)
    }
}

contract!(async fn entra_provisions_by_client_credentials(store) {
    let door = Door::open(store).await;
    let party = Party::of(store, &door, for_scim(&door)).await;
    let pairs = [("grant_type", "client_credentials"), ("scope", "scim")];
    let answer = party.post("/oauth/token", &pairs).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let tokens = answer.json();
    assert_eq!((&tokens["expires_in"], tokens.get("refresh_token")), (&3_600.into(), None));
    let access = text(&tokens, "access_token");
    let users = async || door.client.server.request(access, "GET", "/scim/v2/Users", None).await.status;
    assert_eq!(users().await, 200);
    let looked = party.post("/oauth/introspect", &[("token", access)]).await.json();
    assert_eq!((looked["sub"].as_str(), looked["scope"].as_str()), (Some(party.id()), Some("scim")));
    assert_eq!(party.post("/oauth/revoke", &[("token", access)]).await.status, 200);
    assert_eq!(users().await, 401);
    let more = [("grant_type", "client_credentials"), ("scope", "scim api:manage")];
    let refused_scope = refused(&party.post("/oauth/token", &more).await);
    assert_eq!(refused_scope, (400, "invalid_scope".to_owned()));
});

contract!(async fn a_machine_of_another_organization_is_not_let_in(store) {
    let door = Door::open(store).await;
    let party = Party::of(store, &door, for_scim(&door)).await;
    let tokens = party.post("/oauth/token", &[("grant_type", "client_credentials")]).await.json();
    let other = door.client.of_another(store, "beta").await;
    let id = other.connection.connection.id;
    let path = format!("/c/{id}/scim/v2/Users");
    let answer = door.client.server.request(text(&tokens, "access_token"), "GET", &path, None).await;
    assert_eq!(answer.status, 401);
});

contract!(async fn a_machine_gets_nothing_for_a_connection_that_is_switched_off(store) {
    let door = Door::open(store).await;
    let party = Party::of(store, &door, for_scim(&door)).await;
    let id = door.client.connection.connection.id;
    let operator = door.client.connection.organization.by_operator();
    let off = move |writer: &mut directory::Writer<'_>| directory::connection::disable(writer, id);
    operator.write(off).await.expect("off");
    let answer = party.post("/oauth/token", &[("grant_type", "client_credentials")]).await;
    assert_eq!(refused(&answer), (400, "invalid_grant".to_owned()));
});

contract!(async fn a_machine_proves_itself_by_its_own_key_once(store) {
    let door = Door::open(store).await;
    let key = new_key();
    let set = KeySet::from_iter([key.public().clone()]).to_json();
    let party =
        Party::of(store, &door, NewClient { proof: NewProof::Keys(set), ..for_scim(&door) }).await;
    assert!(party.secret.is_none());
    let assertion = |id: &str, jti: &str, audience: &str| {
        let now = store.now().timestamp().as_second();
        let claims = serde_json::json!({
            "iss": id, "sub": id, "aud": audience, "jti": jti, "iat": now, "exp": now + 60,
        });
        key.sign("JWT", &claims).expect("signed")
    };
    let show = async |assertion: &str| {
        let pairs = [
            ("grant_type", "client_credentials"),
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("client_assertion", assertion),
        ];
        party.post_as(None, "/oauth/token", &pairs).await
    };
    let good = assertion(party.id(), "1", testkit::PUBLIC_URL);
    assert_eq!(show(&good).await.status, 200);
    let invalid = (401, "invalid_client".to_owned());
    assert_eq!(refused(&show(&good).await), invalid, "it was shown before");
    let elsewhere = assertion(party.id(), "2", "https://door.example/oauth/token");
    assert_eq!(refused(&show(&elsewhere).await), invalid, "for another audience");
    store.clock.advance(Duration::from_mins(10));
    assert_eq!(refused(&show(&assertion(party.id(), "1", "x")).await), invalid);
});

contract!(async fn a_connection_may_take_no_tokens_that_stay_the_same(store) {
    let door = Door::open(store).await;
    let party = Party::of(store, &door, for_scim(&door)).await;
    let users = async |token: &str| {
        door.client.server.request(token, "GET", "/scim/v2/Users", None).await.status
    };
    assert_eq!(users(&door.client.token).await, 200);
    let secret = party.secret.as_ref().expect("a secret").reveal();
    let in_body = [
        ("grant_type", "client_credentials"),
        ("client_id", party.id()),
        ("client_secret", secret),
    ];
    assert_eq!(party.post_as(None, "/oauth/token", &in_body).await.status, 200);
    let operator = door.client.connection.organization.by_operator();
    let switch = async |ipsie: bool| {
        let id = door.client.connection.connection.id;
        let set = move |writer: &mut directory::Writer<'_>| {
            directory::connection::set_ipsie(writer, id, ipsie)
        };
        operator.write(set).await.expect("set");
    };
    switch(true).await;
    assert_eq!(users(&door.client.token).await, 401, "with the next request");
    let id = door.client.connection.connection.id;
    let issue = move |writer: &mut directory::Writer<'_>| directory::token::issue(writer, id, None);
    let issued = operator.write(issue).await.map(drop);
    assert!(matches!(issued, Err(directory::Error::Conflict { .. })), "{issued:?}");
    let answer = party.post_as(None, "/oauth/token", &in_body).await;
    assert_eq!(refused(&answer).1, "invalid_client");
    let tokens = party.post("/oauth/token", &[("grant_type", "client_credentials")]).await.json();
    assert_eq!(users(text(&tokens, "access_token")).await, 200);
    switch(false).await;
    assert_eq!(users(&door.client.token).await, 200);
});

/// The claims of a client's own assertion, each with another `jti`.
fn claims(store: &TestStore, id: &str, jti: u32) -> serde_json::Value {
    let now = store.now().timestamp().as_second();
    serde_json::json!({
        "iss": id, "sub": id, "aud": testkit::PUBLIC_URL, "jti": jti.to_string(), "iat": now, "exp": now + 60,
    })
}

fn new_key() -> SigningKey {
    let made = SigningKey::generate(Algorithm::Es256).expect("a key");
    SigningKey::new(Algorithm::Es256, &made).expect("the key")
}

fn set_of(key: &SigningKey) -> String {
    KeySet::from_iter([key.public().clone()]).to_json().to_string()
}

/// Asks for a token by an assertion.
async fn shown(party: &Party, assertion: &str) -> testkit::Answer {
    let pairs = [
        ("grant_type", "client_credentials"),
        ("client_id", party.id()),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        ("client_assertion", assertion),
    ];
    party.post_as(None, "/oauth/token", &pairs).await
}

contract!(async fn the_keys_of_a_machine_are_read_from_their_address(store) {
    let mut door = Door::open(store).await;
    door.client.server = TestServer::with_receivers(store);
    let (first, second) = (new_key(), new_key());
    let publisher = Publisher::of(set_of(&first)).await;
    let proof = NewProof::KeysAt(publisher.url.clone());
    let mut party = Party::of(store, &door, NewClient { proof, ..for_scim(&door) }).await;
    let sign = |key: &SigningKey, jti| {
        key.sign("JWT", &claims(store, party.id(), jti)).expect("signed")
    };
    let invalid = (401, "invalid_client".to_owned());
    assert_eq!(shown(&party, &sign(&first, 1)).await.status, 200);
    assert_eq!(shown(&party, &sign(&first, 2)).await.status, 200);
    assert_eq!(refused(&shown(&party, &sign(&first, 2)).await), invalid, "it was shown before");
    assert_eq!(publisher.asked(), 1);
    // A new key is fetched when it is shown, and whoever shows what fits none has it asked once a minute.
    publisher.publish_text(set_of(&second));
    store.clock.advance(Duration::from_mins(1));
    assert_eq!(shown(&party, &sign(&second, 3)).await.status, 200);
    assert_eq!(refused(&shown(&party, &sign(&new_key(), 4)).await), invalid);
    assert_eq!(publisher.asked(), 2);
    assert_eq!(refused(&shown(&party, &sign(&first, 5)).await), invalid, "it was taken back");
    // What cannot be read for a while does not stop who is known.
    publisher.publish_text("away".to_owned());
    store.clock.advance(Duration::from_mins(10));
    assert_eq!(shown(&party, &sign(&second, 6)).await.status, 200);
    assert_eq!(publisher.asked(), 3);
    store.clock.advance(Duration::from_hours(24));
    assert_eq!(refused(&shown(&party, &sign(&second, 7)).await), invalid);
    // A server that may not send to this machine reads nothing there.
    let asked = publisher.asked();
    party.server = TestServer::new(store);
    assert_eq!(refused(&shown(&party, &sign_by(store, &second, party.id())).await), invalid);
    assert_eq!(publisher.asked(), asked);
});

contract!(async fn a_false_assertion_makes_no_genuine_one_wait(store) {
    let mut door = Door::open(store).await;
    door.client.server = TestServer::with_receivers(store);
    let key = new_key();
    let publisher = Publisher::of(set_of(&key)).await;
    let proof = NewProof::KeysAt(publisher.url.clone());
    let party = Arc::new(Party::of(store, &door, NewClient { proof, ..for_scim(&door) }).await);
    let sign = |key: &SigningKey, jti| {
        key.sign("JWT", &claims(store, party.id(), jti)).expect("signed")
    };
    assert_eq!(shown(&party, &sign(&key, 1)).await.status, 200);
    store.clock.advance(Duration::from_mins(1));
    let held = publisher.hold().await;
    let made_up = tokio::spawn({
        let (party, assertion) = (Arc::clone(&party), sign(&new_key(), 2));
        async move { shown(&party, &assertion).await.status }
    });
    publisher.asked_times(2).await;
    // The address is being asked, and does not answer.
    assert_eq!(shown(&party, &sign(&key, 3)).await.status, 200);
    assert!(!made_up.is_finished(), "the genuine one did not wait for the other");
    // Who hangs up has it asked no more often.
    made_up.abort();
    drop(made_up.await);
    drop(held);
    assert_eq!(shown(&party, &sign(&new_key(), 4)).await.status, 401);
    assert_eq!(publisher.asked(), 2);
});

fn sign_by(store: &TestStore, key: &SigningKey, id: &str) -> String {
    key.sign("JWT", &claims(store, id, 99)).expect("signed")
}

contract!(async fn an_identity_provider_vouches_for_a_machine_by_all_of_its_claims(store) {
    let mut door = Door::open(store).await;
    door.client.server = TestServer::with_receivers(store);
    let key = new_key();
    let publisher = Publisher::of(set_of(&key)).await;
    let issuer = "https://login.microsoftonline.com/t-1/v2.0";
    let proof = NewProof::Federated(Voucher {
        issuer: issuer.to_owned(),
        subject: "object-1".to_owned(),
        audience: "api://app-1".to_owned(),
        tenant: "t-1".to_owned(),
        jwks_uri: publisher.url.clone(),
    });
    let party = Party::of(store, &door, NewClient { proof, ..for_scim(&door) }).await;
    let token = |changed: &str, value: &str| {
        let now = store.now().timestamp().as_second();
        let mut claims = serde_json::json!({
            "iss": issuer, "sub": "object-1", "aud": "api://app-1", "tid": "t-1",
            "iat": now, "nbf": now, "exp": now + 3_600,
        });
        if !changed.is_empty() {
            claims[changed] = value.into();
        }
        key.sign("JWT", &claims).expect("signed")
    };
    let good = shown(&party, &token("", "")).await;
    assert_eq!(good.status, 200, "{}", good.text());
    let access = good.json();
    let users =
        door.client.server.request(text(&access, "access_token"), "GET", "/scim/v2/Users", None);
    assert_eq!(users.await.status, 200);
    for (claim, value) in [
        ("iss", "https://login.microsoftonline.com/t-2/v2.0"),
        ("sub", "object-2"),
        ("aud", testkit::PUBLIC_URL),
        ("tid", "t-2"),
    ] {
        let answer = refused(&shown(&party, &token(claim, value)).await);
        assert_eq!(answer, (401, "invalid_client".to_owned()), "{claim}");
    }
    // And the client's own word does not count.
    let own = shown(&party, &sign_by(store, &key, party.id())).await;
    assert_eq!(refused(&own), (401, "invalid_client".to_owned()));
});

//! Wrong steps at `/oauth/token`, and what each ends.

use std::time::Duration;

use ::oauth::ClientKind;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use directory::oauth::client;
use testkit::contract;

use super::party::{CALLBACK, Party, VERIFIER, brought, refused, registration, text, value};
use crate::sign_in::browser::Door;

/// A code for a person who is signed in.
async fn code(party: &Party, door: &Door, browser: &crate::sign_in::browser::Browser) -> String {
    if browser.cookie(crate::sign_in::browser::SESSION).is_none() {
        door.sign_in(browser, "noor").await;
    }
    value(&brought(&party.authorize(browser, &[]).await), "code").to_owned()
}

fn invalid_grant() -> (u16, String) {
    (400, "invalid_grant".to_owned())
}

contract!(async fn a_wrong_step_is_refused_and_uses_nothing_up(store) {
    let door = Door::open(store).await;
    door.client.user("noor").await;
    let party = Party::application(store, &door).await;
    let other = Party::application(store, &door).await;
    let browser = door.browser();
    let code = code(&party, &door, &browser).await;
    for (name, wrong, expected) in [
        ("redirect_uri", "https://app.example/callback?tenant=8", "invalid_grant"),
        ("redirect_uri", "", "invalid_grant"),
        ("code_verifier", "", "invalid_grant"),
        ("code_verifier", "wrongwrongwrongwrongwrongwrongwrongwrongwrong", "invalid_grant"),
        ("code_verifier", "short", "invalid_request"),
        ("grant_type", "password", "unsupported_grant_type"),
        ("grant_type", "client_credentials", "unauthorized_client"),
        ("grant_type", "", "invalid_request"),
        ("code", "dwcode_made_up", "invalid_grant"),
        ("code", "", "invalid_request"),
    ] {
        let answer = party.exchange(&code, &[(name, wrong)]).await;
        assert_eq!(refused(&answer), (400, expected.to_owned()), "{name}={wrong}");
    }
    assert_eq!(refused(&other.exchange(&code, &[]).await), invalid_grant(), "another client's");
    assert_eq!(party.exchange(&code, &[]).await.status, 200, "it still works");
});

contract!(async fn a_client_that_is_not_believed_gets_nothing(store) {
    let door = Door::open(store).await;
    door.client.user("noor").await;
    let party = Party::application(store, &door).await;
    let code = code(&party, &door, &door.browser()).await;
    let secret = party.secret.as_ref().expect("a secret").reveal();
    let basic = |id: &str, secret: &str| format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")));
    let pairs = [("grant_type", "authorization_code"), ("code", &*code)];
    for wrong in [
        basic(party.id(), "dwsecret_wrong"),
        basic("nobody", secret),
        basic(party.id(), ""),
        "Basic ???".to_owned(),
        format!("Bearer {secret}"),
    ] {
        let answer = party.post_as(Some(&wrong), "/oauth/token", &pairs).await;
        assert_eq!(refused(&answer), (401, "invalid_client".to_owned()), "{wrong}");
        assert!(answer.header("www-authenticate").is_some(), "{wrong}");
    }
    let answer = party.post_as(None, "/oauth/token", &pairs).await;
    assert_eq!(refused(&answer), (401, "invalid_client".to_owned()), "no name");
    let both = [pairs[0], pairs[1], ("client_secret", secret)];
    let answer = party.post_as(Some(&basic(party.id(), secret)), "/oauth/token", &both).await;
    assert_eq!(refused(&answer), (400, "invalid_request".to_owned()), "two ways at once");
    let in_body = [
        ("grant_type", "authorization_code"),
        ("code", &*code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
        ("client_id", party.id()),
        ("client_secret", secret),
    ];
    assert_eq!(party.post_as(None, "/oauth/token", &in_body).await.status, 200);
});

contract!(async fn a_code_lives_for_a_minute(store) {
    let door = Door::open(store).await;
    door.client.user("noor").await;
    let party = Party::application(store, &door).await;
    let browser = door.browser();
    let (early, late) = (code(&party, &door, &browser).await, code(&party, &door, &browser).await);
    store.clock.advance(Duration::from_secs(59));
    assert_eq!(party.exchange(&early, &[]).await.status, 200);
    store.clock.advance(Duration::from_secs(2));
    assert_eq!(refused(&party.exchange(&late, &[]).await), invalid_grant());
});

contract!(async fn a_code_that_is_replayed_ends_its_tokens(store) {
    let door = Door::open(store).await;
    door.client.user("noor").await;
    let party = Party::application(store, &door).await;
    let code = code(&party, &door, &door.browser()).await;
    let tokens = party.exchange(&code, &[]).await.json();
    assert_eq!(party.userinfo(text(&tokens, "access_token")).await.status, 200);
    assert_eq!(refused(&party.exchange(&code, &[]).await), invalid_grant());
    assert_eq!(party.userinfo(text(&tokens, "access_token")).await.status, 401);
    assert_eq!(refused(&party.refresh(text(&tokens, "refresh_token")).await), invalid_grant());
    assert!(door.audited().await.starts_with("grant.ended "), "{}", door.audited().await);
});

contract!(async fn a_refresh_token_rotates_and_an_old_one_ends_the_family(store) {
    let door = Door::open(store).await;
    door.client.user("noor").await;
    let party = Party::application(store, &door).await;
    let other = Party::application(store, &door).await;
    let first = party.exchange(&code(&party, &door, &door.browser()).await, &[]).await.json();
    let first = text(&first, "refresh_token");
    assert_eq!(refused(&other.refresh(first).await), invalid_grant(), "another client's");
    let second = party.refresh(first).await.json();
    // Several workers ask at a time, and answers get lost.
    store.clock.advance(Duration::from_secs(59));
    let again = party.refresh(first).await.json();
    let (second, again) = (text(&second, "refresh_token"), text(&again, "refresh_token"));
    assert!(second != first && again != first && second != again);
    let third = party.refresh(second).await.json();
    assert_eq!(party.userinfo(text(&third, "access_token")).await.status, 200);
    store.clock.advance(Duration::from_secs(2));
    assert_eq!(refused(&party.refresh(first).await), invalid_grant(), "too late");
    for token in [again, text(&third, "refresh_token")] {
        assert_eq!(refused(&party.refresh(token).await), invalid_grant(), "the family is over");
    }
    assert_eq!(party.userinfo(text(&third, "access_token")).await.status, 401);
});

contract!(async fn a_refresh_asks_for_no_more_than_there_was(store) {
    let door = Door::open(store).await;
    door.client.user("noor").await;
    let party = Party::application(store, &door).await;
    let tokens = party.exchange(&code(&party, &door, &door.browser()).await, &[]).await.json();
    let token = text(&tokens, "refresh_token");
    let ask = async |scope: &str| {
        let pairs =
            [("grant_type", "refresh_token"), ("refresh_token", token), ("scope", scope)];
        party.post("/oauth/token", &pairs).await
    };
    assert_eq!(refused(&ask("openid scim").await), (400, "invalid_scope".to_owned()));
    let fewer = ask("openid").await.json();
    assert_eq!(fewer["scope"], "openid");
    let told = party.userinfo(text(&fewer, "access_token")).await.json();
    assert_eq!(told.get("groups"), None);
});

contract!(async fn a_token_that_is_given_back_works_no_more(store) {
    let door = Door::open(store).await;
    door.client.user("noor").await;
    let party = Party::application(store, &door).await;
    let other = Party::application(store, &door).await;
    let browser = door.browser();
    let tokens = party.exchange(&code(&party, &door, &browser).await, &[]).await.json();
    let (access, refresh) = (text(&tokens, "access_token"), text(&tokens, "refresh_token"));
    let looked = party.post("/oauth/introspect", &[("token", access)]).await.json();
    assert_eq!((&looked["active"], &looked["username"]), (&true.into(), &"noor".into()));
    let looked = other.post("/oauth/introspect", &[("token", access)]).await.json();
    assert_eq!(looked, serde_json::json!({ "active": false }), "another client's");
    let refused_revoke = other.post("/oauth/revoke", &[("token", access)]).await;
    assert_eq!(refused(&refused_revoke), invalid_grant());
    assert_eq!(party.userinfo(access).await.status, 200);
    assert_eq!(party.post("/oauth/revoke", &[("token", access)]).await.status, 200);
    assert_eq!(party.userinfo(access).await.status, 401);
    let next = party.refresh(refresh).await.json();
    assert_eq!(party.post("/oauth/revoke", &[("token", refresh)]).await.status, 200);
    assert_eq!(party.userinfo(text(&next, "access_token")).await.status, 401);
    assert_eq!(refused(&party.refresh(text(&next, "refresh_token")).await), invalid_grant());
    for nothing in ["x", access, "dwaccess_1_wrong"] {
        assert_eq!(party.post("/oauth/revoke", &[("token", nothing)]).await.status, 200);
    }
});

contract!(async fn userinfo_is_for_whoever_shows_a_token_for_it(store) {
    let door = Door::open(store).await;
    let party = Party::application(store, &door).await;
    let answer = party.userinfo("dwaccess_made_up").await;
    assert_eq!(refused(&answer), (401, "invalid_token".to_owned()));
    let provisioning = door.client.token.clone();
    assert_eq!(party.userinfo(&provisioning).await.status, 401, "a token of SCIM");
    let request = axum::http::Request::get("/oauth/userinfo").body(axum::body::Body::empty());
    let bare = party.server.send(request.expect("a request")).await;
    assert_eq!((bare.status, bare.header("www-authenticate")), (401, Some("Bearer")));
});

contract!(async fn a_secret_is_replaced_while_the_client_changes_over(store) {
    let door = Door::open(store).await;
    let party = Party::of(store, &door, registration(ClientKind::Application)).await;
    let installation = store.installation();
    let week = Duration::from_hours(7 * 24);
    let (new, _) = client::rotate(&installation, &party.client, None, week).await.expect("another");
    let with = async |secret: &str| {
        let basic = STANDARD.encode(format!("{}:{secret}", party.id()));
        let pairs = [("token", "x")];
        party.post_as(Some(&format!("Basic {basic}")), "/oauth/introspect", &pairs).await.status
    };
    let old = party.secret.as_ref().expect("a secret").reveal();
    assert_eq!((with(old).await, with(new.reveal()).await), (200, 200));
    store.clock.advance(week);
    assert_eq!((with(old).await, with(new.reveal()).await), (401, 200));
});

contract!(async fn a_client_that_is_deleted_has_nothing_any_more(store) {
    let door = Door::open(store).await;
    door.client.user("noor").await;
    let party = Party::application(store, &door).await;
    let tokens = party.exchange(&code(&party, &door, &door.browser()).await, &[]).await.json();
    client::delete(&store.installation(), &party.client).await.expect("deleted");
    assert_eq!(party.userinfo(text(&tokens, "access_token")).await.status, 401);
    let refresh = refused(&party.refresh(text(&tokens, "refresh_token")).await);
    assert_eq!(refresh, (401, "invalid_client".to_owned()));
});

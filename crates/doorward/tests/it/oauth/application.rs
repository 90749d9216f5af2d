//! People sign in to an application by OpenID Connect: what it gets, and for how long.

use std::time::Duration;

use ::oauth::{ClientKind, jose::Algorithm};
use directory::{
    Writer, connection,
    oauth::client::NewProof,
    role::{self, RoleName},
    user,
};
use testkit::{PUBLIC_URL, TestServer, contract};

use super::party::{
    CALLBACK, Party, VERIFIER, bearing, brought, error, location, refused, registration, text,
    through, value,
};
use crate::sign_in::browser::{Browser, Door, SESSION};

contract!(async fn a_person_signs_in_and_the_application_knows_who_it_is(store) {
    let door = Door::open(store).await;
    let user = door.client.user("noor@acme.example").await;
    door.client.group("Engineering", &[&user]).await;
    let party = Party::application(store, &door).await;
    let browser = door.browser();
    let brought = party.sign_in(&door, &browser, "noor@acme.example", &[]).await;
    assert_eq!(value(&brought, "state"), "a state+/%&= ü");
    assert_eq!(value(&brought, "iss"), PUBLIC_URL);
    let answer = party.exchange(value(&brought, "code"), &[]).await;
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let tokens = answer.json();
    assert_eq!((&tokens["token_type"], &tokens["expires_in"]), (&"Bearer".into(), &3_600.into()));
    let claims = party.claims(text(&tokens, "id_token"), Algorithm::Es256).await;
    claims.expect("sub", &user).expect("the user");
    claims.expect("nonce", "n-0S6_WzA2Mj").expect("as it came");
    claims.expect("preferred_username", "noor@acme.example").expect("the user");
    let class = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport";
    claims.expect("acr", class).expect("what the provider said");
    assert!(!claims.has("amr"), "the provider said nothing of it");
    let at = |claim| claims.moment(claim).expect("a moment");
    assert_eq!(at("auth_time").as_second(), store.now().timestamp().as_second());
    assert_eq!(at("session_expiry"), at("auth_time") + jiff::SignedDuration::from_hours(24));
    let told = party.userinfo(text(&tokens, "access_token")).await.json();
    assert_eq!(told["sub"], *user);
    assert_eq!(told["organization"]["slug"], "acme");
    assert_eq!(told["groups"], serde_json::json!(["Engineering"]));
    assert_eq!(told["roles"], serde_json::json!([]));
});

contract!(async fn who_is_signed_in_already_is_not_asked_again(store) {
    let door = Door::open(store).await;
    door.client.user("noor").await;
    let party = Party::application(store, &door).await;
    let browser = door.browser();
    door.sign_in(&browser, "noor").await;
    for changes in [&[][..], &[("prompt", "none")], &[("login_hint", "NOOR")], &[("organization", "")]] {
        let answer = party.authorize(&browser, changes).await;
        assert!(!value(&brought(&answer), "code").is_empty(), "{changes:?}");
    }
    // Another organization's application, another connection, another person: not this session's.
    let id = door.client.beside(connection::Provider::Entra).await.connection.connection.id.to_string();
    for (changes, expected) in [
        (&[("prompt", "none"), ("organization", "other")][..], "login_required"),
        (&[("prompt", "none"), ("connection", &*id)], "login_required"),
        (&[("prompt", "none"), ("login_hint", "someone@else.example")], "login_required"),
    ] {
        let answer = party.authorize(&browser, changes).await;
        assert_eq!(error(&answer), expected, "{changes:?}");
    }
});

contract!(async fn a_person_signs_in_again_where_the_application_wants_it(store) {
    let door = Door::open(store).await;
    door.client.user("noor").await;
    let party = Party::application(store, &door).await;
    let browser = door.browser();
    door.sign_in(&browser, "noor").await;
    store.clock.advance(Duration::from_mins(10));
    for changes in [&[("prompt", "login")][..], &[("max_age", "60")]] {
        let sent = party.authorize(&browser, changes).await;
        let brought = party.come_back(&door, &browser, "noor", &sent).await;
        let answer = party.exchange(value(&brought, "code"), &[]).await.json();
        let claims = party.claims(text(&answer, "id_token"), Algorithm::Es256).await;
        let at = claims.moment("auth_time").expect("a moment");
        assert_eq!(at.as_second(), store.now().timestamp().as_second(), "{changes:?}");
        store.clock.advance(Duration::from_mins(10));
    }
    // A provider that does not ask again is told apart from one that does.
    let sent = party.authorize(&browser, &[("prompt", "login")]).await;
    let asked = door.asked(location(&sent));
    store.clock.advance(Duration::from_mins(9));
    let mut statement = door.statement(Some(&asked), "noor");
    statement.at = store.now().minus(Duration::from_secs(30)).timestamp();
    let recent = through_with(&door, &browser, &asked.relay_state, &statement).await;
    assert!(!value(&brought(&recent), "code").is_empty(), "within five minutes");
});

/// From an answer of the provider to what the browser is told at the very end.
async fn through_with(
    door: &Door,
    browser: &Browser,
    relay_state: &str,
    statement: &testkit::Statement,
) -> testkit::Answer {
    let answer = door.bring(browser, relay_state, statement).await;
    let finished = browser.get(location(&answer)).await;
    browser.get(location(&finished)).await
}

contract!(async fn roles_are_those_of_the_moment(store) {
    let door = Door::open(store).await;
    door.client.user("noor").await;
    let party = Party::application(store, &door).await;
    let tokens = party.tokens(&door, &door.browser(), "noor").await;
    let access = text(&tokens, "access_token");
    let organization = door.client.connection.organization.by_operator();
    let give = |writer: &mut Writer<'_>| {
        let user = user::by_username(writer, "noor")?;
        role::assign(writer, &user, &RoleName::parse("admin")?).map(drop)
    };
    organization.write(give).await.expect("given");
    let told = party.userinfo(access).await.json();
    assert_eq!(told["roles"], serde_json::json!(["admin"]));
});

contract!(async fn whoever_is_archived_has_no_token_that_works_at_any_server(store) {
    let door = Door::open(store).await;
    let id = door.client.user("noor").await;
    let party = Party::application(store, &door).await;
    let browser = door.browser();
    let tokens = party.tokens(&door, &browser, "noor").await;
    let (access, refresh) = (text(&tokens, "access_token"), text(&tokens, "refresh_token"));
    let pending = party.authorize(&browser, &[]).await;
    let pending = brought(&pending);
    let elsewhere = TestServer::over(store.another(), server::http::Limits::default());
    assert_eq!(bearing(&elsewhere, "/oauth/userinfo", access).await.status, 200);
    // The session and the client at that other server, which shares nothing with this one but the store.
    let abroad = Browser::at(&elsewhere);
    abroad.set_cookie(SESSION, &browser.cookie(SESSION).expect("a session"));
    assert_eq!(abroad.get("/session").await.status, 200);
    let (client, secret) = (party.client.clone(), party.secret.clone());
    let party_abroad = Party { client, secret, server: elsewhere.clone() };
    let active = async |active: bool| {
        let body = format!(r#"{{"Operations":[{{"op":"replace","value":{{"active":{active}}}}}]}}"#);
        door.client.patch(&format!("/Users/{id}"), &body).await;
    };
    active(false).await;
    let dead = async |when: &str| {
        assert_eq!(party.userinfo(access).await.status, 401, "{when}");
        assert_eq!(bearing(&elsewhere, "/oauth/userinfo", access).await.status, 401, "{when}");
        let refused_refresh = refused(&party.refresh(refresh).await);
        assert_eq!(refused_refresh, (400, "invalid_grant".to_owned()), "{when}");
        assert_eq!(abroad.get("/session").await.status, 401, "{when}");
        let refused_abroad = refused(&party_abroad.refresh(refresh).await);
        assert_eq!(refused_abroad, (400, "invalid_grant".to_owned()), "{when}");
        let code = party.exchange(value(&pending, "code"), &[]).await;
        assert_eq!(refused(&code), (400, "invalid_grant".to_owned()), "{when}");
        let looked = party.post("/oauth/introspect", &[("token", access)]).await.json();
        assert_eq!(looked, serde_json::json!({ "active": false }), "{when}");
    };
    dead("archived").await;
    // Coming back brings none of them back.
    active(true).await;
    dead("back again").await;
});

contract!(async fn a_connection_that_is_switched_off_ends_what_came_through_it(store) {
    let door = Door::open(store).await;
    door.client.user("noor").await;
    let party = Party::application(store, &door).await;
    let tokens = party.tokens(&door, &door.browser(), "noor").await;
    let id = door.client.connection.connection.id;
    let operator = door.client.connection.organization.by_operator();
    operator.write(move |writer: &mut Writer<'_>| connection::disable(writer, id)).await.expect("off");
    let access = text(&tokens, "access_token");
    assert_eq!(party.userinfo(access).await.status, 401);
    operator.write(move |writer: &mut Writer<'_>| connection::activate(writer, id)).await.expect("on");
    assert_eq!(party.userinfo(access).await.status, 401);
    let refused_refresh = refused(&party.refresh(text(&tokens, "refresh_token")).await);
    assert_eq!(refused_refresh, (400, "invalid_grant".to_owned()));
});

contract!(async fn signing_out_ends_the_tokens_of_the_session_and_of_no_other(store) {
    let door = Door::open(store).await;
    door.client.user("noor").await;
    let party = Party::application(store, &door).await;
    let (one, other) = (door.browser(), door.browser());
    let first = party.tokens(&door, &one, "noor").await;
    let second = party.tokens(&door, &other, "noor").await;
    one.post("/session/sign-out", PUBLIC_URL, &[]).await;
    assert_eq!(party.userinfo(text(&first, "access_token")).await.status, 401);
    assert_eq!(party.userinfo(text(&second, "access_token")).await.status, 200);
});

contract!(async fn signing_in_again_in_one_browser_leaves_the_other_application_alone(store) {
    let door = Door::open(store).await;
    door.client.user("noor").await;
    door.client.user("tess").await;
    let (one, other) =
        (Party::application(store, &door).await, Party::application(store, &door).await);
    let browser = door.browser();
    let tokens = one.tokens(&door, &browser, "noor").await;
    let access = text(&tokens, "access_token");
    other.sign_in(&door, &browser, "noor", &[("prompt", "login")]).await;
    assert_eq!(one.userinfo(access).await.status, 200, "the same person");
    other.sign_in(&door, &browser, "tess", &[("prompt", "login")]).await;
    assert_eq!(one.userinfo(access).await.status, 401, "another person");
});

contract!(async fn an_application_without_a_secret_proves_itself_by_its_verifier(store) {
    let door = Door::open(store).await;
    door.client.user("noor").await;
    let new = directory::oauth::NewClient {
        proof: NewProof::Public,
        ..registration(ClientKind::Application)
    };
    let party = Party::of(store, &door, new).await;
    let brought = party.sign_in(&door, &door.browser(), "noor", &[]).await;
    let pairs = [
        ("grant_type", "authorization_code"),
        ("client_id", party.id()),
        ("code", value(&brought, "code")),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    let answer = party.post_as(None, "/oauth/token", &pairs).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let looked = [("client_id", party.id()), ("token", "x")];
    let looked = party.post_as(None, "/oauth/introspect", &looked).await;
    assert_eq!(refused(&looked), (400, "unauthorized_client".to_owned()));
});

contract!(async fn an_application_gets_rs256_where_it_wants_it(store) {
    let door = Door::open(store).await;
    door.client.user("noor").await;
    let new = directory::oauth::NewClient {
        id_token_algorithm: Algorithm::Rs256,
        ..registration(ClientKind::Application)
    };
    let party = Party::of(store, &door, new).await;
    let tokens = party.tokens(&door, &door.browser(), "noor").await;
    party.claims(text(&tokens, "id_token"), Algorithm::Rs256).await;
});

contract!(async fn without_a_name_the_person_says_who_it_is(store) {
    let door = Door::open(store).await;
    let party = Party::application(store, &door).await;
    let browser = door.browser();
    let answer = party.authorize(&browser, &[("organization", ""), ("login_hint", "noor@acme.example")]).await;
    assert_eq!(answer.status, 303);
    let there = location(&answer);
    assert!(there.starts_with("/signin?return_to=%2Foauth%2Fauthorize%3F"), "{there}");
    assert!(there.ends_with("&login_hint=noor%40acme.example"), "{there}");
});

contract!(async fn a_person_chooses_between_two_ways(store) {
    let door = Door::open(store).await;
    door.client.user("noor").await;
    let beside = door.client.beside(connection::Provider::Entra).await;
    let other = Door::of(beside, "rowan", directory::saml::State::Enforced).await;
    let party = Party::application(store, &door).await;
    let browser = door.browser();
    let page = party.authorize(&browser, &[]).await;
    assert_eq!(page.status, 200);
    for door in [&door, &other] {
        let id = door.client.connection.connection.id.to_string();
        assert!(page.text().contains(&format!("connection={id}")), "{}", page.text());
    }
    let id = door.client.connection.connection.id.to_string();
    let sent = party.authorize(&browser, &[("connection", &id)]).await;
    let back = through(&door, &browser, "noor", &sent).await;
    assert_eq!(back.status, 303);
});

//! "Authenticate with ...": a superadmin lets an identity provider in for the organization.

use std::time::Duration;

use axum::{body::Body, http::Request};
use directory::{
    Writer,
    connection::{self, Protocol},
    role::{self, RoleName},
    user,
};
use testkit::{Answer, PUBLIC_URL, contract};

use super::party::{Party, brought, error, refused, text, value};
use crate::sign_in::browser::{Browser, Door};

/// What Okta asks for: no PKCE, no scope, and nothing that names an organization.
const LIKE_OKTA: [(&str, &str); 6] = [
    ("code_challenge", ""),
    ("code_challenge_method", ""),
    ("scope", ""),
    ("nonce", ""),
    ("organization", ""),
    ("state", "okta-state"),
];

/// A browser in which someone is signed in who has a role.
async fn signed_in(door: &Door, name: &'static str, role: Option<&'static str>) -> Browser {
    door.client.user(name).await;
    if let Some(role) = role {
        let give = move |writer: &mut Writer<'_>| {
            let user = user::by_username(writer, name)?;
            role::assign(writer, &user, &RoleName::parse(role)?).map(drop)
        };
        door.client.connection.organization.by_operator().write(give).await.expect("given");
    }
    let browser = door.browser();
    door.sign_in(&browser, name).await;
    browser
}

/// The value of a hidden field of a page.
fn field(page: &str, name: &str) -> String {
    let start = format!("name=\"{name}\" value=\"");
    let (_, rest) = page.split_once(&start).unwrap_or_else(|| panic!("no {name} in {page}"));
    let value = rest.split('"').next().expect("its end");
    value.replace("&#38;", "&").replace("&amp;", "&").replace("&#61;", "=")
}

/// Sends the form of a consent page.
async fn decide(
    browser: &Browser,
    page: &Answer,
    decision: &str,
    changes: &[(&str, &str)],
) -> Answer {
    let page = page.text();
    let names = ["request", "token", "connection"].map(|name| (name, field(&page, name)));
    let mut fields: Vec<(&str, &str)> =
        names.iter().map(|(name, value)| (*name, value.as_str())).collect();
    fields.push(("decision", decision));
    for (name, value) in changes {
        fields.retain(|(known, _)| known != name);
        fields.push((name, value));
    }
    browser.post("/oauth/authorize", PUBLIC_URL, &fields).await
}

contract!(async fn okta_is_let_in_and_provisions_for_that_organization(store) {
    let door = Door::open(store).await;
    let party = Party::provider(store, &door).await;
    let browser = signed_in(&door, "boss", Some("superadmin")).await;
    let page = party.authorize(&browser, &LIKE_OKTA).await;
    assert_eq!(page.status, 200);
    for part in ["Sprocket", "acme", "Allow", "Cancel"] {
        assert!(page.text().contains(part), "{part} is not in {}", page.text());
    }
    let policy = page.header("content-security-policy").expect("a policy");
    assert!(policy.contains("form-action 'self' https://app.example;"), "{policy}");
    let allowed = decide(&browser, &page, "allow", &[]).await;
    let allowed = brought(&allowed);
    assert_eq!((value(&allowed, "state"), value(&allowed, "iss")), ("okta-state", PUBLIC_URL));
    let answer = party.exchange(value(&allowed, "code"), &[("code_verifier", "")]).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let tokens = answer.json();
    assert_eq!((tokens["scope"].as_str(), tokens.get("id_token")), (Some("scim offline_access"), None));
    let access = text(&tokens, "access_token");
    // It is the connection, at the fixed address and at its own.
    let id = door.client.connection.connection.id;
    for path in ["/scim/v2/Users".to_owned(), format!("/c/{id}/scim/v2/Users")] {
        let answer = door.client.server.request(access, "GET", &path, None).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    }
    let body = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"new"}"#;
    let made = door.client.server.request(access, "POST", "/scim/v2/Users", Some(body)).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let event = door.client.connection.organization.events().await.pop().expect("an event");
    assert_eq!(event.principal, format!("grant:{}@connection:{id}", party.id()));
    // It is not good for anything else.
    assert_eq!(party.userinfo(access).await.status, 401);
});

contract!(async fn what_was_let_in_outlives_the_superadmin_and_ends_with_the_connection(store) {
    let door = Door::open(store).await;
    let party = Party::provider(store, &door).await;
    let browser = signed_in(&door, "boss", Some("superadmin")).await;
    let page = party.authorize(&browser, &LIKE_OKTA).await;
    let allowed = brought(&decide(&browser, &page, "allow", &[]).await);
    let tokens = party.exchange(value(&allowed, "code"), &[("code_verifier", "")]).await.json();
    let operator = door.client.connection.organization.by_operator();
    let off = |writer: &mut Writer<'_>| {
        directory::organization::set_admin_guard(writer, Some(false))?;
        user::by_username(writer, "boss")
    };
    let boss = operator.write(off).await.expect("there");
    assert_eq!(door.client.delete(&format!("/Users/{}", boss.id)).await.status, 204);
    store.clock.advance(Duration::from_hours(400 * 24));
    let tokens = party.refresh(text(&tokens, "refresh_token")).await.json();
    let access = text(&tokens, "access_token");
    let users = async || door.client.server.request(access, "GET", "/scim/v2/Users", None).await.status;
    assert_eq!(users().await, 200);
    let id = door.client.connection.connection.id;
    operator.write(move |writer: &mut Writer<'_>| connection::disable(writer, id)).await.expect("off");
    assert_eq!(users().await, 403);
    let refresh = refused(&party.refresh(text(&tokens, "refresh_token")).await);
    assert_eq!(refresh, (400, "invalid_grant".to_owned()));
    operator.write(move |writer: &mut Writer<'_>| connection::activate(writer, id)).await.expect("on");
    assert_eq!(users().await, 200);
    store.clock.advance(Duration::from_hours(1));
    assert_eq!(users().await, 401, "an access token lives for an hour");
    assert_eq!(party.post("/oauth/revoke", &[("token", text(&tokens, "refresh_token"))]).await.status, 200);
    let refresh = refused(&party.refresh(text(&tokens, "refresh_token")).await);
    assert_eq!(refresh, (400, "invalid_grant".to_owned()));
});

contract!(async fn a_provider_that_is_revoked_is_refused_at_once(store) {
    let door = Door::open(store).await;
    let party = Party::provider(store, &door).await;
    let browser = signed_in(&door, "boss", Some("superadmin")).await;
    let page = party.authorize(&browser, &LIKE_OKTA).await;
    let allowed = brought(&decide(&browser, &page, "allow", &[]).await);
    let code = value(&allowed, "code");
    let tokens = party.exchange(code, &[("code_verifier", "")]).await.json();
    let access = text(&tokens, "access_token");
    let users = async || door.client.server.request(access, "GET", "/scim/v2/Users", None).await.status;
    assert_eq!((users().await, users().await), (200, 200));
    // A code that someone shows again ends what it gave.
    party.exchange(code, &[("code_verifier", "")]).await;
    assert_eq!(users().await, 401);
});

contract!(async fn a_connection_may_take_no_secrets_in_bodies_of_a_provider_of_all_organizations(store) {
    let door = Door::open(store).await;
    let party = Party::provider(store, &door).await;
    let browser = signed_in(&door, "boss", Some("superadmin")).await;
    let page = party.authorize(&browser, &LIKE_OKTA).await;
    let allowed = brought(&decide(&browser, &page, "allow", &[]).await);
    let tokens = party.exchange(value(&allowed, "code"), &[("code_verifier", "")]).await.json();
    let in_body = async |refresh: &str| {
        let secret = party.secret.as_ref().expect("a secret").reveal();
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh),
            ("client_id", party.id()),
            ("client_secret", secret),
        ];
        party.post_as(None, "/oauth/token", &form).await
    };
    let taken = in_body(text(&tokens, "refresh_token")).await;
    assert_eq!(taken.status, 200, "{}", taken.text());
    let tokens = taken.json();
    let id = door.client.connection.connection.id;
    let operator = door.client.connection.organization.by_operator();
    operator.write(move |writer: &mut Writer<'_>| connection::set_ipsie(writer, id, true)).await.expect("on");
    let refused = refused(&in_body(text(&tokens, "refresh_token")).await);
    assert_eq!(refused, (401, "invalid_client".to_owned()));
    let again = party.refresh(text(&tokens, "refresh_token")).await;
    assert_eq!(again.status, 200, "nothing was used up: {}", again.text());
    let access = again.json();
    let users = door.client.server.request(text(&access, "access_token"), "GET", "/scim/v2/Users", None).await;
    assert_eq!(users.status, 200, "{}", users.text());
});

contract!(async fn an_operator_takes_back_what_was_granted(store) {
    let door = Door::open(store).await;
    let party = Party::provider(store, &door).await;
    let browser = signed_in(&door, "boss", Some("superadmin")).await;
    let page = party.authorize(&browser, &LIKE_OKTA).await;
    let allowed = brought(&decide(&browser, &page, "allow", &[]).await);
    let tokens = party.exchange(value(&allowed, "code"), &[("code_verifier", "")]).await.json();
    let access = text(&tokens, "access_token");
    let users = async || door.client.server.request(access, "GET", "/scim/v2/Users", None).await.status;
    assert_eq!(users().await, 200);
    let id = party.client.id().clone();
    let operator = door.client.connection.organization.by_operator();
    let withdraw =
        move |writer: &mut Writer<'_>| directory::oauth::client::withdraw(writer, &id);
    assert_eq!(operator.write(withdraw).await.expect("withdrawn"), 1);
    assert_eq!(users().await, 401);
    let refresh = refused(&party.refresh(text(&tokens, "refresh_token")).await);
    assert_eq!(refresh, (400, "invalid_grant".to_owned()));
});

contract!(async fn only_a_superadmin_of_the_organization_lets_a_provider_in(store) {
    let door = Door::open(store).await;
    let party = Party::provider(store, &door).await;
    for (name, role) in [("member", None), ("admin", Some("admin"))] {
        let browser = signed_in(&door, name, role).await;
        let page = party.authorize(&browser, &LIKE_OKTA).await;
        assert_eq!((page.status, page.header("location")), (403, None), "{name}");
    }
    // The superadmin of another organization lets it in there, and nowhere else.
    let other = door.client.of_another(store, "beta").await;
    let other = Door::of(other, "rowan", directory::saml::State::Enforced).await;
    let browser = signed_in(&other, "boss", Some("superadmin")).await;
    let id = door.client.connection.connection.id.to_string();
    let page = party.authorize(&browser, &LIKE_OKTA).await;
    let moved = decide(&browser, &page, "allow", &[("connection", &id)]).await;
    assert_eq!(error(&moved), "access_denied");
    let named = [&LIKE_OKTA[..], &[("connection", &*id)]].concat();
    let sent = party.authorize(&browser, &named).await;
    assert_eq!(sent.status, 302, "who is signed in elsewhere signs in here first");
});

contract!(async fn cancelling_is_told_to_the_provider(store) {
    let door = Door::open(store).await;
    let party = Party::provider(store, &door).await;
    let browser = signed_in(&door, "boss", Some("superadmin")).await;
    let page = party.authorize(&browser, &LIKE_OKTA).await;
    let denied = brought(&decide(&browser, &page, "deny", &[]).await);
    assert_eq!((value(&denied, "error"), value(&denied, "state")), ("access_denied", "okta-state"));
    let silent = [&LIKE_OKTA[..], &[("prompt", "none")]].concat();
    assert_eq!(error(&party.authorize(&browser, &silent).await), "consent_required");
});

contract!(async fn consent_counts_only_from_the_page_that_was_shown(store) {
    let door = Door::open(store).await;
    let party = Party::provider(store, &door).await;
    let browser = signed_in(&door, "boss", Some("superadmin")).await;
    let page = party.authorize(&browser, &LIKE_OKTA).await;
    let token = field(&page.text(), "token");
    let request = field(&page.text(), "request");
    let swapped: String = token.chars().rev().collect();
    for wrong in [&[("token", "")][..], &[("token", &*swapped)]] {
        assert_eq!(decide(&browser, &page, "allow", wrong).await.status, 403, "{wrong:?}");
    }
    let other = format!("{request}&resource=x");
    let answer = decide(&browser, &page, "allow", &[("request", &other)]).await;
    assert_eq!(answer.status, 403, "the token is for this very request");
    let fields = [("request", &*request), ("token", &*token), ("decision", "allow")];
    let foreign = browser.post("/oauth/authorize", "https://evil.example", &fields).await;
    assert_eq!(foreign.status, 403);
    let stranger = signed_in(&door, "boss2", Some("superadmin")).await;
    assert_eq!(decide(&stranger, &page, "allow", &[]).await.status, 403, "another session's token");
});

contract!(async fn okta_adds_its_scope_to_the_one_in_our_address(store) {
    let door = Door::open(store).await;
    let party = Party::provider(store, &door).await;
    let browser = signed_in(&door, "boss", Some("superadmin")).await;
    let address = party.asking(&LIKE_OKTA).replace('?', "?scope=offline_access&");
    let page = browser.get(&format!("{address}&scope=scim")).await;
    assert_eq!(page.status, 200, "{}", page.text());
});

contract!(async fn an_organization_chooses_the_connection(store) {
    let door = Door::open(store).await;
    let entra = door.client.beside(connection::Provider::Entra).await;
    let organization = &door.client.connection.organization;
    organization.connection(connection::Provider::Okta, Protocol::None).await;
    let party = Party::provider(store, &door).await;
    let browser = signed_in(&door, "boss", Some("superadmin")).await;
    let page = party.authorize(&browser, &LIKE_OKTA).await;
    assert_eq!(page.text().matches("type=\"radio\"").count(), 2, "{}", page.text());
    let id = entra.connection.connection.id.to_string();
    let request = (field(&page.text(), "request"), field(&page.text(), "token"));
    let fields = [
        ("request", &*request.0),
        ("token", &*request.1),
        ("connection", &*id),
        ("decision", "allow"),
    ];
    let allowed = brought(&browser.post("/oauth/authorize", PUBLIC_URL, &fields).await);
    let tokens = party.exchange(value(&allowed, "code"), &[("code_verifier", "")]).await.json();
    let path = format!("/c/{id}/scim/v2/Users");
    let request = Request::get(path).header("Authorization", format!("Bearer {}", text(&tokens, "access_token")));
    let answer = party.server.send(request.body(Body::empty()).expect("a request")).await;
    assert_eq!(answer.status, 200);
});

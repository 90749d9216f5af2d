//! Universal Logout: the identity provider wants a person out.

use axum::{body::Body, http::Request};
use serde_json::{Value as Json, json};
use testkit::{Answer, PUBLIC_URL, contract};

use super::party::{Party, brought, refused, text, value};
use crate::sign_in::{browser::Door, browser::SESSION};

/// What Okta sends, with some claims changed.
async fn revoke(door: &Door, changes: &[(&str, Json)], subject: &Json) -> Answer {
    let id = door.client.connection.connection.id;
    let path = format!("/oauth/global-token-revocation/{id}");
    let now = door.client.connection.organization.store.clock().now().timestamp().as_second();
    let mut claims = json!({
        "jti": format!("j-{subject}"),
        "iss": door.provider.entity_id,
        "sub": "0oa1example",
        "aud": format!("{PUBLIC_URL}{path}"),
        "exp": now + 300,
        "nbf": now - 300,
        "iat": now,
    });
    let mut token_type = "global-token-revocation+jwt";
    for (name, value) in changes {
        if *name == "typ" {
            token_type = "JWT";
        } else {
            claims[*name] = value.clone();
        }
    }
    let token = door.provider.sign_jwt(token_type, &claims);
    let request = Request::post(path)
        .header("Authorization", format!("Bearer {token}"))
        .header("Content-Type", "application/json")
        .body(Body::from(json!({ "sub_id": subject }).to_string()));
    door.client.server.send(request.expect("a request")).await
}

contract!(async fn okta_signs_a_person_out_everywhere(store) {
    let door = Door::open(store).await;
    let user = door.client.user("noor@acme.example").await;
    let party = Party::application(store, &door).await;
    let subjects = [
        json!({ "format": "iss_sub", "iss": "https://acme.okta.com", "sub": "noor@acme.example" }),
        json!({ "format": "iss_sub", "iss": "https://acme.okta.com", "sub": user }),
    ];
    for subject in subjects {
        let (one, other) = (door.browser(), door.browser());
        let tokens = party.tokens(&door, &one, "noor@acme.example").await;
        let pending = brought(&party.authorize(&one, &[]).await);
        door.sign_in(&other, "noor@acme.example").await;
        let answer = revoke(&door, &[], &subject).await;
        assert_eq!((answer.status, answer.text()), (204, String::new()), "{subject}");
        for browser in [&one, &other] {
            assert!(browser.cookie(SESSION).is_some());
            assert_eq!(browser.get("/session").await.status, 401, "{subject}");
        }
        assert_eq!(party.userinfo(text(&tokens, "access_token")).await.status, 401);
        let invalid = (400, "invalid_grant".to_owned());
        assert_eq!(refused(&party.refresh(text(&tokens, "refresh_token")).await), invalid);
        assert_eq!(refused(&party.exchange(value(&pending, "code"), &[]).await), invalid);
        assert_eq!(revoke(&door, &[], &subject).await.status, 401, "the same again is a replay");
        let fresh = [("jti", json!(format!("fresh {subject}")))];
        assert_eq!(revoke(&door, &fresh, &subject).await.status, 204, "a new one changes nothing");
        assert!(door.audited().await.starts_with("revocation.done "));
    }
});

contract!(async fn only_the_provider_is_heard_and_only_on_its_own_people(store) {
    let door = Door::open(store).await;
    door.client.user("noor").await;
    let browser = door.browser();
    door.sign_in(&browser, "noor").await;
    let subject = json!({ "format": "iss_sub", "iss": "x", "sub": "noor" });
    let now = store.now().timestamp().as_second();
    let wrong = [
        ("typ", json!("JWT")),
        ("iss", json!("https://evil.example")),
        ("aud", json!("https://door.example/oauth/global-token-revocation/other")),
        ("exp", json!(now - 120)),
        ("exp", json!(now + 3_600)),
        ("iat", json!(now + 3_600)),
        ("jti", Json::Null),
    ];
    for change in wrong {
        let answer = revoke(&door, std::slice::from_ref(&change), &subject).await;
        assert_eq!(answer.status, 401, "{change:?}");
        assert!(door.audited().await.starts_with("revocation.refused "), "{change:?}");
    }
    for subject in [json!({ "format": "opaque", "id": "noor" }), json!("noor"), json!({})] {
        assert_eq!(revoke(&door, &[], &subject).await.status, 400, "{subject}");
    }
    let nobody = json!({ "format": "email", "email": "nobody@acme.example" });
    assert_eq!(revoke(&door, &[], &nobody).await.status, 404);
    // Another provider's key, at this one's address.
    let other = door.client.of_another(store, "beta").await;
    let other = Door::of(other, "rowan", directory::saml::State::Enforced).await;
    let foreign = Door {
        client: door.client.clone(),
        provider: other.provider,
        answers: std::sync::atomic::AtomicU32::default(),
    };
    let named = [("iss", json!(door.provider.entity_id))];
    assert_eq!(revoke(&foreign, &named, &subject).await.status, 401);
    assert_eq!(browser.get("/session").await.status, 200, "noor is still in");
    let request = Request::post("/oauth/global-token-revocation/nothing").body(Body::empty());
    assert_eq!(door.client.server.send(request.expect("a request")).await.status, 404);
});

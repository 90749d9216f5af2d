//! How clients prove who they are.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::ToSpan as _;
use oauth::{
    Client, ClientRefusal, Credentials, ErrorCode, RedirectUri,
    client::{Authenticated, Authentication, ClientSecret, Federation, RedirectUriFault},
    jose::{KeySet, SigningKey},
};
use serde_json::{Value as Json, json};

use crate::example::{
    ES256, ISSUER, RS256, application, form, id, issuer, machine, now, public, secret,
};

const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

fn basic(id: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")))
}

fn prove(
    header: Option<&str>,
    body: &[(&str, &str)],
    client: &Client,
) -> Result<Authenticated, ClientRefusal> {
    Credentials::read(header, &form(body))?.authenticate(client, &issuer(), now())
}

#[test]
fn a_secret_stands_in_the_header_or_in_the_body() {
    let (client, secret) = (application(), secret());
    let header = basic("app", secret.reveal());
    let proven = |header, body: &[_]| prove(header, body, &client).map(|proven| proven.method);
    assert_eq!(proven(Some(&header), &[]), Ok("client_secret_basic"));
    assert_eq!(proven(Some(&header), &[("client_id", "app")]), Ok("client_secret_basic"));
    let body = [("client_id", "app"), ("client_secret", secret.reveal())];
    assert_eq!(proven(None, &body), Ok("client_secret_post"));
    assert_eq!(proven(Some(&header.replace("Basic", "bASIC")), &[]), Ok("client_secret_basic"));
}

#[test]
fn identifier_and_secret_are_encoded_as_in_a_form() {
    let mut client = application();
    client.id = id("a+b&c=d/%");
    let header = basic("a%2Bb%26c%3Dd%2F%25", secret().reveal());
    assert!(prove(Some(&header), &[], &client).is_ok());
}

#[test]
fn two_methods_at_once_are_an_invalid_request() {
    let secret = secret();
    let header = basic("app", secret.reveal());
    let in_body = [("client_id", "app"), ("client_secret", secret.reveal())];
    let assertion = [("client_assertion", "a.b.c"), ("client_assertion_type", JWT_BEARER)];
    for (header, body) in [
        (Some(header.as_str()), &in_body[..]),
        (Some(&header), &assertion),
        (None, &[&in_body[..], &assertion].concat()),
    ] {
        let refused = prove(header, body, &application()).unwrap_err();
        assert_eq!(refused, ClientRefusal::SeveralMethods);
        assert_eq!(refused.error_code(), ErrorCode::InvalidRequest);
        assert_eq!(refused.answer().status, 400);
    }
}

#[test]
fn a_client_that_is_not_believed_hears_the_same_whatever_is_wrong() {
    let secret = secret();
    let other = secret.reveal().replace('0', "1");
    let good = [("client_id", "app"), ("client_secret", secret.reveal())];
    let no_body = Client {
        authentication: match application().authentication {
            Authentication::Secret { secrets, .. } => {
                Authentication::Secret { secrets, in_body: false }
            }
            other => other,
        },
        ..application()
    };
    let header = |text: &str| prove(Some(text), &[], &application()).unwrap_err();
    let malformed = ["Basic", "Basic ?", "Bearer abc", "", "Basic YXBw"];
    let mut refused: Vec<ClientRefusal> = malformed.into_iter().map(header).collect();
    refused.push(header(&basic("app", &other)));
    refused.push(prove(None, &good, &no_body).unwrap_err());
    refused.push(prove(None, &good, &public(application())).unwrap_err());
    refused.push(prove(None, &[("client_id", "app")], &application()).unwrap_err());
    refused.push(prove(None, &[], &application()).unwrap_err());
    let names_another =
        prove(Some(&basic("app", secret.reveal())), &[("client_id", "other")], &application());
    refused.push(names_another.unwrap_err());
    for refusal in refused {
        let answer = refusal.answer();
        assert_eq!(answer.status, 401, "{refusal:?}");
        assert!(answer.www_authenticate.unwrap().starts_with("Basic realm="));
        assert_eq!(
            answer.body,
            json!({
                "error": "invalid_client",
                "error_description": "the client is not authenticated"
            })
        );
    }
}

#[test]
fn several_secrets_live_at_a_time_and_each_ends() {
    let mut client = application();
    let second = oauth::Secret::new(oauth::SecretKind::ClientSecret, None, [8; 32]);
    let expires = Some(now());
    client.authentication = Authentication::Secret {
        secrets: vec![
            ClientSecret { hash: secret().hash(), expires },
            ClientSecret { hash: second.hash(), expires: Some(now() + 1.second()) },
        ],
        in_body: true,
    };
    let old = prove(Some(&basic("app", secret().reveal())), &[], &client);
    assert_eq!(old, Err(ClientRefusal::SecretExpired));
    assert!(prove(Some(&basic("app", second.reveal())), &[], &client).is_ok());
}

fn by_key() -> Client {
    let keys = KeySet::from_iter([ES256.public().clone()]);
    Client { authentication: Authentication::PrivateKeyJwt { keys }, ..machine() }
}

/// The claims of an assertion of the machine client.
fn claims() -> Json {
    let now = now().as_second();
    json!({ "iss": "entra", "sub": "entra", "aud": ISSUER, "jti": "one", "iat": now, "exp": now + 300 })
}

fn shown(
    token_type: &str,
    claims: &Json,
    key: &SigningKey,
) -> Result<Authenticated, ClientRefusal> {
    let token = key.sign(token_type, claims).unwrap();
    let body = [("client_assertion_type", JWT_BEARER), ("client_assertion", token.as_str())];
    prove(None, &body, &by_key())
}

#[test]
fn a_key_proves_a_client_once() {
    let proven = shown("JWT", &claims(), &ES256).unwrap();
    let replay = proven.replay.unwrap();
    assert_eq!((proven.method, replay.id.as_str()), ("private_key_jwt", "one"));
    assert_eq!(replay.until, now() + 360.seconds());
    assert!(shown("client-authentication+jwt", &claims(), &ES256).is_ok());
}

#[test]
fn an_assertion_must_be_the_clients_for_us_and_now() {
    let now = now().as_second();
    for (claim, value, code) in [
        ("iss", json!("other"), "issuer"),
        ("sub", json!("entr"), "no_client"),
        ("aud", json!([ISSUER]), "claim_malformed"),
        ("aud", json!(format!("{ISSUER}/")), "audience"),
        ("aud", json!(format!("{ISSUER}/oauth/token")), "audience"),
        ("aud", Json::Null, "claim_malformed"),
        ("jti", json!(""), "claim_malformed"),
        ("exp", json!(now - 60), "expired"),
        ("exp", json!(now + 3_661), "lives_long"),
        ("exp", json!("soon"), "claim_malformed"),
        ("exp", json!(1e300), "claim_malformed"),
        ("iat", json!(now + 61), "not_yet_valid"),
        ("nbf", json!(now + 61), "not_yet_valid"),
    ] {
        let mut claims = claims();
        claims[claim] = value.clone();
        let code = if claim == "sub" { "unknown" } else { code };
        let token = ES256.sign("JWT", &claims).unwrap();
        let body = [
            ("client_assertion_type", JWT_BEARER),
            ("client_assertion", token.as_str()),
            ("client_id", "entra"),
        ];
        let refused = prove(None, &body, &by_key()).unwrap_err();
        let code = if code == "unknown" { "subject" } else { code };
        assert_eq!(refused.code(), code, "{claim}: {value}");
        assert_eq!(refused.error_code(), ErrorCode::InvalidClient);
    }
    for claim in ["iss", "aud", "jti", "exp", "iat"] {
        let mut claims = claims();
        claims.as_object_mut().unwrap().remove(claim);
        let refused = shown("JWT", &claims, &ES256).unwrap_err();
        assert_eq!(refused.code(), "claim_missing", "{claim}");
    }
    // A token for another purpose, and a key that is not the client's.
    assert_eq!(shown("logout+jwt", &claims(), &ES256).unwrap_err().code(), "jwt_type");
    let refused = shown("JWT", &claims(), &RS256).unwrap_err();
    assert_eq!(refused.code(), "jwt_unknown_key");
    assert!(refused.wants_new_keys());
}

#[test]
fn an_assertion_has_its_type_beside_it() {
    let token = ES256.sign("JWT", &claims()).unwrap();
    for kind in ["", "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"] {
        let body = [("client_assertion_type", kind), ("client_assertion", token.as_str())];
        assert_eq!(prove(None, &body, &by_key()), Err(ClientRefusal::AssertionType));
    }
}

#[test]
fn a_federated_identity_is_another_method_with_its_own_rules() {
    const TENANT: &str = "7d0a5ba1-8e1d-4b0e-8a5c-3e6b8a3f9c11";
    let entra = format!("https://login.microsoftonline.com/{TENANT}/v2.0");
    let federation = Federation {
        issuer: entra.clone(),
        subject: "object-id".to_owned(),
        audience: "api://doorward".to_owned(),
        tenant: TENANT.to_owned(),
        keys: KeySet::from_iter([RS256.public().clone()]),
    };
    let client = Client { authentication: Authentication::Federated(federation), ..machine() };
    let at = now().as_second();
    let good = json!({
        "iss": entra, "sub": "object-id", "aud": "api://doorward", "tid": TENANT,
        "iat": at, "nbf": at, "exp": at + 3_900, "uti": "x",
    });
    let show = |claims: &Json, client: &Client| {
        let token = RS256.sign("JWT", claims).unwrap();
        let body = [
            ("client_id", "entra"),
            ("client_assertion_type", JWT_BEARER),
            ("client_assertion", token.as_str()),
        ];
        prove(None, &body, client)
    };
    let proven = show(&good, &client).unwrap();
    assert_eq!((proven.method, proven.replay), ("federated", None));
    for (claim, code) in
        [("iss", "issuer"), ("sub", "subject"), ("aud", "audience"), ("tid", "tenant")]
    {
        let mut other = good.clone();
        other[claim] = "another".into();
        assert_eq!(show(&other, &client).unwrap_err().code(), code);
        other.as_object_mut().unwrap().remove(claim);
        assert_eq!(show(&other, &client).unwrap_err().code(), "claim_missing");
    }
    // What one method accepts the other one refuses.
    let keys = KeySet::from_iter([RS256.public().clone()]);
    let by_key = Client { authentication: Authentication::PrivateKeyJwt { keys }, ..machine() };
    assert_eq!(show(&good, &by_key).unwrap_err().code(), "issuer");
    assert_eq!(show(&claims(), &client).unwrap_err().code(), "issuer");
}

#[test]
fn only_addresses_that_answers_may_go_to_are_registered() {
    use RedirectUriFault as F;
    for text in [
        "https://app.example/callback",
        "https://app.example",
        "https://app.example:8443/a?b=c",
        "http://localhost:3000/callback",
        "http://127.0.0.1/callback",
        "http://[::1]:5000/",
        "https://[2001:db8::1]/callback",
    ] {
        assert!(RedirectUri::parse(text).is_ok(), "{text}");
    }
    for (text, fault) in [
        ("", F::NotAnAddress),
        ("/callback", F::NotAnAddress),
        ("https:///callback", F::NotAnAddress),
        ("https://:443/", F::NotAnAddress),
        ("https://a.example:port/", F::NotAnAddress),
        ("https://[::1/", F::NotAnAddress),
        ("http://app.example/", F::Scheme),
        ("http://127.0.0.1.evil.example/", F::Scheme),
        ("HTTPS://app.example/", F::Scheme),
        ("com.example.app://callback", F::Scheme),
        ("javascript://app.example/%0aalert(1)", F::Scheme),
        ("https://app.example/#", F::Fragment),
        ("https://user@app.example/", F::Character),
        ("https://*.app.example/", F::Character),
        ("https://app.example\\@evil.example/", F::Character),
        ("https://app.example/a b", F::Character),
        ("https://äpp.example/", F::Character),
        ("https://app.example/?code=1", F::Parameter),
        ("https://app.example/?a=b&%73tate=1", F::Parameter),
    ] {
        assert_eq!(RedirectUri::parse(text), Err(fault), "{text}");
    }
    assert!(RedirectUri::of_okta("../../evil").is_err());
}

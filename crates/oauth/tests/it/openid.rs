//! ID tokens, userinfo, signing out, and what is published.

use jiff::{Timestamp, ToSpan as _};
use oauth::{
    Client, Endpoint, Issuer, Metadata, Secret, SecretKind,
    jose::{Algorithm, Claims, SigningKey, TokenType, Verification, verify},
    openid::{IdToken, LogoutRefusal, LogoutRequest, LogoutToken, Organization, Person, SignIn},
};
use serde_json::{Value as Json, json};

use crate::example::{
    ES256, ISSUER, RS256, application, form, id, issuer, now, provider, redirect, scopes,
};

pub(crate) fn ada() -> Person {
    Person {
        subject: "u-1".to_owned(),
        email: Some("ada@birchwood.example".to_owned()),
        email_verified: true,
        name: Some("Ada Byron".to_owned()),
        given_name: Some("Ada".to_owned()),
        family_name: None,
        preferred_username: "ada".to_owned(),
        organization: Organization {
            id: "o-1".to_owned(),
            slug: "birchwood".to_owned(),
            name: "Birchwood".to_owned(),
        },
        roles: vec!["admin".to_owned()],
        groups: vec!["Engineering".to_owned()],
    }
}

pub(crate) fn sign_in() -> SignIn {
    SignIn {
        auth_time: now() - 5.seconds(),
        acr: Some("urn:oasis:names:tc:SAML:2.0:ac:classes:Password".to_owned()),
        amr: Vec::new(),
        session_expiry: Some(now() + 8.hours()),
        session_id: "s-1".to_owned(),
    }
}

/// What a token says, decoded by the test itself.
fn said(token: &str) -> Json {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    let claims = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap()
}

fn id_token(key: &SigningKey, scopes_asked: &str) -> String {
    let (person, sign_in) = (ada(), sign_in());
    let access_token = Secret::new(SecretKind::AccessToken, None, [1; 32]);
    let token = IdToken {
        issuer: &issuer(),
        client_id: &id("app"),
        person: &person,
        scopes: &scopes(scopes_asked),
        sign_in: &sign_in,
        nonce: Some("n-0S6"),
        access_token: Some(&access_token),
    };
    token.sign(key, now()).unwrap()
}

#[test]
fn an_id_token_says_who_signed_in_when_and_how() {
    let at = now().as_second();
    for key in [&*ES256, &*RS256] {
        let claims = said(&id_token(key, "openid groups"));
        assert_eq!(
            claims,
            json!({
                "sub": "u-1",
                "email": "ada@birchwood.example",
                "email_verified": true,
                "name": "Ada Byron",
                "given_name": "Ada",
                "preferred_username": "ada",
                "organization": { "id": "o-1", "slug": "birchwood", "name": "Birchwood" },
                "roles": ["admin"],
                "groups": ["Engineering"],
                "iss": ISSUER,
                "aud": "app",
                "iat": at,
                "exp": at + 600,
                "auth_time": at - 5,
                "sid": "s-1",
                "acr": "urn:oasis:names:tc:SAML:2.0:ac:classes:Password",
                "session_expiry": at + 8 * 3_600,
                "nonce": "n-0S6",
                "at_hash": claims["at_hash"],
            })
        );
        let published = Metadata { issuer: &issuer() }.openid_configuration();
        let known = published["claims_supported"].as_array().unwrap();
        for claim in claims.as_object().unwrap().keys() {
            assert!(known.contains(&claim.as_str().into()), "{claim} is in no document");
        }
    }
}

#[test]
fn groups_are_told_to_who_asked_for_them() {
    assert!(said(&id_token(&ES256, "openid email"))["groups"].is_null());
    assert!(ada().userinfo(&scopes("openid"))["groups"].is_null());
    let userinfo = ada().userinfo(&scopes("openid groups"));
    assert_eq!(userinfo["groups"], json!(["Engineering"]));
    assert_eq!(userinfo["sub"], "u-1");
    assert!(userinfo["iss"].is_null());
    let nobody = Person { email: None, ..ada() };
    assert!(nobody.userinfo(&scopes("openid")).get("email_verified").is_none());
}

#[test]
fn the_example_of_at_hash() {
    // OpenID Connect Core appendix A.3: a token of another form, so the rule is computed here.
    use aws_lc_rs::digest;
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    let access_token = Secret::new(SecretKind::AccessToken, None, [1; 32]);
    let hash = digest::digest(&digest::SHA256, access_token.reveal().as_bytes());
    let half = URL_SAFE_NO_PAD.encode(&hash.as_ref()[..16]);
    assert_eq!(said(&id_token(&ES256, "openid"))["at_hash"], half);
}

fn logout_token(session_id: Option<&str>) -> String {
    let token = LogoutToken {
        issuer: &issuer(),
        client_id: &id("app"),
        subject: "u-1",
        session_id,
        id: [9; 16],
    };
    token.sign(&ES256, now()).unwrap()
}

#[test]
fn a_logout_token_is_as_back_channel_logout_2_4_says() {
    let token = logout_token(Some("s-1"));
    let at = now().as_second();
    assert_eq!(
        said(&token),
        json!({
            "iss": ISSUER, "sub": "u-1", "aud": "app", "iat": at, "exp": at + 120,
            "jti": "CQkJCQkJCQkJCQkJCQkJCQ", "sid": "s-1",
            "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
        })
    );
    assert!(said(&logout_token(None)).get("sid").is_none());
    let rules = Verification {
        algorithms: &[Algorithm::Es256],
        token_type: TokenType::Explicit("logout+jwt"),
    };
    let claims: Claims = verify(&token, [ES256.public()], &rules).unwrap();
    assert!(!claims.has("nonce"));
}

fn sign_out(pairs: &[(&str, &str)]) -> Result<LogoutRequest, LogoutRefusal> {
    LogoutRequest::read(&form(pairs), [ES256.public(), RS256.public()], &issuer())
}

#[test]
fn a_browser_is_sent_on_to_a_registered_address_only() {
    // It expired an hour ago, which does not count.
    let hint = id_token(&ES256, "openid");
    let bye = ("post_logout_redirect_uri", "https://app.example/bye");
    let hinted = [("id_token_hint", hint.as_str()), bye, ("state", "a b")];
    let request = sign_out(&hinted).unwrap();
    let known = request.hint.clone().unwrap();
    assert_eq!((known.subject.as_str(), known.session_id.as_deref()), ("u-1", Some("s-1")));
    let location = request.destination(&application()).unwrap().unwrap();
    let (address, sent) = redirect(&location);
    assert_eq!(address, "https://app.example/bye");
    assert_eq!(sent, [("state".to_owned(), "a b".to_owned())]);
    // The client's word is enough for an address, and for nothing else.
    let named = sign_out(&[("client_id", "app"), bye]).unwrap();
    assert_eq!(named.hint, None);
    assert_eq!(named.destination(&application()), Ok(Some(bye.1.to_owned())));
    assert_eq!(sign_out(&[]).unwrap().destination(&application()), Ok(None));

    assert_eq!(request.destination(&provider()), Err(LogoutRefusal::RedirectUri));
    for other in [
        "https://app.example/bye/",
        "https://app.example/callback?tenant=7",
        "https://evil.example/",
    ] {
        let request = sign_out(&[hinted[0], ("post_logout_redirect_uri", other)]).unwrap();
        assert_eq!(request.destination(&application()), Err(LogoutRefusal::RedirectUri));
    }
    assert_eq!(sign_out(&[bye]), Err(LogoutRefusal::NoClient));
    assert_eq!(sign_out(&[hinted[0], ("client_id", "okta")]), Err(LogoutRefusal::OtherClient));
    let logout = logout_token(Some("s-1"));
    for (hint, code) in [("a.b.c", "jwt_malformed"), (&logout, "jwt_type")] {
        assert_eq!(sign_out(&[("id_token_hint", hint)]).unwrap_err().code(), code);
    }
    let elsewhere = LogoutRequest::read(
        &form(&hinted),
        [ES256.public()],
        &Issuer::new("https://other.example"),
    );
    assert_eq!(elsewhere, Err(LogoutRefusal::NotOurs));
    let no_key = LogoutRequest::read(&form(&hinted), [RS256.public()], &issuer());
    assert_eq!(no_key.unwrap_err().code(), "jwt_unknown_key");
}

#[test]
fn both_documents_say_the_same() {
    let issuer = issuer();
    let metadata = Metadata { issuer: &issuer };
    let (oauth, openid) = (metadata.authorization_server(), metadata.openid_configuration());
    for (name, value) in oauth.as_object().unwrap() {
        assert_eq!(&openid[name], value, "{name}");
    }
    for (name, endpoint) in [
        ("authorization_endpoint", Endpoint::Authorization),
        ("token_endpoint", Endpoint::Token),
        ("revocation_endpoint", Endpoint::Revocation),
        ("introspection_endpoint", Endpoint::Introspection),
        ("jwks_uri", Endpoint::Jwks),
        ("userinfo_endpoint", Endpoint::UserInfo),
        ("end_session_endpoint", Endpoint::EndSession),
    ] {
        assert_eq!(openid[name], format!("{ISSUER}{}", endpoint.path()));
    }
    assert_eq!(openid["issuer"], ISSUER);
    assert_eq!(openid["response_types_supported"], json!(["code"]));
    assert_eq!(openid["code_challenge_methods_supported"], json!(["S256"]));
    assert_eq!(openid["authorization_response_iss_parameter_supported"], true);
    assert_eq!(openid["id_token_signing_alg_values_supported"], json!(["ES256", "RS256"]));
    // What is said to be supported is: each grant type by some kind of client.
    let grants = openid["grant_types_supported"].as_array().unwrap();
    assert_eq!(grants.len(), oauth::GrantType::ALL.len());
    assert_eq!(Issuer::new("http://127.0.0.1:8400/").as_str(), "http://127.0.0.1:8400");
}

#[test]
fn a_session_says_nothing_that_the_provider_did_not_say() {
    let person = ada();
    let silent = SignIn { acr: None, session_expiry: None, ..sign_in() };
    let client: Client = application();
    let token = IdToken {
        issuer: &issuer(),
        client_id: &client.id,
        person: &person,
        scopes: &scopes("openid"),
        sign_in: &silent,
        nonce: None,
        access_token: None,
    };
    let claims = said(&token.sign(&ES256, Timestamp::UNIX_EPOCH).unwrap());
    for claim in ["acr", "amr", "session_expiry", "nonce", "at_hash"] {
        assert!(claims.get(claim).is_none(), "{claim}");
    }
}

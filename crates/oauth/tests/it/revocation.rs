//! Universal Logout: whom a provider may throw out, and who counts as the provider.

use oauth::{RevocationCaller, RevocationRefusal, RevocationRules, RevokedSubject};
use serde_json::{Value as Json, json};

use crate::example::{ES256, RS256, issuer, now};

const TYPE: &str = "global-token-revocation+jwt";
const ENTITY_ID: &str = "http://www.okta.com/exk1fqk2jz";

fn claims() -> Json {
    let at = now().as_second();
    json!({
        "jti": "one", "iss": ENTITY_ID, "sub": "0oa1", "iat": at, "nbf": at - 300, "exp": at + 300,
        "aud": issuer().global_token_revocation("okta-birchwood"),
    })
}

fn judge(header: Option<&str>) -> Result<RevocationCaller, RevocationRefusal> {
    let audience = issuer().global_token_revocation("okta-birchwood");
    let rules = RevocationRules {
        keys: &[RS256.public().clone(), ES256.public().clone()],
        issuers: &[ENTITY_ID, "https://birchwood.okta.com"],
        subject: Some("0oa1"),
        audience: &audience,
    };
    rules.verify(header, now())
}

fn show(claims: &Json) -> Result<RevocationCaller, RevocationRefusal> {
    judge(Some(&format!("Bearer {}", RS256.sign(TYPE, claims).unwrap())))
}

#[test]
fn the_provider_is_known_by_its_key_and_either_of_its_names() {
    let caller = show(&claims()).unwrap();
    assert_eq!((caller.subject.as_str(), caller.replay.id.as_str()), ("0oa1", "one"));
    assert!(caller.replay.until.as_second() >= now().as_second() + 300);
    let mut other = claims();
    other["iss"] = "https://birchwood.okta.com".into();
    assert_eq!(show(&other).unwrap().issuer, "https://birchwood.okta.com");
}

#[test]
fn everybody_else_is_refused() {
    let at = now().as_second();
    let audience = issuer().global_token_revocation("okta-birchwood");
    for (claim, value, code) in [
        ("iss", json!("http://www.okta.com/exk1fqk2jy"), "issuer"),
        ("sub", json!("0oa2"), "subject"),
        ("aud", json!(issuer().global_token_revocation("okta-other")), "audience"),
        ("aud", json!(format!("{audience}?a")), "audience"),
        ("aud", json!([audience]), "claim_malformed"),
        ("exp", json!(at - 60), "expired"),
        ("exp", json!(at + 3_600), "lives_long"),
        ("nbf", json!(at + 300), "not_yet_valid"),
        ("jti", json!(7), "claim_malformed"),
    ] {
        let mut claims = claims();
        claims[claim] = value.clone();
        let refused = show(&claims).unwrap_err();
        assert_eq!((refused.code(), refused.status()), (code, 401), "{claim}: {value}");
    }
    for (header, code) in [
        (None, "no_token"),
        (Some("Basic abc".to_owned()), "no_token"),
        (Some("Bearer abc".to_owned()), "jwt_malformed"),
        // Another kind of token, and another algorithm.
        (Some(format!("Bearer {}", RS256.sign("JWT", &claims()).unwrap())), "jwt_type"),
        (Some(format!("Bearer {}", ES256.sign(TYPE, &claims()).unwrap())), "jwt_algorithm"),
    ] {
        let refused = judge(header.as_deref()).unwrap_err();
        assert_eq!((refused.code(), refused.status()), (code, 401));
    }
}

#[test]
fn a_person_is_named_in_one_of_two_formats() {
    let read = |body: &str| RevokedSubject::read(body.as_bytes());
    assert_eq!(
        read(r#"{"sub_id":{"format":"email","email":"ada@birchwood.example"}}"#),
        Ok(RevokedSubject::Email("ada@birchwood.example".to_owned()))
    );
    assert_eq!(
        read(r#"{"sub_id":{"format":"iss_sub","iss":"https://birchwood.okta.com","sub":"00u1"}}"#),
        Ok(RevokedSubject::IssuerAndSubject {
            issuer: "https://birchwood.okta.com".to_owned(),
            subject: "00u1".to_owned()
        })
    );
    for (body, code) in [
        ("", "body"),
        ("null", "body"),
        ("{}", "body"),
        (r#"{"sub_id":"ada"}"#, "body"),
        (
            r#"{"sub_id":{"format":"email","email":"a"},"sub_id":{"format":"email","email":"b"}}"#,
            "body",
        ),
        (r#"{"sub_id":{"format":"email","email":"a","email":"b"}}"#, "body"),
        (r#"{"sub_id":{}}"#, "subject_member"),
        (r#"{"sub_id":{"format":"email"}}"#, "subject_member"),
        (r#"{"sub_id":{"format":"email","email":""}}"#, "subject_member"),
        (r#"{"sub_id":{"format":"email","email":"a\u0000"}}"#, "subject_member"),
        (r#"{"sub_id":{"format":"iss_sub","sub":"a"}}"#, "subject_member"),
        (r#"{"sub_id":{"format":"opaque","id":"a"}}"#, "subject_format"),
    ] {
        let refused = read(body).unwrap_err();
        assert_eq!((refused.code(), refused.status()), (code, 400), "{body}");
    }
    assert!(read(&format!("{{\"sub_id\":{{\"x\":\"{}\"}}}}", "a".repeat(20_000))).is_err());
}

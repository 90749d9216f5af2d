//! Signed tokens: vectors of the standards, and everything that must not verify.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use oauth::jose::{
    Algorithm, Claims, JwtRefusal, KeyFault, KeySet, PrivateKey, SigningError, SigningKey,
    TokenType, Verification, VerifyingKey, verify,
};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use crate::example::{ES256, RS256, private};

const ANY: Verification<'_> =
    Verification { algorithms: &Algorithm::ALL, token_type: TokenType::OrGeneric("JWT") };

/// The claims of RFC 7515 appendix A.
const CLAIMS_A: &str = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

/// RFC 7515 appendix A.3.
const ES256_KEY: &str = r#"{"kty":"EC","crv":"P-256",
    "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#;
const ES256_SIGNATURE: &str =
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

/// RFC 7515 appendix A.2.
const RS256_KEY: &str = r#"{"kty":"RSA","e":"AQAB",
    "n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"}"#;
const RS256_SIGNATURE: &str = "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";

fn part(json: &Json) -> String {
    URL_SAFE_NO_PAD.encode(json.to_string())
}

fn by(token: &str, key: &VerifyingKey) -> Result<Claims, JwtRefusal> {
    verify(token, [key], &ANY)
}

#[test]
fn the_examples_of_rfc_7515_verify() {
    for (header, key, signature) in [
        ("eyJhbGciOiJFUzI1NiJ9", ES256_KEY, ES256_SIGNATURE),
        ("eyJhbGciOiJSUzI1NiJ9", RS256_KEY, RS256_SIGNATURE),
    ] {
        let key = VerifyingKey::from_jwk(key.as_bytes()).unwrap();
        let claims = by(&format!("{header}.{CLAIMS_A}.{signature}"), &key).unwrap();
        assert_eq!(claims.text("iss"), Ok("joe"));
        assert_eq!(claims.moment("exp").unwrap().as_second(), 1_300_819_380);
    }
}

#[test]
fn hmac_and_none_do_not_exist() {
    // RFC 7515 appendix A.1 and A.5; and the attack that takes a public key for an HMAC's.
    let key = VerifyingKey::from_jwk(RS256_KEY.as_bytes()).unwrap();
    for token in [
        format!(
            "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.{CLAIMS_A}.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
        ),
        format!("eyJhbGciOiJub25lIn0.{CLAIMS_A}."),
    ] {
        let refused = by(&token, &key).unwrap_err();
        assert!(matches!(refused, JwtRefusal::Algorithm { .. }), "{refused:?}");
    }
    for name in ["NONE", "None", "hs256", "HS512", "es256", "ES256K", "RS1", "RS512", "", "dir"] {
        let token = format!("{}.{CLAIMS_A}.", part(&json!({ "alg": name })));
        let refused = by(&token, &key).unwrap_err();
        assert!(matches!(refused, JwtRefusal::Algorithm { .. }), "{name}");
    }
    let symmetric =
        br#"{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75"}"#;
    assert_eq!(VerifyingKey::from_jwk(symmetric), Err(KeyFault::Private));
}

#[test]
fn the_thumbprint_of_rfc_7638_3_1() {
    let key = br#"{"kty":"RSA","alg":"RS256","kid":"2011-04-29","e":"AQAB",
        "n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"}"#;
    let key = VerifyingKey::from_jwk(key).unwrap();
    assert_eq!(key.thumbprint(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    assert_eq!(key.id(), Some("2011-04-29"));
    assert_eq!(VerifyingKey::from_jwk(key.to_jwk().to_string().as_bytes()), Ok(key));
}

#[test]
fn our_keys_sign_and_come_back_from_the_store() {
    for algorithm in [Algorithm::Es256, Algorithm::Rs256] {
        let stored = private(algorithm);
        let key = SigningKey::new(algorithm, &stored).unwrap();
        let token = key.sign("JWT", &json!({ "iss": "us" })).unwrap();
        let again = PrivateKey::from_pkcs8(stored.reveal().to_vec());
        let again = SigningKey::new(algorithm, &again).unwrap();
        assert_eq!(again.public(), key.public());
        assert_eq!(key.id(), key.public().thumbprint());
        let published = KeySet::from_iter([again.public().clone()]).to_json().to_string();
        assert!(!published.contains("\"d\""));
        let read = KeySet::parse(published.as_bytes()).unwrap();
        assert_eq!(verify(&token, read.iter(), &ANY).unwrap().text("iss"), Ok("us"));
        assert!(!format!("{stored:?}{key:?}").contains(&format!("{:?}", stored.reveal())));
        let other = match algorithm {
            Algorithm::Es256 => Algorithm::Rs256,
            _ => Algorithm::Es256,
        };
        assert_eq!(SigningKey::new(other, &stored).unwrap_err(), SigningError::Key);
    }
    assert!(SigningKey::generate(Algorithm::Ps256).is_err());
}

#[test]
fn a_token_is_believed_by_the_rules_only() {
    let sign = |header: &Json, claims: &str| {
        // A header that our own signer would not write, under a signature that holds.
        let message = format!("{}.{}", part(header), URL_SAFE_NO_PAD.encode(claims));
        let made = ES256.sign("JWT", &json!({})).unwrap();
        assert!(by(&made, ES256.public()).is_ok());
        format!("{message}.{}", made.rsplit('.').next().unwrap())
    };
    let id = ES256.id();
    let refused =
        |header: Json, claims: &str| by(&sign(&header, claims), ES256.public()).unwrap_err();
    let plain = json!({ "alg": "ES256", "kid": id });
    assert_eq!(refused(plain.clone(), "{}"), JwtRefusal::Signature);
    assert_eq!(refused(plain.clone(), "[]"), JwtRefusal::Malformed);
    assert_eq!(refused(plain.clone(), r#"{"a":1,"a":1}"#), JwtRefusal::Malformed);
    assert_eq!(refused(plain.clone(), r#"{"a":{"b":1,"\u0062":2}}"#), JwtRefusal::Malformed);
    assert_eq!(refused(plain.clone(), "{} {}"), JwtRefusal::Malformed);
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(5_000), "]".repeat(5_000));
    assert_eq!(refused(plain, &deep), JwtRefusal::Malformed);
    assert_eq!(refused(json!({ "alg": "ES256", "crit": [] }), "{}"), JwtRefusal::Critical);
    assert_eq!(refused(json!({ "alg": "ES256", "b64": false }), "{}"), JwtRefusal::Critical);
    assert_eq!(refused(json!({ "alg": "ES256", "kid": "other" }), "{}"), JwtRefusal::UnknownKey);
    assert_eq!(refused(json!({ "alg": "ES256", "kid": 1 }), "{}"), JwtRefusal::Malformed);
    assert_eq!(refused(json!({ "alg": "ES384" }), "{}"), JwtRefusal::UnknownKey);
    assert_eq!(refused(json!({ "kid": id }), "{}"), JwtRefusal::Malformed);
    // A key from the token itself is not read.
    let own =
        json!({ "alg": "ES256", "jwk": RS256.public().to_jwk(), "jku": "https://evil.example/" });
    assert_eq!(refused(own, "{}"), JwtRefusal::Signature);
    let huge = "a".repeat(oauth::limit::LARGEST_JWT + 1);
    assert_eq!(by(&huge, ES256.public()), Err(JwtRefusal::TooLarge));
}

#[test]
fn a_token_for_another_purpose_is_none() {
    let explicit = Verification {
        algorithms: &[Algorithm::Es256],
        token_type: TokenType::Explicit("logout+jwt"),
    };
    let judged = |name: &str, rules: &Verification<'_>| {
        verify(&ES256.sign(name, &json!({})).unwrap(), [ES256.public()], rules).is_ok()
    };
    for (name, is_explicit, is_generic) in [
        ("logout+jwt", true, false),
        ("application/Logout+JWT", true, false),
        ("JWT", false, true),
        ("jwt", false, true),
        ("application/jwt", false, true),
        ("at+jwt", false, false),
        ("", false, false),
        ("application/", false, false),
    ] {
        assert_eq!(judged(name, &explicit), is_explicit, "{name}");
        assert_eq!(judged(name, &ANY), is_generic, "{name}");
    }
    // The algorithm is not the token's choice.
    let token = RS256.sign("logout+jwt", &json!({})).unwrap();
    let refused = verify(&token, [RS256.public()], &explicit).unwrap_err();
    assert!(matches!(refused, JwtRefusal::Algorithm { .. }));
}

#[test]
fn a_key_is_used_for_what_its_owner_says() {
    let rsa: Json = serde_json::from_str(RS256_KEY).unwrap();
    let with = |name: &str, value: Json| {
        let mut jwk = rsa.clone();
        jwk[name] = value;
        VerifyingKey::from_jwk(jwk.to_string().as_bytes())
    };
    assert!(with("use", "sig".into()).is_ok());
    assert!(with("key_ops", json!(["verify"])).is_ok());
    let number = |bytes: &[u8]| Json::from(URL_SAFE_NO_PAD.encode(bytes));
    for (name, value, fault) in [
        ("use", "enc".into(), KeyFault::OtherUse),
        ("use", 1.into(), KeyFault::OtherUse),
        ("key_ops", json!(["encrypt"]), KeyFault::OtherUse),
        ("d", "AQAB".into(), KeyFault::Private),
        ("kty", "oct".into(), KeyFault::Unsupported),
        ("kty", "rsa".into(), KeyFault::Unsupported),
        ("alg", "ES256".into(), KeyFault::Unsupported),
        ("alg", "RSA-OAEP".into(), KeyFault::Unsupported),
        ("kid", 1.into(), KeyFault::Malformed),
        ("n", "".into(), KeyFault::Malformed),
        ("n", number(&[0xff; 128]), KeyFault::Size),
        ("n", number(&[0xff; 1_025]), KeyFault::Size),
        ("n", number(&[&[0][..], &[0xff; 256]].concat()), KeyFault::Malformed),
        ("n", "ofgW=".into(), KeyFault::Malformed),
        ("e", number(&[]), KeyFault::Malformed),
        ("e", number(&[1]), KeyFault::Malformed),
        ("e", number(&[2]), KeyFault::Malformed),
        ("e", number(&[0xff; 9]), KeyFault::Malformed),
    ] {
        assert_eq!(with(name, value.clone()), Err(fault), "{name}: {value}");
    }
    // For one algorithm only.
    let pss = with("alg", "PS256".into()).unwrap();
    let token = format!("eyJhbGciOiJSUzI1NiJ9.{CLAIMS_A}.{RS256_SIGNATURE}");
    assert_eq!(by(&token, &pss), Err(JwtRefusal::UnknownKey));
    // A point that is not on the curve.
    let off = ES256_KEY.replace("f83O", "g83O");
    assert_eq!(VerifyingKey::from_jwk(off.as_bytes()), Err(KeyFault::Malformed));
    assert_eq!(VerifyingKey::from_jwk(b"{}"), Err(KeyFault::Unsupported));
    assert_eq!(VerifyingKey::from_jwk(b"[]"), Err(KeyFault::NotAKey));
}

#[test]
fn keys_of_other_kinds_are_passed_over_in_a_set() {
    let set = format!(
        r#"{{"keys":[{ES256_KEY},{{"kty":"OKP","crv":"Ed25519","x":"AA"}},7,{{"kty":"EC"}},{RS256_KEY}]}}"#
    );
    assert_eq!(KeySet::parse(set.as_bytes()).unwrap().iter().count(), 2);
    assert_eq!(KeySet::parse(br#"{"keys":{}}"#), Err(KeyFault::NotASet));
    assert_eq!(KeySet::parse(b"null"), Err(KeyFault::NotASet));
    let many = format!(r#"{{"keys":[{}]}}"#, vec!["{}"; 65].join(","));
    assert_eq!(KeySet::parse(many.as_bytes()), Err(KeyFault::NotASet));
    let private = br#"{"keys":[{"kty":"RSA","d":"AQAB"}]}"#;
    assert_eq!(KeySet::parse(private), Err(KeyFault::Private));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Whatever is changed in a signed token: it is not believed, but for a change that leaves its bytes
    /// as they were.
    #[test]
    fn a_changed_token_is_not_believed(at in 0_usize..400, byte in any::<u8>(), drop in any::<bool>()) {
        for key in [&*ES256, &*RS256] {
            let token = key.sign("JWT", &json!({ "iss": "us", "sub": "ada" })).unwrap();
            let mut bytes = token.clone().into_bytes();
            let at = at % bytes.len();
            if drop { bytes.truncate(at) } else { bytes[at] = byte }
            if let Ok(other) = String::from_utf8(bytes) && other != token {
                prop_assert!(by(&other, key.public()).is_err(), "{other}");
            }
        }
    }

    /// No input ends the program.
    #[test]
    fn any_text_is_refused(text in ".*", bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(by(&text, ES256.public()).is_err());
        let _ = KeySet::parse(&bytes);
        let _ = VerifyingKey::from_jwk(text.as_bytes());
        let _ = VerifyingKey::from_rsa_der(&bytes);
        let header = part(&json!({ "alg": "ES256" }));
        let token = format!("{header}.{}.{}", URL_SAFE_NO_PAD.encode(&text), URL_SAFE_NO_PAD.encode(&bytes));
        prop_assert!(by(&token, ES256.public()).is_err());
    }
}

//! Libraries that we did not write: PyJWT, and Authlib with joserfc.

use std::{
    env,
    io::Write as _,
    process::{Command, Stdio},
};

use oauth::{
    Client, Credentials, Metadata, RevocationRules, Secret, SecretKind,
    client::Authentication,
    jose::{KeySet, SigningKey, VerifyingKey},
    openid::{IdToken, LogoutToken},
};
use serde_json::{Value as Json, json};

use crate::{
    example::{CHALLENGE, ES256, ISSUER, RS256, VERIFIER, form, id, issuer, machine, now, scopes},
    openid::{ada, sign_in},
};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../xtask/judges/tokens.py");

/// Asks the judges, who object by an exception.
fn ask(given: &Json) -> Json {
    let python = env::var_os("DOORWARD_TEST_PYTHON").expect("the Python of the judges");
    let mut judges = Command::new(python)
        .arg(SCRIPT)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    judges.stdin.take().unwrap().write_all(given.to_string().as_bytes()).unwrap();
    let output = judges.wait_with_output().unwrap();
    assert!(output.status.success(), "the judges object");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// An ID token with its access token.
fn id_token(key: &SigningKey) -> Json {
    let access_token = Secret::new(SecretKind::AccessToken, None, [1; 32]);
    let token = IdToken {
        issuer: &issuer(),
        client_id: &id("entra"),
        person: &ada(),
        scopes: &scopes("openid groups"),
        sign_in: &sign_in(),
        nonce: Some("n-0S6"),
        access_token: Some(&access_token),
    };
    json!({
        "type": "JWT",
        "algorithm": key.algorithm().as_str(),
        "token": token.sign(key, now()).unwrap(),
        "nonce": "n-0S6",
        "access_token": access_token.reveal(),
    })
}

fn logout_token(key: &SigningKey) -> Json {
    let token = LogoutToken {
        issuer: &issuer(),
        client_id: &id("entra"),
        subject: "u-1",
        session_id: Some("s-1"),
        id: [9; 16],
    };
    json!({
        "type": "logout+jwt",
        "algorithm": key.algorithm().as_str(),
        "token": token.sign(key, now()).unwrap(),
    })
}

#[test]
#[ignore = "wants the judges' Python: `cargo xtask test --only judge`"]
fn pyjwt_and_authlib_agree_with_us() {
    let keys = KeySet::from_iter([ES256.public().clone(), RS256.public().clone()]);
    let (issuer, address) = (issuer(), issuer().global_token_revocation("okta-birchwood"));
    let metadata = Metadata { issuer: &issuer };
    let made = ask(&json!({
        "issuer": ISSUER,
        "client_id": "entra",
        "now": now().as_second(),
        "jwks": keys.to_json(),
        "tokens": [id_token(&ES256), id_token(&RS256), logout_token(&ES256), logout_token(&RS256)],
        "authorization_server": metadata.authorization_server(),
        "openid_configuration": metadata.openid_configuration(),
        "verifier": VERIFIER,
        "challenge": CHALLENGE,
        "revocation_address": address,
    }));
    assert_eq!(made["judged"], 4);

    let assertions = made["assertions"].as_array().unwrap();
    assert_eq!(assertions.len(), 8, "two libraries, four algorithms");
    for assertion in assertions {
        let keys = KeySet::parse(assertion["jwks"].to_string().as_bytes()).unwrap();
        let client = Client { authentication: Authentication::PrivateKeyJwt { keys }, ..machine() };
        let body = form(&[
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("client_assertion", assertion["token"].as_str().unwrap()),
        ]);
        let credentials = Credentials::read(None, &body).unwrap();
        let proven = credentials.authenticate(&client, &issuer, now());
        assert_eq!(proven.unwrap().method, "private_key_jwt", "{assertion}");
    }

    let logout = &made["universal_logout"];
    let key = VerifyingKey::from_jwk(logout["jwk"].to_string().as_bytes()).unwrap();
    let rules = RevocationRules {
        keys: &[key],
        issuers: &["http://www.okta.com/exk1"],
        subject: Some("0oa1"),
        audience: &address,
    };
    let header = format!("Bearer {}", logout["token"].as_str().unwrap());
    assert_eq!(rules.verify(Some(&header), now()).unwrap().subject, "0oa1");
}

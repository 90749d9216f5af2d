//! [`saml_response`]: what a browser posts to the assertion consumer service.

use std::sync::LazyLock;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use saml::{
    Certificate, Expected, InResponseTo, Signed, Unverified, VerifiedAssertion,
    metadata::IdentityProvider,
};

/// Responses of three providers. Their key was thrown away once they were signed.
const GENUINE: [&str; 3] = [
    include_str!("../../../fuzz/seeds/saml_response/okta"),
    include_str!("../../../fuzz/seeds/saml_response/entra"),
    include_str!("../../../fuzz/seeds/saml_response/google"),
];

static CERTIFICATES: LazyLock<[Certificate; 1]> = LazyLock::new(|| {
    [Certificate::parse(include_str!("saml_response.pem")).expect("a certificate")]
});

/// Whom the provider really signed in.
static SIGNED: LazyLock<Vec<VerifiedAssertion>> = LazyLock::new(|| {
    let verify =
        |xml: &&str| saml::verify(&STANDARD.encode(xml), &expected(Signed::Assertion), now());
    GENUINE.iter().map(verify).collect::<Result<_, _>>().expect("genuine responses")
});

fn now() -> Timestamp {
    Timestamp::from_second(1_795_771_800).expect("a moment in November 2026")
}

fn expected(signed: Signed) -> Expected<'static> {
    Expected {
        provider_entity_id: "http://www.okta.com/exk1fqk2jz",
        certificates: &*CERTIFICATES,
        signed,
        entity_id: "https://doorward.example/saml/okta-birchwood/metadata",
        acs_url: "https://doorward.example/saml/okta-birchwood/acs",
        in_response_to: InResponseTo::Request("_5f8e0d3c5b7a41e2a1d4c6b8e9f00112"),
    }
}

/// Nobody is let in whom the provider did not sign in, with no word changed; a refusal is one short
/// line. The input is a document, a form field and a provider's metadata.
pub fn saml_response(data: &[u8]) {
    judged(&STANDARD.encode(data));
    if let Ok(field) = str::from_utf8(data) {
        judged(field);
    }
    if let Err(error) = IdentityProvider::parse(data) {
        told(&error.to_string());
    }
}

fn judged(field: &str) {
    // Where both must be signed, no one else is let in.
    match saml::verify(field, &expected(Signed::Assertion), now()) {
        Ok(assertion) => assert!(is_signed(&assertion), "{assertion:?} was not signed"),
        Err(refusal) => told(&refusal.to_string()),
    }
    if let Err(refusal) = Unverified::read(field) {
        told(&refusal.to_string());
    }
}

/// A response may lose its own signature where the connection asks for none, which is remarked.
fn is_signed(assertion: &VerifiedAssertion) -> bool {
    SIGNED.iter().any(|signed| {
        signed.id() == assertion.id()
            && signed.issuer() == assertion.issuer()
            && signed.name_id() == assertion.name_id()
            && signed.attributes() == assertion.attributes()
            && signed.session_index() == assertion.session_index()
            && signed.authn_instant() == assertion.authn_instant()
            && signed.replay_until() == assertion.replay_until()
    })
}

fn told(sentence: &str) {
    assert!(!sentence.trim().is_empty(), "a refusal says why");
    assert!(sentence.len() <= 2_000, "a refusal is short: {sentence}");
    assert!(!sentence.contains(char::is_control), "a refusal is one line: {sentence:?}");
}

//! What a message costs: `cargo bench -p saml` prints processor-bound times for one core.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use saml::{Certificate, Expected, InResponseTo, Refusal, Signed, VerifiedAssertion};

const OKTA: &str = include_str!("../../../fuzz/seeds/saml_response/okta");
const CERTIFICATE: &str = include_str!("../../fuzzing/src/saml_response.pem");

/// The shortest of many runs, which disturbances only lengthen.
fn measure(name: &str, xml: &str, certificates: &[Certificate]) {
    let now: Timestamp = "2026-11-27T09:30:00Z".parse().expect("a moment");
    let expected = Expected {
        provider_entity_id: "http://www.okta.com/exk1fqk2jz",
        certificates,
        signed: Signed::Both,
        entity_id: "https://doorward.example/saml/okta-birchwood/metadata",
        acs_url: "https://doorward.example/saml/okta-birchwood/acs",
        in_response_to: InResponseTo::Request("_5f8e0d3c5b7a41e2a1d4c6b8e9f00112"),
    };
    let field = STANDARD.encode(xml);
    let verify = || saml::verify(black_box(&field), &expected, now);
    let timed = |_| {
        let begin = Instant::now();
        let _ = black_box(verify());
        begin.elapsed()
    };
    let shortest = (0..200).map(timed).min().unwrap_or(Duration::MAX);
    println!("{name:<40} {shortest:>12.1?}  {}", told(&verify()));
}

fn told(outcome: &Result<VerifiedAssertion, Refusal>) -> &'static str {
    outcome.as_ref().map_or_else(Refusal::code, |_| "let in")
}

fn main() {
    let certificates = [Certificate::parse(CERTIFICATE).expect("a certificate")];
    let inside =
        |piece: &str| OKTA.replacen("<saml2p:Status>", &format!("{piece}<saml2p:Status>"), 1);
    let room = 250 * 1024 - OKTA.len();
    measure("Okta's response, both signatures", OKTA, &certificates);
    measure("without a certificate", OKTA, &[]);
    measure("250 KB of text", &inside(&"&lt;".repeat(room / 4)), &certificates);
    measure("19,000 elements", &inside(&"<saml2:a/>".repeat(19_000)), &certificates);
    let names =
        (0..20).fold(String::new(), |all, number| all + &format!(" xmlns:n{number}=\"n{number}\""));
    let nested = format!("<saml2:a{names}>{}</saml2:a>", "<saml2:a xmlns:q='q'/>".repeat(10_000));
    measure("10,000 elements under 24 namespaces", &inside(&nested), &certificates);
    let attributes = (0..64).fold(String::new(), |all, number| all + &format!(" a{number}=\"\""));
    let many = format!("<saml2:a{attributes}/>").repeat(room / 600);
    measure("elements of 64 attributes", &inside(&many), &certificates);
    measure("not closed", &"<a>".repeat(room / 3), &certificates);
}

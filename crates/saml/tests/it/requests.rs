//! What we send, judged by programs that we did not write; and what they sign, judged by us.

use std::io::Read as _;

use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use flate2::read::DeflateDecoder;
use saml::{AuthnRequest, request_id};

use crate::{
    judge::Judge,
    provider::{
        ACS_URL, ASSERTION_ID, Draft, ENTITY_ID, ENVELOPED, EXC_C14N, OKTA, REQUEST, RESPONSE_ID,
        RSA_SHA256, SHA256_URI, expected, now, verify,
    },
};

const SSO_URL: &str = "https://birchwood.okta.example/app/doorward/exk1fqk2jz/sso/saml";

fn request() -> AuthnRequest<'static> {
    AuthnRequest {
        id: REQUEST,
        issue_instant: now(),
        destination: SSO_URL,
        acs_url: ACS_URL,
        entity_id: ENTITY_ID,
        force_authn: false,
    }
}

const PLAIN: &str = "<samlp:AuthnRequest xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" \
    AssertionConsumerServiceURL=\"https://doorward.example/saml/okta-birchwood/acs\" \
    Destination=\"https://birchwood.okta.example/app/doorward/exk1fqk2jz/sso/saml\" \
    ID=\"_5f8e0d3c5b7a41e2a1d4c6b8e9f00112\" IssueInstant=\"2026-11-27T09:30:00Z\" \
    ProtocolBinding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST\" Version=\"2.0\">\
    <saml:Issuer xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\">\
    https://doorward.example/saml/okta-birchwood/metadata</saml:Issuer>\
    <samlp:NameIDPolicy AllowCreate=\"true\"></samlp:NameIDPolicy></samlp:AuthnRequest>";

/// The pairs of a query, decoded, in their order.
fn pairs(url: &str) -> Vec<(String, String)> {
    let (_, query) = url.split_once('?').unwrap();
    form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

#[test]
fn a_redirect_holds_the_deflated_request() {
    let url = request().redirect_url("r4nd0m", None).unwrap();
    assert!(url.starts_with(&format!("{SSO_URL}?SAMLRequest=")), "{url}");
    let pairs = pairs(&url);
    assert_eq!(pairs.len(), 2);
    assert_eq!(pairs[1], ("RelayState".to_owned(), "r4nd0m".to_owned()));
    let deflated = STANDARD.decode(&pairs[0].1).unwrap();
    let mut xml = String::new();
    DeflateDecoder::new(deflated.as_slice()).read_to_string(&mut xml).unwrap();
    assert_eq!(xml, PLAIN);
}

#[test]
fn a_redirect_is_signed_as_it_is_sent() {
    let url = request().redirect_url("a b/+=", Some(&OKTA.signing())).unwrap();
    let (_, query) = url.split_once('?').unwrap();
    let (signed, _) = query.split_once("&Signature=").unwrap();
    let names: Vec<String> = pairs(&url).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["SAMLRequest", "RelayState", "SigAlg", "Signature"]);
    assert_eq!(pairs(&url)[2].1, RSA_SHA256);
    let signature = &pairs(&url)[3].1;
    let signature = STANDARD.decode(signature).unwrap();
    let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, OKTA.key.public_key().as_ref());
    key.verify(signed.as_bytes(), &signature).unwrap();
    assert!(key.verify(signed.replace("RelayState", "relayState").as_bytes(), &signature).is_err());
}

#[test]
fn an_address_keeps_its_query_and_a_relay_state_has_a_limit() {
    let with_query =
        AuthnRequest { destination: "https://idp.example/sso?idpid=C01&a=b#top", ..request() };
    let url = with_query.redirect_url("", None).unwrap();
    assert!(url.starts_with("https://idp.example/sso?idpid=C01&a=b&SAMLRequest="), "{url}");
    assert!(url.ends_with("&RelayState=#top"), "{url}");
    assert!(request().redirect_url(&"x".repeat(80), None).is_ok());
    assert!(request().redirect_url(&"x".repeat(81), None).is_err());
}

#[test]
fn a_posted_request_is_verified_by_xmlsec1() {
    let odd = AuthnRequest {
        entity_id: "urn:a&b<c>\"d\"",
        destination: "https://idp.example/?a=\"b\"&c=<d>",
        force_authn: true,
        ..request()
    };
    let judge = Judge::new();
    let mut files = Vec::new();
    for (name, request) in [("plain", request()), ("odd", odd)] {
        let field = request.post_field(Some(&OKTA.signing())).unwrap();
        let xml = String::from_utf8(STANDARD.decode(field).unwrap()).unwrap();
        assert_eq!(xml.contains("ForceAuthn=\"true\""), name == "odd");
        assert!(!xml.contains("Format="), "Okta wants its own");
        files.push(judge.write(&format!("{name}.xml"), &xml));
    }
    judge.verify("AuthnRequest", &files);
    let unsigned = STANDARD.decode(request().post_field(None).unwrap()).unwrap();
    assert_eq!(String::from_utf8(unsigned).unwrap(), PLAIN);
}

#[test]
fn an_id_is_a_name_of_128_bits() {
    let mut random = [0; 16];
    random[0] = 0x9f;
    assert_eq!(request_id(random), "_9f000000000000000000000000000000");
}

/// A response that `xmlsec1` signed, from templates as pysaml2 makes them.
#[test]
fn what_xmlsec1_signs_is_let_in() {
    let template = |id: &str| {
        format!(
            "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:SignedInfo>\
             <ds:CanonicalizationMethod Algorithm=\"{EXC_C14N}\"/><ds:SignatureMethod Algorithm=\"{RSA_SHA256}\"/>\
             <ds:Reference URI=\"#{id}\"><ds:Transforms><ds:Transform Algorithm=\"{ENVELOPED}\"/>\
             <ds:Transform Algorithm=\"{EXC_C14N}\"><ec:InclusiveNamespaces xmlns:ec=\"{EXC_C14N}\" PrefixList=\"xs\"/>\
             </ds:Transform></ds:Transforms><ds:DigestMethod Algorithm=\"{SHA256_URI}\"/><ds:DigestValue/></ds:Reference>\
             </ds:SignedInfo><ds:SignatureValue/><ds:KeyInfo><ds:X509Data/></ds:KeyInfo></ds:Signature>"
        )
    };
    let judge = Judge::new();
    let draft = Draft::okta();
    let place = |xml: &str, within: &str, piece: &str| {
        let at = xml.find(within).unwrap();
        let end = "</saml2:Issuer>";
        let at = at + xml[at..].find(end).unwrap() + end.len();
        format!("{}{piece}{}", &xml[..at], &xml[at..])
    };
    let assertion =
        place(&draft.response(&draft.assertion()), "<saml2:Assertion", &template(ASSERTION_ID));
    let assertion = judge.sign("Assertion", &assertion);
    let response = place(&assertion, "<saml2p:Response", &template(RESPONSE_ID));
    let signed = judge.sign("Response", &response);
    let verified = verify(&signed, &expected()).unwrap();
    assert_eq!(verified.name_id().value(), "noor@birchwood.example");
    // And the other way round: what the signer of these tests makes is good for xmlsec1.
    let ours = judge.write("ours.xml", &draft.xml());
    judge.verify("Response", &[ours]);
}

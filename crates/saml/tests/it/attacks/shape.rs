//! Elements at their places, and the vocabulary.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{drafted, refused};
use crate::provider::{Draft, expected, now, outcome};

#[test]
fn look_alike_namespaces_and_foreign_elements_are_refused() {
    let genuine = Draft::okta().xml();
    let saml = "urn:oasis:names:tc:SAML:2.0:assertion";
    let ds = "http://www.w3.org/2000/09/xmldsig#";
    let xenc = "<xenc:EncryptedData xmlns:xenc=\"http://www.w3.org/2001/04/xmlenc#\"/>";
    let encrypted = format!("<saml2:EncryptedAssertion>{xenc}</saml2:EncryptedAssertion>");
    let okta = Draft::okta();
    refused(&[
        ("a space", genuine.replace(saml, &format!("{saml} ")), "foreign_element"),
        (
            "upper case",
            genuine.replace(saml, "URN:oasis:names:tc:SAML:2.0:assertion"),
            "foreign_element",
        ),
        (
            "SAML 1.1",
            genuine.replace(saml, "urn:oasis:names:tc:SAML:1.0:assertion"),
            "foreign_element",
        ),
        ("a Cyrillic letter", genuine.replace("oasis", "оasis"), "foreign_element"),
        ("no hash", genuine.replace(ds, "http://www.w3.org/2000/09/xmldsig"), "foreign_element"),
        ("https", genuine.replace(ds, "https://www.w3.org/2000/09/xmldsig#"), "foreign_element"),
        (
            "XML signatures 1.1",
            genuine.replace(ds, "http://www.w3.org/2009/xmldsig11#"),
            "foreign_element",
        ),
        (
            "no namespace",
            genuine.replacen("<saml2p:Status>", "<Assertion/><saml2p:Status>", 1),
            "foreign_element",
        ),
        (
            "XSLT",
            genuine.replacen(
                "<saml2p:Status>",
                "<x:stylesheet xmlns:x=\"http://www.w3.org/1999/XSL/Transform\"/><saml2p:Status>",
                1,
            ),
            "foreign_element",
        ),
        (
            "an attribute of another vocabulary",
            genuine.replacen("<saml2:Subject>", "<saml2:Subject xmlns:a=\"urn:a\" a:b=\"c\">", 1),
            "foreign_attribute",
        ),
        (
            "xml:base",
            genuine.replacen(
                "<saml2:Subject>",
                "<saml2:Subject xml:base=\"https://evil.example\">",
                1,
            ),
            "foreign_attribute",
        ),
        ("an encrypted assertion", okta.response(&encrypted), "encrypted"),
        ("an empty encrypted assertion", okta.response("<saml2:EncryptedAssertion/>"), "encrypted"),
        (
            "an encrypted NameID",
            drafted(|draft| {
                draft.name_id = format!("<saml2:EncryptedID>{xenc}</saml2:EncryptedID>");
            }),
            "encrypted",
        ),
        (
            "SAML 2.0 by another URN of the same name",
            genuine.replace(saml, "urn:oasis:names:tc:SAML:2.0:protocol"),
            "unexpected_id",
        ),
    ]);
}

#[test]
fn the_shape_is_exact() {
    let okta = Draft::okta();
    let confirmation =
        "<saml2:SubjectConfirmation Method=\"urn:oasis:names:tc:SAML:2.0:cm:bearer\"/>";
    refused(&[
        ("no assertion", okta.response(""), "missing_element"),
        ("no issuer", okta.response("").replacen(&okta.issuer, "", 1), "missing_element"),
        (
            "two issuers",
            okta.response("").replacen(&okta.issuer, &okta.issuer.repeat(2), 1),
            "missing_element",
        ),
        (
            "extensions",
            okta.response("").replacen("<saml2p:Status>", "<saml2p:Extensions/><saml2p:Status>", 1),
            "missing_element",
        ),
        (
            "status detail",
            drafted(|draft| draft.status.push_str("<saml2p:StatusDetail/>")),
            "unexpected_element",
        ),
        (
            "two subjects",
            drafted(|draft| {
                draft.name_id = format!("{0}</saml2:Subject><saml2:Subject>{0}", draft.name_id);
            }),
            "missing_element",
        ),
        (
            "two NameIDs",
            drafted(|draft| draft.name_id = draft.name_id.repeat(2)),
            "missing_element",
        ),
        ("no NameID", drafted(|draft| draft.name_id.clear()), "missing_element"),
        (
            "BaseID",
            drafted(|draft| draft.name_id = "<saml2:BaseID/>".to_owned()),
            "missing_element",
        ),
        (
            "two confirmations",
            drafted(|draft| draft.name_id.push_str(confirmation)),
            "unexpected_element",
        ),
        (
            "key info as a confirmation",
            drafted(|draft| {
                draft.confirmation_data.push_str("><saml2:NameID>a</saml2:NameID></saml2:SubjectConfirmationData><saml2:SubjectConfirmationData");
            }),
            "unexpected_element",
        ),
        (
            "a nested confirmation datum",
            drafted(|draft| draft.confirmation_data.push_str("/><saml2:SubjectConfirmationData")),
            "unexpected_element",
        ),
        (
            "a decision statement",
            drafted(|draft| {
                draft.attributes.push_str("</saml2:AttributeStatement><saml2:AuthzDecisionStatement/><saml2:AttributeStatement>");
            }),
            "unexpected_element",
        ),
        (
            "two attribute statements",
            drafted(|draft| {
                draft.attributes = format!(
                    "{0}</saml2:AttributeStatement><saml2:AttributeStatement>{0}",
                    draft.attributes
                );
            }),
            "unexpected_element",
        ),
        (
            "an attribute without a name",
            drafted(|draft| draft.attributes.push_str("<saml2:Attribute/>")),
            "missing_attribute",
        ),
        (
            "an encrypted attribute",
            drafted(|draft| draft.attributes.push_str("<saml2:EncryptedAttribute/>")),
            "unexpected_element",
        ),
        (
            "a NameID as a value",
            drafted(|draft| {
                draft.attributes =
                    draft.attributes.replace(">Engineering<", "><saml2:NameID>a</saml2:NameID><");
            }),
            "mixed_content",
        ),
        (
            "no context",
            drafted(|draft| {
                draft
                    .authn_attributes
                    .push_str("/><saml2:AuthnStatement AuthnInstant=\"2026-11-27T09:30:00Z\"");
            }),
            "unexpected_element",
        ),
    ]);
}

#[test]
fn a_refusal_by_the_provider_is_told() {
    let status = |inner: &str| {
        let okta = Draft { status: inner.to_owned(), ..Draft::okta() };
        saml::verify(&STANDARD.encode(okta.response("")), &expected(), now()).unwrap_err()
    };
    let denied = status(
        "<saml2p:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:Responder\"><saml2p:StatusCode \
         Value=\"urn:oasis:names:tc:SAML:2.0:status:AuthnFailed\"/></saml2p:StatusCode>\
         <saml2p:StatusMessage>User is not\nassigned</saml2p:StatusMessage>",
    );
    assert_eq!(denied.code(), "status");
    assert_eq!(
        denied.to_string(),
        "the identity provider did not sign the person in; it says \
         \"urn:oasis:names:tc:SAML:2.0:status:AuthnFailed\" (\"User is not\\nassigned\"): look into the \
         provider's own log, and whether the person is assigned to the application"
    );
    for inner in [
        "<saml2p:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:success\"/>",
        "<saml2p:StatusCode Value=\"Success\"/>",
        "<saml2p:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:Success \"/>",
        "<saml2p:StatusCode Value=\"\"/>",
    ] {
        assert_eq!(status(inner).code(), "status", "{inner}");
    }
    // A good outer code does not make up for a bad inner one.
    let success = "urn:oasis:names:tc:SAML:2.0:status:Success";
    let nested = format!(
        "<saml2p:StatusCode Value=\"{success}\"><saml2p:StatusCode Value=\"a\"/></saml2p:StatusCode>"
    );
    assert_eq!(status(&nested).code(), "unexpected_element");
    assert_eq!(status("").code(), "missing_element");
    assert_eq!(status("<saml2p:StatusCode/>").code(), "missing_attribute");
    // And a forged assertion does not help a bad status.
    let failed = drafted(|draft| draft.status = draft.status.replace("Success", "Requester"));
    assert_eq!(outcome(&failed, &expected()), "status");
}

//! Metadata in both directions.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use saml::{
    CertificateError,
    metadata::{Binding, IdentityProvider, MetadataError, ServiceProvider},
};

use crate::provider::{ACS_URL, ENTITY_ID, EXPIRED, ISSUER, OKTA, OTHER, Provider};

fn key(attributes: &str, provider: &Provider) -> String {
    // In lines, as Okta has it.
    let base64 = STANDARD.encode(provider.certificate.der());
    let lines: Vec<&str> =
        base64.as_bytes().chunks(64).map(|line| str::from_utf8(line).unwrap()).collect();
    format!(
        "<md:KeyDescriptor{attributes}><ds:KeyInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:X509Data>\
         <ds:X509Certificate>{}\n</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>",
        lines.join("\n")
    )
}

/// What Okta gives out under "Identity Provider metadata".
fn okta() -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><md:EntityDescriptor entityID=\"{ISSUER}\" \
         xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\"><md:IDPSSODescriptor WantAuthnRequestsSigned=\"false\" \
         protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\">{}\
         <md:NameIDFormat>urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress</md:NameIDFormat>\
         <md:SingleSignOnService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST\" Location=\"https://birchwood.okta.example/app/exk/sso/saml\"/>\
         <md:SingleSignOnService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect\" Location=\"https://birchwood.okta.example/app/exk/sso/saml\"/>\
         </md:IDPSSODescriptor></md:EntityDescriptor>",
        key(" use=\"signing\"", &OKTA)
    )
}

#[test]
fn oktas_metadata_is_read() {
    let read = IdentityProvider::parse(okta().as_bytes()).unwrap();
    assert_eq!(read.entity_id, ISSUER);
    let bindings: Vec<Binding> =
        read.single_sign_on.iter().map(|service| service.binding).collect();
    assert_eq!(bindings, [Binding::Redirect, Binding::Post]);
    assert_eq!(read.single_sign_on[0].location, "https://birchwood.okta.example/app/exk/sso/saml");
    assert_eq!(read.certificates, std::slice::from_ref(&OKTA.certificate));
    assert_eq!((read.wants_signed_requests, read.valid_until), (false, None));
}

/// Entra ID's has a byte order mark, a signature, other roles, two keys without line ends, and an
/// encryption key that is not for us.
#[test]
fn entras_metadata_is_read() {
    let role = "<RoleDescriptor xsi:type=\"fed:ApplicationServiceType\" protocolSupportEnumeration=\"http://docs.oasis-open.org/wsfed/federation/200706\" \
                xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xmlns:fed=\"http://docs.oasis-open.org/wsfed/federation/200706\">\
                <fed:ClaimTypesOffered/></RoleDescriptor>";
    let keys = key("", &OKTA)
        + &key(" use=\"signing\"", &EXPIRED)
        + &key(" use=\"encryption\"", &OTHER)
        + &key(" use=\"signing\"", &OKTA);
    let entra = okta()
        .replace(&key(" use=\"signing\"", &OKTA), &keys)
        .replace(
            "<md:IDPSSODescriptor WantAuthnRequestsSigned=\"false\"",
            &format!("{role}<md:IDPSSODescriptor WantAuthnRequestsSigned=\"true\""),
        )
        .replace("<RoleDescriptor", "<md:RoleDescriptor")
        .replace("</RoleDescriptor", "</md:RoleDescriptor")
        .replace(" entityID=", " validUntil=\"2027-01-01T00:00:00Z\" ID=\"_a\" entityID=");
    let read = IdentityProvider::parse(format!("\u{feff}{entra}").as_bytes()).unwrap();
    assert_eq!(read.certificates, [OKTA.certificate.clone(), EXPIRED.certificate.clone()]);
    assert!(read.wants_signed_requests);
    assert_eq!(read.valid_until.unwrap().to_string(), "2027-01-01T00:00:00Z");
}

#[test]
fn metadata_that_cannot_be_used_is_told() {
    let okta = okta();
    let certificate = STANDARD.encode(OKTA.certificate.der());
    let short: String = include_str!("../data/rsa-1024.pem")
        .lines()
        .filter(|line| !line.starts_with('-'))
        .collect();
    let one_line = okta.replace(
        &key(" use=\"signing\"", &OKTA),
        &key(" use=\"signing\"", &OKTA).replace('\n', ""),
    );
    let role = &okta
        [okta.find("<md:IDPSSODescriptor").unwrap()..okta.find("</md:EntityDescriptor").unwrap()];
    let location = "https://birchwood.okta.example/app/exk/sso/saml";
    for (name, xml, code) in [
        (
            "our own",
            ServiceProvider {
                entity_id: ENTITY_ID,
                acs_url: ACS_URL,
                certificates: &[],
                signs_requests: false,
            }
            .to_xml(),
            "roles",
        ),
        ("two providers", okta.replace(role, &role.repeat(2)), "roles"),
        ("SAML 1.1", okta.replace("SAML:2.0:protocol\">", "SAML:1.1:protocol\">"), "roles"),
        (
            "a federation",
            okta.replace("md:EntityDescriptor", "md:EntitiesDescriptor"),
            "not_an_entity",
        ),
        ("another namespace", okta.replace(":2.0:metadata", ":3.0:metadata"), "not_an_entity"),
        ("a web page", "<html/>".to_owned(), "not_an_entity"),
        ("no entity ID", okta.replace(ISSUER, " "), "no_entity_id"),
        ("no key", okta.replace(&key(" use=\"signing\"", &OKTA), ""), "no_certificate"),
        (
            "only an encryption key",
            okta.replace("use=\"signing\"", "use=\"encryption\""),
            "no_certificate",
        ),
        ("a short key", one_line.replace(&certificate, &short), "no_certificate"),
        ("a broken certificate", one_line.replace(&certificate, "AAAA"), "no_certificate"),
        (
            "no address",
            okta.replace("HTTP-POST", "SOAP").replace("HTTP-Redirect", "SOAP"),
            "no_single_sign_on",
        ),
        ("http", okta.replace("https://", "http://"), "not_https"),
        ("a script", okta.replace(location, "javascript:alert(1)"), "not_https"),
        ("no host", okta.replace(location, "https:///sso"), "not_https"),
        ("only a scheme", okta.replace(location, "https://"), "not_https"),
        ("a line end", okta.replace(location, "https://a.example/&#10;Set-Cookie:a"), "not_https"),
        ("a letter beyond ASCII", okta.replace(location, "https://é.example/"), "not_https"),
        ("no address at all", okta.replace(location, ""), "not_https"),
        ("a comment", okta.replace("<md:NameIDFormat>", "<!-- --><md:NameIDFormat>"), "comment"),
        (
            "entities",
            okta.replace("?>", "?><!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]>"),
            "doctype",
        ),
        ("too large", format!("{okta}{}", " ".repeat(512 * 1024)), "message_too_large"),
        ("deep", "<a>".repeat(1_000), "too_deep"),
        ("nothing", String::new(), "malformed_xml"),
    ] {
        let error = IdentityProvider::parse(xml.as_bytes()).unwrap_err();
        assert_eq!(error.code(), code, "{name}: {error}");
        assert!(!error.to_string().contains(char::is_control), "{error}");
    }
    let error =
        IdentityProvider::parse(one_line.replace(&certificate, &short).as_bytes()).unwrap_err();
    assert_eq!(
        error,
        MetadataError::NoCertificate { reason: Some(CertificateError::KeySize { bits: 1024 }) }
    );
    // One good key is enough, and the others are told.
    let both = key("", &OKTA)
        + &key("", &OTHER)
            .replace('\n', "")
            .replace(&STANDARD.encode(OTHER.certificate.der()), "AAAA");
    let read =
        IdentityProvider::parse(okta.replace(&key(" use=\"signing\"", &OKTA), &both).as_bytes())
            .unwrap();
    assert_eq!(read.certificates, std::slice::from_ref(&OKTA.certificate));
    assert_eq!(read.unusable_certificates, [CertificateError::NotACertificate]);
}

#[test]
fn ours_says_what_providers_read() {
    let ours = ServiceProvider {
        entity_id: "https://doorward.example/?a=b&c",
        acs_url: ACS_URL,
        certificates: std::slice::from_ref(&OKTA.certificate),
        signs_requests: true,
    };
    assert_eq!(
        ours.to_xml(),
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <md:EntityDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" entityID=\"https://doorward.example/?a=b&amp;c\">\n  \
             <md:SPSSODescriptor AuthnRequestsSigned=\"true\" WantAssertionsSigned=\"true\" \
             protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\">\n    \
             <md:KeyDescriptor use=\"signing\"><ds:KeyInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:X509Data>\
             <ds:X509Certificate>{}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>\n    \
             <md:AssertionConsumerService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST\" \
             Location=\"{ACS_URL}\" index=\"0\" isDefault=\"true\"/>\n  \
             </md:SPSSODescriptor>\n</md:EntityDescriptor>\n",
            STANDARD.encode(OKTA.certificate.der())
        )
    );
    let without = ServiceProvider { certificates: &[], signs_requests: false, ..ours }.to_xml();
    assert!(
        without.contains("AuthnRequestsSigned=\"false\"") && !without.contains("KeyDescriptor")
    );
}

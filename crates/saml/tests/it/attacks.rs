//! One table for each rule: a message that breaks it and nothing else, signed where it can be, and the
//! exact code of its refusal.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use saml::{Expected, InResponseTo};

use crate::provider::{
    ACS_URL, ASSERTION_ID, Draft, ENTITY_ID, ENVELOPED, EXC_C14N, ISSUER, OKTA, OTHER, REQUEST,
    RESPONSE_ID, Signing, at, expected, expected_assertion, now, outcome,
};

/// A genuine response with its draft changed before it is signed.
fn drafted(change: impl FnOnce(&mut Draft)) -> String {
    let mut draft = Draft::okta();
    change(&mut draft);
    draft.xml()
}

/// All differences at once: a case, what came of it, and what should have.
fn refused(cases: &[(&str, String, &str)]) {
    let judged = cases.iter().map(|(name, xml, code)| (name, outcome(xml, &expected()), code));
    let wrong: Vec<_> = judged.filter(|(_, found, code)| found != *code).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_form_field_is_strict_base64_within_its_limits() {
    let judge = |field: &str| saml::verify(field, &expected(), now()).map_err(|error| error.code());
    let genuine = STANDARD.encode(Draft::okta().xml());
    assert!(judge(&genuine).is_ok());
    let in_lines: Vec<&str> =
        genuine.as_bytes().chunks(76).map(|line| str::from_utf8(line).unwrap()).collect();
    assert!(judge(&in_lines.join("\r\n")).is_ok());
    for (field, code) in [
        (String::new(), "malformed_xml"),
        (genuine.replace(['+', '/'], "-"), "not_base64"),
        (format!("{genuine}!"), "not_base64"),
        (format!("{genuine}AAAA"), "not_base64"),
        (genuine[1..].to_owned(), "not_base64"),
        ("A".repeat(350 * 1024 + 4), "form_field_too_large"),
        (" ".repeat(350 * 1024 + 1), "form_field_too_large"),
        ("A".repeat(350 * 1024), "message_too_large"),
        (STANDARD.encode([0xff, 0xfe, b'<', 0]), "not_utf8"),
        (STANDARD.encode("no XML"), "malformed_xml"),
    ] {
        // A padded field cannot go on; one without padding can.
        let code = if field.ends_with("AAAA") && !genuine.ends_with('=') && field.len() < 300_000 {
            "malformed_xml"
        } else {
            code
        };
        assert_eq!(judge(&field).map(|_| ()), Err(code), "{}", &field[..field.len().min(80)]);
    }
}

#[test]
fn documents_beyond_the_limits_are_not_looked_into() {
    let genuine = Draft::okta().xml();
    let inside =
        |piece: &str| genuine.replacen("<saml2p:Status>", &format!("{piece}<saml2p:Status>"), 1);
    let doctype =
        |subset: &str| genuine.replacen("?>", &format!("?><!DOCTYPE Response {subset}>"), 1);
    let entity = "[<!ENTITY a \"noor\">]";
    let laughs: String = (1..10)
        .map(|level| format!("<!ENTITY l{level} \"{}\">", format!("&l{};", level - 1).repeat(10)))
        .collect();
    refused(&[
        (
            "deep",
            inside(&format!("{}{}", "<saml2:a>".repeat(250), "</saml2:a>".repeat(250))),
            "too_deep",
        ),
        ("very deep", "<a>".repeat(60_000), "too_deep"),
        ("many elements", inside(&"<saml2:a/>".repeat(20_001)), "too_many_nodes"),
        ("many texts", inside(&"<saml2:a/>x".repeat(10_500)), "too_many_nodes"),
        (
            "many attributes",
            inside(&format!(
                "<saml2:a {}/>",
                (0..70).map(|n| format!("a{n}='' ")).collect::<String>()
            )),
            "too_many_attributes",
        ),
        (
            "many namespaces",
            inside(&format!(
                "<saml2:a {}/>",
                (0..64).map(|n| format!("xmlns:a{n}='a' ")).collect::<String>()
            )),
            "too_many_namespaces",
        ),
        ("large", inside(&" ".repeat(256 * 1024 + 1 - genuine.len())), "message_too_large"),
        ("DOCTYPE", doctype(""), "doctype"),
        ("entity", doctype(entity).replace("noor@", "&a;@"), "doctype"),
        ("external entity", doctype("[<!ENTITY a SYSTEM \"file:///etc/passwd\">]"), "doctype"),
        ("external subset", doctype("SYSTEM \"http://attacker.example/a.dtd\""), "doctype"),
        (
            "parameter entity",
            doctype("[<!ENTITY % a SYSTEM \"http://attacker.example/\"> %a;]"),
            "doctype",
        ),
        (
            "billion laughs",
            doctype(&format!("[<!ENTITY l0 \"ha\">{laughs}]")).replace("noor@", "&l9;@"),
            "doctype",
        ),
        ("default attribute", doctype("[<!ATTLIST Assertion ID CDATA \"a\">]"), "doctype"),
        ("undeclared entity", genuine.replacen("noor@", "&a;@", 1), "malformed_xml"),
        ("UTF-16 declared", genuine.replacen("UTF-8", "UTF-16", 1), "not_utf8"),
        ("another charset", genuine.replacen("UTF-8", "ISO-8859-1", 1), "not_utf8"),
        ("cut off", genuine[..genuine.len() / 2].to_owned(), "malformed_xml"),
        (
            "two roots",
            format!(
                "{genuine}<saml2p:Response xmlns:saml2p=\"urn:oasis:names:tc:SAML:2.0:protocol\"/>"
            ),
            "malformed_xml",
        ),
        ("text behind", format!("{genuine}x"), "malformed_xml"),
        ("a NUL", genuine.replacen("noor@", "noor\0@", 1), "malformed_xml"),
        ("a reference to NUL", genuine.replacen("noor@", "noor&#0;@", 1), "malformed_xml"),
        ("an unknown prefix", inside("<zzz:a/>"), "malformed_xml"),
        (
            "a repeated attribute",
            genuine.replacen("Version=\"2.0\"", "Version=\"2.0\" Version=\"2.0\"", 1),
            "malformed_xml",
        ),
        ("two default namespaces", inside("<a xmlns='urn:a' xmlns='urn:b'/>"), "malformed_xml"),
        ("empty", String::new(), "malformed_xml"),
    ]);
}

/// Canonicalization leaves comments out, so a signature holds with and without them: what stands
/// around them must not be taken for the whole (CVE-2017-11427 and its relatives).
#[test]
fn no_value_is_split() {
    let genuine = Draft::okta().xml();
    let email = "noor@birchwood.example<";
    let places = [
        (email, "NameID"),
        ("Engineering<", "a group"),
        (&*format!("{ENTITY_ID}<"), "the audience"),
        (&*format!("{ISSUER}<"), "the issuer"),
        ("</ds:DigestValue>", "the digest (CVE-2025-29775)"),
        ("<ds:SignedInfo>", "the signature (CVE-2025-29774)"),
        ("</saml2p:Response>", "the response"),
    ];
    for (place, name) in places {
        for (piece, code) in [
            ("<!---->", "comment"),
            ("<!-- .evil.example -->", "comment"),
            ("<?a b?>", "processing_instruction"),
            ("<![CDATA[]]>", "cdata"),
            ("<![CDATA[a]]>", "cdata"),
        ] {
            let at = place.find('<').unwrap();
            let split = format!("{}{piece}{}", &place[..at], &place[at..]);
            let xml = genuine.replacen(place, &split, 1);
            assert_ne!(xml, genuine, "{name}");
            assert_eq!(outcome(&xml, &expected()), code, "{piece} in {name}");
            // In the middle of the text as well.
            if at > 3 {
                let xml =
                    genuine.replacen(place, &format!("{}{piece}{}", &place[..3], &place[3..]), 1);
                assert_eq!(outcome(&xml, &expected()), code, "{piece} within {name}");
            }
        }
    }
    refused(&[
        (
            "an element in the NameID",
            drafted(|draft| draft.name_id = draft.name_id.replace("@", "<saml2:a/>@")),
            "mixed_content",
        ),
        (
            "an element in a group",
            drafted(|draft| {
                draft.attributes = draft.attributes.replace("Engineering", "Engine<saml2:a/>ering")
            }),
            "mixed_content",
        ),
        (
            "an element in the audience",
            drafted(|draft| {
                draft.conditions = draft.conditions.replace("/metadata", "/metadata<saml2:a/>")
            }),
            "mixed_content",
        ),
        (
            "an element in the issuer",
            drafted(|draft| {
                draft.issuer = draft.issuer.replace("</saml2:Issuer>", "<saml2:a/></saml2:Issuer>")
            }),
            "mixed_content",
        ),
        (
            "text between elements",
            drafted(|draft| draft.conditions.push_str("admin")),
            "mixed_content",
        ),
        (
            "an element in the digest",
            genuine.replacen("</ds:DigestValue>", "<ds:a/></ds:DigestValue>", 1),
            "mixed_content",
        ),
        (
            "a no-break space between elements",
            drafted(|draft| draft.conditions.push('\u{a0}')),
            "mixed_content",
        ),
    ]);
}

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
                draft.name_id = format!("<saml2:EncryptedID>{xenc}</saml2:EncryptedID>")
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
                draft.name_id = format!("{0}</saml2:Subject><saml2:Subject>{0}", draft.name_id)
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
                draft.confirmation_data.push_str("><saml2:NameID>a</saml2:NameID></saml2:SubjectConfirmationData><saml2:SubjectConfirmationData")
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
                draft.attributes.push_str("</saml2:AttributeStatement><saml2:AuthzDecisionStatement/><saml2:AttributeStatement>")
            }),
            "unexpected_element",
        ),
        (
            "two attribute statements",
            drafted(|draft| {
                draft.attributes = format!(
                    "{0}</saml2:AttributeStatement><saml2:AttributeStatement>{0}",
                    draft.attributes
                )
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
                    draft.attributes.replace(">Engineering<", "><saml2:NameID>a</saml2:NameID><")
            }),
            "mixed_content",
        ),
        (
            "no context",
            drafted(|draft| {
                draft
                    .authn_attributes
                    .push_str("/><saml2:AuthnStatement AuthnInstant=\"2026-11-27T09:30:00Z\"")
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

#[test]
fn signatures_are_by_known_keys_and_cover_what_is_read() {
    let genuine = Draft::okta().xml();
    let value = |xml: &str| {
        let (_, rest) = xml.split_once("<ds:SignatureValue>").unwrap();
        rest.split_once('<').unwrap().0.to_owned()
    };
    let signature_value = value(&genuine);
    let zeros = STANDARD.encode([0; 256]);
    let unsigned = Draft { response_signing: None, assertion_signing: None, ..Draft::okta() }.xml();
    let changed = |from: &str, to: &str| genuine.replace(from, to);
    refused(&[
        ("no signature at all", unsigned.clone(), "unsigned_assertion"),
        (
            "only the assertion's",
            drafted(|draft| draft.response_signing = None),
            "unsigned_response",
        ),
        (
            "only the response's",
            drafted(|draft| draft.assertion_signing = None),
            "unsigned_assertion",
        ),
        ("another organization's key", Draft::okta().xml_by(&OTHER), "unknown_key"),
        ("a value of zeros", changed(&signature_value, &zeros), "unknown_key"),
        ("an empty value", changed(&signature_value, ""), "unknown_key"),
        ("a value that is not base64", changed(&signature_value, "*"), "signature_encoding"),
        (
            "no value",
            changed(&format!("<ds:SignatureValue>{signature_value}</ds:SignatureValue>"), ""),
            "missing_element",
        ),
        (
            "an empty signature",
            changed(
                "<saml2p:Status>",
                "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"/><saml2p:Status>",
            ),
            "missing_element",
        ),
        ("another person", changed("noor@", "admin@"), "changed"),
        ("another group", changed("Engineering", "Admins"), "changed"),
        (
            "another prefix for the same namespace",
            changed("saml2:", "saml3:").replace(":saml2=", ":saml3="),
            "changed",
        ),
        (
            "white space that was not signed",
            changed("<saml2:Subject>", "<saml2:Subject> "),
            "changed",
        ),
    ]);
    // The key in the message is the attacker's, and so is the certificate there.
    let mut forged = Draft::okta();
    let certificate = |of: &saml::Certificate| STANDARD.encode(of.der());
    for signing in
        [&mut forged.response_signing, &mut forged.assertion_signing].into_iter().flatten()
    {
        signing.key_info = signing
            .key_info
            .replace(&certificate(&OKTA.certificate), &certificate(&OTHER.certificate));
    }
    assert_eq!(outcome(&forged.xml_by(&OTHER), &expected()), "unknown_key");
    // Only the response is forged around a genuine assertion, or the assertion in a genuine response.
    let draft = Draft { response_signing: None, ..Draft::okta() };
    let assertion_genuine = Signing::okta().sign(&OTHER, &draft.xml(), RESPONSE_ID);
    assert_eq!(outcome(&assertion_genuine, &expected()), "unknown_key");
    // A bad signature of the response is fatal even where none is asked for.
    assert_eq!(outcome(&assertion_genuine, &expected_assertion()), "unknown_key");
    let inner = Draft { response_signing: None, ..Draft::okta() }.xml_by(&OTHER);
    let response_genuine = Signing::okta().sign(&OKTA, &inner, RESPONSE_ID);
    assert_eq!(outcome(&response_genuine, &expected_assertion()), "unknown_key");
    // A connection without certificates lets nobody in.
    let none = Expected { certificates: &[], ..expected() };
    assert_eq!(outcome(&genuine, &none), "no_certificate");
    assert_eq!(outcome(&unsigned, &none), "unsigned_assertion");
}

#[test]
fn algorithms_are_of_one_family() {
    let by = |change: &dyn Fn(&mut Signing)| {
        drafted(|draft| {
            for signing in [&mut draft.response_signing, &mut draft.assertion_signing] {
                change(signing.as_mut().unwrap());
            }
        })
    };
    for (algorithm, code) in [
        ("http://www.w3.org/2000/09/xmldsig#rsa-sha1", "signature_algorithm"),
        ("http://www.w3.org/2001/04/xmldsig-more#rsa-md5", "signature_algorithm"),
        ("http://www.w3.org/2001/04/xmldsig-more#hmac-sha256", "signature_algorithm"),
        ("http://www.w3.org/2000/09/xmldsig#hmac-sha1", "signature_algorithm"),
        ("http://www.w3.org/2000/09/xmldsig#dsa-sha1", "signature_algorithm"),
        ("http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256", "signature_algorithm"),
        ("http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1", "signature_algorithm"),
        ("", "signature_algorithm"),
        ("none", "signature_algorithm"),
        // A signature by one algorithm that says it is of another.
        ("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256 ", "signature_algorithm"),
    ] {
        assert_eq!(
            outcome(&by(&|signing| signing.signature = algorithm.to_owned()), &expected()),
            code,
            "{algorithm}"
        );
    }
    let mixed = Draft::okta().xml().replace("rsa-sha256", "rsa-sha512");
    assert_eq!(outcome(&mixed, &expected()), "unknown_key");
    for digest in [
        "http://www.w3.org/2000/09/xmldsig#sha1",
        "http://www.w3.org/2001/04/xmldsig-more#md5",
        "http://www.w3.org/2001/04/xmlenc#ripemd160",
        "",
    ] {
        assert_eq!(
            outcome(&by(&|signing| signing.digest = digest.to_owned()), &expected()),
            "digest_algorithm",
            "{digest}"
        );
    }
    for canonicalization in [
        "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
        "http://www.w3.org/2001/10/xml-exc-c14n#WithComments",
        "http://www.w3.org/2006/12/xml-c14n11",
        "http://www.w3.org/2001/10/xml-exc-c14n",
        "urn:identity",
        "",
    ] {
        assert_eq!(
            outcome(
                &by(&|signing| signing.canonicalization = canonicalization.to_owned()),
                &expected()
            ),
            "canonicalization_algorithm",
            "{canonicalization}"
        );
    }
    let transform = |algorithm: &str, inner: &str| {
        format!("<ds:Transform Algorithm=\"{algorithm}\">{inner}</ds:Transform>")
    };
    let (enveloped, exclusive) = (transform(ENVELOPED, ""), transform(EXC_C14N, ""));
    let xpath = transform(
        "http://www.w3.org/TR/1999/REC-xpath-19991116",
        "<ds:XPath>not(ancestor-or-self::a)</ds:XPath>",
    );
    let prefixes = |list: &str| {
        transform(
            EXC_C14N,
            &format!(
                "<ec:InclusiveNamespaces xmlns:ec=\"{EXC_C14N}\" PrefixList=\"{list}\"></ec:InclusiveNamespaces>"
            ),
        )
    };
    for (name, transforms, code) in [
        ("none", String::new(), "transforms"),
        ("only one", exclusive.clone(), "transforms"),
        ("only enveloped", enveloped.clone(), "transforms"),
        ("the other order", exclusive.clone() + &enveloped, "transforms"),
        ("three", enveloped.clone() + &exclusive + &exclusive, "transforms"),
        ("500", enveloped.clone() + &exclusive.repeat(499), "transforms"),
        ("XPath", enveloped.clone() + &xpath, "transforms"),
        ("XPath first", xpath + &exclusive, "transforms"),
        (
            "XSLT",
            enveloped.clone() + &transform("http://www.w3.org/TR/1999/REC-xslt-19991116", ""),
            "transforms",
        ),
        (
            "base64",
            enveloped.clone() + &transform("http://www.w3.org/2000/09/xmldsig#base64", ""),
            "transforms",
        ),
        (
            "with comments",
            enveloped.clone()
                + &transform("http://www.w3.org/2001/10/xml-exc-c14n#WithComments", ""),
            "transforms",
        ),
        ("something in enveloped", transform(ENVELOPED, "<ds:a/>") + &exclusive, "transforms"),
        ("nine prefixes", enveloped.clone() + &prefixes("a b c d e f g h i"), "transforms"),
        (
            "no list",
            enveloped.clone() + &prefixes("").replace(" PrefixList=\"\"", ""),
            "missing_attribute",
        ),
        (
            "two lists",
            enveloped.clone()
                + &prefixes("a").replace("</ds:Transform>", "<ds:a></ds:a></ds:Transform>"),
            "unexpected_element",
        ),
    ] {
        let xml = by(&|signing| signing.transforms = Some(transforms.clone()));
        assert_eq!(outcome(&xml, &expected()), code, "{name}");
    }
    // Prefixes that are in scope nowhere change nothing; the order of the list neither.
    let eight = by(&|signing| {
        signing.transforms = Some(enveloped.clone() + &prefixes("h g f e d c b xs"));
    });
    assert_eq!(outcome(&eight, &expected()), "let in: noor@birchwood.example");
}

#[test]
fn a_signature_refers_to_its_own_element() {
    let referring = |reference: &str| {
        drafted(|draft| {
            let signing = draft.assertion_signing.as_mut().unwrap();
            signing.reference = Some(reference.to_owned());
        })
    };
    for reference in [
        "",
        "#",
        "#evil",
        ASSERTION_ID,
        &format!("#{RESPONSE_ID}"),
        &format!("##{ASSERTION_ID}"),
        &format!("#{ASSERTION_ID} "),
        &format!("#xpointer(id('{ASSERTION_ID}'))"),
        "#xpointer(/)",
        "http://attacker.example/",
        &format!("https://doorward.example/#{ASSERTION_ID}"),
        "file:///etc/passwd",
    ] {
        assert_eq!(outcome(&referring(reference), &expected()), "reference", "{reference}");
    }
    let genuine = Draft::okta().xml();
    let reference =
        genuine.split_once("<ds:Reference ").unwrap().1.split_once("</ds:Reference>").unwrap().0;
    let reference = format!("<ds:Reference {reference}</ds:Reference>");
    let signed_info =
        genuine.split_once("<ds:SignedInfo>").unwrap().1.split_once("</ds:SignedInfo>").unwrap().0;
    let signed_info = format!("<ds:SignedInfo>{signed_info}</ds:SignedInfo>");
    refused(&[
        (
            "two references",
            genuine.replacen(&reference, &reference.repeat(2), 1),
            "unexpected_element",
        ),
        ("no reference", genuine.replacen(&reference, "", 1), "missing_element"),
        ("no URI", genuine.replacen(" URI=", " Type=", 1), "missing_attribute"),
        (
            "two SignedInfo (CVE-2025-29774)",
            genuine.replacen(&signed_info, &signed_info.repeat(2), 1),
            "missing_element",
        ),
        (
            "a manifest",
            genuine.replacen(
                "</ds:Signature>",
                "<ds:Object><ds:Manifest/></ds:Object></ds:Signature>",
                1,
            ),
            "unexpected_element",
        ),
        (
            "two digests",
            genuine.replacen(
                "</ds:DigestValue>",
                "</ds:DigestValue><ds:DigestValue>AAAA</ds:DigestValue>",
                1,
            ),
            "unexpected_element",
        ),
        (
            "a truncated HMAC",
            genuine.replacen(
                "</ds:SignatureMethod>",
                "<ds:HMACOutputLength>8</ds:HMACOutputLength></ds:SignatureMethod>",
                1,
            ),
            "unexpected_element",
        ),
        (
            "a digest elsewhere (CVE-2024-45409)",
            genuine.replacen(
                "<saml2p:StatusCode ",
                "<ds:DigestValue xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">AAAA</ds:DigestValue><saml2p:StatusCode ",
                1,
            ),
            "missing_element",
        ),
        (
            "an empty digest",
            {
                let digest =
                    reference.split_once("<ds:DigestValue>").unwrap().1.split_once('<').unwrap().0;
                genuine.replacen(digest, "", 1)
            },
            "unknown_key",
        ),
    ]);
}

#[test]
fn version_issuer_and_addresses_are_ours() {
    let version = |attributes: &str| attributes.replace("\"2.0\"", "\"1.1\"");
    let (mut in_response, mut in_assertion) = (Draft::okta(), Draft::okta());
    let issuer = |text: &str| {
        Draft { issuer: format!("<saml2:Issuer>{text}</saml2:Issuer>"), ..Draft::okta() }.xml()
    };
    in_response.response_attributes = version(&in_response.response_attributes);
    in_assertion.assertion_attributes = version(&in_assertion.assertion_attributes);
    let mut cases = vec![
        ("version of the response", in_response.xml(), "version"),
        ("version of the assertion", in_assertion.xml(), "version"),
        (
            "no version",
            drafted(|draft| {
                draft.response_attributes = draft.response_attributes.replace("Version=\"2.0\"", "")
            }),
            "missing_attribute",
        ),
        ("another issuer", issuer("http://www.okta.com/exkOther"), "issuer"),
        ("a longer issuer", issuer(&format!("{ISSUER}/")), "issuer"),
        ("an issuer with a blank", issuer(&format!(" {ISSUER}")), "issuer"),
        ("another case", issuer(&ISSUER.to_uppercase()), "issuer"),
        ("no issuer", issuer(""), "issuer"),
        (
            "no destination",
            drafted(|draft| {
                draft.response_attributes =
                    draft.response_attributes.replace(&format!("Destination=\"{ACS_URL}\""), "")
            }),
            "missing_attribute",
        ),
        (
            "no recipient",
            drafted(|draft| {
                draft.confirmation_data =
                    draft.confirmation_data.replace(&format!("Recipient=\"{ACS_URL}\""), "")
            }),
            "missing_attribute",
        ),
    ];
    for other in [
        "",
        "https://doorward.example/saml/okta-cedar/acs",
        "https://doorward.example/saml/okta-birchwood/acs/",
        "https://doorward.example/saml/okta-birchwood/acs?a",
        "https://doorward.example/saml/okta-birchwood/acs.evil.example",
        "http://doorward.example/saml/okta-birchwood/acs",
        "https://DOORWARD.example/saml/okta-birchwood/acs",
        "https://doorward.example:443/saml/okta-birchwood/acs",
        " https://doorward.example/saml/okta-birchwood/acs",
    ] {
        cases.push((
            "destination",
            drafted(|draft| {
                draft.response_attributes = draft.response_attributes.replace(ACS_URL, other)
            }),
            "destination",
        ));
        cases.push((
            "recipient",
            drafted(|draft| {
                draft.confirmation_data = draft.confirmation_data.replace(ACS_URL, other)
            }),
            "recipient",
        ));
    }
    refused(&cases);
}

#[test]
fn a_message_is_for_us_and_fulfils_its_conditions() {
    let restriction = |audiences: &[&str]| {
        let audiences: String = audiences
            .iter()
            .map(|text| format!("<saml2:Audience>{text}</saml2:Audience>"))
            .collect();
        format!("<saml2:AudienceRestriction>{audiences}</saml2:AudienceRestriction>")
    };
    let ours = restriction(&[ENTITY_ID]);
    let with = |conditions: String| drafted(|draft| draft.conditions = conditions);
    refused(&[
        ("no audience", with(String::new()), "no_audience"),
        ("an empty restriction", with(restriction(&[])), "audience"),
        ("another audience", with(restriction(&["https://other.example"])), "audience"),
        ("a longer audience", with(restriction(&[&format!("{ENTITY_ID}2")])), "audience"),
        ("a shorter audience", with(restriction(&[&ENTITY_ID[..20]])), "audience"),
        ("an audience with a blank", with(restriction(&[&format!("{ENTITY_ID} ")])), "audience"),
        (
            "ours and a restriction to others",
            with(ours.clone() + &restriction(&["https://other.example"])),
            "audience",
        ),
        ("only once", with("<saml2:OneTimeUse/>".to_owned()), "no_audience"),
        (
            "a condition that nobody knows",
            with(ours.clone() + "<saml2:Condition/>"),
            "unknown_condition",
        ),
        (
            "a proxy restriction",
            with(ours.clone() + "<saml2:ProxyRestriction Count=\"0\"/>"),
            "unknown_condition",
        ),
        (
            "something in OneTimeUse",
            with(ours.clone() + "<saml2:OneTimeUse><saml2:a/></saml2:OneTimeUse>"),
            "unexpected_element",
        ),
        (
            "something in the restriction",
            with(ours.replace("<saml2:Audience>", "<saml2:a/><saml2:Audience>")),
            "unexpected_element",
        ),
        (
            "holder of key",
            drafted(|draft| draft.method = draft.method.replace("bearer", "holder-of-key")),
            "confirmation_method",
        ),
        (
            "sender vouches",
            drafted(|draft| draft.method = draft.method.replace("bearer", "sender-vouches")),
            "confirmation_method",
        ),
    ]);
    for good in [
        restriction(&["https://other.example", ENTITY_ID]),
        ours.clone() + &ours,
        format!("{ours}<saml2:OneTimeUse/>"),
    ] {
        assert_eq!(
            outcome(&with(good.clone()), &expected()),
            "let in: noor@birchwood.example",
            "{good}"
        );
    }
}

/// Each time at the last moment that is good and at the first that is not.
#[test]
fn times_have_a_minute_of_grace() {
    let good = "let in: noor@birchwood.example";
    let issued = |part: &str, seconds: i64| {
        drafted(|draft| {
            let attributes = if part == "Response" {
                &mut draft.response_attributes
            } else {
                &mut draft.assertion_attributes
            };
            *attributes = attributes.replace(&at(0), &at(seconds));
        })
    };
    let conditions = |from: i64, to: i64| {
        drafted(|draft| {
            draft.conditions_attributes =
                format!("NotBefore=\"{}\" NotOnOrAfter=\"{}\"", at(from), at(to))
        })
    };
    let confirmation = |to: i64| {
        drafted(|draft| {
            draft.confirmation_data = draft.confirmation_data.replace(&at(300), &at(to))
        })
    };
    let session = |to: i64| {
        drafted(|draft| draft.authn_attributes += &format!(" SessionNotOnOrAfter=\"{}\"", at(to)))
    };
    refused(&[
        ("the response ahead", issued("Response", 60), good),
        ("the response too far ahead", issued("Response", 61), "issued_in_future"),
        ("the assertion too far ahead", issued("Assertion", 61), "issued_in_future"),
        ("the response old", issued("Response", -3_659), good),
        ("the response too old", issued("Response", -3_660), "issued_long_ago"),
        ("the assertion too old", issued("Assertion", -3_660), "issued_long_ago"),
        ("soon valid", conditions(60, 300), good),
        ("not yet valid", conditions(61, 300), "not_yet_valid"),
        ("just expired", conditions(-300, -59), good),
        ("expired", conditions(-300, -60), "expired"),
        ("confirmation just expired", confirmation(-59), good),
        ("confirmation expired", confirmation(-60), "expired"),
        ("session just over", session(-59), good),
        ("session over", session(-60), "session_expired"),
    ]);
    let replaced = |from: &str, to: &str| {
        drafted(|draft| {
            for text in [
                &mut draft.conditions_attributes,
                &mut draft.confirmation_data,
                &mut draft.response_attributes,
                &mut draft.authn_attributes,
            ] {
                *text = text.replace(from, to);
            }
        })
    };
    refused(&[
        ("no NotBefore", replaced(&format!("NotBefore=\"{}\"", at(-300)), ""), "missing_attribute"),
        (
            "no NotOnOrAfter",
            replaced(&format!("NotOnOrAfter=\"{}\"", at(300)), ""),
            "missing_attribute",
        ),
        ("no IssueInstant", replaced("IssueInstant=", "Consent="), "missing_attribute"),
        ("no AuthnInstant", replaced("AuthnInstant=", "a="), "missing_attribute"),
        (
            "a NotBefore of the confirmation",
            drafted(|draft| draft.confirmation_data += &format!(" NotBefore=\"{}\"", at(-300))),
            "confirmation_not_before",
        ),
        ("an empty time", replaced(&at(300), ""), "moment"),
        ("another zone", replaced(&at(300), "2026-11-27T10:35:00+01:00"), "moment"),
        ("no zone", replaced(&at(300), "2026-11-27T09:35:00"), "moment"),
        ("a date", replaced(&at(300), "2099-01-01"), "moment"),
        ("an impossible day", replaced(&at(300), "2026-02-30T00:00:00Z"), "moment"),
        ("a year beyond", replaced(&at(300), "99999-01-01T00:00:00Z"), "moment"),
        (
            "an empty session end",
            drafted(|draft| draft.authn_attributes += " SessionNotOnOrAfter=\"\""),
            "moment",
        ),
    ]);
}

#[test]
fn a_response_answers_the_request_of_this_browser() {
    let request = format!("InResponseTo=\"{REQUEST}\"");
    let in_response = |to: &str| {
        drafted(|draft| draft.response_attributes = draft.response_attributes.replace(&request, to))
    };
    let in_assertion = |to: &str| {
        drafted(|draft| draft.confirmation_data = draft.confirmation_data.replace(&request, to))
    };
    let other = "InResponseTo=\"_other\"";
    refused(&[
        ("another request", in_response(other), "in_response_to"),
        ("another request in the assertion", in_assertion(other), "in_response_to"),
        ("an empty one", in_response("InResponseTo=\"\""), "in_response_to"),
        ("none", in_response(""), "no_in_response_to"),
        ("none in the assertion", in_assertion(""), "no_in_response_to"),
        ("unsolicited", Draft::unsolicited().xml(), "no_in_response_to"),
    ]);
    // No request of an empty name is pending, but a mistake there must not open the door.
    let unsolicited = Expected { in_response_to: InResponseTo::Unsolicited, ..expected() };
    for xml in [Draft::okta().xml(), in_response(""), in_assertion("")] {
        assert_eq!(outcome(&xml, &unsolicited), "unexpected_in_response_to");
    }
    let aged = |seconds: i64| {
        let mut draft = Draft::unsolicited();
        draft.assertion_attributes = draft.assertion_attributes.replace(&at(0), &at(seconds));
        outcome(&draft.xml(), &unsolicited)
    };
    assert_eq!(aged(-119), "let in: noor@birchwood.example");
    assert_eq!(aged(-120), "issued_long_ago");
}

#[test]
fn a_name_is_plain() {
    let name = |text: &str| {
        drafted(|draft| draft.name_id = format!("<saml2:NameID>{text}</saml2:NameID>"))
    };
    for text in [
        "",
        " ",
        " noor",
        "noor ",
        "noor\u{a0}",
        "noor\n",
        "no&#xA;or",
        "no\tor",
        "no&#x85;or",
        "no\u{7f}or",
        "no\u{202e}or",
        "no\u{2066}or",
        "\u{3000}noor",
        &"é".repeat(257),
    ] {
        assert_eq!(outcome(&name(text), &expected()), "name_id", "{text:?}");
    }
    for text in ["n", "noor haddad", "Nóör", &"é".repeat(256), "CN=noor,OU=a&amp;b", "00u1abc"] {
        assert!(outcome(&name(text), &expected()).starts_with("let in"), "{text:?}");
    }
    // It is not folded: two names that differ in case are two names.
    let upper = Draft { name_id: "<saml2:NameID>Noor</saml2:NameID>".to_owned(), ..Draft::okta() };
    assert_eq!(outcome(&upper.xml(), &expected()), "let in: Noor");
}

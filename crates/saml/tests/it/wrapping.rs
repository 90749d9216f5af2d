//! Signature wrapping (XSW1 to XSW8), identifiers in several places, and signatures of other messages:
//! a genuine signature, and a content of the attacker's choice.

use roxmltree::Document;

use crate::provider::{
    ASSERTION_ID, Draft, OKTA, RESPONSE_ID, Signing, expected, expected_assertion, outcome, with_id,
};

/// The element with this `ID`, as it stands in the text.
fn element(xml: &str, id: &str) -> String {
    let document = Document::parse(xml).unwrap();
    xml[with_id(&document, id).range()].to_owned()
}

/// The signature of the element with this `ID`.
fn signature(xml: &str, id: &str) -> String {
    let document = Document::parse(xml).unwrap();
    let signature = with_id(&document, id).first_element_child().unwrap();
    xml[signature.next_sibling_element().unwrap().range()].to_owned()
}

/// The text of an element, with something put behind its first child.
fn behind_issuer(element: &str, piece: &str) -> String {
    let issuer_end = "</saml2:Issuer>";
    element.replacen(issuer_end, &format!("{issuer_end}{piece}"), 1)
}

fn before_end(element: &str, piece: &str) -> String {
    let at = element.rfind("</").unwrap();
    format!("{}{piece}{}", &element[..at], &element[at..])
}

fn evil(text: &str) -> String {
    text.replace("noor@birchwood.example", "admin@birchwood.example")
}

struct Pieces {
    genuine: String,
    response_signature: String,
    assertion: String,
    assertion_signature: String,
    /// The genuine assertion as it was before it was signed.
    bare_assertion: String,
    /// Unsigned, for somebody else, under another `ID`.
    evil_assertion: String,
    draft: Draft,
}

fn pieces() -> Pieces {
    // The wrapped content stands alone: it declares what it uses.
    let draft = Draft { response_signing: None, ..Draft::okta() };
    let genuine = Draft::okta().xml();
    let bare_assertion = draft.assertion();
    Pieces {
        response_signature: signature(&genuine, RESPONSE_ID),
        assertion: element(&genuine, ASSERTION_ID),
        assertion_signature: signature(&genuine, ASSERTION_ID),
        evil_assertion: evil(&bare_assertion).replace(ASSERTION_ID, "evil"),
        bare_assertion,
        genuine,
        draft,
    }
}

#[test]
fn wrapped_responses_are_refused() {
    let p = pieces();
    let original = p.genuine.replace(&p.response_signature, "");
    let original = original.split_once("?>").unwrap().1.to_owned();
    let evil_response = evil(&p.draft.response(&p.bare_assertion))
        .replace(RESPONSE_ID, "evil")
        .replace(ASSERTION_ID, "evil2");
    for (name, xml, code) in [
        (
            "XSW1: the original inside of its signature",
            behind_issuer(&evil_response, &before_end(&p.response_signature, &original)),
            "unsigned_assertion",
        ),
        (
            "XSW1, with the assertion signed as well",
            behind_issuer(
                &evil(&p.draft.response(&p.assertion)).replace(RESPONSE_ID, "evil"),
                &before_end(&p.response_signature, &original.replace(ASSERTION_ID, "moved")),
            ),
            "unexpected_element",
        ),
        (
            "XSW2: the original before its signature",
            behind_issuer(&evil_response, &format!("{original}{}", p.response_signature)),
            "missing_element",
        ),
        (
            "the original as the last child",
            before_end(&behind_issuer(&evil_response, &p.response_signature), &original),
            "unsigned_assertion",
        ),
        (
            "the original in a root of its own",
            format!("<samlp:Wrapper xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\">{evil_response}{original}</samlp:Wrapper>")
                .replace("<?xml version=\"1.0\" encoding=\"UTF-8\"?>", ""),
            "not_a_response",
        ),
    ] {
        assert_eq!(outcome(&xml, &expected()), code, "{name}");
        let lenient = outcome(&xml, &expected_assertion());
        assert!(!lenient.starts_with("let in"), "{name}: {lenient}");
    }
}

#[test]
fn wrapped_assertions_are_refused() {
    let p = pieces();
    let around = |assertions: &str| p.draft.response(assertions);
    let evil_signed = behind_issuer(&p.evil_assertion, &p.assertion_signature);
    let in_object = |content: &str| {
        before_end(&p.assertion_signature, &format!("<ds:Object>{content}</ds:Object>"))
    };
    let extensions = |content: &str| format!("<saml2p:Extensions>{content}</saml2p:Extensions>");
    let moved = p.assertion.replace(ASSERTION_ID, "moved");
    for (name, xml, code) in [
        (
            "XSW3: the forged one first",
            around(&(p.evil_assertion.clone() + &p.assertion)),
            "unsigned_assertion",
        ),
        (
            "the forged one last",
            around(&(p.assertion.clone() + &p.evil_assertion)),
            "unexpected_element",
        ),
        ("two genuine ones", around(&(p.assertion.clone() + &moved)), "unexpected_element"),
        (
            "XSW4: the original in the forged one",
            around(&before_end(&evil_signed, &p.bare_assertion)),
            "unexpected_element",
        ),
        (
            "XSW4, unsigned",
            around(&before_end(&p.evil_assertion, &p.assertion)),
            "unsigned_assertion",
        ),
        (
            "XSW5: the original at the end",
            around(&(evil_signed.clone() + &p.bare_assertion)),
            "unexpected_element",
        ),
        (
            "XSW6: the original inside of its signature",
            around(&behind_issuer(
                &p.evil_assertion,
                &before_end(&p.assertion_signature, &p.bare_assertion),
            )),
            "unexpected_element",
        ),
        (
            "XSW7: the original in an extension",
            behind_issuer(&around(&evil_signed), &extensions(&p.assertion)),
            "missing_element",
        ),
        (
            "XSW8: the original in an Object",
            around(&behind_issuer(&p.evil_assertion, &in_object(&p.bare_assertion))),
            "unexpected_element",
        ),
        (
            "the original in the subject's confirmation data",
            around(&evil_signed.replacen(
                "<saml2:SubjectConfirmationData",
                &format!("{}<saml2:SubjectConfirmationData", p.bare_assertion),
                1,
            )),
            "missing_element",
        ),
        (
            "the original in the Advice",
            around(&evil_signed.replacen(
                "<saml2:AuthnStatement",
                &format!("<saml2:Advice>{}</saml2:Advice><saml2:AuthnStatement", p.bare_assertion),
                1,
            )),
            "missing_element",
        ),
        ("a signature of another element", around(&evil_signed), "reference"),
        (
            "an ID of two elements",
            around(&evil_signed.replace("\"evil\"", &format!("\"{ASSERTION_ID}\""))),
            "changed",
        ),
        (
            "two signatures",
            around(&behind_issuer(&p.assertion, &p.assertion_signature)),
            "missing_element",
        ),
        (
            "a signature at the end",
            around(&before_end(&p.bare_assertion, &p.assertion_signature)),
            "unsigned_assertion",
        ),
        (
            "a signature of the response in the assertion",
            around(&behind_issuer(&p.bare_assertion, &p.response_signature)),
            "reference",
        ),
        (
            "a signature of the assertion in the response",
            behind_issuer(&around(&p.assertion), &p.assertion_signature),
            "reference",
        ),
    ] {
        assert_eq!(outcome(&xml, &expected_assertion()), code, "{name}");
    }
}

/// SAML core §5.4.2: what an ID is, no one else may say.
#[test]
fn identifiers_stand_where_they_belong() {
    let both = |from: &str, to: &str| {
        let genuine = Draft::okta();
        let xml = genuine.response(&genuine.assertion()).replacen(from, to, 1);
        outcome(&xml, &expected())
    };
    let subject = "<saml2:Subject>";
    for (from, to, code) in [
        (subject, format!("<saml2:Subject ID=\"{ASSERTION_ID}\">"), "unexpected_id"),
        (subject, "<saml2:Subject Id=\"a\">".to_owned(), "unexpected_id"),
        (subject, "<saml2:Subject id=\"a\">".to_owned(), "unexpected_id"),
        (subject, "<saml2:Subject xml:id=\"a\">".to_owned(), "foreign_attribute"),
        (
            subject,
            "<saml2:Subject xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:ID=\"a\">"
                .to_owned(),
            "unexpected_id",
        ),
        (ASSERTION_ID, RESPONSE_ID.to_owned(), "duplicate_id"),
        (ASSERTION_ID, "9a".to_owned(), "malformed_id"),
        (ASSERTION_ID, String::new(), "malformed_id"),
        (ASSERTION_ID, "a b".to_owned(), "malformed_id"),
        (ASSERTION_ID, "a'or'1".to_owned(), "malformed_id"),
        (ASSERTION_ID, "é".to_owned(), "malformed_id"),
        (ASSERTION_ID, "a".repeat(257), "malformed_id"),
        (&format!(" ID=\"{RESPONSE_ID}\""), String::new(), "missing_attribute"),
        (
            &format!("ID=\"{ASSERTION_ID}\""),
            format!("ID=\"{ASSERTION_ID}\" Id=\"b\""),
            "unexpected_id",
        ),
        (
            &format!("ID=\"{ASSERTION_ID}\""),
            format!("ID=\"{ASSERTION_ID}\" ID=\"b\""),
            "malformed_xml",
        ),
        (&format!("ID=\"{ASSERTION_ID}\""), format!("id=\"{ASSERTION_ID}\""), "unexpected_id"),
    ] {
        assert_eq!(both(from, &to), code, "{to}");
    }
    // Tolerated on a signature, and never looked up.
    let with_id = Draft::okta().xml();
    let polluted =
        |id: &str| with_id.replace("<ds:Signature ", &format!("<ds:Signature Id=\"{id}\" "));
    assert_eq!(outcome(&polluted("signature"), &expected()), "duplicate_id");
    let inner_only = |id: &str| {
        let draft = Draft { response_signing: None, ..Draft::okta() };
        draft.xml().replace("<ds:Signature ", &format!("<ds:Signature Id=\"{id}\" "))
    };
    assert_eq!(
        outcome(&inner_only("signature"), &expected_assertion()),
        "let in: noor@birchwood.example"
    );
    assert_eq!(outcome(&inner_only(ASSERTION_ID), &expected_assertion()), "duplicate_id");
}

/// The provider's key also signs other things.
#[test]
fn signatures_of_other_messages_do_not_serve() {
    let namespaces = "xmlns:saml2p=\"urn:oasis:names:tc:SAML:2.0:protocol\" \
                      xmlns:saml2=\"urn:oasis:names:tc:SAML:2.0:assertion\" \
                      xmlns:xs=\"http://www.w3.org/2001/XMLSchema\"";
    let p = pieces();
    // Which of them has an ID at all is decided before what the message is.
    for (name, code) in [
        ("saml2p:LogoutResponse", "unexpected_id"),
        ("saml2p:AuthnRequest", "unexpected_id"),
        ("saml2p:response", "unexpected_id"),
        ("saml2:Response", "unexpected_id"),
        ("saml2:Assertion", "not_a_response"),
    ] {
        let other = format!(
            "<{name} {namespaces} ID=\"{RESPONSE_ID}\"><saml2:Issuer>x</saml2:Issuer></{name}>"
        );
        let signed = Signing::okta().sign(&OKTA, &other, RESPONSE_ID);
        assert_eq!(outcome(&signed, &expected()), code, "{name}");
        // Its signature in a response under the same ID.
        let stolen = signature(&signed, RESPONSE_ID);
        let forged = behind_issuer(&p.draft.response(&p.assertion), &stolen);
        assert_eq!(outcome(&forged, &expected()), "changed", "{name}");
    }
}

//! Keys, algorithms, transforms, references.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use saml::Expected;

use super::{drafted, refused};
use crate::provider::{
    ASSERTION_ID, Draft, ENVELOPED, EXC_C14N, OKTA, OTHER, RESPONSE_ID, Signing, expected,
    expected_assertion, outcome,
};

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
    // A connection without certificates lets no one in.
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

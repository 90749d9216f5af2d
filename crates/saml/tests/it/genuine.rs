//! What providers send is let in, with everything it says.

use jiff::SignedDuration;
use saml::{Expected, InResponseTo, Remark, Unverified, VerifiedAssertion};

use crate::provider::{
    ACS_URL, ASSERTION_ID, Draft, ENTITY_ID, EXPIRED, ISSUER, OKTA, OTHER, REQUEST, Signing, at,
    expected, expected_assertion, now, outcome, verify,
};

fn is_noor(assertion: &VerifiedAssertion) {
    assert_eq!(assertion.id(), ASSERTION_ID);
    assert_eq!(assertion.issuer(), ISSUER);
    assert_eq!(assertion.name_id().value(), "noor@birchwood.example");
    let format = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress";
    assert_eq!(assertion.name_id().format(), Some(format));
    let attributes = assertion.attributes();
    assert_eq!(attributes.email(), Some("noor@birchwood.example"));
    assert_eq!(attributes.given_name(), Some("Nóör"));
    assert_eq!(attributes.family_name(), Some("Haddad & Söhne"));
    assert_eq!(attributes.display_name(), None);
    assert_eq!(attributes.groups(), ["Engineering", "Doorward <Admins>"]);
    assert_eq!(assertion.session_index(), Some(REQUEST));
    assert_eq!(assertion.authn_instant(), now() - SignedDuration::from_secs(5));
    let class = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport";
    assert_eq!(assertion.authn_context_class(), Some(class));
    assert_eq!(assertion.session_not_on_or_after(), None);
    assert_eq!(assertion.certificate(), OKTA.certificate.fingerprint());
}

#[test]
fn okta_signs_noor_in() {
    let assertion = verify(&Draft::okta().xml(), &expected()).unwrap();
    is_noor(&assertion);
    assert_eq!(assertion.remarks(), []);
}

#[test]
fn entra_and_google_sign_noor_in() {
    for draft in [Draft::entra(), Draft::google()] {
        let assertion = verify(&draft.xml(), &expected_assertion()).unwrap();
        is_noor(&assertion);
        assert_eq!(assertion.remarks(), [Remark::ResponseUnsigned]);
        assert_eq!(outcome(&draft.xml(), &expected()), "unsigned_response");
    }
}

#[test]
fn white_space_line_ends_and_stronger_hashes_do_not_matter() {
    let okta = Draft::okta();
    let pretty = Draft {
        attributes: okta.attributes.replace("><", ">\r\n    <"),
        conditions: okta.conditions.replace("><", ">\n\t<"),
        ..okta.clone()
    };
    is_noor(&verify(&pretty.xml(), &expected()).unwrap());
    for (signature, digest) in [
        ("rsa-sha384", "http://www.w3.org/2001/04/xmldsig-more#sha384"),
        ("rsa-sha512", "http://www.w3.org/2001/04/xmlenc#sha512"),
    ] {
        let signing = Signing {
            signature: format!("http://www.w3.org/2001/04/xmldsig-more#{signature}"),
            digest: digest.to_owned(),
            ..Signing::okta()
        };
        let draft = Draft {
            response_signing: Some(signing.clone()),
            assertion_signing: Some(signing),
            ..okta.clone()
        };
        is_noor(&verify(&draft.xml(), &expected()).unwrap());
    }
}

#[test]
fn a_second_certificate_and_an_expired_one_verify() {
    let certificates = [OTHER.certificate.clone(), EXPIRED.certificate.clone()];
    let expected = Expected { certificates: &certificates, ..expected() };
    let assertion = verify(&Draft::okta().xml_by(&EXPIRED), &expected).unwrap();
    assert_eq!(assertion.certificate(), EXPIRED.certificate.fingerprint());
    assert_eq!(
        assertion.remarks(),
        [Remark::CertificateExpired {
            certificate: EXPIRED.certificate.fingerprint(),
            not_after: EXPIRED.certificate.not_after(),
        }]
    );
    let assertion = verify(&Draft::okta().xml_by(&OTHER), &expected).unwrap();
    assert_eq!(assertion.certificate(), OTHER.certificate.fingerprint());
}

#[test]
fn a_person_in_no_group_and_without_attributes_is_let_in() {
    let draft = Draft { attributes: String::new(), ..Draft::okta() };
    let assertion = verify(&draft.xml(), &expected()).unwrap();
    assert_eq!(assertion.attributes().iter().count(), 0);
    assert_eq!(assertion.attributes().groups(), Vec::<&str>::new());
}

#[test]
fn pieces_of_an_attribute_are_one() {
    let mut draft = Draft::okta();
    draft.attributes += &draft.attributes.clone();
    draft.attributes += "<saml2:Attribute Name=\"mail\"/><saml2:Attribute Name=\"empty\"><saml2:AttributeValue/></saml2:Attribute>";
    let assertion = verify(&draft.xml(), &expected()).unwrap();
    let attributes = assertion.attributes();
    assert_eq!(attributes.values("groups").len(), 4);
    assert_eq!(attributes.values("empty"), [""]);
    assert_eq!(attributes.first(&["mail", "empty", "firstName"]), Some("Nóör"));
    let names: Vec<&str> = attributes.iter().map(saml::Attribute::name).collect();
    assert_eq!(names, ["email", "firstName", "lastName", "groups", "mail", "empty"]);
}

#[test]
fn an_unsolicited_response_is_let_in_where_that_is_allowed() {
    let expected = Expected { in_response_to: InResponseTo::Unsolicited, ..expected() };
    is_noor(&verify(&Draft::unsolicited().xml(), &expected).unwrap());
}

#[test]
fn the_session_ends_when_the_provider_says() {
    let mut draft = Draft::okta();
    draft.authn_attributes += &format!(" SessionNotOnOrAfter=\"{}\"", at(3_600));
    let assertion = verify(&draft.xml(), &expected()).unwrap();
    assert_eq!(assertion.session_not_on_or_after(), Some(now() + SignedDuration::from_secs(3_600)));
}

/// An id that is remembered so long cannot be used twice.
#[test]
fn an_assertion_is_refused_from_the_moment_its_id_may_be_forgotten() {
    let valid = |seconds| {
        let mut draft = Draft::okta();
        draft.conditions_attributes =
            format!("NotBefore=\"{}\" NotOnOrAfter=\"{}\"", at(-300), at(seconds));
        draft.confirmation_data = draft.confirmation_data.replace(&at(300), &at(9_000));
        draft
    };
    for draft in [Draft::okta(), valid(60), valid(9_000), valid(7_999_999_999)] {
        use base64::{Engine as _, engine::general_purpose::STANDARD};
        let field = STANDARD.encode(draft.xml());
        let until = saml::verify(&field, &expected(), now()).unwrap().replay_until();
        let just_before = until - SignedDuration::from_millis(1);
        assert!(saml::verify(&field, &expected(), just_before).is_ok(), "{until}");
        assert!(saml::verify(&field, &expected(), until).is_err(), "{until}");
    }
}

#[test]
fn a_test_sign_in_shows_what_arrived() {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    let mut draft = Draft::okta();
    draft.name_id = draft.name_id.replace("noor@", "noor\u{202e}@");
    assert_eq!(outcome(&draft.xml(), &expected()), "name_id");
    let seen = Unverified::read(&STANDARD.encode(draft.xml_by(&OTHER))).unwrap();
    let text = |shown: &Option<saml::Shown>| shown.as_ref().unwrap().to_string();
    assert_eq!(text(&seen.issuer), ISSUER);
    assert_eq!(text(&seen.destination), ACS_URL);
    assert_eq!(text(&seen.in_response_to), REQUEST);
    assert_eq!(text(&seen.issue_instant), at(0));
    assert_eq!(text(&seen.name_id), "noor\\u{202e}@birchwood.example");
    assert_eq!(text(&seen.status), "urn:oasis:names:tc:SAML:2.0:status:Success");
    assert_eq!(seen.audiences[0].to_string(), ENTITY_ID);
    let (name, values) = seen.attributes.last().unwrap();
    assert_eq!(name.to_string(), "groups");
    assert_eq!(values[1].to_string(), "Doorward <Admins>");
    assert!(seen.response_has_signature && seen.assertion_has_signature);

    let nothing = Unverified::read(&STANDARD.encode("<a/>")).unwrap();
    assert_eq!((nothing.issuer, nothing.attributes), (None, Vec::new()));
    assert_eq!(Unverified::read("PA==").unwrap_err().code(), "malformed_xml");
}

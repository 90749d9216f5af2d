//! Whose message it is, for whom, when, and in answer to what.

use saml::{Expected, InResponseTo};

use super::{drafted, refused};
use crate::provider::{ACS_URL, Draft, ENTITY_ID, ISSUER, REQUEST, at, expected, outcome};

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
                draft.response_attributes =
                    draft.response_attributes.replace("Version=\"2.0\"", "");
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
                    draft.response_attributes.replace(&format!("Destination=\"{ACS_URL}\""), "");
            }),
            "missing_attribute",
        ),
        (
            "no recipient",
            drafted(|draft| {
                draft.confirmation_data =
                    draft.confirmation_data.replace(&format!("Recipient=\"{ACS_URL}\""), "");
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
                draft.response_attributes = draft.response_attributes.replace(ACS_URL, other);
            }),
            "destination",
        ));
        cases.push((
            "recipient",
            drafted(|draft| {
                draft.confirmation_data = draft.confirmation_data.replace(ACS_URL, other);
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
                format!("NotBefore=\"{}\" NotOnOrAfter=\"{}\"", at(from), at(to));
        })
    };
    let confirmation = |to: i64| {
        drafted(|draft| {
            draft.confirmation_data = draft.confirmation_data.replace(&at(300), &at(to));
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
    let empty = drafted(|draft| {
        for text in [&mut draft.response_attributes, &mut draft.confirmation_data] {
            *text = text.replace(REQUEST, "");
        }
    });
    let nothing = Expected { in_response_to: InResponseTo::Request(""), ..expected() };
    assert_eq!(outcome(&empty, &nothing), "in_response_to");
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

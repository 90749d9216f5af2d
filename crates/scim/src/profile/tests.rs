//! Each leniency with an input that needs it and nothing else.

use super::{Leniency, Profile, Set};
use crate::{
    Error, Filter, Notes, Object, accept, json,
    patch::{self, Limits, members},
    schema::{Attribute, builtin},
    v1,
};

/// Where an input arrives.
#[derive(Clone, Copy, Debug)]
enum Place {
    /// The body of a POST of a user.
    User,
    /// The same in SCIM 1.1.
    UserV1,
    /// The body of a POST of a group.
    Group,
    /// An operation on a user, without the envelope.
    PatchUser,
    /// An operation on a group, without the envelope.
    PatchGroup,
    /// The body of a PATCH of a group in SCIM 1.1.
    PatchV1,
    /// A filter on users.
    Filter,
    /// A value of an attribute that holds a whole number.
    Number,
    /// A value of an attribute that holds a date and time.
    Time,
}

use Place as P;

#[rustfmt::skip]
const CASES: [(Leniency, Place, &str); 56] = [
    (Leniency::Schemas, P::User, r#"{"userName":"b"}"#),
    (Leniency::Schemas, P::User, r#"{"schemas":["urn:scim:schemas:core:2.0"],"userName":"b"}"#),
    (Leniency::Schemas, P::User, r#"{"schemas":["CORE","urn:example:unknown"],"userName":"b"}"#),
    (Leniency::Schemas, P::User, r#"{"schemas":["CORE","GROUP"],"userName":"b"}"#),
    (Leniency::Schemas, P::User, r#"{"schemas":["CORE",7],"userName":"b"}"#),
    (Leniency::Schemas, P::Group, r#"{"schemas":["GROUP","ENTERPRISE"],"displayName":"g"}"#),
    (Leniency::Schemas, P::UserV1, r#"{"schemas":["CORE1","ENTERPRISE"],"userName":"b"}"#),
    (Leniency::Schemas, P::PatchV1, r#"{"schemas":["CORE1","urn:x:y"],"displayName":"g"}"#),
    (Leniency::Schemas, P::UserV1, r#"{"userName":"b"}"#),
    (Leniency::Schemas, P::UserV1, r#"{"schemas":["CORE1"],"userName":"b","ENTERPRISE":{}}"#),
    (Leniency::Schemas, P::PatchV1, r#"{"displayName":"g"}"#),
    (Leniency::UnlistedExtension, P::User, r#"{"schemas":["CORE"],"userName":"b","ENTERPRISE":{"division":"d"}}"#),
    (Leniency::UnknownAttribute, P::User, r#"{"schemas":["CORE"],"userName":"b","shoeSize":44}"#),
    (Leniency::UnknownAttribute, P::User, r#"{"schemas":["CORE"],"userName":"b","name":{"nick":"x"}}"#),
    (Leniency::UnknownAttribute, P::User, r#"{"schemas":["CORE"],"userName":"b","ENTERPRISE":{"floor":"3"}}"#),
    (Leniency::UnknownAttribute, P::PatchV1, r#"{"schemas":["CORE1"],"shoeSize":44}"#),
    (Leniency::UnknownAttribute, P::PatchV1, r#"{"schemas":["CORE1"],"meta":{"attributes":["hat"]}}"#),
    (Leniency::DottedName, P::User, r#"{"schemas":["CORE"],"userName":"b","name.givenName":"B"}"#),
    (Leniency::DottedName, P::PatchUser, r#"{"op":"replace","value":{"name.givenName":"B"}}"#),
    (Leniency::DottedName, P::PatchUser, r#"{"op":"replace","value":{"ENTERPRISE":{"manager.value":"7"}}}"#),
    (Leniency::UrnName, P::User, r#"{"schemas":["CORE","ENTERPRISE"],"userName":"b","ENTERPRISE:division":"d"}"#),
    (Leniency::UrnName, P::Group, r#"{"schemas":["GROUP"],"displayName":"g","GROUP:members":[]}"#),
    (Leniency::UrnName, P::PatchUser, r#"{"op":"add","value":{"ENTERPRISE:division":"d"}}"#),
    (Leniency::UrnName, P::PatchGroup, r#"{"op":"add","value":{"GROUP:members":[{"value":"7"}]}}"#),
    (Leniency::SelectorName, P::PatchUser, r#"{"op":"replace","value":{"emails[type eq \"work\"]":{"value":"b@x"}}}"#),
    (Leniency::IdInValue, P::PatchUser, r#"{"op":"replace","value":{"id":"u1","title":"x"}}"#),
    (Leniency::IdInValue, P::PatchUser, r#"{"op":"replace","value":{"id":null,"title":"x"}}"#),
    (Leniency::ReadOnlyInValue, P::PatchUser, r#"{"op":"replace","value":{"meta":{},"title":"x"}}"#),
    (Leniency::ReadOnlyInValue, P::PatchUser, r#"{"op":"add","path":"ENTERPRISE","value":{"schemas":[],"division":"d"}}"#),
    (Leniency::ManagerId, P::User, r#"{"schemas":["CORE","ENTERPRISE"],"userName":"b","ENTERPRISE":{"manager":{"managerId":"7"}}}"#),
    (Leniency::ManagerId, P::PatchUser, r#"{"op":"replace","path":"ENTERPRISE:manager","value":{"managerId":"7"}}"#),
    (Leniency::ManagerId, P::UserV1, r#"{"schemas":["CORE1","ENTERPRISE1"],"userName":"b","ENTERPRISE1":{"manager":{"value":"7"}}}"#),
    (Leniency::BooleanText, P::User, r#"{"schemas":["CORE"],"userName":"b","active":"True"}"#),
    (Leniency::BooleanText, P::Filter, r#"active eq "True""#),
    (Leniency::NumberForText, P::User, r#"{"schemas":["CORE"],"userName":"b","title":701984}"#),
    (Leniency::NumberForText, P::Group, r#"{"schemas":["GROUP"],"displayName":"g","members":[{"value":7}]}"#),
    (Leniency::TextForNumber, P::Number, r#""42""#),
    (Leniency::LooseDateTime, P::Time, r#""2026-11-21T08:30Z""#),
    (Leniency::LooseDateTime, P::Time, r#""2026-11-21 08:30:00""#),
    (Leniency::PlainValue, P::User, r#"{"schemas":["CORE"],"userName":"b","roles":["admin"]}"#),
    (Leniency::PlainValue, P::PatchGroup, r#"{"op":"add","path":"members","value":["7"]}"#),
    (Leniency::SingleValue, P::User, r#"{"schemas":["CORE"],"userName":"b","emails":{"value":"b@x"}}"#),
    (Leniency::SingleValue, P::User, r#"{"schemas":"CORE","userName":"b"}"#),
    (Leniency::SingleValue, P::PatchUser, r#"{"op":"replace","path":"emails","value":{"value":"b@x"}}"#),
    (Leniency::SingleValue, P::PatchGroup, r#"{"op":"replace","path":"members","value":{"value":"7"}}"#),
    (Leniency::SingleValue, P::PatchV1, r#"{"schemas":["CORE1"],"members":{"value":"7"}}"#),
    (Leniency::ListOfOne, P::PatchUser, r#"{"op":"replace","path":"emails[type eq \"work\"]","value":[{"value":"b@x"}]}"#),
    (Leniency::EmptyValue, P::User, r#"{"schemas":["CORE"],"userName":"b","active":""}"#),
    (Leniency::HollowValue, P::User, r#"{"schemas":["CORE"],"userName":"b","emails":[{"type":"work","value":null}]}"#),
    (Leniency::SeveralPrimary, P::User, r#"{"schemas":["CORE"],"userName":"b","emails":[{"value":"a@x","primary":true},{"value":"b@x","primary":true}]}"#),
    (Leniency::LooseBase64, P::User, r#"{"schemas":["CORE"],"userName":"b","x509Certificates":[{"value":"TQ"}]}"#),
    (Leniency::LooseReference, P::User, r#"{"schemas":["CORE"],"userName":"b","profileUrl":"my page"}"#),
    (Leniency::OpCase, P::PatchUser, r#"{"op":"Replace","path":"title","value":"x"}"#),
    (Leniency::EmptyPath, P::PatchUser, r#"{"op":"replace","path":"","value":{"title":"x"}}"#),
    (Leniency::RemoveValues, P::PatchGroup, r#"{"op":"remove","path":"members","value":[{"value":"7"}]}"#),
    (Leniency::NoMatch, P::PatchUser, r#"{"op":"replace","path":"emails[type eq \"home\"].value","value":"b@x"}"#),
];

/// Inputs of SCIM 1.1 and of the envelope, which need another place.
const ENVELOPES: [(Leniency, &str); 2] = [
    (
        Leniency::V2Patch,
        r#"{"schemas":["PATCH"],"Operations":[{"op":"remove","path":"displayName"}]}"#,
    ),
    (Leniency::OpCase, r#"{"schemas":["CORE1"],"members":[{"value":"7","operation":"Delete"}]}"#),
];

fn body(text: &str) -> Object {
    let text = text
        .replace("ENTERPRISE1", crate::urn::V1_ENTERPRISE)
        .replace("ENTERPRISE", crate::urn::ENTERPRISE_USER)
        .replace("CORE1", crate::urn::V1_CORE)
        .replace("CORE", crate::urn::USER)
        .replace("GROUP", crate::urn::GROUP)
        .replace("PATCH", crate::urn::PATCH_OP);
    json::from_slice(text.as_bytes(), json::Limits::default()).expect(&text)
}

fn read(profile: Profile, place: Place, text: &str) -> Result<Notes, Error> {
    let mut notes = Notes::new(profile);
    let (user, group) = (builtin::user(), builtin::group());
    let limits = Limits::default();
    let envelope = || body(&format!(r#"{{"schemas":["PATCH"],"Operations":[{text}]}}"#));
    match place {
        P::User => drop(accept::resource(user, body(text), &mut notes)?),
        P::UserV1 => {
            let body = v1::from_v1(user, body(text), &mut notes)?;
            accept::resource(user, body, &mut notes)?;
        }
        P::Group => {
            let mut body = body(text);
            members::take(&mut body, &mut notes)?;
            accept::resource(group, body, &mut notes)?;
        }
        P::PatchUser => {
            let operations = patch::parse(envelope(), limits, &mut notes)?;
            let mut ada = body(r#"{"userName":"a","emails":[{"value":"a@x","type":"work"}]}"#);
            patch::apply(user, "u1", &mut ada, operations, &mut notes)?;
        }
        P::PatchGroup => {
            let operations = patch::parse(envelope(), limits, &mut notes)?;
            members::lift(operations, &mut notes)?;
        }
        P::PatchV1 => {
            let operations = v1::operations(group, body(text), limits, &mut notes)?;
            members::lift(operations, &mut notes)?;
        }
        P::Filter => Filter::parse(text)?.check(user, &mut notes)?,
        P::Number | P::Time => {
            let kind = if matches!(place, P::Number) { "integer" } else { "dateTime" };
            let definition = format!(r#"{{"name":"custom","type":"{kind}"}}"#);
            let custom: Attribute = serde_json::from_str(&definition).expect("a definition");
            let value = body(&format!(r#"{{"value":{text}}}"#)).remove("value").expect("there");
            accept::attribute(&custom, value, &mut notes)?;
        }
    }
    Ok(notes)
}

fn cases() -> impl Iterator<Item = (Leniency, Place, &'static str)> {
    let envelopes = ENVELOPES.into_iter().map(|(leniency, text)| (leniency, P::PatchV1, text));
    CASES.into_iter().chain(envelopes)
}

#[test]
fn every_leniency_is_granted_alone_and_recorded() {
    for (leniency, place, text) in cases() {
        let alone = Profile { accepted: Set::NONE.with(leniency), ..Profile::STRICT };
        let notes = read(alone, place, text).unwrap_or_else(|error| panic!("{text}: {error}"));
        if leniency == Leniency::UnknownAttribute {
            assert_eq!((notes.ignored().len(), notes.corrected().len()), (1, 0), "{text}");
        } else {
            let found: Vec<_> = notes.corrected().iter().map(|one| one.leniency).collect();
            assert_eq!(found, [leniency], "{text}");
        }
        let generic = read(Profile::GENERIC, place, text).expect(text);
        assert_eq!(generic.corrected(), notes.corrected(), "{text}");
    }
}

#[test]
fn every_leniency_is_refused_where_it_is_missing() {
    for (leniency, place, text) in cases() {
        let without = Profile { accepted: Set::ALL.without(&[leniency]), ..Profile::GENERIC };
        for profile in [without, Profile::STRICT] {
            let error = read(profile, place, text).expect_err(text);
            let detail = error.detail();
            assert!(detail.contains(&format!("({})", leniency.keyword())), "{text}: {detail}");
            assert!(detail.contains(&profile.to_string()), "{text}: {detail}");
            if !matches!(place, P::Filter) {
                assert_eq!(error.scim_type(), leniency.scim_type(), "{text}");
            }
        }
    }
}

#[test]
fn no_leniency_is_without_a_case() {
    // Whether someone came back is told by the directory, not by a body.
    for leniency in Leniency::ALL.iter().filter(|one| **one != Leniency::Rehire) {
        assert!(cases().any(|(one, _, _)| one == *leniency), "{leniency:?}");
    }
}

/// What the RFCs allow is no leniency.
#[test]
fn strict_reads_what_the_rfcs_allow() {
    for (place, text) in [
        (
            P::User,
            r#"{"SCHEMAS":["urn:ietf:params:scim:schemas:core:2.0:USER","ENTERPRISE"],"USERNAME":"b","id":null,"groups":[],"meta":{},"title":null,"emails":[],"nickName":"","password":"x","ENTERPRISE":{"Division":"d"}}"#,
        ),
        (
            P::User,
            r#"{"schemas":["CORE"],"userName":"b","id":"mine","emails":[{"value":"b@x","primary":true}]}"#,
        ),
        (
            P::UserV1,
            r#"{"schemas":["CORE1","ENTERPRISE1"],"userName":"b","ENTERPRISE1":{"manager":{"managerId":"7"}}}"#,
        ),
        (
            P::Group,
            r#"{"schemas":["GROUP"],"displayName":"g","members":[{"value":"7","type":"User","display":"x"}]}"#,
        ),
        (P::Group, r#"{"schemas":["GROUP"],"displayName":"g"}"#),
        (
            P::PatchUser,
            r#"{"op":"replace","value":{"title":"x","name":{"givenName":"B"},"ENTERPRISE":{"division":"d"}}}"#,
        ),
        (P::PatchUser, r#"{"op":"add","path":"ENTERPRISE:manager.value","value":"7"}"#),
        (P::PatchUser, r#"{"op":"replace","path":"emails[type eq \"work\"].value","value":"b@x"}"#),
        (P::PatchUser, r#"{"op":"add","path":"phoneNumbers.value","value":"1"}"#),
        (P::PatchUser, r#"{"op":"add","path":"emails","value":{"value":"b@x"}}"#),
        (P::PatchUser, r#"{"op":"add","value":{"emails":{"value":"b@x"},"title":"x"}}"#),
        (P::PatchGroup, r#"{"op":"add","path":"members","value":{"value":"7"}}"#),
        (P::PatchGroup, r#"{"op":"add","value":{"members":{"value":"7"}}}"#),
        (P::PatchUser, r#"{"op":"remove","path":"emails[type eq \"fax\"]"}"#),
        (P::PatchUser, r#"{"OP":"remove","PATH":"CORE:title","value":null}"#),
        (P::PatchGroup, r#"{"op":"remove","path":"members[value eq \"7\"]"}"#),
        (P::PatchGroup, r#"{"op":"replace","path":"members","value":[]}"#),
        (
            P::PatchV1,
            r#"{"schemas":["CORE1"],"meta":{"attributes":["members"]},"members":[{"value":"7","operation":"delete"},{"value":"8"}]}"#,
        ),
        (P::Filter, r#"ACTIVE EQ true and userName sw "a""#),
        (P::Number, "42"),
        (P::Time, r#""2026-11-21T08:30:00.5+01:00""#),
        (P::Time, r#""2026-11-21T08:30:00""#),
    ] {
        let notes =
            read(Profile::STRICT, place, text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(notes.corrected(), [], "{text}");
    }
}

/// RFC 7644 §3.5.2.3, and the sentence of §3.12 on `noTarget`.
#[test]
fn a_selector_that_finds_nothing_creates_where_the_provider_needs_it() {
    for op in ["add", "replace"] {
        let text =
            format!(r#"{{"op":"{op}","path":"emails[type eq \"home\"].value","value":"b@x"}}"#);
        for profile in [Profile::GENERIC, Profile::ENTRA] {
            assert!(read(profile, P::PatchUser, &text).is_ok(), "{profile}: {text}");
        }
        for profile in [Profile::STRICT, Profile::OKTA, Profile::ONELOGIN, Profile::JUMPCLOUD] {
            let error = read(profile, P::PatchUser, &text).expect_err(&text);
            assert_eq!(error.scim_type(), crate::ScimType::NoTarget, "{profile}: {text}");
        }
    }
}

#[test]
fn an_unknown_operation_is_refused_by_all() {
    for profile in Profile::ALL {
        for op in ["move", "copy", "Delete", "test", ""] {
            let text = format!(r#"{{"op":"{op}","path":"title","value":"x"}}"#);
            let error = read(profile, P::PatchUser, &text).expect_err(&text);
            assert_eq!(error.scim_type(), crate::ScimType::InvalidSyntax, "{profile}: {text}");
            assert!(error.detail().contains("is not an operation"), "{profile}: {error}");
        }
        let text = r#"{"schemas":["CORE1"],"members":[{"value":"7","operation":"add"}]}"#;
        assert!(read(profile, P::PatchV1, text).is_err(), "{profile}");
    }
}

#[test]
fn profiles_are_found_by_name_and_by_version() {
    for profile in Profile::ALL {
        assert_eq!(Profile::parse(profile.name()), Some(profile));
        assert_eq!(Profile::parse(&profile.to_string()), Some(profile));
    }
    assert_eq!(Profile::OKTA.to_string(), "okta-1");
    for unknown in ["", "okta-2", "Okta", "okta-", "other"] {
        assert_eq!(Profile::parse(unknown), None, "{unknown}");
    }
    assert_eq!(Profile::GENERIC.leniencies().count(), Leniency::ALL.len());
    assert_eq!(Profile::STRICT.leniencies().count(), 0);
}

/// The table of the documentation says what the profiles do.
#[test]
fn the_documentation_is_true() {
    let document = include_str!("../../../../docs/scim.md");
    let names = Profile::ALL.map(|profile| format!("`{profile}`")).join(" | ");
    let head = format!("| | {names} | what is accepted leniently |");
    let mut rows = document.lines().skip_while(|line| *line != head).skip(2);
    assert!(document.contains(&head), "{head}");
    for leniency in Leniency::ALL {
        let marks = Profile::ALL.map(|one| if one.accepts(*leniency) { "yes" } else { "-" });
        let row = format!(
            "| `{}` | {} | {} |",
            leniency.keyword(),
            marks.join(" | "),
            leniency.description()
        );
        assert_eq!(rows.next(), Some(row.as_str()));
    }
    assert_eq!(rows.next(), Some(""), "the table ends");
}

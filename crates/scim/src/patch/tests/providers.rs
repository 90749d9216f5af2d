//! Bodies as Okta, Entra, OneLogin and JumpCloud send them.

use super::{object, patch, refused, user};
use crate::{Leniency, ScimType, schema::builtin};

const ADA: &str = r#"{"userName":"ada","active":true,"name":{"givenName":"Ada"}}"#;

#[test]
fn okta_deactivates_and_reactivates_without_a_path() {
    let inactive = user(ADA, r#"[{"op":"replace","value":{"active":false}}]"#);
    assert_eq!(inactive, r#"{"userName":"ada","active":false,"name":{"givenName":"Ada"}}"#);
    assert_eq!(user(&inactive, r#"[{"op":"replace","value":{"active":true}}]"#), ADA);
}

#[test]
fn okta_sends_a_password_that_is_never_kept() {
    for operations in [
        r#"[{"op":"replace","value":{"password":"t1meMa$heen"}}]"#,
        r#"[{"op":"replace","path":"password","value":"t1meMa$heen"}]"#,
        r#"[{"op":"remove","path":"password"}]"#,
    ] {
        let (after, notes) = patch(builtin::user(), ADA, operations);
        assert_eq!(after.expect("accepted"), object(ADA));
        assert!(notes.ignored().is_empty(), "{notes:?}");
    }
}

#[test]
fn okta_renames_a_group_with_its_id_in_the_value() {
    let before = r#"{"displayName":"Old"}"#;
    let rename = |id: &str| {
        let operations =
            format!(r#"[{{"op":"replace","value":{{"id":"{id}","displayName":"New"}}}}]"#);
        patch(builtin::group(), before, &operations).0
    };
    assert_eq!(rename(super::ID).expect("the same id"), object(r#"{"displayName":"New"}"#));
    assert_eq!(rename("other").expect_err("another id").scim_type(), ScimType::Mutability);
}

#[test]
fn okta_describes_a_group_in_its_extension() {
    let before = r#"{"displayName":"G"}"#;
    let expected = object(r#"{"displayName":"G","urn:okta:custom:group:1.0":{"description":"d"}}"#);
    for operations in [
        r#"[{"op":"replace","value":{"urn:okta:custom:group:1.0":{"description":"d"}}}]"#,
        r#"[{"op":"add","path":"urn:okta:custom:group:1.0","value":{"description":"d"}}]"#,
        r#"[{"op":"add","path":"urn:okta:custom:group:1.0:description","value":"d"}]"#,
    ] {
        let (after, _) = patch(builtin::group(), before, operations);
        assert_eq!(after.expect(operations), expected);
    }
}

#[test]
fn entra_sends_capitals_and_booleans_as_text() {
    let operations = r#"[
        {"op":"Replace","path":"active","value":"False"},
        {"op":"Add","path":"name.familyName","value":"Lovelace"},
        {"op":"Remove","path":"name.givenName"}]"#;
    let (after, notes) = patch(builtin::user(), ADA, operations);
    assert_eq!(
        after.expect("accepted").to_json(),
        r#"{"userName":"ada","active":false,"name":{"familyName":"Lovelace"}}"#
    );
    let texts: Vec<_> = notes.corrected().iter().map(ToString::to_string).collect();
    assert_eq!(
        texts,
        [
            r#"op: "Replace" is written "replace""#,
            r#"op: "Add" is written "add""#,
            r#"op: "Remove" is written "remove""#,
            "active: a text where a boolean belongs"
        ]
    );
}

#[test]
fn entra_replaces_values_that_are_not_there_yet() {
    let operations = r#"[
        {"op":"Replace","path":"emails[type eq \"work\"].value","value":"ada@example.com"},
        {"op":"Replace","path":"emails[type eq \"work\"].primary","value":"True"},
        {"op":"Add","path":"phoneNumbers[type eq \"mobile\"].value","value":"+44 1"},
        {"op":"Add","path":"addresses[type eq \"work\"].postalCode","value":12345}]"#;
    let (after, notes) = patch(builtin::user(), ADA, operations);
    let expected = r#"{"userName":"ada","active":true,"name":{"givenName":"Ada"},
        "emails":[{"type":"work","value":"ada@example.com","primary":true}],
        "phoneNumbers":[{"type":"mobile","value":"+44 1"}],
        "addresses":[{"type":"work","postalCode":"12345"}]}"#;
    assert_eq!(after.expect("accepted"), object(expected));
    let created = notes.corrected().iter().find(|one| one.leniency == Leniency::NoMatch);
    assert_eq!(
        created.map(|one| one.text.as_str()),
        Some(r#"emails[type eq "work"].value: no value matches"#)
    );
}

#[test]
fn entra_names_the_extension_with_colons() {
    let urn = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    let operations = format!(
        r#"[{{"op":"Add","path":"{urn}:employeeNumber","value":701984}},
            {{"op":"Add","path":"{urn}:manager","value":"26118915"}},
            {{"op":"Replace","path":"{urn}:manager.displayName","value":"Charles"}}]"#
    );
    let enterprise = r#"{"employeeNumber":"701984",
        "manager":{"value":"26118915","displayName":"Charles"}}"#;
    let expected = format!(r#"{{"userName":"ada","{urn}":{enterprise}}}"#);
    assert_eq!(object(&user(r#"{"userName":"ada"}"#, &operations)), object(&expected));

    let cleared = format!(
        r#"[{{"op":"Remove","path":"{urn}:employeeNumber"}},
            {{"op":"Remove","path":"{urn}:manager"}}]"#
    );
    assert_eq!(user(&expected, &cleared), r#"{"userName":"ada"}"#);
}

#[test]
fn entra_puts_paths_into_values() {
    let operations = r#"[{"op":"replace","value":{
        "displayName":"Ada L.",
        "name.givenName":"Augusta Ada",
        "emails[type eq \"work\"].value":"ada@example.com",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department":"Engines",
        "urn:ietf:params:scim:schemas:core:2.0:User:title":"Countess"}}]"#;
    let expected = r#"{"userName":"ada","active":true,"name":{"givenName":"Augusta Ada"},
        "displayName":"Ada L.","title":"Countess",
        "emails":[{"type":"work","value":"ada@example.com"}],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"Engines"}}"#;
    assert_eq!(object(&user(ADA, operations)), object(expected));
}

#[test]
fn listed_values_are_removed_and_no_others() {
    let before = r#"{"userName":"ada","emails":[
        {"value":"a@x","type":"work","primary":true},{"value":"b@x","type":"home"}]}"#;
    let remove = |value: &str| {
        let path = r#"{"op":"remove","path":"emails","value":"#;
        object(&user(before, &format!("[{path}{value}}}]")))
            .get("emails")
            .map(|it| it.values().len())
    };
    assert_eq!(remove(r#"[{"value":"a@x"}]"#), Some(1));
    assert_eq!(remove(r#"[{"$ref":null,"value":"a@x","display":"Ada"}]"#), Some(1));
    assert_eq!(remove(r#"{"value":"b@x","type":"home"}"#), Some(1));
    assert_eq!(remove(r#""b@x""#), Some(1));
    assert_eq!(remove(r#"[{"type":"home"}]"#), Some(1));
    assert_eq!(remove(r#"[{"value":"a@x","type":"home"},{"value":"c@x"}]"#), Some(2));
    assert_eq!(remove("[]"), Some(2));
    assert_eq!(remove(r#"[{"value":"a@x"},{"value":"b@x"}]"#), None);
    assert_eq!(remove("null"), None);
}

#[test]
fn roles_come_as_plain_texts_and_leave_by_selector() {
    let before = r#"{"userName":"ada"}"#;
    let added = user(before, r#"[{"op":"add","path":"roles","value":["admin","auditor"]}]"#);
    assert_eq!(added, r#"{"userName":"ada","roles":[{"value":"admin"},{"value":"auditor"}]}"#);
    let removed = user(&added, r#"[{"op":"remove","path":"roles[value eq \"admin\"]"}]"#);
    assert_eq!(removed, r#"{"userName":"ada","roles":[{"value":"auditor"}]}"#);
    assert_eq!(user(&removed, r#"[{"op":"replace","value":{"roles":[]}}]"#), before);
}

#[test]
fn echoes_of_what_only_the_server_writes_are_ignored_and_noted() {
    let operations = r#"[{"op":"replace","value":{
        "id":"2819c223","schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],
        "meta":{"version":"W/\"1\""},"groups":[],"title":"Countess"}}]"#;
    let (after, notes) = patch(builtin::user(), r#"{"userName":"ada"}"#, operations);
    assert_eq!(after.expect("accepted").to_json(), r#"{"userName":"ada","title":"Countess"}"#);
    assert_eq!(notes.ignored(), ["schemas", "meta", "groups"]);
}

#[test]
fn an_unknown_attribute_is_never_a_silent_success() {
    for operations in [
        r#"[{"op":"replace","path":"shoeSize","value":"7"}]"#,
        r#"[{"op":"replace","path":"name.shoeSize","value":"7"}]"#,
        r#"[{"op":"replace","path":"emails[type eq \"work\"].shoeSize","value":"7"}]"#,
        r#"[{"op":"remove","path":"urn:example:2.0:User:shoeSize"}]"#,
        r#"[{"op":"replace","value":{"title":"x","shoeSize":"7"}}]"#,
        r#"[{"op":"replace","value":{"shoe size":"7"}}]"#,
        r#"[{"op":"add","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
             "value":{"shoeSize":"7"}}]"#,
    ] {
        assert_eq!(refused(ADA, operations).0, ScimType::InvalidPath, "{operations}");
    }
    assert_eq!(
        refused(ADA, r#"[{"op":"replace","value":{"shoeSize":"7"}}]"#).1,
        "\"shoeSize\" is not an attribute of a User."
    );
}

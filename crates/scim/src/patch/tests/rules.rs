//! The rules of RFC 7644 §3.5.2, one by one.

use super::{object, patch, refused, user};
use crate::{
    ScimType,
    schema::{Schemas, builtin, definition::Definition},
};

const EMAILS: &str = r#"{"userName":"ada","emails":[
    {"value":"a@x","type":"work","primary":true},{"value":"b@x","type":"home"}]}"#;

#[track_caller]
fn becomes(before: &str, operations: &str, expected: &str) {
    assert_eq!(object(&user(before, operations)), object(expected), "{operations}");
}

#[track_caller]
fn emails(operations: &str, expected: &str) {
    let after = object(&user(EMAILS, operations));
    let expected = object(&format!(r#"{{"emails":{expected}}}"#));
    assert_eq!(after.get("emails"), expected.get("emails"), "{operations}");
}

#[test]
fn simple_attributes_are_set_and_cleared() {
    let ada = r#"{"userName":"ada","title":"Countess"}"#;
    for op in ["add", "replace"] {
        becomes(
            ada,
            &format!(r#"[{{"op":"{op}","path":"TITLE","value":"Lady"}}]"#),
            r#"{"userName":"ada","title":"Lady"}"#,
        );
    }
    for operations in [
        r#"[{"op":"remove","path":"title"}]"#,
        r#"[{"op":"remove","path":"title","value":"whatever"}]"#,
        r#"[{"op":"replace","path":"title","value":null}]"#,
        r#"[{"op":"replace","path":"title","value":""}]"#,
        r#"[{"op":"replace","value":{"title":null}}]"#,
    ] {
        becomes(ada, operations, r#"{"userName":"ada"}"#);
    }
    becomes(ada, r#"[{"op":"add","path":"title","value":""}]"#, ada);
    becomes(ada, r#"[{"op":"remove","path":"nickName"}]"#, ada);
}

#[test]
fn a_value_may_be_written_part_by_part() {
    let kept = r#"[{"value":"a@x","type":"work","primary":true},{"value":"b@x","type":"home"},"#;
    emails(
        r#"[{"op":"add","path":"emails[type eq \"other\"].primary","value":false},
            {"op":"add","path":"emails[type eq \"other\"].value","value":"c@x"}]"#,
        &format!(r#"{kept}{{"type":"other","primary":false,"value":"c@x"}}]"#),
    );
    emails(
        r#"[{"op":"add","path":"emails[type eq \"other\"].primary","value":false}]"#,
        &format!(r#"{kept}{{"type":"other","primary":false}}]"#),
    );
}

#[test]
fn messages_quote_a_long_path_in_part() {
    let path = format!(r#"emails[type eq \"work\" and value co \"{}\"].value"#, "x".repeat(4000));
    let (kind, detail) =
        refused(EMAILS, &format!(r#"[{{"op":"replace","path":"{path}","value":"y"}}]"#));
    assert_eq!(kind, ScimType::NoTarget);
    assert!(detail.starts_with(r#"No value of emails matches emails[type eq "work""#), "{detail}");
    assert!(detail.ends_with("xxx….") && detail.len() < 200, "{detail}");
}

#[test]
fn names_take_their_standard_spelling() {
    assert_eq!(
        user(
            r#"{"userName":"ada"}"#,
            r#"[{"op":"add","value":{"NICKNAME":"A","Name.GIVENNAME":"Ada"}}]"#
        ),
        r#"{"userName":"ada","nickName":"A","name":{"givenName":"Ada"}}"#
    );
}

#[test]
fn complex_attributes_are_merged() {
    let ada = r#"{"userName":"ada","name":{"givenName":"Ada","familyName":"Byron"}}"#;
    let merged = r#"{"userName":"ada","name":{"givenName":"Ada","familyName":"Lovelace"}}"#;
    for operations in [
        r#"[{"op":"add","path":"name","value":{"familyName":"Lovelace"}}]"#,
        r#"[{"op":"replace","path":"name","value":{"familyName":"Lovelace"}}]"#,
        r#"[{"op":"replace","value":{"name":{"familyName":"Lovelace"}}}]"#,
        r#"[{"op":"replace","path":"name.familyName","value":"Lovelace"}]"#,
    ] {
        becomes(ada, operations, merged);
    }
    let given = r#"{"userName":"ada","name":{"givenName":"Ada"}}"#;
    becomes(ada, r#"[{"op":"remove","path":"name.familyName"}]"#, given);
    becomes(ada, r#"[{"op":"replace","path":"name","value":{"familyName":null}}]"#, given);
    for operations in [
        r#"[{"op":"remove","path":"name"}]"#,
        r#"[{"op":"replace","path":"name","value":null}]"#,
        r#"[{"op":"remove","path":"name.familyName"},{"op":"remove","path":"name.givenName"}]"#,
    ] {
        becomes(ada, operations, r#"{"userName":"ada"}"#);
    }
    becomes(ada, r#"[{"op":"add","path":"name","value":{"familyName":""}}]"#, ada);
}

#[test]
fn extensions_are_merged_and_vanish_when_empty() {
    let urn = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    let ada = format!(r#"{{"userName":"ada","{urn}":{{"department":"D","division":"V"}}}}"#);
    let patched = |op: &str| object(&user(&ada, op));
    assert_eq!(
        patched(&format!(r#"[{{"op":"replace","path":"{urn}","value":{{"department":"E"}}}}]"#)),
        object(&ada.replace(r#""D""#, r#""E""#))
    );
    for operations in [
        format!(r#"[{{"op":"remove","path":"{urn}"}}]"#),
        format!(r#"[{{"op":"replace","value":{{"{urn}":null}}}}]"#),
        format!(
            r#"[{{"op":"remove","path":"{urn}:department"}},{{"op":"remove","path":"{urn}:division"}}]"#
        ),
        format!(
            r#"[{{"op":"replace","path":"{urn}","value":{{"department":"","division":null}}}}]"#
        ),
    ] {
        assert_eq!(patched(&operations), object(r#"{"userName":"ada"}"#), "{operations}");
    }
    assert_eq!(patched(&format!(r#"[{{"op":"add","path":"{urn}","value":{{}}}}]"#)), object(&ada));
    let error = refused(&ada, &format!(r#"[{{"op":"add","path":"{urn}","value":"x"}}]"#));
    assert_eq!(error.0, ScimType::InvalidValue);
}

#[test]
fn added_values_are_not_doubled() {
    emails(
        r#"[{"op":"add","path":"emails","value":[{"value":"b@x","type":"home"},{"value":"c@x"}]}]"#,
        r#"[{"value":"a@x","type":"work","primary":true},{"value":"b@x","type":"home"},{"value":"c@x"}]"#,
    );
    emails(
        r#"[{"op":"add","path":"emails","value":{"value":"b@x","type":"home","display":"B"}}]"#,
        r#"[{"value":"a@x","type":"work","primary":true},{"value":"b@x","type":"home","display":"B"}]"#,
    );
    emails(
        r#"[{"op":"add","value":{"emails":[{"value":"b@x","type":"other"}]}}]"#,
        r#"[{"value":"a@x","type":"work","primary":true},{"value":"b@x","type":"home"},{"value":"b@x","type":"other"}]"#,
    );
}

#[test]
fn replacing_all_values_and_clearing_them() {
    emails(
        r#"[{"op":"replace","path":"emails","value":[{"value":"c@x"}]}]"#,
        r#"[{"value":"c@x"}]"#,
    );
    for operations in [
        r#"[{"op":"remove","path":"emails"}]"#,
        r#"[{"op":"replace","path":"emails","value":[]}]"#,
        r#"[{"op":"replace","path":"emails","value":null}]"#,
        r#"[{"op":"replace","value":{"emails":[]}}]"#,
        r#"[{"op":"remove","path":"emails[value pr]"}]"#,
    ] {
        becomes(EMAILS, operations, r#"{"userName":"ada"}"#);
    }
    becomes(EMAILS, r#"[{"op":"add","path":"emails","value":[]}]"#, EMAILS);
}

#[test]
fn one_value_is_primary_and_goes_first() {
    let moved = r#"[{"value":"b@x","type":"home","primary":true},
                    {"value":"a@x","type":"work","primary":false}]"#;
    emails(r#"[{"op":"replace","path":"emails[type eq \"home\"].primary","value":true}]"#, moved);
    emails(
        r#"[{"op":"add","path":"emails","value":[{"value":"b@x","type":"home","primary":true}]}]"#,
        moved,
    );
    emails(r#"[{"op":"add","path":"emails[type eq \"home\"]","value":{"primary":"True"}}]"#, moved);
    emails(
        r#"[{"op":"add","path":"emails","value":[{"value":"c@x","primary":true}]}]"#,
        r#"[{"value":"c@x","primary":true},{"value":"a@x","type":"work","primary":false},
            {"value":"b@x","type":"home"}]"#,
    );
    emails(
        r#"[{"op":"replace","path":"emails[type eq \"work\"].primary","value":false}]"#,
        r#"[{"value":"a@x","type":"work","primary":false},{"value":"b@x","type":"home"}]"#,
    );
}

#[test]
fn selectors_choose_what_is_changed() {
    emails(
        r#"[{"op":"replace","path":"emails[type eq \"home\"].value","value":"c@x"}]"#,
        r#"[{"value":"a@x","type":"work","primary":true},{"value":"c@x","type":"home"}]"#,
    );
    emails(
        r#"[{"op":"replace","path":"emails[value ew \"@x\" and not (primary eq true)].display","value":"D"}]"#,
        r#"[{"value":"a@x","type":"work","primary":true},{"value":"b@x","type":"home","display":"D"}]"#,
    );
    emails(
        r#"[{"op":"remove","path":"emails[type eq \"work\"]"}]"#,
        r#"[{"value":"b@x","type":"home"}]"#,
    );
    emails(
        r#"[{"op":"remove","path":"emails[type eq \"work\"].primary"}]"#,
        r#"[{"value":"a@x","type":"work"},{"value":"b@x","type":"home"}]"#,
    );
    becomes(EMAILS, r#"[{"op":"remove","path":"emails[type eq \"fax\"]"}]"#, EMAILS);
    becomes(EMAILS, r#"[{"op":"remove","path":"emails[type eq \"fax\"].value"}]"#, EMAILS);
    becomes(
        EMAILS,
        r#"[{"op":"replace","path":"emails[type eq \"fax\"].value","value":""}]"#,
        EMAILS,
    );
}

#[test]
fn a_chosen_value_is_replaced_whole_and_stays_what_it_was_chosen_for() {
    emails(
        r#"[{"op":"replace","path":"emails[type eq \"work\"]","value":{"value":"c@x"}}]"#,
        r#"[{"type":"work","value":"c@x"},{"value":"b@x","type":"home"}]"#,
    );
    emails(
        r#"[{"op":"replace","path":"emails[value co \"b\"]","value":[{"value":"c@x","type":"other"}]}]"#,
        r#"[{"value":"a@x","type":"work","primary":true},{"value":"c@x","type":"other"}]"#,
    );
    emails(
        r#"[{"op":"add","path":"emails[type eq \"home\"]","value":{"display":"B"}}]"#,
        r#"[{"value":"a@x","type":"work","primary":true},{"value":"b@x","type":"home","display":"B"}]"#,
    );
    emails(
        r#"[{"op":"replace","path":"emails[type eq \"home\"]","value":null}]"#,
        r#"[{"value":"a@x","type":"work","primary":true}]"#,
    );
}

#[test]
fn values_that_become_the_same_are_one() {
    emails(
        r#"[{"op":"replace","path":"emails[value pr]","value":{"value":"c@x","type":"work"}}]"#,
        r#"[{"value":"c@x","type":"work"}]"#,
    );
    emails(
        r#"[{"op":"replace","path":"emails[type eq \"home\"].type","value":"work"},
            {"op":"replace","path":"emails[type eq \"work\"].value","value":"c@x"}]"#,
        r#"[{"value":"c@x","type":"work","primary":true}]"#,
    );
}

/// RFC 7644 §3.5.2.2: what the path names is removed, and nothing else.
#[test]
fn removing_a_sub_attribute_leaves_the_others() {
    let rest = r#"[{"type":"work","primary":true},{"value":"b@x","type":"home"}]"#;
    emails(r#"[{"op":"remove","path":"emails[type eq \"work\"].value"}]"#, rest);
    emails(r#"[{"op":"replace","path":"emails[type eq \"work\"].value","value":""}]"#, rest);
    emails(
        r#"[{"op":"remove","path":"emails.value"}]"#,
        r#"[{"type":"work","primary":true},{"type":"home"}]"#,
    );
    emails(
        r#"[{"op":"remove","path":"emails[type eq \"home\"].type"}]"#,
        r#"[{"value":"a@x","type":"work","primary":true},{"value":"b@x"}]"#,
    );
    let address =
        r#"{"userName":"ada","addresses":[{"type":"work","locality":"L","country":"GB"}]}"#;
    becomes(
        address,
        r#"[{"op":"remove","path":"addresses[type eq \"work\"].country"}]"#,
        r#"{"userName":"ada","addresses":[{"type":"work","locality":"L"}]}"#,
    );
    becomes(
        address,
        r#"[{"op":"remove","path":"addresses[type eq \"work\"].locality"},
            {"op":"remove","path":"addresses[type eq \"work\"].country"}]"#,
        r#"{"userName":"ada","addresses":[{"type":"work"}]}"#,
    );
    becomes(
        r#"{"userName":"ada","name":{"givenName":"Ada","familyName":"L"}}"#,
        r#"[{"op":"remove","path":"name.givenName"}]"#,
        r#"{"userName":"ada","name":{"familyName":"L"}}"#,
    );
}

#[test]
fn a_value_without_any_sub_attribute_is_gone() {
    emails(
        r#"[{"op":"remove","path":"emails[type eq \"home\"].value"},
            {"op":"remove","path":"emails[type eq \"home\"].type"}]"#,
        r#"[{"value":"a@x","type":"work","primary":true}]"#,
    );
    becomes(
        r#"{"userName":"ada","emails":[{"value":"a@x"}]}"#,
        r#"[{"op":"remove","path":"emails.value"}]"#,
        r#"{"userName":"ada"}"#,
    );
}

#[test]
fn a_sub_attribute_without_a_selector_is_one_of_every_value() {
    emails(
        r#"[{"op":"replace","path":"emails.display","value":"D"}]"#,
        r#"[{"value":"a@x","type":"work","primary":true,"display":"D"},
            {"value":"b@x","type":"home","display":"D"}]"#,
    );
    becomes(
        r#"{"userName":"ada"}"#,
        r#"[{"op":"add","path":"emails.value","value":"a@x"}]"#,
        r#"{"userName":"ada","emails":[{"value":"a@x"}]}"#,
    );
}

#[test]
fn a_selector_that_says_more_than_equal_must_find_something() {
    for selector in
        ["type sw \\\"fa\\\"", "type ne \\\"work\\\" and value co \\\"z\\\"", "not (value pr)"]
    {
        for (op, rest) in [("add", ""), ("replace", ".value")] {
            let operations =
                format!(r#"[{{"op":"{op}","path":"emails[{selector}]{rest}","value":"c@x"}}]"#);
            assert_eq!(refused(EMAILS, &operations).0, ScimType::NoTarget, "{operations}");
        }
    }
    emails(
        r#"[{"op":"add","path":"emails[type eq \"fax\" and primary eq true]","value":{"value":"c@x"}}]"#,
        r#"[{"value":"c@x","type":"fax","primary":true},
            {"value":"a@x","type":"work","primary":false},{"value":"b@x","type":"home"}]"#,
    );
}

#[test]
fn what_cannot_be_changed_is_refused() {
    for operations in [
        r#"[{"op":"replace","path":"id","value":"x"}]"#,
        r#"[{"op":"replace","path":"meta.version","value":"x"}]"#,
        r#"[{"op":"add","path":"groups","value":[{"value":"x"}]}]"#,
        r#"[{"op":"remove","path":"groups[value eq \"x\"]"}]"#,
        r#"[{"op":"remove","path":"schemas"}]"#,
        r#"[{"op":"remove","path":"userName"}]"#,
    ] {
        assert_eq!(refused(EMAILS, operations).0, ScimType::Mutability, "{operations}");
    }
    assert_eq!(
        refused(EMAILS, r#"[{"op":"remove","path":"groups"}]"#).1,
        "groups is set by the server and cannot be changed."
    );
}

#[test]
fn required_attributes_keep_a_value() {
    for operations in [
        r#"[{"op":"replace","path":"userName","value":""}]"#,
        r#"[{"op":"replace","value":{"userName":null}}]"#,
    ] {
        assert_eq!(refused(EMAILS, operations).0, ScimType::InvalidValue, "{operations}");
    }
    let group = r#"{"displayName":"G"}"#;
    let (result, _) = patch(builtin::group(), group, r#"[{"op":"remove","path":"displayName"}]"#);
    assert_eq!(result.expect_err("required").scim_type(), ScimType::Mutability);
}

#[test]
fn values_of_the_wrong_type_are_refused() {
    for (operations, scim_type) in [
        (r#"[{"op":"replace","path":"active","value":"maybe"}]"#, ScimType::InvalidValue),
        (r#"[{"op":"replace","path":"title","value":{"a":1}}]"#, ScimType::InvalidValue),
        (r#"[{"op":"replace","path":"name","value":"Ada"}]"#, ScimType::InvalidValue),
        (r#"[{"op":"replace","value":"x"}]"#, ScimType::InvalidValue),
        (r#"[{"op":"replace","value":null}]"#, ScimType::InvalidValue),
        (r#"[{"op":"replace","path":"title[value eq \"x\"]","value":"x"}]"#, ScimType::InvalidPath),
        (r#"[{"op":"remove","path":"name[givenName pr]"}]"#, ScimType::InvalidPath),
        (r#"[{"op":"remove","path":"emails[shoe eq \"x\"]"}]"#, ScimType::InvalidFilter),
        (r#"[{"op":"remove","path":"emails[primary gt true]"}]"#, ScimType::InvalidFilter),
    ] {
        assert_eq!(refused(EMAILS, operations).0, scim_type, "{operations}");
    }
}

#[test]
fn nothing_is_changed_where_the_last_operation_fails() {
    // `patch` compares the resource with what it was.
    refused(
        EMAILS,
        r#"[{"op":"remove","path":"emails"},{"op":"add","path":"title","value":"x"},
            {"op":"add","path":"shoeSize","value":"7"}]"#,
    );
}

#[test]
fn the_number_of_values_is_limited() {
    let add = |from: usize, to: usize| {
        let values: Vec<String> = (from..to).map(|n| format!(r#""r{n}""#)).collect();
        format!(r#"{{"op":"add","path":"roles","value":[{}]}}"#, values.join(","))
    };
    let ada = r#"{"userName":"ada"}"#;
    user(ada, &format!("[{},{}]", add(0, 600), add(600, 1000)));
    let (scim_type, _) = refused(ada, &format!("[{},{}]", add(0, 600), add(600, 1001)));
    assert_eq!(scim_type, ScimType::InvalidValue);
}

#[test]
fn the_work_of_one_request_is_limited() {
    let values = |from: usize, to: usize| {
        let values: Vec<String> = (from..to).map(|n| format!(r#""r{n}""#)).collect();
        format!(r#"{{"op":"add","path":"roles","value":[{}]}}"#, values.join(","))
    };
    let full = user(r#"{"userName":"ada"}"#, &format!("[{}]", values(0, 1000)));
    let again = |times| format!("[{}]", vec![values(0, 100); times].join(","));
    user(&full, &again(100));
    let (scim_type, detail) = refused(&full, &again(101));
    assert_eq!(scim_type, ScimType::InvalidValue);
    assert!(detail.contains("too many values"), "{detail}");
}

#[test]
fn what_is_required_and_not_there_can_be_removed() {
    let text = r#"{"name":"test","schemas":[{"id":"urn:example:badge:1.0:User","name":"Badge",
        "attributes":[{"name":"number","type":"string","required":true},
        {"name":"doors","type":"decimal","multiValued":true}]}],
        "extensions":[{"resourceType":"User","schema":"urn:example:badge:1.0:User"}]}"#;
    let definition: Definition = serde_json::from_str(text).expect("a definition");
    let schemas = Schemas::builtin().with(&definition).expect("it fits");
    let number = "urn:example:badge:1.0:User:number";
    for operation in [
        format!(r#"[{{"op":"remove","path":"{number}"}}]"#),
        format!(r#"[{{"op":"replace","path":"{number}","value":null}}]"#),
        format!(r#"[{{"op":"add","path":"{number}","value":""}}]"#),
    ] {
        let (after, _) = patch(schemas.user(), r#"{"userName":"ada"}"#, &operation);
        assert_eq!(after, Ok(object(r#"{"userName":"ada"}"#)), "{operation}");
        let before = r#"{"userName":"ada","urn:example:badge:1.0:User":{"number":"7"}}"#;
        let (kept, _) = patch(schemas.user(), before, &operation);
        assert_eq!(kept.is_ok(), operation.contains("add"), "{operation}");
    }
    // A value that a change makes equal to another is one with it.
    let doors = "urn:example:badge:1.0:User:doors";
    let before =
        r#"{"userName":"ada","urn:example:badge:1.0:User":{"number":"7","doors":[1,2,3]}}"#;
    let one = format!(r#"[{{"op":"replace","path":"{doors}[value eq 3]","value":2.0}}]"#);
    let after = patch(schemas.user(), before, &one).0.expect("replaced");
    let expected = before.replace("[1,2,3]", "[1,2]");
    assert_eq!(after, object(&expected));
}

//! Entra's two syntaxes: what is sent, and which faults are found.

use serde_json::{Value, json};
use simulator::{Flavour, Options, Syntax};

use crate::{
    fake::{Fake, Fault, TOKEN},
    wrong::is_caught,
};

const FLAGGED: Flavour = Flavour::Entra(Syntax::Flagged);
const UNFLAGGED: Flavour = Flavour::Entra(Syntax::Unflagged);

#[tokio::test]
async fn the_envelope_is_that_of_entra() {
    for flavour in [UNFLAGGED, FLAGGED] {
        let fake = Fake::start(flavour, None).await;
        simulator::run(fake.options()).await.unwrap();
        for seen in fake.seen() {
            let header = |name: &str| seen.headers.get(name).map(|value| value.to_str().unwrap());
            assert_eq!(header("accept"), Some("application/scim+json"));
            let labelled = matches!(seen.method.as_str(), "POST" | "PATCH");
            let label = labelled.then_some("application/scim+json; charset=utf-8");
            assert_eq!(header("content-type"), label, "{seen:?}");
            assert_ne!(seen.method, "PUT");
            let query = seen.uri.query().unwrap_or_default();
            assert_eq!(query.starts_with("aadOptscim062020"), flavour == FLAGGED, "{seen:?}");
            assert!(!query.contains('+') && !query.contains('['), "{seen:?}");
        }
        let right = format!("Bearer {TOKEN}");
        let wrong =
            fake.seen().iter().filter(|seen| seen.headers["authorization"] != right).count();
        assert_eq!(wrong, 2);
    }
}

/// Every operation that was sent, of users or of groups.
async fn operations(flavour: Flavour, path: &str) -> Vec<Value> {
    let fake = Fake::start(flavour, None).await;
    simulator::run(fake.options()).await.unwrap();
    let seen = fake.seen();
    let of_path = seen.iter().filter(|seen| seen.uri.path().starts_with(path));
    of_path.filter_map(|seen| seen.body["Operations"].as_array()).flatten().cloned().collect()
}

#[tokio::test]
async fn without_the_flag_operations_are_in_capitals_with_a_path_and_text_for_booleans() {
    let sent = operations(UNFLAGGED, "/scim/v2/Users/").await;
    let by_path = |path: &str| sent.iter().find(|sent| sent["path"] == path);
    for path in [
        "name.familyName",
        "externalId",
        "emails[type eq \"work\"].value",
        "phoneNumbers[type eq \"mobile\"].value",
        "addresses[type eq \"work\"].postalCode",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber",
    ] {
        assert_eq!(by_path(path).map(|sent| &sent["op"]), Some(&json!("Replace")), "{path}");
    }
    let archived = json!({"op": "Replace", "path": "active", "value": "False"});
    let restored = json!({"op": "Replace", "path": "active", "value": "True"});
    assert!(sent.contains(&archived) && sent.contains(&restored));
    let ops = ["Add", "Replace", "Remove"];
    assert!(sent.iter().all(|sent| ops.contains(&sent["op"].as_str().unwrap())));
    assert!(sent.iter().all(|sent| sent["path"].is_string()));

    let sent = operations(UNFLAGGED, "/scim/v2/Groups/").await;
    let removed = sent.iter().find(|sent| sent["op"] == "Remove").unwrap();
    assert_eq!(removed["path"], "members");
    assert_eq!(removed["value"][0].as_object().unwrap()["$ref"], Value::Null);
}

#[tokio::test]
async fn with_the_flag_keys_are_paths_and_booleans_are_booleans() {
    let sent = operations(FLAGGED, "/scim/v2/Users/").await;
    let keys: Vec<&String> = sent
        .iter()
        .filter(|sent| sent["path"].is_null())
        .flat_map(|sent| sent["value"].as_object().unwrap().keys())
        .collect();
    for key in [
        "name.familyName",
        "displayName",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber",
    ] {
        assert!(keys.iter().any(|sent| *sent == key), "{key}: {keys:?}");
    }
    assert!(sent.contains(&json!({"op": "replace", "path": "active", "value": false})));
    let ops = ["add", "replace", "remove"];
    assert!(sent.iter().all(|sent| ops.contains(&sent["op"].as_str().unwrap())));

    let sent = operations(FLAGGED, "/scim/v2/Groups/").await;
    let removed = sent.iter().find(|sent| sent["op"] == "remove").unwrap();
    assert!(removed["path"].as_str().unwrap().starts_with("members[value eq \""));
}

#[tokio::test]
async fn a_create_is_that_of_entra() {
    let fake = Fake::start(UNFLAGGED, None).await;
    simulator::run(fake.options()).await.unwrap();
    let seen = fake.seen();
    let created = |path: &str| -> Vec<&Value> {
        let posts = seen.iter().filter(|seen| seen.method == "POST" && seen.uri.path() == path);
        posts.map(|seen| &seen.body).collect()
    };
    let users = created("/scim/v2/Users");
    let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    assert!(users.iter().all(|user| user["roles"] == json!([])));
    assert!(users.iter().all(|user| user["meta"] == json!({"resourceType": "User"})));
    assert!(users.iter().any(|user| user[enterprise]["manager"].is_string()));
    assert!(users.iter().any(|user| user[enterprise]["manager"]["value"].is_string()));
    let group = created("/scim/v2/Groups")[0];
    let schema = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group";
    assert_eq!(group["schemas"][1], schema);
    assert!(group["externalId"].is_string() && group["members"].is_null());
}

#[tokio::test]
async fn each_fault_is_caught() {
    let cases = [
        (Fault::StringTotal, "test connection", "JSON integer"),
        (Fault::MissingResources, "test connection", "array `Resources`"),
        (Fault::NoneIs404, "test connection", "a list without resources"),
        (Fault::AnyTokenTaken, "wrong credentials are refused", "expected 401"),
        (Fault::PlainTextErrors, "an unknown id is a 404", "no JSON"),
        (Fault::NullsInSchemas, "schemas, without nulls", "`attributes[0].subAttributes`"),
        (Fault::NoPatch, "what the server can do", "`patch.supported` true"),
        (Fault::LowerCased, "create", "case of letters"),
        (Fault::InactiveEcho, "create", "`active` true"),
        (Fault::CaseSensitiveLookup, "look up by each matching attribute", "no one came"),
        (Fault::FilterIgnored, "look up by two attributes at once", "expected no one"),
        (Fault::AndIsOr, "look up by two attributes at once", "expected no one"),
        (Fault::DuplicateCreated, "refuse a duplicate", "expected 409"),
        (Fault::OnlyPresentElements, "replace a value that is not there", "missing"),
        (Fault::ManagerTextDropped, "create everyone else, with managers", "manager"),
        (Fault::DeactivatedIsGone, "soft delete", "must stay readable"),
        (Fault::HiddenInactive, "soft delete", "no one came"),
        (Fault::AnswersGroupPatch, "add members", "expected 204"),
        (Fault::AddsTwice, "repeat a change that was made", "twice"),
        (Fault::MembersShown, "read and look up without members", "excludes"),
        (Fault::RemoveIgnored, "remove a member, the others stay", "not removed"),
        (Fault::RenameEmpties, "rename, members stay", "missing"),
        (Fault::DeletedIsArchived, "delete, and create again", "expected 404"),
        (Fault::CutPages, "import the people and compare", "would miss"),
        (Fault::BusyUntilADate, "what the server can do", "whole seconds"),
    ];
    for flavour in [UNFLAGGED, FLAGGED] {
        for (fault, step, reason) in cases {
            is_caught(flavour, fault, step, reason).await;
        }
    }
}

#[tokio::test]
async fn each_fault_of_one_syntax_is_caught() {
    for (fault, step, reason) in [
        (Fault::CapitalsIgnored, "change many attributes at once", "expected `displayName`"),
        (Fault::TextIsTrue, "soft delete", "`active` false"),
        (Fault::RemovesEveryone, "remove a member, the others stay", "missing"),
    ] {
        is_caught(UNFLAGGED, fault, step, reason).await;
    }
    let step = "change many attributes at once";
    is_caught(FLAGGED, Fault::KeysIgnored, step, "expected `displayName`").await;
}

#[tokio::test]
async fn the_flag_is_put_on_the_base_url_and_not_told() {
    let fake = Fake::start(FLAGGED, None).await;
    let options = fake.options();
    assert!(!options.base_url.contains("aadOptscim062020"));
    let report = simulator::run(Options { users: 3, groups: 1, ..options }).await.unwrap();
    assert!(report.is_success(), "{report:#?}");
    assert!(report.flavour.title().starts_with("SCIM 2.0, the flag"), "{report:#?}");
    assert!(report.base_url.ends_with("/scim/v2"));
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!((&json["provider"], &json["flavour"]), (&"entra".into(), &"entra-flagged".into()));
}

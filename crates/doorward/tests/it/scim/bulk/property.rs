//! Random bulk requests, and the same operations one after the other as requests of their own:
//! the answers and what is stored must not differ.

use std::{cell::Cell, collections::BTreeMap};

use proptest::{
    collection::vec,
    option,
    prelude::*,
    test_runner::{Config, TestCaseError, TestRunner},
};
use serde_json::{Value as Json, json};
use testkit::{Engine, TestStore};

use super::{ENTERPRISE, bulk};
use crate::scim::support::{Client, Reply, numbered};

/// What one operation does. Resources are chosen by a number among those that the request makes
/// and those that are there before.
#[derive(Clone, Debug)]
enum Deed {
    CreateUser { name: u8, manager: Option<usize> },
    CreateGroup { name: u8, members: Vec<usize> },
    ReplaceUser { whom: usize, name: u8, manager: Option<usize> },
    Members { group: usize, op: &'static str, members: Vec<usize>, version: Option<u8> },
    RemoveByPath { group: usize, member: usize },
    Delete { what: usize, endpoint: &'static str },
}

/// A deed, and a number that decides what may refer to what: circles are not for this test.
type Script = Vec<(u8, Deed)>;

fn script() -> impl Strategy<Value = Script> {
    let one = || 0_usize..24;
    let deed = prop_oneof![
        5 => (0_u8..9, option::weighted(0.4, one()))
            .prop_map(|(name, manager)| Deed::CreateUser { name, manager }),
        4 => (0_u8..5, vec(one(), 0..4))
            .prop_map(|(name, members)| Deed::CreateGroup { name, members }),
        2 => (one(), 0_u8..9, option::of(one()))
            .prop_map(|(whom, name, manager)| Deed::ReplaceUser { whom, name, manager }),
        4 => (one(), prop::sample::select(vec!["add", "remove", "replace"]), vec(one(), 0..3), option::weighted(0.2, 1_u8..4))
            .prop_map(|(group, op, members, version)| Deed::Members { group, op, members, version }),
        1 => (one(), one()).prop_map(|(group, member)| Deed::RemoveByPath { group, member }),
        2 => (one(), prop::sample::select(vec!["/Users", "/Groups"]))
            .prop_map(|(what, endpoint)| Deed::Delete { what, endpoint }),
    ];
    vec((any::<u8>(), deed), 1..24)
}

#[test]
fn sqlite() {
    compare(Engine::Sqlite, 40);
}

#[test]
fn postgres() {
    compare(Engine::Postgres, 15);
}

fn compare(engine: Engine, cases: u32) {
    if !engine.takes_part() {
        return;
    }
    let cases = if testkit::long() { cases * 20 } else { cases };
    let store = TestStore::open(engine);
    let client = store.block_on(Client::open(&store));
    let config =
        Config { cases, failure_persistence: None, max_shrink_iters: 200, ..Config::default() };
    let number = Cell::new(0);
    let result = TestRunner::new(config).run(&script(), |script| {
        number.set(number.get() + 1);
        let number = number.get();
        store.block_on(async {
            let together = client.of_another(&store, &format!("together-{number}")).await;
            let alone = client.of_another(&store, &format!("alone-{number}")).await;
            play(&together, &alone, &script).await.map_err(TestCaseError::fail)
        })
    });
    if let Err(error) = result {
        panic!("{error}");
    }
    store.block_on(store.assert_clean());
}

async fn play(together: &Client, alone: &Client, script: &Script) -> Result<(), String> {
    let (first, second) = (furnish(together).await, furnish(alone).await);
    let operations: Vec<Json> =
        script.iter().enumerate().map(|(at, _)| operation(script, at, &first)).collect();
    let told = outcomes(&bulk(together, operations.into()).await);
    let one_by_one = singly(alone, script, &second).await;
    same("the outcomes", &told, &one_by_one)?;
    let (first, second) = (state(together).await, state(alone).await);
    same("what is stored", &first, &second)?;
    let (first, second) = (together.kinds_after(0).await, alone.kinds_after(0).await);
    same("the events", &first, &second)
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, one: &T, other: &T) -> Result<(), String> {
    if one == other {
        return Ok(());
    }
    Err(format!("{what}: together {one:#?}, alone {other:#?}"))
}

/// Who is there before.
async fn furnish(client: &Client) -> Vec<String> {
    let (ada, bob) = (client.user("user0").await, client.user("user1").await);
    let crew = client.group("group0", &[&ada]).await;
    vec![ada, bob, crew]
}

/// How an operation names a resource: by `bulkId:` where the request creates it. A POST names only
/// those below it.
fn name(script: &Script, at: usize, number: usize, there: &[String]) -> String {
    let number = number % (script.len() + there.len());
    if let Some(id) = number.checked_sub(script.len()) {
        return there[id].clone();
    }
    let is_post =
        |at: usize| matches!(script[at].1, Deed::CreateUser { .. } | Deed::CreateGroup { .. });
    let below = (script[number].0, number) < (script[at].0, at);
    if is_post(number) && (below || !is_post(at)) {
        return format!("bulkId:b{number}");
    }
    there[number % there.len()].clone()
}

fn operation(script: &Script, at: usize, there: &[String]) -> Json {
    let name = |number: usize| name(script, at, number, there);
    let person = |user: u8, manager: Option<usize>| {
        let mut person = json!({ "userName": format!("user{user}") });
        if let Some(manager) = manager {
            person[ENTERPRISE] = json!({ "manager": { "value": name(manager) } });
        }
        person
    };
    let list = |members: &[usize]| {
        members.iter().map(|member| json!({ "value": name(*member) })).collect::<Vec<_>>()
    };
    let bulk_id = format!("b{at}");
    match &script[at].1 {
        Deed::CreateUser { name, manager } => {
            json!({ "method": "POST", "path": "/Users", "bulkId": bulk_id, "data": person(*name, *manager) })
        }
        Deed::CreateGroup { name, members } => {
            let data = json!({ "displayName": format!("group{name}"), "members": list(members) });
            json!({ "method": "POST", "path": "/Groups", "bulkId": bulk_id, "data": data })
        }
        Deed::ReplaceUser { whom, name: user, manager } => {
            let path = format!("/Users/{}", name(*whom));
            json!({ "method": "PUT", "path": path, "data": person(*user, *manager) })
        }
        Deed::Members { group, op, members, version } => {
            let path = format!("/Groups/{}", name(*group));
            let data =
                json!({ "Operations": [{ "op": op, "path": "members", "value": list(members) }] });
            let mut operation = json!({ "method": "PATCH", "path": path, "data": data });
            if let Some(version) = version {
                operation["version"] = json!(format!("W/\"{version}\""));
            }
            operation
        }
        Deed::RemoveByPath { group, member } => {
            let selector = format!("members[value eq \"{}\"]", name(*member));
            let data = json!({ "Operations": [{ "op": "remove", "path": selector }] });
            json!({ "method": "PATCH", "path": format!("/Groups/{}", name(*group)), "data": data })
        }
        Deed::Delete { what, endpoint } => {
            json!({ "method": "DELETE", "path": format!("{endpoint}/{}", name(*what)) })
        }
    }
}

/// The status, keyword and version of each operation.
fn outcomes(reply: &Reply) -> Vec<String> {
    let body = reply.json();
    let told = body["Operations"].as_array().expect("operations").iter().map(|operation| {
        let status = operation["status"].as_str().expect("a status");
        outcome(status, &operation["response"], operation["version"].as_str())
    });
    told.collect()
}

fn outcome(status: &str, error: &Json, version: Option<&str>) -> String {
    let keyword = error["scimType"].as_str().unwrap_or_default();
    format!("{status} {keyword} {}", version.unwrap_or_default())
}

/// Does the operations as requests of their own: always the first one in the request whose needs
/// are met.
async fn singly(client: &Client, script: &Script, there: &[String]) -> Vec<String> {
    let operations: Vec<String> =
        (0..script.len()).map(|at| operation(script, at, there).to_string()).collect();
    let path = |at: usize| operation(script, at, there)["path"].clone();
    let is_post = |at: usize| operations[at].contains("\"POST\"");
    let refers = |at: usize, to: usize| {
        operations[at].contains(&format!("bulkId:b{to}\""))
            || operations[at].contains(&format!("bulkId:b{to}\\\""))
    };
    let mut told: BTreeMap<usize, String> = BTreeMap::new();
    let mut born: BTreeMap<usize, Option<String>> = BTreeMap::new();
    while told.len() < operations.len() {
        let met = |at: usize| {
            let referred =
                (0..operations.len()).all(|to| !refers(at, to) || told.contains_key(&to));
            let earlier = (0..at).all(|to| {
                is_post(at) || is_post(to) || path(to) != path(at) || told.contains_key(&to)
            });
            referred && earlier
        };
        let next = (0..operations.len()).find(|at| !told.contains_key(at) && met(*at));
        let at = next.expect("there are no circles");
        let mut text = operations[at].clone();
        let mut lost = false;
        for (number, id) in &born {
            if refers(at, *number) {
                lost |= id.is_none();
                let id = id.as_deref().unwrap_or_default();
                text = text
                    .replace(&format!("bulkId:b{number}\""), &format!("{id}\""))
                    .replace(&format!("bulkId:b{number}\\\""), &format!("{id}\\\""));
            }
        }
        if lost {
            told.insert(at, outcome("409", &Json::Null, None));
            if is_post(at) {
                born.insert(at, None);
            }
            continue;
        }
        let operation: Json = serde_json::from_str(&text).expect("JSON");
        let reply = request(client, &operation).await;
        let (status, shown) = (reply.status.to_string(), reply.json());
        if is_post(at) {
            born.insert(at, (reply.status == 201).then(|| reply.id()));
        }
        told.insert(at, outcome(&status, &shown, reply.version().as_deref()));
    }
    told.into_values().collect()
}

async fn request(client: &Client, operation: &Json) -> Reply {
    let text = |name: &str| operation[name].as_str().unwrap_or_default();
    let version = text("version");
    let headers = [("If-Match", version)];
    let headers = if version.is_empty() { &[][..] } else { &headers };
    let body = operation["data"].to_string();
    client.request_with(text("method"), text("path"), headers, Some(&body)).await
}

/// All that can be seen, with ids numbered as they come up.
async fn state(client: &Client) -> String {
    let users = client.get("/Users?count=1000").await.text();
    let groups = client.get("/Groups?count=1000").await.text();
    numbered(&format!("{users}\n{groups}")).replace("},", "},\n")
}

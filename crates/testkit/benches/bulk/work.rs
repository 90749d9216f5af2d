//! The changes, and the ways in which they are made.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::{Value as Json, json};
use testkit::{Engine, TestServer, TestStore};
use tokio::task::JoinSet;

/// Users that are created; each becomes a member of a group.
const USERS: usize = 500;
const GROUPS: usize = 10;
/// Changes of one run.
pub(crate) const CHANGES: usize = 2 * USERS;

/// How the changes are made.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Way {
    Bulk,
    AtOnce(usize),
}

impl Way {
    pub(crate) const ALL: [Self; 3] = [Self::Bulk, Self::AtOnce(8), Self::AtOnce(64)];
}

/// A store with an organization, its groups and a server.
pub(crate) struct Site {
    store: TestStore,
    server: TestServer,
    token: String,
    groups: Vec<String>,
    people: usize,
}

impl Site {
    pub(crate) fn new(engine: Engine) -> Self {
        let store = TestStore::open(engine);
        let server = TestServer::new(&store);
        let token = store.block_on(async {
            let organization = store.organization("acme").await;
            let connection = store.connection(&organization).await;
            organization.issue(&connection.connection).await.reveal().to_owned()
        });
        let mut site = Self { store, server, token, groups: Vec::new(), people: 0 };
        for number in 0..GROUPS {
            let body = json!({ "displayName": format!("Group {number}") });
            let answer = site.store.block_on(site.send("POST", "/scim/v2/Groups", body));
            site.groups.push(answer["id"].as_str().expect("a group").to_owned());
        }
        site
    }

    async fn send(&self, method: &str, path: &str, body: Json) -> Json {
        send(&self.server, &self.token, method, path, &body).await
    }

    /// Makes the changes, and says how long it took.
    pub(crate) fn run(&mut self, way: Way) -> Duration {
        let first = self.people;
        self.people += USERS;
        let people: Vec<Json> = (first..self.people).map(person).collect();
        let begun = Instant::now();
        match way {
            Way::Bulk => self.store.block_on(self.together(people)),
            Way::AtOnce(clients) => self.store.block_on(self.side_by_side(people, clients)),
        }
        begun.elapsed()
    }

    async fn together(&self, people: Vec<Json>) {
        let mut operations = Vec::with_capacity(CHANGES);
        for (at, person) in people.into_iter().enumerate() {
            let name = format!("u{at}");
            let member = adding(&format!("bulkId:{name}"));
            let group = format!("/Groups/{}", self.groups[at % GROUPS]);
            operations.push(
                json!({ "method": "POST", "path": "/Users", "bulkId": name, "data": person }),
            );
            operations.push(json!({ "method": "PATCH", "path": group, "data": member }));
        }
        let schemas = ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"];
        let body = json!({ "schemas": schemas, "Operations": operations });
        let answer = self.send("POST", "/scim/v2/Bulk", body).await;
        let operations = answer["Operations"].as_array().expect("operations");
        assert_eq!(operations.len(), CHANGES);
        for operation in operations {
            let status = operation["status"].as_str().expect("a status");
            assert!(["201", "204"].contains(&status), "{operation}");
        }
    }

    async fn side_by_side(&self, people: Vec<Json>, clients: usize) {
        let people = Arc::new(people);
        let groups = Arc::new(self.groups.clone());
        let next = Arc::new(AtomicUsize::new(0));
        let mut tasks = JoinSet::new();
        for _ in 0..clients {
            let (server, token) = (self.server.clone(), self.token.clone());
            let (people, groups, next) =
                (Arc::clone(&people), Arc::clone(&groups), Arc::clone(&next));
            tasks.spawn(async move {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(person) = people.get(at) else { break };
                    let made = send(&server, &token, "POST", "/scim/v2/Users", person).await;
                    let member = adding(made["id"].as_str().expect("a user"));
                    let group = format!("/scim/v2/Groups/{}", groups[at % GROUPS]);
                    send(&server, &token, "PATCH", &group, &member).await;
                }
            });
        }
        tasks.join_all().await;
    }

    /// What was written is sound.
    pub(crate) fn verify(&self) {
        self.store.block_on(self.store.assert_clean());
    }
}

async fn send(server: &TestServer, token: &str, method: &str, path: &str, body: &Json) -> Json {
    let answer = server.request(token, method, path, Some(&body.to_string())).await;
    assert!((200..300).contains(&answer.status), "{path}: {}", answer.text());
    answer.json()
}

/// A user as an Okta sends it.
fn person(number: usize) -> Json {
    let name = format!("ada.lovelace.{number}@acme.example");
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": name,
        "externalId": format!("00u{number:017}"),
        "name": { "givenName": "Ada", "familyName": "Lovelace" },
        "emails": [{ "value": name, "type": "work", "primary": true }],
        "displayName": format!("Ada Lovelace {number}"),
        "title": "Engineer",
        "locale": "en-GB",
        "active": true,
    })
}

fn adding(member: &str) -> Json {
    json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": "add", "path": "members", "value": [{ "value": member }] }],
    })
}

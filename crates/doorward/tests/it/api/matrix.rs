//! Every address of the API, by every kind of key, on the own and on another organization: the statuses
//! are in `matrix.txt`, and reviewed as text. What a key does not reach is answered like what does not
//! exist, byte for byte.

use std::fmt::Write as _;

use directory::{
    Writer,
    api_key::{self, NewKey, Scope},
    connection::{Protocol, Provider},
    group,
    role::{self, RoleName},
    token,
    user::{self, Rehire},
    webhook::{Filter, NewWebhook, Order, Webhooks},
};
use scim::Object;
use serde_json::{Value as Json, json};
use testkit::{Engine, TestStore};

use super::support::{Api, Reply};

/// What an id looks like that was never given.
const ABSENT: &str = "00000000-0000-4000-8000-000000000000";

/// An operation, as the description has it.
struct Operation {
    method: String,
    path: String,
    has_body: bool,
}

/// All of them, in the order of the description.
fn operations() -> Vec<Operation> {
    let document: Json = serde_json::from_str(server::api::openapi_document()).expect("JSON");
    let paths = document["paths"].as_object().expect("paths");
    let mut all = Vec::new();
    for (path, item) in paths {
        for (method, operation) in item.as_object().expect("operations") {
            let has_body = operation.get("requestBody").is_some();
            all.push(Operation { method: method.to_uppercase(), path: path.clone(), has_body });
        }
    }
    all
}

/// What is sent where an operation takes a body.
fn body(operation: &Operation, there: &There) -> Json {
    let attributes = |name: &str, value: &str| json!({ "attributes": { name: value } });
    match (operation.method.as_str(), operation.path.as_str()) {
        ("POST", "/organizations") => json!({ "slug": "made", "name": "Made" }),
        ("PATCH", "/organizations/{organization}") => json!({ "admin_guard": true }),
        ("PUT", "/plans/{name}") => json!({ "features": [] }),
        ("POST", path) if path.ends_with("/api-keys") => json!({ "name": "k", "scope": "read" }),
        ("POST", path) if path.ends_with("/connections") => {
            json!({ "provider": "other", "protocol": "scim2" })
        }
        ("PATCH", path) if path.ends_with("/saml") => json!({ "unsolicited": true }),
        ("POST", path) if path.ends_with("/certificates") => json!({ "pem": "none" }),
        ("PATCH", path) if path.ends_with("/{connection}") => json!({ "name": "Other" }),
        ("POST", path) if path.ends_with("/tokens") => json!({}),
        ("POST", path) if path.ends_with("/users") => attributes("userName", "new"),
        ("PATCH", path) if path.ends_with("/removal-guard") => json!({ "people": 400 }),
        ("POST", path) if path.ends_with("/release") || path.ends_with("/refuse") => json!({}),
        ("POST", path) if path.ends_with("/let-through") => json!({ "id": there.user }),
        ("PATCH", path) if path.ends_with("/{user}") => attributes("title", "Countess"),
        ("POST", path) if path.ends_with("/groups") => attributes("displayName", "New"),
        ("PATCH", path) if path.ends_with("/{group}") => attributes("displayName", "Other"),
        ("PUT", path) if path.ends_with("/connection") => json!({ "connection": there.connection }),
        ("POST", path) if path.contains("/members") => json!({ "members": [there.user] }),
        ("POST", path) if path.ends_with("/webhooks") => {
            json!({ "url": "https://receiver.example/" })
        }
        ("PATCH", path) if path.ends_with("/{webhook}") => json!({ "description": "Ours" }),
        ("POST", path) if path.ends_with("/secrets") => json!({}),
        ("POST", path) if path.ends_with("/resume") => json!({ "skip": true }),
        ("POST", path) if path.ends_with("/replay") => json!({ "event": 1 }),
        ("POST", path) if path.ends_with("/restore") => json!({ "to": "1" }),
        ("POST", path) if path.ends_with("/roles") => json!({ "name": "new" }),
        (method, path) => panic!("say what {method} {path} is sent"),
    }
}

/// What there is in an organization: one of each.
struct There {
    id: String,
    /// One for each scope, in the order of [`SCOPES`].
    keys: Vec<String>,
    connection: String,
    user: String,
    group: String,
    webhook: String,
    /// A webhook of the installation.
    of_all: String,
}

impl There {
    async fn make(store: &TestStore, slug: &str) -> Self {
        let organization = store.organization(slug).await;
        let connected = organization.connection(Provider::Other, Protocol::Scim2).await;
        let connection = connected.connection.id;
        let make = move |writer: &mut Writer<'_>| {
            let ada = Object::new().with("userName", "ada");
            let team = Object::new().with("displayName", "Team");
            let user = user::create(writer, &ada, Rehire::Refuse)?;
            let group = group::create(writer, &team, &[])?;
            let auditor = RoleName::parse("auditor")?;
            role::create(writer, &auditor, "")?;
            token::issue(writer, connection, None)?;
            let key = NewKey { name: "k".to_owned(), scope: Scope::Read, expires: None };
            api_key::create(writer, &key)?;
            let mut keys = Vec::new();
            for scope in SCOPES {
                let made = api_key::create(writer, &NewKey { scope, ..key.clone() })?;
                keys.push(made.reveal().to_owned());
            }
            Ok((user.id.to_string(), group.id.to_string(), keys))
        };
        let (user, group, keys) = organization.by_operator().write(make).await.expect("made");
        let id = organization.get().await.id.to_string();
        let own = Webhooks::of_organization(&organization.store, &organization.operator);
        let webhook = webhook(&own).await;
        let of_all = Webhooks::of_installation(&store.installation());
        let of_all = match of_all.list().await.expect("a list").first() {
            Some(webhook) => webhook.id.to_string(),
            None => self::webhook(&of_all).await,
        };
        Self { id, keys, connection: connection.to_string(), user, group, webhook, of_all }
    }

    /// An address in it.
    fn at(&self, path: &str) -> String {
        let webhook = if path.starts_with("/webhooks") { &self.of_all } else { &self.webhook };
        let name = match path {
            path if path.starts_with("/plans") => "gold",
            path if path.contains("/add-ons") => "saml",
            path if path.contains("/certificates") => "00",
            _ => "auditor",
        };
        path.replace("{organization}", &self.id)
            .replace("{connection}", &self.connection)
            .replace("{user}", &self.user)
            .replace("{group}", &self.group)
            .replace("{session}", ABSENT)
            .replace("{webhook}", webhook)
            .replace("{secret}", "1")
            .replace("{delivery}", "1")
            .replace("{token}", "1")
            .replace("{key}", "1")
            .replace("{name}", name)
            .replace("{moment}", "2100-01-01T00:00:00Z")
    }
}

/// Makes a webhook with two secrets, to which nothing can be sent.
async fn webhook(webhooks: &Webhooks) -> String {
    let new = NewWebhook {
        url: "https://127.0.0.1/".to_owned(),
        description: String::new(),
        events: Filter::default(),
        order: Order::Organization,
    };
    let id = webhooks.create(new).await.expect("made").webhook.id;
    webhooks.rotate(id).await.expect("made");
    id.to_string()
}

async fn send(api: &Api, operation: &Operation, there: &There, path: &str) -> Reply {
    if operation.path.ends_with("/stream") {
        // It has no end: its status is told at once.
        return Reply(api.stream(path, &[], "").await);
    }
    let body = operation.has_body.then(|| body(operation, there));
    api.send(&operation.method, path, body.as_ref()).await
}

/// From the least to the most: whoever is denied changes nothing for the next.
const SCOPES: [Scope; 3] = [Scope::Read, Scope::Write, Scope::Manage];

#[test]
fn the_matrix_is_as_it_was_reviewed() {
    testkit::run(Engine::Sqlite, async |store| {
        let text = matrix(store).await;
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/api/matrix.txt");
        #[expect(
            clippy::disallowed_methods,
            reason = "tests have no configuration but this variable"
        )]
        if std::env::var("UPDATE_GOLDEN").is_ok() {
            std::fs::write(path, &text).expect("the file can be written");
        }
        let reviewed = std::fs::read_to_string(path).unwrap_or_default();
        assert!(reviewed == text, "review the change, then run with UPDATE_GOLDEN=1\n{text}");
    });
}

async fn matrix(store: &TestStore) -> String {
    let mut text = String::from(
        "What every kind of key is answered, by address: in its own organization / in another one.\n\
         A key of the installation has no other one.\n\n\
         a  key of the installation, read   b  write   c  manage\n\
         d  key of the organization, read   e  write   f  manage\n\n",
    );
    let columns = ["a", "b", "c", "d      ", "e      ", "f"];
    let columns = columns.map(|it| format!("{it:<3}")).join(" ");
    let _ = writeln!(text, "{:<96}{}", "", columns.trim_end());
    let api = Api::open(store).await;
    let mut of_all = Vec::new();
    for scope in SCOPES {
        of_all.push(api.with_scope(store, scope).await);
    }
    let other = There::make(store, "other").await;
    let mut fresh = Fresh { store, number: 0, there: None };
    for operation in operations() {
        let mut cells = Vec::new();
        for key in &of_all {
            let there = fresh.there(&operation).await;
            let reply = send(key, &operation, there, &there.at(&operation.path)).await;
            cells.push(reply.status().to_string());
            fresh.after(&operation, &reply);
        }
        for scope in 0..SCOPES.len() {
            let there = fresh.there(&operation).await;
            let key = api.with_key(&there.keys[scope]);
            let foreign = if operation.path.contains("{organization}") {
                let reply = send(&key, &operation, there, &other.at(&operation.path)).await;
                let absent = other.at(&operation.path).replace(&other.id, ABSENT);
                let missing = send(&key, &operation, there, &absent).await;
                assert_same(&operation, (&reply, &other.id), (&missing, ABSENT));
                mixed(&key, &operation, there, &other).await;
                reply.status().to_string()
            } else {
                "-".to_owned()
            };
            let reply = send(&key, &operation, there, &there.at(&operation.path)).await;
            cells.push(format!("{}/{foreign:<3}", reply.status()));
            fresh.after(&operation, &reply);
        }
        let address = format!("{:<6} {}", operation.method, operation.path);
        let _ = writeln!(text, "{address:<96}{}", cells.join(" ").trim_end());
    }
    text
}

/// An organization in which everything is as it was made.
struct Fresh<'s> {
    store: &'s TestStore,
    number: usize,
    there: Option<There>,
}

impl Fresh<'_> {
    async fn there(&mut self, operation: &Operation) -> &There {
        if self.there.is_none() {
            self.number += 1;
            prepare(self.store, operation).await;
            self.there = Some(There::make(self.store, &format!("acme-{}", self.number)).await);
        }
        self.there.as_ref().expect("it was just made")
    }

    /// After something was changed, the next one finds another organization.
    fn after(&mut self, operation: &Operation, reply: &Reply) {
        if operation.method != "GET" && reply.status() < 400 {
            self.there = None;
        }
    }
}

/// What does not belong to an organization, as it is to be found.
async fn prepare(store: &TestStore, operation: &Operation) {
    let installation = store.installation();
    if operation.path == "/organizations" {
        let slug = directory::organization::Slug::parse("made").expect("a slug");
        // It may not be there.
        let _ = directory::organization::delete(&installation, &slug).await;
    }
    installation.set_plan("gold", &[]).await.expect("a plan");
}

/// Things of another organization, named within the own one, are answered like those that do not
/// exist.
async fn mixed(key: &Api, operation: &Operation, there: &There, other: &There) {
    for (place, foreign) in [
        ("{connection}", &other.connection),
        ("{user}", &other.user),
        ("{group}", &other.group),
        ("{webhook}", &other.webhook),
    ] {
        if operation.path.contains(place) {
            let at = |id: &str| there.at(&operation.path.replace(place, id));
            let reply = send(key, operation, there, &at(foreign)).await;
            let missing = send(key, operation, there, &at(ABSENT)).await;
            assert_same(operation, (&reply, foreign), (&missing, ABSENT));
        }
    }
}

/// The same status, headers and body, but for the id that was asked for and that of the request.
fn assert_same(operation: &Operation, there: (&Reply, &str), missing: (&Reply, &str)) {
    let shown = |(reply, id): (&Reply, &str)| {
        let mut headers = reply.0.headers.clone();
        headers.remove("x-request-id");
        headers.remove("content-length");
        // It falls with each request.
        headers.remove("ratelimit");
        (reply.status(), format!("{headers:?}"), reply.0.text().replace(id, "[id]"))
    };
    let Operation { method, path, .. } = operation;
    assert_eq!(shown(there), shown(missing), "{method} {path}");
}

//! Five hundred bodies that were valid before something happened to them.

use axum::{body::Body, http::Request};
use directory::Random;
use serde_json::{Value as Json, json};
use testkit::contract;

use super::furnished;
use crate::scim::support::Client;

const ROUNDS: usize = 500;

/// Numbers from a seed.
struct Dice(Random);

impl Dice {
    fn below(&self, end: usize) -> usize {
        let number = u64::from_le_bytes(self.0.bytes());
        usize::try_from(number % end.max(1) as u64).expect("small")
    }

    fn pick<T: Clone>(&self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }

    fn value(&self) -> Json {
        self.pick(&[
            Json::Null,
            json!(true),
            json!(-1),
            json!(1.5),
            json!(u64::MAX),
            json!(""),
            json!("x"),
            json!("False"),
            json!("\u{202e}é"),
            json!([]),
            json!({}),
            json!(["x", null, 1]),
            json!({ "value": "x", "primary": "true" }),
            json!([{ "value": { "value": [] } }]),
            json!("y".repeat(2_000)),
        ])
    }

    /// Changes a value somewhere inside.
    fn disturb(&self, value: &mut Json) {
        match value {
            Json::Object(object) if !object.is_empty() && self.below(4) > 0 => {
                let names: Vec<String> = object.keys().cloned().collect();
                let name = self.pick(&names);
                match self.below(5) {
                    0 => drop(object.remove(&name)),
                    1 => {
                        let moved = object.remove(&name).expect("there");
                        object.insert(
                            self.pick(&["value", "NAME", "id", "a.b", "$ref"]).to_owned(),
                            moved,
                        );
                    }
                    _ => self.disturb(object.get_mut(&name).expect("there")),
                }
            }
            Json::Array(values) if !values.is_empty() && self.below(4) > 0 => {
                let at = self.below(values.len());
                match self.below(4) {
                    0 => drop(values.remove(at)),
                    1 => values.push(values[at].clone()),
                    _ => self.disturb(&mut values[at]),
                }
            }
            other => *other = self.value(),
        }
    }

    /// Changes bytes of a text.
    fn flip(&self, bytes: &mut Vec<u8>) {
        for _ in 0..=self.below(3) {
            let at = self.below(bytes.len());
            match self.below(4) {
                0 => bytes[at] ^= 1 << self.below(8),
                1 => drop(bytes.remove(at)),
                2 => bytes.insert(at, self.pick(br#"{}[]",:\0e-"#)),
                _ => bytes.truncate(at),
            }
            if bytes.is_empty() {
                break;
            }
        }
    }
}

fn resource(endpoint: &str, ids: &[String]) -> Json {
    match endpoint {
        "/Users" => json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "userName": "somebody", "externalId": "00u1", "active": true, "password": "p",
            "name": { "givenName": "A", "familyName": "B", "formatted": "A B" },
            "emails": [{ "value": "a@x", "type": "work", "primary": true }, { "value": "b@x" }],
            "addresses": [{ "streetAddress": "1", "postalCode": "2", "type": "home" }],
            "roles": [{ "value": "r" }], "x509Certificates": [{ "value": "TQ==" }],
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":
                { "department": "D", "manager": { "value": ids[0], "displayName": "M" } },
        }),
        _ => json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
            "displayName": "some", "externalId": "00g1",
            "members": [{ "value": ids[0], "type": "User" }, { "value": ids[1] }, { "value": "?" }],
            "urn:okta:custom:group:1.0": { "description": "d" },
        }),
    }
}

fn patch(endpoint: &str, ids: &[String]) -> Json {
    let operations = match endpoint {
        "/Users" => json!([
            { "op": "replace", "value": { "active": false, "name.givenName": "C" } },
            { "op": "add", "path": "emails[type eq \"work\"].value", "value": "c@x" },
            { "op": "remove", "path": "addresses[type eq \"home\" and primary eq true]" },
            { "op": "Replace", "path": "title", "value": "T" },
            { "op": "replace", "path": "active", "value": "True" },
        ]),
        _ => json!([
            { "op": "add", "path": "members", "value": [{ "value": ids[0] }, { "value": "?" }] },
            { "op": "remove", "path": format!("members[value eq \"{}\"]", ids[0]) },
            { "op": "replace", "value": { "members": [{ "value": ids[1] }], "displayName": "n" } },
            { "op": "Remove", "path": "members", "value": [{ "value": ids[1] }] },
        ]),
    };
    json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations })
}

async fn one(client: &Client, dice: &Dice, ids: &[String]) {
    let endpoint = dice.pick(&["/Users", "/Groups"]);
    let method = dice.pick(&["POST", "PUT", "PATCH"]);
    let mut body = match method {
        "PATCH" => patch(endpoint, ids),
        _ => resource(endpoint, ids),
    };
    for _ in 0..dice.below(3) {
        dice.disturb(&mut body);
    }
    let mut bytes = body.to_string().into_bytes();
    if dice.below(3) == 0 {
        dice.flip(&mut bytes);
    }
    let path = match method {
        "POST" => endpoint.to_owned(),
        _ => format!("{endpoint}/{}", dice.pick(ids)),
    };
    let client = if dice.below(4) == 0 { client.v1() } else { client.clone() };
    let request = Request::builder()
        .method(method)
        .uri(client.path(&path))
        .header("authorization", format!("Bearer {}", client.token))
        .header("content-type", "application/json")
        .body(Body::from(bytes.clone()))
        .expect("a request");
    let newest = client.newest().await;
    let reply = client.send(request).await;
    let sent = String::from_utf8_lossy(&bytes);
    assert!(reply.status < 500, "{method} {path}\n{sent}\n{reply}");
    if reply.status >= 400 {
        let _ = super::refusal(&reply);
        assert_eq!(client.newest().await, newest, "{method} {path}\n{sent}\n{reply}");
    }
}

contract!(async fn no_body_is_the_servers_undoing(store) {
    let client = furnished(store).await;
    let dice = Dice(Random::from_seed(20_260_101));
    let mut ids = vec![client.user("x").await, client.user("y").await];
    ids.push(client.group("x", &[&ids[0]]).await);
    ids.push(client.group("y", &[]).await);
    for round in 0..ROUNDS {
        one(&client, &dice, &ids).await;
        if round % 50 == 0 {
            store.assert_clean().await;
        }
    }
    // Whatever was stored can still be shown.
    for path in ["/Users?count=1000", "/Groups?count=1000"] {
        let list = client.get(path).await;
        assert_eq!(list.status, 200);
        let (list, shown) = (list.json(), list.json()["Resources"].as_array().map(Vec::len));
        assert_eq!(list["totalResults"], shown.expect("Resources"));
    }
});

//! [`Crowd`]: the users of an organization, made by bulk requests.

use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use crate::{
    chance::Chance,
    http::{Caller, Connection},
    people,
};

/// Operations of one bulk request.
pub(crate) const PIECE: usize = 1_000;

const BULK: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";

/// Users with the numbers from 0 on.
#[derive(Clone, Debug)]
pub(crate) struct Crowd {
    pub(crate) caller: Caller,
    /// Their ids, by their numbers.
    pub(crate) ids: Vec<String>,
}

impl Crowd {
    /// Makes so many users.
    pub(crate) async fn make(caller: &Caller, count: usize) -> Result<Self> {
        let mut crowd = Self { caller: caller.clone(), ids: Vec::with_capacity(count) };
        crowd.grow(count).await?;
        Ok(crowd)
    }

    /// Makes more, until there are so many. Answers how many came in a second.
    pub(crate) async fn grow(&mut self, count: usize) -> Result<f64> {
        let (begun, first) = (Instant::now(), self.ids.len());
        let mut connection = Connection::new(self.caller.address);
        while self.ids.len() < count {
            let there = self.ids.len();
            let people = (there..count.min(there + PIECE)).map(people::whole);
            let operations = people.enumerate().map(|(at, data)| {
                json!({"method": "POST", "path": "/Users", "bulkId": at.to_string(), "data": data})
            });
            let request = self.caller.send("POST", "/Bulk", &bulk(operations));
            let answer = connection.exchange(&request).await?;
            let told = String::from_utf8_lossy(answer.body);
            ensure!(answer.status == 200, "a bulk request got {}: {told}", answer.status);
            let answer: Value = serde_json::from_slice(answer.body)?;
            for operation in answer["Operations"].as_array().context("no operations")? {
                let location = operation["location"].as_str();
                let id = location.and_then(|location| location.rsplit('/').next());
                self.ids.push(id.with_context(|| format!("no user: {operation}"))?.to_owned());
            }
            if self.ids.len().is_multiple_of(10_000) {
                let time = begun.elapsed().as_secs_f64();
                eprintln!("{} users after {time:.1} s", self.ids.len());
            }
        }
        Ok(crate::figures::number(count - first) / begun.elapsed().as_secs_f64())
    }

    /// Someone, with their number.
    pub(crate) fn somebody(&self, chance: &mut Chance) -> (usize, &str) {
        let number = chance.below(self.ids.len());
        (number, &self.ids[number])
    }
}

/// The body of a bulk request.
pub(crate) fn bulk(operations: impl Iterator<Item = Value>) -> String {
    json!({"schemas": [BULK], "Operations": operations.collect::<Vec<_>>()}).to_string()
}

/// The body of a PATCH.
pub(crate) fn patch(operation: &Value) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [operation],
    })
}

/// The body that gives a user another title, name and department. None of them is indexed.
pub(crate) fn new_profile(chance: &mut Chance) -> Value {
    patch(&json!({"op": "replace", "value": {
        "title": format!("Engineer {}", chance.below(100_000)),
        "nickName": format!("Ada {}", chance.below(100_000)),
        "userType": format!("Employee {}", chance.below(100_000)),
        format!("{}:department", people::ENTERPRISE): format!("Programs {}", chance.below(100_000)),
    }}))
}

/// The path of a search for a userName.
pub(crate) fn look_up(number: usize) -> String {
    let name = people::user_name(number);
    format!("/Users?filter=userName%20eq%20%22{name}%22")
}

/// Makes a group of these members. Answers its id.
pub(crate) async fn make_group(caller: &Caller, name: &str, members: &[String]) -> Result<String> {
    let members: Vec<Value> = members.iter().map(|id| json!({"value": id})).collect();
    let body = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "displayName": name,
        "members": members,
    });
    let answer = ask(caller, "POST", "/Groups", &body.to_string(), 201).await?;
    Ok(answer["id"].as_str().context("a group without an id")?.to_owned())
}

/// Sends one request on a connection of its own.
pub(crate) async fn ask(
    caller: &Caller,
    method: &str,
    path: &str,
    body: &str,
    status: u16,
) -> Result<Value> {
    let mut connection = Connection::new(caller.address);
    let request = if body.is_empty() { caller.get(path) } else { caller.send(method, path, body) };
    let answer = connection.exchange(&request).await?;
    let told = String::from_utf8_lossy(answer.body);
    ensure!(answer.status == status, "{method} {path} got {}: {told}", answer.status);
    if answer.body.is_empty() { Ok(Value::Null) } else { Ok(serde_json::from_slice(answer.body)?) }
}

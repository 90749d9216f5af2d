//! Group push: look up, create, change members, replace members, rename, delete.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::Okta;
use crate::{
    client::Answer,
    failure::{Failure, ensure},
    judge::{group, list, problem},
    server::{Member, equals, id},
};

/// How many membership changes Okta puts into one PATCH by default.
const CHANGES: usize = 100;

/// The two spellings of "these are all the members" that Okta was seen to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spelling {
    WithPath,
    WithoutPath,
}

impl Okta {
    /// Finds a group by name.
    pub(super) async fn find_group(&self, name: &str) -> Result<Option<Value>, Failure> {
        let filter = equals("displayName", name);
        let answer = self.server.client.get("/Groups", &self.lookup(&filter)).await?;
        if answer.status == 404 {
            problem::check(&answer, 404, self.server.dialect)?;
            return Ok(None);
        }
        let found = list::at_most_one(&answer, self.server.dialect)?;
        if let Some(found) = &found {
            self.server.client.made.found(&id(found));
            group::form(found, self.server.dialect, &answer.request)?;
            list::wanted("displayName", &found["displayName"], name, &answer.request)?;
        }
        Ok(found)
    }

    /// Creates a group. SCIM 1.1 leaves `members` out when there are none.
    pub(super) async fn create_group(
        &self,
        name: &str,
        members: &[Member],
    ) -> Result<String, Failure> {
        let mut body =
            json!({"schemas": [self.server.dialect.group_schema()], "displayName": name});
        if !self.server.dialect.is_v1() || !members.is_empty() {
            body["members"] = members.iter().map(json_of).collect();
        }
        let answer = self.server.client.post("/Groups", &body).await?;
        answer.status(201)?;
        let created = answer.json()?;
        let id = group::form(&created, self.server.dialect, &answer.request)?;
        group::name(&created, name, &answer.request)?;
        Ok(id)
    }

    /// Adds and removes members. PATCH flavours mix both in one request and say the name again
    /// afterwards; the PUT flavour sends the whole group.
    pub(super) async fn change_members(
        &self,
        id: &str,
        name: &str,
        removed: &[Member],
        added: &[Member],
    ) -> Result<(), Failure> {
        if !self.app.patches() {
            let stored = self.server.read_group(id).await?;
            let gone: HashSet<&str> = removed.iter().map(|member| member.id.as_str()).collect();
            let mut members: Vec<Value> = stored["members"].as_array().cloned().unwrap_or_default();
            members.retain(|member| !gone.contains(member["value"].as_str().unwrap_or_default()));
            let present: HashSet<String> = members
                .iter()
                .filter_map(|member| member["value"].as_str().map(ToOwned::to_owned))
                .collect();
            let fresh = added.iter().filter(|member| !present.contains(&member.id));
            members.extend(fresh.map(json_of));
            return self.put_group(stored, name, members).await;
        }
        let changes: Vec<(bool, &Member)> = removed
            .iter()
            .map(|member| (false, member))
            .chain(added.iter().map(|member| (true, member)))
            .collect();
        for chunk in changes.chunks(CHANGES) {
            let body = if self.server.dialect.is_v1() { mixed_v1(chunk) } else { mixed(chunk) };
            self.patch_group(id, &body).await?;
        }
        if !self.server.dialect.is_v1() {
            self.server.read_group(id).await?;
            self.rename_group(id, name).await?;
        }
        Ok(())
    }

    /// "Push Now": these are all the members, whoever was there before.
    pub(super) async fn replace_members(
        &self,
        id: &str,
        name: &str,
        members: &[Member],
        spelling: Spelling,
    ) -> Result<(), Failure> {
        if !self.app.patches() {
            let stored = self.server.read_group(id).await?;
            return self.put_group(stored, name, members.iter().map(json_of).collect()).await;
        }
        let (first, rest) = members.split_at(members.len().min(CHANGES));
        let values: Vec<Value> = first.iter().map(json_of).collect();
        let body = if self.server.dialect.is_v1() {
            json!({
                "schemas": [self.server.dialect.group_schema()],
                "meta": {"attributes": ["members"]},
                "members": values,
            })
        } else if spelling == Spelling::WithPath {
            patch(&[json!({"op": "replace", "path": "members", "value": values})])
        } else {
            let value = json!({"members": values, "id": id, "displayName": name});
            patch(&[json!({"op": "replace", "value": value})])
        };
        self.patch_group(id, &body).await?;
        for chunk in rest.chunks(CHANGES) {
            let chunk: Vec<(bool, &Member)> = chunk.iter().map(|member| (true, member)).collect();
            let body = if self.server.dialect.is_v1() { mixed_v1(&chunk) } else { mixed(&chunk) };
            self.patch_group(id, &body).await?;
        }
        Ok(())
    }

    /// Gives a group a name; its members stay.
    pub(super) async fn rename_group(&self, id: &str, name: &str) -> Result<(), Failure> {
        if !self.app.patches() {
            let stored = self.server.read_group(id).await?;
            let members = stored["members"].as_array().cloned().unwrap_or_default();
            return self.put_group(stored, name, members).await;
        }
        let body = if self.server.dialect.is_v1() {
            json!({"schemas": [self.server.dialect.group_schema()], "id": id, "displayName": name})
        } else {
            patch(&[json!({"op": "replace", "value": {"id": id, "displayName": name}})])
        };
        self.patch_group(id, &body).await
    }

    async fn put_group(
        &self,
        mut stored: Value,
        name: &str,
        members: Vec<Value>,
    ) -> Result<(), Failure> {
        let id = id(&stored);
        stored["displayName"] = json!(name);
        stored["members"] = Value::Array(members);
        let answer = self.server.client.put(&format!("/Groups/{id}"), &stored).await?;
        answer.status(200)?;
        self.same_group(&answer, &id)
    }

    async fn patch_group(&self, id: &str, body: &Value) -> Result<(), Failure> {
        let answer = self.server.client.patch(&format!("/Groups/{id}"), body).await?;
        if answer.status == 204 {
            return Ok(());
        }
        ensure!(answer.status == 200, "{}", answer.other_than("200 or 204"));
        self.same_group(&answer, id)
    }

    /// A write may answer without members; everything else is required.
    fn same_group(&self, answer: &Answer, id: &str) -> Result<(), Failure> {
        let same = group::form(&answer.json()?, self.server.dialect, &answer.request)?;
        ensure!(
            same == id,
            "{}: expected the id to stay `{id}`, but `{same}` came",
            answer.request
        );
        Ok(())
    }
}

/// A member as Okta writes it: the server's id and a name for people, no type.
fn json_of(member: &Member) -> Value {
    json!({"value": member.id, "display": member.user_name})
}

fn patch(operations: &[Value]) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": operations,
    })
}

/// SCIM 2.0: one operation for each who leaves, one for all who come.
fn mixed(changes: &[(bool, &Member)]) -> Value {
    let mut operations = Vec::new();
    let mut added = Vec::new();
    for (add, member) in changes {
        if *add {
            added.push(json_of(member));
        } else {
            let path = format!("members[{}]", equals("value", &member.id));
            operations.push(json!({"op": "remove", "path": path}));
        }
    }
    if !added.is_empty() {
        operations.push(json!({"op": "add", "path": "members", "value": added}));
    }
    patch(&operations)
}

/// SCIM 1.1: a partial resource whose members are merged, with a mark on those who leave.
fn mixed_v1(changes: &[(bool, &Member)]) -> Value {
    let members = changes.iter().map(|(add, member)| {
        let mut element = Map::new();
        element.insert("value".to_owned(), json!(member.id));
        element.insert("display".to_owned(), json!(member.user_name));
        if !*add {
            element.insert("operation".to_owned(), json!("delete"));
        }
        Value::Object(element)
    });
    json!({"schemas": ["urn:scim:schemas:core:1.0"], "members": members.collect::<Vec<_>>()})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(id: &str) -> Member {
        Member { id: id.to_owned(), user_name: format!("{id}@x") }
    }

    #[test]
    fn one_remove_for_each_leaver_and_one_add_for_all_joiners() {
        let (a, b, c) = (member("a"), member("b"), member("c"));
        let body = mixed(&[(false, &a), (true, &b), (true, &c)]);
        let expected = json!([
            {"op": "remove", "path": "members[value eq \"a\"]"},
            {"op": "add", "path": "members", "value": [
                {"value": "b", "display": "b@x"},
                {"value": "c", "display": "c@x"},
            ]},
        ]);
        assert_eq!(body["Operations"], expected);
    }

    #[test]
    fn in_1_1_a_leaver_is_marked() {
        let (a, b) = (member("a"), member("b"));
        let body = mixed_v1(&[(false, &a), (true, &b)]);
        let expected = json!([
            {"value": "a", "display": "a@x", "operation": "delete"},
            {"value": "b", "display": "b@x"},
        ]);
        assert_eq!(body["members"], expected);
    }
}

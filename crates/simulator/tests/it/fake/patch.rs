//! PATCH of users and groups, in every form that a provider sends.

use serde_json::{Value, json};
use simulator::Provider;

use super::{
    Fault,
    path::Path,
    store::{Reply, Store},
};

impl Store {
    pub(super) fn patch_user(&mut self, id: &str, body: &Value) -> Reply {
        let Some(at) = self.position(true, id) else {
            return Reply::Problem(404, "No such user");
        };
        if self.v1() {
            self.users[at]["active"] = body["active"].clone();
            return Reply::Empty;
        }
        let mut user = self.users[at].clone();
        for operation in body["Operations"].as_array().expect("operations") {
            let Some(op) = self.op(operation) else { continue };
            let value = &operation["value"];
            match (operation["path"].as_str(), value.as_object()) {
                (Some(path), _) => self.set(&mut user, path, value, op == "remove"),
                (None, Some(_)) if self.wrong(Fault::KeysIgnored) && value["active"].is_null() => {}
                (None, Some(keys)) => {
                    for (path, value) in keys {
                        self.set(&mut user, path, value, false);
                    }
                }
                (None, None) => return Reply::Problem(400, "What shall change?"),
            }
        }
        self.users[at] = user.clone();
        Reply::Body(200, user)
    }

    /// The operation in small letters.
    fn op(&self, operation: &Value) -> Option<String> {
        let op = operation["op"].as_str().expect("an operation");
        let lower = op.to_lowercase();
        (!self.wrong(Fault::CapitalsIgnored) || lower == op).then_some(lower)
    }

    fn set(&self, user: &mut Value, path: &str, value: &Value, removes: bool) {
        let value = match value.as_str() {
            _ if removes => Value::Null,
            Some("True") => json!(true),
            Some("False") => json!(self.wrong(Fault::TextIsTrue)),
            Some(id) if path.ends_with(":manager") => self.manager(id),
            _ => value.clone(),
        };
        Path::parse(path).set(user, value, !self.wrong(Fault::OnlyPresentElements));
    }

    /// A manager may come as the bare id.
    pub(super) fn manager(&self, id: &str) -> Value {
        if self.wrong(Fault::ManagerTextDropped) { json!({}) } else { json!({"value": id}) }
    }

    pub(super) fn patch_group(&mut self, id: &str, body: &Value) -> Reply {
        let Some(at) = self.position(false, id) else {
            return Reply::Problem(404, "No such group");
        };
        let mut group = self.groups[at].clone();
        if self.v1() {
            if body["meta"]["attributes"] == json!(["members"])
                && !(self.wrong(Fault::EmptyPushIgnored) && body["members"] == json!([]))
            {
                group["members"] = json!([]);
            }
            self.rename(&mut group, &body["displayName"]);
            for member in body["members"].as_array().unwrap_or(&Vec::new()) {
                let id = member["value"].as_str().expect("an id");
                if member["operation"] == "delete" {
                    self.remove(&mut group, id);
                } else {
                    self.add(&mut group, member);
                }
            }
            self.groups[at] = group;
            return Reply::Empty;
        }
        for operation in body["Operations"].as_array().expect("operations") {
            let Some(op) = self.op(operation) else { continue };
            let value = &operation["value"];
            match (op.as_str(), operation["path"].as_str()) {
                ("remove", Some("members")) if self.wrong(Fault::RemovesEveryone) => {
                    group["members"] = json!([]);
                }
                ("remove", Some("members")) => {
                    for member in value.as_array().expect("members") {
                        self.remove(&mut group, member["value"].as_str().expect("an id"));
                    }
                }
                ("remove", Some(path)) => {
                    self.remove(&mut group, path.split('"').nth(1).expect("a quoted id"));
                }
                ("add", Some("members")) => {
                    for member in value.as_array().expect("members") {
                        self.add(&mut group, member);
                    }
                }
                ("replace", Some("members")) => self.replace(&mut group, value),
                ("replace", Some("displayName")) => self.rename(&mut group, value),
                ("replace", None) => {
                    if !value["members"].is_null() {
                        self.replace(&mut group, &value["members"]);
                    }
                    self.rename(&mut group, &value["displayName"]);
                }
                _ => return Reply::Problem(400, "This operation is not understood"),
            }
        }
        self.groups[at] = group.clone();
        if self.flavour.provider() == Provider::Entra && !self.wrong(Fault::AnswersGroupPatch) {
            return Reply::Empty;
        }
        Reply::Body(200, group)
    }

    fn rename(&self, group: &mut Value, name: &Value) {
        if name.is_null() || group["displayName"] == *name {
            return;
        }
        group["displayName"] = name.clone();
        if self.wrong(Fault::RenameEmpties) {
            group["members"] = json!([]);
        }
    }

    fn replace(&self, group: &mut Value, members: &Value) {
        if !(self.wrong(Fault::EmptyPushIgnored) && *members == json!([])) {
            group["members"] = members.clone();
        }
    }

    fn remove(&self, group: &mut Value, id: &str) {
        if !self.wrong(Fault::RemoveIgnored) {
            let members = group["members"].as_array_mut().expect("members");
            members.retain(|member| member["value"] != id);
        }
    }

    fn add(&self, group: &mut Value, member: &Value) {
        let members = group["members"].as_array_mut().expect("members");
        let known = members.iter().any(|one| one["value"] == member["value"]);
        if !known || self.wrong(Fault::AddsTwice) {
            members.push(member.clone());
        }
    }
}

//! Users and groups of the fake server.

use axum::http::Method;
use serde_json::{Value, json};
use simulator::{App, Flavour};

use super::{Fault, path::Path};

pub(super) enum Reply {
    Empty,
    Body(u16, Value),
    Problem(u16, &'static str),
}

pub(super) struct Store {
    pub(super) flavour: Flavour,
    fault: Option<Fault>,
    pub(super) users: Vec<Value>,
    pub(super) groups: Vec<Value>,
    next: usize,
}

impl Store {
    pub(super) fn new(flavour: Flavour, fault: Option<Fault>) -> Self {
        Self { flavour, fault, users: Vec::new(), groups: Vec::new(), next: 1 }
    }

    pub(super) fn counts(&self) -> (usize, usize) {
        (self.users.len(), self.groups.len())
    }

    pub(super) fn active(&self) -> usize {
        self.users.iter().filter(|user| user["active"] == true).count()
    }

    pub(super) fn wrong(&self, fault: Fault) -> bool {
        self.fault == Some(fault)
    }

    pub(super) fn v1(&self) -> bool {
        self.flavour == Flavour::Okta(App::HeaderAuthV1)
    }

    pub(super) fn handle(
        &mut self,
        method: &Method,
        path: &str,
        query: &str,
        body: Value,
    ) -> Reply {
        let mut parts = path.trim_start_matches('/').split('/');
        let users = match parts.next() {
            Some("Users") => true,
            Some("Groups") => false,
            Some("Schemas") => return self.schemas(),
            Some("ServiceProviderConfig") => {
                let patches = !self.wrong(Fault::NoPatch);
                let body = json!({"patch": {"supported": patches}, "filter": {"supported": true}});
                return Reply::Body(200, body);
            }
            _ => return Reply::Problem(404, "No such address"),
        };
        match (method.as_str(), parts.next()) {
            ("GET", None) => self.list(users, query),
            ("POST", None) if users => self.create_user(body),
            ("POST", None) => self.create_group(body),
            ("GET", Some(id)) => match self.position(users, id) {
                Some(at) if self.wrong(Fault::DeactivatedIsGone) && self.gone(users, at) => {
                    Reply::Problem(404, "No such user")
                }
                Some(at) => {
                    let found = self.all(users)[at].clone();
                    Reply::Body(200, self.projected(found, query))
                }
                None => Reply::Problem(404, "No such resource"),
            },
            ("PUT", Some(id)) => self.put(users, id, body),
            ("PATCH", Some(id)) if users => self.patch_user(id, &body),
            ("PATCH", Some(id)) => self.patch_group(id, &body),
            ("DELETE", Some(id)) if !users => match self.position(false, id) {
                Some(at) => {
                    self.groups.remove(at);
                    Reply::Empty
                }
                None => Reply::Problem(404, "No such group"),
            },
            ("DELETE", Some(_)) if self.wrong(Fault::DeleteRefused) => {
                Reply::Problem(405, "Users are not deleted here")
            }
            ("DELETE", Some(id)) => match self.position(true, id) {
                Some(at) if self.wrong(Fault::DeletedIsArchived) => {
                    self.users[at]["active"] = json!(false);
                    Reply::Empty
                }
                Some(at) => {
                    self.users.remove(at);
                    Reply::Empty
                }
                None => Reply::Problem(404, "No such user"),
            },
            _ => Reply::Problem(405, "Not allowed here"),
        }
    }

    fn gone(&self, users: bool, at: usize) -> bool {
        users && self.users[at]["active"] == false
    }

    pub(super) fn all(&mut self, users: bool) -> &mut Vec<Value> {
        if users { &mut self.users } else { &mut self.groups }
    }

    pub(super) fn position(&mut self, users: bool, id: &str) -> Option<usize> {
        self.all(users).iter().position(|resource| resource["id"] == id)
    }

    fn list(&self, users: bool, query: &str) -> Reply {
        let (mut start, mut count, mut filter) = (1_usize, 100_usize, None);
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match name.as_ref() {
                "startIndex" => start = value.parse().unwrap_or(1),
                "count" => count = value.parse().unwrap_or(100),
                "filter" => filter = Some(value.into_owned()),
                _ => {}
            }
        }
        let all = if users { &self.users } else { &self.groups };
        let mut found: Vec<&Value> = all.iter().collect();
        if users
            && (self.wrong(Fault::HiddenInactive)
                || (self.wrong(Fault::InactiveMissingFromList) && filter.is_none()))
        {
            found.retain(|user| user["active"] == true);
        }
        if let Some(filter) = &filter
            && !self.wrong(Fault::FilterIgnored)
        {
            found.retain(|resource| self.matches(resource, filter));
            if found.is_empty() && self.wrong(Fault::NoneIs404) {
                return Reply::Problem(404, "No one");
            }
        }
        let mut total = json!(found.len());
        if self.wrong(Fault::CutPages) {
            count = count.min(50);
        }
        let skip =
            if self.wrong(Fault::DoubledOverPages) { start.saturating_sub(2) } else { start - 1 };
        let page: Vec<Value> = found
            .into_iter()
            .skip(skip)
            .take(count)
            .cloned()
            .map(|one| self.projected(one, query))
            .collect();
        if self.wrong(Fault::StringTotal) {
            total = json!(total.to_string());
        }
        if self.wrong(Fault::TotalIsPage) {
            total = json!(page.len());
        }
        let schema = if self.v1() {
            "urn:scim:schemas:core:1.0"
        } else {
            "urn:ietf:params:scim:api:messages:2.0:ListResponse"
        };
        let mut body = json!({
            "schemas": [schema],
            "totalResults": total,
            "startIndex": start,
            "itemsPerPage": page.len(),
        });
        if !page.is_empty() || !self.wrong(Fault::MissingResources) {
            body["Resources"] = json!(page);
        }
        Reply::Body(200, body)
    }

    /// Conditions of `eq`, joined by `and`.
    fn matches(&self, resource: &Value, filter: &str) -> bool {
        let mut held = filter.split("\" and ").map(|condition| {
            // A path with a filter has an `eq` of its own, before ours.
            let (attribute, value) = condition.rsplit_once(" eq \"").unwrap_or_default();
            let value = value.trim_end_matches('"');
            let text = Path::parse(attribute).get(resource).as_str().unwrap_or_default();
            if self.wrong(Fault::CaseSensitiveLookup) {
                text == value
            } else {
                text.to_lowercase() == value.to_lowercase()
            }
        });
        if self.wrong(Fault::AndIsOr) { held.any(|held| held) } else { held.all(|held| held) }
    }

    fn projected(&self, mut resource: Value, query: &str) -> Value {
        if query.contains("excludedAttributes=members") && !self.wrong(Fault::MembersShown) {
            resource.as_object_mut().expect("an object").remove("members");
        }
        resource
    }

    fn schemas(&self) -> Reply {
        let schema = |name: &str| {
            let mut schema = json!({
                "id": format!("urn:ietf:params:scim:schemas:core:2.0:{name}"),
                "attributes": [{"name": "displayName", "type": "string"}],
            });
            if self.wrong(Fault::NullsInSchemas) {
                schema["attributes"][0]["subAttributes"] = Value::Null;
            }
            schema
        };
        let body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
            "totalResults": 2,
            "Resources": [schema("User"), schema("Group")],
        });
        Reply::Body(200, body)
    }

    fn store_user(&self, mut user: Value, id: &str) -> Value {
        user["id"] = json!(id);
        user["meta"] = json!({"resourceType": "User", "version": "W/\"1\""});
        let members = user.as_object_mut().expect("an object");
        members.remove("groups");
        if self.fault != Some(Fault::PasswordReturned) {
            members.remove("password");
        }
        if self.fault == Some(Fault::TitleNotKept) {
            members.remove("title");
        }
        if self.fault == Some(Fault::NoneText) && members.get("nickName") == Some(&Value::Null) {
            members.insert("nickName".to_owned(), json!("None"));
        }
        members.retain(|_, value| !value.is_null() && value != "" && value != &json!([]));
        let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
        if let Some(manager) = user[enterprise]["manager"].as_str().map(ToOwned::to_owned) {
            user[enterprise]["manager"] = self.manager(&manager);
        }
        if self.wrong(Fault::LowerCased) {
            let lower = user["userName"].as_str().unwrap_or_default().to_lowercase();
            user["userName"] = json!(lower);
        }
        if self.wrong(Fault::InactiveEcho) {
            user["active"] = json!(false);
        }
        user
    }

    fn create_user(&mut self, body: Value) -> Reply {
        let lower = |value: &Value| value.as_str().unwrap_or_default().to_lowercase();
        let wanted = lower(&body["userName"]);
        let known = self.users.iter().position(|user| lower(&user["userName"]) == wanted);
        let mut id = self.fresh("u");
        if let Some(at) = known
            && !self.wrong(Fault::DuplicateCreated)
        {
            if self.users[at]["active"] == true || self.wrong(Fault::RehireConflict) {
                return Reply::Problem(409, "This login is taken");
            }
            let old = self.users.remove(at);
            if !self.wrong(Fault::RehireMakesNew) {
                id = old["id"].as_str().expect("an id").to_owned();
            }
        }
        let user = self.store_user(body, &id);
        self.users.push(user.clone());
        Reply::Body(201, user)
    }

    fn create_group(&mut self, mut body: Value) -> Reply {
        body["id"] = json!(self.fresh("g"));
        if body["members"].is_null() || self.wrong(Fault::MembersAtCreationIgnored) {
            body["members"] = json!([]);
        }
        self.groups.push(body.clone());
        Reply::Body(201, body)
    }

    fn fresh(&mut self, prefix: &str) -> String {
        self.next += 1;
        format!("{prefix}-{}", self.next)
    }

    fn put(&mut self, users: bool, id: &str, mut body: Value) -> Reply {
        let Some(at) = self.position(users, id) else {
            return Reply::Problem(404, "No such resource");
        };
        if users {
            if self.wrong(Fault::PutLosesAttributes) {
                body["addresses"] = Value::Null;
            }
            // SCIM 1.1 links by a body without what only the server knows.
            let user = self.store_user(body, id);
            self.users[at] = user.clone();
            return Reply::Body(200, user);
        }
        let old = self.groups[at].clone();
        self.groups[at]["displayName"] = body["displayName"].clone();
        let mut members = body["members"].clone();
        let emptied = members == json!([]);
        if (emptied && self.wrong(Fault::EmptyPushIgnored)) || members.is_null() {
            members = old["members"].clone();
        }
        if self.wrong(Fault::RemoveIgnored) && !emptied {
            for member in old["members"].as_array().expect("members") {
                let list = members.as_array_mut().expect("members");
                if !list.iter().any(|one| one["value"] == member["value"]) {
                    list.push(member.clone());
                }
            }
        }
        if self.wrong(Fault::RenameEmpties) && old["displayName"] != body["displayName"] {
            members = json!([]);
        }
        self.groups[at]["members"] = members;
        Reply::Body(200, self.groups[at].clone())
    }
}

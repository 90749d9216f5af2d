//! Users: look up, create, link, update, deactivate, reactivate.

use serde_json::{Value, json};

use super::{
    Okta,
    profile::{self, overlay},
};
use crate::{
    failure::{Failure, ensure},
    judge::{list, problem, user},
    people::Person,
    player::Assigned,
    server::{equals, id},
};

impl Okta {
    /// Finds a user by login. Okta tolerates 404 with an error body where none matches.
    pub(super) async fn find_user(&self, user_name: &str) -> Result<Option<Value>, Failure> {
        let filter = equals("userName", user_name);
        let answer = self.server.client.get("/Users", &self.lookup(&filter)).await?;
        if answer.status == 404 {
            problem::check(&answer, 404, self.server.dialect)?;
            return Ok(None);
        }
        let found = list::at_most_one(&answer, self.server.dialect)?;
        if let Some(found) = &found {
            self.server.client.made.found(&id(found));
            user::form(found, self.server.dialect, &answer.request)?;
            list::wanted("userName", &found["userName"], user_name, &answer.request)?;
        }
        Ok(found)
    }

    /// Creates a user, as after a look-up that found no one.
    pub(super) async fn create_user(&self, person: &Person) -> Result<Value, Failure> {
        let answer = self
            .server
            .client
            .post("/Users", &profile::creation(person, self.server.dialect))
            .await?;
        if answer.status == 409 {
            // Okta stops here and does not look again.
            return Err(Failure::new(format!(
                "{} (a look-up for \"{}\" had found no one)",
                answer.other_than("201"),
                person.user_name
            )));
        }
        answer.status(201)?;
        let created = answer.json()?;
        user::form(&created, self.server.dialect, &answer.request)?;
        user::active(&created, true, &answer.request)?;
        user::content(&created, &profile::of(person, self.server.dialect), &answer.request)?;
        Ok(created)
    }

    /// Pushes the profile: GET, overlay, PUT.
    pub(super) async fn update_user(&self, id: &str, person: &Person) -> Result<Value, Failure> {
        let stored = self.server.read_user(id).await?;
        let profile = profile::of(person, self.server.dialect);
        let body = overlay(&stored, &profile, &profile::schemas(person, self.server.dialect));
        let updated = self.put_user(id, &body).await?;
        user::content(&updated, &profile, &format!("PUT /Users/{id}"))?;
        Ok(updated)
    }

    /// Replaces a user and judges what every PUT must answer.
    pub(super) async fn put_user(&self, id: &str, body: &Value) -> Result<Value, Failure> {
        let answer = self.server.client.put(&format!("/Users/{id}"), body).await?;
        answer.status(200)?;
        let updated = answer.json()?;
        let same = user::form(&updated, self.server.dialect, &answer.request)?;
        ensure!(
            same == id,
            "{}: expected the id to stay `{id}`, but `{same}` came",
            answer.request
        );
        if let Some(active) = body["active"].as_bool() {
            user::active(&updated, active, &answer.request)?;
        }
        Ok(updated)
    }

    /// Activates or deactivates, by PATCH or by PUT of the server's own representation.
    pub(super) async fn set_active(&self, id: &str, active: bool) -> Result<(), Failure> {
        if !self.app.patches() {
            let mut body = self.server.read_user(id).await?;
            body["active"] = json!(active);
            return self.put_user(id, &body).await.map(drop);
        }
        let body = if self.server.dialect.is_v1() {
            json!({"schemas": [self.server.dialect.user_schema()], "id": id, "active": active})
        } else {
            json!({
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
                "Operations": [{"op": "replace", "value": {"active": active}}],
            })
        };
        let answer = self.server.client.patch(&format!("/Users/{id}"), &body).await?;
        if answer.status == 204 {
            return Ok(());
        }
        ensure!(answer.status == 200, "{}", answer.other_than("200 or 204"));
        let patched = answer.json()?;
        let same = user::form(&patched, self.server.dialect, &answer.request)?;
        ensure!(
            same == id,
            "{}: expected the id to stay `{id}`, but `{same}` came",
            answer.request
        );
        user::active(&patched, active, &answer.request)
    }

    pub(super) async fn assign_user(&self, person: &Person) -> Result<(String, Assigned), Failure> {
        let Some(found) = self.find_user(&person.user_name).await? else {
            let created = self.create_user(person).await?;
            return Ok((id(&created), Assigned::Created));
        };
        let id = id(&found);
        let was_active = found["active"] == true;
        if !was_active {
            self.set_active(&id, true).await?;
        }
        let updated = if self.server.dialect.is_v1() {
            self.put_user(&id, &profile::link(person, self.server.dialect, &id)).await?
        } else {
            self.update_user(&id, person).await?
        };
        user::active(&updated, true, &format!("PUT /Users/{id}"))?;
        Ok((id, if was_active { Assigned::Linked } else { Assigned::Reactivated }))
    }
}

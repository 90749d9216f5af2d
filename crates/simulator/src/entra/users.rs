//! Users: look up, create, change, soft delete, delete.

use serde_json::{Value, json};

use super::{
    Entra,
    profile::{self, Manager},
    syntax::Change,
    target::Target,
};
use crate::{
    failure::{Failure, ensure},
    judge::{list, user},
    people::Person,
    server::{equals, id},
};

impl Entra {
    /// Finds a user by a matching attribute. Where none matches, the answer is a list without resources
    /// and never a 404.
    pub(super) async fn find_user(
        &self,
        target: Target,
        value: &str,
    ) -> Result<Option<Value>, Failure> {
        let filter = equals(&target.path(), value);
        let answer = self.server.client.get("/Users", &[("filter", &filter)]).await?;
        let found = list::at_most_one(&answer, self.server.dialect)?;
        if let Some(found) = &found {
            self.server.client.made.found(&id(found));
            user::form(found, self.server.dialect, &answer.request)?;
            list::wanted(&target.path(), target.read(found), value, &answer.request)?;
        }
        Ok(found)
    }

    /// Creates a user, as after a look-up that found no one.
    pub(super) async fn create_user(
        &self,
        person: &Person,
        manager: Option<Manager<'_>>,
    ) -> Result<Value, Failure> {
        let body = profile::creation(person, manager);
        let answer = self.server.client.post("/Users", &body).await?;
        answer.status(201)?;
        let created = answer.json()?;
        user::form(&created, self.server.dialect, &answer.request)?;
        user::active(&created, true, &answer.request)?;
        user::content(&created, &profile::of(person), &answer.request)?;
        Ok(created)
    }

    /// Changes what differs between Entra and the server; nothing is sent when nothing does.
    pub(super) async fn update_user(
        &self,
        id: &str,
        stored: &Value,
        person: &Person,
    ) -> Result<(), Failure> {
        let changes = profile::changes(stored, person);
        if changes.is_empty() {
            return Ok(());
        }
        if let Some(updated) = self.change_user(id, &changes).await? {
            let request = format!("PATCH /Users/{id}");
            user::content(&updated, &profile::of(person), &request)?;
            user::active(&updated, true, &request)?;
        }
        Ok(())
    }

    /// Activates or deactivates.
    pub(super) async fn set_active(&self, id: &str, active: bool) -> Result<(), Failure> {
        let change = Change::Replace(Target::Simple("active"), json!(active));
        if let Some(patched) = self.change_user(id, &[change]).await? {
            user::active(&patched, active, &format!("PATCH /Users/{id}"))?;
        }
        Ok(())
    }

    /// Sends a PATCH. Returns the user if the server answers with it.
    pub(super) async fn change_user(
        &self,
        id: &str,
        changes: &[Change],
    ) -> Result<Option<Value>, Failure> {
        let body = self.syntax.changes(changes);
        let answer = self.server.client.patch(&format!("/Users/{id}"), &body).await?;
        if answer.status == 204 {
            return Ok(None);
        }
        ensure!(answer.status == 200, "{}", answer.other_than("200 or 204"));
        let patched = answer.json()?;
        let same = user::form(&patched, self.server.dialect, &answer.request)?;
        ensure!(
            same == id,
            "{}: expected the id to stay `{id}`, but `{same}` came",
            answer.request
        );
        Ok(Some(patched))
    }

    /// Deletes a user, which Entra does thirty days after the soft delete.
    pub(super) async fn delete_user(&self, id: &str) -> Result<(), Failure> {
        self.server.client.delete(&format!("/Users/{id}")).await?.status(204)
    }
}

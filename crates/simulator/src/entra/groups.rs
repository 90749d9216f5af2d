//! Groups: look up and read without members, create empty, add and remove members, rename.

use serde_json::Value;

use super::{Entra, profile, target::Target};
use crate::{
    failure::{Failure, ensure},
    judge::{group, list},
    server::{Member, equals, id},
};

/// How many members travel in one PATCH. Entra publishes no number.
const MEMBERS: usize = 100;

/// Entra does not want to read members.
const BARE: (&str, &str) = ("excludedAttributes", "members");

impl Entra {
    /// Finds a group by a matching attribute, without its members.
    pub(super) async fn find_group(
        &self,
        target: Target,
        value: &str,
    ) -> Result<Option<Value>, Failure> {
        let filter = equals(&target.path(), value);
        let answer = self.server.client.get("/Groups", &[BARE, ("filter", &filter)]).await?;
        let found = list::at_most_one(&answer, self.server.dialect)?;
        if let Some(found) = &found {
            self.server.client.made.found(&id(found));
            group::form(found, self.server.dialect, &answer.request)?;
            list::wanted(&target.path(), target.read(found), value, &answer.request)?;
            group::bare(found, &answer.request)?;
        }
        Ok(found)
    }

    /// Reads a group without its members.
    pub(super) async fn read_bare_group(&self, id: &str) -> Result<Value, Failure> {
        let found = self.server.read_group_by(id, &[BARE]).await?;
        group::bare(&found, &format!("GET /Groups/{id}?{}={}", BARE.0, BARE.1))?;
        Ok(found)
    }

    /// Creates a group without members.
    pub(super) async fn create_group(&self, name: &str) -> Result<String, Failure> {
        let answer = self.server.client.post("/Groups", &profile::group_creation(name)).await?;
        answer.status(201)?;
        let created = answer.json()?;
        let id = group::form(&created, self.server.dialect, &answer.request)?;
        group::name(&created, name, &answer.request)?;
        Ok(id)
    }

    pub(super) async fn add_members(&self, id: &str, members: &[Member]) -> Result<(), Failure> {
        for chunk in members.chunks(MEMBERS) {
            self.patch_group(id, &self.syntax.add(chunk)).await?;
        }
        Ok(())
    }

    /// Removes these members and no one else.
    pub(super) async fn remove_members(&self, id: &str, members: &[Member]) -> Result<(), Failure> {
        for chunk in members.chunks(MEMBERS) {
            self.patch_group(id, &self.syntax.remove(chunk)).await?;
        }
        Ok(())
    }

    /// Gives a group a name; its members stay.
    pub(super) async fn rename_group(&self, id: &str, name: &str) -> Result<(), Failure> {
        self.patch_group(id, &self.syntax.rename(name)).await
    }

    /// The answer has no body: a group may be large.
    async fn patch_group(&self, id: &str, body: &Value) -> Result<(), Failure> {
        let answer = self.server.client.patch(&format!("/Groups/{id}"), body).await?;
        answer.status(204)?;
        ensure!(
            answer.body.is_empty(),
            "{}: expected no body with 204, but one came",
            answer.request
        );
        Ok(())
    }
}

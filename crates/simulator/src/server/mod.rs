//! [`Server`]: the server under trial, and what every provider asks of it in the same way.

mod import;
mod refusals;

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

use crate::{
    client::Client,
    dialect::Dialect,
    failure::{Failure, ensure},
    judge::{group, user},
};

/// The server, spoken to in one dialect.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) client: Client,
    pub(crate) dialect: Dialect,
}

/// A member of a group: the server's id for providers, a login for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) id: String,
    pub(crate) user_name: String,
}

impl Server {
    /// Reads a user, who may be inactive.
    pub(crate) async fn read_user(&self, id: &str) -> Result<Value, Failure> {
        let answer = self.client.get(&format!("/Users/{id}"), &[]).await?;
        answer.status(200)?;
        let found = answer.json()?;
        let read = user::form(&found, self.dialect, &answer.request)?;
        ensure!(read == id, "{}: expected the user `{id}`, but `{read}` came", answer.request);
        Ok(found)
    }

    /// Reads a group with its members.
    pub(crate) async fn read_group(&self, id: &str) -> Result<Value, Failure> {
        self.read_group_by(id, &[]).await
    }

    /// Reads a group as a query wants it.
    pub(crate) async fn read_group_by(
        &self,
        id: &str,
        query: &[(&str, &str)],
    ) -> Result<Value, Failure> {
        let answer = self.client.get(&format!("/Groups/{id}"), query).await?;
        answer.status(200)?;
        let found = answer.json()?;
        let read = group::form(&found, self.dialect, &answer.request)?;
        ensure!(read == id, "{}: expected the group `{id}`, but `{read}` came", answer.request);
        Ok(found)
    }

    /// Deletes a group; its members stay.
    pub(crate) async fn delete_group(&self, id: &str) -> Result<(), Failure> {
        self.client.delete(&format!("/Groups/{id}")).await?.status(204)
    }

    /// Fails unless the group holds exactly these members.
    pub(crate) async fn verify_members(
        &self,
        id: &str,
        name: &str,
        expected: &[Member],
    ) -> Result<(), Failure> {
        let stored = self.read_group(id).await?;
        let request = format!("GET /Groups/{id}");
        group::name(&stored, name, &request)?;
        let actual = group::members(&stored, &request)?;
        let names: HashMap<&str, &str> =
            expected.iter().map(|member| (member.id.as_str(), member.user_name.as_str())).collect();
        let expected: BTreeSet<String> = expected.iter().map(|member| member.id.clone()).collect();
        group::exactly(&actual, &expected, &request, |id| {
            names.get(id).copied().unwrap_or(id).to_owned()
        })
    }
}

/// The id of a resource whose form was judged before.
pub(crate) fn id(resource: &Value) -> String {
    resource["id"].as_str().unwrap_or_default().to_owned()
}

/// `attribute eq "value"`, with the value escaped as JSON does.
pub(crate) fn equals(attribute: &str, value: &str) -> String {
    format!("{attribute} eq \"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}

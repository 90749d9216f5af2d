//! [`Okta`]: the verbs of Okta's client. Each sends what Okta sends and judges what comes back.

mod app;
mod groups;
mod life;
mod profile;
mod users;

use std::collections::BTreeSet;

use serde_json::{Map, Value};

pub use app::App;

use crate::{
    Options, SetupError,
    client::Client,
    failure::Failure,
    people::{Company, Person},
    player::{Assigned, Landed, Player},
    report::Recorder,
    server::{Member, Server, id},
};
use groups::Spelling;

/// Okta's client, bound to one server.
#[derive(Debug)]
pub(crate) struct Okta {
    server: Server,
    app: App,
}

impl Okta {
    pub(crate) fn new(options: &Options, app: App) -> Result<Self, SetupError> {
        let client = Client::new(&options.base_url, options, app.envelope())?;
        Ok(Self { server: Server { client, dialect: app.dialect() }, app })
    }

    /// The query of a look-up, in the order of this app.
    fn lookup<'a>(&self, filter: &'a str) -> [(&'a str, &'a str); 3] {
        if self.app.filter_comes_last() {
            [("startIndex", "1"), ("count", "100"), ("filter", filter)]
        } else {
            [("filter", filter), ("startIndex", "1"), ("count", "100")]
        }
    }
}

impl Player for Okta {
    fn server(&self) -> &Server {
        &self.server
    }

    fn profile(&self, person: &Person) -> Map<String, Value> {
        profile::of(person, self.server.dialect)
    }

    async fn live(&self, company: &Company, recorder: &mut Recorder<'_>) -> BTreeSet<String> {
        life::run(self, company, recorder).await
    }

    /// Assigns a person to the app: look up, then create, or link and push, reactivating first.
    async fn assign(&self, person: &Person) -> Result<(String, Assigned), Failure> {
        self.assign_user(person).await
    }

    async fn deactivate(&self, id: &str) -> Result<(), Failure> {
        self.set_active(id, false).await
    }

    /// Looks the group up, then links it by a full push, or creates and fills it.
    async fn push_group(&self, name: &str, members: &[Member]) -> Result<Landed, Failure> {
        if let Some(found) = self.find_group(name).await? {
            let id = id(&found);
            self.replace_members(&id, name, members, Spelling::WithPath).await?;
            return Ok(Landed { id, created: false });
        }
        let id = self.create_group(name, &[]).await?;
        self.change_members(&id, name, &[], members).await?;
        Ok(Landed { id, created: true })
    }
}

//! [`Entra`]: the verbs of Microsoft Entra ID's client. Each sends what Entra sends and judges what
//! comes back.

mod groups;
mod life;
mod profile;
mod syntax;
mod target;
mod users;

use std::collections::{BTreeSet, HashSet};

use serde_json::{Map, Value};

pub use syntax::Syntax;

use crate::{
    Options, SetupError,
    client::Client,
    dialect::Dialect,
    failure::Failure,
    judge::group,
    people::{Company, Person},
    player::{Assigned, Landed, Player},
    report::Recorder,
    server::{Member, Server, id},
};
use target::Target;

/// Entra's client, bound to one server.
#[derive(Debug)]
pub(crate) struct Entra {
    server: Server,
    syntax: Syntax,
}

impl Entra {
    pub(crate) fn new(options: &Options, syntax: Syntax) -> Result<Self, SetupError> {
        let base_url = syntax.base_url(&options.base_url);
        let client = Client::new(&base_url, options, Syntax::envelope())?;
        Ok(Self { server: Server { client, dialect: Dialect::V2 }, syntax })
    }
}

impl Player for Entra {
    fn server(&self) -> &Server {
        &self.server
    }

    fn profile(&self, person: &Person) -> Map<String, Value> {
        profile::of(person)
    }

    async fn live(&self, company: &Company, recorder: &mut Recorder<'_>) -> BTreeSet<String> {
        life::run(self, company, recorder).await
    }

    /// Provisions a person: look up, then create, or change what differs.
    async fn assign(&self, person: &Person) -> Result<(String, Assigned), Failure> {
        let Some(found) = self.find_user(Target::Simple("userName"), &person.user_name).await?
        else {
            let created = self.create_user(person, None).await?;
            return Ok((id(&created), Assigned::Created));
        };
        let id = id(&found);
        self.update_user(&id, &found, person).await?;
        let was_active = found["active"] == true;
        Ok((id, if was_active { Assigned::Linked } else { Assigned::Reactivated }))
    }

    async fn deactivate(&self, id: &str) -> Result<(), Failure> {
        self.set_active(id, false).await
    }

    /// Looks the group up, creates it empty if it is not there, then adds and removes members. Entra
    /// knows from its own records who is a member; here the server's list stands for them.
    async fn push_group(&self, name: &str, members: &[Member]) -> Result<Landed, Failure> {
        let found = self.find_group(Target::Simple("displayName"), name).await?;
        let Some(found) = found else {
            let id = self.create_group(name).await?;
            self.add_members(&id, members).await?;
            return Ok(Landed { id, created: true });
        };
        let id = id(&found);
        let stored = self.server.read_group(&id).await?;
        let present = group::members(&stored, &format!("GET /Groups/{id}"))?;
        let wanted: HashSet<&str> = members.iter().map(|member| member.id.as_str()).collect();
        let joiners: Vec<Member> =
            members.iter().filter(|member| !present.contains(&member.id)).cloned().collect();
        let leavers: Vec<Member> = present
            .into_iter()
            .filter(|id| !wanted.contains(id.as_str()))
            .map(|id| Member { user_name: id.clone(), id })
            .collect();
        self.add_members(&id, &joiners).await?;
        self.remove_members(&id, &leavers).await?;
        Ok(Landed { id, created: false })
    }
}

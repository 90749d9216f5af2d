//! [`Player`]: what the rest of the simulator needs of a provider.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::{
    failure::Failure,
    people::{Company, Person},
    report::Recorder,
    server::{Member, Server},
};

/// An identity provider, played by its client.
pub(crate) trait Player {
    /// The server under trial.
    fn server(&self) -> &Server;

    /// The attributes that a person has on the server after [`Self::assign`].
    fn profile(&self, person: &Person) -> Map<String, Value>;

    /// Plays the life of people and groups. Returns the optional attributes that the server does
    /// not keep.
    async fn live(&self, company: &Company, recorder: &mut Recorder<'_>) -> BTreeSet<String>;

    /// Brings a person to the server: finds and links, or creates. Returns the server's id.
    async fn assign(&self, person: &Person) -> Result<(String, Assigned), Failure>;

    /// Deactivates a user whom the server would not delete.
    async fn deactivate(&self, id: &str) -> Result<(), Failure>;

    /// Brings a group to the server, with exactly these members.
    async fn push_group(&self, name: &str, members: &[Member]) -> Result<Landed, Failure>;
}

/// Where something is on the server now.
#[derive(Clone, Debug)]
pub(crate) struct Landed {
    /// The server's id.
    pub(crate) id: String,
    /// Whether it was not there before.
    pub(crate) created: bool,
}

/// What assigning a person did on the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Assigned {
    Created,
    Linked,
    Reactivated,
}

//! `doorward history`

mod one;
mod organization;

use anyhow::Result;
use clap::{Args, Subcommand};
use directory::{Installation, history::Moment};
use doorward::config::Config;

use self::one::Family;
use super::store::{self, Missing};
use crate::answer::Answer;

/// `doorward history`
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// How much there was at a moment, and what has happened since
    Organization(Past),
    /// The users, groups and memberships of a moment, as lines of JSON
    Snapshot(Past),
    /// What happened to a user, or (with --at) what it was
    User(One),
    /// What happened to a group, or (with --at) what it was, and who was in it
    Group(One),
}

/// What is told of a moment.
#[derive(Debug, Args)]
pub(crate) struct Past {
    /// Its short name
    slug: String,
    /// The number of an event, or a time such as 2030-01-31T12:00:00Z
    #[arg(long, value_name = "MOMENT", value_parser = Moment::parse)]
    at: Moment,
}

/// Whose past is told.
#[derive(Debug, Args)]
pub(crate) struct One {
    /// Its userName or displayName, or its id; one that was deleted is known by its id only
    name: String,
    /// Short name of the organization
    #[arg(long, value_name = "SLUG")]
    organization: String,
    /// The number of an event, or a time such as 2030-01-31T12:00:00Z
    #[arg(long, value_name = "MOMENT", value_parser = Moment::parse)]
    at: Option<Moment>,
}

pub(crate) async fn run(command: Command, config: &Config, json: bool) -> Result<Answer> {
    store::with(config, Missing::Refuse, async |installation: &Installation| match &command {
        Command::Organization(past) => organization::show(installation, past).await,
        Command::Snapshot(past) => organization::tell(installation, past).await,
        Command::User(one) => one::run(installation, one, Family::User, json).await,
        Command::Group(one) => one::run(installation, one, Family::Group, json).await,
    })
    .await
}

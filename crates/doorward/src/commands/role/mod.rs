//! `doorward role`

mod give;
mod list;
mod own;
mod show;

use anyhow::Result;
use clap::{Args, Subcommand};
use doorward::config::Config;

use super::store::{self, Missing};
use crate::answer::Answer;

/// `doorward role`
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// The roles of an organization, and the groups that they are mapped to
    List {
        #[command(flatten)]
        whose: Whose,
    },
    /// One role: whom it was assigned to, and which groups it is mapped to
    Show {
        /// Its name
        name: String,
        #[command(flatten)]
        whose: Whose,
    },
    /// Make a role of the organization's own
    Create {
        /// Its name: lower-case letters, digits and hyphens
        name: String,
        /// What it is for
        #[arg(long, default_value = "", hide_default_value = true)]
        description: String,
        #[command(flatten)]
        whose: Whose,
    },
    /// Delete a role that no user and no group has
    Delete {
        /// Its name
        name: String,
        #[command(flatten)]
        whose: Whose,
    },
    /// Give a user a role
    Assign {
        #[command(flatten)]
        assignment: Assignment,
    },
    /// Take a role from a user to whom it was assigned
    Unassign {
        #[command(flatten)]
        assignment: Assignment,
    },
    /// Give the members of a group a role, as long as they are members; nested groups count
    Map {
        #[command(flatten)]
        mapping: Mapping,
    },
    /// Take a role from the members of a group
    Unmap {
        #[command(flatten)]
        mapping: Mapping,
    },
}

/// In which organization.
#[derive(Debug, Args)]
pub(crate) struct Whose {
    /// Short name of the organization
    #[arg(long, value_name = "SLUG")]
    organization: String,
}

/// A role, and the user who is to have it.
#[derive(Debug, Args)]
pub(crate) struct Assignment {
    /// The userName, or the id
    #[arg(long, value_name = "USERNAME")]
    user: String,
    /// Name of the role
    #[arg(long)]
    role: String,
    #[command(flatten)]
    whose: Whose,
}

/// A role, and the group whose members are to have it.
#[derive(Debug, Args)]
pub(crate) struct Mapping {
    /// The displayName, or the id
    #[arg(long, value_name = "NAME")]
    group: String,
    /// Name of the role
    #[arg(long)]
    role: String,
    #[command(flatten)]
    whose: Whose,
}

pub(crate) async fn run(command: Command, config: &Config, json: bool) -> Result<Answer> {
    store::with(config, Missing::Refuse, async |installation| match command {
        Command::List { whose } => list::run(installation, &whose.organization).await,
        Command::Show { name, whose } => {
            show::run(installation, &whose.organization, &name, json).await
        }
        Command::Create { name, description, whose } => {
            own::create(installation, &whose.organization, &name, description).await
        }
        Command::Delete { name, whose } => {
            own::delete(installation, &whose.organization, &name).await
        }
        Command::Assign { assignment } => give::assign(installation, assignment).await,
        Command::Unassign { assignment } => give::unassign(installation, assignment).await,
        Command::Map { mapping } => give::map(installation, mapping).await,
        Command::Unmap { mapping } => give::unmap(installation, mapping).await,
    })
    .await
}

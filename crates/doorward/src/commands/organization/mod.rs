//! `doorward organization`

mod checksum;
mod create;
mod delete;
mod guard;
mod list;
mod plan;
mod rename;
mod restore;
mod show;

use anyhow::Result;
use clap::Subcommand;
use directory::{
    Installation,
    installation::Found,
    organization::{self, Organization, Slug},
    plan::Feature,
};
use doorward::config::Config;
use serde_json::{Value as Json, json};

use super::{
    plan::feature,
    store::{self, Missing},
};
use crate::answer::Answer;

/// `doorward organization`
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make an organization
    Create {
        /// Name for people, such as "Acme Corporation"
        name: String,
        /// Short name in commands: lower-case letters, digits and hyphens
        #[arg(long)]
        slug: String,
        /// Name of its plan
        #[arg(long)]
        plan: Option<String>,
    },
    /// All organizations
    List,
    /// One organization
    Show {
        /// Its short name
        slug: String,
    },
    /// Give an organization another name for people; its short name stays
    Rename {
        /// Its short name
        slug: String,
        /// The name from now on
        name: String,
    },
    /// Give an organization another plan
    SetPlan {
        /// Its short name
        slug: String,
        /// Name of the plan
        #[arg(required_unless_present = "none")]
        plan: Option<String>,
        /// Take its plan away
        #[arg(long, conflicts_with = "plan")]
        none: bool,
    },
    /// Give an organization a feature beside those of its plan
    AddOn {
        /// Its short name
        slug: String,
        /// The feature
        #[arg(value_parser = feature())]
        feature: Feature,
    },
    /// Take a feature away that an organization has beside those of its plan
    RemoveAddOn {
        /// Its short name
        slug: String,
        /// The feature
        #[arg(value_parser = feature())]
        feature: Feature,
    },
    /// Switch the admin-lockout guard: while it is on, no change by an identity provider leaves the
    /// organization without an administrator who can come in
    AdminGuard {
        /// Its short name
        slug: String,
        /// Whether it is on
        guard: guard::Wanted,
    },
    /// Sums that prove that a copy of an organization equals it
    Checksum {
        /// Its short name
        slug: String,
    },
    /// Bring back the users, groups and memberships that were lost since a moment
    ///
    /// Archived users are active again, deleted users and groups are there again with their ids, and memberships are
    /// made again, also where an identity provider manages them. What came since stays. Roles that were given to
    /// someone who was deleted do not come back. Doing it twice changes nothing more.
    Restore(restore::Options),
    /// Delete an organization with everything in it, for good
    Delete {
        /// Its short name
        slug: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

pub(crate) async fn run(command: Command, config: &Config, json: bool) -> Result<Answer> {
    let missing = match command {
        Command::Create { .. } => Missing::Create,
        _ => Missing::Refuse,
    };
    store::with(config, missing, async |installation| match command {
        Command::Create { name, slug, plan } => {
            create::run(installation, config, &name, &slug, plan.as_deref()).await
        }
        Command::List => list::run(installation).await,
        Command::Show { slug } => show::run(installation, &slug).await,
        Command::Rename { slug, name } => rename::run(installation, &slug, name).await,
        Command::SetPlan { slug, plan, .. } => plan::set(installation, &slug, plan).await,
        Command::AddOn { slug, feature } => plan::add_on(installation, &slug, feature).await,
        Command::RemoveAddOn { slug, feature } => {
            plan::remove_add_on(installation, &slug, feature).await
        }
        Command::AdminGuard { slug, guard } => guard::set(installation, &slug, guard).await,
        Command::Checksum { slug } => checksum::run(installation, &slug).await,
        Command::Restore(options) => restore::run(installation, &options, json).await,
        Command::Delete { slug, yes } => delete::run(installation, &slug, yes).await,
    })
    .await
}

/// The organization that a command names.
pub(crate) async fn find(installation: &Installation, slug: &str) -> Result<Found> {
    Ok(organization::find(installation, &Slug::parse(slug)?).await?)
}

/// An organization, for programs.
fn view(organization: &Organization) -> Json {
    json!({
        "id": organization.id.to_string(),
        "slug": organization.slug.as_str(),
        "name": organization.name,
        "plan": organization.plan,
        "admin_guard": guard::Wanted::of(organization).word(),
        "users": organization.users,
        "groups": organization.groups,
        "events": organization.last_event,
        "pruned": organization.pruned,
        "created": organization.created.to_string(),
    })
}

//! `doorward organization`

use anyhow::Result;
use clap::Subcommand;
use directory::{
    Actor, Store, Tenant,
    organization::{self, Organization, Slug},
};
use doorward::config::Config;
use serde_json::{Value as Json, json};

use super::{
    confirm::confirm,
    store::{self, Missing},
};
use crate::{
    answer::Answer,
    table::{self, cut, number, whole},
    words::count,
};

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
    /// Delete an organization with everything in it, for good
    Delete {
        /// Its short name
        slug: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

pub(crate) async fn run(command: Command, config: &Config) -> Result<Answer> {
    let missing = match command {
        Command::Create { .. } => Missing::Create,
        _ => Missing::Refuse,
    };
    store::with(config, missing, async |store| match command {
        Command::Create { name, slug, plan } => create(store, &name, &slug, plan.as_deref()).await,
        Command::List => list(store).await,
        Command::Show { slug } => show(store, &slug).await,
        Command::SetPlan { slug, plan, .. } => set_plan(store, &slug, plan).await,
        Command::Delete { slug, yes } => delete(store, &slug, yes).await,
    })
    .await
}

/// The organization that a command names.
pub(crate) async fn find(store: &Store, slug: &str) -> Result<(Tenant, Organization)> {
    Ok(organization::find(store, &Slug::parse(slug)?).await?)
}

async fn create(store: &Store, name: &str, slug: &str, plan: Option<&str>) -> Result<Answer> {
    let (_, made) = organization::create(store, &Slug::parse(slug)?, name, plan).await?;
    let json = json!({
        "id": made.id.to_string(),
        "slug": made.slug.as_str(),
        "name": made.name,
        "plan": made.plan,
        // There is no console yet to set anything up in.
        "setup_url": null,
    });
    let text = format!(
        "{} ({slug}) is ready. Connect its identity provider next:\n  \
         doorward connection create --organization {slug} --provider okta --protocol scim2",
        made.name
    );
    Ok(Answer::new(json, text))
}

async fn list(store: &Store) -> Result<Answer> {
    let all = organization::list(store).await?;
    let json: Vec<Json> = all.iter().map(|(_, organization)| view(organization)).collect();
    let text = if all.is_empty() {
        "There is no organization yet; `doorward organization create NAME --slug SLUG` makes one."
            .to_owned()
    } else {
        table::columns(
            [
                whole("slug"),
                cut("name"),
                cut("plan"),
                number("users"),
                number("groups"),
                whole("created"),
            ],
            all.iter().map(|(_, organization)| {
                [
                    organization.slug.to_string(),
                    organization.name.clone(),
                    organization.plan.clone().unwrap_or_else(|| "-".to_owned()),
                    organization.users.to_string(),
                    organization.groups.to_string(),
                    organization.created.to_string(),
                ]
            }),
        )
    };
    Ok(Answer::new(json!({ "organizations": json }), text))
}

async fn show(store: &Store, slug: &str) -> Result<Answer> {
    let (_, organization) = find(store, slug).await?;
    Ok(Answer::new(view(&organization), sheet(&organization)))
}

async fn set_plan(store: &Store, slug: &str, plan: Option<String>) -> Result<Answer> {
    let (tenant, before) = find(store, slug).await?;
    let after = store
        .write(&tenant, &Actor::Operator, move |writer| {
            organization::set_plan(writer, plan.as_deref())
        })
        .await?;
    let changed = before.plan != after.plan;
    let mut json = view(&after);
    json["changed"] = json!(changed);
    let text = match (&after.plan, changed) {
        (Some(plan), true) => format!("{} ({slug}) has the plan {plan}.", after.name),
        (None, true) => format!("{} ({slug}) has no plan any more.", after.name),
        (Some(plan), false) => {
            format!("{} ({slug}) has the plan {plan} already: nothing changed.", after.name)
        }
        (None, false) => format!("{} ({slug}) had no plan: nothing changed.", after.name),
    };
    Ok(Answer::new(json, text))
}

async fn delete(store: &Store, slug: &str, yes: bool) -> Result<Answer> {
    let (tenant, organization) = find(store, slug).await?;
    let question = format!(
        "{} has {} and {}. Everything will be deleted for good.",
        organization.name,
        count(organization.users, "user"),
        count(organization.groups, "group")
    );
    confirm(yes, &question, slug)?;
    organization::delete(store, &tenant, &organization.slug).await?;
    let json = json!({
        "id": organization.id.to_string(),
        "slug": organization.slug.as_str(),
        "deleted": true,
    });
    let text = format!(
        "{} ({slug}) is deleted. Its tokens are refused from now on; a running server clears its \
         records away.",
        organization.name
    );
    Ok(Answer::new(json, text))
}

/// An organization, for programs.
fn view(organization: &Organization) -> Json {
    json!({
        "id": organization.id.to_string(),
        "slug": organization.slug.as_str(),
        "name": organization.name,
        "plan": organization.plan,
        "users": organization.users,
        "groups": organization.groups,
        "events": organization.last_event,
        "created": organization.created.to_string(),
    })
}

/// An organization, for people.
fn sheet(organization: &Organization) -> String {
    let sheet = table::sheet([
        ("slug", organization.slug.to_string()),
        ("id", organization.id.to_string()),
        ("plan", organization.plan.clone().unwrap_or_else(|| "-".to_owned())),
        ("users", organization.users.to_string()),
        ("groups", organization.groups.to_string()),
        ("events", organization.last_event.to_string()),
        ("created", organization.created.to_string()),
    ]);
    format!("{}\n\n{sheet}", organization.name)
}

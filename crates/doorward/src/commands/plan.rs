//! `doorward plan`

use anyhow::Result;
use clap::{
    Subcommand,
    builder::{PossibleValuesParser, TypedValueParser},
};
use directory::{
    Error, Installation, Noun,
    installation::Setting,
    plan::{Feature, Plan},
};
use doorward::config::Config;
use serde_json::{Value as Json, json};

use super::store::{self, Missing};
use crate::{
    answer::Answer,
    table::{self, cut, whole},
};

/// `doorward plan`
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Define a plan, or give one other features
    Set {
        /// Its name, as `doorward organization set-plan` takes it
        name: String,
        /// A feature that it includes; give it once for each. A plan without one includes nothing
        #[arg(long = "feature", value_name = "FEATURE", value_parser = feature())]
        features: Vec<Feature>,
    },
    /// All plans
    List,
    /// Delete a plan that no organization has
    Delete {
        /// Its name
        name: String,
    },
    /// Choose the plan of organizations that have none. Without it they may use every feature
    SetDefault {
        /// Its name
        #[arg(required_unless_present = "none")]
        name: Option<String>,
        /// Organizations without a plan may use every feature
        #[arg(long, conflicts_with = "name")]
        none: bool,
    },
}

/// Reads a feature.
pub(super) fn feature() -> impl TypedValueParser<Value = Feature> {
    PossibleValuesParser::new(Feature::ALL.iter().map(|feature| feature.as_str()))
        .map(|word| Feature::parse(&word).expect("the possible values are all features"))
}

/// Features, for people.
pub(super) fn listed(features: &[Feature]) -> String {
    let words: Vec<&str> = features.iter().map(|feature| feature.as_str()).collect();
    if words.is_empty() { "none".to_owned() } else { words.join(", ") }
}

pub(crate) async fn run(command: Command, config: &Config) -> Result<Answer> {
    store::with(config, Missing::Refuse, async |installation| match command {
        Command::Set { name, features } => set(installation, &name, &features).await,
        Command::List => list(installation).await,
        Command::Delete { name } => delete(installation, &name).await,
        Command::SetDefault { name, .. } => set_default(installation, name.as_deref()).await,
    })
    .await
}

async fn set(installation: &Installation, name: &str, features: &[Feature]) -> Result<Answer> {
    let plan = installation.set_plan(name, features).await?;
    let text = format!(
        "The plan {} includes: {}. Servers know within five seconds.",
        plan.name,
        listed(&plan.features)
    );
    Ok(Answer::new(json!({ "name": plan.name, "features": plan.features }), text))
}

async fn list(installation: &Installation) -> Result<Answer> {
    let plans = installation.plans().await?;
    let default = installation.setting(Setting::DefaultPlan).await?;
    let is_default = |plan: &Plan| default.as_deref() == Some(plan.name.as_str());
    let json: Vec<Json> = plans
        .iter()
        .map(|plan| {
            json!({
                "name": plan.name,
                "features": plan.features,
                "default": is_default(plan),
            })
        })
        .collect();
    let text = if plans.is_empty() {
        "There is no plan, so every organization may use every feature; `doorward plan set NAME \
         --feature scim` defines one."
            .to_owned()
    } else {
        table::columns(
            [cut("plan"), cut("includes"), whole("default")],
            plans.iter().map(|plan| {
                let default = if is_default(plan) { "yes" } else { "-" };
                [plan.name.clone(), listed(&plan.features), default.to_owned()]
            }),
        )
    };
    Ok(Answer::new(json!({ "plans": json }), text))
}

async fn delete(installation: &Installation, name: &str) -> Result<Answer> {
    installation.delete_plan(name).await?;
    let text = format!("The plan {name} is deleted.");
    Ok(Answer::new(json!({ "name": name, "deleted": true }), text))
}

async fn set_default(installation: &Installation, name: Option<&str>) -> Result<Answer> {
    if let Some(name) = name
        && !installation.plans().await?.iter().any(|plan| plan.name == name)
    {
        return Err(Error::no_such(Noun::Plan, name).into());
    }
    let before = installation.setting(Setting::DefaultPlan).await?;
    installation.set(Setting::DefaultPlan, name).await?;
    let changed = before.as_deref() != name;
    let text = match (name, changed) {
        (Some(name), true) => format!("Organizations without a plan have the plan {name}."),
        (None, true) => "Organizations without a plan may use every feature.".to_owned(),
        (Some(name), false) => format!("The default is the plan {name} already: nothing changed."),
        (None, false) => "There was no default plan: nothing changed.".to_owned(),
    };
    Ok(Answer::new(json!({ "default": name, "changed": changed }), text))
}

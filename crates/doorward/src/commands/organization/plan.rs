//! `doorward organization set-plan`, `add-on` and `remove-add-on`

use anyhow::Result;
use directory::{
    Error, Installation,
    organization::{self, Organization},
    plan::{self, Feature},
};
use serde_json::json;

use super::{super::plan::listed, find, view};
use crate::{answer::Answer, problem::within};

pub(super) async fn set(
    installation: &Installation,
    slug: &str,
    plan: Option<String>,
) -> Result<Answer> {
    let (access, before) = find(installation, slug).await?;
    let after = installation
        .store()
        .write(&access, move |writer| organization::set_plan(writer, plan.as_deref()))
        .await?;
    let changed = before.plan != after.plan;
    let mut json = view(&after);
    json["changed"] = json!(changed);
    let name = &after.name;
    let text = match (&after.plan, changed) {
        (Some(plan), true) => {
            format!("{name} ({slug}) has the plan {plan}.{}", note(installation, &after).await?)
        }
        (None, true) => format!("{name} ({slug}) has no plan any more."),
        (Some(plan), false) => {
            format!("{name} ({slug}) has the plan {plan} already: nothing changed.")
        }
        (None, false) => format!("{name} ({slug}) had no plan: nothing changed."),
    };
    Ok(Answer::new(json, text))
}

/// What to know of an organization whose plan is not defined.
pub(super) async fn note(
    installation: &Installation,
    organization: &Organization,
) -> Result<String> {
    let Some(name) = &organization.plan else { return Ok(String::new()) };
    let is_defined = installation.plans().await?.iter().any(|plan| plan.name == *name);
    Ok(if is_defined {
        String::new()
    } else {
        format!(
            " No plan {name} is defined, so it may use every feature; `doorward plan set` defines \
             one."
        )
    })
}

pub(super) async fn add_on(
    installation: &Installation,
    slug: &str,
    feature: Feature,
) -> Result<Answer> {
    let (access, organization) = find(installation, slug).await?;
    let (changed, add_ons) = installation
        .store()
        .write(&access, move |writer| {
            let changed = plan::add_add_on(writer, feature)?;
            Ok::<_, Error>((changed, plan::add_ons(writer)?))
        })
        .await?;
    let name = &organization.name;
    let text = if changed {
        format!("{name} ({slug}) may use {feature} beside what its plan includes.")
    } else {
        format!("{name} ({slug}) has the add-on {feature} already: nothing changed.")
    };
    let json = json!({ "slug": slug, "add_ons": add_ons, "changed": changed });
    Ok(Answer::new(json, text))
}

pub(super) async fn remove_add_on(
    installation: &Installation,
    slug: &str,
    feature: Feature,
) -> Result<Answer> {
    let (access, organization) = find(installation, slug).await?;
    let add_ons = installation
        .store()
        .write(&access, move |writer| {
            plan::remove_add_on(writer, feature)?;
            plan::add_ons(writer)
        })
        .await
        .map_err(within(&organization.slug))?;
    let text = format!(
        "{} ({slug}) has the add-on {feature} no longer. Its add-ons: {}.",
        organization.name,
        listed(&add_ons)
    );
    Ok(Answer::new(json!({ "slug": slug, "add_ons": add_ons, "changed": true }), text))
}

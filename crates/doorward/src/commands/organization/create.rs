//! `doorward organization create`

use anyhow::Result;
use directory::{
    Installation,
    organization::{self, Slug},
};
use serde_json::json;

use super::plan;
use crate::answer::Answer;

pub(super) async fn run(
    installation: &Installation,
    name: &str,
    slug: &str,
    plan: Option<&str>,
) -> Result<Answer> {
    let (_, made) = organization::create(installation, &Slug::parse(slug)?, name, plan).await?;
    let json = json!({
        "id": made.id.to_string(),
        "slug": made.slug.as_str(),
        "name": made.name,
        "plan": made.plan,
        // There is no console yet to set anything up in.
        "setup_url": null,
    });
    let note = plan::note(installation, &made).await?;
    let text = format!(
        "{} ({slug}) is ready.{note} Connect its identity provider next:\n  \
         doorward connection create --organization {slug} --provider okta --protocol scim2",
        made.name
    );
    Ok(Answer::new(json, text))
}

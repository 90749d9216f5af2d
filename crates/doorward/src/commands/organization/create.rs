//! `doorward organization create`

use anyhow::Result;
use directory::{
    Installation,
    organization::{self, Slug},
};
use doorward::config::Config;
use serde_json::json;

use super::{super::setup_link, plan};
use crate::answer::Answer;

pub(super) async fn run(
    installation: &Installation,
    config: &Config,
    name: &str,
    slug: &str,
    plan: Option<&str>,
) -> Result<Answer> {
    let (access, made) =
        organization::create(installation, &Slug::parse(slug)?, name, plan).await?;
    let setup_url = setup_link::first(config, installation, &access).await?;
    let json = json!({
        "id": made.id.to_string(),
        "slug": made.slug.as_str(),
        "name": made.name,
        "plan": made.plan,
        "setup_url": setup_url,
    });
    let note = plan::note(installation, &made).await?;
    let link = setup_url.map_or_else(String::new, |url| {
        format!("\nOr let its administrator do so, by this link, which is shown once:\n  {url}")
    });
    let text = format!(
        "{} ({slug}) is ready.{note} Connect its identity provider next:\n  \
         doorward connection create --organization {slug} --provider okta --protocol scim2{link}",
        made.name
    );
    Ok(Answer::new(json, text))
}

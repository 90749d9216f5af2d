//! `doorward organization delete`

use anyhow::Result;
use directory::{Installation, organization};
use serde_json::json;

use super::{super::confirm::confirm, find};
use crate::{answer::Answer, words::count};

pub(super) async fn run(installation: &Installation, slug: &str, yes: bool) -> Result<Answer> {
    let (_, organization) = find(installation, slug).await?;
    let question = format!(
        "{} has {} and {}. Everything will be deleted for good.",
        organization.name,
        count(organization.users, "user"),
        count(organization.groups, "group")
    );
    confirm(yes, &question, slug)?;
    let deleted = organization::delete(installation, &organization.slug).await?;
    let json = json!({
        "id": deleted.id.to_string(),
        "slug": deleted.slug.as_str(),
        "deleted": true,
    });
    let text = format!(
        "{} ({slug}) is deleted. Its tokens are refused from now on; a running server clears its \
         records away.",
        deleted.name
    );
    Ok(Answer::new(json, text))
}

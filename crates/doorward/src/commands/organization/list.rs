//! `doorward organization list`

use anyhow::Result;
use directory::{Installation, organization};
use serde_json::{Value as Json, json};

use super::view;
use crate::{
    answer::Answer,
    table::{self, cut, number, whole},
};

pub(super) async fn run(installation: &Installation) -> Result<Answer> {
    let all = organization::list(installation).await?;
    let json: Vec<Json> = all.iter().map(|(_, organization)| view(organization)).collect();
    let text = if all.is_empty() {
        "There is no organization yet; `doorward organization create NAME --slug SLUG` makes one."
            .to_owned()
    } else {
        table::columns(
            [whole("slug"), cut("name"), cut("plan"), number("users"), number("groups")],
            all.iter().map(|(_, organization)| {
                [
                    organization.slug.to_string(),
                    organization.name.clone(),
                    organization.plan.clone().unwrap_or_else(|| "-".to_owned()),
                    organization.users.to_string(),
                    organization.groups.to_string(),
                ]
            }),
        )
    };
    Ok(Answer::new(json!({ "organizations": json }), text))
}

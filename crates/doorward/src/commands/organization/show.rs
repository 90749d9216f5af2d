//! `doorward organization show`

use anyhow::Result;
use directory::{Installation, organization::Organization, plan};
use serde_json::json;

use super::{find, guard::Wanted, view};
use crate::{answer::Answer, table};

pub(super) async fn run(installation: &Installation, slug: &str) -> Result<Answer> {
    let (access, organization) = find(installation, slug).await?;
    let add_ons = installation.store().read(&access, plan::add_ons).await?;
    let mut json = view(&organization);
    json["add_ons"] = json!(add_ons);
    let sheet = table::sheet([
        ("slug", organization.slug.to_string()),
        ("id", organization.id.to_string()),
        ("plan", organization.plan.clone().unwrap_or_else(|| "-".to_owned())),
        ("add-ons", super::super::plan::listed(&add_ons)),
        ("admin-lockout guard", Wanted::of(&organization).described().to_owned()),
        ("users", organization.users.to_string()),
        ("groups", organization.groups.to_string()),
        ("events", events(&organization)),
        ("created", organization.created.to_string()),
    ]);
    Ok(Answer::new(json, format!("{}\n\n{sheet}", organization.name)))
}

/// The newest event, and which are not kept any more.
fn events(organization: &Organization) -> String {
    let (last, pruned) = (organization.last_event, organization.pruned);
    match pruned.number() {
        0 => last.to_string(),
        _ => format!("{last}, of which those up to {pruned} are not kept"),
    }
}

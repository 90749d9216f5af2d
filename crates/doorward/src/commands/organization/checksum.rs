//! `doorward organization checksum`

use anyhow::Result;
use directory::{
    Installation,
    checksum::{self, Checksums, Sums},
};
use serde_json::json;

use super::find;
use crate::{answer::Answer, table};

pub(super) async fn run(installation: &Installation, slug: &str) -> Result<Answer> {
    let (access, organization) = find(installation, slug).await?;
    let read = installation.store().read(&access, checksum::of).await?;
    let Checksums { after, sums: Sums { users, groups, memberships } } = read;
    let [users, groups, memberships] = [users, groups, memberships].map(|sum| sum.to_string());
    let json = json!({
        "organization": organization.slug.as_str(),
        "number": after,
        "users": users,
        "groups": groups,
        "memberships": memberships,
    });
    let sheet = table::sheet([
        ("after event", after.to_string()),
        ("users", users),
        ("groups", groups),
        ("memberships", memberships),
    ]);
    Ok(Answer::new(json, sheet))
}

//! `doorward role create` and `delete`

use anyhow::Result;
use directory::{
    Installation,
    role::{self, RoleName},
};
use serde_json::json;

use super::{super::organization::find, list::view};
use crate::{answer::Answer, problem::within};

pub(super) async fn create(
    installation: &Installation,
    slug: &str,
    name: &str,
    description: String,
) -> Result<Answer> {
    let (access, organization) = find(installation, slug).await?;
    let name = RoleName::parse(name)?;
    let made = installation
        .store()
        .write(&access, move |writer| role::create(writer, &name, &description))
        .await?;
    let mut json = view(&made);
    json["organization"] = json!(organization.slug.as_str());
    let role = &made.name;
    let text = format!(
        "{} ({slug}) has the role {role}. Give it to people next:\n  \
         doorward role assign --organization {slug} --user USERNAME --role {role}\n  \
         doorward role map --organization {slug} --group NAME --role {role}",
        organization.name
    );
    Ok(Answer::new(json, text))
}

pub(super) async fn delete(installation: &Installation, slug: &str, name: &str) -> Result<Answer> {
    let (access, organization) = find(installation, slug).await?;
    let role = RoleName::parse(name)?;
    installation
        .store()
        .write(&access, move |writer| role::delete(writer, &role))
        .await
        .map_err(within(&organization.slug))?;
    let json = json!({ "name": name, "organization": slug, "deleted": true });
    Ok(Answer::new(json, format!("The role {name} of {} ({slug}) is deleted.", organization.name)))
}

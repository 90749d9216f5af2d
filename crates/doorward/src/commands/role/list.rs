//! `doorward role list`

use anyhow::Result;
use directory::{
    Error, Installation,
    role::{self, Mapping, Role},
};
use serde_json::{Value as Json, json};

use super::super::organization::find;
use crate::{
    answer::Answer,
    table::{self, whole, wrapped},
};

pub(super) async fn run(installation: &Installation, slug: &str) -> Result<Answer> {
    let (access, organization) = find(installation, slug).await?;
    let (roles, mapped) = installation
        .store()
        .read(&access, |reader| Ok::<_, Error>((role::list(reader)?, role::mapped(reader)?)))
        .await?;
    let listed: Vec<Json> = roles
        .iter()
        .map(|role| {
            let groups: Vec<Json> = groups(role, &mapped).map(group).collect();
            let mut json = view(role);
            json["groups"] = json!(groups);
            json
        })
        .collect();
    let text = table::columns(
        [whole("role"), wrapped("what it is for"), wrapped("mapped to")],
        roles.iter().map(|role| {
            let names: Vec<&str> =
                groups(role, &mapped).map(|mapping| mapping.group.name()).collect();
            let names = if names.is_empty() { "-".to_owned() } else { names.join("; ") };
            [role.name.to_string(), role.description.clone(), names]
        }),
    );
    let json = json!({ "organization": organization.slug.as_str(), "roles": listed });
    Ok(Answer::new(json, text))
}

/// The mappings of a role.
pub(super) fn groups<'m>(
    role: &'m Role,
    mapped: &'m [Mapping],
) -> impl Iterator<Item = &'m Mapping> {
    mapped.iter().filter(|mapping| mapping.role == *role)
}

/// A role, for programs.
pub(super) fn view(role: &Role) -> Json {
    json!({
        "name": role.name.as_str(),
        "description": role.description,
        "built_in": role.is_built_in(),
        "created": role.created.map(|created| created.to_string()),
    })
}

/// A group that a role is mapped to, for programs.
pub(super) fn group(mapping: &Mapping) -> Json {
    json!({
        "id": mapping.group.id.to_string(),
        "name": mapping.group.name(),
        "since": mapping.created.to_string(),
    })
}

//! `doorward role assign`, `unassign`, `map` and `unmap`

use anyhow::{Result, anyhow};
use directory::{
    Error, Installation, Noun,
    organization::Slug,
    role::{self, RoleName},
};
use serde_json::json;

use super::{
    super::{group, organization::find, user},
    Assignment, Mapping,
};
use crate::{answer::Answer, problem::within};

pub(super) async fn assign(installation: &Installation, wanted: Assignment) -> Result<Answer> {
    let (access, organization) = find(installation, &wanted.whose.organization).await?;
    let Assignment { user, role, whose } = wanted;
    let name = RoleName::parse(&role)?;
    let (user, changed) = installation
        .store()
        .write(&access, move |writer| {
            let user = user::named(writer, &user)?;
            let changed = role::assign(writer, &user, &name)?;
            Ok::<_, Error>((user, changed))
        })
        .await
        .map_err(within(&organization.slug))?;
    let who = user.name();
    let text = if changed {
        format!("{who} has the role {role} from now on.")
    } else {
        format!("{who} has the role {role} already: nothing changed.")
    };
    let json = json!({
        "organization": whose.organization,
        "user": user.id.to_string(),
        "role": role,
        "changed": changed,
    });
    Ok(Answer::new(json, text))
}

pub(super) async fn unassign(installation: &Installation, wanted: Assignment) -> Result<Answer> {
    let (access, organization) = find(installation, &wanted.whose.organization).await?;
    let Assignment { user: who, role, whose } = wanted;
    let (name, asked) = (RoleName::parse(&role)?, who.clone());
    let slug = &organization.slug;
    let (user, left) = installation
        .store()
        .write(&access, move |writer| {
            let user = user::named(writer, &asked)?;
            role::unassign(writer, &user, &name)?;
            let held = role::of_user(writer, &user)?;
            let left = held.iter().any(|held| held.role.name == name);
            Ok::<_, Error>((user, left))
        })
        .await
        .map_err(|error| match error {
            Error::NotFound { what: Noun::Grant, .. } => anyhow!(
                "the role {role} was not assigned to {who}; `doorward user show {who} \
                 --organization {slug}` shows which roles it has, and why"
            ),
            error => within(slug)(error),
        })?;
    let who = user.name();
    let text = if left {
        format!("{who} has the role {role} by way of a group only.")
    } else {
        format!("{who} has the role {role} no longer.")
    };
    let json = json!({
        "organization": whose.organization,
        "user": user.id.to_string(),
        "role": role,
        "still_by_group": left,
    });
    Ok(Answer::new(json, text))
}

pub(super) async fn map(installation: &Installation, wanted: Mapping) -> Result<Answer> {
    let (access, organization) = find(installation, &wanted.whose.organization).await?;
    let Mapping { group, role, whose } = wanted;
    let name = RoleName::parse(&role)?;
    let (group, changed) = installation
        .store()
        .write(&access, move |writer| {
            let group = group::named(writer, &group)?;
            let changed = role::map(writer, &group, &name)?;
            Ok::<_, Error>((group, changed))
        })
        .await
        .map_err(within(&organization.slug))?;
    let which = group.name();
    let text = if changed {
        format!("The members of {which} have the role {role} from now on.")
    } else {
        format!("The members of {which} have the role {role} already: nothing changed.")
    };
    let json = json!({
        "organization": whose.organization,
        "group": group.id.to_string(),
        "role": role,
        "changed": changed,
    });
    Ok(Answer::new(json, text))
}

pub(super) async fn unmap(installation: &Installation, wanted: Mapping) -> Result<Answer> {
    let (access, organization) = find(installation, &wanted.whose.organization).await?;
    let Mapping { group: which, role, whose } = wanted;
    let (name, asked) = (RoleName::parse(&role)?, which.clone());
    let slug: &Slug = &organization.slug;
    let group = installation
        .store()
        .write(&access, move |writer| {
            let group = group::named(writer, &asked)?;
            role::unmap(writer, &group, &name)?;
            Ok::<_, Error>(group)
        })
        .await
        .map_err(|error| match error {
            Error::NotFound { what: Noun::Grant, .. } => anyhow!(
                "the role {role} is not mapped to {which}; `doorward role list --organization \
                 {slug}` shows all mappings"
            ),
            error => within(slug)(error),
        })?;
    let text = format!(
        "The members of {} have the role {role} by way of this group no longer.",
        group.name()
    );
    let json = json!({
        "organization": whose.organization,
        "group": group.id.to_string(),
        "role": role,
    });
    Ok(Answer::new(json, text))
}

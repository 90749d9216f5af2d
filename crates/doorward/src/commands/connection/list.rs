//! `doorward connection list`

use anyhow::Result;
use directory::{
    Installation,
    connection::{self, Connection},
    organization::{self, Organization},
};
use serde_json::{Value as Json, json};

use super::{super::organization::find, view};
use crate::{
    answer::Answer,
    table::{self, cut, whole},
};

pub(super) async fn run(installation: &Installation, slug: Option<&str>) -> Result<Answer> {
    let organizations = match slug {
        Some(slug) => vec![find(installation, slug).await?],
        None => organization::list(installation).await?,
    };
    let mut all: Vec<(Organization, Connection)> = Vec::new();
    for (access, organization) in organizations {
        let connections = installation.store().read(&access, connection::list).await?;
        for connection in connections {
            all.push((organization.clone(), connection));
        }
    }
    let json: Vec<Json> =
        all.iter().map(|(organization, connection)| view(organization, connection)).collect();
    let text = if all.is_empty() {
        "There is no connection yet; `doorward connection create --organization SLUG` makes one."
            .to_owned()
    } else {
        table::columns(
            [
                whole("id"),
                cut("organization"),
                whole("provider"),
                whole("profile"),
                whole("state"),
                cut("name"),
            ],
            all.iter().map(|(organization, connection)| {
                [
                    connection.id.to_string(),
                    organization.slug.to_string(),
                    format!("{}/{}", connection.provider, connection.protocol),
                    connection.profile_in_force().to_string(),
                    connection.state.to_string(),
                    connection.name.clone().unwrap_or_else(|| "-".to_owned()),
                ]
            }),
        )
    };
    Ok(Answer::new(json!({ "connections": json }), text))
}

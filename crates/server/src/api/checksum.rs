//! `/organizations/{organization}/checksum`: what proves that a copy equals ours.

use axum::Json;
use directory::checksum::{self, Checksums, Sums};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::Organization;
use crate::{App, error::HttpError};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show))
}

/// Sums over an organization after one event: 32 hexadecimal digits each.
#[derive(Debug, Serialize, ToSchema)]
struct Checksum {
    /// The number of the newest event: they hold after exactly that one.
    number: i64,
    /// Of the users.
    users: String,
    /// Of the groups, without members.
    groups: String,
    /// Of who is in which group itself.
    memberships: String,
}

/// Tells sums over the users, groups and memberships of an organization. A copy that gives the same after the same
/// event is equal; docs/keep-in-step.md says what is summed. They are kept, not computed: asking costs one row.
#[utoipa::path(get, path = "/organizations/{organization}/checksum", tag = "events",
    responses((status = 200, body = Checksum)))]
async fn show(organization: Organization) -> Result<Json<Checksum>, HttpError> {
    let Checksums { after, sums } = organization.read(checksum::of).await?;
    let Sums { users, groups, memberships } = sums;
    Ok(Json(Checksum {
        number: after.number(),
        users: users.to_string(),
        groups: groups.to_string(),
        memberships: memberships.to_string(),
    }))
}

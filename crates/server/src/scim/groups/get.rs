//! `GET /Groups/{id}`, RFC 7644 §3.4.1.

use axum::{http::StatusCode, response::Response};
use directory::{group, is_unchanged};

use super::{answer, with_members};
use crate::{
    error::Failure,
    scim::{
        context::Context,
        path_id::PathId,
        resources::{self, Seen},
    },
};

pub(crate) async fn get(context: Context, path: PathId) -> Result<Response, Failure> {
    let id = path.resource()?;
    let condition = context.precondition()?;
    let projection = context.projection(context.schemas().group())?;
    let wanted = projection.clone();
    let seen = context
        .read(move |reader| {
            let group = group::get(reader, id)?;
            if is_unchanged(&group, &condition)? && !resources::shows_others_of_group(&wanted) {
                return Ok(Seen::Already(group));
            }
            with_members(reader, group, &wanted).map(Seen::Now)
        })
        .await?;
    Ok(match seen {
        Seen::Now(found) => answer(&context, StatusCode::OK, found, projection),
        Seen::Already(group) => context.unchanged(context.schemas().group(), &group),
    })
}

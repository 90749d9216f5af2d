//! `GET /Groups/{id}`, RFC 7644 §3.4.1.

use axum::{http::StatusCode, response::Response};
use directory::group;

use super::answer;
use crate::{
    error::Failure,
    scim::{context::Context, path_id::PathId, resources},
};

pub(crate) async fn get(context: Context, path: PathId) -> Result<Response, Failure> {
    let id = path.resource()?;
    let projection = context.projection(context.schemas().group())?;
    let wanted = projection.clone();
    let (group, members) = context
        .read(move |reader| {
            let group = group::get(reader, id)?;
            let members = resources::members_of(reader, vec![group.clone()], &wanted)?;
            Ok((group, members))
        })
        .await?;
    Ok(answer(&context, StatusCode::OK, &group, members, projection))
}

//! `GET /Groups/{id}`, RFC 7644 §3.4.1.

use axum::{extract::Path, http::StatusCode, response::Response};
use directory::group::{self, Group};

use super::{GroupPath, answer};
use crate::{
    error::Failure,
    scim::{context::Context, resources},
};

pub(crate) async fn get(
    context: Context,
    Path(path): Path<GroupPath>,
) -> Result<Response, Failure> {
    let id = path.id()?;
    let projection = context.projection::<Group>()?;
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

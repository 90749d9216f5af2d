//! `GET /Users/{id}`, RFC 7644 §3.4.1.

use axum::{http::StatusCode, response::Response};
use directory::{is_unchanged, user};

use super::{answer, with_groups};
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
    let projection = context.projection(context.schemas().user())?;
    let wanted = projection.clone();
    let seen = context
        .read(move |reader| {
            let user = user::get(reader, id)?;
            if is_unchanged(&user, &condition)? && !resources::shows_others_of_user(&wanted) {
                return Ok(Seen::Already(user));
            }
            with_groups(reader, user, &wanted).map(Seen::Now)
        })
        .await?;
    Ok(match seen {
        Seen::Now(found) => answer(&context, StatusCode::OK, &found, &projection),
        Seen::Already(user) => context.unchanged(context.schemas().user(), &user),
    })
}

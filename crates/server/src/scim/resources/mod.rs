//! How resources become answers.
//!
//! A user carries its groups, a group its members; both are read when they are shown, and only if
//! the client wants to see them: a resource with what is shown along with it is a [`Whole`].

mod body;
mod object;
mod whole;

use ::scim::Notes;
use axum::{
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use directory::{Error, Reader, Record, is_unchanged};

pub(crate) use self::{
    body::body,
    whole::{Wanted, Whole, whole},
};
use super::{
    change::Change,
    context::{Context, noted},
};
use crate::error::Failure;

/// Answers with one resource, unless the client has it as it is (RFC 9110 §13.1.2).
pub(crate) async fn read<R, F>(
    context: &Context,
    wanted: Wanted,
    mut get: F,
) -> Result<Response, Failure>
where
    R: Record,
    F: FnMut(&mut Reader<'_>) -> Result<R, Error> + Send + 'static,
{
    let condition = context.precondition()?;
    let asked = wanted.clone();
    let (has_it, found) = context
        .read(move |reader| {
            let found = get(reader)?;
            let has_it = is_unchanged(&found, &condition)? && !asked.shows_others();
            let found = found.into();
            Ok((has_it, if has_it { Whole::alone(found) } else { asked.whole(reader, found)? }))
        })
        .await?;
    Ok(if has_it {
        let response = StatusCode::NOT_MODIFIED.into_response();
        context.identify(&wanted.schema, &found.resource, false, response)
    } else {
        answer(context, StatusCode::OK, found, &wanted)
    })
}

/// Makes a change and answers with the resource that it left.
pub(crate) async fn changed<C>(
    context: &Context,
    change: C,
    notes: Notes,
    status: StatusCode,
    wanted: Wanted,
) -> Result<Response, Failure>
where
    C: Change,
    C::Left: Record,
{
    let asked = wanted.clone();
    let (left, notes) =
        context.change(change, notes, move |reader, left| asked.whole(reader, left.into())).await?;
    Ok(noted(answer(context, status, left, &wanted), notes))
}

/// The answer that shows a resource.
fn answer(context: &Context, status: StatusCode, found: Whole, wanted: &Wanted) -> Response {
    let resource = found.resource.clone();
    let body = body(context, vec![found], std::slice::from_ref(wanted), String::new(), "");
    let response = context.answer(status, body);
    context.identify(&wanted.schema, &resource, status == StatusCode::CREATED, response)
}

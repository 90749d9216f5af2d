//! How resources become answers.
//!
//! A user carries its groups, a group its members; both are read when they are shown, and only if
//! the client wants to see them: a resource with what is shown along with it is a [`Whole`].

mod body;
mod object;
mod whole;

use ::scim::{Notes, Precondition, Verdict};
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use directory::{Error, Reader, Record};

pub(crate) use self::{
    body::body,
    whole::{Wanted, Whole, whole},
};
use super::{
    change::Change,
    context::{Context, noted, tagged},
    error::ScimError,
};

/// Answers with one resource, unless the client has it as it is (RFC 9110 §13.1.2).
pub(crate) async fn read<R, F>(
    context: &Context,
    wanted: Wanted,
    mut get: F,
) -> Result<Response, ScimError>
where
    R: Record,
    F: FnMut(&mut Reader<'_>) -> Result<R, Error> + Send + 'static,
{
    let condition = context.precondition()?;
    let asked = wanted.clone();
    let (has_it, found) = context
        .read(move |reader| {
            let mut found = Whole::alone(get(reader)?.into());
            // What is not sent is not read, unless the tag tells of it.
            if asked.shows_others() || judge(&condition, &found)? == Verdict::Holds {
                found = asked.whole(reader, found.resource)?;
            }
            Ok((judge(&condition, &found)? == Verdict::Unchanged, found))
        })
        .await?;
    Ok(if has_it {
        tagged(found.tag(), StatusCode::NOT_MODIFIED.into_response())
    } else {
        answer(context, StatusCode::OK, found, &wanted)
    })
}

/// Whether a reader has what it would be shown.
fn judge(condition: &Precondition, found: &Whole) -> Result<Verdict, Error> {
    match condition.judge(&found.tag().to_string()) {
        Verdict::Failed => {
            Err(Error::PreconditionFailed { version: found.resource.meta().version })
        }
        verdict => Ok(verdict),
    }
}

/// Makes a change and answers with the resource that it left.
pub(crate) async fn changed<C>(
    context: &Context,
    change: C,
    notes: Notes,
    status: StatusCode,
    wanted: Wanted,
) -> Result<Response, ScimError>
where
    C: Change,
    C::Left: Record,
{
    let asked = wanted.clone();
    let (left, notes) =
        context.change(change, notes, move |reader, left| asked.whole(reader, left.into())).await?;
    Ok(noted(answer(context, status, left, &wanted), &notes))
}

/// The answer that shows a resource.
fn answer(context: &Context, status: StatusCode, found: Whole, wanted: &Wanted) -> Response {
    let tag = found.tag();
    let location = context.location(&wanted.schema, &found.resource);
    let body = body(context, vec![found], std::slice::from_ref(wanted), String::new(), "");
    let mut response = tagged(tag, context.answer(status, body));
    if status == StatusCode::CREATED
        && let Ok(location) = HeaderValue::from_str(&location)
    {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

//! How resources become answers.
//!
//! A user carries its groups, a group its members; both are read when they are shown, and only if
//! the client wants to see them: a resource with what is shown along with it is [`Expanded`].

mod body;
mod expanded;
mod object;

use ::scim::{Notes, Precondition, Verdict};
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use directory::{Error, Resource, ResourceId, Writer, get};

pub(crate) use self::{
    body::{Texts, body},
    expanded::{Expanded, Wanted, expand},
};
use super::{
    acts::Change,
    context::{Context, noted, tagged},
    error::ScimError,
};

/// Answers with one resource, unless the client has it as it is (RFC 9110 §13.1.2).
pub(crate) async fn read(
    context: &Context,
    wanted: Wanted,
    id: ResourceId,
) -> Result<Response, ScimError> {
    let condition = context.precondition()?;
    let asked = wanted.clone();
    let (has_it, found) = context
        .read(move |reader| {
            let mut found = Expanded::alone(get(reader, &asked.schema, id)?);
            // What is not sent is not read, unless the tag tells of it.
            if asked.shows_related() || judge(&condition, &found)? == Verdict::Holds {
                found = asked.expand(reader, found.resource, None)?;
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
fn judge(condition: &Precondition, found: &Expanded) -> Result<Verdict, Error> {
    match condition.judge(&found.tag().to_string()) {
        Verdict::Failed => Err(Error::Stale { version: found.resource.version }),
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
    C: Change<Output = Resource>,
{
    let asked = wanted.clone();
    let show = move |writer: &mut Writer<'_>, resource| {
        let newest = writer.last_event();
        Ok(asked.expand(writer, resource, Some(newest))?)
    };
    let (changed, notes) = context.change(change, notes, show).await?;
    Ok(noted(answer(context, status, changed, &wanted), &notes))
}

/// The answer that shows a resource.
fn answer(context: &Context, status: StatusCode, found: Expanded, wanted: &Wanted) -> Response {
    let tag = found.tag();
    let location = context.location(&wanted.schema, &found.resource);
    let texts = Texts::of(context, vec![found], std::slice::from_ref(wanted));
    let body = body(context, texts, String::new(), "");
    let mut response = tagged(tag, context.answer(status, body));
    if status == StatusCode::CREATED
        && let Ok(location) = HeaderValue::from_str(&location)
    {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

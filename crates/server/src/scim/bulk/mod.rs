//! `POST /Bulk`, RFC 7644 §3.7 and SCIM 1.1 protocol §3.5: many changes in one request.
//!
//! Each operation is the same [`Change`](super::acts::Change) as in a request of its own, with
//! the same checks and the same event; [`work`] is where they meet. Operations are atomic each
//! by itself, circular ones together ([`circle`]), and the request as a whole is not.

mod circle;
mod progress;
mod run;
mod work;

use ::scim::bulk::Request as Bulk;
use axum::{extract::Request, http::StatusCode, response::Response};

use super::{
    body,
    context::{Context, noted},
    error::ScimError,
};
use crate::log::Tally;

pub(super) async fn bulk(context: Context, request: Request) -> Result<Response, ScimError> {
    let limits = context.limits();
    let body = body::object(&context, request, limits.bulk_body).await?;
    let mut notes = context.notes();
    let bulk = Bulk::parse(context.dialect(), body, limits.bulk_operations, &mut notes)?;
    let (ran, progress) = run::run(&context, bulk, notes).await?;
    let operations = &ran.request.operations;
    let tally = Tally { operations: operations.len(), failed: progress.failed() };
    let (outcomes, notes) = progress.finish();
    let tried = operations.iter().zip(&outcomes);
    let tried = tried.filter_map(|(operation, outcome)| Some((operation, outcome.as_ref()?)));
    let body = context.dialect().bulk_response(tried);
    let mut response = context.answer(StatusCode::OK, body.to_json());
    response.extensions_mut().insert(tally);
    Ok(noted(response, &notes))
}

//! `POST /{endpoint}`, RFC 7644 §3.3.

use std::sync::Arc;

use ::scim::{Notes, schema::ResourceSchema};
use axum::{extract::Request, http::StatusCode, response::Response};
use directory::custom;

use super::answer;
use crate::{
    error::Failure,
    scim::{
        body,
        context::{Context, noted},
    },
};

pub(super) async fn create(
    context: Context,
    schema: Arc<ResourceSchema>,
    request: Request,
) -> Result<Response, Failure> {
    let projection = context.projection(&schema)?;
    let body = body::object(&context, request, context.limits().body).await?;
    let mut notes = Notes::default();
    if body.get("id").is_some_and(|id| !id.is_unassigned()) {
        // RFC 7643 §3.1: ids are the server's to give.
        notes.ignore("id");
    }
    let resource = context.accept(&schema, body, &mut notes)?;
    let created = context
        .write({
            let schema = Arc::clone(&schema);
            move |writer| custom::create(writer, &schema, &resource)
        })
        .await?;
    Ok(noted(answer(&context, &schema, StatusCode::CREATED, &created, &projection), notes))
}

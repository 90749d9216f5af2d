//! `/{endpoint}/{id}`: GET, PUT, PATCH and DELETE, RFC 7644 §3.4.1, §3.5.1, §3.5.2 and §3.6.

use std::sync::Arc;

use ::scim::{Notes, schema::ResourceSchema};
use axum::{
    extract::Request,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use directory::custom;

use super::answer;
use crate::{
    error::Failure,
    scim::{
        body,
        context::{Context, noted},
        path_id::PathId,
    },
};

pub(super) async fn get(
    context: Context,
    schema: Arc<ResourceSchema>,
    path: PathId,
) -> Result<Response, Failure> {
    let id = path.resource()?;
    let projection = context.projection(&schema)?;
    let found = context
        .read({
            let schema = Arc::clone(&schema);
            move |reader| custom::get(reader, &schema, id)
        })
        .await?;
    Ok(answer(&context, &schema, StatusCode::OK, &found, &projection))
}

pub(super) async fn replace(
    context: Context,
    schema: Arc<ResourceSchema>,
    path: PathId,
    request: Request,
) -> Result<Response, Failure> {
    let id = path.resource()?;
    let projection = context.projection(&schema)?;
    let body = body::object(&context, request, context.limits().body).await?;
    let mut notes = Notes::default();
    let resource = context.accept(&schema, body, &mut notes)?;
    let replaced = context
        .write({
            let schema = Arc::clone(&schema);
            move |writer| custom::replace(writer, &schema, id, &resource)
        })
        .await?;
    Ok(noted(answer(&context, &schema, StatusCode::OK, &replaced, &projection), notes))
}

pub(super) async fn patch(
    context: Context,
    schema: Arc<ResourceSchema>,
    path: PathId,
    request: Request,
) -> Result<Response, Failure> {
    let id = path.resource()?;
    let projection = context.projection(&schema)?;
    let body = body::object(&context, request, context.limits().body).await?;
    let mut notes = Notes::default();
    let operations = body::operations(&context, &schema, body, &mut notes)?;
    let (patched, notes) = context
        .write({
            let schema = Arc::clone(&schema);
            move |writer| {
                let mut notes = notes.clone();
                let patched = custom::patch(writer, &schema, id, &operations, &mut notes)?;
                Ok((patched, notes))
            }
        })
        .await?;
    Ok(noted(answer(&context, &schema, StatusCode::OK, &patched, &projection), notes))
}

pub(super) async fn delete(
    context: Context,
    schema: Arc<ResourceSchema>,
    path: PathId,
) -> Result<Response, Failure> {
    let id = path.resource()?;
    context.write(move |writer| custom::delete(writer, &schema, id)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

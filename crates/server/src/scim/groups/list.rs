//! `GET /Groups` and `POST /Groups/.search`, RFC 7644 §3.4.2 and §3.4.3.

use axum::{extract::Request, http::StatusCode, response::Response};
use directory::group::Group;

use crate::{
    error::Failure,
    scim::{
        context::{Context, noted},
        list::ListRequest,
        resources,
    },
};

pub(crate) async fn list(context: Context) -> Result<Response, Failure> {
    let wanted = ListRequest::from_query(&context, context.schemas().group())?;
    page(context, wanted).await
}

pub(crate) async fn search(context: Context, request: Request) -> Result<Response, Failure> {
    let wanted = ListRequest::from_body(&context, context.schemas().group(), request).await?;
    page(context, wanted).await
}

async fn page(context: Context, wanted: ListRequest) -> Result<Response, Failure> {
    let (start_index, projection) = (wanted.page.start_index, wanted.projection.clone());
    let notes = wanted.notes.clone();
    let (total, items, groups) = context
        .read(move |reader| {
            let page = wanted.run::<Group>(reader)?;
            let items = page.items.len() as u64;
            Ok((page.total, items, resources::members_of(reader, page.items, &wanted.projection)?))
        })
        .await?;
    let head = context.dialect().list_head(total, start_index, items);
    let body = resources::groups_body(context.clone(), groups, projection, head, "]}");
    Ok(noted(context.answer(StatusCode::OK, body), notes))
}

//! `GET /Users` and `POST /Users/.search`, RFC 7644 §3.4.2 and §3.4.3.

use ::scim::Object;
use axum::{extract::Request, http::StatusCode, response::Response};
use directory::user::User;

use crate::{
    error::Failure,
    scim::{
        context::{Context, noted},
        list::ListRequest,
        resources,
    },
};

pub(crate) async fn list(context: Context) -> Result<Response, Failure> {
    let wanted = ListRequest::from_query(&context, context.schemas().user())?;
    page(context, wanted).await
}

pub(crate) async fn search(context: Context, request: Request) -> Result<Response, Failure> {
    let wanted = ListRequest::from_body(&context, context.schemas().user(), request).await?;
    page(context, wanted).await
}

async fn page(context: Context, wanted: ListRequest) -> Result<Response, Failure> {
    let (start_index, projection) = (wanted.page.start_index, wanted.projection.clone());
    let notes = wanted.notes.clone();
    let (page, groups) = context
        .read(move |reader| {
            let page = wanted.run::<User>(reader)?;
            let groups = resources::groups_of(reader, &page.items, &wanted.projection)?;
            Ok((page, groups))
        })
        .await?;
    let shown: Vec<Object> = page
        .items
        .iter()
        .zip(&groups)
        .map(|(user, groups)| resources::user(&context, user, groups, &projection))
        .collect();
    let list = context.dialect().list(page.total, start_index, shown);
    Ok(noted(context.answer(StatusCode::OK, list.to_json()), notes))
}

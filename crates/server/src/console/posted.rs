//! [`Posted`]: a form that a visitor sent from a page of ours.

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    response::{IntoResponse as _, Response},
};
use http::{StatusCode, header, request::Parts};

use super::{message::Message, visitor::Visitor};
use crate::{error::HttpError, page::Form};

/// The fields that the gate has read.
#[derive(Clone, Debug)]
pub(super) struct Fields(pub(super) Arc<Form>);

/// A form that a visitor sent. The [gate](super::gate) has made sure that a page of ours did.
#[derive(Clone, Debug)]
pub(super) struct Posted {
    pub(super) visitor: Visitor,
    fields: Fields,
}

impl Posted {
    /// The text of a field, without blanks around it; empty where it is missing.
    pub(super) fn text(&self, name: &str) -> &str {
        self.fields.0.get(name).unwrap_or_default().trim()
    }

    /// The text of a field that was filled in.
    pub(super) fn given(&self, name: &str) -> Option<&str> {
        Some(self.text(name)).filter(|text| !text.is_empty())
    }
}

impl<S: Sync> FromRequestParts<S> for Posted {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, HttpError> {
        let visitor = Visitor::from_request_parts(parts, state).await?;
        let fields = parts.extensions.get::<Fields>().cloned().ok_or_else(HttpError::internal)?;
        Ok(Self { visitor, fields })
    }
}

/// On to another page: what was posted is not posted again by loading that one anew.
pub(super) fn see_other(address: &str) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, address)]).into_response()
}

/// On to another page, which says what was done.
pub(super) fn done(address: &str, message: Message) -> Response {
    let mark = if address.contains('?') { '&' } else { '?' };
    see_other(&format!("{address}{mark}done={}", message.word()))
}

//! [`Form`]: the fields of a form as a browser posts them.

use axum::body::Body;
use http::{HeaderMap, header};

use crate::http::{
    Limits,
    body::{self, BodyError},
};

/// The fields of a form, `application/x-www-form-urlencoded`.
#[derive(Debug)]
pub(crate) struct Form(Vec<(String, String)>);

/// Why a body is no form.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FormError {
    /// The body could not be read.
    #[error(transparent)]
    Body(#[from] BodyError),
    /// It is of another type.
    #[error("the body is not of the type application/x-www-form-urlencoded")]
    Type,
}

impl Form {
    /// Reads a form of at most `limit` bytes.
    ///
    /// # Errors
    ///
    /// Where the body is too large, too slow, or no form.
    pub(crate) async fn read(
        headers: &HeaderMap,
        body: Body,
        limit: usize,
        limits: &Limits,
    ) -> Result<Self, FormError> {
        let ty = headers.get(header::CONTENT_TYPE).and_then(|ty| ty.to_str().ok());
        let essence = ty.and_then(|ty| ty.split(';').next()).unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(FormError::Type);
        }
        let bytes = body::read(body, headers, limit, limits).await?;
        Ok(Self(form_urlencoded::parse(&bytes).into_owned().collect()))
    }

    /// The value of a field. One that stands there twice has none: two readers may take different
    /// ones.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let mut values = self.0.iter().filter(|(field, _)| field == name);
        let (_, value) = values.next()?;
        values.next().is_none().then_some(value)
    }

    /// The fields as a query.
    pub(crate) fn to_query(&self) -> String {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.0).finish()
    }
}

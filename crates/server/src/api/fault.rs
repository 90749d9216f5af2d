//! [`Fault`]: why a piece of work of the API was refused inside of its transaction.

use ::scim::ScimType;
use axum::http::StatusCode;
use directory::{Error, WorkError};

use crate::error::HttpError;

/// Why a piece of work was refused: by the directory, or because attributes are not what their schema
/// says, which only whoever has locked the organization knows.
#[derive(Debug)]
pub(crate) enum Fault {
    Directory(Error),
    Attributes(::scim::Error),
}

impl WorkError for Fault {
    fn store_failure(&self) -> Option<&Error> {
        match self {
            Self::Directory(error) => error.store_failure(),
            Self::Attributes(_) => None,
        }
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Directory(error)
    }
}

impl From<::scim::Error> for Fault {
    fn from(error: ::scim::Error) -> Self {
        Self::Attributes(error)
    }
}

impl From<Fault> for HttpError {
    fn from(fault: Fault) -> Self {
        let error = match fault {
            Fault::Directory(error) => return error.into(),
            Fault::Attributes(error) => error,
        };
        let (status, code) = match error.scim_type() {
            ScimType::Uniqueness => (StatusCode::CONFLICT, "conflict"),
            ScimType::Mutability => (StatusCode::BAD_REQUEST, "immutable"),
            ScimType::InvalidFilter => (StatusCode::BAD_REQUEST, "invalid_filter"),
            _ => (StatusCode::BAD_REQUEST, "invalid"),
        };
        Self::new(status, code, error.detail())
    }
}

//! [`OauthError`]: what a program is told that asked for something wrong.

use ::oauth::{ClientRefusal, ErrorAnswer, TokenRefusal, bearer::BearerRefusal};
use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use serde_json::Value;

use crate::{error::HttpError, http::body::BodyError};

/// A request of a program that is not served: in the form of RFC 6749 §5.2 where the rules refuse it, and
/// in that of every other surface where something else is in the way.
#[derive(Debug)]
pub(super) enum OauthError {
    Refused(ErrorAnswer),
    Http(HttpError),
}

impl From<TokenRefusal> for OauthError {
    fn from(refusal: TokenRefusal) -> Self {
        tracing::info!(code = refusal.code(), %refusal, "a token request was refused");
        Self::Refused(refusal.answer())
    }
}

impl From<ClientRefusal> for OauthError {
    fn from(refusal: ClientRefusal) -> Self {
        TokenRefusal::from(refusal).into()
    }
}

impl From<BearerRefusal> for OauthError {
    fn from(refusal: BearerRefusal) -> Self {
        Self::Refused(refusal.answer())
    }
}

impl From<HttpError> for OauthError {
    fn from(error: HttpError) -> Self {
        Self::Http(error)
    }
}

impl From<directory::Error> for OauthError {
    fn from(error: directory::Error) -> Self {
        Self::Http(error.into())
    }
}

impl From<BodyError> for OauthError {
    fn from(error: BodyError) -> Self {
        Self::Http(error.into())
    }
}

impl IntoResponse for OauthError {
    fn into_response(self) -> Response {
        let answer = match self {
            Self::Http(error) => return error.into_response(),
            Self::Refused(answer) => answer,
        };
        let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::BAD_REQUEST);
        let mut response = match answer.body {
            Value::Null => status.into_response(),
            body => (status, Json(body)).into_response(),
        };
        let challenge = answer.www_authenticate.map(HeaderValue::try_from);
        if let Some(Ok(challenge)) = challenge {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

//! [`AuthorizationRequest`]: what a browser brings to the authorization endpoint (RFC 6749 §4.1.1,
//! OpenID Connect Core §3.1.2.1), and where the answer goes.

mod callback;
mod progress;
mod refusal;
mod request;

pub use self::{
    callback::Callback,
    progress::{Authentication, Progress},
    refusal::{AuthorizationError, AuthorizationRefusal, PageRefusal},
    request::{AuthorizationRequest, Prompt},
};

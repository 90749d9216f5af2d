//! What must hold for any input whatsoever. Each function takes the bytes of a stranger and panics
//! where a promise is broken.
//!
//! Two runners call them: the test of this crate, with the seeds and mutations of them on stable
//! Rust, and `fuzz/`, where libFuzzer looks for new ways through the code.

mod cursor;
mod filter;
mod jwt;
mod oauth_request;
mod patch_body;
mod path;
mod resource;
mod saml_response;
mod token;
mod v1_body;

pub use crate::{
    cursor::cursor, filter::filter, jwt::jwt, oauth_request::oauth_request, patch_body::patch_body,
    path::path, saml_response::saml_response, token::token, v1_body::v1_body,
};

/// A fuzz target: its name, and what it does with an input.
pub type Target = (&'static str, fn(&[u8]));

/// Every target. The name is that of its folder of seeds and of its file in `fuzz/fuzz_targets`.
pub const TARGETS: [Target; 9] = [
    ("filter", filter),
    ("path", path),
    ("patch_body", patch_body),
    ("v1_body", v1_body),
    ("token", token),
    ("cursor", cursor),
    ("saml_response", saml_response),
    ("oauth_request", oauth_request),
    ("jwt", jwt),
];

/// A refusal has the keyword of its place.
fn refused(error: &scim::Error, expected: scim::ScimType) {
    assert_eq!(error.scim_type(), expected, "{error}");
    told(error);
}

/// A refusal has a sentence that fits a log line.
fn told(error: &scim::Error) {
    assert!(!error.detail().trim().is_empty(), "a refusal says why");
    assert!(error.detail().len() <= 1000, "a refusal is short: {error}");
    assert!(!error.detail().contains(char::is_control), "a refusal is one line: {error:?}");
}

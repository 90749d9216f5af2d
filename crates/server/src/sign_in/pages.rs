//! The pages of a sign-in.

use askama::Template;
use directory::sign_in::Test;
use http::StatusCode;

use super::At;
use crate::page::Page;

/// Nothing is here.
#[derive(Debug, Template)]
#[template(path = "not-found.html")]
pub(crate) struct NotFound {}

/// Someone was not let in.
#[derive(Debug, Template)]
#[template(path = "not-signed-in.html")]
pub(crate) struct NotSignedIn {
    pub(crate) reference: String,
}

/// Someone signed out.
#[derive(Debug, Template)]
#[template(path = "signed-out.html")]
pub(crate) struct SignedOut {}

/// A form that takes a request to the provider by itself, and by a button where there is no script.
#[derive(Debug, Template)]
#[template(path = "self-posting.html")]
pub(super) struct SelfPosting {
    pub(super) action: String,
    pub(super) saml_request: String,
    pub(super) relay_state: String,
}

/// What a test sign-in came to.
#[derive(Debug, Template)]
#[template(path = "test-result.html")]
pub(super) struct TestResult {
    organization: String,
    connection: String,
    /// The userName of whom it meant.
    user: Option<String>,
    /// Why it meant none.
    problem: Option<String>,
    creates: bool,
    name_id: String,
    authn_context: Option<String>,
    authn_instant: String,
    session_ends: Option<String>,
    attributes: Vec<(String, Vec<String>)>,
}

impl TestResult {
    pub(super) fn new(at: &At, test: &Test) -> Self {
        let assertion = &test.assertion;
        let (user, refusal) = match &test.outcome {
            Ok((_, user_name)) => (Some(user_name.clone()), None),
            Err(refusal) => (None, Some(refusal)),
        };
        let unknown = refusal == Some(&directory::sign_in::Refusal::UnknownUser);
        let creates = unknown && at.saml.settings.create_users;
        let ends = assertion.session_not_on_or_after.map(directory::Time::from_micros);
        Self {
            organization: at.saml.organization.name.clone(),
            connection: at.saml.connection.label(),
            user,
            problem: refusal.filter(|_| !creates).map(ToString::to_string),
            creates,
            name_id: assertion.name_id.clone(),
            authn_context: assertion.authn_context.clone(),
            authn_instant: assertion.authn_instant.clone(),
            session_ends: ends.map(|time| time.to_string()),
            attributes: assertion.attributes.clone(),
        }
    }
}

/// A browser came without a handle.
pub(super) fn not_finished(at: &At) -> Page<NotSignedIn> {
    Page { status: StatusCode::BAD_REQUEST, ..super::not_signed_in(at.peer.request) }
}

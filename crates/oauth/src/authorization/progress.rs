//! [`Progress`]: what a request needs next, by who is signed in.

use jiff::{SignedDuration, Timestamp};

use super::{AuthorizationError, AuthorizationRequest, Prompt};
use crate::limit::FRESH_AUTHENTICATION;

/// An authentication of the person in front of the browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Authentication {
    /// When it was, by the identity provider: `auth_time`.
    pub at: Timestamp,
    /// Whether it was asked for by the request that is judged, and not by an earlier one.
    pub is_for_request: bool,
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The person signs in.
    SignIn {
        /// Even if the provider has a session: SAML's `ForceAuthn`.
        again: bool,
    },
    /// The person is asked for consent.
    Consent,
    /// A code is made.
    Answer,
}

impl AuthorizationRequest {
    /// What comes next, where `authentication` is that of the session, and `consent` is still to be
    /// asked for or not.
    ///
    /// # Errors
    ///
    /// With `prompt=none`, what would have to be asked; and where the provider did not authenticate the
    /// person again, although this request asked for it.
    pub fn progress(
        &self,
        authentication: Option<Authentication>,
        consent: bool,
        now: Timestamp,
    ) -> Result<Progress, AuthorizationError> {
        let again = self.prompt == Prompt::Login || self.max_age.is_some();
        let next = match authentication {
            Some(known) if self.is_recent(known, now) && consent => Progress::Consent,
            Some(known) if self.is_recent(known, now) => Progress::Answer,
            // It would be asked again, and again.
            Some(known) if known.is_for_request => return Err(AuthorizationError::NotFresh),
            Some(_) => Progress::SignIn { again: true },
            None => Progress::SignIn { again },
        };
        match (next, self.prompt) {
            (Progress::SignIn { .. }, Prompt::None) => Err(AuthorizationError::LoginRequired),
            (Progress::Consent, Prompt::None) => Err(AuthorizationError::ConsentRequired),
            _ => Ok(next),
        }
    }

    /// OpenID Connect Core §3.1.2.1, `prompt` and `max_age`.
    fn is_recent(&self, known: Authentication, now: Timestamp) -> bool {
        let age = now.duration_since(known.at);
        let granted = self.max_age.map(|seconds| SignedDuration::from_secs(seconds.into()));
        match (self.prompt, known.is_for_request) {
            (Prompt::Login, false) => false,
            (Prompt::Login, true) => age <= FRESH_AUTHENTICATION,
            (_, is_for_request) => granted.is_none_or(|granted| {
                age <= granted || is_for_request && age <= FRESH_AUTHENTICATION
            }),
        }
    }
}

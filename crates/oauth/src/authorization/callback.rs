//! [`Callback`]: the one way back to a client.

use super::AuthorizationError;
use crate::{
    client::{Client, ClientId, RedirectUri},
    issuer::Issuer,
    secret::Secret,
};

/// Where the answer to a request goes. It only exists for an address that the client registered: there
/// is no other way to an answer, so that none is sent anywhere else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Callback {
    pub(super) client_id: ClientId,
    pub(super) redirect_uri: RedirectUri,
    /// Whether the request named it, in which case the token request must, too.
    pub(super) was_named: bool,
    pub(super) state: Option<String>,
    pub(super) issuer: Issuer,
}

impl Callback {
    /// Where the answer for a client goes; `None`: the client did not register this address.
    pub(super) fn of(client: &Client, named: Option<&str>, issuer: &Issuer) -> Option<Self> {
        let redirect_uri = match named {
            Some(named) => {
                let any_port = client.chooses_loopback_port();
                let mut known = client.redirect_uris.iter();
                known.find(|known| known.admits(named, any_port))?;
                RedirectUri::parse(named).ok()?
            }
            // RFC 6749 §3.1.2.3: it may be left out where there is one.
            None => match client.redirect_uris.as_slice() {
                [only] => only.clone(),
                _ => return None,
            },
        };
        Some(Self {
            client_id: client.id.clone(),
            redirect_uri,
            was_named: named.is_some(),
            state: None,
            issuer: issuer.clone(),
        })
    }

    /// The `redirect_uri` that the token request must show: none, where the request named none
    /// (RFC 6749 §4.1.3).
    #[must_use]
    pub fn named_redirect_uri(&self) -> Option<&str> {
        self.was_named.then(|| self.redirect_uri.as_str())
    }

    /// The registered address, for the page that asks for consent and its `form-action`.
    #[must_use]
    pub fn redirect_uri(&self) -> &RedirectUri {
        &self.redirect_uri
    }

    /// Whom the answer is for.
    #[must_use]
    pub fn client_id(&self) -> &ClientId {
        &self.client_id
    }

    /// The address to send the browser to with a code (RFC 6749 §4.1.2), by 303 (RFC 9700 §2.6).
    #[must_use]
    pub fn code(&self, code: &Secret) -> String {
        self.answer(vec![("code", code.reveal())])
    }

    /// The address to send the browser to with an error (RFC 6749 §4.1.2.1).
    #[must_use]
    pub fn error(&self, error: &AuthorizationError) -> String {
        let description = crate::error::described(&error.to_string());
        self.answer(vec![
            ("error", error.error_code().as_str()),
            ("error_description", &description),
        ])
    }

    /// With `state` as it came, and `iss` (RFC 9207).
    fn answer<'a>(&'a self, mut parameters: Vec<(&'a str, &'a str)>) -> String {
        if let Some(state) = &self.state {
            parameters.push(("state", state));
        }
        parameters.push(("iss", self.issuer.as_str()));
        self.redirect_uri.with(&parameters)
    }
}

//! [`Envelope`]: how a provider wraps its requests.

use reqwest::header::HeaderMap;

/// What goes around a request, whatever it asks.
#[derive(Clone, Debug)]
pub(crate) struct Envelope {
    /// The headers of every request.
    pub(crate) headers: HeaderMap,
    /// The label of a body.
    pub(crate) content_type: &'static str,
    /// Whether DELETE is labelled although it has no body.
    pub(crate) labels_delete: bool,
    /// How a space is written in a query.
    pub(crate) space: &'static str,
    /// What stands before the token.
    pub(crate) scheme: Scheme,
}

/// The scheme of the Authorization header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    /// `Bearer TOKEN`.
    Bearer,
    /// The bare token, as it was pasted.
    None,
}

impl Envelope {
    /// The value of the Authorization header.
    pub(crate) fn authorization(&self, token: &str) -> String {
        match self.scheme {
            Scheme::Bearer => format!("Bearer {token}"),
            Scheme::None => token.to_owned(),
        }
    }
}

//! [`Addresses`]: what a provider is told to call.

use directory::connection::{Connection, Protocol};
use doorward::config::PublicUrl;
use serde_json::{Value as Json, json};

use super::super::public_url::UNKNOWN;

/// The addresses of a connection: none where nothing is spoken, unknown where the public URL is.
#[derive(Debug)]
pub(crate) struct Addresses {
    url: Option<PublicUrl>,
    path: Option<&'static str>,
    own: String,
}

impl Addresses {
    /// Those of a connection, under a public URL if one is known.
    pub(crate) fn new(url: Option<PublicUrl>, connection: &Connection) -> Self {
        let path = match connection.protocol {
            Protocol::Scim2 => Some("/scim/v2"),
            Protocol::Scim1 => Some("/scim/v1"),
            Protocol::None => None,
        };
        Self { url, path, own: format!("/c/{}", connection.id) }
    }

    /// The public URL.
    pub(crate) fn url(&self) -> Option<&PublicUrl> {
        self.url.as_ref()
    }

    /// What a provider is told: the same for all customers, as the token tells which.
    pub(crate) fn base_url(&self) -> Option<String> {
        Some(format!("{}{}", self.url.as_ref()?, self.path?))
    }

    /// The address of this one connection: another connection's token is refused there.
    pub(crate) fn connection_url(&self) -> Option<String> {
        Some(format!("{}{}{}", self.url.as_ref()?, self.own, self.path?))
    }

    /// Why there is no address, if there should be one.
    pub(crate) fn note(&self) -> Option<&'static str> {
        (self.url.is_none() && self.path.is_some()).then_some(UNKNOWN)
    }

    /// An address for people.
    pub(crate) fn shown(&self, address: Option<String>) -> String {
        address.unwrap_or_else(|| if self.note().is_some() { "not known yet" } else { "-" }.into())
    }

    /// Puts the base URL into an answer for programs, and says so where it is not known.
    pub(crate) fn put_into(&self, json: &mut Json) {
        json["base_url"] = json!(self.base_url());
        if let Some(note) = self.note() {
            json["note"] = json!(note);
        }
    }
}

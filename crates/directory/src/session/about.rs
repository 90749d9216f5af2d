//! [`About`]: how a session began, from where ([`Client`]), and for how long it may last ([`Policy`]).

use std::time::Duration;

use aws_lc_rs::digest;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

use crate::sign_in::Assertion;

/// The longest name of a device that is kept, in characters.
pub(crate) const LONGEST_DEVICE: usize = 300;

/// How long people stay signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Without a request.
    pub idle: Duration,
    /// At the most.
    pub life: Duration,
}

impl Default for Policy {
    fn default() -> Self {
        Self { idle: Duration::from_hours(8), life: Duration::from_hours(24) }
    }
}

/// From where someone signs in, for the list of sessions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Client {
    /// What the browser calls itself.
    pub device: Option<String>,
    /// Its address.
    pub address: Option<String>,
}

/// What is known of how a session began.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// The NameID, where it began with SAML.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_id: Option<String>,
    /// How the person proved who it is, in the provider's words: `AuthnContextClassRef`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authn_context: Option<String>,
    /// The methods that were used, in the words of RFC 8176, where they are known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub methods: Vec<String>,
    /// When it did, in RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authn_instant: Option<String>,
    /// The provider's own name of its session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_index: Option<String>,
    /// The hash of the address that the sign-in was begun for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) begun_for: Option<String>,
    /// What the browser calls itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// The address that it came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

impl About {
    pub(crate) fn of_saml(assertion: &Assertion, client: &Client) -> Self {
        Self {
            name_id: Some(assertion.name_id.clone()),
            authn_context: assertion.authn_context.clone(),
            authn_instant: Some(assertion.authn_instant.clone()),
            session_index: assertion.session_index.clone(),
            ..Self::of(client)
        }
    }

    /// The same, where the browser is to go to an address afterwards.
    pub(crate) fn begun_for(self, address: &str) -> Self {
        Self { begun_for: Some(fingerprint(address)), ..self }
    }

    /// Someone who showed a password and a one-time code.
    pub(crate) fn of_password(client: &Client) -> Self {
        let methods = ["pwd", "otp", "mfa"].map(str::to_owned).to_vec();
        Self { methods, ..Self::of(client) }
    }

    fn of(client: &Client) -> Self {
        let device = client.device.as_deref().map(|device| {
            device.chars().filter(|c| !c.is_control()).take(LONGEST_DEVICE).collect()
        });
        Self { device, address: client.address.clone(), ..Self::default() }
    }
}

/// What is kept of an address, which may be long.
pub(super) fn fingerprint(address: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, address.as_bytes()))
}

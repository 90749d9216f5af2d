//! [`AuthnRequest`]: what begins a sign-in (SAML core §3.4.1), for the redirect and the POST binding.

use std::{fmt::Write as _, io::Write as _};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use flate2::{Compression, write::DeflateEncoder};
use jiff::Timestamp;

use crate::{
    canonical::{push_text, push_value},
    signature::RSA_SHA256,
    signing::{SigningError, SigningKey},
    time,
    xml::{SAML, SAMLP},
};

/// Most bytes of a `RelayState` (SAML bindings §3.4.3).
const LONGEST_RELAY_STATE: usize = 80;
const POST_BINDING: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";

/// A request to sign somebody in.
///
/// `NameIDPolicy` has no `Format`: Okta refuses a request whose format is not that of its own setting.
#[derive(Clone, Copy, Debug)]
pub struct AuthnRequest<'a> {
    /// Its `ID`: see [`request_id`]. It is kept with the pending request.
    pub id: &'a str,
    /// The present moment.
    pub issue_instant: Timestamp,
    /// The provider's single sign-on URL.
    pub destination: &'a str,
    /// Where the response is to be posted to.
    pub acs_url: &'a str,
    /// Our entity ID.
    pub entity_id: &'a str,
    /// Whether the person must show a password or the like again.
    pub force_authn: bool,
}

/// Why there is no request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// The relay state is too long for some providers.
    #[error("a RelayState has at most {LONGEST_RELAY_STATE} bytes")]
    RelayState,
    /// The key does not sign.
    #[error("the request could not be signed: {0}")]
    Signing(#[from] SigningError),
}

/// The `ID` of a request: 128 random bits. An `ID` cannot begin with a digit.
#[must_use]
pub fn request_id(random: [u8; 16]) -> String {
    let mut id = String::with_capacity(33);
    id.push('_');
    for byte in random {
        let _ = write!(id, "{byte:02x}");
    }
    id
}

impl AuthnRequest<'_> {
    /// The address to send the browser to (SAML bindings §3.4.4). With a key, the query is signed as it
    /// is sent.
    ///
    /// # Errors
    ///
    /// When the relay state has more than 80 bytes, and when the key does not sign.
    pub fn redirect_url(
        &self,
        relay_state: &str,
        key: Option<&SigningKey>,
    ) -> Result<String, RequestError> {
        if relay_state.len() > LONGEST_RELAY_STATE {
            return Err(RequestError::RelayState);
        }
        let mut deflate = DeflateEncoder::new(Vec::new(), Compression::default());
        let deflated = deflate.write_all(self.xml("").as_bytes()).and_then(|()| deflate.finish());
        let deflated = deflated.expect("a vector takes all that is written");
        let mut query = format!(
            "SAMLRequest={}&RelayState={}",
            encoded(&STANDARD.encode(deflated)),
            encoded(relay_state)
        );
        if let Some(key) = key {
            let _ = write!(query, "&SigAlg={}", encoded(RSA_SHA256));
            let signature = key.sign(query.as_bytes())?;
            let _ = write!(query, "&Signature={}", encoded(&STANDARD.encode(signature)));
        }
        let (address, fragment) =
            self.destination.split_once('#').unwrap_or((self.destination, ""));
        let separator = if address.contains('?') { '&' } else { '?' };
        let hash = if fragment.is_empty() { "" } else { "#" };
        Ok(format!("{address}{separator}{query}{hash}{fragment}"))
    }

    /// The value of the form field `SAMLRequest` (SAML bindings §3.5.4). With a key, the request holds
    /// an enveloped signature.
    ///
    /// # Errors
    ///
    /// When the key does not sign.
    pub fn post_field(&self, key: Option<&SigningKey>) -> Result<String, RequestError> {
        let signature = match key {
            // What is written is canonical already.
            Some(key) => key.enveloped_signature(self.id, &self.xml(""))?,
            None => String::new(),
        };
        Ok(STANDARD.encode(self.xml(&signature)))
    }

    /// The request in its canonical form, but for a signature.
    fn xml(&self, signature: &str) -> String {
        let mut xml = format!("<samlp:AuthnRequest xmlns:samlp=\"{SAMLP}\"");
        let issue_instant = time::print(self.issue_instant);
        for (name, value) in [
            ("AssertionConsumerServiceURL", Some(self.acs_url)),
            ("Destination", Some(self.destination)),
            ("ForceAuthn", self.force_authn.then_some("true")),
            ("ID", Some(self.id)),
            ("IssueInstant", Some(&issue_instant)),
            ("ProtocolBinding", Some(POST_BINDING)),
            ("Version", Some("2.0")),
        ] {
            if let Some(value) = value {
                let _ = write!(xml, " {name}=\"");
                push_value(&mut xml, value);
                xml.push('"');
            }
        }
        let _ = write!(xml, "><saml:Issuer xmlns:saml=\"{SAML}\">");
        push_text(&mut xml, self.entity_id);
        xml.push_str("</saml:Issuer>");
        xml.push_str(signature);
        xml.push_str("<samlp:NameIDPolicy AllowCreate=\"true\"></samlp:NameIDPolicy>");
        xml + "</samlp:AuthnRequest>"
    }
}

fn encoded(value: &str) -> String {
    form_urlencoded::byte_serialize(value.as_bytes()).collect()
}

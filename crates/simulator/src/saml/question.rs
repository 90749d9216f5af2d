//! [`Question`]: an `AuthnRequest` by the redirect binding (SAML bindings §3.4).

use std::io::Read as _;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use flate2::read::DeflateDecoder;
use roxmltree::Document;

/// No service provider asks for more, in bytes.
const LARGEST: u64 = 64 * 1024;

/// Who asks for a sign-in, and where the answer goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Question {
    /// The `ID` of the request.
    pub(super) id: String,
    /// The entity ID of who asks.
    pub(super) issuer: String,
    /// Where the answer is to go.
    pub(super) acs_url: String,
    /// What the answer brings back.
    pub(super) relay_state: String,
}

impl Question {
    /// Reads the query of a redirect. `None`: it brings no request.
    pub(super) fn read(query: &str) -> Option<Self> {
        let get = |wanted: &str| {
            let mut pairs = form_urlencoded::parse(query.as_bytes());
            pairs.find_map(|(name, value)| (name == wanted).then(|| value.into_owned()))
        };
        let deflated = STANDARD.decode(get("SAMLRequest")?).ok()?;
        let mut xml = String::new();
        DeflateDecoder::new(deflated.as_slice()).take(LARGEST).read_to_string(&mut xml).ok()?;
        let document = Document::parse(&xml).ok()?;
        let request = document.root_element();
        let issuer = request.children().find(|child| child.tag_name().name() == "Issuer")?;
        Some(Self {
            id: request.attribute("ID").filter(|id| is_name(id))?.to_owned(),
            issuer: issuer.text()?.to_owned(),
            acs_url: request.attribute("AssertionConsumerServiceURL")?.to_owned(),
            relay_state: get("RelayState").unwrap_or_default(),
        })
    }
}

/// Whether a text can be the `ID` of a request.
pub(super) fn is_name(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    (1..=256).contains(&text.len()) && text.bytes().all(is_plain)
}

#[cfg(test)]
mod tests {
    use saml::AuthnRequest;

    use super::Question;

    #[test]
    fn what_a_service_provider_sends_is_read() {
        let request = AuthnRequest {
            id: "_5f8e",
            issue_instant: "2026-11-28T04:00:00Z".parse().expect("a moment"),
            destination: "http://127.0.0.1:9000/sso",
            acs_url: "https://door.example/saml/1/acs",
            entity_id: "https://door.example/saml/1/metadata",
            force_authn: false,
        };
        let url = request.redirect_url("handle", None).expect("an address");
        let (_, query) = url.split_once('?').expect("a query");
        let question = Question::read(query).expect("a request");
        assert_eq!((question.id.as_str(), question.relay_state.as_str()), ("_5f8e", "handle"));
        assert_eq!(
            (question.issuer.as_str(), question.acs_url.as_str()),
            (request.entity_id, request.acs_url)
        );
        for nothing in
            ["", "RelayState=x", "SAMLRequest=", "SAMLRequest=AAAA", "SAMLRequest=%3C%3E"]
        {
            assert_eq!(Question::read(nothing), None, "{nothing}");
        }
    }
}

//! [`IdentityProvider`]: what a provider's metadata says, for an administrator to confirm.

use jiff::Timestamp;
use roxmltree::Node;

use super::{POST, PROTOCOL, REDIRECT};
use crate::{
    certificate::{Certificate, CertificateError},
    excerpt::Excerpt,
    limit::LARGEST_METADATA,
    time,
    xml::{self, Name, XmlError, ds, md, qualified},
};

/// What is read of a provider's metadata (SAML metadata §2.4.3).
///
/// Metadata is not verified: an administrator brings it, or it comes over TLS from the address that
/// the administrator gave. So nothing in it is trusted before the administrator has seen it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityProvider {
    /// The provider's entity ID: Okta's "Identity Provider Issuer".
    pub entity_id: String,
    /// Where people are sent to sign in: the redirect binding first.
    pub single_sign_on: Vec<SingleSignOn>,
    /// The certificates of signing keys that can be used; at least one.
    pub certificates: Vec<Certificate>,
    /// Why other signing certificates cannot be used.
    pub unusable_certificates: Vec<CertificateError>,
    /// Whether the provider takes signed requests only.
    pub wants_signed_requests: bool,
    /// Until when the document is valid, if it says so.
    pub valid_until: Option<Timestamp>,
}

/// An address to send people to, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SingleSignOn {
    /// How.
    pub binding: Binding,
    /// Where: an HTTPS address.
    pub location: String,
}

/// How a request is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Binding {
    /// In the query of an address.
    Redirect,
    /// In a form.
    Post,
}

/// Why metadata cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MetadataError {
    /// The document is not looked into.
    #[error(transparent)]
    Xml(#[from] XmlError),
    /// Not the metadata of one entity.
    #[error(
        "this is {found} and not md:EntityDescriptor: take the metadata of the one application"
    )]
    NotAnEntity {
        /// The outermost element.
        found: Excerpt,
    },
    /// The entity has no ID.
    #[error("the metadata has no entityID")]
    NoEntityId,
    /// The entity is no identity provider, or several.
    #[error(
        "the metadata describes {count} identity providers and must describe one: take the provider's metadata, \
         not our own"
    )]
    Roles {
        /// How many.
        count: usize,
    },
    /// No address to send people to.
    #[error("the metadata has no single sign-on address for the redirect or the POST binding")]
    NoSingleSignOn,
    /// An address without TLS.
    #[error("the single sign-on address {location} is not an https:// address")]
    NotHttps {
        /// The address.
        location: Excerpt,
    },
    /// No certificate that can be used.
    #[error(
        "the metadata has no signing certificate that can be used{}",
        because(.reason.as_ref())
    )]
    NoCertificate {
        /// What is wrong with the first one.
        reason: Option<CertificateError>,
    },
}

fn because(reason: Option<&CertificateError>) -> String {
    reason.map(|reason| format!(": {reason}")).unwrap_or_default()
}

impl MetadataError {
    /// A stable word for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Xml(error) => error.code(),
            Self::NotAnEntity { .. } => "not_an_entity",
            Self::NoEntityId => "no_entity_id",
            Self::Roles { .. } => "roles",
            Self::NoSingleSignOn => "no_single_sign_on",
            Self::NotHttps { .. } => "not_https",
            Self::NoCertificate { .. } => "no_certificate",
        }
    }
}

impl IdentityProvider {
    /// Reads the metadata of one identity provider, of at most 512 KB.
    ///
    /// # Errors
    ///
    /// When it is not well-formed or not within the limits, when it does not describe exactly one
    /// provider, and when it lacks an HTTPS address or an RSA signing certificate.
    pub fn parse(bytes: &[u8]) -> Result<Self, MetadataError> {
        let document = xml::parse(xml::utf8(bytes, LARGEST_METADATA)?)?;
        let entity = document.root_element();
        if !md("EntityDescriptor").is(entity) {
            return Err(MetadataError::NotAnEntity { found: qualified(entity) });
        }
        let entity_id = entity.attribute("entityID").map(str::trim).unwrap_or_default();
        if entity_id.is_empty() {
            return Err(MetadataError::NoEntityId);
        }
        let speaks_saml2 = |role: &Node<'_, '_>| {
            let protocols = role.attribute("protocolSupportEnumeration").unwrap_or_default();
            protocols.split_ascii_whitespace().any(|protocol| protocol == PROTOCOL)
        };
        let mut roles: Vec<Node<'_, '_>> =
            children(entity, md("IDPSSODescriptor")).filter(speaks_saml2).collect();
        let role = match (roles.pop(), roles.len()) {
            (Some(role), 0) => role,
            (last, others) => {
                return Err(MetadataError::Roles { count: others + usize::from(last.is_some()) });
            }
        };
        let (certificates, unusable_certificates) = certificates(role);
        if certificates.is_empty() {
            let reason = unusable_certificates.into_iter().next();
            return Err(MetadataError::NoCertificate { reason });
        }
        let wants = role.attribute("WantAuthnRequestsSigned").map(str::trim);
        Ok(Self {
            entity_id: entity_id.to_owned(),
            single_sign_on: single_sign_on(role)?,
            certificates,
            unusable_certificates,
            wants_signed_requests: matches!(wants, Some("true" | "1")),
            valid_until: entity.attribute("validUntil").and_then(time::parse),
        })
    }
}

fn children<'a>(node: Node<'a, 'a>, name: Name) -> impl Iterator<Item = Node<'a, 'a>> {
    node.children().filter(move |child| name.is(*child))
}

fn single_sign_on(role: Node<'_, '_>) -> Result<Vec<SingleSignOn>, MetadataError> {
    let mut found = Vec::new();
    for service in role.children().filter(|child| md("SingleSignOnService").is(*child)) {
        let binding = match service.attribute("Binding") {
            Some(REDIRECT) => Binding::Redirect,
            Some(POST) => Binding::Post,
            _ => continue,
        };
        let location = service.attribute("Location").unwrap_or_default().trim();
        if !is_https(location) {
            return Err(MetadataError::NotHttps { location: Excerpt::of(location) });
        }
        found.push(SingleSignOn { binding, location: location.to_owned() });
    }
    found.sort_by_key(|service| service.binding);
    if found.is_empty() { Err(MetadataError::NoSingleSignOn) } else { Ok(found) }
}

/// An address with a host and of printable ASCII, which fits a header as it stands.
fn is_https(location: &str) -> bool {
    let host = location.get(..8).filter(|scheme| scheme.eq_ignore_ascii_case("https://"));
    let starts = host.is_some() && !location[8..].starts_with(['/', '?', '#', ':', '@']);
    starts && location.len() > 8 && location.bytes().all(|byte| byte.is_ascii_graphic())
}

/// The certificates of signing keys, each once, and what is wrong with others.
fn certificates(role: Node<'_, '_>) -> (Vec<Certificate>, Vec<CertificateError>) {
    let (mut usable, mut unusable) = (Vec::new(), Vec::new());
    let keys = role.children().filter(|child| md("KeyDescriptor").is(*child));
    // A key without a use is for both.
    let signing = keys.filter(|key| matches!(key.attribute("use"), None | Some("signing")));
    let leaves = signing.flat_map(|key| key.descendants());
    for leaf in leaves.filter(|node| ds("X509Certificate").is(*node)) {
        match Certificate::from_base64(leaf.text().unwrap_or_default()) {
            Ok(certificate) if usable.contains(&certificate) => {}
            Ok(certificate) => usable.push(certificate),
            Err(error) => unusable.push(error),
        }
    }
    (usable, unusable)
}

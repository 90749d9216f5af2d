//! [`VerifiedAssertion`]: who signed in, as the provider's signature covers it.

use jiff::Timestamp;

use crate::certificate::Fingerprint;

/// Names under which providers send a given name, an e-mail address and so on: what our set-up page
/// asks for first, then the claims of Entra ID and the object identifiers of LDAP.
const EMAIL: &[&str] = &[
    "email",
    "mail",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
    "urn:oid:0.9.2342.19200300.100.1.3",
];
const GIVEN_NAME: &[&str] = &[
    "firstName",
    "givenName",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname",
    "urn:oid:2.5.4.42",
];
const FAMILY_NAME: &[&str] = &[
    "lastName",
    "surname",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname",
    "urn:oid:2.5.4.4",
];
const DISPLAY_NAME: &[&str] = &[
    "displayName",
    "http://schemas.microsoft.com/identity/claims/displayname",
    "urn:oid:2.16.840.1.113730.3.1.241",
];
const GROUPS: &[&str] =
    &["groups", "http://schemas.microsoft.com/ws/2008/06/identity/claims/groups"];

/// An assertion that passed every rule. Only [`verify`](crate::verify()) makes one.
///
/// Two things are left to whoever keeps state: to insert the connection and the [`id`] under a unique
/// key in the transaction that makes the session, and to keep them until [`replay_until`]; and to end
/// the session at [`session_not_on_or_after`].
///
/// [`id`]: VerifiedAssertion::id
/// [`replay_until`]: VerifiedAssertion::replay_until
/// [`session_not_on_or_after`]: VerifiedAssertion::session_not_on_or_after
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedAssertion {
    pub(super) id: String,
    pub(super) issuer: String,
    pub(super) name_id: NameId,
    pub(super) attributes: Attributes,
    pub(super) authn_instant: Timestamp,
    pub(super) authn_context_class: Option<String>,
    pub(super) session_index: Option<String>,
    pub(super) session_not_on_or_after: Option<Timestamp>,
    pub(super) replay_until: Timestamp,
    pub(super) certificate: Fingerprint,
    pub(super) remarks: Vec<Remark>,
}

impl VerifiedAssertion {
    /// The `ID` of the assertion: no other of this provider has it.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The entity ID of the provider.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Who signed in.
    #[must_use]
    pub fn name_id(&self) -> &NameId {
        &self.name_id
    }

    /// What the provider says of the person.
    #[must_use]
    pub fn attributes(&self) -> &Attributes {
        &self.attributes
    }

    /// When the person showed a password or the like to the provider.
    #[must_use]
    pub fn authn_instant(&self) -> Timestamp {
        self.authn_instant
    }

    /// How: `urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport`.
    #[must_use]
    pub fn authn_context_class(&self) -> Option<&str> {
        self.authn_context_class.as_deref()
    }

    /// What the provider calls its session.
    #[must_use]
    pub fn session_index(&self) -> Option<&str> {
        self.session_index.as_deref()
    }

    /// When a session made of this assertion must have ended.
    #[must_use]
    pub fn session_not_on_or_after(&self) -> Option<Timestamp> {
        self.session_not_on_or_after
    }

    /// From when on this assertion is refused for its age: until then its id is to be remembered.
    #[must_use]
    pub fn replay_until(&self) -> Timestamp {
        self.replay_until
    }

    /// The certificate whose key verified the assertion.
    #[must_use]
    pub fn certificate(&self) -> Fingerprint {
        self.certificate
    }

    /// What an administrator should hear of although the sign-in is good.
    #[must_use]
    pub fn remarks(&self) -> &[Remark] {
        &self.remarks
    }
}

/// The identifier of a person (SAML core §2.2.3): 1 to 256 characters, none of them a control
/// character, no white space at the ends. Upper and lower case are kept.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NameId {
    pub(super) value: String,
    pub(super) format: Option<String>,
}

impl NameId {
    /// The identifier.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }

    /// What kind it is: `urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress`.
    #[must_use]
    pub fn format(&self) -> Option<&str> {
        self.format.as_deref()
    }
}

/// What a provider says of a person, in its order. An attribute that came in several pieces is one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attributes(Vec<Attribute>);

/// An attribute with its values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    name: String,
    values: Vec<String>,
}

impl Attribute {
    /// Its `Name`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its values as they arrived; some may be empty.
    #[must_use]
    pub fn values(&self) -> &[String] {
        &self.values
    }
}

impl Attributes {
    pub(super) fn push(&mut self, name: &str, values: &[&str]) {
        let values = values.iter().map(|value| (*value).to_owned());
        match self.0.iter_mut().find(|attribute| attribute.name == name) {
            Some(attribute) => attribute.values.extend(values),
            None => self.0.push(Attribute { name: name.to_owned(), values: values.collect() }),
        }
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Attribute> {
        self.0.iter()
    }

    /// The values of the attribute of this very name; none where it was not sent.
    #[must_use]
    pub fn values(&self, name: &str) -> &[String] {
        let found = self.0.iter().find(|attribute| attribute.name == name);
        found.map_or(&[], |attribute| &attribute.values)
    }

    /// The first value that is not empty, of the first of these names that has one.
    #[must_use]
    pub fn first(&self, names: &[&str]) -> Option<&str> {
        let values = names.iter().flat_map(|name| self.values(name));
        values.map(String::as_str).find(|value| !value.trim().is_empty())
    }

    /// The e-mail address, under any of the usual names. It is a claim of the provider: it links to no
    /// account outside the organization's verified domains.
    #[must_use]
    pub fn email(&self) -> Option<&str> {
        self.first(EMAIL)
    }

    /// The given name, under any of the usual names.
    #[must_use]
    pub fn given_name(&self) -> Option<&str> {
        self.first(GIVEN_NAME)
    }

    /// The family name, under any of the usual names.
    #[must_use]
    pub fn family_name(&self) -> Option<&str> {
        self.first(FAMILY_NAME)
    }

    /// The display name, under any of the usual names.
    #[must_use]
    pub fn display_name(&self) -> Option<&str> {
        self.first(DISPLAY_NAME)
    }

    /// The groups that are not empty texts. Okta sends no attribute for a person in none of them.
    #[must_use]
    pub fn groups(&self) -> Vec<&str> {
        let values = GROUPS.iter().flat_map(|name| self.values(name));
        values.map(String::as_str).filter(|value| !value.is_empty()).collect()
    }
}

/// What an administrator should hear of although the sign-in is good.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Remark {
    /// The certificate that verified is valid no more. Only its key counts, so this is no refusal.
    #[error("the certificate {certificate} expired at {not_after}: add the provider's new one")]
    CertificateExpired {
        /// Which.
        certificate: Fingerprint,
        /// When.
        not_after: Timestamp,
    },
    /// The certificate that verified is not valid yet.
    #[error(
        "the certificate {certificate} is valid from {not_before} on: set the clocks of both sides"
    )]
    CertificateNotYetValid {
        /// Which.
        certificate: Fingerprint,
        /// When.
        not_before: Timestamp,
    },
    /// Only the assertion is signed.
    #[error(
        "the Response is not signed, only the Assertion is, which is what this connection asks for"
    )]
    ResponseUnsigned,
}

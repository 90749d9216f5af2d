//! [`Refusal`]: why a response signs no one in.

use std::fmt;

use crate::{
    excerpt::Excerpt,
    limit::{LARGEST_FORM_FIELD, LONGEST_ID, LONGEST_NAME_ID, MOST_PREFIXES},
    xml::{Name, ShapeError, XmlError},
};

/// The two elements that carry an issuer, a time and a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// `samlp:Response`.
    Response,
    /// `saml:Assertion`.
    Assertion,
}

impl Part {
    /// The end of a sentence: a connection may do without a signed Response.
    fn or_less(self) -> &'static str {
        match self {
            Self::Response => ", or let this connection ask for a signed Assertion only",
            Self::Assertion => "",
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Response => "Response",
            Self::Assertion => "Assertion",
        })
    }
}

/// Why a response is refused: a stable [`code`](Refusal::code) for programs, and a sentence that
/// tells an administrator what to change at the identity provider, in Okta's words where they differ.
///
/// The person who wanted to sign in sees neither: one fixed sentence for all of them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The form field is too large to be looked at.
    #[error(
        "the form field SAMLResponse is larger than {} KB: let the provider send fewer groups",
        LARGEST_FORM_FIELD / 1024
    )]
    FormFieldTooLarge,
    /// The form field is not base64.
    #[error("the form field SAMLResponse is not base64")]
    NotBase64,
    /// The document is not looked into.
    #[error(transparent)]
    Xml(#[from] XmlError),
    /// An encrypted assertion, identifier or attribute.
    #[error(
        "the response is encrypted: set \"Assertion Encryption\" to \"Unencrypted\"; the connection \
         itself is encrypted by TLS"
    )]
    Encrypted,
    /// An element of another vocabulary.
    #[error("the element {element} is not one of SAML's")]
    ForeignElement {
        /// Its name with its namespace.
        element: Excerpt,
    },
    /// An attribute of another vocabulary.
    #[error("the attribute {attribute} of {element} is not one of SAML's")]
    ForeignAttribute {
        /// Its local name.
        attribute: Excerpt,
        /// The element that it stands on.
        element: Excerpt,
    },
    /// An attribute that some parsers take for an identifier.
    #[error("the attribute {attribute} of {element} looks like an identifier and is not one")]
    UnexpectedId {
        /// Its name.
        attribute: Excerpt,
        /// The element that it stands on.
        element: Excerpt,
    },
    /// An `ID` with other characters than a plain name has.
    #[error("the ID {found} is not a plain name of at most {LONGEST_ID} characters")]
    MalformedId {
        /// What it is.
        found: Excerpt,
    },
    /// An `ID` that stands there twice.
    #[error("the ID {found} stands on two elements")]
    DuplicateId {
        /// What it is.
        found: Excerpt,
    },
    /// Another message than a `Response`.
    #[error("the message is {found} and not samlp:Response")]
    NotAResponse {
        /// Its outermost element.
        found: Excerpt,
    },
    /// An element that does not belong there.
    #[error("{found} does not belong at its place in {parent}")]
    UnexpectedElement {
        /// The element that it stands in.
        parent: Excerpt,
        /// What it is.
        found: Excerpt,
    },
    /// An element that must be there is not.
    #[error("{expected} is missing at its place in {parent}")]
    MissingElement {
        /// The element that it should stand in.
        parent: Excerpt,
        /// What it is.
        expected: Name,
    },
    /// Text between elements, or an element in a text.
    #[error("{element} mixes text and elements")]
    MixedContent {
        /// The element with the mixture.
        element: Excerpt,
    },
    /// An attribute that must be there is not.
    #[error("{element} has no attribute {attribute}")]
    MissingAttribute {
        /// The element that should have it.
        element: Excerpt,
        /// Its name.
        attribute: &'static str,
    },
    /// The provider itself did not sign the person in.
    #[error(
        "the identity provider did not sign the person in; it says {status}{}: look into the provider's \
         own log, and whether the person is assigned to the application",
        in_parentheses(.message.as_ref())
    )]
    Status {
        /// The innermost status code.
        status: Excerpt,
        /// What the provider says of it.
        message: Option<Excerpt>,
    },
    /// No signature where one must be.
    #[error(
        "the {part} is not signed: set \"{part} Signature\" in the application's advanced settings to \"Signed\"{}",
        .0.or_less(),
        part = .0
    )]
    Unsigned(Part),
    /// Another canonicalization.
    #[error(
        "the signature of the {part} canonicalizes with {found}: only exclusive canonicalization is read"
    )]
    CanonicalizationAlgorithm {
        /// What the signature is of.
        part: Part,
        /// Its address.
        found: Excerpt,
    },
    /// Another signature algorithm.
    #[error("the {part} is signed with {found}: set \"Signature Algorithm\" to \"RSA-SHA256\"")]
    SignatureAlgorithm {
        /// What the signature is of.
        part: Part,
        /// Its address.
        found: Excerpt,
    },
    /// Another digest algorithm.
    #[error(
        "the digest of the {part} is made with {found}: set \"Digest Algorithm\" to \"SHA256\""
    )]
    DigestAlgorithm {
        /// What the signature is of.
        part: Part,
        /// Its address.
        found: Excerpt,
    },
    /// Other transforms than the two.
    #[error(
        "the transforms of the {0}'s signature are not exactly enveloped-signature and exclusive \
         canonicalization with at most {MOST_PREFIXES} prefixes"
    )]
    Transforms(Part),
    /// The signature is of something else.
    #[error("the signature in the {part} covers {found} and not the {part} itself")]
    Reference {
        /// What the signature stands in.
        part: Part,
        /// What it refers to.
        found: Excerpt,
    },
    /// The signature or the digest is not base64.
    #[error("the signature of the {0} is not base64")]
    SignatureEncoding(Part),
    /// The connection has no certificate.
    #[error(
        "this connection has no certificate of the identity provider: add the one under \"View SAML setup instructions\""
    )]
    NoCertificate,
    /// No certificate of the connection verifies the signature.
    #[error(
        "the {0} is signed with a key that is in none of this connection's certificates: if the provider has \
         a new signing certificate, add it here; if not, this message is not from your provider"
    )]
    UnknownKey(Part),
    /// The content is not what was signed.
    #[error("the {0} was changed after it was signed")]
    Changed(Part),
    /// Another version than 2.0.
    #[error("the {part} has the SAML version {found}: only 2.0 is read")]
    Version {
        /// Which.
        part: Part,
        /// What it is.
        found: Excerpt,
    },
    /// Another issuer.
    #[error(
        "the {part} is issued by {found}, but this connection's provider is {expected}: copy \
         \"Identity Provider Issuer\" anew"
    )]
    Issuer {
        /// Which.
        part: Part,
        /// What the connection says.
        expected: Excerpt,
        /// What the message says.
        found: Excerpt,
    },
    /// A moment of another form.
    #[error("{attribute} is {found}, which is no moment in UTC")]
    Moment {
        /// Which.
        attribute: &'static str,
        /// What it is.
        found: Excerpt,
    },
    /// Issued in the future.
    #[error("the {part} was issued {seconds} s in the future: set the clocks of both sides")]
    IssuedInFuture {
        /// Which.
        part: Part,
        /// How far.
        seconds: i64,
    },
    /// Issued long ago.
    #[error(
        "the {part} was issued {seconds} s ago: set the clocks of both sides, or sign in again"
    )]
    IssuedLongAgo {
        /// Which.
        part: Part,
        /// How far.
        seconds: i64,
    },
    /// Meant for another address.
    #[error(
        "{attribute} is {found}, but our address is {expected}: set \"Single sign-on URL\" to ours, and \
         let it be used for Recipient URL and Destination URL"
    )]
    Address {
        /// `Destination` of the Response or `Recipient` of the Assertion.
        attribute: &'static str,
        /// Ours.
        expected: Excerpt,
        /// What the message says.
        found: Excerpt,
    },
    /// Meant for no one in particular.
    #[error(
        "the Assertion names no audience: set \"Audience URI (SP Entity ID)\" to our entity ID"
    )]
    NoAudience,
    /// Meant for someone else.
    #[error(
        "the Assertion is for {found} and not for us: set \"Audience URI (SP Entity ID)\" to {expected}"
    )]
    Audience {
        /// Our entity ID.
        expected: Excerpt,
        /// The last audience of the restriction that we are not in; empty when it has none.
        found: Excerpt,
    },
    /// A condition that is not understood, which SAML core §2.5.1 says to refuse.
    #[error("the Assertion has the condition {found}, which is not understood here")]
    UnknownCondition {
        /// Its element.
        found: Excerpt,
    },
    /// Valid only later.
    #[error("the Assertion is valid only in {seconds} s: set the clocks of both sides")]
    NotYetValid {
        /// How far.
        seconds: i64,
    },
    /// Valid no more.
    #[error(
        "{attribute} of the {element} was {seconds} s ago: set the clocks of both sides, or sign in again"
    )]
    Expired {
        /// `NotOnOrAfter` or `SessionNotOnOrAfter`.
        attribute: &'static str,
        /// Whose.
        element: &'static str,
        /// How far.
        seconds: i64,
    },
    /// Another confirmation than bearer.
    #[error("the subject is confirmed by {found}: only bearer is read")]
    ConfirmationMethod {
        /// The method.
        found: Excerpt,
    },
    /// A bearer confirmation with a `NotBefore`, which the profile forbids.
    #[error("SubjectConfirmationData has a NotBefore, which the web browser profile forbids")]
    ConfirmationNotBefore,
    /// The answer to nothing.
    #[error(
        "the {0} has no InResponseTo: sign-in must begin at our address, not at the provider's tile"
    )]
    NoInResponseTo(Part),
    /// The answer to something else.
    #[error(
        "the {part} answers the request {found} and not the one that this browser began: sign in again in \
         one window"
    )]
    InResponseTo {
        /// Which.
        part: Part,
        /// What it answers.
        found: Excerpt,
    },
    /// An unsolicited response that says it answers something.
    #[error("the {0} answers a request, but this browser began none")]
    UnexpectedInResponseTo(Part),
    /// The identifier of the person cannot be used.
    #[error("the NameID {0}: choose another \"Application username\"")]
    NameId(NameIdFault),
}

fn in_parentheses(message: Option<&Excerpt>) -> String {
    message.map(|message| format!(" ({message})")).unwrap_or_default()
}

/// What is wrong with a `NameID`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameIdFault {
    /// Nothing in it.
    Empty,
    /// Too long.
    Long,
    /// White space at an end.
    Blank,
    /// A control character, or one that changes the direction of text.
    Control,
}

impl fmt::Display for NameIdFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("is empty"),
            Self::Long => write!(f, "is longer than {LONGEST_NAME_ID} characters"),
            Self::Blank => f.write_str("begins or ends with white space"),
            Self::Control => f.write_str("has a control character"),
        }
    }
}

impl Refusal {
    /// A stable word for programs and for the log.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::FormFieldTooLarge => "form_field_too_large",
            Self::NotBase64 => "not_base64",
            Self::Xml(error) => error.code(),
            Self::Encrypted => "encrypted",
            Self::ForeignElement { .. } => "foreign_element",
            Self::ForeignAttribute { .. } => "foreign_attribute",
            Self::UnexpectedId { .. } => "unexpected_id",
            Self::MalformedId { .. } => "malformed_id",
            Self::DuplicateId { .. } => "duplicate_id",
            Self::NotAResponse { .. } => "not_a_response",
            Self::UnexpectedElement { .. } => "unexpected_element",
            Self::MissingElement { .. } => "missing_element",
            Self::MixedContent { .. } => "mixed_content",
            Self::MissingAttribute { .. } => "missing_attribute",
            Self::Status { .. } => "status",
            Self::Unsigned(Part::Response) => "unsigned_response",
            Self::Unsigned(Part::Assertion) => "unsigned_assertion",
            Self::CanonicalizationAlgorithm { .. } => "canonicalization_algorithm",
            Self::SignatureAlgorithm { .. } => "signature_algorithm",
            Self::DigestAlgorithm { .. } => "digest_algorithm",
            Self::Transforms(_) => "transforms",
            Self::Reference { .. } => "reference",
            Self::SignatureEncoding(_) => "signature_encoding",
            Self::NoCertificate => "no_certificate",
            Self::UnknownKey(_) => "unknown_key",
            Self::Changed(_) => "changed",
            Self::Version { .. } => "version",
            Self::Issuer { .. } => "issuer",
            Self::Moment { .. } => "moment",
            Self::IssuedInFuture { .. } => "issued_in_future",
            Self::IssuedLongAgo { .. } => "issued_long_ago",
            Self::Address { attribute, .. } => match *attribute {
                "Recipient" => "recipient",
                _ => "destination",
            },
            Self::NoAudience => "no_audience",
            Self::Audience { .. } => "audience",
            Self::UnknownCondition { .. } => "unknown_condition",
            Self::NotYetValid { .. } => "not_yet_valid",
            Self::Expired { attribute, .. } => match *attribute {
                "SessionNotOnOrAfter" => "session_expired",
                _ => "expired",
            },
            Self::ConfirmationMethod { .. } => "confirmation_method",
            Self::ConfirmationNotBefore => "confirmation_not_before",
            Self::NoInResponseTo(_) => "no_in_response_to",
            Self::InResponseTo { .. } => "in_response_to",
            Self::UnexpectedInResponseTo(_) => "unexpected_in_response_to",
            Self::NameId(_) => "name_id",
        }
    }
}

impl From<ShapeError> for Refusal {
    fn from(error: ShapeError) -> Self {
        match error {
            ShapeError::UnexpectedElement { parent, found } => {
                Self::UnexpectedElement { parent, found }
            }
            ShapeError::MissingElement { parent, expected } => {
                Self::MissingElement { parent, expected }
            }
            ShapeError::MixedContent { element } => Self::MixedContent { element },
            ShapeError::MissingAttribute { element, attribute } => {
                Self::MissingAttribute { element, attribute }
            }
        }
    }
}

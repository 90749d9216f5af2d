//! [`Error`]: why a SCIM request cannot be served, without an HTTP status.

use std::{borrow::Cow, fmt};

/// The `scimType` of an error: RFC 7644 §3.12 table 9, and RFC 9865 §2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ScimType {
    /// The filter is malformed, or compares an attribute in a way its type does not allow.
    InvalidFilter,
    /// The filter would look at more resources than the server is willing to.
    TooMany,
    /// A value that must be unique is in use.
    Uniqueness,
    /// The attribute cannot be changed.
    Mutability,
    /// The body is not what the request calls for.
    InvalidSyntax,
    /// The `path` of a PATCH operation is malformed or unknown.
    InvalidPath,
    /// The `path` of a PATCH operation selects nothing.
    NoTarget,
    /// A value is missing, of the wrong type, or not allowed.
    InvalidValue,
    /// The SCIM protocol version is not supported.
    InvalidVers,
    /// The request carries something that must not be in a URI.
    Sensitive,
    /// The cursor is not one that this server gave out for this query.
    InvalidCursor,
    /// The cursor is too old.
    ExpiredCursor,
    /// The `count` of a query with a cursor is not a whole number.
    InvalidCount,
}

impl ScimType {
    /// The keyword as it stands in an error body.
    #[must_use]
    pub fn keyword(self) -> &'static str {
        match self {
            Self::InvalidFilter => "invalidFilter",
            Self::TooMany => "tooMany",
            Self::Uniqueness => "uniqueness",
            Self::Mutability => "mutability",
            Self::InvalidSyntax => "invalidSyntax",
            Self::InvalidPath => "invalidPath",
            Self::NoTarget => "noTarget",
            Self::InvalidValue => "invalidValue",
            Self::InvalidVers => "invalidVers",
            Self::Sensitive => "sensitive",
            Self::InvalidCursor => "invalidCursor",
            Self::ExpiredCursor => "expiredCursor",
            Self::InvalidCount => "invalidCount",
        }
    }
}

/// A request that cannot be served: the keyword for programs and the sentence for people.
///
/// `detail` is shown to an administrator by the identity provider, so it says what to do and
/// never repeats a secret. Quoted input is cut short.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    scim_type: ScimType,
    detail: Cow<'static, str>,
}

impl Error {
    /// An error with this keyword and this sentence.
    #[must_use]
    pub fn new(scim_type: ScimType, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { scim_type, detail: detail.into() }
    }

    /// A malformed filter.
    #[must_use]
    pub fn invalid_filter(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ScimType::InvalidFilter, detail)
    }

    /// A body of the wrong shape.
    #[must_use]
    pub fn invalid_syntax(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ScimType::InvalidSyntax, detail)
    }

    /// A PATCH path that is malformed or names an unknown attribute.
    #[must_use]
    pub fn invalid_path(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ScimType::InvalidPath, detail)
    }

    /// A value that is missing, of the wrong type, or not allowed.
    #[must_use]
    pub fn invalid_value(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ScimType::InvalidValue, detail)
    }

    /// A PATCH path that selects nothing.
    #[must_use]
    pub fn no_target(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ScimType::NoTarget, detail)
    }

    /// An attribute that cannot be changed.
    #[must_use]
    pub fn mutability(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ScimType::Mutability, detail)
    }

    /// The keyword.
    #[must_use]
    pub fn scim_type(&self) -> ScimType {
        self.scim_type
    }

    /// The sentence.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.detail
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.scim_type.keyword(), self.detail)
    }
}

impl std::error::Error for Error {}

/// A path or a literal as a message shows it: at most 120 characters, which holds the longest name
/// of a schema, control characters escaped.
#[must_use]
pub(crate) fn clipped(shown: &impl fmt::Display) -> String {
    let text = shown.to_string();
    let mut short = String::new();
    for letter in text.chars().take(120) {
        if letter.is_control() {
            short.extend(letter.escape_default());
        } else {
            short.push(letter);
        }
    }
    if text.chars().nth(120).is_some() {
        short.push('…');
    }
    short
}

/// Quotes a piece of input for a message: at most 60 characters, control characters escaped.
#[must_use]
pub fn quoted(text: &str) -> String {
    let mut short: String = text.chars().take(60).flat_map(char::escape_debug).collect();
    if text.chars().nth(60).is_some() {
        short.push('…');
    }
    format!("\"{short}\"")
}

/// A resource type with its article, as it stands inside of a sentence: "a User", "an Entitlement".
#[must_use]
pub(crate) fn with_article(resource_type: &str) -> String {
    let lower = resource_type.to_ascii_lowercase();
    let is_vowel = |byte: &u8| b"aeiou".contains(byte);
    let sounds_like_a_vowel = match lower.as_bytes() {
        // As in European, one and, with a vowel two letters on, User or Unit; but an Umbrella.
        [] | [b'e', b'u', ..] | [b'o', b'n', b'e', ..] => false,
        [b'u', _, third, ..] => !is_vowel(third),
        [first, ..] => is_vowel(first),
    };
    format!("{} {resource_type}", if sounds_like_a_vowel { "an" } else { "a" })
}

/// The same at the beginning of a sentence: "A User", "An Entitlement".
#[must_use]
pub(crate) fn with_capital_article(resource_type: &str) -> String {
    with_article(resource_type).replacen('a', "A", 1)
}

#[cfg(test)]
mod tests {
    use super::{with_article, with_capital_article};

    #[test]
    fn articles_go_by_the_sound() {
        for (resource_type, expected) in [
            ("User", "a User"),
            ("Group", "a Group"),
            ("Entitlement", "an Entitlement"),
            ("Agent", "an Agent"),
            ("office", "an office"),
            ("Umbrella", "an Umbrella"),
            ("Unit", "a Unit"),
            ("EuropeanSite", "a EuropeanSite"),
            ("Role", "a Role"),
        ] {
            assert_eq!(with_article(resource_type), expected);
        }
        assert_eq!(with_capital_article("User"), "A User");
        assert_eq!(with_capital_article("Entitlement"), "An Entitlement");
    }
}

//! [`Slug`]: the short name of an organization.

use crate::error::Error;

/// The short name of an organization: 1 to 63 lower-case letters, digits and inner hyphens.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slug(pub(super) String);

/// The most characters in a slug: a label of DNS has no more.
pub(crate) const LONGEST: usize = 63;

/// Whether a text can stand in an address and in a command.
pub(crate) fn is_slug(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (1..=LONGEST).contains(&text.len())
        && text.chars().all(allowed)
        && !text.starts_with('-')
        && !text.ends_with('-')
}

impl Slug {
    /// Reads a slug.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] with the rule.
    pub fn parse(text: &str) -> Result<Self, Error> {
        if is_slug(text) {
            return Ok(Self(text.to_owned()));
        }
        Err(Error::invalid(
            "slug",
            format!(
                "\"{}\" is not a slug: use 1 to {LONGEST} lower-case letters, digits and inner \
                 hyphens.",
                text.escape_debug()
            ),
        ))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Slug {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Slug;

    #[test]
    fn a_slug_can_stand_in_an_address() {
        for good in ["acme", "a", "acme-2", "0x"] {
            assert!(Slug::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "Acme", "a_b", "-a", "a-", "a b", "é", &"a".repeat(64)] {
            assert!(Slug::parse(bad).is_err(), "{bad}");
        }
    }
}

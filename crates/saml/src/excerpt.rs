//! [`Excerpt`]: a piece of a stranger's text, fit for a log line.

use std::fmt;

/// How many characters are shown: enough for any entity ID that a provider gives out.
const SHOWN: usize = 200;

/// A piece of a message as an error shows it: in quotes, cut short, control characters escaped.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Excerpt(String);

impl Excerpt {
    /// The beginning of a text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let mut short: String = text.chars().take(SHOWN).flat_map(char::escape_debug).collect();
        if text.chars().nth(SHOWN).is_some() {
            short.push('…');
        }
        Self(short)
    }
}

impl fmt::Display for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Excerpt;

    #[test]
    fn an_excerpt_is_one_short_line() {
        assert_eq!(Excerpt::of("a\nb\u{202e}").to_string(), r#""a\nb\u{202e}""#);
        assert!(Excerpt::of(&"é".repeat(1_000)).to_string().chars().count() <= 210);
    }
}

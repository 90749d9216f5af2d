//! [`Query`]: the parameters of an address, decoded strictly.

use percent_encoding::percent_decode;
use thiserror::Error;

use super::limits::KB;

/// Most bytes in a query.
pub(super) const LONGEST: usize = 16 * KB;

/// Decoded parameters in the order they came.
///
/// Names are compared without regard to case. Unknown ones are kept and ignored: a provider may
/// keep flags of its own in the base address. Where a name stands twice, the first value counts.
#[derive(Clone, Debug, Default)]
pub struct Query(Vec<(String, String)>);

/// A query that cannot be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum QueryError {
    /// Over 16 KB.
    #[error(
        "The query of the address is longer than {} KB. Send the request as POST instead.",
        LONGEST / KB
    )]
    TooLong,
    /// Percent-encoded bytes that are not UTF-8.
    #[error("The query of the address is not valid UTF-8 after percent-decoding.")]
    NotUtf8,
    /// U+0000, which cannot be stored and so cannot be searched for.
    #[error("The query of the address holds the character U+0000.")]
    Nul,
}

impl Query {
    /// Decodes a query in form encoding: `+` is a space, `%XX` is a byte. A percent sign that no
    /// two hexadecimal digits follow stands for itself. Stray ampersands are ignored.
    ///
    /// # Errors
    ///
    /// Over 16 KB, not UTF-8, or with U+0000.
    pub fn parse(text: &str) -> Result<Self, QueryError> {
        if text.len() > LONGEST {
            return Err(QueryError::TooLong);
        }
        text.split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| {
                let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                Ok((decode(name)?, decode(value)?))
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// The first value of a parameter, if it is there. The name may be in any case.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// All names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

fn decode(text: &str) -> Result<String, QueryError> {
    let text = text.replace('+', " ");
    let decoded = percent_decode(text.as_bytes())
        .decode_utf8()
        .map_err(|_| QueryError::NotUtf8)?
        .into_owned();
    if decoded.contains('\0') { Err(QueryError::Nul) } else { Ok(decoded) }
}

#[cfg(test)]
mod tests {
    use super::{Query, QueryError};

    fn parse(text: &str) -> Query {
        Query::parse(text).expect("valid")
    }

    #[test]
    fn both_ways_to_write_a_space_are_read() {
        for text in ["filter=userName%20eq%20%22a%40b%22", "filter=userName+eq+%22a@b%22"] {
            assert_eq!(parse(text).get("filter"), Some(r#"userName eq "a@b""#), "{text}");
        }
        assert_eq!(parse("filter=a%2Bb").get("filter"), Some("a+b"));
    }

    #[test]
    fn names_are_found_in_any_case_and_the_first_value_counts() {
        let query = parse("STARTINDEX=2&startIndex=3&sort%42y=x");
        assert_eq!(query.get("startIndex"), Some("2"));
        assert_eq!(query.get("sortBy"), Some("x"));
        assert_eq!(query.get("count"), None);
    }

    #[test]
    fn untidy_queries_are_read() {
        let query = parse("&&count=5&aadOptscim062020&=x&filter=a=b&");
        assert_eq!(query.get("count"), Some("5"));
        assert_eq!(query.get("aadoptscim062020"), Some(""));
        assert_eq!(query.get("filter"), Some("a=b"));
        assert_eq!(parse("a=100%&b=%zz").get("a"), Some("100%"));
        assert_eq!(parse("").iter().count(), 0);
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        let refused = |text: &str| Query::parse(text).expect_err(text);
        assert_eq!(refused("filter=%ff"), QueryError::NotUtf8);
        assert_eq!(refused("filter=%c3%28"), QueryError::NotUtf8);
        assert_eq!(refused("filter=a%00b"), QueryError::Nul);
        assert_eq!(refused(&format!("a={}", "x".repeat(16 * 1024))), QueryError::TooLong);
    }
}

//! Attribute paths: RFC 7644 §3.10 notation and the PATCH paths of §3.5.2.
//!
//! What is printed parses to the same path.

use std::fmt::{self, Display};

use crate::{
    Error, Filter, Name, ScimType,
    filter::{Limits, lexer::Fault, parser::Parser},
};

/// Names an attribute or a sub-attribute: `userName`, `name.givenName`,
/// `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value`.
///
/// A bare URN of an extension parses as one too (its last part stands in `name`); only a schema
/// can tell the two apart, see [`crate::schema::ResourceSchema::resolve`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AttributePath {
    /// The URN before the last colon, where one was written.
    pub schema: Option<Name>,
    /// The attribute.
    pub name: Name,
    /// The sub-attribute after the dot.
    pub sub: Option<Name>,
}

impl AttributePath {
    /// The path that is one name.
    #[must_use]
    pub fn of(name: Name) -> Self {
        Self { schema: None, name, sub: None }
    }

    /// Reads a path.
    ///
    /// # Errors
    ///
    /// `invalidPath` with the position where the text is not the name of an attribute.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let parse = || {
            let mut parser = Parser::new(text, Limits::default())?;
            let path = parser.attribute_path()?;
            parser.end("the end of the path")?;
            Ok(path)
        };
        parse().map_err(|fault: Fault| fault.into_error(ScimType::InvalidPath, "Path"))
    }

    /// The path that one word of a filter means, where it means one.
    ///
    /// URNs hold dots and colons, so the last colon ends the URN. Where a digit follows it, the
    /// word is a bare URN that ends with its version: `urn:okta:custom:group:1.0`.
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        let (schema, rest) = match word.rsplit_once(':') {
            Some(("", _)) => return None,
            Some((urn, rest)) => (Some(Name::new(urn)), rest),
            None => (None, word),
        };
        if schema.is_some() && rest.starts_with(|c: char| c.is_ascii_digit()) {
            return Some(Self { schema, name: Name::new(rest), sub: None });
        }
        let (name, sub) = match rest.split_once('.') {
            Some((name, sub)) => (name, Some(sub)),
            None => (rest, None),
        };
        let valid = is_name(name) && sub.is_none_or(is_name);
        valid.then(|| Self { schema, name: Name::new(name), sub: sub.map(Name::new) })
    }
}

/// `ATTRNAME` of RFC 7643 §2.1, and `$ref`.
fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '$')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_$".contains(&byte))
}

impl Display for AttributePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(urn) = &self.schema {
            write!(f, "{urn}:")?;
        }
        self.name.fmt(f)?;
        match &self.sub {
            Some(sub) => write!(f, ".{sub}"),
            None => Ok(()),
        }
    }
}

/// The `path` of a PATCH operation:
/// `attributePath` or `attributePath[valueFilter]` or `attributePath[valueFilter].subAttribute`.
#[derive(Clone, Debug, PartialEq)]
pub struct Path {
    /// The attribute that is meant.
    pub attribute: AttributePath,
    /// Selects among the values of a multi-valued attribute.
    pub selector: Option<Filter>,
    /// The sub-attribute of the selected values. (Without a selector it is in `attribute.sub`.)
    pub sub: Option<Name>,
}

impl Path {
    /// Reads a path under the default [`Limits`] of a filter.
    ///
    /// # Errors
    ///
    /// `invalidPath` with the position where the text is not a path or is over a limit.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let parse = || {
            let mut parser = Parser::new(text, Limits::default())?;
            let attribute = parser.attribute_path()?;
            let selector = parser.selector(&attribute)?;
            let sub = match &selector {
                Some(_) => parser.sub_attribute()?,
                None => None,
            };
            parser.end("the end of the path")?;
            Ok(Self { attribute, selector, sub })
        };
        parse().map_err(|fault: Fault| fault.into_error(ScimType::InvalidPath, "Path"))
    }
}

impl From<AttributePath> for Path {
    fn from(attribute: AttributePath) -> Self {
        Self { attribute, selector: None, sub: None }
    }
}

impl Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.attribute.fmt(f)?;
        if let Some(selector) = &self.selector {
            write!(f, "[{selector}]")?;
        }
        match &self.sub {
            Some(sub) => write!(f, ".{sub}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{AttributePath, Path};
    use crate::{Name, ScimType, filter::strategy};

    #[test]
    fn urns_end_at_their_last_colon() {
        let text = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value";
        let path = AttributePath::parse(text).expect("a path");
        assert_eq!(path.name, "manager");
        assert_eq!(path.sub.as_ref().expect("a sub-attribute"), &"value");
        assert_eq!(path.to_string(), text);

        let versioned = AttributePath::parse("urn:okta:custom:group:1.0").expect("a bare URN");
        assert_eq!(versioned.name, "1.0");
        assert_eq!(versioned.sub, None);
    }

    #[test]
    fn a_selector_may_be_followed_by_a_sub_attribute() {
        let path = Path::parse(r#"emails[type eq "work" and primary eq true].value"#);
        let path = path.expect("a path");
        assert_eq!(path.attribute.name, "emails");
        assert_eq!(path.selector.as_ref().expect("a selector").conjuncts().len(), 2);
        assert_eq!(path.sub.expect("a sub-attribute"), "value");
    }

    #[test]
    fn what_is_not_a_path_is_refused_with_its_position() {
        for text in [
            "",
            "a b",
            "a.",
            ".a",
            "a..b",
            "a.b.c",
            ":a",
            "urn:x:",
            "1a",
            "a[",
            "a[b pr",
            "a.b[c pr]",
            "a[b pr]c",
            "a[b pr].c.d",
            "a[b[c pr]]",
            "a eq \"x\"",
            "/a",
            "a,b",
        ] {
            let error = Path::parse(text).expect_err(text);
            assert_eq!(error.scim_type(), ScimType::InvalidPath, "{text}");
            assert!(error.detail().starts_with("Path, position "), "{error}");
        }
        assert!(AttributePath::parse("a[b pr]").is_err());
        assert!(Path::parse(&"a".repeat(8193)).is_err());
    }

    proptest! {
        #[test]
        fn what_is_printed_parses_to_the_same(
            attribute in strategy::attribute_path(),
            selector in proptest::option::of(strategy::selector()),
            sub in proptest::option::of("[a-z]{1,8}".prop_map(Name::from)),
        ) {
            let path = match selector {
                None => Path::from(attribute),
                Some(selector) => Path {
                    attribute: AttributePath { sub: None, ..attribute },
                    selector: Some(selector),
                    sub,
                },
            };
            prop_assert_eq!(Path::parse(&path.to_string())?, path);
        }

        #[test]
        fn any_text_is_a_path_or_an_error(text in ".{0,60}") {
            let _ = Path::parse(&text);
        }
    }
}

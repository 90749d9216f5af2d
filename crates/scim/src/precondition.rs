//! [`Precondition`]: in which version a resource must be for a request to be served, RFC 7644
//! §3.14 and RFC 9110 §13.

use crate::{EntityTag, Error, etag};

/// In which version a resource must be for a request to be served: `If-Match` and `If-None-Match`,
/// or the `version` of an operation in a bulk request.
///
/// Tags are compared weakly, in `If-Match` too: RFC 7644 §3.14 has weak tags there in its
/// examples, which the strong comparison of RFC 9110 §13.1.1 would never find equal. `If-Match`
/// goes by the version alone, whatever was shown along with it: [`EntityTag`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Precondition {
    if_match: Option<Tags>,
    if_none_match: Option<Tags>,
}

/// What a precondition comes to, RFC 9110 §13.2.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It holds, or there is none.
    Holds,
    /// `If-None-Match` names the version: whoever reads has it already, and whoever writes is
    /// refused.
    Unchanged,
    /// `If-Match` names another version.
    Failed,
}

/// What a header names.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Tags {
    /// `*`: any version.
    Any,
    /// What stands between the quotation marks of each tag.
    Listed(Vec<Vec<u8>>),
}

impl Precondition {
    /// Any version will do.
    pub const NONE: Self = Self { if_match: None, if_none_match: None };

    /// Reads the two headers; one that stands several times is one list.
    ///
    /// # Errors
    ///
    /// `invalidValue` where a header is neither `*` nor a list of entity tags.
    pub fn parse<'h>(
        if_match: impl IntoIterator<Item = &'h [u8]>,
        if_none_match: impl IntoIterator<Item = &'h [u8]>,
    ) -> Result<Self, Error> {
        Ok(Self {
            if_match: tags("The header If-Match", if_match)?,
            if_none_match: tags("The header If-None-Match", if_none_match)?,
        })
    }

    /// Reads the `version` of an operation in a bulk request, RFC 7644 §3.7: the `If-Match` that a
    /// request of its own would have.
    ///
    /// # Errors
    ///
    /// `invalidValue` where it is not an entity tag.
    pub fn of_version(version: &str) -> Result<Self, Error> {
        let if_match = tags("The version", [version.as_bytes()])?;
        Ok(Self { if_match, if_none_match: None })
    }

    /// Judges a reader of what has this entity tag: `If-None-Match` is about all that would be
    /// shown.
    #[must_use]
    pub fn judge(&self, tag: &str) -> Verdict {
        self.judge_by(tag, Tags::name)
    }

    /// Judges a change of a resource in this version: whatever was shown along with it, the change
    /// is one of the resource alone.
    #[must_use]
    pub fn judge_change(&self, version: i64) -> Verdict {
        self.judge_by(&etag(version), Tags::name_version)
    }

    fn judge_by(&self, tag: &str, names: impl Fn(&Tags, &[u8]) -> bool) -> Verdict {
        let inside = tag.strip_prefix("W/").unwrap_or(tag).trim_matches('"').as_bytes();
        if self.if_match.as_ref().is_some_and(|tags| !tags.name_version(inside)) {
            return Verdict::Failed;
        }
        if self.if_none_match.as_ref().is_some_and(|tags| names(tags, inside)) {
            return Verdict::Unchanged;
        }
        Verdict::Holds
    }
}

impl Tags {
    /// Whether a tag with this inside is named.
    fn name(&self, inside: &[u8]) -> bool {
        self.any(|listed| listed == inside)
    }

    /// Whether a tag of the same version is named.
    fn name_version(&self, inside: &[u8]) -> bool {
        let version = EntityTag::version_in(inside);
        self.any(|listed| EntityTag::version_in(listed) == version)
    }

    fn any(&self, is_named: impl Fn(&[u8]) -> bool) -> bool {
        match self {
            Self::Any => true,
            Self::Listed(tags) => tags.iter().any(|listed| is_named(listed)),
        }
    }
}

/// The tags of a header. `None`: it is not there.
fn tags<'h>(what: &str, lines: impl IntoIterator<Item = &'h [u8]>) -> Result<Option<Tags>, Error> {
    let mut lines = lines.into_iter().peekable();
    if lines.peek().is_none() {
        return Ok(None);
    }
    let unreadable = || {
        Error::invalid_value(format!(
            "{what} cannot be read: it must be * or entity tags such as W/\"3\", as meta.version \
             has them."
        ))
    };
    let (mut any, mut listed) = (0, Vec::new());
    for line in lines {
        let mut rest = empty_elements(line.trim_ascii());
        while !rest.is_empty() {
            if let Some(after) = rest.strip_prefix(b"*") {
                any += 1;
                rest = after;
            } else {
                let (tag, after) = entity_tag(rest).ok_or_else(unreadable)?;
                listed.push(tag.to_vec());
                rest = after;
            }
            rest = rest.trim_ascii_start();
            match rest.strip_prefix(b",") {
                Some(after) => rest = empty_elements(after),
                None if rest.is_empty() => {}
                None => return Err(unreadable()),
            }
        }
    }
    match (any, listed.is_empty()) {
        (0, false) => Ok(Some(Tags::Listed(listed))),
        (1, true) => Ok(Some(Tags::Any)),
        _ => Err(unreadable()),
    }
}

/// RFC 9110 §8.8.3: the inside of the tag that a text begins with, and what follows it.
fn entity_tag(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let text = text.strip_prefix(b"W/").unwrap_or(text).strip_prefix(b"\"")?;
    let end = text.iter().position(|byte| *byte == b'"')?;
    let (tag, after) = text.split_at(end);
    let allowed = |byte: &u8| matches!(byte, 0x21..=0x7e | 0x80..);
    tag.iter().all(allowed).then_some((tag, &after[1..]))
}

/// RFC 9110 §5.6.1.2: a list may have empty elements, which count for nothing.
fn empty_elements(mut text: &[u8]) -> &[u8] {
    loop {
        text = text.trim_ascii_start();
        match text.strip_prefix(b",") {
            Some(after) => text = after,
            None => return text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Precondition, Verdict};
    use crate::{EntityTag, ScimType, etag};

    fn if_match(lines: &[&str]) -> Result<Precondition, crate::Error> {
        Precondition::parse(lines.iter().map(|line| line.as_bytes()), [])
    }

    #[test]
    fn tags_are_read_in_every_form() {
        for lines in [
            &["W/\"3\""][..],
            &["\"3\""],
            &["*"],
            &[" * "],
            &["\"1\", W/\"3\" ,\"x,y\""],
            &[",\"1\",,\t,W/\"3\""],
            &["\"1\",", "\"3\""],
            &["\"\"", "\"3\""],
        ] {
            let read = if_match(lines).expect("tags");
            assert_eq!(read.judge(&etag(3)), Verdict::Holds, "{lines:?}");
        }
        for lines in [&["\"1\""][..], &["\"03\""], &["\"W/3\"", "\"\""]] {
            let read = if_match(lines).expect("tags");
            assert_eq!(read.judge(&etag(3)), Verdict::Failed, "{lines:?}");
        }
        let foreign = Precondition::parse([&b"\"\xe9\""[..]], []).expect("obs-text");
        assert_eq!(foreign.judge(&etag(3)), Verdict::Failed);
    }

    #[test]
    fn what_is_no_tag_is_refused() {
        for lines in [
            &[""][..],
            &[","],
            &["3"],
            &["W/3"],
            &["w/\"3\""],
            &["\"3"],
            &["\"3\" \"4\""],
            &["\"a b\""],
            &["*, \"3\""],
            &["\"3\"", "*"],
            &["*", "*"],
            &["**"],
        ] {
            let error = if_match(lines).expect_err(lines[0]);
            assert_eq!(error.scim_type(), ScimType::InvalidValue);
            assert!(error.detail().starts_with("The header If-Match cannot be read"), "{error}");
        }
        assert!(Precondition::of_version("7").is_err());
    }

    #[test]
    fn if_match_goes_by_the_version_and_a_reader_by_the_whole_tag() {
        let parse = |one: &[&str], other: &[&str]| {
            let lines = |all: &[&str]| all.iter().map(|one| one.as_bytes().to_vec()).collect();
            let (one, other): (Vec<_>, Vec<_>) = (lines(one), lines(other));
            Precondition::parse(one.iter().map(Vec::as_slice), other.iter().map(Vec::as_slice))
                .expect("tags")
        };
        let tag = EntityTag::of(3).with_related(1).to_string();
        let other = EntityTag::of(3).with_related(2).to_string();
        for listed in [&tag, &other, &etag(3)] {
            let if_match = parse(&[listed], &[]);
            assert_eq!(if_match.judge(&tag), Verdict::Holds, "{listed}");
            assert_eq!(if_match.judge(&etag(3)), Verdict::Holds, "{listed}");
            assert_eq!(if_match.judge_change(3), Verdict::Holds, "{listed}");
            assert_eq!(if_match.judge_change(4), Verdict::Failed, "{listed}");
            let if_none_match = parse(&[], &[listed]);
            let has_it = if *listed == tag { Verdict::Unchanged } else { Verdict::Holds };
            assert_eq!(if_none_match.judge(&tag), has_it, "{listed}");
            assert_eq!(if_none_match.judge_change(3), Verdict::Unchanged, "{listed}");
            assert_eq!(if_none_match.judge_change(4), Verdict::Holds, "{listed}");
        }
    }

    #[test]
    fn a_match_is_looked_at_before_a_mismatch() {
        let both = |one: &str, other: &str| {
            Precondition::parse([one.as_bytes()], [other.as_bytes()]).expect("tags").judge(&etag(3))
        };
        assert_eq!(both("\"3\"", "\"4\""), Verdict::Holds);
        assert_eq!(both("\"3\"", "\"3\""), Verdict::Unchanged);
        assert_eq!(both("\"4\"", "\"3\""), Verdict::Failed);
        assert_eq!(Precondition::NONE.judge(&etag(3)), Verdict::Holds);
        let none = Precondition::parse([], [&b"*"[..]]).expect("any");
        assert_eq!(none.judge(&etag(3)), Verdict::Unchanged);
        assert_eq!(
            Precondition::of_version("W/\"3\"").expect("one").judge(&etag(3)),
            Verdict::Holds
        );
    }
}

//! [`Filter`]: which kinds of events a webhook is sent.

use serde::{Serialize, Serializer};

use crate::{error::Error, event::EventKind};

/// Which kinds of events a webhook is sent: names of kinds (`user.archived`), or all about one thing
/// (`user.*`). An empty one lets every event pass, those of kinds that are not known yet, too.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter(Vec<String>);

/// What stands for all kinds about one thing.
const ALL_OF: &str = ".*";

impl Filter {
    /// Reads the parts of a filter. Those that are given twice count once.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] where there is no kind of event that a part lets pass.
    pub fn parse<T: AsRef<str>>(parts: impl IntoIterator<Item = T>) -> Result<Self, Error> {
        let mut filter = Self::default();
        for part in parts {
            let part = part.as_ref();
            if !EventKind::ALL.iter().any(|kind| passes(part, kind.name())) {
                let detail = format!(
                    "There is no kind of event \"{}\"; docs/events.md lists them, and `user.*` is all about \
                     users.",
                    part.escape_debug()
                );
                return Err(Error::invalid("events", detail));
            }
            if !filter.0.iter().any(|known| known == part) {
                filter.0.push(part.to_owned());
            }
        }
        Ok(filter)
    }

    /// Reads a filter as it is stored.
    pub(super) fn stored(text: &str) -> Self {
        Self(text.split_whitespace().map(str::to_owned).collect())
    }

    /// As it is stored: parts with blanks between them.
    pub(super) fn text(&self) -> String {
        self.0.join(" ")
    }

    /// Its parts; none: every event passes.
    #[must_use]
    pub fn parts(&self) -> &[String] {
        &self.0
    }

    /// Whether events of this kind pass.
    #[must_use]
    pub fn lets_pass(&self, kind: &str) -> bool {
        self.0.is_empty() || self.0.iter().any(|part| passes(part, kind))
    }
}

fn passes(part: &str, kind: &str) -> bool {
    match part.strip_suffix(ALL_OF) {
        Some(noun) => kind.split_once('.').is_some_and(|(thing, _)| thing == noun),
        None => part == kind,
    }
}

impl Serialize for Filter {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::Filter;

    #[test]
    fn a_filter_lets_kinds_pass_and_all_about_a_thing() {
        let filter = Filter::parse(["user.*", "group.deleted", "user.*"]).expect("known kinds");
        assert_eq!(filter.parts(), ["user.*", "group.deleted"]);
        assert_eq!(Filter::stored(&filter.text()), filter);
        for (kind, expected) in
            [("user.created", true), ("group.deleted", true), ("group.created", false)]
        {
            assert_eq!(filter.lets_pass(kind), expected, "{kind}");
        }
        assert!(Filter::default().lets_pass("planet.discovered"));
    }

    #[test]
    fn what_lets_nothing_pass_is_refused() {
        for bad in
            ["", "user", "user.", "*", ".*", "users.*", "user.create", "user.*.*", "User.created"]
        {
            assert!(Filter::parse([bad]).is_err(), "{bad}");
        }
    }
}

//! [`Range`]: which entries of a numbered record are shown.

use clap::{Args, value_parser};

/// Which entries of a numbered record are shown.
#[derive(Debug, Args)]
pub(crate) struct Range {
    /// Begin after the entry with this number [default: 0]
    #[arg(long, value_name = "NUMBER", value_parser = value_parser!(i64).range(0..))]
    after: Option<i64>,
    /// Begin so that so many are left: the newest
    #[arg(long, value_name = "N", conflicts_with = "after",
          value_parser = value_parser!(u32).range(1..))]
    last: Option<u32>,
    /// How many are shown, at most [default: 100]
    #[arg(long, value_name = "N", conflicts_with = "last",
          value_parser = value_parser!(u32).range(1..))]
    limit: Option<u32>,
}

/// So many are shown where no one said how many.
const DEFAULT_LIMIT: u32 = 100;
/// So many are read at a time.
pub(crate) const PIECE: u32 = 1_000;

impl Range {
    /// The number after which it begins, and how many entries it has.
    pub(crate) fn of(&self, newest: i64) -> (i64, u32) {
        let after = match (self.after, self.last) {
            (Some(after), _) => after,
            (None, Some(last)) => newest.saturating_sub(last.into()).max(0),
            (None, None) => 0,
        };
        (after, self.last.or(self.limit).unwrap_or(DEFAULT_LIMIT))
    }
}

/// What follows a list that ends after a number.
pub(crate) fn rest(after: i64, newest: i64) -> String {
    if after < newest {
        format!("{} more follow: `--after {after}` shows them.\n", newest - after)
    } else if newest == 0 {
        "Nothing has happened yet.\n".to_owned()
    } else {
        String::new()
    }
}

#[cfg(test)]
mod tests {
    use super::Range;

    #[test]
    fn the_newest_are_those_before_the_end() {
        let range = |after, last, limit| Range { after, last, limit };
        assert_eq!(range(None, None, None).of(7), (0, 100));
        assert_eq!(range(Some(3), None, Some(2)).of(7), (3, 2));
        assert_eq!(range(None, Some(2), None).of(7), (5, 2));
        assert_eq!(range(None, Some(20), None).of(7), (0, 20));
    }
}

//! A chained record, as commands list it: events and every audit in one way.

use anyhow::Result;
use clap::{Args, value_parser};
use directory::{Entry, Error, Record};
use serde_json::{Value as Json, json};

use super::connection::Names;
use crate::{
    answer::Answer,
    listing::Listing,
    output::stream,
    table::{Column, cut, number, to_the_second, whole},
};

/// Which entries of a numbered record are shown.
#[derive(Debug, Args)]
pub(crate) struct Range {
    /// Begin after the entry with this number [default: before the first that is kept]
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
    /// The number after which it begins, and how many entries it has, of those that are kept.
    fn of(&self, pruned: i64, newest: i64) -> (i64, u32) {
        let after = match (self.after, self.last) {
            (Some(after), _) => after,
            (None, Some(last)) => newest.saturating_sub(last.into()).max(pruned),
            (None, None) => pruned,
        };
        (after, self.last.or(self.limit).unwrap_or(DEFAULT_LIMIT))
    }
}

/// How a record is shown.
pub(crate) struct Shown<R: Record> {
    /// Whose it is: the short name of an organization.
    pub(crate) organization: Option<String>,
    /// The name of the list, for programs.
    pub(crate) list: &'static str,
    /// The heading of the numbers.
    pub(crate) number: &'static str,
    /// The last column, and what stands in it.
    pub(crate) last: (Column, fn(&Entry<R>) -> String),
    /// Who did something.
    pub(crate) names: Names,
}

/// Lists the entries of a record that are in a range, between the newest that is not kept and the newest of
/// all. `after` reads those after a number.
pub(crate) async fn list<R: Record>(
    shown: &Shown<R>,
    range: &Range,
    (pruned, newest): (R::No, R::No),
    after: impl AsyncFn(R::No, u32) -> Result<Vec<Entry<R>>, Error>,
    json: bool,
) -> Result<Answer> {
    let (mut last, mut left) = range.of(pruned.into(), newest.into());
    let columns = [number(shown.number), whole("time"), cut("by"), cut("kind"), shown.last.0];
    let row = |entry: &Entry<R>| {
        [
            entry.no.to_string(),
            to_the_second(&entry.at.to_string()),
            shown.names.principal(&entry.principal),
            entry.described().name.to_owned(),
            (shown.last.1)(entry),
        ]
    };
    stream(async |output| {
        let head = json!({ "organization": shown.organization });
        let mut listing = Listing::begin(output, json, (&head, shown.list), columns)?;
        while left > 0 {
            let count = left.min(PIECE);
            let entries = after(last.into(), count).await?;
            let Some(newest) = entries.last() else { break };
            last = newest.no.into();
            left -= count;
            listing.page(&entries, as_json, row)?;
        }
        Ok(listing
            .end(&json!({ "pruned": pruned, "newest": newest }), &rest(last, newest.into()))?)
    })
    .await
}

/// An entry, for programs.
pub(crate) fn as_json<R: Record>(entry: &Entry<R>) -> Json {
    json!({
        "number": entry.no,
        "time": entry.at.to_string(),
        "principal": entry.principal,
        "request": entry.request,
        "kind": entry.described().name,
        "target": entry.target,
        "body": entry.payload,
    })
}

/// What follows a list that ends after a number.
fn rest(after: i64, newest: i64) -> String {
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
        assert_eq!(range(None, None, None).of(0, 7), (0, 100));
        assert_eq!(range(Some(3), None, Some(2)).of(4, 7), (3, 2));
        assert_eq!(range(None, Some(2), None).of(0, 7), (5, 2));
        assert_eq!(range(None, Some(20), None).of(4, 7), (4, 20));
    }
}

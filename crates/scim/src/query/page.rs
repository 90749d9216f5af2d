//! [`Page`]: `startIndex`, `cursor` and `count`.

use std::num::IntErrorKind;

use crate::{Error, ScimType, error::quoted};

/// A part of a list, RFC 7644 §3.4.2.4 and RFC 9865 §2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Where it begins.
    pub begin: Begin,
    /// The most resources to return; 0 asks for the total only.
    pub count: u64,
}

/// Where a page begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begin {
    /// With the resource of this number, from 1.
    Index(u64),
    /// After the page before, of which the server gave out this cursor; empty: at the beginning
    /// of a list that is walked by cursors.
    Cursor(String),
}

/// The parameters of a page as a client sent them; `None`: it did not.
#[derive(Clone, Copy, Debug, Default)]
pub struct Paging<'p> {
    /// `startIndex`
    pub start_index: Option<&'p str>,
    /// `count`
    pub count: Option<&'p str>,
    /// `cursor`. An empty one asks for the first page (RFC 9865 §2).
    pub cursor: Option<&'p str>,
}

impl Page {
    /// Reads the parameters. A `startIndex` or `count` that is missing or empty has its default:
    /// 1, and `default`.
    ///
    /// Numbers out of range are brought into it, as RFC 7644 §3.4.2.4 and RFC 9865 §2 say: a
    /// `startIndex` below 1 is 1, a negative `count` is 0, and no page is longer than `max`.
    ///
    /// # Errors
    ///
    /// `invalidValue` where a parameter is not a whole number, or where both `startIndex` and
    /// `cursor` say where the page begins. With a cursor, a `count` that is not a whole number is
    /// `invalidCount` (RFC 9865 §2.1).
    pub fn parse(parameters: Paging<'_>, default: u64, max: u64) -> Result<Self, Error> {
        let Paging { start_index, count, cursor } = parameters;
        let start_index = integer("startIndex", start_index)?;
        let count = integer("count", count).map(|count| count.unwrap_or(default).min(max));
        let Some(cursor) = cursor else {
            return Ok(Self {
                begin: Begin::Index(start_index.unwrap_or(1).max(1)),
                count: count?,
            });
        };
        if start_index.is_some() {
            return Err(Error::invalid_value(
                "startIndex and cursor are two ways to say where a page begins: send one of them.",
            ));
        }
        let count =
            count.map_err(|error| Error::new(ScimType::InvalidCount, error.detail().to_owned()))?;
        Ok(Self { begin: Begin::Cursor(cursor.trim().to_owned()), count })
    }
}

/// A whole number of any size; what is negative is 0, what does not fit is the largest that does.
fn integer(parameter: &str, text: Option<&str>) -> Result<Option<u64>, Error> {
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    match text.parse::<i64>() {
        Ok(number) => Ok(Some(u64::try_from(number).unwrap_or(0))),
        Err(error) => match error.kind() {
            IntErrorKind::PosOverflow => Ok(Some(u64::MAX)),
            IntErrorKind::NegOverflow => Ok(Some(0)),
            _ => Err(Error::invalid_value(format!(
                "The parameter {parameter} must be a whole number, not {}.",
                quoted(text)
            ))),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::{Begin, Page, Paging};
    use crate::{Error, ScimType};

    fn page(start_index: Option<&str>, count: Option<&str>) -> (u64, u64) {
        let parameters = Paging { start_index, count, cursor: None };
        match Page::parse(parameters, 100, 1_000).expect("valid") {
            Page { begin: Begin::Index(index), count } => (index, count),
            Page { begin: Begin::Cursor(cursor), .. } => panic!("no cursor was sent: {cursor}"),
        }
    }

    fn after(cursor: &str, count: Option<&str>) -> Result<Page, Error> {
        let parameters = Paging { start_index: Some(""), count, cursor: Some(cursor) };
        Page::parse(parameters, 100, 1_000)
    }

    #[test]
    fn defaults() {
        assert_eq!(page(None, None), (1, 100));
        assert_eq!(page(Some(""), Some(" ")), (1, 100));
        assert_eq!(page(Some("101"), Some("2")), (101, 2));
    }

    #[test]
    fn out_of_range_is_brought_into_it() {
        assert_eq!(page(Some("0"), Some("-1")), (1, 0));
        assert_eq!(page(Some("-9"), Some("1001")), (1, 1_000));
        let huge = "99999999999999999999";
        assert_eq!(page(Some(huge), Some(huge)), (u64::MAX, 1_000));
        assert_eq!(page(Some("-99999999999999999999"), Some("0")), (1, 0));
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in ["x", "1.5", "1e3", "0x1", "--1", "١"] {
            let parameters = Paging { start_index: Some(text), ..Paging::default() };
            let error = Page::parse(parameters, 100, 1_000).expect_err(text);
            assert_eq!(error.scim_type(), ScimType::InvalidValue);
            assert!(error.detail().contains("startIndex"), "{error}");
        }
    }

    #[test]
    fn cursors() {
        let expected = |cursor: &str, count| Page { begin: Begin::Cursor(cursor.into()), count };
        assert_eq!(after("", None), Ok(expected("", 100)));
        assert_eq!(after(" ", Some("")), Ok(expected("", 100)));
        assert_eq!(after("VZUT", Some("10")), Ok(expected("VZUT", 10)));
        // Fewer than were asked for are allowed, RFC 9865 §2.
        assert_eq!(after("VZUT", Some("1001")), Ok(expected("VZUT", 1_000)));
    }

    /// RFC 9865 §2: a count of 0 asks for the total and for no resources.
    #[test]
    fn with_a_cursor_a_count_may_be_zero() {
        for (count, cursor) in [("0", ""), ("-1", ""), ("-99999999999999999999", "VZUT")] {
            let page = after(cursor, Some(count));
            assert_eq!(page, Ok(Page { begin: Begin::Cursor(cursor.into()), count: 0 }), "{count}");
        }
    }

    #[test]
    fn with_a_cursor_a_count_is_a_whole_number() {
        for count in ["x", "1.5", "1e3"] {
            let error = after("", Some(count)).expect_err(count);
            assert_eq!(error.scim_type(), ScimType::InvalidCount);
        }
    }

    #[test]
    fn a_page_begins_in_one_place() {
        let both = Paging { start_index: Some("1"), count: None, cursor: Some("") };
        let error = Page::parse(both, 100, 1_000).expect_err("both");
        assert_eq!(error.scim_type(), ScimType::InvalidValue);
    }
}

//! [`Page`]: `startIndex` and `count`.

use std::num::IntErrorKind;

use crate::{Error, error::quoted};

/// A part of a list, RFC 7644 §3.4.2.4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// Number of the first resource, from 1.
    pub start_index: u64,
    /// The most resources to return; 0 asks for the total only.
    pub count: u64,
}

impl Page {
    /// Reads the parameters as they stand in the query string. One that is missing or empty has
    /// its default: 1, and `default`.
    ///
    /// Numbers out of range are brought into it, as the RFC says: a `startIndex` below 1 is 1, a
    /// negative `count` is 0, and nobody gets more than `max`.
    ///
    /// # Errors
    ///
    /// `invalidValue` where a parameter is not a whole number.
    pub fn parse(
        start_index: Option<&str>,
        count: Option<&str>,
        default: u64,
        max: u64,
    ) -> Result<Self, Error> {
        let start_index = integer("startIndex", start_index)?.unwrap_or(1).max(1);
        let count = integer("count", count)?.unwrap_or(default).min(max);
        Ok(Self { start_index, count })
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
    use super::Page;

    fn page(start_index: Option<&str>, count: Option<&str>) -> (u64, u64) {
        let page = Page::parse(start_index, count, 100, 1_000).expect("valid");
        (page.start_index, page.count)
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
            let error = Page::parse(Some(text), None, 100, 1_000).expect_err(text);
            assert!(error.detail().contains("startIndex"), "{error}");
        }
    }
}

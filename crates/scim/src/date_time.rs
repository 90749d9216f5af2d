//! [`instant`]: the one reading of a dateTime, for bodies, filters, orders and keys alike.

use jiff::Timestamp;

/// The instant that a dateTime names, in whatever form it is written.
///
/// RFC 7643 §2.3.5 asks for a valid `xsd:dateTime` with both a date and a time. The zone is optional
/// there; what has none is UTC.
#[must_use]
pub fn instant(text: &str) -> Option<Timestamp> {
    text.parse().ok().or_else(|| in_utc(text).parse().ok())
}

/// The text of a dateTime that says its zone: the same, or with the `Z` that it lacks.
pub(crate) fn zoned(text: String) -> String {
    if text.parse::<Timestamp>().is_ok() { text } else { in_utc(&text) }
}

fn in_utc(text: &str) -> String {
    format!("{text}Z")
}

#[cfg(test)]
mod tests {
    use super::{instant, zoned};

    #[test]
    fn what_has_no_zone_is_utc() {
        let utc = instant("2026-11-21T08:30:00Z").expect("an instant");
        for text in [
            "2026-11-21T08:30:00",
            "2026-11-21T08:30:00.000",
            "2026-11-21T09:30:00+01:00",
            "2026-11-21T08:30",
            "2026-11-21 08:30:00",
        ] {
            assert_eq!(instant(text), Some(utc), "{text}");
        }
    }

    #[test]
    fn a_date_and_a_time_are_needed() {
        for text in [
            "",
            "Z",
            "yesterday",
            "2026",
            "2026-11-21",
            "08:30:00",
            "2026-11-21T",
            "2026-13-01T00:00:00",
            "2026-11-21T08:30:00+",
            "2026-11-21T08:30:00ZZ",
            "2026-11-21T08:30:00+99:00",
            "2026-11-21T08:30:00[Europe/Paris]",
        ] {
            assert_eq!(instant(text), None, "{text}");
        }
    }

    #[test]
    fn the_zone_is_added_and_nothing_else() {
        for (text, expected) in [
            ("2026-11-21T08:30:00", "2026-11-21T08:30:00Z"),
            ("2026-11-21T08:30:00.5", "2026-11-21T08:30:00.5Z"),
            ("2026-11-21T08:30:00.50-05:30", "2026-11-21T08:30:00.50-05:30"),
            ("2026-11-21t08:30z", "2026-11-21t08:30z"),
        ] {
            assert_eq!(zoned(text.to_owned()), expected);
        }
    }
}

//! Durations as people write them: `1y`, `52w`, `30d`, `12h`, `90m`, `30s`, `500ms`.

use std::{fmt, time::Duration};

/// Milliseconds of each unit. A year is 365 days.
const UNITS: [(&str, u64); 8] = [
    ("ms", 1),
    ("s", 1_000),
    ("m", 60_000),
    ("min", 60_000),
    ("h", 3_600_000),
    ("d", 24 * 3_600_000),
    ("w", 7 * 24 * 3_600_000),
    ("y", 365 * 24 * 3_600_000),
];

/// Why a text is no duration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// It is not a whole number with a unit.
    Form,
    /// It is longer than can be counted.
    TooLong,
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Form => {
                "a duration is a whole number with a unit, such as 1y, 52w, 30d, 12h, 90m, 30s or \
                 500ms"
            }
            Self::TooLong => "the duration is longer than can be counted",
        })
    }
}

impl std::error::Error for Wrong {}

/// Reads a duration. It may be zero.
///
/// # Errors
///
/// Where it is none.
pub fn parse(text: &str) -> Result<Duration, Wrong> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let unit = unit.trim_start();
    let (_, factor) = UNITS.iter().find(|(name, _)| *name == unit).ok_or(Wrong::Form)?;
    if number.is_empty() {
        return Err(Wrong::Form);
    }
    // All digits: what cannot be read is too large.
    let number: u64 = number.parse().map_err(|_| Wrong::TooLong)?;
    number.checked_mul(*factor).map(Duration::from_millis).ok_or(Wrong::TooLong)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Wrong, parse};

    #[test]
    fn a_duration_is_a_number_with_a_unit() {
        let day = Duration::from_hours(24);
        for (text, expected) in [
            ("1y", 365 * day),
            ("52w", 364 * day),
            ("30d", 30 * day),
            ("12h", day / 2),
            ("90m", Duration::from_mins(90)),
            (" 2 min ", Duration::from_mins(2)),
            ("30s", Duration::from_secs(30)),
            ("500ms", Duration::from_millis(500)),
            ("0d", Duration::ZERO),
        ] {
            assert_eq!(parse(text), Ok(expected), "{text}");
        }
        for text in ["", "d", "365", "-1d", "+1d", "1.5h", "5 parsecs", "1D", "1 d 2 h", "é"] {
            assert_eq!(parse(text), Err(Wrong::Form), "{text}");
        }
        for text in ["99999999999999999999d", "18446744073709551615y"] {
            assert_eq!(parse(text), Err(Wrong::TooLong), "{text}");
        }
    }
}

//! Sizes, durations and counts.

use std::{num::NonZeroU32, time::Duration};

use server::http::{KB, MB};

use super::settings::Raw;

/// A size in bytes: `2097152`, `"2 MB"`. One KB is 1,024 bytes, however it is written.
pub(super) fn size(raw: &Raw) -> Result<usize, String> {
    let help = "is not a size such as \"2 MB\" or 2097152";
    let (number, unit) = quantity(raw).ok_or(help)?;
    let factor = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kb" | "kib" => KB,
        "m" | "mb" | "mib" => MB,
        "g" | "gb" | "gib" => 1024 * MB,
        _ => return Err(help.to_owned()),
    };
    let bytes = usize::try_from(number).ok().and_then(|number| number.checked_mul(factor));
    bytes.filter(|bytes| *bytes > 0).ok_or_else(|| help.to_owned())
}

/// A duration: `30` (seconds), or with a unit as in [`crate::duration`].
pub(super) fn duration(raw: &Raw) -> Result<Duration, String> {
    match (quantity(raw), raw) {
        (Some((seconds, "")), _) => Ok(Duration::from_secs(seconds)),
        (_, Raw::Text(text)) => crate::duration::parse(text).map_err(|wrong| wrong.to_string()),
        (_, Raw::Integer(_) | Raw::List(_)) => Err(crate::duration::Wrong::Form.to_string()),
    }
}

/// A duration that is not zero.
pub(super) fn wait(raw: &Raw) -> Result<Duration, String> {
    match duration(raw)? {
        Duration::ZERO => Err("must be longer than nothing".to_owned()),
        duration => Ok(duration),
    }
}

/// A whole number from 1 to `most`.
pub(super) fn count<T: TryFrom<u64>>(most: u64) -> impl Fn(&Raw) -> Result<T, String> {
    move |raw| {
        quantity(raw)
            .filter(|(number, unit)| unit.is_empty() && (1..=most).contains(number))
            .and_then(|(number, _)| T::try_from(number).ok())
            .ok_or_else(|| format!("is not a whole number from 1 to {most}"))
    }
}

/// Requests per minute, or `"none"` for as many as anyone likes.
pub(super) fn rate(raw: &Raw) -> Result<Option<NonZeroU32>, String> {
    match raw {
        Raw::Text(text) if text.trim() == "none" => Ok(None),
        _ => {
            let number = count(u64::from(u32::MAX))(raw);
            number.map(NonZeroU32::new).map_err(|wrong| format!("{wrong}, nor \"none\""))
        }
    }
}

/// A whole number and the unit after it.
fn quantity(raw: &Raw) -> Option<(u64, &str)> {
    match raw {
        Raw::Integer(number) => Some((u64::try_from(*number).ok()?, "")),
        Raw::Text(text) => {
            let text = text.trim();
            let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
            let (number, unit) = text.split_at(digits);
            Some((number.parse().ok()?, unit.trim_start()))
        }
        Raw::List(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Raw, count, duration, size, wait};

    fn text(text: &str) -> Raw {
        Raw::Text(text.to_owned())
    }

    #[test]
    fn sizes_have_units() {
        for written in ["2097152", "2MB", "2 mb", "2MiB", " 2048 KB ", "2M"] {
            assert_eq!(size(&text(written)), Ok(2 * 1024 * 1024), "{written}");
        }
        assert_eq!(size(&Raw::Integer(5)), Ok(5));
        for written in ["", "0", "MB", "-1", "1.5 MB", "2 TB", "99999999999 GB"] {
            assert!(size(&text(written)).is_err(), "{written}");
        }
        assert!(size(&Raw::Integer(-1)).is_err());
    }

    #[test]
    fn durations_have_units() {
        for written in ["120", "120s", "2m", "2 min", "120000ms"] {
            assert_eq!(duration(&text(written)), Ok(Duration::from_mins(2)), "{written}");
        }
        assert_eq!(duration(&text("1d")), Ok(Duration::from_hours(24)));
        for written in ["", "s", "2 days", "-1s", "1.5s", "99999999999999999999s"] {
            assert!(duration(&text(written)).is_err(), "{written}");
        }
        assert_eq!(duration(&Raw::Integer(0)), Ok(Duration::ZERO));
        assert!(wait(&Raw::Integer(0)).is_err());
    }

    #[test]
    fn counts_have_bounds() {
        let count = count::<usize>(100);
        assert_eq!(count(&text("100")), Ok(100));
        assert_eq!(count(&Raw::Integer(1)), Ok(1));
        for raw in [text("0"), text("101"), text("5 MB"), Raw::List(vec![])] {
            assert_eq!(count(&raw), Err("is not a whole number from 1 to 100".to_owned()));
        }
    }
}

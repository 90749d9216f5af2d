//! Moments as SAML writes them (SAML core §1.3.3): `xs:dateTime` in UTC, with a `Z`.

use jiff::{SignedDuration, Timestamp};

/// Reads `2026-11-27T09:30:00.123Z`. Another zone than `Z`, a blank and a leap second are refused.
pub(crate) fn parse(text: &str) -> Option<Timestamp> {
    let (seconds, fraction) = text.strip_suffix('Z')?.split_at_checked(19)?;
    let shape = seconds.bytes().zip(b"0000-00-00T00:00:00").all(|(byte, form)| match form {
        b'0' => byte.is_ascii_digit(),
        _ => byte == *form,
    });
    let digits = fraction.strip_prefix('.');
    let is_fraction = digits.is_some_and(|digits| {
        (1..=9).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
    });
    let is_leap_second = seconds.ends_with(":60");
    if !shape || is_leap_second || !(fraction.is_empty() || is_fraction) {
        return None;
    }
    text.parse().ok()
}

/// Writes a moment to the second.
pub(crate) fn print(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A later moment; at the end of time, the last one.
pub(crate) fn later(moment: Timestamp, by: SignedDuration) -> Timestamp {
    moment.checked_add(by).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::{parse, print};

    #[test]
    fn only_utc_is_a_moment() {
        for text in
            ["2026-11-27T09:30:00Z", "2026-11-27T09:30:00.5Z", "2026-02-28T00:00:00.1234567Z"]
        {
            assert!(parse(text).is_some(), "{text}");
        }
        for text in [
            "",
            "Z",
            "2026-11-27",
            "2026-11-27T09:30:00",
            "2026-11-27T09:30:00+00:00",
            "2026-11-27T09:30:00z",
            "2026-11-27 09:30:00Z",
            " 2026-11-27T09:30:00Z",
            "2026-11-27T09:30:00.Z",
            "2026-11-27T09:30:00.0000000000Z",
            "2026-11-27T09:30:60Z",
            "2026-02-30T09:30:00Z",
            "+002026-11-27T09:30:00Z",
            "2026-11-27T09:30:00[UTC]Z",
            "2026-11-27T09:30:0éZ",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_printed_is_read() {
        let moment = parse("2026-11-27T09:30:00.75Z").unwrap();
        assert_eq!(print(moment), "2026-11-27T09:30:00Z");
    }
}

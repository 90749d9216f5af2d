//! Figures as the tables show them.

use std::time::Duration;

/// A number with a comma between thousands.
#[must_use]
pub fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Microseconds.
#[must_use]
pub fn micros(time: Duration) -> String {
    grouped(usize::try_from(time.as_micros()).unwrap_or(usize::MAX))
}

/// Milliseconds: with one decimal below 100, and two below 1.
#[must_use]
pub fn millis(time: Duration) -> String {
    let millis = time.as_secs_f64() * 1e3;
    if millis < 1.0 {
        format!("{millis:.2}")
    } else if millis < 100.0 {
        format!("{millis:.1}")
    } else {
        rounded(millis)
    }
}

/// The nearest whole number.
#[must_use]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "figures are small")]
pub fn rounded(number: f64) -> String {
    grouped(number.max(0.0).round() as usize)
}

/// Megabytes, of bytes.
#[must_use]
pub fn megabytes(bytes: u64) -> String {
    grouped(usize::try_from(bytes / 1_048_576).unwrap_or(usize::MAX))
}

/// A count as a number to reckon with.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "counts are small")]
pub fn number(count: usize) -> f64 {
    count as f64
}

/// What a figure is measured against, as the tables mark it.
#[must_use]
pub fn mark(is_met: bool) -> &'static str {
    if is_met { "met" } else { "**missed**" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_kept_apart() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(rounded(1_234.5), "1,235");
    }

    #[test]
    fn milliseconds_have_as_many_decimals_as_say_something() {
        assert_eq!(millis(Duration::from_micros(123)), "0.12");
        assert_eq!(millis(Duration::from_micros(12_345)), "12.3");
        assert_eq!(millis(Duration::from_micros(1_234_567)), "1,235");
    }
}

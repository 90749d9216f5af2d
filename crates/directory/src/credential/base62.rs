//! Base 62 of fixed width: digits, upper-case letters, lower-case letters; no punctuation, so that
//! a double click selects a whole token.

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Writes bytes as a big-endian number, in as many digits as the largest of that length needs.
pub(crate) fn encode<const BYTES: usize, const WIDTH: usize>(bytes: [u8; BYTES]) -> String {
    let mut number = bytes;
    let mut digits = [0; WIDTH];
    for digit in digits.iter_mut().rev() {
        let mut rest = 0;
        for byte in &mut number {
            let value = rest << 8 | u32::from(*byte);
            *byte = u8::try_from(value / 62).expect("the quotient of a byte's share is a byte");
            rest = value % 62;
        }
        *digit = DIGITS[rest as usize];
    }
    digits.iter().map(|digit| char::from(*digit)).collect()
}

/// Writes a positive number without leading zeros.
pub(crate) fn encode_number(number: i64) -> String {
    let mut rest = number.unsigned_abs();
    let mut digits = Vec::with_capacity(11);
    while rest > 0 {
        let digit = usize::try_from(rest % 62).expect("a digit is less than 62");
        digits.push(char::from(DIGITS[digit]));
        rest /= 62;
    }
    digits.iter().rev().collect()
}

/// Reads what [`encode_number`] wrote, and nothing else.
pub(crate) fn decode_number(text: &str) -> Option<i64> {
    // Each number is written in one way: a zero in front is another text.
    if text.starts_with('0') {
        return None;
    }
    let mut number: i64 = 0;
    for byte in text.bytes() {
        let digit = match byte {
            b'0'..=b'9' => byte - b'0',
            b'A'..=b'Z' => byte - b'A' + 10,
            b'a'..=b'z' => byte - b'a' + 36,
            _ => return None,
        };
        number = number.checked_mul(62)?.checked_add(digit.into())?;
    }
    (number > 0).then_some(number)
}

/// Whether a text holds only the digits of base 62.
pub(crate) fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::{decode_number, encode, encode_number};

    #[test]
    fn numbers_come_back() {
        for number in [1, 61, 62, 12_345_678, i64::MAX] {
            assert_eq!(decode_number(&encode_number(number)), Some(number));
        }
        for text in ["", "0", "01", "-1", "a b", "zzzzzzzzzzzzzzzz"] {
            assert_eq!(decode_number(text), None, "{text}");
        }
    }

    #[test]
    fn the_width_holds_the_largest_value() {
        assert_eq!(encode::<4, 6>([0xff; 4]), "4gfFC3");
        assert_eq!(encode::<32, 43>([0; 32]), "0".repeat(43));
        assert_ne!(encode::<32, 43>([0xff; 32]).as_bytes()[0], b'0');
    }
}

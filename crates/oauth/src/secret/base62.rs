//! Base 62 of fixed width: no punctuation, so that a double click selects a whole token.

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Writes bytes as a big-endian number, in as many digits as the largest of that length needs.
pub(super) fn encode<const BYTES: usize, const WIDTH: usize>(bytes: [u8; BYTES]) -> String {
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

/// Writes a number without leading zeros.
pub(super) fn encode_number(number: u64) -> String {
    encode::<8, 11>(number.to_be_bytes()).trim_start_matches('0').to_owned()
}

/// Reads what [`encode_number`] wrote, and nothing else.
pub(super) fn decode_number(text: &str) -> Option<u64> {
    let mut number: u64 = 0;
    for byte in text.bytes() {
        let digit = DIGITS.iter().position(|digit| *digit == byte)?;
        number = number.checked_mul(62)?.checked_add(u64::try_from(digit).ok()?)?;
    }
    (encode_number(number) == text).then_some(number)
}

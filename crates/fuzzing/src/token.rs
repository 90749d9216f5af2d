//! [`token`]: what a client shows as its token.

use directory::token::Presented;

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const SECRET: usize = 43;
const CHECKSUM: usize = 6;

/// What is accepted ends in the checksum of what stands before; a token that is made of the input
/// is accepted, and never with one character changed.
pub fn token(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    if Presented::parse(&text).is_ok() {
        let (body, sum) = text.split_at(text.len() - CHECKSUM);
        assert_eq!(checksum(body), sum, "{text:?} is accepted");
        no_typing_error_passes(&text, data);
    }
    let made = made_of(data);
    assert!(Presented::parse(&made).is_ok(), "{made:?} is refused");
    no_typing_error_passes(&made, data);
}

/// Changes each character into another one that the input chooses.
fn no_typing_error_passes(token: &str, data: &[u8]) {
    let choice = data.first().copied().unwrap_or_default();
    for at in 0..token.len() {
        let mut other = token.as_bytes().to_vec();
        let digit = DIGITS[usize::from(choice) % DIGITS.len()];
        other[at] = if other[at] == digit { b'_' } else { digit };
        let other = String::from_utf8(other).expect("tokens are ASCII");
        assert!(Presented::parse(&other).is_err(), "{other:?} is accepted like {token:?}");
    }
    assert!(Presented::parse(&token[1..]).is_err());
    assert!(Presented::parse(&token[..token.len() - 1]).is_err());
}

/// A token whose numbers and secret the input chooses.
fn made_of(data: &[u8]) -> String {
    let digit = |at: usize| {
        let byte = data.get(at).copied().unwrap_or_default();
        char::from(DIGITS[usize::from(byte) % DIGITS.len()])
    };
    // A number has no leading zero, and ten digits are within 64 bits.
    let number = |from: usize| -> String {
        let length = usize::from(data.get(from).copied().unwrap_or_default() % 10);
        "1".chars().chain((0..length).map(|at| digit(from + 1 + at))).take(10).collect()
    };
    let secret: String = (0..SECRET).map(|at| digit(22 + at)).collect();
    let body = format!("scim_{}_{}_{secret}", number(0), number(11));
    let sum = checksum(&body);
    format!("{body}{sum}")
}

/// CRC-32 in six digits of base 62: written a second time, as a judge of the first.
fn checksum(body: &str) -> String {
    let mut rest = crc32fast::hash(body.as_bytes());
    let mut digits = [b'0'; CHECKSUM];
    for digit in digits.iter_mut().rev() {
        *digit = DIGITS[(rest % 62) as usize];
        rest /= 62;
    }
    digits.iter().map(|digit| char::from(*digit)).collect()
}

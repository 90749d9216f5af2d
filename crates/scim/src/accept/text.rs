//! Values that are strings in JSON: what they may hold, and how long they may be.

use super::{value::Site, wrong_type};
use crate::{
    Error, Leniency, Notes, Value,
    date_time::{instant, zoned},
    schema::{Attribute, Type},
};

/// Characters in a text.
pub(crate) const LONGEST_TEXT: usize = 10_000;
/// Characters in a text by which a resource is found: it is the key of an index.
pub(crate) const LONGEST_KEY: usize = 1_000;
/// 2^53. A decimal beyond it has lost digits on its way, and other digits are another id.
const INEXACT: f64 = 9_007_199_254_740_992.0;

/// Reads a string, date-time, reference or binary value; `None` for the empty text.
pub(super) fn accept(
    site: Site<'_>,
    value: Value,
    notes: &mut Notes,
) -> Result<Option<Value>, Error> {
    let attribute = site.attribute;
    let text = match value {
        Value::String(text) => text,
        // Employee numbers and postal codes often come as numbers.
        Value::Integer(number) if attribute.kind == Type::String => {
            note_number(site, notes)?;
            number.to_string()
        }
        Value::Decimal(number) if attribute.kind == Type::String && number.abs() < INEXACT => {
            note_number(site, notes)?;
            number.to_string()
        }
        value => return Err(wrong_type(site, expected(attribute.kind), &value)),
    };
    if text.is_empty() {
        return Ok(None);
    }
    let longest = longest(attribute);
    if text.len() > longest && text.chars().count() > longest {
        return Err(Error::invalid_value(format!("{site} is longer than {longest} characters.")));
    }
    if is_name(attribute) && (text.trim().is_empty() || text.contains(char::is_control)) {
        return Err(Error::invalid_value(format!(
            "{site} must not be blank or hold control characters: people read it."
        )));
    }
    let valid = match attribute.kind {
        Type::DateTime => instant(&text).is_some(),
        Type::Binary => is_base64(&text),
        _ => true,
    };
    if !valid {
        return Err(wrong_type(site, expected(attribute.kind), &Value::String(text)));
    }
    let text = if attribute.kind == Type::DateTime { zoned(text) } else { text };
    note_form(site, &text, notes)?;
    Ok(Some(Value::String(text)))
}

/// Notes a text that says what it should, and not as the RFC has it.
fn note_form(site: Site<'_>, text: &str, notes: &mut Notes) -> Result<(), Error> {
    let (leniency, what) = match site.attribute.kind {
        Type::Binary if !is_padded_base64(text) => {
            (Leniency::LooseBase64, "base64 without padding, for URLs, or with line breaks")
        }
        Type::Reference if !is_uri(text) => {
            (Leniency::LooseReference, "a text where a URI belongs")
        }
        Type::DateTime if !is_xsd_date_time(text) => {
            (Leniency::LooseDateTime, "a date and time that is no xsd:dateTime")
        }
        _ => return Ok(()),
    };
    notes.correct(leniency, format!("{site}: {what}"))
}

fn note_number(site: Site<'_>, notes: &mut Notes) -> Result<(), Error> {
    notes.correct(Leniency::NumberForText, format!("{site}: a number where a text belongs"))
}

fn expected(kind: Type) -> &'static str {
    match kind {
        Type::DateTime => "a date and time such as 2026-11-21T08:30:00Z",
        Type::Binary => "base64",
        Type::Reference => "a URI",
        _ => "a string",
    }
}

/// Whether people know the resource by this text: the userName of a user, the displayName of a
/// group, and what a registered schema has in their place.
fn is_name(attribute: &Attribute) -> bool {
    attribute.kind == Type::String && attribute.required && attribute.is_unique()
}

fn longest(attribute: &Attribute) -> usize {
    let is_key = attribute.is_unique() || attribute.name == "externalId";
    if is_key { LONGEST_KEY } else { LONGEST_TEXT }
}

/// Base64 of either alphabet, with or without padding. Line breaks are let pass, certificates are
/// often pasted with them.
fn is_base64(text: &str) -> bool {
    let digits = text.trim_end_matches('=');
    text.len() - digits.len() <= 2
        && digits.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/-_\r\n".contains(&byte))
}

/// RFC 7643 §2.3.6: base64 by RFC 4648 §4.
fn is_padded_base64(text: &str) -> bool {
    text.len().is_multiple_of(4) && !text.bytes().any(|byte| b"-_\r\n".contains(&byte))
}

/// RFC 7643 §2.3.5: whether a date and time that says its zone has the form of `xsd:dateTime`.
fn is_xsd_date_time(text: &str) -> bool {
    const FORM: &[u8] = b"0000-00-00T00:00:00";
    let Some((start, rest)) = text.as_bytes().split_at_checked(FORM.len()) else {
        return false;
    };
    let fits = |(byte, form): (&u8, &u8)| {
        if *form == b'0' { byte.is_ascii_digit() } else { byte == form }
    };
    let zone = match rest.split_first() {
        Some((b'.', fraction)) => {
            let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
            &fraction[digits..]
        }
        _ => rest,
    };
    start.iter().zip(FORM).all(fits)
        && match zone {
            b"Z" => true,
            [b'+' | b'-', offset @ ..] => {
                offset.len() == 5 && offset.iter().zip(b"00:00").all(fits)
            }
            _ => false,
        }
}

/// RFC 7643 §2.3.7: a URI or a relative reference, as far as its characters tell (RFC 3986 §2).
fn is_uri(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::{is_base64, is_padded_base64, is_uri, is_xsd_date_time};

    #[test]
    fn base64_of_either_alphabet() {
        for text in ["TWFu", "TWE=", "TQ==", "TQ", "-_8", "MIIC\r\nxyz+/A=="] {
            assert!(is_base64(text), "{text}");
        }
        for text in ["not base64", "====", "TQ===", "ü"] {
            assert!(!is_base64(text), "{text}");
        }
    }

    #[test]
    fn base64_as_the_rfc_has_it() {
        for (text, padded) in [
            ("TWFu", true),
            ("TWE=", true),
            ("TQ==", true),
            ("TQ", false),
            ("-_8=", false),
            ("MIIC\r\nxyz+/A==", false),
        ] {
            assert_eq!(is_padded_base64(text), padded, "{text}");
        }
    }

    #[test]
    fn dates_and_times_as_the_rfc_has_them() {
        for text in
            ["2026-11-21T08:30:00Z", "2026-11-21T08:30:00.123456Z", "2026-11-21T08:30:00-05:30"]
        {
            assert!(is_xsd_date_time(text), "{text}");
        }
        for text in [
            "2026-11-21T08:30Z",
            "2026-11-21 08:30:00Z",
            "2026-11-21t08:30:00z",
            "2026-11-21T08:30:00+05",
            "20261121T083000Z",
        ] {
            assert!(!is_xsd_date_time(text), "{text}");
        }
    }

    #[test]
    fn uris_by_their_characters() {
        for text in ["https://x.example/a?b=%20#c", "urn:a:b", "../Users/7", "[::1]"] {
            assert!(is_uri(text), "{text}");
        }
        for text in ["my page", "https://x.example/é", "<a>", "a\\b"] {
            assert!(!is_uri(text), "{text}");
        }
    }
}

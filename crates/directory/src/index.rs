//! What can be looked up without reading every resource, and under which key.

use aws_lc_rs::digest;
use scim::{Object, Value, fold::fold};

/// Indexed attributes of users. The numbers are stored and never change their meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i64)]
pub(crate) enum Indexed {
    EmailValue = 1,
    DisplayName = 2,
    EmployeeNumber = 3,
}

/// Longer keys are cut and end in a hash of the whole, because PostgreSQL cannot index a text of
/// more than about 2,700 bytes.
const LONGEST_KEY: usize = 512;

/// The key of a text whose case counts.
pub(crate) fn exact_key(text: &str) -> String {
    shorten(text.to_owned())
}

/// The key of a text whose case does not count: equal for texts that a filter calls equal.
pub(crate) fn folded_key(text: &str) -> String {
    shorten(fold(text))
}

fn shorten(mut key: String) -> String {
    if key.len() <= LONGEST_KEY {
        return key;
    }
    let hash = digest::digest(&digest::SHA256, key.as_bytes());
    let mut cut = LONGEST_KEY - 65;
    while !key.is_char_boundary(cut) {
        cut -= 1;
    }
    key.truncate(cut);
    key.push('#');
    key.extend(hash.as_ref().iter().flat_map(|byte| hex(*byte)));
    key
}

/// The two digits of a byte.
fn hex(byte: u8) -> [char; 2] {
    [byte >> 4, byte & 15].map(|digit| char::from_digit(u32::from(digit), 16).unwrap_or('0'))
}

/// The index rows of a user: each indexed value once, in order.
pub(crate) fn entries(resource: &Object) -> Vec<(Indexed, String)> {
    let mut entries = Vec::new();
    for email in resource.get("emails").map_or(&[][..], Value::values) {
        if let Some(value) = email.as_complex().and_then(|email| email.str("value")) {
            entries.push((Indexed::EmailValue, folded_key(value)));
        }
    }
    if let Some(name) = resource.str("displayName") {
        entries.push((Indexed::DisplayName, folded_key(name)));
    }
    let enterprise = resource.get(scim::urn::ENTERPRISE_USER).and_then(Value::as_complex);
    if let Some(number) = enterprise.and_then(|enterprise| enterprise.str("employeeNumber")) {
        entries.push((Indexed::EmployeeNumber, folded_key(number)));
    }
    entries.sort_unstable_by(|a, b| (a.0 as i64, &a.1).cmp(&(b.0 as i64, &b.1)));
    entries.dedup();
    entries
}

#[cfg(test)]
mod tests {
    use super::{LONGEST_KEY, exact_key, folded_key};

    #[test]
    fn long_keys_are_cut_and_stay_distinct() {
        let long = "é".repeat(2000);
        let key = exact_key(&long);
        assert!(key.len() <= LONGEST_KEY);
        assert_ne!(key, exact_key(&format!("{long}x")));
        assert_eq!(folded_key(&long), folded_key(&long.to_uppercase()));
    }
}

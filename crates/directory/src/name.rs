//! Names for people.

use crate::error::Error;

/// Reads the name of something: 1 to `longest` characters, not only blanks, and no control
/// characters. `attribute` is where it was given, and `what` begins a sentence.
///
/// # Errors
///
/// [`Error::Invalid`] with the rule.
pub(crate) fn parse(
    text: &str,
    attribute: &'static str,
    what: &str,
    longest: usize,
) -> Result<String, Error> {
    let name = text.trim();
    let count = name.chars().count();
    if (1..=longest).contains(&count) && !name.chars().any(char::is_control) {
        return Ok(name.to_owned());
    }
    Err(Error::invalid(
        attribute,
        format!("{what} has a name of 1 to {longest} characters, and no control characters."),
    ))
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn a_name_is_for_people() {
        let parse = |text: &str| parse(text, "name", "A ship", 200).ok();
        assert_eq!(parse(" Acme & Söhne ").as_deref(), Some("Acme & Söhne"));
        for bad in ["", "   ", "a\nb", "a\u{7}b", &"x".repeat(201)] {
            assert_eq!(parse(bad), None, "{bad:?}");
        }
    }
}

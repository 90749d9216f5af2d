//! [`fold`]: the one mapping under which two texts are the same when case does not count.

use unicode_normalization::UnicodeNormalization;

/// The number of the rule of [`fold`]. It counts up with each change to what some text is mapped to.
const RULE: u32 = 1;

/// What the result of [`fold`] depends on: the number of its rule, and the versions of Unicode from
/// which lower case (the standard library) and normalization are taken. `1 unicode 17.0.0
/// normalization 18.0.0`.
///
/// A store remembers it, because keys that were made under another version may differ from those
/// that are looked for today: when it changes, the keys must be made anew.
#[must_use]
pub fn version() -> String {
    let dotted = |(major, minor, patch): (u8, u8, u8)| format!("{major}.{minor}.{patch}");
    let (case, normalization) =
        (dotted(char::UNICODE_VERSION), dotted(unicode_normalization::UNICODE_VERSION));
    format!("{RULE} unicode {case} normalization {normalization}")
}

/// Maps a text so that two texts whose case does not count compare equal.
///
/// The mapping is that of RFC 8265 §3.3 without its refusals: fullwidth and halfwidth forms
/// become plain ones, then lower case, then composed form. It lower-cases and does not case-fold,
/// so "STRASSE" and "straße" stay two names. The final sigma becomes a plain one, because it is
/// the only letter whose lower case depends on its neighbours.
#[must_use]
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let plain: String = text.nfc().flat_map(plain_width).collect();
    plain.to_lowercase().replace('ς', "σ").nfc().collect()
}

/// Fullwidth and halfwidth forms (and the wide space) in their plain width.
fn plain_width(c: char) -> impl Iterator<Item = char> {
    let wide = matches!(c, '\u{3000}' | '\u{ff00}'..='\u{ffef}');
    let (mapped, same) = if wide { (Some(c), None) } else { (None, Some(c)) };
    mapped.into_iter().nfkc().chain(same)
}

#[cfg(test)]
mod tests {
    use super::{fold, version};

    /// Whoever sees this fail has changed what keys are made of: by the rule, whose number then
    /// counts up, or by a newer Unicode in the compiler or the library. Stores make their keys anew.
    #[test]
    fn the_version_changes_where_somebody_means_it() {
        assert_eq!(version(), "1 unicode 17.0.0 normalization 18.0.0");
    }

    #[test]
    fn case_width_and_composition_do_not_count() {
        assert_eq!(fold("Ada.Lovelace@Example.COM"), "ada.lovelace@example.com");
        assert_eq!(fold("ＡＤＡ"), "ada");
        assert_eq!(fold("E\u{301}va"), fold("évA"));
        assert_eq!(fold("ΟΔΟΣ"), fold("οδος"));
        assert_eq!(fold("İ"), fold("i̇"));
    }

    #[test]
    fn names_of_two_people_stay_apart() {
        assert_ne!(fold("STRASSE"), fold("straße"));
        assert_ne!(fold("Muller"), fold("Müller"));
    }

    #[test]
    fn folding_twice_changes_nothing() {
        for text in ["ΟΔΟΣ", "İI", "ﾊﾟ", "ﬁ", "Å", "ＳＳß"] {
            assert_eq!(fold(&fold(text)), fold(text), "{text}");
        }
    }
}

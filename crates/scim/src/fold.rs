//! [`fold`]: the one mapping under which two texts are the same when case does not count.

use unicode_normalization::UnicodeNormalization;

/// The rule by which [`fold`] folds: our own number for it, and the versions of Unicode that it
/// depends on. Keys that were made by another rule do not find each other.
#[must_use]
pub fn version() -> String {
    let (a, b, c) = char::UNICODE_VERSION;
    let (d, e, f) = unicode_normalization::UNICODE_VERSION;
    format!("1 unicode {a}.{b}.{c} normalization {d}.{e}.{f}")
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
    use super::fold;

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

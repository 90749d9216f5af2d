//! [`Notes`]: what a request asked for that was left out or read leniently.

use std::fmt;

use crate::{Error, Leniency, Profile};

/// Remarks gathered while a request body is read, under the [`Profile`] of its connection.
///
/// They are for the log line of the request, so that an administrator can see why a value did not
/// arrive. They are also the one place where a leniency is granted or refused: whoever reads
/// something leniently asks [`Notes::correct`] first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notes {
    profile: Profile,
    ignored: Vec<String>,
    corrected: Vec<Correction>,
}

/// A leniency that was applied. Prints as what was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correction {
    /// Which one.
    pub leniency: Leniency,
    /// What was found, and where: `active: a text where a boolean belongs`.
    pub text: String,
}

impl fmt::Display for Correction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// More than this are not kept: a hostile body must not fill a log line.
const MOST: usize = 20;
/// Characters of each, for the same reason.
const LONGEST: usize = 200;

impl Notes {
    /// No remarks yet, under this profile.
    #[must_use]
    pub fn new(profile: Profile) -> Self {
        Self { profile, ..Self::default() }
    }

    /// Records an attribute that is not stored because it is the server's to write.
    pub fn ignore(&mut self, attribute: impl Into<String>) {
        record(&mut self.ignored, shortened(attribute.into()));
    }

    /// Records an attribute that is not stored because no schema has it.
    ///
    /// # Errors
    ///
    /// Where the profile does not accept [`Leniency::UnknownAttribute`].
    pub fn ignore_unknown(&mut self, attribute: impl Into<String>) -> Result<(), Error> {
        let attribute = attribute.into();
        if !self.profile.accepts(Leniency::UnknownAttribute) {
            let text = shortened(attribute);
            return Err(
                self.refusal(Leniency::UnknownAttribute, &format!("{text}: no such attribute"))
            );
        }
        self.ignore(attribute);
        Ok(())
    }

    /// Records a leniency that is about to be applied. `what` names the attribute and what was
    /// found: `active: a text where a boolean belongs`.
    ///
    /// # Errors
    ///
    /// Where the profile does not accept it: an error of [`Leniency::scim_type`] that says what
    /// was found and which profile is in force.
    pub fn correct(&mut self, leniency: Leniency, what: impl Into<String>) -> Result<(), Error> {
        let text = shortened(what.into());
        if !self.profile.accepts(leniency) {
            return Err(self.refusal(leniency, &text));
        }
        record(&mut self.corrected, Correction { leniency, text });
        Ok(())
    }

    fn refusal(&self, leniency: Leniency, text: &str) -> Error {
        Error::new(
            leniency.scim_type(),
            format!(
                "{text}. The profile of this connection, {}, does not accept that ({}).",
                self.profile,
                leniency.keyword()
            ),
        )
    }

    /// The profile in force.
    #[must_use]
    pub fn profile(&self) -> Profile {
        self.profile
    }

    /// Names of attributes that were not stored, at most 20.
    #[must_use]
    pub fn ignored(&self) -> &[String] {
        &self.ignored
    }

    /// Leniencies that were applied, at most 20.
    #[must_use]
    pub fn corrected(&self) -> &[Correction] {
        &self.corrected
    }
}

fn shortened(mut text: String) -> String {
    if let Some((at, _)) = text.char_indices().nth(LONGEST) {
        text.truncate(at);
        text.push('…');
    }
    text
}

fn record<T: PartialEq>(list: &mut Vec<T>, what: T) {
    if list.len() < MOST && !list.contains(&what) {
        list.push(what);
    }
}

#[cfg(test)]
mod tests {
    use super::Notes;
    use crate::{Leniency, Profile, ScimType};

    #[test]
    fn what_is_accepted_is_recorded_once() {
        let mut notes = Notes::default();
        for text in ["active: a text", "active: a text", "primary: a text"] {
            notes.correct(Leniency::BooleanText, text).expect("generic accepts all");
        }
        let texts: Vec<_> = notes.corrected().iter().map(ToString::to_string).collect();
        assert_eq!(texts, ["active: a text", "primary: a text"]);
        assert_eq!(notes.corrected()[0].leniency, Leniency::BooleanText);
    }

    #[test]
    fn what_is_not_accepted_is_an_error_that_names_the_profile() {
        let mut notes = Notes::new(Profile::STRICT);
        let error = notes.correct(Leniency::BooleanText, "active: a text where a boolean belongs");
        let error = error.expect_err("strict accepts nothing");
        assert_eq!(error.scim_type(), ScimType::InvalidValue);
        assert_eq!(
            error.detail(),
            "active: a text where a boolean belongs. The profile of this connection, strict-1, \
             does not accept that (boolean-text)."
        );
        let error = notes.ignore_unknown("shoeSize").expect_err("nothing is left out");
        assert_eq!(error.scim_type(), ScimType::InvalidSyntax);
        assert!(error.detail().starts_with("shoeSize: no such attribute."), "{error}");
        notes.ignore("id");
        assert_eq!((notes.ignored(), notes.corrected().len()), (&["id".to_owned()][..], 0));
    }

    #[test]
    fn a_hostile_body_does_not_fill_a_line() {
        let mut notes = Notes::default();
        for at in 0..1_000 {
            notes.ignore(format!("{at}{}", "é".repeat(1_000)));
        }
        assert_eq!(notes.ignored().len(), 20);
        assert!(notes.ignored().iter().all(|name| name.chars().count() <= 201));
    }
}

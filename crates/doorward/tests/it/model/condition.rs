//! [`Condition`]: `If-Match` and `If-None-Match` (RFC 7644 §3.14, RFC 9110 §13).

use serde_json::json;

use super::{
    dice::Dice,
    document::{Document, INVALID_VALUE, PRECONDITION_FAILED, Refusal, Wanted},
    schema::Type,
};

/// The two headers, as they are written; and what they mean.
#[derive(Clone, Debug, Default)]
pub(super) struct Condition {
    if_match: Option<(String, Tags)>,
    if_none_match: Option<(String, Tags)>,
}

#[derive(Clone, Debug)]
enum Tags {
    Any,
    /// Versions, and whether a tag says more than that.
    Listed(Vec<(u64, bool)>),
    Unreadable,
}

impl Tags {
    /// Whether a tag has this version, whatever else it says.
    fn name_version(&self, version: u64) -> bool {
        match self {
            Self::Any => true,
            Self::Listed(tags) => tags.iter().any(|(listed, _)| *listed == version),
            Self::Unreadable => false,
        }
    }

    /// Whether a tag is that of this version with nothing shown along. (No one guesses the tag of
    /// one with something.)
    fn name(&self, version: u64, related: bool) -> bool {
        match self {
            Self::Any => true,
            Self::Listed(tags) => !related && tags.contains(&(version, false)),
            Self::Unreadable => false,
        }
    }
}

impl Condition {
    /// Conditions that someone might send about a resource in this version.
    pub(super) fn generated(dice: &mut Dice, version: Option<u64>) -> Self {
        let version = version.unwrap_or(1);
        let (if_match, if_none_match) = match dice.below(5) {
            0 => (true, true),
            1 | 2 => (false, true),
            _ => (true, false),
        };
        let mut header = |is_sent: bool| is_sent.then(|| tags(dice, version));
        Self { if_match: header(if_match), if_none_match: header(if_none_match) }
    }

    /// One that an operation of a bulk request may have.
    pub(super) fn if_match(dice: &mut Dice, version: Option<u64>) -> Self {
        Self { if_match: Some(tags(dice, version.unwrap_or(1))), if_none_match: None }
    }

    /// The headers that are sent.
    pub(super) fn headers(&self) -> Vec<(&'static str, &str)> {
        let both = [("If-Match", &self.if_match), ("If-None-Match", &self.if_none_match)];
        both.into_iter()
            .filter_map(|(name, tags)| tags.as_ref().map(|(text, _)| (name, text.as_str())))
            .collect()
    }

    /// Whether both can be read.
    pub(super) fn check(&self) -> Result<(), Refusal> {
        let mut sent = self.if_match.iter().chain(&self.if_none_match);
        if sent.any(|(_, tags)| matches!(tags, Tags::Unreadable)) {
            return Err(INVALID_VALUE);
        }
        Ok(())
    }

    /// Whether a resource in this version may be changed.
    pub(super) fn allows(&self, version: u64) -> Result<(), Refusal> {
        self.allows_reading(version)?;
        match &self.if_none_match {
            Some((_, tags)) if tags.name_version(version) => Err(PRECONDITION_FAILED),
            _ => Ok(()),
        }
    }

    /// Whether a resource in this version may be read.
    pub(super) fn allows_reading(&self, version: u64) -> Result<(), Refusal> {
        match &self.if_match {
            Some((_, tags)) if !tags.name_version(version) => Err(PRECONDITION_FAILED),
            _ => Ok(()),
        }
    }

    /// Whether the client says that it has what it would be shown: this version, with or without
    /// something along with it.
    pub(super) fn knows(&self, version: u64, related: bool) -> bool {
        self.if_none_match.as_ref().is_some_and(|(_, tags)| tags.name(version, related))
    }
}

/// Whether groups of a user, or names of the members of a group, would be shown if there are any:
/// they change without the version.
pub(super) fn shows_others(kind: &Type, wanted: &Wanted) -> bool {
    let probe = match kind.name.as_str() {
        "User" => json!({ "groups": [{ "value": "", "$ref": "", "display": "", "type": "" }] }),
        "Group" => json!({ "members": [{ "display": "" }] }),
        _ => return false,
    };
    let probe: Document = probe.as_object().cloned().expect("an object");
    !wanted.shown(kind, &probe).is_empty()
}

fn tags(dice: &mut Dice, version: u64) -> (String, Tags) {
    match dice.below(30) {
        0 => {
            let text = *dice.pick(&["3", "W/3", "*, \"1\"", "\"1\" \"2\"", ",", "\"1"]);
            return (text.to_owned(), Tags::Unreadable);
        }
        1..4 => return (dice.pick(&["*", " * "]).to_string(), Tags::Any),
        _ => {}
    }
    let mut versions: Vec<u64> =
        (0..dice.below(3)).map(|_| *dice.pick(&[0, 1, 2, version + 1, 70])).collect();
    if versions.is_empty() || dice.percent(60) {
        versions.push(if dice.percent(85) { version } else { version - 1 });
    }
    let one = |dice: &mut Dice, version: &u64| match dice.below(7) {
        0 => (format!("\"{version}\""), false),
        1 => (format!("\"W/{version}\", W/\"{version}\""), false),
        2 => (format!("W/\"{version}-0123456789abcdef\""), true),
        _ => (format!("W/\"{version}\""), false),
    };
    let (mut written, mut listed) = (Vec::new(), Vec::new());
    for version in versions {
        let (text, says_more) = one(dice, &version);
        written.push(text);
        listed.push((version, says_more));
    }
    let between = *dice.pick(&[", ", ",", " ,\t,"]);
    (written.join(between), Tags::Listed(listed))
}

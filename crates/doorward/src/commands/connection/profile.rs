//! Profiles, as `doorward connection` names and lists them.

use directory::connection::{Connection, Provider};
use scim::{Leniency, Profile};
use serde_json::{Value as Json, json};

use crate::{
    answer::Answer,
    table::{self, whole, wrapped},
};

/// Reads the name of a profile, with or without a version.
pub(super) fn parse(text: &str) -> Result<Profile, String> {
    Profile::parse(text).ok_or_else(|| {
        let names: Vec<&str> = Profile::ALL.iter().map(|profile| profile.name()).collect();
        format!("there is no such profile; the profiles are {}", names.join(", "))
    })
}

/// A profile that was chosen for a connection, or the default of its provider.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Choice(Option<Profile>);

impl Choice {
    /// Reads the name of a profile, or `default`.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        match text {
            "default" => Ok(Self(None)),
            _ => parse(text).map(|profile| Self(Some(profile))),
        }
    }

    pub(super) fn profile(self) -> Option<Profile> {
        self.0
    }
}

/// The profile of a connection, and where it comes from.
pub(super) fn described(connection: &Connection) -> String {
    let profile = connection.profile_in_force();
    match connection.profile {
        Some(_) => profile.to_string(),
        None => format!("{profile} (the default for {})", connection.provider),
    }
}

/// `doorward connection profiles`
pub(super) fn list() -> Answer {
    let profiles: Vec<Json> = Profile::ALL
        .iter()
        .map(|profile| {
            json!({
                "name": profile.to_string(),
                "default_for": default_for(*profile),
                "accepts_leniently": accepted(*profile),
            })
        })
        .collect();
    let leniencies: Vec<Json> = Leniency::ALL
        .iter()
        .map(|one| json!({ "keyword": one.keyword(), "description": one.description() }))
        .collect();
    let by_profile = table::columns(
        [whole("profile"), whole("default for"), wrapped("accepts leniently")],
        Profile::ALL.iter().map(|profile| {
            let providers = default_for(*profile).join(", ");
            let default_for = if providers.is_empty() { "-".to_owned() } else { providers };
            [profile.to_string(), default_for, summary(*profile)]
        }),
    );
    let described = table::columns(
        [whole("word"), wrapped("what is accepted")],
        Leniency::ALL.iter().map(|one| [one.keyword().to_owned(), one.description().to_owned()]),
    );
    let text = format!("{by_profile}\nWhat is accepted leniently:\n\n{described}");
    Answer::new(json!({ "profiles": profiles, "leniencies": leniencies }), text)
}

/// The words of what a profile accepts.
fn accepted(profile: Profile) -> Vec<&'static str> {
    profile.leniencies().map(Leniency::keyword).collect()
}

/// The same in few words: what is left out, where that is less.
fn summary(profile: Profile) -> String {
    let accepted = accepted(profile);
    let all = Leniency::ALL.iter().map(|one| one.keyword());
    let others: Vec<&str> = all.filter(|word| !accepted.contains(word)).collect();
    match (accepted.is_empty(), others.is_empty()) {
        (true, _) => "nothing".to_owned(),
        (_, true) => "everything below".to_owned(),
        _ if others.len() < accepted.len() => format!("everything but {}", others.join(", ")),
        _ => accepted.join(", "),
    }
}

/// The providers whose connections have this profile unless another was chosen.
fn default_for(profile: Profile) -> Vec<&'static str> {
    let all = Provider::ALL.iter().filter(|provider| provider.profile() == profile);
    all.map(|provider| provider.as_str()).collect()
}

//! Profiles, as `doorward connection` names and lists them.

use directory::connection::{Connection, Provider};
use scim::{Leniency, Profile};
use serde_json::{Value as Json, json};

use crate::{answer::Answer, table};

/// Reads the name of a profile, with or without a version.
pub(crate) fn parse(text: &str) -> Result<Profile, String> {
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
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        match text {
            "default" => Ok(Self(None)),
            _ => parse(text).map(|profile| Self(Some(profile))),
        }
    }

    pub(crate) fn profile(self) -> Option<Profile> {
        self.0
    }
}

/// The profile of a connection, and where it comes from.
pub(crate) fn described(connection: &Connection) -> String {
    let profile = connection.profile_in_force();
    match connection.profile {
        Some(_) => profile.to_string(),
        None => format!("{profile} (the default for {})", connection.provider),
    }
}

/// `doorward connection profiles`
pub(crate) fn list() -> Answer {
    let profiles: Vec<Json> = Profile::ALL
        .iter()
        .map(|profile| {
            json!({
                "name": profile.to_string(),
                "default_for": default_for(*profile),
                "forgives": profile.leniencies().map(Leniency::keyword).collect::<Vec<_>>(),
            })
        })
        .collect();
    let leniencies: Vec<Json> = Leniency::ALL
        .iter()
        .map(|one| json!({ "keyword": one.keyword(), "description": one.description() }))
        .collect();
    let header = row("forgives", |profile| profile.to_string());
    let forgiven = table::columns(
        header.each_ref().map(String::as_str),
        Leniency::ALL.iter().map(|leniency| {
            row(leniency.keyword(), |profile| {
                if profile.forgives(*leniency) { "yes" } else { "-" }.to_owned()
            })
        }),
    );
    let described = table::columns(
        ["word", "what it means"],
        Leniency::ALL.iter().map(|one| [one.keyword().to_owned(), one.description().to_owned()]),
    );
    let text = format!("{forgiven}\n{described}");
    Answer::new(json!({ "profiles": profiles, "leniencies": leniencies }), text)
}

/// A row of a table with a column for each profile.
fn row(first: &str, cell: impl Fn(Profile) -> String) -> [String; 1 + Profile::ALL.len()] {
    std::array::from_fn(|column| match column.checked_sub(1) {
        None => first.to_owned(),
        Some(at) => cell(Profile::ALL[at]),
    })
}

/// The providers whose connections have this profile unless another was chosen.
fn default_for(profile: Profile) -> Vec<&'static str> {
    let all = Provider::ALL.iter().filter(|provider| provider.profile() == profile);
    all.map(|provider| provider.as_str()).collect()
}

//! [`Sentence`]: what a request did, in words that an administrator acts on.

use directory::{Resource, User, event::Payload, sync_log::Served};
use percent_encoding::percent_decode_str;

use super::Told;
use crate::console::{
    icon::{Tag, Tone},
    words::Words,
};

/// What a request did, for whoever looks for one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::console) enum Act {
    Test,
    Import,
    LookUp,
    Create,
    Update,
    Deactivate,
    Reactivate,
    Delete,
    Group,
    Other,
}

/// A request told.
#[derive(Clone, Debug)]
pub(in crate::console) struct Sentence {
    pub(in crate::console) act: Act,
    pub(in crate::console) result: Tag,
    pub(in crate::console) text: String,
    /// What to press at the provider, where something is to be done.
    pub(in crate::console) help: Option<String>,
}

/// The endpoints that there are, by the first part of the path.
const ENDPOINTS: [&str; 9] = [
    "Users",
    "Groups",
    "Me",
    "Bulk",
    ".search",
    "Schemas",
    "ResourceTypes",
    "ServiceProviderConfig",
    "ServiceProviderConfigs",
];

/// So the answer begins to a removal that the guard holds.
const HELD: &str = "Held: ";

pub(super) fn of(told: &Told, words: &Words) -> Sentence {
    let served = &told.entry.served;
    let teller = Teller { told, served, words };
    let (act, text) = teller.text();
    let result = match served.status {
        500.. => Tag(Tone::Problem, "Failed"),
        429 => Tag(Tone::Waiting, "Waits"),
        400.. if act == Act::LookUp && served.status == 404 => Tag(Tone::Off, "Not here"),
        400.. => Tag(Tone::Problem, "Refused"),
        _ if served.notes.is_some() => Tag(Tone::Attention, "Corrected"),
        _ => Tag(Tone::Done, "Done"),
    };
    Sentence { act, result, help: teller.help(act), text }
}

struct Teller<'t> {
    told: &'t Told,
    served: &'t Served,
    words: &'t Words,
}

impl Teller<'_> {
    fn text(&self) -> (Act, String) {
        let Self { served, words, .. } = self;
        let who = words.provider;
        let path = served.path.trim_start_matches('/');
        let (endpoint, id) = path.split_once('/').unwrap_or((path, ""));
        let known = ENDPOINTS.iter().any(|known| known.eq_ignore_ascii_case(endpoint));
        match served.status {
            429 if served.detail.as_deref().is_some_and(|detail| detail.starts_with(HELD)) => {
                return (Act::Other, self.held());
            }
            429 => return (Act::Other, format!("{who} was asked to wait, and goes on by itself.")),
            500.. => {
                let text =
                    format!("We failed here and changed nothing. Reference {}.", served.request);
                return (Act::Other, text);
            }
            404 if !known && !endpoint.is_empty() => {
                return (Act::Other, format!("{who} called {}, which leads nowhere.", served.path));
            }
            _ => {}
        }
        match (endpoint, served.method.as_str()) {
            ("Users" | ".search", "GET") if id.is_empty() => self.list("users"),
            ("Groups", "GET") if id.is_empty() => self.list("groups"),
            ("Users" | "Groups", "POST") if id == ".search" => self.list(&endpoint.to_lowercase()),
            ("Users", "GET") => self.looked_at("someone"),
            ("Groups", "GET") => self.looked_at("a group"),
            ("Users", _) => self.user(),
            ("Groups", _) => self.group(),
            ("Bulk", _) => (Act::Other, format!("{who} sent many changes at once.")),
            ("Me", _) => (Act::Test, format!("{who} asked who it is.")),
            _ if served.status < 400 => {
                (Act::Test, format!("{who} asked what this side can do. It was told."))
            }
            _ => (Act::Other, self.refused("The request")),
        }
    }

    /// A removal that the guard holds.
    fn held(&self) -> String {
        let who = self.words.provider;
        let detail = self.served.detail.as_deref().unwrap_or_default();
        let reason = detail.split_inclusive('.').next().unwrap_or_default();
        let name = self.name().map(|name| format!(" It was about {name}.")).unwrap_or_default();
        let most = if who == "Okta" { ", at most ten times" } else { "" };
        format!(
            "{reason}{name} Release or refuse it under Held removals. {who} asks again by itself{most}."
        )
    }

    /// The name of the user or group, as it is now.
    fn name(&self) -> Option<String> {
        let resource: &Resource = self.told.target.as_ref()?;
        let user = User::try_from(resource.clone()).ok();
        let display = user.and_then(|user| user.display_name());
        Some(display.unwrap_or_else(|| resource.name().to_owned()))
    }

    fn someone(&self) -> String {
        self.name().unwrap_or_else(|| "someone who is not here any more".to_owned())
    }

    fn some_group(&self) -> String {
        self.name().unwrap_or_else(|| "a group that is not here any more".to_owned())
    }

    /// A parameter of the query.
    fn parameter(&self, wanted: &str) -> Option<String> {
        let pairs =
            self.served.query.as_deref()?.split('&').filter_map(|pair| pair.split_once('='));
        let mut values = pairs.filter(|(name, _)| name.eq_ignore_ascii_case(wanted));
        let value = values.next()?.1.replace('+', " ");
        Some(percent_decode_str(&value).decode_utf8_lossy().into_owned())
    }

    fn list(&self, what: &str) -> (Act, String) {
        let who = self.words.provider;
        if self.served.status >= 400 {
            return (Act::Other, self.refused("The question"));
        }
        let found = self.served.found.unwrap_or(0);
        if let Some(filter) = self.parameter("filter") {
            let sought = filter.split('"').nth(1).unwrap_or(&filter).to_owned();
            let end = if found > 0 { "and found it." } else { "which is not here yet." };
            return (
                Act::LookUp,
                format!("{who} looked for {sought}, {end}").replace(", and", " and"),
            );
        }
        let number = |name: &str| self.parameter(name).and_then(|text| text.parse::<i64>().ok());
        let first = number("startIndex").unwrap_or(1).max(1);
        let count = number("count").unwrap_or(100);
        if what == "users" && first == 1 && count <= 2 {
            return (Act::Test, format!("{who} tested the API credentials. They work."));
        }
        if found == 0 {
            return (Act::Import, format!("{who} read {what}; there are none yet."));
        }
        let last = (first + count - 1).min(found);
        (Act::Import, format!("{who} read {what} {first} to {last} of {found}."))
    }

    fn looked_at(&self, what: &str) -> (Act, String) {
        let who = self.words.provider;
        if self.served.status == 404 {
            return (
                Act::LookUp,
                format!("{who} asked for {what} who is not here.")
                    .replace("group who", "group that"),
            );
        }
        (
            Act::LookUp,
            format!("{who} looked at {}.", self.name().unwrap_or_else(|| what.to_owned())),
        )
    }

    fn user(&self) -> (Act, String) {
        let who = self.words.provider;
        if self.served.status == 404 {
            return (Act::Other, format!("{who} asked for someone who is not here."));
        }
        if self.served.status >= 400 {
            let what = self.name().unwrap_or_else(|| "A person".to_owned());
            return (Act::Other, self.refused(&what));
        }
        let name = self.someone();
        let told = self.told.events.iter().find_map(|event| match &event.payload {
            Payload::UserCreated(_) => Some((Act::Create, format!("{who} created {name}."))),
            Payload::UserArchived(_) => Some((
                Act::Deactivate,
                format!("{who} deactivated {name}. Sessions ended; everything is kept."),
            )),
            Payload::UserReactivated(_) => Some((
                Act::Reactivate,
                format!("{who} reactivated {name} with the same groups and roles."),
            )),
            Payload::UserUpdated(_) => {
                Some((Act::Update, format!("{who} changed the profile of {name}.")))
            }
            Payload::UserDeleted(_) => {
                Some((Act::Delete, format!("{who} deleted a user. The ID is kept for a return.")))
            }
            _ => None,
        });
        told.unwrap_or_else(|| match self.served.method.as_str() {
            "POST" => (Act::Create, format!("{who} linked {name}, who was here already.")),
            _ => (Act::Update, format!("{who} sent the profile of {name}; nothing was different.")),
        })
    }

    fn group(&self) -> (Act, String) {
        let who = self.words.provider;
        if self.served.status == 404 {
            return (Act::Other, format!("{who} asked for a group that is not here."));
        }
        if self.served.status >= 400 {
            let what = self.name().unwrap_or_else(|| "A group".to_owned());
            return (Act::Other, self.refused(&what));
        }
        let group = self.some_group();
        let told = self.told.events.iter().find_map(|event| match &event.payload {
            Payload::GroupCreated(_) => Some(format!("{who} pushed the group {group}.")),
            Payload::GroupDeleted(_) => {
                Some(format!("{who} deleted a group. Its members stay as users."))
            }
            Payload::GroupUpdated(change) => {
                let (added, removed) = (change.added.len(), change.removed.len());
                Some(if change.cleared {
                    format!("{who} replaced the members of {group}.")
                } else if added + removed > 0 {
                    format!("{who} added {added} and removed {removed} members in {group}.")
                } else if change.resource.is_some() {
                    format!("{who} changed the group {group}.")
                } else {
                    format!("{who} sent members of {group} that are not here yet.")
                })
            }
            _ => None,
        });
        let same = || format!("{who} sent the group {group}; nothing was different.");
        (Act::Group, told.unwrap_or_else(same))
    }

    fn refused(&self, what: &str) -> String {
        let why = self.served.detail.as_deref().unwrap_or("It could not be used.");
        format!("{what} was refused: {why}")
    }

    fn help(&self, act: Act) -> Option<String> {
        let Self { served, words, .. } = self;
        let retry = if served.path.starts_with("/Groups") { words.retry.1 } else { words.retry.0 };
        let who = words.provider;
        match served.status {
            0..400 | 429 => None,
            404 if act == Act::LookUp => None,
            404 if served.path.starts_with("/Users/") => {
                Some(format!("In {who}, unassign this person and assign again."))
            }
            404 => Some(format!("Copy the base URL into {} again.", words.url)),
            409 => Some(format!("In {who}, give one of the two another username, then {retry}.")),
            500.. => Some(format!("In {who}, {retry}.")),
            _ => Some(format!("Nothing was changed. Correct it in {who}, then {retry}.")),
        }
    }
}

//! `doorward organization admin-guard`

use anyhow::Result;
use clap::ValueEnum;
use directory::{
    Installation,
    organization::{self, Organization},
};
use serde_json::json;

use super::{find, view};
use crate::answer::Answer;

/// Whether the admin-lockout guard is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Wanted {
    /// On
    On,
    /// Off
    Off,
    /// On once someone has an administrator's role
    Auto,
}

impl Wanted {
    /// What an organization has.
    pub(super) fn of(organization: &Organization) -> Self {
        match organization.admin_guard {
            Some(true) => Self::On,
            Some(false) => Self::Off,
            None => Self::Auto,
        }
    }

    fn setting(self) -> Option<bool> {
        match self {
            Self::On => Some(true),
            Self::Off => Some(false),
            Self::Auto => None,
        }
    }

    /// The word in commands and answers.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::On => "on",
            Self::Off => "off",
            Self::Auto => "auto",
        }
    }

    /// For people.
    pub(super) fn described(self) -> &'static str {
        match self {
            Self::On => "on",
            Self::Off => "off",
            Self::Auto => "auto: on once someone has an administrator's role",
        }
    }
}

pub(super) async fn set(installation: &Installation, slug: &str, wanted: Wanted) -> Result<Answer> {
    let (access, before) = find(installation, slug).await?;
    let after = installation
        .store()
        .write(&access, move |writer| organization::set_admin_guard(writer, wanted.setting()))
        .await?;
    let changed = before.admin_guard != after.admin_guard;
    let mut json = view(&after);
    json["changed"] = json!(changed);
    let (name, guard) = (&after.name, wanted.described());
    let text = if changed {
        format!("The admin-lockout guard of {name} ({slug}) is {guard}.")
    } else {
        format!("The admin-lockout guard of {name} ({slug}) was {guard} already: nothing changed.")
    };
    Ok(Answer::new(json, text))
}

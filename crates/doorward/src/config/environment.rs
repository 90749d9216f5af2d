//! Variables.

use std::path::PathBuf;

use secrecy::SecretString;

use super::{
    error::{Origin, Problem},
    keys::{KEYS, PREFIX},
    settings::{Raw, Setting},
    suggest::suggestion,
};

/// Names the file.
const CONFIG: &str = "DOORWARD_CONFIG";
/// The token that `doorward simulate` shows: as a variable it is not in the list of processes.
const SIMULATE_TOKEN: &str = "DOORWARD_SIMULATE_TOKEN";

/// The variables of this process that are text. The only place where they are read.
pub fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

/// What the variables say.
#[derive(Default)]
pub(super) struct Variables {
    pub(super) config_file: Option<PathBuf>,
    pub(super) simulate_token: Option<SecretString>,
    pub(super) settings: Vec<Setting>,
    pub(super) unknown: Vec<Problem>,
}

/// Sorts out those that are ours.
pub(super) fn read(variables: impl Iterator<Item = (String, String)>) -> Variables {
    let mut read = Variables::default();
    for (name, value) in variables {
        if !name.starts_with(PREFIX) || value.is_empty() {
            continue;
        }
        if name == CONFIG {
            read.config_file = Some(value.into());
        } else if name == SIMULATE_TOKEN {
            read.simulate_token = Some(value.into());
        } else if let Some(key) = KEYS.iter().find(|key| key.variable() == name) {
            let origin = Origin::Variable(name);
            read.settings.push(Setting { key: key.name, raw: Raw::Text(value), origin });
        } else {
            let known = KEYS.iter().map(super::keys::Key::variable);
            let hint =
                suggestion(&name, known.chain([CONFIG.to_owned(), SIMULATE_TOKEN.to_owned()]));
            let message = format!("unknown variable{hint}");
            read.unknown.push(Problem { origin: Origin::Variable(name), message });
        }
    }
    // The order of the environment means nothing.
    read.unknown.sort_by(|a, b| a.origin.cmp(&b.origin));
    read
}

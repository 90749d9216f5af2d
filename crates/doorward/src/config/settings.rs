//! [`Settings`]: values by key, with their origin, before anyone knows what they mean.

use std::collections::BTreeMap;

use super::{
    error::{ConfigError, Origin, Problem},
    keys::KEYS,
};

/// A value as it was written.
#[derive(Clone)]
pub(super) enum Raw {
    Text(String),
    Integer(i64),
    List(Vec<String>),
}

/// A value and where it was written.
#[derive(Clone)]
pub(super) struct Setting {
    pub(super) key: &'static str,
    pub(super) raw: Raw,
    pub(super) origin: Origin,
}

/// Everything that was written, and what is wrong with it.
#[derive(Default)]
pub(super) struct Settings {
    values: BTreeMap<&'static str, Setting>,
    problems: Vec<Problem>,
}

impl Settings {
    /// Adds a value. It replaces a weaker one: call this from the weakest source to the strongest.
    pub(super) fn put(&mut self, setting: Setting) {
        self.values.insert(setting.key, setting);
    }

    pub(super) fn put_all(&mut self, settings: Vec<Setting>) {
        for setting in settings {
            self.put(setting);
        }
    }

    /// Notes a mistake.
    pub(super) fn problem(&mut self, origin: Origin, message: impl Into<String>) {
        self.problems.push(Problem { origin, message: message.into() });
    }

    /// Notes a mistake in a value that was written, if it was.
    pub(super) fn problem_at(&mut self, key: &'static str, message: &str) {
        if let Some(setting) = self.values.get(key) {
            let (origin, message) = (setting.origin.clone(), format!("`{key}`: {message}"));
            self.problem(origin, message);
        }
    }

    /// The value of a key, if it was written and can be understood. What cannot is a mistake.
    pub(super) fn get<T>(
        &mut self,
        key: &'static str,
        parse: impl FnOnce(&Raw) -> Result<T, String>,
    ) -> Option<T> {
        debug_assert!(KEYS.iter().any(|known| known.name == key), "{key} is not listed");
        match parse(&self.values.get(key)?.raw) {
            Ok(value) => Some(value),
            Err(message) => {
                self.problem_at(key, &message);
                None
            }
        }
    }

    /// As [`get`](Self::get), in place of a default.
    pub(super) fn set<T>(
        &mut self,
        key: &'static str,
        value: &mut T,
        parse: impl FnOnce(&Raw) -> Result<T, String>,
    ) {
        if let Some(set) = self.get(key, parse) {
            *value = set;
        }
    }

    /// Where a key was written, if it was.
    pub(super) fn origin(&self, key: &str) -> Option<&Origin> {
        self.values.get(key).map(|setting| &setting.origin)
    }

    /// # Errors
    ///
    /// Every mistake that was noted.
    pub(super) fn finish(self) -> Result<(), ConfigError> {
        if self.problems.is_empty() { Ok(()) } else { Err(ConfigError(self.problems)) }
    }
}

/// A text.
pub(super) fn text(raw: &Raw) -> Result<&str, String> {
    match raw {
        Raw::Text(text) => Ok(text.trim()),
        Raw::Integer(_) | Raw::List(_) => Err("a text in quotes is needed".to_owned()),
    }
}

//! The TOML file.

use std::{fs, ops::Range, path::Path};

use toml::de::{DeTable, DeValue};

use super::{
    error::Origin,
    keys::KEYS,
    settings::{Raw, Setting, Settings},
    suggest::suggestion,
};

/// The one table a file may have.
const LIMITS: &str = "limits";

/// Reads a file: its values become settings, its mistakes problems.
pub(super) fn read(path: &Path, settings: &mut Settings) {
    match fs::read_to_string(path) {
        Ok(text) => Document { path, text: &text, settings }.read(),
        Err(error) => {
            let origin = Origin::File { path: path.to_owned(), line: 0 };
            settings.problem(origin, format!("cannot be read: {error}"));
        }
    }
}

struct Document<'a> {
    path: &'a Path,
    text: &'a str,
    settings: &'a mut Settings,
}

impl Document<'_> {
    fn read(mut self) {
        match DeTable::parse(self.text) {
            Ok(table) => self.table("", table.get_ref()),
            Err(error) => {
                // Only the message: the line itself may hold a password.
                let origin = self.at(error.span().unwrap_or_default());
                self.settings.problem(origin, format!("is not TOML: {}", error.message()));
            }
        }
    }

    fn table(&mut self, prefix: &str, table: &DeTable<'_>) {
        for (key, value) in table {
            let origin = self.at(key.span());
            let name = format!("{prefix}{}", key.get_ref());
            match (KEYS.iter().find(|known| known.name == name), value.get_ref()) {
                (None, DeValue::Table(table)) if name == LIMITS => self.table("limits.", table),
                (None, _) if name == LIMITS => {
                    self.settings.problem(origin, "`limits` is a table: write `[limits]`");
                }
                (None, _) => {
                    let names = KEYS.iter().map(|known| known.name);
                    let hint = suggestion(&name, names);
                    self.settings.problem(origin, format!("unknown key `{name}`{hint}"));
                }
                (Some(known), value) => match raw(value) {
                    Some(raw) => self.settings.put(Setting { key: known.name, raw, origin }),
                    None => self.settings.problem(
                        origin,
                        format!("`{name}` must be a text, a whole number or a list of texts"),
                    ),
                },
            }
        }
    }

    /// The line a span begins in.
    fn at(&self, span: Range<usize>) -> Origin {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        Origin::File { path: self.path.to_owned(), line }
    }
}

fn raw(value: &DeValue<'_>) -> Option<Raw> {
    match value {
        DeValue::String(text) => Some(Raw::Text(text.clone().into_owned())),
        DeValue::Integer(number) => {
            let digits = number.as_str();
            i64::from_str_radix(digits, number.radix()).ok().map(Raw::Integer)
        }
        DeValue::Array(values) => {
            let texts = values.iter().map(|value| match value.get_ref() {
                DeValue::String(text) => Some(text.clone().into_owned()),
                _ => None,
            });
            texts.collect::<Option<_>>().map(Raw::List)
        }
        _ => None,
    }
}

//! The resource types of an organization: what Doorward ships, and what was registered for the
//! organization or for the whole installation.
//!
//! [`current`] answers them; [`register()`], [`remove`] and [`list`] are for operators. They are
//! held in memory as long as the organization's row names the version in which they were read.

pub(crate) mod fit;
pub(crate) mod index;
pub(crate) mod register;

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

use scim::schema::{Schemas, definition::Definition};

pub use self::register::{Registered, Scope, register, remove};
use crate::{
    clock::Time,
    db::{Reader, Row, Store, statements},
    error::Error,
    id::OrgNo,
    index::IndexNo,
};

statements! {
    VERSION = Sql { "select schemas from organization where org = $1" };
    DEFINITIONS = Sql {
        "select doc, created from definition where org = $1 order by created, name"
    };
    INSTALLED = Sql { "select doc, created from installation_definition order by created, name" };
    UNREADY = Sql { "select path from unready_index where org = $1" };
}

/// The resource types of the organization.
///
/// # Errors
///
/// [`Error::NotFound`] where the organization is gone.
pub fn current(reader: &mut Reader<'_>) -> Result<Arc<Schemas>, Error> {
    let version = reader.query_one(VERSION, &[])?.ok_or(Error::NotFound)?.int(0)?;
    reader.schemas_of(version)
}

/// A definition that is in force.
#[derive(Clone, Debug)]
pub struct Listed {
    /// What it holds.
    pub definition: Definition,
    /// Whether it is for the whole installation.
    pub installed: bool,
    /// When it was registered first.
    pub created: Time,
}

/// The definitions in force, in the order in which they build on each other: those of the
/// installation, then those of the organization.
///
/// # Errors
///
/// Those of the store.
pub fn list(reader: &mut Reader<'_>) -> Result<Vec<Listed>, Error> {
    let mut all = listed(reader.query_shared(INSTALLED)?, true)?;
    all.extend(listed(reader.query(DEFINITIONS, &[])?, false)?);
    Ok(all)
}

/// The definitions of the whole installation.
///
/// # Errors
///
/// Those of the store.
pub async fn installed(store: &Store) -> Result<Vec<Listed>, Error> {
    store.read_catalog(|catalog| listed(catalog.query(INSTALLED, &[])?, true)).await
}

fn listed(rows: Vec<Row>, installed: bool) -> Result<Vec<Listed>, Error> {
    rows.into_iter()
        .map(|mut row| {
            let created = Time::from_micros(row.int(1)?);
            Ok(Listed { definition: parse(&mut row)?, installed, created })
        })
        .collect()
}

fn parse(row: &mut Row) -> Result<Definition, Error> {
    serde_json::from_str(&row.text(0)?)
        .map_err(|error| Error::corrupt(format!("a definition cannot be read: {error}")))
}

/// The resource types of organizations, as they were read last.
#[derive(Debug, Default)]
pub(crate) struct Registry(Mutex<HashMap<OrgNo, (i64, Arc<Schemas>)>>);

/// So many organizations are kept in memory; then all are read anew.
const MOST_KEPT: usize = 100_000;

impl Registry {
    /// The resource types of an organization in this version.
    pub(crate) fn schemas(
        &self,
        reader: &mut Reader<'_>,
        version: i64,
    ) -> Result<Arc<Schemas>, Error> {
        let org = reader.org();
        let kept = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, schemas)) = kept().get(&org).filter(|(known, _)| *known == version) {
            return Ok(Arc::clone(schemas));
        }
        let schemas = load(reader)?;
        let mut kept = kept();
        if kept.len() >= MOST_KEPT {
            kept.clear();
        }
        kept.insert(org, (version, Arc::clone(&schemas)));
        Ok(schemas)
    }
}

fn load(reader: &mut Reader<'_>) -> Result<Arc<Schemas>, Error> {
    let listed = list(reader)?;
    if listed.is_empty() {
        return Ok(Schemas::builtin());
    }
    let schemas = built(listed.iter().map(|listed| &listed.definition))
        .map_err(|error| Error::corrupt(format!("a definition cannot be used: {error}")))?;
    let unready: BTreeSet<i64> =
        reader.query(UNREADY, &[])?.iter().map(|row| row.int(0)).collect::<Result<_, _>>()?;
    if unready.is_empty() {
        return Ok(Arc::new(schemas));
    }
    Ok(Arc::new(
        schemas.with_unready(|schema, path| unready.contains(&IndexNo::of(schema, path).number())),
    ))
}

/// What Doorward ships, and these definitions one after the other.
fn built<'d>(
    definitions: impl IntoIterator<Item = &'d Definition>,
) -> Result<Schemas, scim::schema::definition::DefinitionError> {
    definitions
        .into_iter()
        .try_fold((*Schemas::builtin()).clone(), |schemas, definition| schemas.with(definition))
}

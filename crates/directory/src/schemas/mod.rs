//! The resource types of an organization: what Doorward ships, and what was registered for the
//! organization or for the whole installation.
//!
//! [`current`] answers them; [`register()`], [`install`] and [`list`] are for operators. They are
//! held in memory as long as the organization's row names the version in which they were read.

pub(crate) mod fit;
pub(crate) mod index;
pub(crate) mod register;

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

use scim::schema::{Schemas, definition::Definition};

pub use self::register::{Registration, install, register, remove, uninstall};
use crate::{
    access::Verb,
    clock::Time,
    db::{Row, statements},
    error::{Error, Noun},
    id::OrgNo,
    installation::Installation,
    resource::index::IndexNo,
    store::Reader,
};

statements! {
    VERSION = Sql { "select schemas from organization_counter where org = $1" };
    DEFINITIONS = Sql {
        "select name, doc, created from schema_definition where org = $1 order by created, name"
    };
    INSTALLED = Sql {
        "select name, doc, created from installation_definition order by created, name"
    };
    UNREADY = Sql { "select path from unready_index where org = $1" };
}

/// The resource types of the organization.
///
/// # Errors
///
/// [`Error::NotFound`] where the organization is gone.
pub fn current(reader: &mut Reader<'_>) -> Result<Arc<Schemas>, Error> {
    let row = reader.query_one(VERSION, &[])?;
    let version = row.ok_or(Error::not_found(Noun::Organization))?.get("schemas")?;
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
/// [`Error::Denied`]; those of the store.
pub fn list(reader: &mut Reader<'_>) -> Result<Vec<Listed>, Error> {
    reader.permit(Verb::ReadOrganization)?;
    in_force(reader)
}

fn in_force(reader: &mut Reader<'_>) -> Result<Vec<Listed>, Error> {
    let mut all = listed(reader.query_shared(INSTALLED, &[])?, true)?;
    all.extend(listed(reader.query(DEFINITIONS, &[])?, false)?);
    Ok(all)
}

/// The definitions of the whole installation.
///
/// # Errors
///
/// Those of the store.
pub async fn installed(installation: &Installation) -> Result<Vec<Listed>, Error> {
    let read = installation.store().read_catalog(|catalog| {
        let rows = catalog.query(INSTALLED, &[])?;
        listed(rows, true)
    });
    read.await
}

fn listed(rows: Vec<Row>, installed: bool) -> Result<Vec<Listed>, Error> {
    let listed = |mut row: Row| {
        let text: String = row.get("doc")?;
        let definition = serde_json::from_str(&text).map_err(|error| row.damaged("doc", error))?;
        Ok(Listed { definition, installed, created: row.get("created")? })
    };
    rows.into_iter().map(listed).collect()
}

/// The resource types of organizations, as they were read last.
#[derive(Debug, Default)]
pub(crate) struct SchemaCache(Mutex<HashMap<OrgNo, (i64, Arc<Schemas>)>>);

/// So many organizations are kept in memory; then all are read anew.
const MOST_KEPT: usize = 100_000;

impl SchemaCache {
    /// The resource types of an organization in this version.
    pub(crate) fn get(&self, reader: &mut Reader<'_>, version: i64) -> Result<Arc<Schemas>, Error> {
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
    let listed = in_force(reader)?;
    if listed.is_empty() {
        return Ok(Schemas::builtin());
    }
    let schemas = built(listed.iter().map(|listed| &listed.definition))
        .map_err(|error| Error::damaged("schema_definition", "", error.to_string()))?;
    let rows = reader.query(UNREADY, &[])?.into_iter();
    let unready: BTreeSet<IndexNo> =
        rows.map(|mut row| row.get("path")).collect::<Result<_, _>>()?;
    if unready.is_empty() {
        return Ok(Arc::new(schemas));
    }
    Ok(Arc::new(schemas.with_unready(|schema, path| unready.contains(&IndexNo::of(schema, path)))))
}

/// What Doorward ships, and these definitions one after the other.
fn built<'d>(
    definitions: impl IntoIterator<Item = &'d Definition>,
) -> Result<Schemas, scim::schema::definition::DefinitionError> {
    definitions
        .into_iter()
        .try_fold((*Schemas::builtin()).clone(), |schemas, definition| schemas.with(definition))
}

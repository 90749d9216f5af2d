//! Registering and removing definitions, for one organization or for the whole installation.

use scim::schema::{Schemas, definition::Definition};

use super::{Listed, built, fit, in_force, index};
use crate::{
    access::{Access, Verb},
    audit::{self, kinds},
    db::statements,
    error::{Error, Noun},
    installation::Installation,
    organization,
    resource::index::IndexNo,
    store::{Catalog, Reader, Store, Writer},
};

statements! {
    PUT = Sql {
        "insert into schema_definition (org, name, doc, created) values ($1, $2, $3, $4) \
         on conflict (org, name) do update set doc = excluded.doc"
    };
    DELETE = Sql { "delete from schema_definition where org = $1 and name = $2" };
    INSTALL = Sql {
        "insert into installation_definition (name, doc, created) values ($1, $2, $3) \
         on conflict (name) do update set doc = excluded.doc"
    };
    UNINSTALL = Sql { "delete from installation_definition where name = $1" };
}

/// For whom a definition is registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope {
    /// For every organization, also those to come.
    Installation,
    /// For one organization.
    Organization,
}

impl Scope {
    /// The word in records.
    fn word(self) -> String {
        match self {
            Self::Installation => "installation".to_owned(),
            Self::Organization => "organization".to_owned(),
        }
    }
}

/// What became of a registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Registration {
    /// Whether there was a definition of this name already.
    pub replaced: bool,
    /// How many resources were read to fill new indexes.
    pub indexed: u64,
}

/// The largest definition, in bytes of JSON.
pub(crate) const LARGEST: usize = 512 * 1024;
/// The most definitions in force for one organization.
pub(crate) const MOST: usize = 50;

fn text_of(definition: &Definition) -> Result<String, Error> {
    let text = serde_json::to_string(definition).map_err(|error| Error::Store(Box::new(error)))?;
    if text.len() > LARGEST {
        return Err(Error::invalid(
            "definition",
            format!("A definition may have {LARGEST} bytes at most."),
        ));
    }
    Ok(text)
}

/// Registers a definition for an organization, or puts a new one in the place of one with the same
/// name. `progress` hears how many resources have been read to fill new indexes.
///
/// Where it was stopped half-way, doing it again finishes it.
///
/// # Errors
///
/// [`Error::Invalid`] where the definition cannot be used together with what is registered
/// already; [`Error::Conflict`] where it would take away what resources carry; [`Error::Denied`].
pub async fn register(
    store: &Store,
    access: &Access,
    definition: &Definition,
    progress: &mut (dyn FnMut(u64) + Send),
) -> Result<Registration, Error> {
    let text = text_of(definition)?;
    let wanted = definition.clone();
    let replaced = store
        .write(access, move |writer| {
            writer.permit(Verb::ManageSchemas)?;
            let name = wanted.name.as_str();
            let (replaced, unfilled) = prepare(writer, Scope::Organization, Some(&wanted), name)?;
            index::mark(writer, &unfilled)?;
            let now = writer.now();
            writer.send(PUT, &[name.into(), (&text).into(), now.into()])?;
            registered(writer, Scope::Organization, name)?;
            Ok::<_, Error>(replaced)
        })
        .await?;
    let indexed = index::fill(store, access.org(), progress).await?;
    Ok(Registration { replaced, indexed })
}

/// Removes a definition of an organization that no resource uses.
///
/// # Errors
///
/// [`Error::NotFound`] where there is none of this name; [`Error::Conflict`] where resources carry
/// what it defines; [`Error::Invalid`] where another definition builds on it; [`Error::Denied`].
pub async fn remove(store: &Store, access: &Access, name: &str) -> Result<(), Error> {
    let name = name.to_owned();
    store
        .write(access, move |writer| {
            writer.permit(Verb::ManageSchemas)?;
            let (known, _) = prepare(writer, Scope::Organization, None, &name)?;
            if !known {
                return Err(Error::no_such(Noun::Definition, name.as_str()));
            }
            writer.send(DELETE, &[(&name).into()])?;
            removed(writer, Scope::Organization, &name)
        })
        .await
}

/// Registers a definition for every organization, as [`register`] does for one.
///
/// # Errors
///
/// As there, for any of the organizations.
pub async fn install(
    installation: &Installation,
    definition: &Definition,
    progress: &mut (dyn FnMut(u64) + Send),
) -> Result<Registration, Error> {
    installation.permit(Verb::ManageSchemas)?;
    let text = text_of(definition)?;
    let store = installation.store();
    let all = everyone(installation).await?;
    for access in &all {
        let wanted = definition.clone();
        store
            .write(access, move |writer| {
                let scope = Scope::Installation;
                let (_, unfilled) = prepare(writer, scope, Some(&wanted), &wanted.name)?;
                index::mark(writer, &unfilled)
            })
            .await?;
    }
    let (name, by) = (definition.name.clone(), installation.by());
    let replaced = store
        .write_catalog(move |catalog| {
            let replaced = installed(catalog, &name)?;
            let now = catalog.now;
            catalog.send(INSTALL, &[(&name).into(), (&text).into(), now.into()])?;
            let payload = kinds::SchemaRegistered { scope: Scope::Installation.word() };
            audit::record_for_installation(catalog, (&by.0, by.1), &name, payload)?;
            Ok(replaced)
        })
        .await?;
    tell_everyone(installation, &definition.name, registered).await?;
    let mut indexed = 0;
    for access in &all {
        let before = indexed;
        let progress = &mut |seen| progress(before + seen);
        indexed += index::fill(store, access.org(), progress).await?;
    }
    Ok(Registration { replaced, indexed })
}

/// Removes a definition of the installation that no resource uses.
///
/// # Errors
///
/// As [`remove`], for any of the organizations.
pub async fn uninstall(installation: &Installation, name: &str) -> Result<(), Error> {
    installation.permit(Verb::ManageSchemas)?;
    let store = installation.store();
    let wanted = name.to_owned();
    if !store.read_catalog(move |catalog| installed(catalog, &wanted)).await? {
        return Err(Error::no_such(Noun::Definition, name));
    }
    for access in everyone(installation).await? {
        let name = name.to_owned();
        store
            .write(&access, move |writer| {
                prepare(writer, Scope::Installation, None, &name).map(drop)
            })
            .await?;
    }
    let (gone, by) = (name.to_owned(), installation.by());
    store
        .write_catalog(move |catalog| {
            catalog.send(UNINSTALL, &[(&gone).into()])?;
            let payload = kinds::SchemaRemoved { scope: Scope::Installation.word() };
            audit::record_for_installation(catalog, (&by.0, by.1), &gone, payload)
        })
        .await?;
    tell_everyone(installation, name, removed).await
}

/// Makes sure that an organization can do with a definition in the place of the one with this
/// name, or without it. Answers whether there was one, and the indexes that have to be filled.
fn prepare(
    reader: &mut Reader<'_>,
    scope: Scope,
    definition: Option<&Definition>,
    name: &str,
) -> Result<(bool, Vec<IndexNo>), Error> {
    let installed = scope == Scope::Installation;
    let listed = in_force(reader)?;
    let place = listed.iter().position(|listed| listed.definition.name == name);
    if place.is_some_and(|at| listed[at].installed != installed) {
        let whom = if installed { "an organization" } else { "the whole installation" };
        return Err(Error::conflict(
            "definition",
            format!("The name {name} is in use for {whom}."),
        ));
    }
    let mut wanted: Vec<&Definition> = listed.iter().map(|listed| &listed.definition).collect();
    match (place, definition) {
        (Some(at), Some(definition)) => wanted[at] = definition,
        (Some(at), None) => drop(wanted.remove(at)),
        (None, Some(definition)) if installed => {
            let at = listed.iter().filter(|listed| listed.installed).count();
            wanted.insert(at, definition);
        }
        (None, Some(definition)) => wanted.push(definition),
        (None, None) => {}
    }
    if wanted.len() > MOST {
        return Err(Error::conflict(
            "definition",
            format!("There are {MOST} definitions already."),
        ));
    }
    let before = of(&listed)?;
    let after = built(wanted).map_err(|error| Error::invalid("definition", error.to_string()))?;
    Ok((place.is_some(), fit::check(reader, &before, &after)?))
}

fn of(listed: &[Listed]) -> Result<Schemas, Error> {
    built(listed.iter().map(|listed| &listed.definition))
        .map_err(|error| Error::damaged("schema_definition", "", error.to_string()))
}

fn installed(catalog: &mut Catalog<'_>, name: &str) -> Result<bool, Error> {
    for mut row in catalog.query(super::INSTALLED, &[])? {
        if row.get::<String>("name")? == name {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Makes every organization read its resource types anew, and tells why in its audit.
async fn tell_everyone(
    installation: &Installation,
    name: &str,
    tell: fn(&mut Writer<'_>, Scope, &str) -> Result<(), Error>,
) -> Result<(), Error> {
    for access in everyone(installation).await? {
        let name = name.to_owned();
        let told = installation
            .store()
            .write(&access, move |writer| tell(writer, Scope::Installation, &name))
            .await;
        match told {
            // It was deleted meanwhile.
            Ok(()) | Err(Error::NotFound { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn registered(writer: &mut Writer<'_>, scope: Scope, name: &str) -> Result<(), Error> {
    writer.renew_schemas();
    audit::record(writer, name, kinds::SchemaRegistered { scope: scope.word() })
}

fn removed(writer: &mut Writer<'_>, scope: Scope, name: &str) -> Result<(), Error> {
    writer.renew_schemas();
    audit::record(writer, name, kinds::SchemaRemoved { scope: scope.word() })
}

async fn everyone(installation: &Installation) -> Result<Vec<Access>, Error> {
    let all = organization::list(installation).await?;
    Ok(all.into_iter().map(|(access, _)| access).collect())
}

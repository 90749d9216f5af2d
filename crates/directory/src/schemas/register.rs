//! Registering and removing definitions.

use scim::schema::{Schemas, definition::Definition};
use serde_json::json;

use super::{Listed, built, fit, index, list};
use crate::{
    db::{Catalog, Reader, Store, Writer, statements},
    error::Error,
    event::{self, Actor, EventKind},
    index::IndexNo,
    organization::{self, Tenant},
};

statements! {
    PUT = Sql {
        "insert into definition (org, name, doc, created) values ($1, $2, $3, $4) \
         on conflict (org, name) do update set doc = excluded.doc"
    };
    DELETE = Sql { "delete from definition where org = $1 and name = $2" };
    INSTALL = Sql {
        "insert into installation_definition (name, doc, created) values ($1, $2, $3) \
         on conflict (name) do update set doc = excluded.doc"
    };
    UNINSTALL = Sql { "delete from installation_definition where name = $1" };
}

/// For whom a definition is registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// For every organization, also those to come.
    Installation,
    /// For one organization.
    Organization(Tenant),
}

/// What became of a registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Registered {
    /// Whether there was a definition of this name already.
    pub replaced: bool,
    /// How many resources were read to fill new indexes.
    pub indexed: u64,
}

/// The largest definition, in bytes of JSON.
const LARGEST: usize = 512 * 1024;
/// The most definitions in force for one organization.
const MOST: usize = 50;

/// Registers a definition, or puts a new one in the place of one with the same name. `progress`
/// hears how many resources have been read to fill new indexes.
///
/// Where it was stopped half-way, doing it again finishes it.
///
/// # Errors
///
/// [`Error::Refused`] where the definition cannot be used, together with what is registered for
/// any of the organizations, or would take away what resources carry.
pub async fn register(
    store: &Store,
    scope: Scope,
    definition: &Definition,
    progress: &mut (dyn FnMut(u64) + Send),
) -> Result<Registered, Error> {
    let text = serde_json::to_string(definition).map_err(|error| Error::Store(Box::new(error)))?;
    if text.len() > LARGEST {
        return Err(Error::refused(format!("a definition may have {LARGEST} bytes at most")));
    }
    let tenants = match scope {
        Scope::Organization(tenant) => vec![tenant],
        Scope::Installation => everybody(store).await?,
    };
    let mut replaced = false;
    for tenant in &tenants {
        let (definition, text) = (definition.clone(), text.clone());
        replaced = store
            .write(tenant, &Actor::Operator, move |writer| {
                let (replaced, unfilled) =
                    prepare(writer, scope, Some(&definition), &definition.name)?;
                index::mark(writer, &unfilled)?;
                if let Scope::Organization(_) = scope {
                    let now = writer.now().as_micros();
                    let name = definition.name.as_str();
                    writer.execute(PUT, &[name.into(), (&text).into(), now.into()])?;
                    announce(writer, EventKind::SchemaRegistered, scope, name)?;
                }
                Ok(replaced)
            })
            .await?;
    }
    if scope == Scope::Installation {
        replaced = install(store, definition, text).await?;
        tell_everybody(store, EventKind::SchemaRegistered, &definition.name).await?;
    }
    let mut indexed = 0;
    for tenant in &tenants {
        let before = indexed;
        indexed += index::fill(store, tenant, &mut |seen| progress(before + seen)).await?;
    }
    Ok(Registered { replaced, indexed })
}

/// Removes a definition that no resource uses.
///
/// # Errors
///
/// [`Error::NotFound`] where there is none of this name; [`Error::Refused`] where resources carry
/// what it defines, or another definition builds on it.
pub async fn remove(store: &Store, scope: Scope, name: &str) -> Result<(), Error> {
    let tenants = match scope {
        Scope::Organization(tenant) => vec![tenant],
        Scope::Installation => {
            let known = store
                .read_catalog({
                    let name = name.to_owned();
                    move |catalog| installed(catalog, &name)
                })
                .await?;
            if !known {
                return Err(Error::NotFound);
            }
            everybody(store).await?
        }
    };
    for tenant in &tenants {
        let name = name.to_owned();
        store
            .write(tenant, &Actor::Operator, move |writer| {
                let (known, _) = prepare(writer, scope, None, &name)?;
                if let Scope::Organization(_) = scope {
                    if !known {
                        return Err(Error::NotFound);
                    }
                    writer.execute(DELETE, &[name.as_str().into()])?;
                    announce(writer, EventKind::SchemaRemoved, scope, &name)?;
                }
                Ok(())
            })
            .await?;
    }
    if scope == Scope::Installation {
        let gone = name.to_owned();
        store
            .write_catalog(move |catalog| {
                catalog.execute(UNINSTALL, &[gone.as_str().into()]).map(drop)
            })
            .await?;
        tell_everybody(store, EventKind::SchemaRemoved, name).await?;
    }
    Ok(())
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
    let listed = list(reader)?;
    let place = listed.iter().position(|listed| listed.definition.name == name);
    if place.is_some_and(|at| listed[at].installed != installed) {
        return Err(Error::refused(format!(
            "the name {name} is in use for {}",
            if installed { "an organization" } else { "the whole installation" }
        )));
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
        return Err(Error::refused(format!("there are {MOST} definitions already")));
    }
    let before = of(&listed)?;
    let after = built(wanted).map_err(|error| Error::refused(error.to_string()))?;
    Ok((place.is_some(), fit::check(reader, &before, &after)?))
}

fn of(listed: &[Listed]) -> Result<Schemas, Error> {
    built(listed.iter().map(|listed| &listed.definition))
        .map_err(|error| Error::corrupt(format!("a definition cannot be used: {error}")))
}

async fn install(store: &Store, definition: &Definition, text: String) -> Result<bool, Error> {
    let name = definition.name.clone();
    store
        .write_catalog(move |catalog| {
            let replaced = installed(catalog, &name)?;
            let now = catalog.now.as_micros();
            catalog.execute(INSTALL, &[name.as_str().into(), (&text).into(), now.into()])?;
            Ok(replaced)
        })
        .await
}

fn installed(catalog: &mut Catalog<'_>, name: &str) -> Result<bool, Error> {
    let rows = catalog.query(super::INSTALLED, &[])?;
    for mut row in rows {
        if super::parse(&mut row)?.name == name {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Makes every organization read its resource types anew, and tells why in its events.
async fn tell_everybody(store: &Store, kind: EventKind, name: &str) -> Result<(), Error> {
    for tenant in everybody(store).await? {
        let name = name.to_owned();
        let told = store
            .write(&tenant, &Actor::Operator, move |writer| {
                announce(writer, kind, Scope::Installation, &name)
            })
            .await;
        match told {
            // It was deleted meanwhile.
            Ok(()) | Err(Error::NotFound) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn announce(
    writer: &mut Writer<'_>,
    kind: EventKind,
    scope: Scope,
    name: &str,
) -> Result<(), Error> {
    writer.renew_schemas();
    let scope = match scope {
        Scope::Installation => "installation",
        Scope::Organization(_) => "organization",
    };
    event::emit(writer, kind, name, &json!({ "scope": scope }))
}

async fn everybody(store: &Store) -> Result<Vec<Tenant>, Error> {
    Ok(organization::list(store).await?.into_iter().map(|(tenant, _)| tenant).collect())
}

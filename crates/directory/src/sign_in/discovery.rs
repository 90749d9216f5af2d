//! Home-realm discovery: from what a person types to the connection through which it signs in.

use crate::{
    access::Access,
    connection::{self, State as ConnectionState},
    domain::{self, DomainName},
    error::Error,
    id::{ConnectionId, ConnectionNo},
    organization::{self, Slug},
    resource::{Kind, by_name, index},
    saml::{self, State},
    store::{Reader, Store},
};

/// The longest text that is looked at, in characters.
pub(crate) const LONGEST: usize = 320;

/// The connection through which whoever has this e-mail address, or belongs to the organization with
/// this slug, signs in. `None`: none is known.
///
/// An address leads on by its domain, which one organization has verified; where several connections
/// are in use there, by the one that manages the user with that userName, else by the oldest.
///
/// # Errors
///
/// Those of the store.
pub async fn discover(store: &Store, typed: &str) -> Result<Option<ConnectionId>, Error> {
    let typed = typed.trim();
    if typed.chars().count() > LONGEST {
        return Ok(None);
    }
    let by_domain = DomainName::of_address(typed);
    let by_slug = Slug::parse(&typed.to_ascii_lowercase()).ok();
    let (domain, slug) = (by_domain.clone(), by_slug);
    let org = store.read_catalog(move |catalog| match (&domain, &slug) {
        (Some(domain), _) => domain::home(catalog, domain),
        (None, Some(slug)) => organization::org_of(catalog, slug),
        (None, None) => Ok(None),
    });
    let Some(org) = org.await? else { return Ok(None) };
    let (address, user_name) = (by_domain.map(|_| typed.to_owned()), index::folded_key(typed));
    let access = Access::system(org);
    let found = store.read(&access, move |reader| {
        match organization::read(reader) {
            Err(Error::NotFound { .. }) => return Ok(None),
            read => read.map(drop)?,
        }
        if let Some(address) = &address
            && !domain::verifies(reader, address)?
        {
            return Ok(None);
        }
        choose(reader, address.as_ref().map(|_| user_name.as_str()))
    });
    found.await
}

/// The connection through which a user of the organization signs in.
fn choose(reader: &mut Reader<'_>, user_name: Option<&str>) -> Result<Option<ConnectionId>, Error> {
    let mut open: Vec<(ConnectionNo, ConnectionId)> = Vec::new();
    for connection in connection::all(reader)? {
        let is_open = connection.state == ConnectionState::Active
            && saml::of(reader, connection.no())?.state == State::Enforced;
        if is_open {
            open.push((connection.no(), connection.id));
        }
    }
    if open.len() > 1
        && let Some(user_name) = user_name
        && let Some(user) = by_name(reader, Kind::USER, user_name)?
        && let Some(manager) = open.iter().find(|(no, _)| Some(*no) == user.managed_by)
    {
        return Ok(Some(manager.1));
    }
    Ok(open.first().map(|(_, id)| *id))
}

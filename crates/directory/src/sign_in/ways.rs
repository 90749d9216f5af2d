//! [`ways`]: the connections through which people of an organization sign in.

use super::SamlConnection;
use crate::{
    access::Access,
    connection,
    error::Error,
    id::OrgNo,
    oauth::Client,
    organization,
    store::{Reader, Store},
};

/// The connections through which people of an organization sign in now, which is named by its id or its
/// slug. An organization that does not exist has none.
///
/// # Errors
///
/// Those of the store.
pub async fn ways(store: &Store, organization: &str) -> Result<Vec<SamlConnection>, Error> {
    let name = organization.to_owned();
    let org = store.read_catalog(move |catalog| organization::org_named(catalog, &name)).await?;
    match org {
        None => Ok(Vec::new()),
        Some(org) => of_organization(store, org).await,
    }
}

/// The connections through which people sign in to an application of one organization; none where it serves
/// people of any.
///
/// # Errors
///
/// Those of the store.
pub async fn ways_of(store: &Store, client: &Client) -> Result<Vec<SamlConnection>, Error> {
    if client.is_of_installation() {
        return Ok(Vec::new());
    }
    of_organization(store, client.home()).await
}

async fn of_organization(store: &Store, org: OrgNo) -> Result<Vec<SamlConnection>, Error> {
    // To look them up is Doorward's own business; what is done with one is the sign-in's.
    let access = Access::system(org);
    let look = |reader: &mut Reader<'_>| {
        let organization = match organization::read(reader) {
            Err(Error::NotFound { .. }) => return Ok(Vec::new()),
            read => read?,
        };
        let mut ways = Vec::new();
        for connection in connection::all(reader)? {
            let way = SamlConnection::read(reader, organization.clone(), connection)?;
            if way.is_open() {
                ways.push(way);
            }
        }
        Ok(ways)
    };
    store.read_unproven(&access, look).await
}

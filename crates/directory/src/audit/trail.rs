//! [`Trail`]: an audit, whoever's it is, as operators read it.

use super::{AuditEntry, INSTALLATION, Payload, after, newest};
use crate::{
    access::Access,
    error::{Error, Noun},
    id::{AuditNo, OrgNo},
    installation::Installation,
    organization::{self, Slug},
    store::Store,
};

/// An audit: that of the installation, of an organization, or of one that was deleted.
///
/// Its access may be to a number that is no organization's, so it gives it to no one.
#[derive(Clone, Debug)]
pub struct Trail {
    store: Store,
    access: Access,
}

impl Trail {
    /// The installation's own.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] where whoever acts does not reach the installation.
    pub fn of_installation(installation: &Installation) -> Result<Self, Error> {
        Self::of(installation, INSTALLATION)
    }

    /// That of an organization.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`].
    pub async fn of_organization(installation: &Installation, slug: &Slug) -> Result<Self, Error> {
        let (access, _) = organization::find(installation, slug).await?;
        Ok(Self { store: installation.store().clone(), access })
    }

    /// That of an organization that was deleted, by its id or its number: the installation's own
    /// audit tells both.
    ///
    /// Cost: O(the installation's own audit).
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`].
    pub async fn of_deleted(installation: &Installation, name: &str) -> Result<Self, Error> {
        const PIECE: u32 = 1_000;
        let own = Self::of_installation(installation)?;
        let mut last = AuditNo::START;
        loop {
            let entries = own.after(last, PIECE).await?;
            let newest = entries.last().ok_or_else(|| Error::no_such(Noun::Deleted, name))?;
            last = newest.no;
            let number = entries.iter().find_map(|entry| match &entry.payload {
                Payload::OrganizationDeleted(gone) => {
                    let is_named = entry.target == name || gone.number.to_string() == name;
                    is_named.then_some(gone.number)
                }
                _ => None,
            });
            if let Some(number) = number {
                return Self::of(installation, OrgNo(number));
            }
        }
    }

    fn of(installation: &Installation, org: OrgNo) -> Result<Self, Error> {
        Ok(Self { store: installation.store().clone(), access: installation.access(org)? })
    }

    /// The number of the newest entry.
    ///
    /// # Errors
    ///
    /// [`Error::Denied`]; those of the store.
    pub async fn newest(&self) -> Result<AuditNo, Error> {
        self.store.read(&self.access, newest).await
    }

    /// The entries after one, in order, at most `limit`.
    ///
    /// # Errors
    ///
    /// [`Error::Denied`]; those of the store.
    pub async fn after(&self, no: AuditNo, limit: u32) -> Result<Vec<AuditEntry>, Error> {
        self.store.read(&self.access, move |reader| after(reader, no, limit)).await
    }
}

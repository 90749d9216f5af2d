//! [`Installation`]: whatever reaches across organizations.
//!
//! Only the command line and the programs of the installation make one; each verb asks it for its right. Making, finding and deleting
//! organizations, plans, settings and installation-wide schemas hang on it.

pub(crate) mod folding;
pub(crate) mod key;
pub(crate) mod settings;

pub(crate) use self::settings::Cache;
pub use self::settings::Setting;
use crate::{
    access::{Access, Principal, Verb},
    error::Error,
    id::{OrgNo, RequestId},
    organization::Organization,
    store::Store,
};

/// The right to act on the whole installation.
#[derive(Clone, Debug)]
pub struct Installation {
    store: Store,
    principal: Principal,
    request: Option<RequestId>,
}

impl Installation {
    /// The installation in the hands of whoever may run commands on its store: an operator.
    ///
    /// Nothing that serves requests may call this (`clippy.toml` says so).
    #[must_use]
    pub fn of_command_line(store: &Store) -> Self {
        let request = RequestId::new(store.random());
        Self { store: store.clone(), principal: Principal::OPERATOR, request: Some(request) }
    }

    /// The installation in the hands of one of its programs.
    pub(crate) fn of_program(
        store: &Store,
        principal: Principal,
        request: Option<RequestId>,
    ) -> Self {
        Self { store: store.clone(), principal, request }
    }

    /// The installation in the hands of Doorward's own upkeep.
    pub(crate) fn of_upkeep(store: &Store) -> Self {
        Self { store: store.clone(), principal: Principal::SYSTEM, request: None }
    }

    /// Makes sure that whoever acts may do this.
    ///
    /// # Errors
    ///
    /// [`Error::Denied`].
    pub(crate) fn permit(&self, verb: Verb) -> Result<(), Error> {
        self.principal.permit(verb)
    }

    /// The store.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Who acts.
    pub(crate) fn by(&self) -> (Principal, Option<RequestId>) {
        (self.principal.clone(), self.request)
    }

    /// The access of whoever acts to an organization.
    pub(crate) fn access(&self, org: OrgNo) -> Result<Access, Error> {
        let access = self.principal.clone().on(org)?;
        Ok(match self.request {
            Some(request) => access.for_request(request),
            None => access,
        })
    }
}

/// An organization, and the access of whoever found it.
pub type Found = (Access, Organization);

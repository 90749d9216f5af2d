//! The resource types of an organization: what Doorward ships, and what was registered.

use std::sync::Arc;

use scim::schema::Schemas;

use crate::{
    db::{Reader, statements},
    error::Error,
};

statements! {
    VERSION = Sql { "select schemas from organization where org = $1" };
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

/// The resource types of organizations, as they were read last.
#[derive(Debug, Default)]
pub(crate) struct Registry {}

impl Registry {
    /// The resource types of an organization in this version.
    pub(crate) fn schemas(
        &self,
        _reader: &mut Reader<'_>,
        _version: i64,
    ) -> Result<Arc<Schemas>, Error> {
        Ok(Schemas::builtin())
    }
}

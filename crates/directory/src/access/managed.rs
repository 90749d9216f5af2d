//! What an identity provider manages is changed there, and not here.

use crate::{
    connection,
    error::{Error, Rule},
    id::ConnectionNo,
    resource::Resource,
    store::Writer,
};

/// Makes sure that whoever writes may change a resource: local acts do not change, archive or
/// delete what a provider manages. They may bring back what was lost of it.
///
/// # Errors
///
/// [`Error::Denied`] that says where it is changed.
pub(crate) fn require_change(writer: &mut Writer<'_>, resource: &Resource) -> Result<(), Error> {
    let is_local = writer.managing().is_none() && !writer.is_bringing_back();
    match resource.managed_by.filter(|_| is_local) {
        Some(no) => refuse(writer, resource, no),
        None => Ok(()),
    }
}

/// Refuses a change of what a connection manages. What a deleted one managed is managed by none.
///
/// # Errors
///
/// [`Error::Denied`] that says where it is changed.
pub(crate) fn refuse(
    writer: &mut Writer<'_>,
    resource: &Resource,
    manager: ConnectionNo,
) -> Result<(), Error> {
    let Some(connection) = connection::by_no(writer, manager)? else { return Ok(()) };
    Err(Error::denied(
        Rule::ManagedElsewhere,
        format!(
            "\"{}\" is managed by the connection {} ({}). Change it at the identity provider.",
            resource.name(),
            connection.label(),
            connection.provider
        ),
    ))
}

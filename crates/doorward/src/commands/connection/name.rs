//! Connections as people name them.

use std::collections::HashMap;

use anyhow::Result;
use directory::{
    Access, ConnectionId, ConnectionNo, Store,
    connection::{self, Connection},
};

/// The connections of one organization, by their numbers and ids: who manages a user, who asked
/// for a change.
#[derive(Debug, Default)]
pub(crate) struct Names(HashMap<ConnectionNo, Connection>);

impl Names {
    /// Reads them.
    pub(crate) async fn read(store: &Store, access: &Access) -> Result<Self> {
        let all = store.read(access, connection::list).await?;
        Ok(Self(all.into_iter().map(|connection| (connection.no(), connection)).collect()))
    }

    /// The connection that manages something. One that was deleted manages nothing.
    pub(crate) fn manager(&self, number: Option<ConnectionNo>) -> Option<&Connection> {
        self.0.get(&number?)
    }

    /// Who did something, in a table: a connection by its name, or by its provider.
    pub(crate) fn principal(&self, principal: &str) -> String {
        match principal.strip_prefix("connection:") {
            None => principal.to_owned(),
            Some(id) => match self.by_id(id) {
                Some(connection) => Self::short(Some(connection)),
                None => "a deleted connection".to_owned(),
            },
        }
    }

    fn by_id(&self, id: &str) -> Option<&Connection> {
        let id = ConnectionId::parse(id)?;
        self.0.values().find(|connection| connection.id == id)
    }

    /// A connection in a table: its name, or its provider.
    pub(crate) fn short(connection: Option<&Connection>) -> String {
        connection.map_or_else(
            || "-".to_owned(),
            |connection| connection.name.clone().unwrap_or_else(|| connection.provider.to_string()),
        )
    }

    /// A connection on a sheet: its name or provider, and its id.
    pub(crate) fn long(connection: Option<&Connection>) -> String {
        match connection {
            None => "no connection".to_owned(),
            Some(connection) => {
                format!("connection {} ({})", connection.id, Self::short(Some(connection)))
            }
        }
    }
}

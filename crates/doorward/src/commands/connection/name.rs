//! Connections as people name them.

use std::collections::HashMap;

use anyhow::Result;
use directory::{
    ConnectionId, KeyNo, Store, Tenant,
    connection::{self, Connection},
};

/// Reads the name of a connection.
pub(super) fn parse(text: &str) -> Result<String, String> {
    connection::check_name(text).map(str::to_owned).map_err(|error| error.to_string())
}

/// The connections of one organization, by their numbers and ids: who manages a user, who asked
/// for a change.
#[derive(Debug)]
pub(crate) struct Names(HashMap<KeyNo, Connection>);

impl Names {
    /// Reads them.
    pub(crate) async fn read(store: &Store, tenant: &Tenant) -> Result<Self> {
        let all = store.read(tenant, connection::list).await?;
        Ok(Self(all.into_iter().map(|connection| (connection.number(), connection)).collect()))
    }

    /// The connection that manages something. One that was deleted manages nothing.
    pub(crate) fn manager(&self, number: Option<KeyNo>) -> Option<&Connection> {
        self.0.get(&number?)
    }

    /// The connection with this id.
    pub(crate) fn by_id(&self, id: &str) -> Option<&Connection> {
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

//! [`Stage`]: where a demo takes place.

use std::{io::ErrorKind, net::SocketAddr};

use anyhow::{Context as _, Result};
use doorward::config::Flags;
use tempfile::TempDir;
use tokio::net::TcpListener;

use super::{super::serve::bind, Options};

/// A store that is deleted at the end, unless one was named; a port that is free, unless one was
/// named.
#[derive(Debug)]
pub(crate) struct Stage {
    temporary: Option<TempDir>,
    any_port: bool,
}

impl Stage {
    /// Puts the place into the flags. Only a flag chooses the store: sample people must not land in
    /// a real store because a variable or a file names it.
    pub(crate) fn set(options: &Options, flags: &mut Flags) -> Result<Self> {
        let temporary = if flags.data.is_none() && flags.database_url.is_none() {
            let directory = private().context("cannot make a temporary directory")?;
            flags.data = Some(directory.path().display().to_string());
            Some(directory)
        } else {
            None
        };
        flags.listen.clone_from(&options.listen);
        Ok(Self { temporary, any_port: options.listen.is_none() })
    }

    /// Listens on an address, or on any free port of it.
    pub(super) async fn bind(&self, address: SocketAddr) -> Result<TcpListener> {
        match TcpListener::bind(address).await {
            Err(error) if self.any_port && error.kind() == ErrorKind::AddrInUse => {
                bind(SocketAddr::new(address.ip(), 0)).await
            }
            Ok(listener) => Ok(listener),
            Err(_) => bind(address).await,
        }
    }

    /// Whether the store is deleted at the end.
    pub(super) fn is_temporary(&self) -> bool {
        self.temporary.is_some()
    }

    /// Deletes the store, if it is to be.
    pub(super) fn clear(self) -> Result<()> {
        self.temporary.map_or(Ok(()), TempDir::close).context("cannot delete the store of the demo")
    }
}

/// A temporary directory that only its owner may look into.
fn private() -> std::io::Result<TempDir> {
    let mut builder = tempfile::Builder::new();
    builder.prefix("doorward-demo-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    builder.tempdir()
}

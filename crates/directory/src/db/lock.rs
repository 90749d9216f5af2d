//! [`Lock`]: whoever serves a data directory, or changes its tables, has it alone.

use std::{
    fs::{File, TryLockError},
    io::{self, Seek as _, Write as _},
};

use super::Location;
use crate::error::{Error, Unusable};

/// Whoever has a directory alone holds the lock of this file in it.
pub const LOCK_FILE: &str = "serve.lock";

/// The lock of a data directory, until it is dropped. The system gives it back when the process
/// ends, however it ends.
#[derive(Debug)]
pub struct Lock(#[expect(dead_code, reason = "it is held, and not read")] Option<File>);

impl Location {
    /// Takes the lock of a data directory, so that two servers never open one store (each would
    /// believe that it is the only writer), and tables and keys do not change under a server. Whoever
    /// only reads and writes does not take it; PostgreSQL needs none.
    ///
    /// # Errors
    ///
    /// [`Unusable::Served`] where another process has it; [`Error::Unavailable`] where the file
    /// cannot be written.
    pub fn lock(&self) -> Result<Lock, Error> {
        let Self::Directory(directory) = self else { return Ok(Lock(None)) };
        let path = directory.join(LOCK_FILE);
        let cannot = |error: io::Error| {
            Error::Unavailable(format!("cannot lock {}: {error}", path.display()))
        };
        let mut options = File::options();
        let open = options.read(true).write(true).create(true).truncate(false);
        let mut file = open.open(&path).map_err(cannot)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let process = io::read_to_string(&file).unwrap_or_default();
                return Err(Unusable::Served { process: process.trim().parse().ok() }.into());
            }
            Err(TryLockError::Error(error)) => return Err(cannot(error)),
        }
        // Only for whoever is refused.
        let written = file.set_len(0).and_then(|()| file.rewind());
        written.and_then(|()| write!(file, "{}", std::process::id())).map_err(cannot)?;
        Ok(Lock(Some(file)))
    }
}

//! What the failures of the engines mean.

use crate::error::{Damage, Error};

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;

        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                Self::Unavailable("another process holds the database".to_owned())
            }
            Some(ErrorCode::SystemIoFailure | ErrorCode::CannotOpen | ErrorCode::ReadOnly) => {
                Self::Unavailable(error.to_string())
            }
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Self::Damaged(Box::new(Damage {
                    table: String::new(),
                    column: "file".to_owned(),
                    key: String::new(),
                    // Of a read that failed with EIO it says no less.
                    problem: format!("{error}, or the disk cannot be read"),
                }))
            }
            _ => Self::Store(Box::new(error)),
        }
    }
}

impl From<tokio_postgres::Error> for Error {
    fn from(error: tokio_postgres::Error) -> Self {
        use tokio_postgres::error::SqlState;

        let Some(code) = error.code() else {
            // No SQLSTATE: the connection, not the statement.
            return Self::Unavailable(error.to_string());
        };
        match *code {
            SqlState::DISK_FULL => Self::Full,
            SqlState::T_R_SERIALIZATION_FAILURE
            | SqlState::T_R_DEADLOCK_DETECTED
            | SqlState::LOCK_NOT_AVAILABLE
            | SqlState::QUERY_CANCELED
            | SqlState::ADMIN_SHUTDOWN
            | SqlState::CANNOT_CONNECT_NOW
            | SqlState::CRASH_SHUTDOWN
            | SqlState::TOO_MANY_CONNECTIONS => Self::Unavailable(error.to_string()),
            _ if code.code().starts_with("08") => Self::Unavailable(error.to_string()),
            _ => Self::Store(Box::new(error)),
        }
    }
}

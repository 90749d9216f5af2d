//! What the store is made of, for `doorward version`.

/// The version of the SQLite inside.
#[must_use]
pub fn sqlite_version() -> &'static str {
    crate::db::sqlite_version()
}

/// The number of the newest migration that this program knows.
#[must_use]
pub fn schema_version() -> u32 {
    crate::db::migrate::needed()
}

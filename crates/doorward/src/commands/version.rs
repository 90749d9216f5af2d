//! `doorward version`

use serde_json::json;

use crate::{answer::Answer, table};

/// The commit of a packaged build: whoever builds it sets the variable. A build script would make
/// every build of the program slower.
const COMMIT: Option<&str> = option_env!("DOORWARD_COMMIT");

pub(crate) fn run() -> Answer {
    let version = env!("CARGO_PKG_VERSION");
    let (sqlite, schema) = (directory::about::sqlite_version(), directory::about::schema_version());
    let json = json!({
        "version": version,
        "commit": COMMIT,
        "sqlite": sqlite,
        "schema": schema,
    });
    let mut rows = vec![("version", version.to_owned())];
    rows.extend(COMMIT.map(|commit| ("commit", commit.to_owned())));
    rows.push(("SQLite", sqlite.to_owned()));
    rows.push(("schema", format!("{schema}, the newest that this program knows")));
    Answer::new(json, format!("doorward\n\n{}", table::sheet(rows)))
}

//! Settings of the whole installation, by name: what one process writes for all others to read.

use crate::{
    db::{Store, statements},
    error::Error,
};

statements! {
    GET = Sql { "select value from installation_setting where name = $1" };
    SET = Sql {
        "insert into installation_setting (name, value) values ($1, $2) \
         on conflict (name) do update set value = excluded.value"
    };
}

/// The value of a setting, if it was ever written.
///
/// # Errors
///
/// Those of the store.
pub async fn setting(store: &Store, name: &'static str) -> Result<Option<String>, Error> {
    store
        .read_catalog(move |catalog| {
            let row = catalog.query(GET, &[name.into()])?.pop();
            row.map(|mut row| row.text(0)).transpose()
        })
        .await
}

/// Writes a setting. A process that runs sees it when it reads it next.
///
/// # Errors
///
/// Those of the store.
pub async fn set_setting(store: &Store, name: &'static str, value: &str) -> Result<(), Error> {
    let value = value.to_owned();
    store
        .write_catalog(move |catalog| {
            catalog.execute(SET, &[name.into(), (&value).into()]).map(drop)
        })
        .await
}

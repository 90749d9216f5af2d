//! Keys of the installation that all nodes share: each seals one kind of thing.

use crate::{
    db::statements,
    error::Error,
    seal,
    store::{Catalog, Store},
};

statements! {
    KEY = Sql { "select key from installation_key where name = $1" };
    INSERT = Sql {
        "insert into installation_key (name, key) values ($1, $2) on conflict do nothing"
    };
}

/// The key with this name. It is made when it is needed first.
pub(crate) async fn shared(store: &Store, name: &'static str) -> Result<[u8; seal::KEY], Error> {
    if let Some(key) = store.read_catalog(move |catalog| stored(catalog, name)).await? {
        return Ok(key);
    }
    let key: [u8; seal::KEY] = store.random().bytes();
    store
        .write_catalog(move |catalog| {
            catalog.execute(INSERT, &[name.into(), key.as_slice().into()])?;
            // Another node may have been faster: its key is the key.
            let missing = || Error::damaged("installation_key", name, "it is missing");
            stored(catalog, name)?.ok_or_else(missing)
        })
        .await
}

fn stored(catalog: &mut Catalog<'_>, name: &str) -> Result<Option<[u8; seal::KEY]>, Error> {
    let Some(mut row) = catalog.query_one(KEY, &[name.into()])? else { return Ok(None) };
    let key: Vec<u8> = row.get("key")?;
    key.try_into().map(Some).map_err(|_| row.damaged("key", "it is not 32 bytes long"))
}

//! Secrets of clients: made here, shown once, kept as a hash; several are live while one is replaced.

use std::time::Duration;

use ::oauth::{ClientId, Secret, SecretHash, SecretKind, client::ClientSecret as KnownSecret};

use super::{
    Client,
    shelf::{Shelf, on_shelf},
};
use crate::{
    audit::kinds,
    clock::Time,
    db::{Row, statements},
    error::Error,
    installation::Installation,
    store::Reader,
};

statements! {
    OF = Sql {
        "select no, hash, created, expires from oauth_client_secret \
         where org = $1 and client = $2 order by no"
    };
    INSERT = Sql {
        "insert into oauth_client_secret (org, client, no, hash, created, expires) \
         values ($1, $2, $3, $4, $5, $6)"
    };
    SHORTEN = Sql {
        "update oauth_client_secret set expires = $3 where org = $1 and client = $2 \
         and (expires is null or expires > $3)"
    };
    FORGET_OLD = Sql {
        "delete from oauth_client_secret where org = $1 and client = $2 and expires <= $3"
    };
    DELETE = Sql { "delete from oauth_client_secret where org = $1 and client = $2" };
}

/// So many secrets of one client may be live at a time.
pub(crate) const MOST_LIVE: usize = 5;

/// What is kept of a secret.
#[derive(Clone, Debug)]
pub struct KeptSecret {
    /// Its number at the client.
    pub number: i64,
    /// When it was made.
    pub created: Time,
    /// When it stops working by itself.
    pub expires: Option<Time>,
    hash: SecretHash,
}

impl KeptSecret {
    pub(super) fn known(&self) -> KnownSecret {
        KnownSecret { hash: self.hash, expires: self.expires.map(Time::timestamp) }
    }

    /// Whether it works at this time.
    #[must_use]
    pub fn is_live(&self, now: Time) -> bool {
        self.expires.is_none_or(|expires| now < expires)
    }

    fn from_row(mut row: Row) -> Result<Self, Error> {
        let hash: Vec<u8> = row.get("hash")?;
        let hash = <[u8; 32]>::try_from(hash);
        let hash = hash.map_err(|_| row.damaged("hash", "it has not 32 bytes"))?;
        Ok(Self {
            number: row.get("no")?,
            created: row.get("created")?,
            expires: row.get("expires")?,
            hash: SecretHash::from_bytes(hash),
        })
    }
}

pub(super) fn of(reader: &mut Reader<'_>, id: &ClientId) -> Result<Vec<KeptSecret>, Error> {
    let rows = reader.query(OF, &[id.as_str().into()])?;
    rows.into_iter().map(KeptSecret::from_row).collect()
}

/// Makes a secret of a client.
pub(super) fn issue(
    shelf: &mut Shelf<'_, '_>,
    id: &ClientId,
    number: i64,
    expires: Option<Time>,
) -> Result<(Secret, KeptSecret), Error> {
    let secret = Secret::new(SecretKind::ClientSecret, None, shelf.random().bytes());
    let kept = KeptSecret { number, created: shelf.now(), expires, hash: secret.hash() };
    shelf.send(
        INSERT,
        &[
            id.as_str().into(),
            number.into(),
            kept.hash.as_bytes().as_slice().into(),
            kept.created.into(),
            expires.into(),
        ],
    )?;
    Ok((secret, kept))
}

/// Makes a further secret of a client. Those before it work for `overlap` more, so that the client can
/// change over.
///
/// # Errors
///
/// [`Error::Conflict`] where five are live, or the client has none at all; [`Error::Denied`].
pub async fn rotate(
    installation: &Installation,
    client: &Client,
    lives: Option<Duration>,
    overlap: Duration,
) -> Result<(Secret, KeptSecret), Error> {
    if !matches!(client.registered.authentication, ::oauth::client::Authentication::Secret { .. }) {
        return Err(Error::conflict("client", "This client proves itself without a secret."));
    }
    let id = client.id().clone();
    on_shelf(installation, client.home, move |shelf| {
        let (now, name) = (shelf.now(), id.as_str());
        shelf.send(FORGET_OLD, &[name.into(), now.into()])?;
        let known: Vec<KeptSecret> = shelf
            .query(OF, &[name.into()])?
            .into_iter()
            .map(KeptSecret::from_row)
            .collect::<Result<_, _>>()?;
        if known.len() >= MOST_LIVE {
            return Err(Error::conflict(
                "client",
                format!("{MOST_LIVE} secrets of this client are live; wait until one ends."),
            ));
        }
        let expires = lives.map(|lives| now.plus(lives));
        shelf.send(SHORTEN, &[name.into(), now.plus(overlap).into()])?;
        let number = known.last().map_or(0, |last| last.number) + 1;
        let made = issue(shelf, &id, number, expires)?;
        let expires = expires.map(|time| time.to_string());
        shelf.record(name, kinds::ClientSecretMade { number, expires })?;
        Ok(made)
    })
    .await
}

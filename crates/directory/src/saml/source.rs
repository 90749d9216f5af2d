//! [`Source`]: metadata of a provider at an address, read again every day.
//!
//! What an administrator gave the address for is trusted at once. What the address says later is not: a key
//! that is new there is kept as a pending certificate, until someone who may change sign-in says that it is
//! right. Whoever reads the address for Doorward [claims](due) it for a while, and tells what
//! [came of it](fetched).

use std::time::Duration;

use super::{Change, Described, Settings, certificate, changed};
use crate::{
    access::{Access, Verb},
    audit::{self, kinds},
    clock::Time,
    connection,
    db::{Row, statements},
    error::{Error, Noun},
    id::{ConnectionId, ConnectionNo, OrgNo},
    store::{Reader, Store, Writer},
};

statements! {
    GET = Sql {
        "select url, read, failure from saml_metadata where org = $1 and connection = $2"
    };
    PUT = Sql {
        "insert into saml_metadata (org, connection, url, due, read) values ($1, $2, $3, $4, $5) \
         on conflict (org, connection) do update set url = excluded.url, due = excluded.due, \
         read = excluded.read, failure = null"
    };
    CLAIM = Sql {
        "update saml_metadata set due = $4 where org = $1 and connection = $2 and due = $3 \
         returning url"
    };
    READ = Sql {
        "update saml_metadata set due = $4, read = $5, failure = $6 \
         where org = $1 and connection = $2 and url = $3"
    };
    DELETE = Sql { "delete from saml_metadata where org = $1 and connection = $2" };
}

/// A statement over all organizations: it belongs to upkeep, and to no request.
pub(crate) mod everywhere {
    use crate::db::statements;

    statements! {
        DUE = Sql {
            "select org, connection, due from saml_metadata where due <= $1 order by due limit 20"
        };
    }
}

/// How often an address is read.
pub const READ_EVERY: Duration = Duration::from_hours(24);
/// How soon it is read again where it could not be read.
pub const AGAIN_AFTER: Duration = Duration::from_hours(1);
/// So long no one else reads it while one does.
const CLAIMED_FOR: Duration = Duration::from_mins(5);

/// Where the metadata of a provider is, and what came of reading it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The address.
    pub url: String,
    /// When it was last read with success.
    pub read: Option<Time>,
    /// Why it could not be used the last time; `None`: it could.
    pub failure: Option<String>,
}

impl Source {
    fn from_row(mut row: Row) -> Result<Self, Error> {
        Ok(Self { url: row.get("url")?, read: row.get("read")?, failure: row.get("failure")? })
    }
}

/// Where the metadata of a connection's provider is; `None`: it was given in another way.
///
/// # Errors
///
/// [`Error::NotFound`]; [`Error::Denied`].
pub fn get(reader: &mut Reader<'_>, id: ConnectionId) -> Result<Option<Source>, Error> {
    reader.permit(Verb::ReadConnections)?;
    let found = connection::by_id(reader, id)?;
    let connection = found.ok_or_else(|| Error::no_such(Noun::Connection, id.to_string()))?;
    of(reader, connection.no())
}

fn of(reader: &mut Reader<'_>, no: ConnectionNo) -> Result<Option<Source>, Error> {
    let row = reader.query_one(GET, &[no.into()])?;
    row.map(Source::from_row).transpose()
}

/// Takes a provider over as the metadata at an address describes it, with other changes if there are any.
/// The address is read every day from now on.
///
/// # Errors
///
/// Those of [`super::describe`].
pub fn set(
    writer: &mut Writer<'_>,
    id: ConnectionId,
    url: &str,
    described: &Described,
    change: &Change,
) -> Result<(Settings, bool), Error> {
    let no = changed(writer, id)?.no();
    let before = of(writer, no)?;
    forget(writer, no)?;
    let answer = super::describe(writer, id, described, change)?;
    let now = writer.now();
    writer.execute(PUT, &[no.into(), url.into(), now.plus(READ_EVERY).into(), now.into()])?;
    if before.is_none_or(|before| before.url != url) {
        let payload = kinds::SamlMetadataFollowed { url: Some(url.to_owned()) };
        audit::record(writer, &id.to_string(), payload)?;
    }
    Ok(answer)
}

/// The provider is given in another way from now on, or the connection is deleted.
pub(super) fn forget(writer: &mut Writer<'_>, no: ConnectionNo) -> Result<bool, Error> {
    Ok(writer.execute(DELETE, &[no.into()])? > 0)
}

/// An address that is to be read.
#[derive(Clone, Debug)]
pub struct Due {
    org: OrgNo,
    no: ConnectionNo,
    /// The address.
    pub url: String,
}

/// The addresses that are to be read now, claimed for whoever asks: no one else gets them for a while.
///
/// # Errors
///
/// Those of the store.
pub async fn due(store: &Store) -> Result<Vec<Due>, Error> {
    let now = store.clock().now();
    let found =
        store.read_catalog(move |catalog| catalog.query(everywhere::DUE, &[now.into()])).await?;
    let mut claimed = Vec::new();
    for mut row in found {
        let (org, no): (OrgNo, ConnectionNo) = (row.get("org")?, row.get("connection")?);
        let (before, next): (Time, Time) = (row.get("due")?, now.plus(CLAIMED_FOR));
        let claim = store.append(org, move |appender| {
            let rows = appender.change(CLAIM, &[no.into(), before.into(), next.into()])?;
            rows.into_iter().next().map(|mut row| row.get::<String>("url")).transpose()
        });
        if let Some(url) = claim.await? {
            claimed.push(Due { org, no, url });
        }
    }
    Ok(claimed)
}

/// What came of reading an address: metadata, or why there is none. Keys that are new become pending
/// certificates, and pending ones that are not there any more are forgotten.
///
/// # Errors
///
/// Those of the store.
pub async fn fetched(
    store: &Store,
    due: Due,
    found: Result<Described, String>,
) -> Result<(), Error> {
    let access = Access::system(due.org);
    let note = move |writer: &mut Writer<'_>| {
        writer.permit(Verb::Upkeep)?;
        // It may have got another address meanwhile, or be gone.
        let source = of(writer, due.no)?.filter(|source| source.url == due.url);
        let connection = connection::by_no(writer, due.no)?;
        let (Some(source), Some(connection)) = (source, connection) else { return Ok(()) };
        let failure = match &found {
            Ok(described) => pend(writer, connection.id, due.no, described)?,
            Err(failure) => Some(failure.clone()),
        };
        if let Some(reason) = failure.clone().filter(|_| source.failure != failure) {
            let payload = kinds::SamlMetadataFailed { url: due.url.clone(), reason };
            audit::record(writer, &connection.id.to_string(), payload)?;
        }
        let now = writer.now();
        let (next, read) = match failure {
            None => (now.plus(READ_EVERY), Some(now)),
            Some(_) => (now.plus(AGAIN_AFTER), source.read),
        };
        let failure = failure.as_ref();
        let params = [due.no.into(), (&due.url).into(), next.into(), read.into(), failure.into()];
        writer.execute(READ, &params).map(drop)
    };
    store.write(&access, note).await
}

/// Keeps the keys that are new as pending. Answers why the metadata cannot be followed, if it cannot.
fn pend(
    writer: &mut Writer<'_>,
    id: ConnectionId,
    no: ConnectionNo,
    described: &Described,
) -> Result<Option<String>, Error> {
    let Some(known) = super::of(writer, no)?.provider else { return Ok(None) };
    let Described { provider, certificates } = described;
    if provider.entity_id != known.entity_id {
        return Ok(Some(
            "The metadata describes another provider now. Nothing was taken over from it."
                .to_owned(),
        ));
    }
    for old in certificate::all(writer, no)?.iter().filter(|one| !one.trusted) {
        if !certificates.iter().any(|one| one.sha256[..] == old.sha256) {
            certificate::drop_one(writer, (id, no), &old.sha256)?;
        }
    }
    for one in certificates {
        match certificate::put(writer, (id, no), one, false) {
            Err(Error::Conflict { detail, .. }) => return Ok(Some(detail.into_owned())),
            put => put.map(drop)?,
        }
    }
    Ok((provider.sso_url != known.sso_url).then(|| {
        "The metadata names another single sign-on URL now. Save its address again to follow it."
            .to_owned()
    }))
}

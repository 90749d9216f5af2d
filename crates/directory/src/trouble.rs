//! [`Trouble`]: what is wrong with the way in which someone calls a connection, for whoever sets it up.
//!
//! Who is not let in writes nothing into the sync log, or strangers would fill it. What is wrong is told
//! all the same: one row for each [`Kind`] and connection says when it was seen last, and how often. So
//! however often strangers call, a connection has as many rows as there are kinds. Of what was shown,
//! only the last four characters are kept, and only of a token of the connection's own, as they stand in
//! its list of tokens anyway. Text of a client's making, the path, is kept of proven callers only.
//!
//! Nothing of the organization is locked for it, and no request waits for it.

use crate::{
    access::Verb,
    clock::Time,
    connection::{self, Connection},
    db::{Row, statements},
    error::{Error, Noun},
    id::{ConnectionId, ConnectionNo, OrgNo},
    keyword::keyword,
    store::{Appender, Reader, Store},
};

statements! {
    // The casts are for PostgreSQL, which takes a parameter in a list for a text.
    NOTE = Sql {
        "insert into credential_trouble (org, connection, kind, first, last, times, ending, path) \
         select $1, cast($2 as bigint), $3, cast($4 as bigint), cast($5 as bigint), \
         cast($6 as bigint), $7, $8 where exists \
         (select no from connection where org = $1 and no = $2) \
         on conflict (org, connection, kind) do update set last = excluded.last, \
         first = case when credential_trouble.last < $9 then excluded.first \
         else credential_trouble.first end, \
         times = case when credential_trouble.last < $9 then excluded.times \
         else credential_trouble.times + excluded.times end, \
         ending = excluded.ending, path = excluded.path"
    };
    NEWEST = Sql {
        "select kind, first, last, times, ending, path from credential_trouble \
         where org = $1 and connection = $2 order by kind"
    };
    NUMBER = Sql { "select no from connection where org = $1 and id = $2" };
    PRUNE = Sql { "delete from credential_trouble where org = $1 and last < $2" };
    FORGET = Sql { "delete from credential_trouble where org = $1 and connection = $2" };
}

/// After so long without it, a trouble that is seen again is a new one.
const PAUSE: std::time::Duration = std::time::Duration::from_hours(24);
/// So many characters of a path are kept.
pub(crate) const LONGEST_PATH: usize = 200;

keyword! {
    /// What is wrong with the way in which someone calls.
    Kind {
        /// The address leads nowhere.
        WrongPath = "wrong-path",
        /// The word Bearer came twice. The caller was let in.
        DoubledPrefix = "doubled-prefix",
        /// There was white space in the token. The caller was let in.
        WhiteSpace = "white-space",
        /// A token stands in the address.
        TokenInUrl = "token-in-url",
        /// What was shown as a token is an address.
        UrlAsToken = "url-as-token",
        /// Nothing was shown.
        Missing = "missing",
        /// What was shown is no token.
        NotAToken = "not-a-token",
        /// User name and password cannot be read.
        Basic = "basic",
        /// There was more than one header.
        Repeated = "repeated",
        /// A part of the token is missing, or has a typing error.
        Incomplete = "incomplete",
        /// There is no such token.
        Unknown = "unknown",
        /// The token was revoked.
        Revoked = "revoked",
        /// The token expired.
        Expired = "expired",
        /// The token is another connection's.
        OtherConnection = "other-connection",
        /// The token stays the same, and the connection takes none such.
        Static = "static-token",
        /// The connection is switched off.
        Disabled = "disabled",
        /// The plan does not include provisioning.
        NotEntitled = "not-entitled",
    }
}

impl Kind {
    /// Whether the caller was let in nevertheless.
    #[must_use]
    pub fn is_let_in(self) -> bool {
        matches!(self, Self::DoubledPrefix | Self::WhiteSpace)
    }
}

/// Which connection a call is for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Callee {
    /// The one that the address names. Whoever calls has proven nothing.
    Named(ConnectionId),
    /// The one whose credential was shown.
    Proven(Owner),
}

/// The connection that a credential belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Owner {
    pub(crate) org: OrgNo,
    pub(crate) connection: ConnectionNo,
}

/// Something that was wrong, so many times since it was written last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// For which connection.
    pub callee: Callee,
    /// What.
    pub kind: Kind,
    /// When, first and last.
    pub between: (Time, Time),
    /// How often.
    pub times: i64,
    /// The last characters of a token of the connection.
    pub ending: Option<String>,
    /// The path that was called.
    pub path: Option<String>,
}

/// What is wrong with the way in which a connection is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// What.
    pub kind: Kind,
    /// When it was seen first, without a day's pause since.
    pub first: Time,
    /// When it was seen last.
    pub last: Time,
    /// How often it was.
    pub times: i64,
    /// The last characters of the token, where it is one of the connection.
    pub ending: Option<String>,
    /// The path that was called, where the caller was known.
    pub path: Option<String>,
}

/// Writes what was seen. What is for a connection that is not there is forgotten.
///
/// # Errors
///
/// Those of the store: the rest is lost then.
pub async fn write(store: &Store, sightings: Vec<Sighting>) -> Result<(), Error> {
    for sighting in sightings {
        let owner = match sighting.callee {
            Callee::Proven(owner) => Some(owner),
            Callee::Named(id) => named(store, id).await?,
        };
        let Some(Owner { org, connection }) = owner else { continue };
        let note = move |appender: &mut Appender<'_>| {
            let Sighting { kind, between: (first, last), times, .. } = sighting;
            let path = sighting.path.as_deref().map(cut);
            let params = [
                connection.into(),
                kind.as_str().into(),
                first.into(),
                last.into(),
                times.into(),
                sighting.ending.as_ref().into(),
                path.into(),
                first.minus(PAUSE).into(),
            ];
            appender.execute(NOTE, &params)
        };
        store.append(org, note).await?;
    }
    Ok(())
}

fn cut(path: &str) -> &str {
    path.char_indices().nth(LONGEST_PATH).map_or(path, |(end, _)| &path[..end])
}

/// The connection with an id, in whichever organization.
async fn named(store: &Store, id: ConnectionId) -> Result<Option<Owner>, Error> {
    let home = store.read_catalog(move |catalog| connection::home(catalog, id)).await?;
    let Some(org) = home else { return Ok(None) };
    let number = move |reader: &mut Reader<'_>| {
        let row = reader.query_one(NUMBER, &[(&id.to_string()).into()])?;
        row.map(|mut row| row.get("no")).transpose()
    };
    let access = crate::access::Access::system(org);
    let number: Option<ConnectionNo> = store.read_unproven(&access, number).await?;
    Ok(number.map(|connection| Owner { org, connection }))
}

/// What is wrong with the way in which a connection is called, newest first: at most one of each kind.
///
/// # Errors
///
/// [`Error::NotFound`]; [`Error::Denied`].
pub fn list(reader: &mut Reader<'_>, connection: &Connection) -> Result<Vec<Trouble>, Error> {
    reader.permit(Verb::ReadSyncLog)?;
    if !reader.access().principal().sees(connection.no()) {
        return Err(Error::no_such(Noun::Connection, connection.id.to_string()));
    }
    let rows = reader.query(NEWEST, &[connection.no().into()])?;
    let mut troubles: Vec<Trouble> = rows.into_iter().map(from_row).collect::<Result<_, _>>()?;
    troubles.sort_by_key(|trouble| std::cmp::Reverse(trouble.last));
    Ok(troubles)
}

fn from_row(mut row: Row) -> Result<Trouble, Error> {
    Ok(Trouble {
        kind: row.get("kind")?,
        first: row.get("first")?,
        last: row.get("last")?,
        times: row.get("times")?,
        ending: row.get("ending")?,
        path: row.get("path")?,
    })
}

/// Removes what was seen last before a time.
pub(crate) async fn prune(store: &Store, org: OrgNo, before: Time) -> Result<(), Error> {
    let prune = move |appender: &mut Appender<'_>| appender.execute(PRUNE, &[before.into()]);
    store.append(org, prune).await.map(drop)
}

/// A connection is deleted.
pub(crate) fn forget(
    writer: &mut crate::store::Writer<'_>,
    connection: ConnectionNo,
) -> Result<(), Error> {
    writer.send(FORGET, &[connection.into()])
}

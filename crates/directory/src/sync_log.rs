//! The sync log: each request that a provider made, for whoever asks why a sync failed.
//!
//! Entries are only added and, when they are old, removed. Nothing of the organization is locked or
//! rewritten for them, several are written together, and no request waits for its own: an entry
//! may be lost when the process is killed, and none ever fails a request.

use crate::{
    access::Verb,
    clock::Time,
    connection::Connection,
    credential::token::Caller,
    db::{Param, Row, statements},
    error::Error,
    id::{ConnectionNo, OrgNo, RequestId, TokenNo},
    store::{Appender, Reader, Store},
};

statements! {
    // The casts are for PostgreSQL, which takes a parameter in a list of rows for a text.
    INSERT = ListSql {
        "insert into sync_log (org, at, no, request, connection, token, method, path, target, \
         status, micros, detail, notes) \
         select $1, column1, column2, column3, column4, column5, column6, column7, column8, \
         column9, column10, column11, column12 from (values ",
        "(cast({} as bigint), cast({} as bigint), {}, cast({} as bigint), cast({} as bigint), \
         {}, {}, {}, cast({} as bigint), cast({} as bigint), {}, {})",
        ") as served where exists \
         (select org from organization where org = $1 and state = 1) \
         on conflict (org, at, no) do nothing"
    };
    BEFORE = Sql {
        "select at, no, request, connection, token, method, path, target, status, micros, detail, \
         notes from sync_log where org = $1 and connection = $2 and (at, no) < ($3, $4) \
         order by at desc, no desc limit $5"
    };
    PRUNE = Sql {
        "delete from sync_log where org = $1 and at < $2 and at <= (select max(at) from \
         (select at from sync_log where org = $1 order by at limit 5000) as piece)"
    };
}

/// A request once it has been served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Served {
    /// When it arrived.
    pub at: Time,
    /// Its id, which its changes and its line in the log carry too.
    pub request: RequestId,
    /// The method.
    pub method: String,
    /// The path below the base URL, without what the client may have put in by mistake.
    pub path: String,
    /// The id of the resource that it was for, or that it made.
    pub target: Option<String>,
    /// The status of the answer.
    pub status: u16,
    /// How long it took, in microseconds.
    pub micros: i64,
    /// Why it was not served, as the client read it.
    pub detail: Option<String>,
    /// What was left out or read leniently.
    pub notes: Option<String>,
}

/// One request of a provider, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    no: i64,
    connection: ConnectionNo,
    /// The token that it showed; `None`: an access token of OAuth.
    pub token: Option<TokenNo>,
    /// What became of it.
    pub served: Served,
}

/// An entry that waits to be written.
#[derive(Clone, Debug)]
pub struct Draft {
    org: OrgNo,
    entry: Entry,
}

/// So many characters of a text are kept.
pub(crate) const LONGEST_TEXT: usize = 1_000;

impl Draft {
    /// The entry of a request that a caller made.
    #[must_use]
    pub fn new(store: &Store, caller: &Caller, served: Served) -> Self {
        let bytes: [u8; 8] = store.random().bytes();
        let cut = |text: String| match text.char_indices().nth(LONGEST_TEXT) {
            Some((at, _)) => format!("{}…", &text[..at]),
            None => text,
        };
        let served = Served {
            method: cut(served.method),
            path: cut(served.path),
            target: served.target.map(cut),
            detail: served.detail.map(cut),
            notes: served.notes.map(cut),
            ..served
        };
        let entry = Entry {
            no: i64::from_be_bytes(bytes) >> 1,
            connection: caller.connection.no(),
            token: caller.token_no(),
            served,
        };
        Self { org: caller.access.org(), entry }
    }
}

/// Writes entries, those of one organization together. Of an organization that is gone none is
/// written: nothing would clear it away.
///
/// # Errors
///
/// Those of the store: the entries are lost then.
pub async fn write(store: &Store, mut drafts: Vec<Draft>) -> Result<(), Error> {
    drafts.sort_by_key(|draft| draft.org);
    for of_org in drafts.chunk_by(|one, other| one.org == other.org) {
        let entries: Vec<Entry> = of_org.iter().map(|draft| draft.entry.clone()).collect();
        let insert = move |appender: &mut Appender<'_>| {
            let texts: Vec<String> =
                entries.iter().map(|entry| entry.served.request.to_string()).collect();
            let items: Vec<[Param<'_>; 12]> =
                entries.iter().zip(&texts).map(|(entry, request)| row(entry, request)).collect();
            appender.send_list(&INSERT, &items)
        };
        store.append(of_org[0].org, insert).await?;
    }
    Ok(())
}

fn row<'e>(entry: &'e Entry, request: &'e str) -> [Param<'e>; 12] {
    let Entry { no, connection, token, served } = entry;
    [
        served.at.into(),
        (*no).into(),
        request.into(),
        (*connection).into(),
        (*token).into(),
        (&served.method).into(),
        (&served.path).into(),
        served.target.as_ref().into(),
        i64::from(served.status).into(),
        served.micros.into(),
        served.detail.as_ref().into(),
        served.notes.as_ref().into(),
    ]
}

/// The requests of a connection before one of them, newest first, at most `limit`. `None`: from
/// the newest.
///
/// # Errors
///
/// [`Error::Denied`]; those of the store.
pub fn before(
    reader: &mut Reader<'_>,
    connection: &Connection,
    entry: Option<&Entry>,
    limit: u32,
) -> Result<Vec<Entry>, Error> {
    reader.permit(Verb::ReadSyncLog)?;
    let (at, no) =
        entry.map_or((i64::MAX, i64::MAX), |entry| (entry.served.at.as_micros(), entry.no));
    let params = [connection.no().into(), at.into(), no.into(), i64::from(limit).into()];
    reader.query(BEFORE, &params)?.into_iter().map(from_row).collect()
}

fn from_row(mut row: Row) -> Result<Entry, Error> {
    let status: i64 = row.get("status")?;
    let served = Served {
        at: row.get("at")?,
        request: row.get("request")?,
        method: row.get("method")?,
        path: row.get("path")?,
        target: row.get("target")?,
        status: u16::try_from(status).map_err(|_| row.damaged("status", "it is no status"))?,
        micros: row.get("micros")?,
        detail: row.get("detail")?,
        notes: row.get("notes")?,
    };
    Ok(Entry {
        no: row.get("no")?,
        connection: row.get("connection")?,
        token: row.get("token")?,
        served,
    })
}

/// Removes entries of an organization that are older than a time, 5,000 at the most. Answers
/// whether there were some.
pub(crate) async fn prune(store: &Store, org: OrgNo, before: Time) -> Result<bool, Error> {
    let prune = move |appender: &mut Appender<'_>| appender.execute(PRUNE, &[before.into()]);
    Ok(store.append(org, prune).await? > 0)
}

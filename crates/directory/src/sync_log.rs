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
    error::{Error, Noun},
    event::{self, Event},
    id::{ConnectionNo, EventNo, OrgNo, RequestId, ResourceId, TokenNo},
    resource::{self, Kind, Resource},
    store::{Appender, Reader, Store},
};

statements! {
    // The casts are for PostgreSQL, which takes a parameter in a list of rows for a text.
    INSERT = ListSql {
        "insert into sync_log (org, at, no, request, connection, token, method, path, target, \
         status, micros, detail, notes, query, found, first_event, last_event) \
         select $1, column1, column2, column3, column4, column5, column6, column7, column8, \
         column9, column10, column11, column12, column13, column14, column15, column16 \
         from (values ",
        "(cast({} as bigint), cast({} as bigint), {}, cast({} as bigint), cast({} as bigint), \
         {}, {}, {}, cast({} as bigint), cast({} as bigint), {}, {}, {}, cast({} as bigint), \
         cast({} as bigint), cast({} as bigint))",
        ") as served where exists \
         (select org from organization where org = $1 and state = 1) \
         on conflict (org, at, no) do nothing"
    };
    BEFORE = Sql {
        "select at, no, request, connection, token, method, path, target, status, micros, detail, \
         notes, query, found, first_event, last_event from sync_log \
         where org = $1 and connection = $2 and (at, no) < ($3, $4) \
         order by at desc, no desc limit $5"
    };
    AFTER = Sql {
        "select at, no, request, connection, token, method, path, target, status, micros, detail, \
         notes, query, found, first_event, last_event from sync_log \
         where org = $1 and connection = $2 and (at, no) > ($3, $4) order by at, no limit $5"
    };
    GET = Sql {
        "select at, no, request, connection, token, method, path, target, status, micros, detail, \
         notes, query, found, first_event, last_event from sync_log \
         where org = $1 and at = $3 and no = $4 and connection = $2"
    };
    HOURS = Sql {
        "select at / 3600000000 as hour, \
         sum(case when status < 400 and notes is null then 1 else 0 end) as done, \
         sum(case when status < 400 and notes is not null then 1 else 0 end) as corrected, \
         sum(case when status >= 400 and status < 500 then 1 else 0 end) as refused, \
         sum(case when status >= 500 then 1 else 0 end) as failed \
         from sync_log where org = $1 and connection = $2 and at > $3 \
         group by at / 3600000000 order by at / 3600000000"
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
    /// The query, as it was sent.
    pub query: Option<String>,
    /// How many resources a list found in all.
    pub found: Option<i64>,
    /// The first and the last event of what it changed, if it changed something.
    pub events: Option<(EventNo, EventNo)>,
}

/// Which entry of a connection: entries are in the order of their keys, and a key stands in addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    at: Time,
    no: i64,
}

impl Key {
    /// Reads a key. `None`: it is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (at, no) = text.split_once('-')?;
        let number = |text: &str| u64::from_str_radix(text, 16).ok().map(u64::cast_signed);
        Some(Self { at: Time::from_micros(number(at)?), no: number(no)? })
    }
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:x}-{:x}", self.at.as_micros(), self.no)
    }
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

impl Entry {
    /// Its place among the entries of its connection.
    #[must_use]
    pub fn key(&self) -> Key {
        Key { at: self.served.at, no: self.no }
    }
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
            query: served.query.map(cut),
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
            let items: Vec<[Param<'_>; 16]> =
                entries.iter().zip(&texts).map(|(entry, request)| row(entry, request)).collect();
            appender.send_list(&INSERT, &items)
        };
        store.append(of_org[0].org, insert).await?;
    }
    Ok(())
}

fn row<'e>(entry: &'e Entry, request: &'e str) -> [Param<'e>; 16] {
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
        served.query.as_ref().into(),
        served.found.into(),
        served.events.map(|(first, _)| first.number()).into(),
        served.events.map(|(_, last)| last.number()).into(),
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
    key: Option<Key>,
    limit: u32,
) -> Result<Vec<Entry>, Error> {
    require_sight(reader, connection)?;
    let (at, no) = key.map_or((i64::MAX, i64::MAX), |key| (key.at.as_micros(), key.no));
    let params = [connection.no().into(), at.into(), no.into(), i64::from(limit).into()];
    reader.query(BEFORE, &params)?.into_iter().map(from_row).collect()
}

/// The requests of a connection after one of them, oldest first, at most `limit`. `None`: from the
/// oldest that is kept.
///
/// # Errors
///
/// [`Error::Denied`]; those of the store.
pub fn after(
    reader: &mut Reader<'_>,
    connection: &Connection,
    key: Option<Key>,
    limit: u32,
) -> Result<Vec<Entry>, Error> {
    require_sight(reader, connection)?;
    let (at, no) = key.map_or((0, 0), |key| (key.at.as_micros(), key.no));
    let params = [connection.no().into(), at.into(), no.into(), i64::from(limit).into()];
    reader.query(AFTER, &params)?.into_iter().map(from_row).collect()
}

/// One request of a connection.
///
/// # Errors
///
/// [`Error::NotFound`] where it is not kept any more; [`Error::Denied`].
pub fn get(reader: &mut Reader<'_>, connection: &Connection, key: Key) -> Result<Entry, Error> {
    require_sight(reader, connection)?;
    let params = [connection.no().into(), key.at.into(), key.no.into()];
    let row = reader.query_one(GET, &params)?;
    row.map(from_row).transpose()?.ok_or(Error::not_found(Noun::Request))
}

/// The events of what a request changed, at most `limit`.
///
/// # Errors
///
/// [`Error::Denied`]; those of the store.
pub fn events(reader: &mut Reader<'_>, entry: &Entry, limit: u32) -> Result<Vec<Event>, Error> {
    reader.permit(Verb::ReadSyncLog)?;
    let Some((first, last)) = entry.served.events else { return Ok(Vec::new()) };
    let before = EventNo::from(first.number() - 1);
    let mut events = event::all_after(reader, before, limit)?;
    events.retain(|event| event.no <= last && event.request == Some(entry.served.request));
    Ok(events)
}

/// Whom or what a request was about, as it is now: a user or a group, if it is still here.
///
/// # Errors
///
/// [`Error::Denied`]; those of the store.
pub fn target(reader: &mut Reader<'_>, entry: &Entry) -> Result<Option<Resource>, Error> {
    reader.permit(Verb::ReadSyncLog)?;
    let Some(id) = entry.served.target.as_deref().and_then(ResourceId::parse) else {
        return Ok(None);
    };
    let kind = if entry.served.path.starts_with("/Groups") { Kind::GROUP } else { Kind::USER };
    resource::find(reader, kind, id)
}

/// What became of the requests of one hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hour {
    /// When it begins.
    pub begins: Time,
    /// Requests that were done as they came.
    pub done: i64,
    /// Those that were done after something was left out or read leniently.
    pub corrected: i64,
    /// Those that were refused.
    pub refused: i64,
    /// Those that failed here.
    pub failed: i64,
}

impl Hour {
    /// All requests.
    #[must_use]
    pub fn all(&self) -> i64 {
        self.done + self.corrected + self.refused + self.failed
    }
}

/// The requests of a connection after a time, counted by hour.
///
/// Cost: O(requests since then).
///
/// # Errors
///
/// [`Error::Denied`]; those of the store.
pub fn by_hour(
    reader: &mut Reader<'_>,
    connection: &Connection,
    since: Time,
) -> Result<Vec<Hour>, Error> {
    const HOUR: i64 = 3_600_000_000;
    require_sight(reader, connection)?;
    let rows = reader.query(HOURS, &[connection.no().into(), since.into()])?;
    let hour = |mut row: Row| {
        Ok(Hour {
            begins: Time::from_micros(row.get::<i64>("hour")? * HOUR),
            done: row.get("done")?,
            corrected: row.get("corrected")?,
            refused: row.get("refused")?,
            failed: row.get("failed")?,
        })
    };
    rows.into_iter().map(hour).collect()
}

/// Makes sure that the log of a connection may be read.
fn require_sight(reader: &Reader<'_>, connection: &Connection) -> Result<(), Error> {
    reader.permit(Verb::ReadSyncLog)?;
    if reader.access().principal().sees(connection.no()) {
        return Ok(());
    }
    Err(Error::no_such(Noun::Connection, connection.id.to_string()))
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
        query: row.get("query")?,
        found: row.get("found")?,
        events: row.get::<Option<EventNo>>("first_event")?.zip(row.get("last_event")?),
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

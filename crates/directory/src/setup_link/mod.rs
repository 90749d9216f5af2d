//! Set-up links: how an IT administrator who has no account here yet connects the identity provider.
//!
//! A link holds a secret of which the hash is kept. Looking at it uses nothing up, because mail
//! scanners do so too; starting does, and binds it to the browser that started: that browser goes on
//! until the link expires, and no other begins. Whoever bears it sees one connection, which is the
//! one that the link was made for, or the one that it makes.

mod handle;

use std::time::Duration;

pub use self::handle::Handle;
use crate::{
    access::{Access, Principal, Verb},
    audit::{self, kinds},
    clock::Time,
    connection::{self, Connection},
    credential::secret::Secret,
    db::{Row, statements},
    error::{Error, Noun},
    id::{ConnectionId, ConnectionNo, RequestId, SetupLinkId},
    name,
    organization::{self, Organization},
    store::{Reader, Store, Writer},
};

statements! {
    INSERT = Sql {
        "insert into setup_link (org, id, hash, connection, sender, created, expires) \
         values ($1, $2, $3, $4, $5, $6, $7)"
    };
    GET = Sql {
        "select id, hash, browser, connection, sender, created, expires, started, revoked \
         from setup_link where org = $1 and id = $2"
    };
    ALL = Sql {
        "select id, hash, browser, connection, sender, created, expires, started, revoked \
         from setup_link where org = $1 order by id"
    };
    START = Sql {
        "update setup_link set started = $3, browser = $4 where org = $1 and id = $2"
    };
    BIND = Sql {
        "update setup_link set connection = $3 where org = $1 and id = $2 and connection is null"
    };
    REVOKE = Sql { "update setup_link set revoked = $3 where org = $1 and id = $2" };
    DELETE = Sql { "delete from setup_link where org = $1 and id = $2" };
}

/// How long a link works that was made for no other time.
pub const LIFETIME: Duration = Duration::from_hours(7 * 24);
/// So long after Start whoever bears it may make a credential: later it asks for a new link.
pub const FRESH: Duration = Duration::from_hours(1);
/// The longest time that a link may work.
pub const LIFETIME_LIMIT: Duration = Duration::from_hours(90 * 24);
/// The most links of an organization that can still be used.
pub(crate) const MOST: usize = 100;
/// The longest name of who sends a link, in characters.
pub(crate) const LONGEST_SENDER: usize = 100;
/// What can be used no longer is listed for so long.
const LISTED: Duration = Duration::from_hours(30 * 24);

/// What is kept of a link.
#[derive(Clone, Debug)]
pub struct SetupLink {
    /// It stands in lists.
    pub id: SetupLinkId,
    hash: Vec<u8>,
    browser: Option<Vec<u8>>,
    connection: Option<ConnectionNo>,
    /// Who sends it, for whoever gets it.
    pub sender: String,
    /// When it was made.
    pub created: Time,
    /// When it stops working by itself.
    pub expires: Time,
    /// When it was used to start.
    pub started: Option<Time>,
    /// When it was revoked.
    pub revoked: Option<Time>,
}

/// A link that was just made. Its secret is told once.
#[derive(Clone, Debug)]
pub struct Issued {
    /// What stands in the address.
    pub handle: Handle,
    /// What is kept of it.
    pub link: SetupLink,
}

/// Where a link is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It was not used yet.
    Unused,
    /// One browser started.
    Started,
    /// It works no longer.
    Expired,
    /// It was taken back.
    Revoked,
}

impl State {
    /// The word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unused => "unused",
            Self::Started => "started",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }
}

impl SetupLink {
    fn from_row(mut row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.get("id")?,
            hash: row.get("hash")?,
            browser: row.get("browser")?,
            connection: row.get("connection")?,
            sender: row.get("sender")?,
            created: row.get("created")?,
            expires: row.get("expires")?,
            started: row.get("started")?,
            revoked: row.get("revoked")?,
        })
    }

    /// Where it is in its life.
    #[must_use]
    pub fn state(&self, now: Time) -> State {
        match (self.revoked, self.started) {
            (Some(_), _) => State::Revoked,
            _ if now >= self.expires => State::Expired,
            (None, Some(_)) => State::Started,
            (None, None) => State::Unused,
        }
    }

    fn is_usable(&self, now: Time) -> bool {
        matches!(self.state(now), State::Unused | State::Started)
    }
}

/// Makes a link: to a connection that is there, or to one that it will make.
///
/// # Errors
///
/// [`Error::Denied`]; [`Error::NotFound`]; [`Error::Invalid`]; [`Error::Conflict`] where a hundred can
/// still be used.
pub fn create(
    writer: &mut Writer<'_>,
    connection: Option<ConnectionId>,
    sender: &str,
    life: Duration,
) -> Result<Issued, Error> {
    writer.permit(Verb::CreateSetupLink)?;
    let sender = name::parse(sender, "sender", "The sender of a link", LONGEST_SENDER)?;
    if life.is_zero() || life > LIFETIME_LIMIT {
        return Err(Error::invalid("expires", "A set-up link works for at most 90 days."));
    }
    let found = connection.map(|id| connection::get(writer, id)).transpose()?;
    let now = writer.now();
    let (usable, rest): (Vec<_>, Vec<_>) =
        all(writer)?.into_iter().partition(|link| link.is_usable(now));
    if usable.len() >= MOST {
        let detail = format!("{MOST} set-up links can still be used; revoke one first.");
        return Err(Error::conflict("setup-link", detail));
    }
    for old in rest.iter().filter(|link| link.expires.plus(LISTED) < now) {
        writer.send(DELETE, &[(&old.id.to_string()).into()])?;
    }
    let secret = Secret::random(writer.random());
    let link = SetupLink {
        id: SetupLinkId::random(writer.random()),
        hash: secret.hash(),
        browser: None,
        connection: found.as_ref().map(Connection::no),
        sender,
        created: now,
        expires: now.plus(life),
        started: None,
        revoked: None,
    };
    let id = link.id.to_string();
    let columns = [
        (&id).into(),
        link.hash.as_slice().into(),
        link.connection.into(),
        (&link.sender).into(),
        now.into(),
        link.expires.into(),
    ];
    writer.send(INSERT, &columns)?;
    let expires = link.expires.to_string();
    audit::record(writer, &id, kinds::SetupLinkCreated { connection, expires })?;
    Ok(Issued { handle: Handle { org: writer.org(), id: link.id, secret }, link })
}

/// The links of the organization, newest first.
///
/// # Errors
///
/// [`Error::Denied`]; those of the store.
pub fn list(reader: &mut Reader<'_>) -> Result<Vec<SetupLink>, Error> {
    reader.permit(Verb::ReadSetupLinks)?;
    let mut all = all(reader)?;
    all.sort_by_key(|link| std::cmp::Reverse(link.created));
    Ok(all)
}

fn all(reader: &mut Reader<'_>) -> Result<Vec<SetupLink>, Error> {
    reader.query(ALL, &[])?.into_iter().map(SetupLink::from_row).collect()
}

fn by_id(reader: &mut Reader<'_>, id: SetupLinkId) -> Result<Option<SetupLink>, Error> {
    let row = reader.query_one(GET, &[(&id.to_string()).into()])?;
    row.map(SetupLink::from_row).transpose()
}

/// Takes a link back: also the browser that started goes on no longer. Answers whether it worked
/// until now.
///
/// # Errors
///
/// [`Error::NotFound`]; [`Error::Denied`].
pub fn revoke(writer: &mut Writer<'_>, id: SetupLinkId) -> Result<bool, Error> {
    writer.permit(Verb::RevokeSetupLink)?;
    let found =
        by_id(writer, id)?.ok_or_else(|| Error::no_such(Noun::SetupLink, id.to_string()))?;
    let now = writer.now();
    if found.revoked.is_some() {
        return Ok(false);
    }
    writer.send(REVOKE, &[(&id.to_string()).into(), now.into()])?;
    audit::record(writer, &id.to_string(), kinds::SetupLinkRevoked {})?;
    Ok(found.is_usable(now))
}

/// The connection that the writer's link has made: the link is its own from now on. Of other writers
/// nothing is kept.
pub(crate) fn bind(writer: &mut Writer<'_>, no: ConnectionNo) -> Result<(), Error> {
    let Some(link) = writer.access().principal().as_setup_link() else { return Ok(()) };
    if writer.execute(BIND, &[(&link.to_string()).into(), no.into()])? == 1 {
        return Ok(());
    }
    Err(Error::conflict(
        "setup-link",
        "This set-up link has its connection already. Ask for another link to set up another one.",
    ))
}

/// A link and whose it is, for whoever showed it.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The link.
    pub link: SetupLink,
    /// What it sets up something for.
    pub organization: Organization,
}

/// What a link that is shown leads to. `None`: it leads nowhere, or works no longer. Looking at it
/// changes nothing.
///
/// # Errors
///
/// Those of the store.
pub async fn look(store: &Store, handle: &Handle) -> Result<Option<Shown>, Error> {
    let (shown, now) = (handle.clone(), store.clock().now());
    let look = move |reader: &mut Reader<'_>| {
        let found = by_id(reader, shown.id)?;
        let found = found.filter(|link| shown.secret.is_of(&link.hash) && link.is_usable(now));
        let Some(link) = found else { return Ok(None) };
        Ok(whose(reader)?.map(|organization| Shown { link, organization }))
    };
    store.read_unproven(&Access::system(handle.org), look).await
}

/// The organization; `None`: it was deleted.
fn whose(reader: &mut Reader<'_>) -> Result<Option<Organization>, Error> {
    match organization::read(reader) {
        Ok(organization) => Ok(Some(organization)),
        Err(Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Starts: uses the link up. The answer is what the browser shows from now on. `None`: it leads
/// nowhere, works no longer, or was started before.
///
/// # Errors
///
/// Those of the store.
pub async fn start(
    store: &Store,
    handle: &Handle,
    address: Option<String>,
    request: Option<RequestId>,
) -> Result<Option<Handle>, Error> {
    let Some(found) = look(store, handle).await? else { return Ok(None) };
    let principal = Principal::setup_link(handle.org, found.link.id, found.link.connection);
    let mut access = principal.on(handle.org)?;
    if let Some(request) = request {
        access = access.for_request(request);
    }
    let shown = handle.clone();
    let start = move |writer: &mut Writer<'_>| {
        let now = writer.now();
        let found = by_id(writer, shown.id)?;
        let unused = found
            .is_some_and(|link| link.state(now) == State::Unused && shown.secret.is_of(&link.hash));
        if !unused {
            return Ok(None);
        }
        let (id, secret) = (shown.id.to_string(), Secret::random(writer.random()));
        writer.send(START, &[(&id).into(), now.into(), secret.hash().as_slice().into()])?;
        audit::record(writer, &id, kinds::SetupLinkStarted { address: address.clone() })?;
        Ok::<_, Error>(Some(Handle { secret, ..shown.clone() }))
    };
    store.write(&access, start).await
}

/// Whoever set-up was started by, in the browser that started.
#[derive(Clone, Debug)]
pub struct Bearer {
    /// What may be done here.
    pub access: Access,
    /// The link.
    pub link: SetupLink,
    /// Where.
    pub organization: Organization,
    /// The connection that is set up, once there is one.
    pub connection: Option<Connection>,
}

impl Bearer {
    /// Whether it started lately enough to make a credential.
    #[must_use]
    pub fn is_fresh(&self, now: Time) -> bool {
        self.link.started.is_some_and(|started| now < started.plus(FRESH))
    }
}

/// Finds out who shows the cookie of a set-up. `None`: no one whose link works.
///
/// # Errors
///
/// Those of the store.
pub async fn authenticate(
    store: &Store,
    shown: &str,
    request: Option<RequestId>,
) -> Result<Option<Bearer>, Error> {
    let Some(handle) = Handle::parse(shown) else { return Ok(None) };
    let (org, now) = (handle.org, store.clock().now());
    let look_up = move |reader: &mut Reader<'_>| {
        let found = by_id(reader, handle.id)?.filter(|link| {
            let browser = link.browser.as_deref();
            link.is_usable(now) && browser.is_some_and(|hash| handle.secret.is_of(hash))
        });
        let Some(link) = found else { return Ok(None) };
        let Some(organization) = whose(reader)? else { return Ok(None) };
        let connection = match link.connection {
            None => None,
            Some(no) => connection::by_no(reader, no)?,
        };
        let access = Principal::setup_link(org, link.id, link.connection).on(org)?;
        Ok::<_, Error>(Some(Bearer { access, link, organization, connection }))
    };
    let found = store.read(&Access::system(org), look_up).await?;
    Ok(found.map(|bearer| match request {
        Some(request) => Bearer { access: bearer.access.for_request(request), ..bearer },
        None => bearer,
    }))
}

//! Sessions: people who are signed in.
//!
//! A session is a row, and the cookie of a browser names it: the organization, the session, and a
//! secret of which the hash is kept. Each request looks it up together with the user, the
//! connection and the organization, so whoever is archived, switched off or signed out is out with
//! the next request, at every server.

pub(crate) mod about;
mod cookie;

use std::time::Duration;

use aws_lc_rs::{constant_time::verify_slices_are_equal, hmac};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::{
    access::{Access, Principal, Rank, Verb},
    audit::{self, kinds},
    clock::Time,
    connection::{self, Connection},
    credential::secret::Secret,
    db::{Row, statements},
    error::{Error, Noun},
    id::{ConnectionNo, OrgNo, RequestId, ResourceNo, SessionId},
    oauth::grant,
    organization::{self, Organization},
    resource::{
        Kind, User, by_numbers,
        membership::{self, Membership},
    },
    role::{self, Held},
    store::{Reader, Store, Writer},
};

use self::about::fingerprint;
pub use self::{
    about::{About, Client, Policy},
    cookie::Cookie,
};

statements! {
    INSERT = Sql {
        "insert into session (org, id, hash, no, connection, created, seen, expires, doc) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
    };
    GET = Sql {
        "select id, hash, no, connection, created, seen, expires, doc from session \
         where org = $1 and id = $2"
    };
    OF_USER = Sql {
        "select id, hash, no, connection, created, seen, expires, doc from session \
         where org = $1 and no = $2 order by id limit 1000"
    };
    AFTER = Sql {
        "select id, hash, no, connection, created, seen, expires, doc from session \
         where org = $1 and id > $2 order by id limit $3"
    };
    SEEN = Sql { "update session set seen = $3 where org = $1 and id = $2 and seen <= $4" };
    DESCRIBE = Sql { "update session set doc = $3 where org = $1 and id = $2" };
    END = Sql { "delete from session where org = $1 and id = $2 returning no" };
    END_OF_USER = Sql { "delete from session where org = $1 and no = $2" };
    PRUNE = Sql {
        "delete from session where org = $1 and expires < $2 and expires <= \
         (select max(expires) from (select expires from session where org = $1 \
         order by expires limit 5000) as piece)"
    };
}

/// `seen` is written at most this often for one session.
const SEEN_EVERY: Duration = Duration::from_mins(1);
/// Someone who is signed in, in one browser.
#[derive(Clone, Debug)]
pub struct Session {
    /// It stands in lists.
    pub id: SessionId,
    hash: Vec<u8>,
    /// The user.
    pub user: ResourceNo,
    connection: Option<ConnectionNo>,
    /// When it began.
    pub created: Time,
    /// When it was last used, to the minute.
    pub seen: Time,
    /// When it ends by itself.
    pub expires: Time,
    /// How it began.
    pub about: About,
}

/// A session that has just begun.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// What the browser is to show.
    pub cookie: Cookie,
    /// The session.
    pub session: Session,
}

impl Session {
    fn from_row(mut row: Row) -> Result<Self, Error> {
        let doc: String = row.get("doc")?;
        let about =
            serde_json::from_str(&doc).map_err(|error| row.damaged("doc", error.to_string()))?;
        Ok(Self {
            id: row.get("id")?,
            hash: row.get("hash")?,
            user: row.get("no")?,
            connection: row.get("connection")?,
            created: row.get("created")?,
            seen: row.get("seen")?,
            expires: row.get("expires")?,
            about,
        })
    }

    /// Whether the person signed in to go to this very address, so that the provider was asked for it.
    #[must_use]
    pub fn was_begun_for(&self, address: &str) -> bool {
        self.about.begun_for.as_deref() == Some(&fingerprint(address))
    }

    /// When the person proved who it is: by the provider's word, or else when the session began.
    #[must_use]
    pub fn authenticated(&self) -> Time {
        let instant = self.about.authn_instant.as_deref();
        let instant = instant.and_then(|text| text.parse::<jiff::Timestamp>().ok());
        instant.map_or(self.created, Time::from)
    }

    /// What a form of ours shows that this session was given: whoever sends it has seen our page. `purpose`
    /// says what for.
    #[must_use]
    pub fn form_token(&self, purpose: &str) -> String {
        URL_SAFE_NO_PAD.encode(self.form_tag(purpose))
    }

    /// Whether a form token is this session's, for this purpose.
    #[must_use]
    pub fn gave(&self, purpose: &str, shown: &str) -> bool {
        let shown = URL_SAFE_NO_PAD.decode(shown).unwrap_or_default();
        verify_slices_are_equal(self.form_tag(purpose).as_ref(), &shown).is_ok()
    }

    fn form_tag(&self, purpose: &str) -> hmac::Tag {
        hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &self.hash), purpose.as_bytes())
    }

    /// Whether it has not ended by itself.
    #[must_use]
    pub fn is_live(&self, policy: &Policy, now: Time) -> bool {
        now < self.expires && now < self.seen.plus(policy.idle)
    }
}

/// Begins a session. `cap`: when the provider wants it to end at the latest.
pub(crate) fn start(
    writer: &mut Writer<'_>,
    user: &User,
    connection: Option<&Connection>,
    about: About,
    (policy, cap): (&Policy, Option<Time>),
) -> Result<NewSession, Error> {
    writer.permit(Verb::SignIn)?;
    let (now, secret) = (writer.now(), Secret::random(writer.random()));
    let latest = now.plus(policy.life);
    let session = Session {
        id: SessionId::random(writer.random()),
        hash: secret.hash(),
        user: user.no,
        connection: connection.map(Connection::no),
        created: now,
        seen: now,
        expires: cap.map_or(latest, |cap| cap.min(latest)),
        about,
    };
    let doc =
        serde_json::to_string(&session.about).map_err(|error| Error::Store(Box::new(error)))?;
    writer.execute(
        INSERT,
        &[
            (&session.id.to_string()).into(),
            session.hash.as_slice().into(),
            session.user.into(),
            session.connection.into(),
            now.into(),
            now.into(),
            session.expires.into(),
            (&doc).into(),
        ],
    )?;
    let payload = kinds::SessionStarted {
        session: session.id.to_string(),
        user: user.name().to_owned(),
        connection: connection.map(|connection| connection.id),
        address: session.about.address.clone(),
    };
    audit::record(writer, &user.id.to_string(), payload)?;
    let cookie = Cookie { org: writer.org(), id: session.id, secret };
    Ok(NewSession { cookie, session })
}

/// Who is signed in, and what is known of the person at this moment.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// What the person may do here.
    pub access: Access,
    /// The session.
    pub session: Session,
    /// The person.
    pub user: User,
    /// Where.
    pub organization: Organization,
    /// Through which connection, if through one.
    pub connection: Option<Connection>,
    /// The roles, and why.
    pub roles: Vec<Held>,
    /// The groups, those of groups included.
    pub groups: Vec<Membership>,
}

impl SignedIn {
    /// What the roles of the person give inside of Doorward.
    #[must_use]
    pub fn rank(&self) -> Rank {
        Rank::of(&self.roles)
    }
}

/// Finds out who shows a cookie. `None`: no one who is signed in.
///
/// # Errors
///
/// Those of the store.
pub async fn authenticate(
    store: &Store,
    shown: &str,
    policy: Policy,
    request: Option<RequestId>,
) -> Result<Option<SignedIn>, Error> {
    let Some(cookie) = Cookie::parse(shown) else { return Ok(None) };
    let (org, now) = (cookie.org, store.clock().now());
    // To look it up is Doorward's own business; what is done with it is the person's.
    let access = Access::system(org);
    let found = store.read(&access, move |reader| look_up(reader, &cookie, &policy, now));
    let Some(mut found) = found.await? else { return Ok(None) };
    touch(store, &found.session, org);
    if let Some(request) = request {
        found.access = found.access.for_request(request);
    }
    Ok(Some(found))
}

fn look_up(
    reader: &mut Reader<'_>,
    cookie: &Cookie,
    policy: &Policy,
    now: Time,
) -> Result<Option<SignedIn>, Error> {
    let Some(session) = by_id(reader, cookie.id)? else { return Ok(None) };
    if !cookie.secret.is_of(&session.hash) {
        return Ok(None);
    }
    of_session(reader, session, policy, now)
}

fn by_id(reader: &mut Reader<'_>, id: SessionId) -> Result<Option<Session>, Error> {
    let row = reader.query_one(GET, &[(&id.to_string()).into()])?;
    row.map(Session::from_row).transpose()
}

/// Who is signed in with this session. Whoever asks has proven that it may know.
pub(crate) fn signed_in(
    reader: &mut Reader<'_>,
    id: SessionId,
    policy: &Policy,
    now: Time,
) -> Result<Option<SignedIn>, Error> {
    match by_id(reader, id)? {
        None => Ok(None),
        Some(session) => of_session(reader, session, policy, now),
    }
}

fn of_session(
    reader: &mut Reader<'_>,
    session: Session,
    policy: &Policy,
    now: Time,
) -> Result<Option<SignedIn>, Error> {
    if !session.is_live(policy, now) {
        return Ok(None);
    }
    let organization = match organization::read(reader) {
        Err(Error::NotFound { .. }) => return Ok(None),
        read => read?,
    };
    let user = by_numbers(reader, Kind::USER, &[session.user])?.pop().map(User);
    let Some(user) = user.filter(|user| user.is_active()) else { return Ok(None) };
    let connection = match session.connection {
        None => None,
        Some(no) => match connection::by_no(reader, no)? {
            Some(connection) if connection.lets_in(session.created) => Some(connection),
            _ => return Ok(None),
        },
    };
    let roles = role::effective::held_by(reader, &[user.no])?.pop().unwrap_or_default();
    let groups = membership::groups_of(reader, &[user.no])?.remove(&user.no).unwrap_or_default();
    let rank = Rank::of(&roles);
    let access = Principal::user(reader.org(), &user, rank).on(reader.org())?;
    Ok(Some(SignedIn { access, session, user, organization, connection, roles, groups }))
}

/// Notes that a session was used. No request waits for it, and the organization is not locked.
pub(crate) fn touch(store: &Store, session: &Session, org: OrgNo) {
    let now = store.clock().now();
    let since = now.minus(SEEN_EVERY);
    if session.seen > since {
        return;
    }
    let id = session.id.to_string();
    drop(store.append_later(org, move |appender| {
        appender.execute(SEEN, &[(&id).into(), now.into(), since.into()]).map(drop)
    }));
}

/// The same within a change.
pub(crate) fn touched(writer: &mut Writer<'_>, session: &Session) -> Result<(), Error> {
    let now = writer.now();
    let id = session.id.to_string();
    writer.send(SEEN, &[(&id).into(), now.into(), now.minus(SEEN_EVERY).into()])
}

/// What the sign-in was begun for is done: it answers no second request, not even the same again.
pub(crate) fn answered(writer: &mut Writer<'_>, session: &Session) -> Result<(), Error> {
    if session.about.begun_for.is_none() {
        return Ok(());
    }
    let about = About { begun_for: None, ..session.about.clone() };
    let doc = serde_json::to_string(&about).map_err(|error| Error::Store(Box::new(error)))?;
    writer.send(DESCRIBE, &[(&session.id.to_string()).into(), (&doc).into()])
}

/// Someone signed in with a browser in which someone was signed in: one browser is one person, so the
/// session before is over. Where it is the same person, what applications were granted goes on in the new
/// session.
///
/// # Errors
///
/// [`Error::Denied`]; those of the store.
pub fn replace(writer: &mut Writer<'_>, before: &SignedIn, next: &NewSession) -> Result<(), Error> {
    let NewSession { cookie, session } = next;
    if cookie.org == writer.org() && session.user == before.session.user {
        grant::follow(writer, before.session.id, session.id, session.expires)?;
    }
    sign_out(writer, before)
}

/// The person signs out: the session is over.
///
/// # Errors
///
/// [`Error::Denied`]; those of the store.
pub fn sign_out(writer: &mut Writer<'_>, signed_in: &SignedIn) -> Result<(), Error> {
    writer.permit(Verb::EndOwnSession)?;
    if writer.change(END, &[(&signed_in.session.id.to_string()).into()])?.is_empty() {
        return Ok(());
    }
    let session = signed_in.session.id.to_string();
    let payload = kinds::SessionEnded {
        session,
        user: signed_in.user.name().to_owned(),
        by: "sign-out".into(),
    };
    grant::end_of_session(writer, signed_in.session.id)?;
    audit::record(writer, &signed_in.user.id.to_string(), payload)
}

/// The sessions of a user that have not ended by themselves, by id.
///
/// # Errors
///
/// [`Error::Denied`]; those of the store.
pub fn of_user(
    reader: &mut Reader<'_>,
    user: &User,
    policy: &Policy,
    now: Time,
) -> Result<Vec<Session>, Error> {
    reader.permit(Verb::ReadSessions)?;
    live(reader.query(OF_USER, &[user.no.into()])?, policy, now)
}

/// The sessions of the organization after one that have not ended by themselves, with the user of
/// each, at most `limit` of them read.
///
/// # Errors
///
/// [`Error::Denied`]; those of the store.
pub fn after(
    reader: &mut Reader<'_>,
    after: Option<SessionId>,
    limit: u32,
) -> Result<Vec<(Session, User)>, Error> {
    reader.permit(Verb::ReadSessions)?;
    let after = after.map(|id| id.to_string()).unwrap_or_default();
    let rows = reader.query(AFTER, &[(&after).into(), i64::from(limit).into()])?;
    let sessions: Vec<Session> =
        rows.into_iter().map(Session::from_row).collect::<Result<_, _>>()?;
    let mut numbers: Vec<ResourceNo> = sessions.iter().map(|session| session.user).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let users = by_numbers(reader, Kind::USER, &numbers)?;
    let of = |session: Session| {
        let user = users.iter().find(|user| user.no == session.user)?.clone();
        Some((session, User(user)))
    };
    Ok(sessions.into_iter().filter_map(of).collect())
}

fn live(rows: Vec<Row>, policy: &Policy, now: Time) -> Result<Vec<Session>, Error> {
    let sessions: Result<Vec<Session>, Error> = rows.into_iter().map(Session::from_row).collect();
    Ok(sessions?.into_iter().filter(|session| session.is_live(policy, now)).collect())
}

/// Ends a session.
///
/// # Errors
///
/// [`Error::NotFound`]; [`Error::Denied`].
pub fn end(writer: &mut Writer<'_>, id: SessionId) -> Result<(), Error> {
    writer.permit(Verb::EndSessions)?;
    let missing = || Error::no_such(Noun::Session, id.to_string());
    let mut row = writer.change(END, &[(&id.to_string()).into()])?.pop().ok_or_else(missing)?;
    grant::end_of_session(writer, id)?;
    let no: ResourceNo = row.get("no")?;
    let Some(user) = by_numbers(writer, Kind::USER, &[no])?.pop() else { return Ok(()) };
    let payload = kinds::SessionEnded {
        session: id.to_string(),
        user: user.name().to_owned(),
        by: "revoked".into(),
    };
    audit::record(writer, &user.id.to_string(), payload)
}

/// Ends all sessions of a user. Answers how many there were.
///
/// # Errors
///
/// [`Error::Denied`]; those of the store.
pub fn end_all(writer: &mut Writer<'_>, user: &User) -> Result<u64, Error> {
    writer.permit(Verb::EndSessions)?;
    let ended = writer.execute(END_OF_USER, &[user.no.into()])?;
    grant::end_of_user(writer, user.no)?;
    if ended > 0 {
        let payload = kinds::SessionsEnded { user: user.name().to_owned(), sessions: ended };
        audit::record(writer, &user.id.to_string(), payload)?;
    }
    Ok(ended)
}

/// A user is archived or deleted: it is out, and coming back does not bring it in again.
pub(crate) fn forget(writer: &mut Writer<'_>, no: ResourceNo) -> Result<(), Error> {
    writer.send(END_OF_USER, &[no.into()])?;
    grant::end_of_user(writer, no)
}

/// Removes sessions that ended by themselves, a piece of them. Answers whether there may be more.
pub(crate) async fn prune(store: &Store, org: OrgNo) -> Result<bool, Error> {
    let now = store.clock().now();
    let pruned = store.append(org, move |appender| Ok(appender.execute(PRUNE, &[now.into()])? > 0));
    pruned.await
}

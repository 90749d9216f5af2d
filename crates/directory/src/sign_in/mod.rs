//! Sign-in through a connection by SAML: what was asked, what the provider answered, and who comes
//! in.
//!
//! A sign-in is three requests of one browser. [`begin`] keeps what the provider is asked.
//! [`consume`] takes it back when the answer arrives, good or bad; a good one is [kept](keep)
//! under a new handle. [`finish()`] takes the answer back for the same browser, and lets the person
//! in. Each of the three is used up by its first use.

pub(crate) mod discovery;
mod finish;
pub(crate) mod person;
mod refusal;
mod ways;

use serde::{Deserialize, Serialize};

pub(crate) use self::person::forget;
pub use self::{
    discovery::discover,
    finish::{Browser, Finished, Test, finish},
    refusal::Refusal,
    ways::{ways, ways_of},
};
use crate::{
    access::{Access, Principal, Provider, Verb},
    audit::{self, kinds},
    clock::Time,
    connection::{self, Connection},
    credential::secret::Secret,
    db::{Param, statements},
    error::{Error, Noun},
    id::{ConnectionId, ConnectionNo, OrgNo, RequestId},
    organization::{self, Organization},
    plan::{self, Feature},
    saml::{
        self, Settings, State,
        certificate::Certificate,
        request_key::{self, RequestKey},
    },
    store::{Reader, Store, Writer},
};

statements! {
    BEGIN = Sql {
        "insert into sign_in_request (org, handle, connection, request, browser, return_to, expires) \
         select $1, $2, cast($3 as bigint), $4, $5, $6, cast($7 as bigint) where exists \
         (select org from organization where org = $1 and state = 1)"
    };
    EXPIRE = Sql {
        "delete from sign_in_request where org = $1 and expires < $2 and expires <= \
         (select max(expires) from (select expires from sign_in_request where org = $1 \
         order by expires limit 2) as piece)"
    };
    CONSUME = Sql {
        "delete from sign_in_request where org = $1 and handle = $2 \
         returning connection, request, browser, return_to, expires"
    };
    TAKE_ASSERTION = Sql {
        "insert into taken_assertion (org, connection, id, expires) \
         select $1, cast($2 as bigint), $3, cast($4 as bigint) where exists \
         (select org from organization where org = $1 and state = 1) \
         on conflict (org, connection, id) do nothing returning id"
    };
    KEEP = Sql {
        "insert into sign_in_answer (org, handle, connection, browser, return_to, assertion, expires) \
         values ($1, $2, $3, $4, $5, $6, $7)"
    };
    TAKE_ANSWER = Sql {
        "delete from sign_in_answer where org = $1 and handle = $2 \
         returning connection, browser, return_to, assertion, expires"
    };
    PRUNE_REQUESTS = Sql {
        "delete from sign_in_request where org = $1 and expires < $2 and expires <= \
         (select max(expires) from (select expires from sign_in_request where org = $1 \
         order by expires limit 5000) as piece)"
    };
    PRUNE_ANSWERS = Sql {
        "delete from sign_in_answer where org = $1 and expires < $2 and expires <= \
         (select max(expires) from (select expires from sign_in_answer where org = $1 \
         order by expires limit 5000) as piece)"
    };
    PRUNE_ASSERTIONS = Sql {
        "delete from taken_assertion where org = $1 and expires < $2 and expires <= \
         (select max(expires) from (select expires from taken_assertion where org = $1 \
         order by expires limit 5000) as piece)"
    };
}

/// So long a person has at the provider.
pub(crate) const REQUEST_LIVES: std::time::Duration = std::time::Duration::from_mins(10);
/// So long the browser has to come for the answer: it comes at once.
pub(crate) const ANSWER_LIVES: std::time::Duration = std::time::Duration::from_mins(1);

/// A connection through which someone signs in, and the right to do so.
#[derive(Clone, Debug)]
pub struct SamlConnection {
    access: Access,
    /// Where one comes in.
    pub organization: Organization,
    /// The connection.
    pub connection: Connection,
    /// How one signs in through it.
    pub settings: Settings,
    /// The certificates that its answers are verified by.
    pub certificates: Vec<Certificate>,
    /// By which our requests are signed, if they are.
    pub request_key: Option<RequestKey>,
    /// Whether the plan of the organization includes it.
    pub is_entitled: bool,
}

impl SamlConnection {
    fn read(
        reader: &mut Reader<'_>,
        organization: Organization,
        connection: Connection,
    ) -> Result<Self, Error> {
        let settings = saml::of(reader, connection.no())?;
        let mut certificates = saml::certificate::all(reader, connection.no())?;
        certificates.retain(|one| one.trusted);
        let request_key = request_key::of(reader, connection.no())?;
        let is_entitled = plan::includes(reader, organization.plan.as_deref(), Feature::Saml)?;
        let provider = Provider { org: reader.org(), no: connection.no(), id: connection.id };
        let access = Principal::sign_in(provider).on(reader.org())?;
        Ok(Self {
            access,
            organization,
            connection,
            settings,
            certificates,
            request_key,
            is_entitled,
        })
    }

    pub(crate) fn org(&self) -> OrgNo {
        self.access.org()
    }

    /// Whether people sign in through it now.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.settings.state == State::Enforced && self.closed().is_none()
    }

    /// The same, with the id of the request for which it is used.
    #[must_use]
    pub fn for_request(self, request: Option<RequestId>) -> Self {
        match request {
            Some(request) => Self { access: self.access.for_request(request), ..self },
            None => self,
        }
    }

    /// The provider itself acts, as it proved by its key.
    pub(crate) fn by_provider(&self) -> Result<Access, Error> {
        let (org, no, id) = (self.access.org(), self.connection.no(), self.connection.id);
        let access = Principal::connection(Provider { org, no, id }).on(org)?;
        Ok(match self.access.request() {
            Some(request) => access.for_request(request),
            None => access,
        })
    }

    /// Why no one signs in through it, if no one does.
    #[must_use]
    pub fn closed(&self) -> Option<Refusal> {
        let in_use = match self.settings.state {
            State::Off => return Some(Refusal::Off),
            // What a connection that is being set up would do can be tried.
            State::Testing => self.connection.state != connection::State::Disabled,
            State::Enforced => self.connection.state == connection::State::Active,
        };
        match (in_use, self.is_entitled) {
            (false, _) => Some(Refusal::ConnectionNotActive),
            (true, false) => Some(Refusal::NotEntitled),
            (true, true) => None,
        }
    }
}

/// The connection with this id, of whichever organization.
///
/// # Errors
///
/// [`Error::NotFound`]; those of the store.
pub async fn find(store: &Store, id: ConnectionId) -> Result<SamlConnection, Error> {
    let missing = move || Error::no_such(Noun::Connection, id.to_string());
    let org = store.read_catalog(move |catalog| connection::home(catalog, id)).await?;
    let org = org.ok_or_else(missing)?;
    // To look it up is Doorward's own business; what is done with it is the sign-in's.
    let access = Access::system(org);
    let found = store.read(&access, move |reader| {
        let organization = match organization::read(reader) {
            Err(Error::NotFound { .. }) => return Err(missing()),
            read => read?,
        };
        let connection = connection::by_id(reader, id)?.ok_or_else(missing)?;
        SamlConnection::read(reader, organization, connection)
    });
    found.await
}

/// Keeps what the provider is asked: the `ID` of the request, which browser asks, and where it is to
/// go afterwards. Answers the `RelayState`, which leads back to it.
///
/// # Errors
///
/// Those of the store.
pub async fn begin(
    store: &Store,
    at: &SamlConnection,
    request: &str,
    browser: &Secret,
    return_to: &str,
) -> Result<Secret, Error> {
    let handle = Secret::random(store.random());
    let now = store.clock().now();
    let expires = now.plus(REQUEST_LIVES);
    let no = at.connection.no();
    let (hash, browser) = (handle.hash(), browser.hash());
    let (request, return_to) = (request.to_owned(), return_to.to_owned());
    let begun = store.append(at.access.org(), move |appender| {
        // Each that begins takes two away that came to nothing: strangers who begin without end
        // keep no more than those of ten minutes.
        appender.execute(EXPIRE, &[now.into()])?;
        let params: [Param<'_>; 6] = [
            hash.as_slice().into(),
            no.into(),
            (&request).into(),
            browser.as_slice().into(),
            (&return_to).into(),
            expires.into(),
        ];
        appender.execute(BEGIN, &params)
    });
    match begun.await? {
        0 => Err(Error::not_found(Noun::Organization)),
        _ => Ok(handle),
    }
}

/// What the provider was asked.
#[derive(Clone, Debug)]
pub struct Pending {
    /// The `ID` of the request.
    pub request: String,
    browser: Vec<u8>,
    return_to: String,
}

/// Takes back what the provider was asked: it is used up, whatever the answer is worth. `None`: it
/// was asked nothing, or by way of another connection, or too long ago, or it has answered already.
///
/// # Errors
///
/// Those of the store.
pub async fn consume(
    store: &Store,
    at: &SamlConnection,
    relay_state: &str,
) -> Result<Option<Pending>, Error> {
    let Some(handle) = Secret::parse(relay_state) else { return Ok(None) };
    let (now, no) = (store.clock().now(), at.connection.no());
    let taken = store.append(at.access.org(), move |appender| {
        let Some(mut row) = appender.change(CONSUME, &[handle.hash().as_slice().into()])?.pop()
        else {
            return Ok(None);
        };
        let is_here = row.get::<ConnectionNo>("connection")? == no;
        let in_time = now < row.get::<Time>("expires")?;
        let pending = Pending {
            request: row.get("request")?,
            browser: row.get("browser")?,
            return_to: row.get("return_to")?,
        };
        Ok((is_here && in_time).then_some(pending))
    });
    taken.await
}

/// What a provider says of a person, as it was verified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are SAML's")]
pub struct Assertion {
    pub id: String,
    pub name_id: String,
    pub email: Option<String>,
    pub given_name: Option<String>,
    pub family_name: Option<String>,
    pub display_name: Option<String>,
    /// When the person signed in at the provider, in RFC 3339.
    pub authn_instant: String,
    pub authn_context: Option<String>,
    pub session_index: Option<String>,
    /// Microseconds; sessions end then.
    pub session_not_on_or_after: Option<i64>,
    /// Microseconds; until then it could be shown again.
    pub replay_until: i64,
    /// Every attribute as it arrived, for the page of a test sign-in.
    pub attributes: Vec<(String, Vec<String>)>,
}

/// Keeps a verified answer until its browser comes for it. Answers the handle that leads to it;
/// `None`: the assertion was taken before.
///
/// # Errors
///
/// Those of the store.
pub async fn keep(
    store: &Store,
    at: &SamlConnection,
    pending: Option<Pending>,
    assertion: &Assertion,
    certificate: Vec<u8>,
) -> Result<Option<Secret>, Error> {
    let handle = Secret::random(store.random());
    let (now, no, org) = (store.clock().now(), at.connection.no(), at.access.org());
    let expires = now.plus(ANSWER_LIVES);
    let id = assertion.id.clone();
    let until = Time::from_micros(assertion.replay_until);
    let text = serde_json::to_string(assertion).map_err(|error| Error::Store(Box::new(error)))?;
    let hash = handle.hash();
    let kept = store.append(org, move |appender| {
        let taken = appender.change(TAKE_ASSERTION, &[no.into(), (&id).into(), until.into()])?;
        if taken.is_empty() {
            return Ok(false);
        }
        let browser = pending.as_ref().map(|pending| pending.browser.as_slice());
        let return_to = pending.as_ref().map_or("", |pending| &pending.return_to);
        let params: [Param<'_>; 6] = [
            hash.as_slice().into(),
            no.into(),
            browser.into(),
            return_to.into(),
            (&text).into(),
            expires.into(),
        ];
        appender.execute(KEEP, &params).map(|_| true)
    });
    let kept = kept.await?;
    saml::certificate::touch(store, org, no, certificate, now);
    Ok(kept.then_some(handle))
}

fn record_refusal(
    writer: &mut Writer<'_>,
    connection: ConnectionId,
    reason: &str,
    detail: String,
    name_id: Option<String>,
) -> Result<(), Error> {
    let payload = kinds::SignInRefused { reason: reason.to_owned(), detail, name_id };
    audit::record(writer, &connection.to_string(), payload)
}

/// Notes that an answer was not accepted, and why: in the organization's audit, where its
/// administrators look when someone cannot come in.
///
/// # Errors
///
/// Those of the store.
pub async fn refused(
    store: &Store,
    at: &SamlConnection,
    reason: &'static str,
    detail: String,
) -> Result<(), Error> {
    let id = at.connection.id;
    store
        .write(&at.access, move |writer| {
            writer.permit(Verb::SignIn)?;
            record_refusal(writer, id, reason, detail.clone(), None)
        })
        .await
}

/// Removes what is too old to be used, a piece of it. Answers whether there may be more.
pub(crate) async fn prune(store: &Store, org: OrgNo) -> Result<bool, Error> {
    let now = store.clock().now();
    let pruned = store.append(org, move |appender| {
        let mut rows = 0;
        for statement in [PRUNE_REQUESTS, PRUNE_ANSWERS, PRUNE_ASSERTIONS] {
            rows += appender.execute(statement, &[now.into()])?;
        }
        Ok(rows > 0)
    });
    pruned.await
}

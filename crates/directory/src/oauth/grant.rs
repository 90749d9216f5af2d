//! [`Grant`]: what a client was granted. Its codes and tokens belong to it.
//!
//! A grant of a person ends with the session that it was given in, and one of an organization with its
//! connection; both are looked at whenever a token is shown. What someone ends is marked as ended, in
//! one statement, and its application is told afterwards ([`super::logout`]).

use std::time::Duration;

use ::oauth::{ClientId, Scopes};
use serde::{Deserialize, Serialize};

use super::client;
use crate::{
    audit::{self, INSTALLATION, kinds},
    clock::Time,
    connection::{self, Connection, State},
    db::{Param, Row, Sql, statements},
    domain,
    error::Error,
    id::{ConnectionNo, GrantId, ResourceNo, SessionId},
    organization,
    plan::{self, Feature},
    session::{self, Policy, SignedIn},
    store::{Reader, Writer},
};

statements! {
    INSERT = Sql {
        "insert into oauth_grant (org, id, client, connection, no, session, created, expires, \
         logout_uri, doc) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
    };
    GET = Sql {
        "select id, client, connection, no, session, created, expires, ended, doc from oauth_grant \
         where org = $1 and id = $2"
    };
    EXTEND = Sql {
        "update oauth_grant set expires = $3 where org = $1 and id = $2 and expires < $3"
    };
    END = Sql {
        "update oauth_grant set ended = cast($3 as bigint), expires = $4, \
         logout_due = case when logout_uri is null then null else cast($3 as bigint) end \
         where org = $1 and id = $2 and ended is null"
    };
    END_OF_SESSION = Sql {
        "update oauth_grant set ended = cast($3 as bigint), expires = $4, \
         logout_due = case when logout_uri is null then null else cast($3 as bigint) end \
         where org = $1 and session = $2 and ended is null"
    };
    END_OF_USER = Sql {
        "update oauth_grant set ended = cast($3 as bigint), expires = $4, \
         logout_due = case when logout_uri is null then null else cast($3 as bigint) end \
         where org = $1 and no = $2 and ended is null"
    };
    END_OF_CLIENT = Sql {
        "update oauth_grant set ended = $3, expires = $4 \
         where org = $1 and client = $2 and ended is null"
    };
    FOLLOW = Sql {
        "update oauth_grant set session = $3, expires = $4 \
         where org = $1 and session = $2 and ended is null"
    };
    PRUNE = Sql {
        "delete from oauth_grant where org = $1 and expires < $2 and expires <= \
         (select max(expires) from (select expires from oauth_grant where org = $1 \
         order by expires limit 5000) as piece)"
    };
}

/// The end of a grant that does not end by itself.
pub(super) const NEVER: Time = Time::FAR;
/// So long an ended grant is kept: its application is to be told, and a token of it that is shown again
/// is to be known.
const KEPT: Duration = Duration::from_hours(48);

/// What a client was granted.
#[derive(Clone, Debug)]
pub struct Grant {
    /// It stands in the audit.
    pub id: GrantId,
    /// To whom.
    pub client: ClientId,
    connection: Option<ConnectionNo>,
    user: Option<ResourceNo>,
    session: Option<SessionId>,
    /// When.
    pub created: Time,
    pub(super) expires: Time,
    pub(super) ended: Option<Time>,
    terms: Terms,
}

/// What exactly was granted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Terms {
    pub(super) scopes: String,
    /// The session as the application knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) sid: Option<String>,
    /// The user as the application knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) subject: Option<String>,
}

/// Who grants something to a client.
#[derive(Clone, Copy, Debug)]
pub(super) enum Giver<'g> {
    /// A person, to an application, while it is signed in.
    Person(&'g SignedIn),
    /// An organization, to a provider, for what one of its connections does.
    Organization(&'g Connection),
    /// The installation, to a machine that acts for itself: for a connection, or for the management API.
    Doorward(Option<ConnectionNo>),
}

/// For whom a token that is shown acts.
#[derive(Clone, Debug)]
pub(super) enum Holder {
    /// A person who is signed in, and whether its address of e-mail is the organization's own.
    Person { signed_in: Box<SignedIn>, email_verified: bool },
    /// A connection that is not switched off.
    Connection,
    /// The client itself.
    Client,
}

impl Grant {
    fn from_row(mut row: Row) -> Result<Self, Error> {
        let client: String = row.get("client")?;
        let client = ClientId::parse(&client);
        let client = client.ok_or_else(|| row.damaged("client", "it is no identifier"))?;
        let session: Option<String> = row.get("session")?;
        let session = session.map(|text| SessionId::parse(&text));
        if session == Some(None) {
            return Err(row.damaged("session", "it is no id"));
        }
        let doc: String = row.get("doc")?;
        let terms =
            serde_json::from_str(&doc).map_err(|error| row.damaged("doc", error.to_string()))?;
        Ok(Self {
            id: row.get("id")?,
            client,
            connection: row.get("connection")?,
            user: row.get("no")?,
            session: session.flatten(),
            created: row.get("created")?,
            expires: row.get("expires")?,
            ended: row.get("ended")?,
            terms,
        })
    }

    /// A new one, to be kept.
    pub(super) fn new(
        id: GrantId,
        client: &ClientId,
        giver: Giver<'_>,
        scopes: &Scopes,
        (created, expires): (Time, Time),
    ) -> Self {
        let scopes = scopes.to_string();
        let (connection, user, session, terms) = match giver {
            Giver::Person(SignedIn { session, user, connection, .. }) => {
                let sid = Some(session.id.to_string());
                let subject = Some(user.id.to_string());
                let connection = connection.as_ref().map(Connection::no);
                let terms = Terms { scopes, sid, subject };
                (connection, Some(user.no), Some(session.id), terms)
            }
            Giver::Organization(connection) => {
                let terms = Terms { scopes, sid: None, subject: None };
                (Some(connection.no()), None, None, terms)
            }
            Giver::Doorward(connection) => {
                (connection, None, None, Terms { scopes, sid: None, subject: None })
            }
        };
        let client = client.clone();
        Self { id, client, connection, user, session, created, expires, ended: None, terms }
    }

    /// The session as its application knows it.
    #[must_use]
    pub fn session_id(&self) -> Option<&str> {
        self.terms.sid.as_deref()
    }

    /// The connection for which a provider or a machine acts.
    pub(crate) fn connection(&self) -> Option<ConnectionNo> {
        self.connection
    }

    /// Whether it is a machine's, which acts for itself and not for a connection.
    pub(super) fn is_of_machine(&self) -> bool {
        self.connection.is_none() && self.session.is_none()
    }

    /// Whether it is a provider's or a machine's, for what a connection does.
    pub(super) fn is_of_provisioning(&self) -> bool {
        self.connection.is_some() && self.session.is_none()
    }

    /// Whether it was not ended, and has not ended by itself.
    pub(crate) fn is_open(&self, now: Time) -> bool {
        self.ended.is_none() && now < self.expires
    }

    /// For whom a token of it acts. `None`: it ended, or so did the session, or the connection is
    /// switched off.
    pub(super) fn holder(
        &self,
        reader: &mut Reader<'_>,
        policy: &Policy,
        now: Time,
    ) -> Result<Option<Holder>, Error> {
        if !self.is_open(now) {
            return Ok(None);
        }
        if let Some(session) = self.session {
            let found = session::signed_in(reader, session, policy, now)?;
            let found = found.filter(|found| Some(found.user.no) == self.user);
            let Some(found) = found else { return Ok(None) };
            let email_verified = match found.user.email() {
                Some(address) => domain::verifies(reader, address)?,
                None => false,
            };
            let signed_in = Box::new(found);
            return Ok(Some(Holder::Person { signed_in, email_verified }));
        }
        if reader.org() == INSTALLATION {
            return self.client_itself(reader);
        }
        let organization = match organization::read(reader) {
            Err(Error::NotFound { .. }) => return Ok(None),
            read => read?,
        };
        let Some(no) = self.connection else { return self.client_itself(reader) };
        let connection = connection::by_no(reader, no)?;
        let connection = connection.filter(|connection| connection.state != State::Disabled);
        let is_entitled = plan::includes(reader, organization.plan.as_deref(), Feature::Scim)?;
        Ok(connection.filter(|_| is_entitled).map(|_| Holder::Connection))
    }

    /// The client, where it acts for itself and was not deleted.
    fn client_itself(&self, reader: &mut Reader<'_>) -> Result<Option<Holder>, Error> {
        Ok(client::is_there(reader, &self.client)?.then_some(Holder::Client))
    }
}

/// The statement that keeps a grant, with its values after the organization.
pub(super) fn insert<T>(
    grant: &Grant,
    logout_uri: Option<&str>,
    run: impl FnOnce(Sql, &[Param<'_>]) -> Result<T, Error>,
) -> Result<T, Error> {
    let (id, session) = (grant.id.to_string(), grant.session.map(|session| session.to_string()));
    let doc = serde_json::to_string(&grant.terms).map_err(|error| Error::Store(Box::new(error)))?;
    run(
        INSERT,
        &[
            (&id).into(),
            grant.client.as_str().into(),
            grant.connection.into(),
            grant.user.into(),
            session.as_ref().into(),
            grant.created.into(),
            grant.expires.into(),
            logout_uri.into(),
            (&doc).into(),
        ],
    )
}

pub(crate) fn by_id(reader: &mut Reader<'_>, id: GrantId) -> Result<Option<Grant>, Error> {
    let row = reader.query_one(GET, &[(&id.to_string()).into()])?;
    row.map(Grant::from_row).transpose()
}

/// A grant lives longer than it did.
pub(super) fn extend(writer: &mut Writer<'_>, id: GrantId, expires: Time) -> Result<(), Error> {
    writer.send(EXTEND, &[(&id.to_string()).into(), expires.into()])
}

/// Ends a grant: none of its codes and tokens works any more. `reason` is a word for the audit.
pub(super) fn end(writer: &mut Writer<'_>, grant: &Grant, reason: &str) -> Result<(), Error> {
    let now = writer.now();
    let ended = writer
        .execute(END, &[(&grant.id.to_string()).into(), now.into(), now.plus(KEPT).into()])?;
    if ended == 0 {
        return Ok(());
    }
    let client = grant.client.to_string();
    let payload = kinds::GrantEnded { client, reason: reason.to_owned() };
    audit::record(writer, &grant.id.to_string(), payload)
}

/// A session is over: so is what was granted in it.
pub(crate) fn end_of_session(writer: &mut Writer<'_>, session: SessionId) -> Result<(), Error> {
    let now = writer.now();
    let session = session.to_string();
    writer.send(END_OF_SESSION, &[(&session).into(), now.into(), now.plus(KEPT).into()])
}

/// All sessions of a user are over.
pub(crate) fn end_of_user(writer: &mut Writer<'_>, no: ResourceNo) -> Result<(), Error> {
    let now = writer.now();
    writer.send(END_OF_USER, &[no.into(), now.into(), now.plus(KEPT).into()])
}

/// What the statement that ends all grants of a client takes, after the organization.
pub(super) fn ending_of_client(client: &ClientId, now: Time) -> [Param<'_>; 3] {
    [client.as_str().into(), now.into(), now.plus(KEPT).into()]
}

/// A client has nothing in this organization any more. `reason` is a word for the audit. Answers how many
/// grants ended.
pub(super) fn end_of_client(
    writer: &mut Writer<'_>,
    client: &ClientId,
    reason: &str,
) -> Result<u64, Error> {
    let now = writer.now();
    let ended = writer.execute(END_OF_CLIENT, &ending_of_client(client, now))?;
    if ended > 0 {
        let (id, reason) = (client.to_string(), reason.to_owned());
        audit::record(writer, &id.clone(), kinds::GrantEnded { client: id, reason })?;
    }
    Ok(ended)
}

/// A person has signed in again in the same browser: what was granted goes on under the new session.
pub(crate) fn follow(
    writer: &mut Writer<'_>,
    before: SessionId,
    after: SessionId,
    expires: Time,
) -> Result<(), Error> {
    let (before, after) = (before.to_string(), after.to_string());
    writer.send(FOLLOW, &[(&before).into(), (&after).into(), expires.into()])
}

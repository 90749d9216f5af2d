//! [`Event`]: one change, numbered per organization without gaps, in the transaction that made it.
//!
//! Events are the feed, the outbox and the audit chain at once: each carries the hash of itself
//! and of the one before, so that a row that was changed, removed or moved later is found.

use aws_lc_rs::digest;
use serde_json::Value as Json;

use crate::{
    clock::Time,
    db::{Reader, Writer, statements},
    error::Error,
    id::{ConnectionId, KeyNo},
};

statements! {
    INSERT = Sql {
        "insert into event (org, seq, at, actor, kind, target, body, hash) \
         values ($1, $2, $3, $4, $5, $6, $7, $8)"
    };
    AFTER = Sql {
        "select seq, at, actor, kind, target, body, hash from event \
         where org = $1 and seq > $2 order by seq limit $3"
    };
}

/// Who asked for a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// The people who run the installation, through a command.
    Operator,
    /// An identity provider, through a connection.
    Connection {
        /// The connection.
        id: ConnectionId,
        /// Its number: what it creates or changes is managed by it.
        no: KeyNo,
    },
}

impl Actor {
    /// The connection that manages what this actor creates.
    pub(crate) fn connection(&self) -> Option<KeyNo> {
        match self {
            Self::Operator => None,
            Self::Connection { no, .. } => Some(*no),
        }
    }
}

impl std::fmt::Display for Actor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Operator => f.write_str("operator"),
            Self::Connection { id, .. } => write!(f, "connection:{id}"),
        }
    }
}

/// What happened. The numbers are stored and never change their meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i64)]
pub enum EventKind {
    /// An organization was made.
    OrganizationCreated = 1,
    /// Its plan changed. `plan`.
    OrganizationUpdated = 2,
    /// A connection was made.
    ConnectionCreated = 10,
    /// A connection was enabled.
    ConnectionEnabled = 11,
    /// A connection was disabled.
    ConnectionDisabled = 12,
    /// Another profile was chosen for a connection. `profile`.
    ConnectionProfileChanged = 13,
    /// A connection got another name for people. `name`.
    ConnectionRenamed = 14,
    /// A connection was deleted, with its tokens.
    ConnectionDeleted = 15,
    /// A token was issued.
    TokenIssued = 20,
    /// A token was revoked.
    TokenRevoked = 21,
    /// A definition of schemas was registered, or replaced. `scope`.
    SchemaRegistered = 30,
    /// A definition of schemas was removed. `scope`.
    SchemaRemoved = 31,
    /// A user came to be. `resource`, and `joined`: groups that had been waiting for it.
    UserCreated = 100,
    /// Attributes changed. `resource` is the user after the change.
    UserUpdated = 101,
    /// A user was deactivated: archived, with everything kept. `resource`.
    UserArchived = 102,
    /// An archived user came back, with its old id. `resource`, `joined`.
    UserReactivated = 103,
    /// A user was deleted. `left`: the groups it was in.
    UserDeleted = 104,
    /// A group came to be. `resource`, `added`, `joined`.
    GroupCreated = 200,
    /// A group changed. `resource` if attributes changed; `cleared`, then `added` and `removed`.
    GroupUpdated = 201,
    /// A group was deleted. `left`: the groups it was in.
    GroupDeleted = 202,
    /// A resource of a registered type came to be. `type`, `resource`.
    ResourceCreated = 300,
    /// A resource of a registered type changed. `type`, `resource`.
    ResourceUpdated = 301,
    /// A resource of a registered type was deleted. `type`.
    ResourceDeleted = 302,
}

impl EventKind {
    const ALL: [Self; 23] = [
        Self::OrganizationCreated,
        Self::OrganizationUpdated,
        Self::ConnectionCreated,
        Self::ConnectionEnabled,
        Self::ConnectionDisabled,
        Self::ConnectionProfileChanged,
        Self::ConnectionRenamed,
        Self::ConnectionDeleted,
        Self::TokenIssued,
        Self::TokenRevoked,
        Self::SchemaRegistered,
        Self::SchemaRemoved,
        Self::UserCreated,
        Self::UserUpdated,
        Self::UserArchived,
        Self::UserReactivated,
        Self::UserDeleted,
        Self::GroupCreated,
        Self::GroupUpdated,
        Self::GroupDeleted,
        Self::ResourceCreated,
        Self::ResourceUpdated,
        Self::ResourceDeleted,
    ];

    fn from_store(number: i64) -> Result<Self, Error> {
        Self::ALL
            .into_iter()
            .find(|kind| *kind as i64 == number)
            .ok_or_else(|| Error::corrupt(format!("an event is of the unknown kind {number}")))
    }
}

/// One change.
#[derive(Clone, Debug)]
pub struct Event {
    /// Its number: 1, 2, 3 … in its organization.
    pub seq: i64,
    /// When it was made. Never before the one with the number before.
    pub at: Time,
    /// Who asked for it, as text: `operator`, `connection:<id>`.
    pub actor: String,
    /// What happened.
    pub kind: EventKind,
    /// The id of what changed.
    pub target: String,
    /// What changed, by kind.
    pub body: Json,
    pub(crate) hash: Vec<u8>,
    text: String,
}

impl Event {
    /// The hash that an event with this content must carry after one with hash `previous`.
    pub(crate) fn expected_hash(&self, previous: &[u8]) -> Vec<u8> {
        let kind = self.kind as i64;
        chain(previous, self.seq, self.at, &self.actor, kind, &self.target, &self.text)
    }
}

/// Writes an event. Called once by each verb that changed something, in its transaction.
pub(crate) fn emit(
    writer: &mut Writer<'_>,
    kind: EventKind,
    target: &str,
    body: &Json,
) -> Result<(), Error> {
    let (at, actor) = (writer.now(), writer.actor().to_string());
    let body = body.to_string();
    let (seq, head) = writer.next_event();
    let hash = chain(head, seq, at, &actor, kind as i64, target, &body);
    head.clone_from(&hash);
    writer.execute(
        INSERT,
        &[
            seq.into(),
            at.as_micros().into(),
            (&actor).into(),
            (kind as i64).into(),
            target.into(),
            (&body).into(),
            hash.as_slice().into(),
        ],
    )?;
    Ok(())
}

/// The events after number `seq`, in order, at most `limit`.
///
/// # Errors
///
/// Those of the store.
pub fn after(reader: &mut Reader<'_>, seq: i64, limit: i64) -> Result<Vec<Event>, Error> {
    reader
        .query(AFTER, &[seq.into(), limit.into()])?
        .into_iter()
        .map(|mut row| {
            let text = row.text(5)?;
            let body = serde_json::from_str(&text)
                .map_err(|_| Error::corrupt("the body of an event cannot be read"))?;
            Ok(Event {
                seq: row.int(0)?,
                at: Time::from_micros(row.int(1)?),
                actor: row.text(2)?,
                kind: EventKind::from_store(row.int(3)?)?,
                target: row.text(4)?,
                body,
                hash: row.bytes(6)?,
                text,
            })
        })
        .collect()
}

/// The hash of an event. Texts are led by their length, so that no two contents hash the same
/// bytes.
fn chain(
    previous: &[u8],
    seq: i64,
    at: Time,
    actor: &str,
    kind: i64,
    target: &str,
    body: &str,
) -> Vec<u8> {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(previous);
    for number in [seq, at.as_micros(), kind] {
        context.update(&number.to_be_bytes());
    }
    for text in [actor, target, body] {
        context.update(&(text.len() as u64).to_be_bytes());
        context.update(text.as_bytes());
    }
    context.finish().as_ref().to_vec()
}

#[cfg(test)]
mod tests {
    use super::{Time, chain};

    #[test]
    fn the_hash_depends_on_every_part_and_on_where_texts_end() {
        let at = Time::from_micros(5);
        let base = chain(b"p", 1, at, "a", 2, "b", "c");
        for other in [
            chain(b"q", 1, at, "a", 2, "b", "c"),
            chain(b"p", 2, at, "a", 2, "b", "c"),
            chain(b"p", 1, Time::from_micros(6), "a", 2, "b", "c"),
            chain(b"p", 1, at, "x", 2, "b", "c"),
            chain(b"p", 1, at, "a", 3, "b", "c"),
            chain(b"p", 1, at, "a", 2, "bc", ""),
        ] {
            assert_ne!(base, other);
        }
    }
}

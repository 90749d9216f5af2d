//! Requests that are done once, however often they are sent: the `Idempotency-Key` of HTTP.
//!
//! What came of the first is kept in the transaction that did it, by the principal and the key that it
//! chose: whoever sends it again, because no answer came, gets that answer, and nothing is done. Secrets
//! are not kept.

use std::time::Duration;

use aws_lc_rs::digest;

use crate::{
    clock::Time,
    db::statements,
    error::{Error, WorkError},
    id::OrgNo,
    store::{Reader, Store, Writer},
};

statements! {
    GET = Sql {
        "select fingerprint, answer, created from idempotent_request \
         where org = $1 and principal = $2 and key = $3"
    };
    PUT = Sql {
        "insert into idempotent_request (org, principal, key, fingerprint, answer, created) \
         values ($1, $2, $3, $4, $5, $6) on conflict (org, principal, key) do update set \
         fingerprint = excluded.fingerprint, answer = excluded.answer, created = excluded.created"
    };
    PRUNE = Sql {
        "delete from idempotent_request where org = $1 and created < $2 and created <= \
         (select max(created) from (select created from idempotent_request where org = $1 \
         order by created limit 5000) as piece)"
    };
}

/// So long what came of a request is known.
pub const KEPT: Duration = Duration::from_hours(24);
/// The longest key, in characters.
pub(crate) const LONGEST: usize = 255;

/// What a client calls a request, and what the request was.
#[derive(Clone, Debug)]
pub struct Key {
    text: String,
    fingerprint: Vec<u8>,
}

impl Key {
    /// The key of a request that consists of these parts.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] where it is no text of 1 to 255 visible characters of ASCII.
    pub fn new(text: &str, request: &[&[u8]]) -> Result<Self, Error> {
        if !(1..=LONGEST).contains(&text.len()) || !text.bytes().all(|byte| byte.is_ascii_graphic())
        {
            let detail =
                format!("An Idempotency-Key has 1 to {LONGEST} visible characters of ASCII.");
            return Err(Error::invalid("idempotency-key", detail));
        }
        let mut context = digest::Context::new(&digest::SHA256);
        for part in request {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        Ok(Self { text: text.to_owned(), fingerprint: context.finish().as_ref().to_vec() })
    }
}

/// What came of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// What was answered, without secrets.
    pub answer: String,
    /// Whether it was done before, and nothing was done now.
    pub replayed: bool,
}

/// Does something, unless the same principal has had it done under this key. Without a key it is done.
/// `work` answers what is kept.
///
/// # Errors
///
/// Those of the work; [`Error::Conflict`] where another request has the key.
pub fn once<E: WorkError>(
    writer: &mut Writer<'_>,
    key: Option<&Key>,
    work: impl FnOnce(&mut Writer<'_>) -> Result<String, E>,
) -> Result<Outcome, E> {
    let Some(key) = key else {
        return Ok(Outcome { answer: work(writer)?, replayed: false });
    };
    if let Some(answer) = find(writer, key)? {
        return Ok(Outcome { answer, replayed: true });
    }
    let answer = work(writer)?;
    let (principal, now) = (writer.access().principal().to_string(), writer.now());
    let params = [
        (&principal).into(),
        (&key.text).into(),
        key.fingerprint.as_slice().into(),
        (&answer).into(),
        now.into(),
    ];
    writer.send(PUT, &params)?;
    Ok(Outcome { answer, replayed: false })
}

/// What came of a request under this key; `None`: it was not done, or so long ago that it is forgotten.
///
/// # Errors
///
/// [`Error::Conflict`] where another request has the key; those of the store.
pub fn find(reader: &mut Reader<'_>, key: &Key) -> Result<Option<String>, Error> {
    let principal = reader.access().principal().to_string();
    let Some(mut row) = reader.query_one(GET, &[(&principal).into(), (&key.text).into()])? else {
        return Ok(None);
    };
    let created: Time = row.get("created")?;
    if created.plus(KEPT) <= reader.services().clock.now() {
        return Ok(None);
    }
    if row.get::<Vec<u8>>("fingerprint")? != key.fingerprint {
        let detail = "Another request was sent with this Idempotency-Key. Choose a new one.";
        return Err(Error::conflict("idempotency-key", detail));
    }
    row.get("answer").map(Some)
}

/// Forgets requests of an organization that are old, 5,000 at the most. Answers whether there were some.
pub(crate) async fn prune(store: &Store, org: OrgNo) -> Result<bool, Error> {
    let before = store.clock().now().minus(KEPT);
    let removed = store.append(org, move |appender| appender.execute(PRUNE, &[before.into()]));
    Ok(removed.await? > 0)
}

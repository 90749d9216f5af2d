//! [`Entry`]: what both records are made of.

use std::fmt::{Debug, Display};

use aws_lc_rs::digest;
use serde::Serialize;

use super::Described;
use crate::{
    access::Principal,
    clock::Time,
    db::{Param, Row},
    error::Error,
    id::RequestId,
    store::Writer,
};

/// A record is known by what its entries tell: the payloads of its kinds.
pub trait Record: Clone + Debug + Serialize + Sized {
    /// The number of an entry: 1, 2, 3 … in its chain.
    type No: Copy + Debug + Display + Serialize + From<i64> + Into<i64> + Send + 'static;
    /// What can happen.
    type Kind: Copy + Into<Described>;

    /// What happened.
    fn kind(&self) -> Self::Kind;

    /// The payload of the kind with a number, as it is stored; `None`: no kind has the number.
    fn read(kind: i64, text: &str) -> Option<serde_json::Result<Self>>;
}

/// One entry of a record, as it is stored for ever.
#[derive(Clone, Debug)]
pub struct Entry<R: Record> {
    /// Its number: 1, 2, 3 … without gaps in its chain.
    pub no: R::No,
    /// When it was written. Never before the one with the number before.
    pub at: Time,
    /// Who did it, as text: `operator`, `connection:<id>`.
    pub principal: String,
    /// For which request or command.
    pub request: Option<RequestId>,
    /// The id, number or name of what it was done to.
    pub target: String,
    /// What was done.
    pub payload: R,
    body: String,
    hash: Vec<u8>,
}

/// The newest entry of a chain: its number and its hash.
#[derive(Clone, Debug)]
pub(crate) struct Head<N> {
    pub(crate) no: N,
    pub(crate) hash: Vec<u8>,
}

impl<N: From<i64>> Head<N> {
    /// Before the first entry.
    pub(crate) fn start() -> Self {
        Self { no: N::from(0), hash: Vec::new() }
    }
}

/// Who does something, and when.
pub(crate) struct Act {
    pub(crate) at: Time,
    pub(crate) principal: String,
    pub(crate) request: Option<RequestId>,
}

impl Act {
    /// What a writer does.
    pub(crate) fn of(writer: &Writer<'_>) -> Self {
        let access = writer.access();
        Self::new(writer.now(), access.principal(), access.request())
    }

    pub(crate) fn new(at: Time, principal: &Principal, request: Option<RequestId>) -> Self {
        Self { at, principal: principal.to_string(), request }
    }

    /// Moves the head of a chain on to a new entry, which has to be stored.
    pub(crate) fn entry<R: Record>(
        self,
        head: &mut Head<R::No>,
        target: &str,
        payload: R,
    ) -> Result<Entry<R>, Error> {
        let body =
            serde_json::to_string(&payload).map_err(|error| Error::Store(Box::new(error)))?;
        let mut entry = Entry {
            no: R::No::from(head.no.into() + 1),
            at: self.at,
            principal: self.principal,
            request: self.request,
            target: target.to_owned(),
            payload,
            body,
            hash: Vec::new(),
        };
        entry.hash = entry.hash_after(&head.hash);
        *head = entry.as_head();
        Ok(entry)
    }
}

impl<R: Record> Entry<R> {
    /// What happened.
    #[must_use]
    pub fn kind(&self) -> R::Kind {
        self.payload.kind()
    }

    /// What happened, as documents describe it.
    #[must_use]
    pub fn described(&self) -> Described {
        self.kind().into()
    }

    /// What was done, in JSON: the text that the chain hashes.
    #[must_use]
    pub fn json(&self) -> &str {
        &self.body
    }

    /// Runs a statement that stores the entry: its columns are the parameters after the
    /// organization.
    pub(crate) fn store(
        &self,
        insert: impl FnOnce(&[Param<'_>]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let request = self.request.map(|id| id.to_string());
        let no: i64 = self.no.into();
        insert(&[
            no.into(),
            self.at.into(),
            (&self.principal).into(),
            request.as_ref().into(),
            self.described().number.into(),
            (&self.target).into(),
            (&self.body).into(),
            self.hash.as_slice().into(),
        ])
    }

    /// Reads an entry as it was stored.
    pub(crate) fn from_row(mut row: Row) -> Result<Self, Error> {
        let body: String = row.get("body")?;
        let payload = match R::read(row.get("kind")?, &body) {
            Some(payload) => payload.map_err(|error| row.damaged("body", error))?,
            None => return Err(row.damaged("kind", "it is not the number of a known kind")),
        };
        Ok(Self {
            no: R::No::from(row.get::<i64>("seq")?),
            at: row.get("at")?,
            principal: row.get("principal")?,
            request: row.get("request")?,
            target: row.get("target")?,
            payload,
            body,
            hash: row.get("hash")?,
        })
    }

    /// The head of a chain that ends with this entry.
    pub(crate) fn as_head(&self) -> Head<R::No> {
        Head { no: self.no, hash: self.hash.clone() }
    }

    /// Whether its hash is the one that it must carry after an entry with hash `previous`.
    pub(crate) fn follows(&self, previous: &[u8]) -> bool {
        self.hash_after(previous) == self.hash
    }

    /// The hash of the entry after one with hash `previous`. Texts are led by their length, so that
    /// no two contents hash the same bytes.
    fn hash_after(&self, previous: &[u8]) -> Vec<u8> {
        let mut context = digest::Context::new(&digest::SHA256);
        context.update(previous);
        for number in [self.no.into(), self.at.as_micros(), self.described().number] {
            context.update(&number.to_be_bytes());
        }
        let request = self.request.map(|id| id.to_string()).unwrap_or_default();
        for text in [&self.principal, &request, &self.target, &self.body] {
            context.update(&(text.len() as u64).to_be_bytes());
            context.update(text.as_bytes());
        }
        context.finish().as_ref().to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::{Act, Entry, Head, Time};
    use crate::{
        event::{Event, kinds},
        id::{EventNo, RequestId},
        random::Random,
    };

    #[test]
    fn the_hash_depends_on_every_part_and_on_where_texts_end() {
        let random = Random::from_seed(1);
        let act = Act {
            at: Time::from_micros(5),
            principal: "a".to_owned(),
            request: Some(RequestId::new(&random)),
        };
        let payload = kinds::ConnectionDeleted {};
        let mut head = Head::<EventNo>::start();
        let base: Event = act.entry(&mut head, "b", payload.into()).expect("it is JSON");
        assert!(base.follows(b"") && !base.follows(b"q"));
        assert_eq!((i64::from(head.no), &head.hash), (1, &base.hash));
        let (mut target, mut body) = (base.target.clone(), base.body.clone());
        target.push(body.remove(0));
        for other in [
            Entry { no: 2.into(), ..base.clone() },
            Entry { at: Time::from_micros(6), ..base.clone() },
            Entry { principal: "x".to_owned(), ..base.clone() },
            Entry { request: None, ..base.clone() },
            Entry { payload: kinds::ConnectionActivated {}.into(), ..base.clone() },
            Entry { target, body, ..base.clone() },
        ] {
            assert!(!other.follows(b""), "{other:?}");
        }
    }
}

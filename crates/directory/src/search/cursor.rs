//! [`Cursors`]: positions in a list as texts that clients carry (RFC 9865).
//!
//! A cursor holds everything that the next page needs, sealed under a key of the installation: no
//! node remembers a walk, any of them serves the next page, and no one else reads or makes one. It
//! is bound to the organization and to the query that it was given out for.

use std::{fmt, sync::Arc, time::Duration};

use aws_lc_rs::digest;
use scim::{Filter, query::Sort, schema::ResourceSchema};

use super::{PageStart, Position};
use crate::{
    access::Access,
    clock::{Clock, Time},
    error::Error,
    id::{OrgNo, ResourceNo},
    random::Random,
    resource::Kind,
    seal::{self, Seal},
};

/// Comes before the key of a position that has one.
const KEYED: u8 = 1;

/// Seals positions and opens cursors. Cheap to clone.
#[derive(Clone)]
pub struct Cursors {
    seal: Arc<Seal>,
    clock: Arc<dyn Clock>,
    random: Arc<Random>,
}

impl fmt::Debug for Cursors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cursors")
    }
}

/// What a cursor belongs to: the organization and the query. It is good for nothing else.
#[derive(Clone, Debug)]
pub struct Query(digest::Digest);

impl Query {
    /// The query for resources of these types.
    #[must_use]
    pub fn new<'s>(
        access: &Access,
        types: impl IntoIterator<Item = &'s ResourceSchema>,
        filter: Option<&Filter>,
        sort: Option<&Sort>,
    ) -> Self {
        Self::of(access.org(), types, filter, sort)
    }

    fn of<'s>(
        org: OrgNo,
        types: impl IntoIterator<Item = &'s ResourceSchema>,
        filter: Option<&Filter>,
        sort: Option<&Sort>,
    ) -> Self {
        let mut hash = digest::Context::new(&digest::SHA256);
        hash.update(&org.0.to_be_bytes());
        // Each part with its length in front: no two queries run together into one text.
        let mut add = |part: &str| {
            hash.update(&(part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        };
        add(&filter.map(Filter::to_string).unwrap_or_default());
        add(&sort.map(Sort::to_string).unwrap_or_default());
        for schema in types {
            add(&schema.resource_type().name);
        }
        Self(hash.finish())
    }
}

impl Cursors {
    /// So long a client may wait between two pages.
    pub const LIFETIME: Duration = Duration::from_hours(1);

    /// Cursors under a key.
    #[must_use]
    pub fn new(key: &[u8; seal::KEY], clock: Arc<dyn Clock>, random: Arc<Random>) -> Self {
        Self { seal: Arc::new(Seal::new(key)), clock, random }
    }

    /// The cursor of the page after a position. It works until [`Cursors::LIFETIME`] has passed.
    #[must_use]
    pub fn seal(&self, query: &Query, position: &Position, total: u64) -> String {
        let expires = self.clock.now().plus(Self::LIFETIME).as_micros();
        let numbers = [expires, total.cast_signed(), position.kind.number(), position.no.0];
        let mut content: Vec<u8> = numbers.iter().flat_map(|number| number.to_be_bytes()).collect();
        if let Some(key) = &position.key {
            content.push(KEYED);
            content.extend(key.as_bytes());
        }
        self.seal.seal(&self.random, query.0.as_ref(), &content)
    }

    /// Where the page of a cursor begins.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidCursor`] where it was not given out for this query of this organization, or not by
    /// this installation; [`Error::ExpiredCursor`] where it is too old.
    pub fn open(&self, query: &Query, cursor: &str) -> Result<PageStart, Error> {
        let content = self.seal.open(query.0.as_ref(), cursor);
        let (expires, start) =
            content.as_deref().and_then(Self::read).ok_or(Error::InvalidCursor {
                detail: "The cursor is not one that was given out for this query. Send the \
                         nextCursor of the page before with the same filter, sortBy and \
                         sortOrder to the same address, or an empty cursor to begin."
                    .into(),
            })?;
        if self.clock.now() >= expires {
            let minutes = Self::LIFETIME.as_secs() / 60;
            let detail = format!(
                "The cursor is older than {minutes} minutes. Begin again with an empty cursor."
            );
            return Err(Error::ExpiredCursor { detail: detail.into() });
        }
        Ok(start)
    }

    /// The cursor of the page after a place in a list that is not one of resources: `list` names it, of
    /// an organization or of the installation. It works for ever.
    #[must_use]
    pub fn seal_place(&self, access: Option<&Access>, list: &str, place: &str) -> String {
        self.seal.seal(&self.random, &Self::bound_to(access, list), place.as_bytes())
    }

    /// The place after which the page of such a cursor begins.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidCursor`] where it was not given out for this list of this organization.
    pub fn open_place(
        &self,
        access: Option<&Access>,
        list: &str,
        cursor: &str,
    ) -> Result<String, Error> {
        let content = self.seal.open(&Self::bound_to(access, list), cursor);
        content.and_then(|bytes| String::from_utf8(bytes).ok()).ok_or(Error::InvalidCursor {
            detail: "The cursor is not one that was given out for this list. Send the `next` of the page \
                     before, or none to begin."
                .into(),
        })
    }

    fn bound_to(access: Option<&Access>, list: &str) -> Vec<u8> {
        let org = access.map_or(0, |access| access.org().0);
        [&org.to_be_bytes(), list.as_bytes()].concat()
    }

    /// What stands in a cursor: when it expires, and where its page begins.
    #[must_use]
    pub fn read(content: &[u8]) -> Option<(Time, PageStart)> {
        let mut rest = content;
        let mut number = || {
            let (bytes, after) = rest.split_first_chunk::<8>()?;
            rest = after;
            Some(i64::from_be_bytes(*bytes))
        };
        let (expires, total, kind, no) = (number()?, number()?, number()?, number()?);
        let key = match rest.split_first() {
            None => None,
            Some((&KEYED, key)) => Some(str::from_utf8(key).ok()?.to_owned()),
            Some(_) => return None,
        };
        let position = Position { kind: Kind::from_store(kind), key, no: ResourceNo(no) };
        let start = PageStart::After { position, total: total.cast_unsigned() };
        Some((Time::from_micros(expires), start))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use scim::{Filter, query::Sort, schema::builtin};

    use super::{Cursors, Query};
    use crate::{
        clock::{ManualClock, Time},
        id::{OrgNo, ResourceNo},
        random::Random,
        resource::Kind,
        search::{PageStart, Position},
    };

    fn cursors(key: u8, clock: &Arc<ManualClock>) -> Cursors {
        let clock: Arc<ManualClock> = Arc::clone(clock);
        Cursors::new(&[key; 32], clock, Arc::new(Random::from_seed(1)))
    }

    fn clock() -> Arc<ManualClock> {
        Arc::new(ManualClock::new(Time::from_micros(1_000_000)))
    }

    fn query(org: i64, filter: Option<&str>, order: Option<&str>) -> Query {
        let filter = filter.map(|text| Filter::parse(text).expect("a filter"));
        let sort = Sort::parse(order, None).expect("an order");
        Query::of(OrgNo(org), [&**builtin::user()], filter.as_ref(), sort.as_ref())
    }

    fn position(key: Option<&str>) -> Position {
        Position { kind: Kind::USER, key: key.map(str::to_owned), no: ResourceNo(7) }
    }

    #[test]
    fn a_cursor_leads_back_to_its_position() {
        let cursors = cursors(1, &clock());
        let query = query(1, Some("active eq true"), Some("userName"));
        for position in [position(None), position(Some("")), position(Some("ada@example.com"))] {
            let cursor = cursors.seal(&query, &position, 42);
            match cursors.open(&query, &cursor).expect("its own") {
                PageStart::After { position: found, total } => {
                    assert_eq!((found, total), (position, 42));
                }
                PageStart::Offset(_) => panic!("a position"),
            }
        }
    }

    #[test]
    fn the_longest_key_fits() {
        let cursors = cursors(1, &clock());
        let query = query(1, None, None);
        let position = position(Some(&"x".repeat(crate::resource::index::LONGEST_KEY)));
        let cursor = cursors.seal(&query, &position, u64::MAX);
        assert!(cursors.open(&query, &cursor).is_ok(), "{} characters", cursor.len());
    }

    #[test]
    fn a_cursor_is_good_for_its_query_only() {
        let clock = clock();
        let given = query(1, Some("active eq true"), Some("userName"));
        let cursor = cursors(1, &clock).seal(&given, &position(None), 3);
        let refused = |cursors: &Cursors, query: &Query| {
            cursors.open(query, &cursor).expect_err("not its own").code()
        };
        for other in [
            query(2, Some("active eq true"), Some("userName")),
            query(1, Some("active eq false"), Some("userName")),
            query(1, None, Some("userName")),
            query(1, Some("active eq true"), Some("id")),
            query(1, Some("active eq true"), None),
        ] {
            assert_eq!(refused(&cursors(1, &clock), &other), "invalid_cursor");
        }
        assert_eq!(refused(&cursors(2, &clock), &given), "invalid_cursor");
        // The same question in other words is the same question.
        let same = query(1, Some("active  EQ true"), Some("userName"));
        assert!(cursors(1, &clock).open(&same, &cursor).is_ok());
    }

    #[test]
    fn a_cursor_expires() {
        let clock = clock();
        let cursors = cursors(1, &clock);
        let query = query(1, None, None);
        let cursor = cursors.seal(&query, &position(None), 3);
        clock.advance(Cursors::LIFETIME.saturating_sub(std::time::Duration::from_micros(1)));
        assert!(cursors.open(&query, &cursor).is_ok());
        clock.advance(std::time::Duration::from_micros(1));
        let error = cursors.open(&query, &cursor).expect_err("old");
        assert_eq!(error.code(), "expired_cursor");
    }
}

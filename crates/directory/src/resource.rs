//! [`Record`]: what users, groups and resources of registered types have in common.

use scim::{Meta, Object, Precondition, Verdict, schema::ResourceSchema};

use crate::{
    custom::Custom,
    db::{ListSql, Param, Reader, Row, Sql, statements},
    error::Error,
    group::Group,
    id::{ResourceId, ResourceNo},
    kind::Kind,
    rank,
    search::{self, Place, Resource, Search, Start},
    user::User,
};

statements! {
    COUNTS = Sql { "select users, groups from organization where org = $1" };
}

/// A resource of the directory: a [`User`], a [`Group`], or one of a registered type.
pub trait Record: Sized + Into<Resource> + TryFrom<Resource> {
    /// A page of all resources of a type, in the order of their creation, which never changes.
    ///
    /// Cost: O(log n) to find the page, wherever it is, and O(`count`).
    ///
    /// # Errors
    ///
    /// Those of the store.
    fn list(
        reader: &mut Reader<'_>,
        schema: &ResourceSchema,
        skip: u64,
        count: u64,
    ) -> Result<Page<Self>, Error> {
        let start = Start::At(skip);
        let all = Search {
            filter: None,
            sort: None,
            start,
            count,
            budget: usize::MAX,
            base_url: String::new(),
        };
        Self::search(reader, schema, &all)
    }

    /// The page of resources of one type that match: [`search::search`].
    ///
    /// # Errors
    ///
    /// As there.
    fn search(
        reader: &mut Reader<'_>,
        schema: &ResourceSchema,
        search: &Search,
    ) -> Result<Page<Self>, Error> {
        let Page { total, items, next } = search::search(reader, &[schema], search)?;
        let items = items.into_iter().filter_map(|item| item.try_into().ok()).collect();
        Ok(Page { total, items, next })
    }

    /// Its public id.
    fn id(&self) -> ResourceId;

    /// Its `meta`, with an empty location: addresses are the server's.
    fn meta(&self) -> Meta;

    /// Its attributes in canonical form.
    fn resource(&self) -> &Object;
}

/// What all kinds have under the same names.
macro_rules! records {
    ($($record:ident),*) => {$(
        impl Record for $record {
            fn id(&self) -> ResourceId {
                self.id
            }

            fn meta(&self) -> Meta {
                Meta {
                    created: self.created.timestamp(),
                    last_modified: self.modified.timestamp(),
                    version: self.version,
                    location: String::new(),
                }
            }

            fn resource(&self) -> &Object {
                &self.resource
            }
        }
    )*};
}
records!(User, Group, Custom);

/// How a kind of resource is stored.
pub(crate) trait Stored: Record {
    /// Whether several kinds share one table. Its statements then take the kind as their last
    /// parameter.
    const SHARES_TABLE: bool = false;
    /// Rows behind number `$2`, at most `$3`, after skipping `$4`.
    const AFTER: Sql;
    /// Rows with these numbers, in any order.
    const BY_NUMBERS: ListSql;

    /// Reads a row of the statements above.
    fn from_row(row: Row) -> Result<Self, Error>;

    /// Its number: resources are listed in this order.
    fn no(&self) -> ResourceNo;
}

/// One page of a list.
#[derive(Clone, Debug)]
pub struct Page<R> {
    /// How many resources match in all.
    pub total: u64,
    /// The resources of this page.
    pub items: Vec<R>,
    /// Where the next page begins, if there is one.
    pub next: Option<Place>,
}

/// How many resources of a kind there are.
///
/// Cost: one row; for registered types one row for each two million.
pub(crate) fn total(reader: &mut Reader<'_>, kind: Kind) -> Result<u64, Error> {
    let total = match kind {
        Kind::USER | Kind::GROUP => {
            let row = reader.query_one(COUNTS, &[])?.ok_or(Error::NotFound)?;
            row.int(usize::from(kind == Kind::GROUP))?
        }
        kind => rank::total(reader, kind)?,
    };
    u64::try_from(total).map_err(|_| Error::corrupt("a count is negative"))
}

/// The resources behind a number, in order.
pub(crate) fn rows_after<R: Stored>(
    reader: &mut Reader<'_>,
    kind: Kind,
    after: ResourceNo,
    count: u64,
    skip: i64,
) -> Result<Vec<R>, Error> {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let params: [Param<'_>; 4] = [after.0.into(), count.into(), skip.into(), kind.number().into()];
    let used = if R::SHARES_TABLE { 4 } else { 3 };
    reader.query(R::AFTER, &params[..used])?.into_iter().map(R::from_row).collect()
}

/// The resources with these numbers, in order.
pub(crate) fn by_numbers<R: Stored>(
    reader: &mut Reader<'_>,
    numbers: &[ResourceNo],
) -> Result<Vec<R>, Error> {
    let items: Vec<[crate::db::Param<'_>; 1]> = numbers.iter().map(|no| [no.0.into()]).collect();
    let rows = reader.query_list(&R::BY_NUMBERS, &[], &items)?;
    let mut records: Vec<R> = rows.into_iter().map(R::from_row).collect::<Result<_, _>>()?;
    records.sort_unstable_by_key(Stored::no);
    Ok(records)
}

/// Whether a record is in a version that may be changed. A verb asks right after it has read the
/// record: the organization is locked, so nobody changes it in between and no update is lost.
///
/// # Errors
///
/// [`Error::PreconditionFailed`].
pub(crate) fn require<R: Record>(record: &R, condition: &Precondition) -> Result<(), Error> {
    let version = record.meta().version;
    match condition.judge_change(version) {
        Verdict::Holds => Ok(()),
        Verdict::Unchanged | Verdict::Failed => Err(Error::PreconditionFailed { version }),
    }
}

/// Reads a stored document.
pub(crate) fn parse_document(text: &str) -> Result<Object, Error> {
    // What was accepted once is read back whatever the limits are today.
    let limits = scim::json::Limits { depth: 120, names: usize::MAX };
    scim::json::from_slice(text.as_bytes(), limits)
        .map_err(|error| Error::corrupt(format!("a document cannot be read: {error}")))
}

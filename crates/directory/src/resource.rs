//! [`Record`]: what users and groups have in common.

use scim::{Meta, Object, schema::ResourceSchema};

use crate::{
    db::{Counted, ListSql, Reader, Row, Sql, statements},
    error::Error,
    id::{ResourceId, ResourceNo},
    rank,
    search::Search,
};

statements! {
    COUNTS = Sql { "select users, groups from organization where org = $1" };
}

/// A resource of the directory: a [`User`](crate::user::User) or a [`Group`](crate::group::Group).
pub trait Record: Sized {
    /// What is known about its kind.
    fn schema() -> &'static ResourceSchema;

    /// A page of all resources of its kind, in an order that never changes.
    ///
    /// Cost: O(log n) to find the page, wherever it is, and O(`count`).
    ///
    /// # Errors
    ///
    /// Those of the store.
    fn list(reader: &mut Reader<'_>, skip: u64, count: u64) -> Result<Page<Self>, Error>;

    /// The page of resources that match, in the same order, and how many match in all.
    ///
    /// Cost: O(candidates). A filter that compares an indexed attribute with `eq` has few; any
    /// other looks at all resources, up to the budget.
    ///
    /// # Errors
    ///
    /// `tooMany` where the budget does not suffice.
    fn search(reader: &mut Reader<'_>, search: &Search) -> Result<Page<Self>, Error>;

    /// Its public id.
    fn id(&self) -> ResourceId;

    /// Its `meta`, with an empty location: addresses are the server's.
    fn meta(&self) -> Meta;

    /// Its attributes in canonical form.
    fn resource(&self) -> &Object;
}

/// How a kind of resource is stored.
pub(crate) trait Stored: Record {
    /// What its kind is counted as.
    const COUNTED: Counted;
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
}

/// [`Record::list`] for either kind.
pub(crate) fn list<R: Stored>(
    reader: &mut Reader<'_>,
    skip: u64,
    count: u64,
) -> Result<Page<R>, Error> {
    let row = reader.query_one(COUNTS, &[])?.ok_or(Error::NotFound)?;
    let total = row.int(match R::COUNTED {
        Counted::Users => 0,
        Counted::Groups => 1,
    })?;
    let total = u64::try_from(total).map_err(|_| Error::corrupt("a count is negative"))?;
    let mut items = Vec::new();
    if count > 0 && skip < total {
        let offset = i64::try_from(skip).map_err(|_| Error::corrupt("a count is too large"))?;
        if let Some((after, rest)) = rank::locate(reader, R::COUNTED, offset)? {
            items = rows_after(reader, after, count, rest)?;
        }
    }
    Ok(Page { total, items })
}

/// The resources behind a number, in order.
pub(crate) fn rows_after<R: Stored>(
    reader: &mut Reader<'_>,
    after: ResourceNo,
    count: u64,
    skip: i64,
) -> Result<Vec<R>, Error> {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    reader
        .query(R::AFTER, &[after.0.into(), count.into(), skip.into()])?
        .into_iter()
        .map(R::from_row)
        .collect()
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

/// Reads a stored document.
pub(crate) fn parse_document(text: &str) -> Result<Object, Error> {
    // What was accepted once is read back whatever the limits are today.
    let limits = scim::json::Limits { depth: 120, names: usize::MAX };
    scim::json::from_slice(text.as_bytes(), limits)
        .map_err(|error| Error::corrupt(format!("a document cannot be read: {error}")))
}

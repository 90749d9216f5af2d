//! The members that a group waits for, as an operator sees them.

use super::Group;
use crate::{
    db::{Reader, statements},
    error::Error,
};

statements! {
    AFTER = Sql {
        "select value from pending where org = $1 and mset = $2 and value > $3 \
         order by value limit $4"
    };
}

/// The names under which members of a group were sent who are not here yet, after one of them, at
/// most `limit`. `None`: from the first.
///
/// # Errors
///
/// Those of the store.
pub fn pending(
    reader: &mut Reader<'_>,
    group: &Group,
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<String>, Error> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    reader
        .query(AFTER, &[group.mset.into(), after.unwrap_or_default().into(), limit.into()])?
        .into_iter()
        .map(|mut row| row.text(0))
        .collect()
}

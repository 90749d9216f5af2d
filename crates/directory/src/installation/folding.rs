//! The rule by which the keys of the store were folded. Keys of two rules do not find each other,
//! so a program with another rule does not use the store until the keys are made anew
//! ([`crate::maintenance::rekey`]).

use crate::{
    db::{Location, Purpose, Scope, statements},
    error::{Error, Unusable},
    store::Catalog,
};

statements! {
    RULE = Sql { "select folding from installation where no = 1" };
    BEGIN = Sql {
        "insert into installation (no, audit_seq, audit_head, folding) values (1, 0, $1, $2) \
         on conflict (no) do nothing"
    };
    SET = Sql { "update installation set folding = $1 where no = 1" };
    TOUCH = Sql { "update installation set folding = folding where no = 1" };
}

/// The rule of this program.
pub(crate) fn needed() -> String {
    scim::fold::version()
}

/// Makes sure that the keys of a store are those of this program. A store that was just made has
/// none yet, and remembers the rule.
///
/// # Errors
///
/// [`Error::Unusable`] where they are of another rule.
pub(crate) fn check(location: &Location) -> Result<(), Error> {
    let mut session = location.open(Purpose::Read)?;
    let mut found = session.query(RULE, &[])?;
    if found.is_empty() {
        let mut session = location.open(Purpose::Write)?;
        session.begin_write(Scope::Installation)?;
        session.execute(BEGIN, &[[].as_slice().into(), (&needed()).into()])?;
        // Another process may have been faster.
        found = session.query(RULE, &[])?;
        session.commit()?;
    }
    let row = found.pop();
    let mut row =
        row.ok_or_else(|| Error::damaged("installation", "no=1", "the row is missing"))?;
    let found: String = row.get("folding")?;
    let needed = needed();
    if found == needed { Ok(()) } else { Err(Unusable::OtherFolding { found, needed }.into()) }
}

/// The rule by which the keys were made.
pub(crate) fn found(catalog: &mut Catalog<'_>) -> Result<String, Error> {
    let row = catalog.query_one(RULE, &[])?;
    row.ok_or_else(|| Error::damaged("installation", "no=1", "the row is missing"))?.get("folding")
}

/// Changes nothing, and is written all the same: whether the store takes a change.
pub(crate) fn touch(catalog: &mut Catalog<'_>) -> Result<(), Error> {
    catalog.execute(TOUCH, &[]).map(drop)
}

/// All keys are made by the rule of this program now.
pub(crate) fn set(catalog: &mut Catalog<'_>) -> Result<(), Error> {
    catalog.execute(SET, &[(&needed()).into()]).map(drop)
}

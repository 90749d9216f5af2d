//! What a connection pushed lately: users and groups that it manages, by their last change.

use super::{Group, Kind, Resource, User};
use crate::{
    access::Verb,
    connection::Connection,
    db::statements,
    error::{Error, Noun},
    store::Reader,
};

statements! {
    NEWEST = Sql {
        "select kind, no, id, active, member_set, member_count, member_sum, connection, version, \
         created, modified, doc from resource where org = $1 and kind = $2 \
         order by modified desc, no desc limit $3"
    };
}

/// So many of the organization's newest are looked at: who sets a connection up has just pushed.
const LOOKED_AT: i64 = 500;

/// The users that a connection manages among those of the organization that changed last, newest
/// first. Whoever bears a set-up link for it may see them.
///
/// # Errors
///
/// [`Error::NotFound`]; [`Error::Denied`].
pub fn users(reader: &mut Reader<'_>, connection: &Connection) -> Result<Vec<User>, Error> {
    Ok(newest(reader, connection, Kind::USER)?.map(User).collect())
}

/// The groups that a connection manages among those of the organization that changed last, newest
/// first. Whoever bears a set-up link for it may see them.
///
/// # Errors
///
/// [`Error::NotFound`]; [`Error::Denied`].
pub fn groups(reader: &mut Reader<'_>, connection: &Connection) -> Result<Vec<Group>, Error> {
    Ok(newest(reader, connection, Kind::GROUP)?.map(Group).collect())
}

fn newest(
    reader: &mut Reader<'_>,
    connection: &Connection,
    kind: Kind,
) -> Result<impl Iterator<Item = Resource>, Error> {
    reader.permit(Verb::ReadConnections)?;
    let no = connection.no();
    if !reader.access().principal().sees(no) {
        return Err(Error::no_such(Noun::Connection, connection.id.to_string()));
    }
    let rows = reader.query(NEWEST, &[kind.into(), LOOKED_AT.into()])?;
    let all: Vec<Resource> = rows.into_iter().map(Resource::from_row).collect::<Result<_, _>>()?;
    Ok(all.into_iter().filter(move |resource| resource.managed_by == Some(no)))
}

//! Who is meant by an answer, and whether that person comes in.

use scim::Object;

use super::{Assertion, Refusal};
use crate::{
    connection::Connection,
    db::statements,
    domain,
    error::Error,
    id::{ConnectionNo, ResourceId, ResourceNo},
    resource::{
        BY_EXTERNAL_ID, Kind, Resource, User, by_column, by_name, by_numbers, find, index,
        user::{self, Rehire},
    },
    saml::{NameId, Settings},
    store::{Reader, Writer},
};

statements! {
    ACCOUNTS = Sql {
        "select connection from saml_account where org = $1 and no = $2 and connection in \
         (select no from connection where org = $1) order by connection limit 20"
    };
    BIND = Sql {
        "insert into saml_account (org, connection, name_id, no, created) \
         values ($1, $2, $3, $4, $5) on conflict (org, connection, name_id) do update \
         set no = excluded.no, created = excluded.created"
    };
    BY_NAME_ID = Sql {
        "select no from saml_account where org = $1 and connection = $2 and name_id = $3"
    };
    FORGET = Sql { "delete from saml_account where org = $1 and no = $2" };
}

/// So many users are looked at who have one externalId, each of another connection.
const MOST_BEARERS: usize = 100;

/// The user who is meant, active and answered for by this connection.
///
/// A user whom a connection manages is signed in by that connection alone; one whom none manages, by
/// the first that did so. Otherwise the provider of one part of an organization could sign in
/// the people of another.
pub(super) fn meant(
    reader: &mut Reader<'_>,
    connection: &Connection,
    settings: &Settings,
    assertion: &Assertion,
) -> Result<Result<User, Refusal>, Error> {
    let mut found = candidates(reader, connection, settings.name_id, &assertion.name_id)?;
    let Some(user) = found.pop().map(User) else { return Ok(Err(Refusal::UnknownUser)) };
    if !found.is_empty() {
        return Ok(Err(Refusal::SeveralUsers));
    }
    let is_answered_for = match user.managed_by {
        Some(manager) => manager == connection.no(),
        None => is_bound_to(reader, connection.no(), &user)?,
    };
    Ok(match (is_answered_for, user.is_active()) {
        (false, _) => Err(Refusal::OtherConnection),
        (true, false) => Err(Refusal::Archived),
        (true, true) => Ok(user),
    })
}

fn candidates(
    reader: &mut Reader<'_>,
    connection: &Connection,
    by: NameId,
    name_id: &str,
) -> Result<Vec<Resource>, Error> {
    match by {
        NameId::Username => {
            Ok(by_name(reader, Kind::USER, &index::folded_key(name_id))?.into_iter().collect())
        }
        NameId::ExternalId => {
            // Another connection's externalId means someone else.
            let key = index::exact_key(name_id);
            let mut found = by_column(reader, Kind::USER, BY_EXTERNAL_ID, &key, MOST_BEARERS)?;
            found.retain(|user| user.managed_by == Some(connection.no()));
            Ok(found)
        }
        NameId::Email => {
            let numbers = index::by_email(reader, &index::folded_key(name_id))?;
            // An address proves nothing about an account that someone else made, unless the
            // organization has shown that the address is one of its own.
            let is_own = domain::verifies(reader, name_id)?;
            let mut found = by_numbers(reader, Kind::USER, &numbers)?;
            found.retain(|user| match user.managed_by {
                Some(manager) => manager == connection.no(),
                None => is_own,
            });
            Ok(found)
        }
    }
}

/// Every user of a connection who goes by this name at its provider, whichever attribute it is: an id of
/// ours, the NameID, the userName, the externalId, an address of e-mail. Only whom the connection manages or
/// has signed in is a user of it.
pub(crate) fn named(
    reader: &mut Reader<'_>,
    connection: &Connection,
    name: &str,
) -> Result<Vec<User>, Error> {
    let mut found = Vec::new();
    for by in NameId::ALL {
        found.extend(candidates(reader, connection, *by, name)?);
    }
    if let Some(id) = ResourceId::parse(name) {
        found.extend(find(reader, Kind::USER, id)?);
    }
    let mut numbers = Vec::new();
    for mut row in reader.query(BY_NAME_ID, &[connection.no().into(), name.into()])? {
        numbers.push(row.get("no")?);
    }
    found.extend(by_numbers(reader, Kind::USER, &numbers)?);
    found.sort_by_key(|user| user.no);
    found.dedup_by_key(|user| user.no);
    let mut users = Vec::new();
    for user in found.into_iter().map(User) {
        let is_ours = match user.managed_by {
            Some(manager) => manager == connection.no(),
            None => bound(reader, &user)?.contains(&connection.no()),
        };
        if is_ours {
            users.push(user);
        }
    }
    Ok(users)
}

/// Whether this connection answers for a user whom none manages: no other did before.
pub(super) fn is_bound_to(
    reader: &mut Reader<'_>,
    connection: ConnectionNo,
    user: &User,
) -> Result<bool, Error> {
    let bound = bound(reader, user)?;
    Ok(bound.is_empty() || bound.contains(&connection))
}

/// The connections through which a user signed in whom none manages.
fn bound(reader: &mut Reader<'_>, user: &User) -> Result<Vec<ConnectionNo>, Error> {
    let mut bound = Vec::new();
    for mut row in reader.query(ACCOUNTS, &[user.no.into()])? {
        bound.push(row.get("connection")?);
    }
    Ok(bound)
}

/// Lets the person who is meant in; where the connection says so, one who is not here yet is made.
/// One who was archived or deleted is never brought back by coming.
pub(super) fn admit(
    writer: &mut Writer<'_>,
    connection: &Connection,
    settings: &Settings,
    assertion: &Assertion,
) -> Result<Result<User, Refusal>, Error> {
    let user = match meant(writer, connection, settings, assertion)? {
        Err(Refusal::UnknownUser) if settings.create_users => {
            match user::create(writer, &described(assertion), Rehire::Refuse) {
                Ok(user) => user,
                Err(error @ (Error::Invalid { .. } | Error::Conflict { .. })) => {
                    return Ok(Err(Refusal::NotCreated(error.to_string())));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(user) => user,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if user.managed_by.is_none() {
        let now = writer.now();
        let name_id = (&assertion.name_id).into();
        writer.send(BIND, &[connection.no().into(), name_id, user.no.into(), now.into()])?;
    }
    Ok(Ok(user))
}

/// A user is deleted: its NameID means none any more.
pub(crate) fn forget(writer: &mut Writer<'_>, no: ResourceNo) -> Result<(), Error> {
    writer.send(FORGET, &[no.into()])
}

/// A user as the provider describes it.
fn described(assertion: &Assertion) -> Object {
    let mut user = Object::new();
    user.insert("userName", assertion.name_id.as_str());
    if let Some(name) = &assertion.display_name {
        user.insert("displayName", name.as_str());
    }
    let mut name = Object::new();
    for (part, value) in
        [("givenName", &assertion.given_name), ("familyName", &assertion.family_name)]
    {
        if let Some(value) = value {
            name.insert(part, value.as_str());
        }
    }
    if !name.is_empty() {
        user.insert("name", name);
    }
    let looks_like_one = assertion.name_id.contains('@').then_some(&assertion.name_id);
    if let Some(address) = assertion.email.as_ref().or(looks_like_one) {
        let email = Object::new().with("value", address.as_str()).with("type", "work");
        user.insert("emails", vec![scim::Value::from(email.with("primary", true))]);
    }
    user
}

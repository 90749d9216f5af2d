//! Users: the people of an organization.
//!
//! A user is active or archived. An archived user cannot sign in and keeps every attribute, group
//! and role; it stays visible to its provider, which must find it again to bring it back. A deleted
//! user leaves a tombstone, so that the same person coming back gets the same id.

use scim::{Object, Value};

pub use super::User;
use super::{
    BY_EXTERNAL_ID, BY_NAME, Detail, Kind, Resource, by_name, by_numbers, find, index, membership,
    pending, save, tombstone,
};
use crate::{
    access::{Verb, guard},
    break_glass,
    db::Row,
    error::{Error, Noun},
    event::{self, kinds},
    id::ResourceId,
    record::Attributes,
    removal::{self, Removal},
    role, session, sign_in,
    store::{Reader, Writer},
};

impl User {
    /// The name for people: as the provider gives it, or made of its parts.
    #[must_use]
    pub fn display_name(&self) -> Option<String> {
        if let Some(name) = self.attributes.str("displayName") {
            return Some(name.to_owned());
        }
        let name = self.attributes.get("name").and_then(Value::as_complex)?;
        let parts = ["givenName", "familyName"].iter().filter_map(|part| name.str(part));
        let parts: Vec<&str> = parts.collect();
        if parts.is_empty() {
            return name.str("formatted").map(str::to_owned);
        }
        Some(parts.join(" "))
    }

    /// The primary address of e-mail, or the first.
    #[must_use]
    pub fn email(&self) -> Option<&str> {
        let emails = self.attributes.get("emails").map_or(&[][..], Value::values);
        let mut emails = emails.iter().filter_map(Value::as_complex).peekable();
        let first = emails.peek().copied();
        let is_primary =
            |email: &&Object| email.get("primary").and_then(Value::as_bool) == Some(true);
        emails.find(is_primary).or(first)?.str("value")
    }
}

/// What becomes of a person who was here before and comes again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rehire {
    /// An archived user is brought back; a deleted one gets its old id.
    BringBack,
    /// No id is ever given again, and an archived user still holds its userName.
    Refuse,
}

/// The user with this id.
///
/// # Errors
///
/// [`Error::NotFound`]; [`Error::Denied`].
pub fn get(reader: &mut Reader<'_>, id: ResourceId) -> Result<User, Error> {
    reader.permit(Verb::ReadPeople)?;
    find(reader, Kind::USER, id)?.ok_or(Error::not_found(Noun::User)).map(User)
}

/// The user with this userName, in any case.
///
/// # Errors
///
/// [`Error::NotFound`]; [`Error::Denied`].
pub fn by_username(reader: &mut Reader<'_>, name: &str) -> Result<User, Error> {
    reader.permit(Verb::ReadPeople)?;
    let found = by_name(reader, Kind::USER, &index::folded_key(name))?;
    found.map(User).ok_or_else(|| Error::no_such(Noun::User, name))
}

/// The user with an address of e-mail, by its folded key, if it is exactly one.
pub(crate) fn only_by_email(reader: &mut Reader<'_>, key: &str) -> Result<Option<User>, Error> {
    let numbers = index::by_email(reader, key)?;
    let mut found = by_numbers(reader, Kind::USER, &numbers)?;
    let only = found.pop().filter(|_| found.is_empty());
    Ok(only.map(User))
}

/// Creates a user from attributes in canonical form. Without `active`, the user is active.
///
/// Where the person is here already and archived, it is brought back instead, with its old id and
/// these attributes; where it was deleted, it gets its old id. [`Rehire`] says whether. The
/// archived user with the same userName is the same person, and so is the only archived one to
/// whom this connection gave the same externalId.
///
/// # Errors
///
/// [`Error::Conflict`] where the userName is in use; [`Error::Invalid`]; [`Error::Denied`].
pub fn create(writer: &mut Writer<'_>, attributes: &Object, rehire: Rehire) -> Result<User, Error> {
    writer.permit(Verb::CreateUser)?;
    let mut attributes = attributes.clone();
    if attributes.get("active").is_none() {
        attributes.insert("active", true);
    }
    let columns = save::Columns::of(Kind::USER, &attributes)?;
    let known = Known::of(writer, &columns, rehire)?;
    if let Some(archived) = known.same_person(&columns, rehire)? {
        let schemas = writer.schemas()?;
        let kept = schemas.user().keep_immutable(&archived.attributes, &mut attributes);
        kept.map_err(|error| Error::of_schema(&error))?;
        return change(writer, archived, attributes);
    }
    if let Some(id) = known.former {
        tombstone::remove(writer, id)?;
    }
    let key = (Kind::USER, writer.next_no());
    let detail = Detail::User { active: save::is_active(&attributes) };
    let fresh = save::fresh(writer, key, &attributes, detail);
    let user = User(match known.former {
        // No version that someone may remember of the deleted user is this one's.
        Some(id) => Resource { id, version: writer.fresh_version(), ..fresh },
        None => fresh,
    });
    save::insert(writer, &user)?;
    let joined = pending::join(writer, &user, columns.external_id.as_deref())?;
    let resource = Attributes::from(&*user.attributes);
    event::emit(writer, &user.id.to_string(), kinds::UserCreated { resource, joined })?;
    Ok(user)
}

/// Creates a deleted user again, with its old id, these attributes, and the connection that managed it,
/// if that is still there. What its deletion ended stays ended: memberships, roles, sessions.
///
/// # Errors
///
/// [`Error::Conflict`] where the userName is in use by now; [`Error::Invalid`]; [`Error::Denied`].
pub(crate) fn recreate(
    writer: &mut Writer<'_>,
    id: ResourceId,
    attributes: &Object,
) -> Result<User, Error> {
    writer.permit(Verb::CreateUser)?;
    let columns = save::Columns::of(Kind::USER, attributes)?;
    let key = columns.name_key.as_deref().unwrap_or_default();
    if by_name(writer, Kind::USER, key)?.is_some() {
        return Err(save::name_taken(Kind::USER, columns.name.as_deref().unwrap_or_default()));
    }
    let manager = tombstone::manager(writer, id)?;
    let managed_by = save::still_there(writer, manager)?;
    tombstone::remove(writer, id)?;
    let key = (Kind::USER, writer.next_no());
    let detail = Detail::User { active: save::is_active(attributes) };
    let fresh = save::fresh(writer, key, attributes, detail);
    let user = User(Resource { id, version: writer.fresh_version(), managed_by, ..fresh });
    save::insert(writer, &user)?;
    let joined = pending::join(writer, &user, columns.external_id.as_deref())?;
    let resource = Attributes::from(attributes);
    event::emit(writer, &id.to_string(), kinds::UserCreated { resource, joined })?;
    Ok(user)
}

/// Who is here, or was, that may be the person who is being created.
struct Known {
    /// Who has the userName.
    holder: Option<User>,
    /// Those to whom this connection gave the externalId and who are archived.
    archived: Vec<User>,
    /// The id of the deleted user to whom this connection had given the externalId.
    former: Option<ResourceId>,
}

impl Known {
    fn of(writer: &mut Writer<'_>, columns: &save::Columns, rehire: Rehire) -> Result<Self, Error> {
        let name = columns.name_key.as_deref().unwrap_or_default();
        let managed_by = writer.managing();
        let external = columns.external_id.as_deref().filter(|_| rehire == Rehire::BringBack);
        // None of the answers depends on another: they are asked for together.
        let [holder, bearers, buried] = writer.query_each([
            (BY_NAME, &[Kind::USER.into(), name.into(), 1.into()]),
            (BY_EXTERNAL_ID, &[Kind::USER.into(), external.into(), i64::MAX.into()]),
            (tombstone::FIND, &[managed_by.into(), external.into()]),
        ])?;
        let users = |rows: Vec<Row>| -> Result<Vec<User>, Error> {
            rows.into_iter().map(|row| Resource::from_row(row).map(User)).collect()
        };
        let mut archived = users(bearers)?;
        archived.retain(|user| user.managed_by == managed_by && !user.is_active());
        let former = tombstone::newest(buried)?;
        Ok(Self { holder: users(holder)?.pop(), archived, former })
    }

    /// The archived user who is the person that these columns tell of.
    fn same_person(&self, columns: &save::Columns, rehire: Rehire) -> Result<Option<&User>, Error> {
        let name = columns.name.as_deref().unwrap_or_default();
        match &self.holder {
            Some(user) if user.is_active() => Err(Error::conflict(
                "userName",
                format!("There is an active user with the userName \"{name}\" already."),
            )),
            Some(_) if rehire == Rehire::Refuse => Err(Error::conflict(
                "userName",
                format!("There is an archived user with the userName \"{name}\" already."),
            )),
            Some(archived) => Ok(Some(archived)),
            // Of several, none is known to be the one.
            None => Ok(self.archived.first().filter(|_| self.archived.len() == 1)),
        }
    }
}

/// Gives a user these attributes. Without `active` it is archived: nothing says any more that it
/// may come in. Where they are the ones that are stored, nothing is changed: providers send whole
/// profiles again and again.
///
/// # Errors
///
/// [`Error::Conflict`] where another user has the userName; [`Error::Immutable`];
/// [`Error::Invalid`]; [`Error::Stale`] where the user is not as it is stored; [`Error::Denied`],
/// also where the last administrator would be locked out; [`Error::Held`] where a provider archives too
/// many.
pub fn change(writer: &mut Writer<'_>, user: &User, attributes: Object) -> Result<User, Error> {
    if attributes == user.attributes {
        writer.permit(Verb::ChangeUser)?;
        return Ok(user.clone());
    }
    let active = save::is_active(&attributes);
    writer.permit(match (user.is_active(), active) {
        (true, false) => Verb::ArchiveUser,
        (false, true) => Verb::ReactivateUser,
        _ => Verb::ChangeUser,
    })?;
    let schemas = writer.schemas()?;
    save::check_change(schemas.user(), &user.attributes, &attributes)?;
    let (old, new) = (
        save::Columns::of(Kind::USER, &user.attributes)?,
        save::Columns::of(Kind::USER, &attributes)?,
    );
    let key = new.name_key.as_deref().unwrap_or_default();
    if new.name_key != old.name_key && by_name(writer, Kind::USER, key)?.is_some() {
        return Err(save::name_taken(Kind::USER, new.name.as_deref().unwrap_or_default()));
    }
    if user.is_active() && !active {
        removal::check(writer, Removal::archive(user))?;
    }
    let guard = guard::of_user(writer, user)?;
    let after = Resource {
        attributes: attributes.into(),
        detail: Detail::User { active },
        ..Resource::from(user.clone())
    };
    let after = User(save::update(writer, user, after)?);
    let mut joined = Vec::new();
    if new.external_id.is_some() && new.external_id != old.external_id {
        joined = pending::join(writer, &after, new.external_id.as_deref())?;
    }
    if user.is_active() && !active {
        session::forget(writer, user.no)?;
        break_glass::forget(writer, user.no)?;
    }
    let resource = Attributes::from(&*after.attributes);
    let payload: event::Payload = match (user.is_active(), active) {
        (true, false) => kinds::UserArchived { resource, joined }.into(),
        (false, true) => kinds::UserReactivated { resource, joined }.into(),
        _ => kinds::UserUpdated { resource, joined }.into(),
    };
    event::emit(writer, &after.id.to_string(), payload)?;
    guard.check(writer)?;
    Ok(after)
}

/// Archives a user: it cannot come in, its sessions end, and everything else is kept.
///
/// # Errors
///
/// As [`change`].
pub fn archive(writer: &mut Writer<'_>, user: &User) -> Result<User, Error> {
    change(writer, user, user.attributes.to_object().with("active", false))
}

/// Lets an archived user come in again.
///
/// # Errors
///
/// As [`change`].
pub fn reactivate(writer: &mut Writer<'_>, user: &User) -> Result<User, Error> {
    change(writer, user, user.attributes.to_object().with("active", true))
}

/// Deletes a user: another act than archiving. Its attributes, memberships and roles are gone; a
/// tombstone keeps its id for the case that the same person comes back.
///
/// Cost: O(groups that it was in, and roles that it had).
///
/// # Errors
///
/// [`Error::NotFound`]; [`Error::Stale`] where the user is not as it is stored; [`Error::Denied`],
/// also where the last administrator would be locked out; [`Error::Held`] where a provider deletes too
/// many.
pub fn delete(writer: &mut Writer<'_>, user: &User) -> Result<(), Error> {
    writer.permit(Verb::DeleteUser)?;
    removal::check(writer, Removal::delete(user))?;
    let guard = guard::of_user(writer, user)?;
    save::delete(writer, user)?;
    let left = membership::leave_all(writer, user)?;
    role::forget_user(writer, user.no)?;
    session::forget(writer, user.no)?;
    break_glass::forget(writer, user.no)?;
    sign_in::forget(writer, user.no)?;
    tombstone::raise(writer, user)?;
    event::emit(
        writer,
        &user.id.to_string(),
        kinds::UserDeleted { left: left.groups, left_staged: left.staged },
    )?;
    guard.check(writer)
}

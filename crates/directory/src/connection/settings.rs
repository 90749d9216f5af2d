//! What is changed on a connection: whether it is in use, its name, and how its provider is met.

use scim::Profile;

use super::{Connection, State, by_id, parse_name};
use crate::{
    access::{Verb, guard},
    audit::{self, kinds},
    db::statements,
    error::{Error, Noun},
    event,
    id::ConnectionId,
    store::Writer,
};

statements! {
    SET_NAME = Sql { "update connection set name = $3 where org = $1 and no = $2" };
    SET_PROFILE = Sql { "update connection set profile = $3 where org = $1 and no = $2" };
    SET_IPSIE = Sql { "update connection set ipsie = $3 where org = $1 and no = $2" };
    SET_STATE = Sql { "update connection set state = $3 where org = $1 and no = $2" };
    SWITCH_OFF = Sql {
        "update connection set state = $3, switched_off = $4 where org = $1 and no = $2"
    };
}

/// Takes a connection into use, or switches it on again. Setting the state that it has changes
/// nothing. Answers whether it changed.
///
/// # Errors
///
/// [`Error::NotFound`]; [`Error::Denied`], also where no administrator could come in then.
pub fn activate(writer: &mut Writer<'_>, id: ConnectionId) -> Result<(Connection, bool), Error> {
    let connection = change(writer, id)?;
    if connection.state == State::Active {
        return Ok((connection, false));
    }
    writer.execute(SET_STATE, &[connection.no.into(), State::Active.as_str().into()])?;
    let connection = Connection { state: State::Active, ..connection };
    audit::record(writer, &id.to_string(), kinds::ConnectionActivated {})?;
    event::emit(writer, &id.to_string(), event::kinds::ConnectionActivated {})?;
    guard::of_activation(writer).check(writer)?;
    Ok((connection, true))
}

/// Switches a connection off: every request of it is refused, and whoever signed in through it is
/// signed out. Answers whether it changed.
///
/// # Errors
///
/// [`Error::NotFound`]; [`Error::Denied`].
pub fn disable(writer: &mut Writer<'_>, id: ConnectionId) -> Result<(Connection, bool), Error> {
    let connection = change(writer, id)?;
    if connection.state == State::Disabled {
        return Ok((connection, false));
    }
    let now = writer.now();
    writer.execute(
        SWITCH_OFF,
        &[connection.no.into(), State::Disabled.as_str().into(), now.into()],
    )?;
    let connection = Connection { state: State::Disabled, switched_off: Some(now), ..connection };
    audit::record(writer, &id.to_string(), kinds::ConnectionDisabled {})?;
    event::emit(writer, &id.to_string(), event::kinds::ConnectionDisabled {})?;
    Ok((connection, true))
}

/// A connection that is to be changed.
pub(super) fn change(writer: &mut Writer<'_>, id: ConnectionId) -> Result<Connection, Error> {
    writer.permit(Verb::ChangeConnection)?;
    by_id(writer, id)?.ok_or_else(|| Error::no_such(Noun::Connection, id.to_string()))
}

/// Chooses what is accepted leniently from a connection, from its next request on. `None` is the
/// profile of its provider. Answers whether it changed.
///
/// # Errors
///
/// [`Error::NotFound`]; [`Error::Denied`].
pub fn set_profile(
    writer: &mut Writer<'_>,
    id: ConnectionId,
    profile: Option<Profile>,
) -> Result<(Connection, bool), Error> {
    let connection = change(writer, id)?;
    if connection.profile == profile {
        return Ok((connection, false));
    }
    let text = profile.map(|profile| profile.to_string());
    writer.send(SET_PROFILE, &[connection.no.into(), text.as_ref().into()])?;
    audit::record(writer, &id.to_string(), kinds::ProfileChanged { profile: text })?;
    Ok((Connection { profile, ..connection }, true))
}

/// Has the provider of a connection prove who it is as IPSIE asks (SCIM AL1, Authentication), or no more:
/// tokens that stay the same are refused, and secrets in bodies. Answers whether it changed.
///
/// # Errors
///
/// [`Error::NotFound`]; [`Error::Denied`].
pub fn set_ipsie(
    writer: &mut Writer<'_>,
    id: ConnectionId,
    ipsie: bool,
) -> Result<(Connection, bool), Error> {
    let connection = change(writer, id)?;
    if connection.ipsie == ipsie {
        return Ok((connection, false));
    }
    writer.send(SET_IPSIE, &[connection.no.into(), ipsie.into()])?;
    audit::record(writer, &id.to_string(), kinds::IpsieChanged { ipsie })?;
    Ok((Connection { ipsie, ..connection }, true))
}

/// Gives a connection another name for people; `None`: it is known by its id.
///
/// # Errors
///
/// [`Error::NotFound`]; [`Error::Invalid`]; [`Error::Denied`].
pub fn rename(
    writer: &mut Writer<'_>,
    id: ConnectionId,
    name: Option<&str>,
) -> Result<Connection, Error> {
    let connection = change(writer, id)?;
    let name = name.map(parse_name).transpose()?;
    if connection.name == name {
        return Ok(connection);
    }
    writer.send(SET_NAME, &[connection.no.into(), name.as_ref().into()])?;
    audit::record(writer, &id.to_string(), kinds::ConnectionRenamed { name: name.clone() })?;
    Ok(Connection { name, ..connection })
}

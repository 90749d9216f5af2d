//! Connections: the links between an organization and its identity providers.

use scim::Profile;
use serde_json::json;

use crate::{
    clock::Time,
    db::{Reader, Row, Store, Writer, statements},
    error::Error,
    event::{self, Actor, EventKind},
    id::{ConnectionId, KeyNo, OrgNo},
    organization::Tenant,
};

statements! {
    CLAIM_HOME = Sql { "insert into connection_home (id, org) values ($1, $2)" };
    HOME = Sql { "select org from connection_home where id = $1" };
    INSERT = Sql {
        "insert into connection (org, no, id, provider, protocol, state, created, profile) \
         values ($1, $2, $3, $4, $5, $6, $7, $8)"
    };
    BY_ID = Sql {
        "select no, id, provider, protocol, state, created, profile, name from connection \
         where org = $1 and id = $2"
    };
    BY_NO = Sql {
        "select no, id, provider, protocol, state, created, profile, name from connection \
         where org = $1 and no = $2"
    };
    ALL = Sql {
        "select no, id, provider, protocol, state, created, profile, name from connection \
         where org = $1 order by no"
    };
    SET_PROFILE = Sql { "update connection set profile = $3 where org = $1 and no = $2" };
    SET_STATE = Sql { "update connection set state = $3 where org = $1 and no = $2" };
    SET_NAME = Sql { "update connection set name = $3 where org = $1 and no = $2" };
    DELETE_TOKENS = Sql { "delete from token where org = $1 and connection = $2" };
    DELETE = Sql { "delete from connection where org = $1 and no = $2" };
}

macro_rules! keyword {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name {
            $($(#[$vmeta])* $variant,)*
        }

        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word in commands, answers and the store.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// Reads the word.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|word| word.as_str() == text)
            }

            fn from_store(text: &str) -> Result<Self, Error> {
                Self::parse(text).ok_or_else(|| {
                    Error::corrupt(concat!("an unknown ", stringify!($name), " in the store"))
                })
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

keyword! {
    /// An identity provider.
    Provider {
        /// Okta.
        Okta = "okta",
        /// Microsoft Entra ID.
        Entra = "entra",
        /// OneLogin.
        OneLogin = "onelogin",
        /// JumpCloud.
        JumpCloud = "jumpcloud",
        /// Any other that speaks SCIM.
        Other = "other",
    }
}

impl Provider {
    /// What is accepted leniently of its connections, unless one has a profile of its own.
    #[must_use]
    pub fn profile(self) -> Profile {
        match self {
            Self::Okta => Profile::OKTA,
            Self::Entra => Profile::ENTRA,
            Self::OneLogin => Profile::ONELOGIN,
            Self::JumpCloud => Profile::JUMPCLOUD,
            Self::Other => Profile::GENERIC,
        }
    }
}

keyword! {
    /// A provisioning protocol.
    Protocol {
        /// SCIM 2.0.
        Scim2 = "scim2",
        /// SCIM 1.1.
        Scim1 = "scim1",
        /// None: the connection is for sign-in only.
        None = "none",
    }
}

keyword! {
    /// Where a connection is in its life.
    State {
        /// Being set up: it answers, so that it can be tested.
        Setup = "setup",
        /// In use.
        Active = "active",
        /// Switched off: every request is refused.
        Disabled = "disabled",
    }
}

/// The link between one organization and one identity provider.
#[derive(Clone, Debug)]
pub struct Connection {
    pub(crate) no: KeyNo,
    /// It stands in addresses.
    pub id: ConnectionId,
    /// What people call it.
    pub name: Option<String>,
    /// Who is at the other end.
    pub provider: Provider,
    /// What is spoken.
    pub protocol: Protocol,
    /// The profile that was chosen for it. `None`: the one of its provider.
    pub profile: Option<Profile>,
    /// Whether it is in use.
    pub state: State,
    /// When it was made.
    pub created: Time,
}

impl Connection {
    /// Its number in the organization: `managed_by` of a user or group names it.
    #[must_use]
    pub fn number(&self) -> KeyNo {
        self.no
    }

    /// What is accepted leniently in its requests.
    #[must_use]
    pub fn profile_in_force(&self) -> Profile {
        self.profile.unwrap_or(self.provider.profile())
    }
}

/// Makes a connection that is in use at once. Without a profile it has the one of its provider.
///
/// # Errors
///
/// Those of the store.
pub async fn create(
    store: &Store,
    tenant: &Tenant,
    actor: &Actor,
    provider: Provider,
    protocol: Protocol,
    profile: Option<Profile>,
) -> Result<Connection, Error> {
    let id = ConnectionId::new(store.chance());
    let org = tenant.org();
    // The home comes first: an address that leads nowhere yet is harmless, the reverse is not.
    store
        .write_catalog(move |catalog| {
            catalog.execute(CLAIM_HOME, &[(&id.to_string()).into(), org.0.into()]).map(drop)
        })
        .await?;
    store.write(tenant, actor, move |writer| insert(writer, id, provider, protocol, profile)).await
}

fn insert(
    writer: &mut Writer<'_>,
    id: ConnectionId,
    provider: Provider,
    protocol: Protocol,
    profile: Option<Profile>,
) -> Result<Connection, Error> {
    let connection = Connection {
        no: writer.next_key(),
        id,
        name: None,
        provider,
        protocol,
        profile,
        state: State::Active,
        created: writer.now(),
    };
    let text = id.to_string();
    let profile = profile.map(|profile| profile.to_string());
    writer.execute(
        INSERT,
        &[
            connection.no.0.into(),
            (&text).into(),
            provider.as_str().into(),
            protocol.as_str().into(),
            connection.state.as_str().into(),
            connection.created.as_micros().into(),
            profile.as_ref().into(),
        ],
    )?;
    let body = json!({
        "provider": provider.as_str(),
        "protocol": protocol.as_str(),
        "profile": profile,
    });
    event::emit(writer, EventKind::ConnectionCreated, &text, &body)?;
    Ok(connection)
}

/// Finds a connection of any organization, for operators.
///
/// # Errors
///
/// [`Error::Refused`] where there is none, with what to do.
pub async fn find(store: &Store, id: ConnectionId) -> Result<(Tenant, Connection), Error> {
    let found = store
        .read_catalog(move |catalog| {
            let Some(row) = catalog.query(HOME, &[(&id.to_string()).into()])?.pop() else {
                return Ok(None);
            };
            let org = OrgNo(row.int(0)?);
            let mut reader = catalog.reader(org);
            crate::organization::get(&mut reader)?;
            Ok(by_id(&mut reader, id)?.map(|connection| (Tenant::new(org), connection)))
        })
        .await;
    match found {
        Ok(Some(found)) => Ok(found),
        Ok(None) | Err(Error::NotFound) => Err(Error::refused(format!(
            "there is no connection {id}; `doorward connection list` shows all"
        ))),
        Err(error) => Err(error),
    }
}

/// The connection with this id, in this organization.
pub(crate) fn by_id(
    reader: &mut Reader<'_>,
    id: ConnectionId,
) -> Result<Option<Connection>, Error> {
    reader.query_one(BY_ID, &[(&id.to_string()).into()])?.map(from_row).transpose()
}

/// The connection with this number, in this organization.
pub(crate) fn by_no(reader: &mut Reader<'_>, no: KeyNo) -> Result<Option<Connection>, Error> {
    reader.query_one(BY_NO, &[no.0.into()])?.map(from_row).transpose()
}

/// The connections of the organization, oldest first.
///
/// # Errors
///
/// Those of the store.
pub fn list(reader: &mut Reader<'_>) -> Result<Vec<Connection>, Error> {
    reader.query(ALL, &[])?.into_iter().map(from_row).collect()
}

fn from_row(mut row: Row) -> Result<Connection, Error> {
    Ok(Connection {
        no: KeyNo(row.int(0)?),
        id: ConnectionId::from_store(&row.text(1)?)?,
        provider: Provider::from_store(&row.text(2)?)?,
        protocol: Protocol::from_store(&row.text(3)?)?,
        state: State::from_store(&row.text(4)?)?,
        created: Time::from_micros(row.int(5)?),
        profile: row.opt_text(6)?.as_deref().map(profile_from_store).transpose()?,
        name: row.opt_text(7)?,
    })
}

fn profile_from_store(text: &str) -> Result<Profile, Error> {
    Profile::parse(text).ok_or_else(|| Error::corrupt("an unknown profile in the store"))
}

/// Enables or disables a connection. Setting the state that it has changes nothing.
///
/// # Errors
///
/// [`Error::NotFound`].
pub fn set_enabled(
    writer: &mut Writer<'_>,
    id: ConnectionId,
    enabled: bool,
) -> Result<Connection, Error> {
    let connection = by_id(writer, id)?.ok_or(Error::NotFound)?;
    let (state, kind) = if enabled {
        (State::Active, EventKind::ConnectionEnabled)
    } else {
        (State::Disabled, EventKind::ConnectionDisabled)
    };
    if connection.state == state {
        return Ok(connection);
    }
    writer.execute(SET_STATE, &[connection.no.0.into(), state.as_str().into()])?;
    event::emit(writer, kind, &id.to_string(), &json!({}))?;
    Ok(Connection { state, ..connection })
}

/// Checks a name for people: 1 to 100 characters, no control characters, not only blanks. Answers it
/// without blanks around it.
///
/// # Errors
///
/// [`Error::Refused`] with the rule.
pub fn check_name(name: &str) -> Result<&str, Error> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 100 || name.contains(char::is_control) {
        return Err(Error::refused(
            "the name of a connection has 1 to 100 characters, and no control characters",
        ));
    }
    Ok(name)
}

/// Gives a connection a name for people. Giving it the name that it has changes nothing.
///
/// # Errors
///
/// [`Error::NotFound`]; [`Error::Refused`] as [`check_name`].
pub fn rename(writer: &mut Writer<'_>, id: ConnectionId, name: &str) -> Result<Connection, Error> {
    let name = check_name(name)?;
    let connection = by_id(writer, id)?.ok_or(Error::NotFound)?;
    if connection.name.as_deref() == Some(name) {
        return Ok(connection);
    }
    writer.execute(SET_NAME, &[connection.no.0.into(), name.into()])?;
    let body = json!({ "name": name });
    event::emit(writer, EventKind::ConnectionRenamed, &id.to_string(), &body)?;
    Ok(Connection { name: Some(name.to_owned()), ..connection })
}

/// Deletes a connection with its tokens. The users and groups that it brought stay; no connection
/// manages them any more, because its number is never given again.
///
/// # Errors
///
/// [`Error::NotFound`].
pub fn delete(writer: &mut Writer<'_>, id: ConnectionId) -> Result<(), Error> {
    let connection = by_id(writer, id)?.ok_or(Error::NotFound)?;
    writer.execute(DELETE_TOKENS, &[connection.no.0.into()])?;
    writer.execute(DELETE, &[connection.no.0.into()])?;
    event::emit(writer, EventKind::ConnectionDeleted, &id.to_string(), &json!({}))
}

/// Chooses what is accepted leniently of a connection, from its next request on. `None` is the profile of its
/// provider. Choosing what was chosen already changes nothing.
///
/// # Errors
///
/// [`Error::NotFound`].
pub fn set_profile(
    writer: &mut Writer<'_>,
    id: ConnectionId,
    profile: Option<Profile>,
) -> Result<Connection, Error> {
    let connection = by_id(writer, id)?.ok_or(Error::NotFound)?;
    if connection.profile == profile {
        return Ok(connection);
    }
    let text = profile.map(|profile| profile.to_string());
    writer.execute(SET_PROFILE, &[connection.no.0.into(), text.as_ref().into()])?;
    let body = json!({ "profile": text });
    event::emit(writer, EventKind::ConnectionProfileChanged, &id.to_string(), &body)?;
    Ok(Connection { profile, ..connection })
}

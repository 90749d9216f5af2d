//! Connections: the links between an organization and its identity providers.

mod kind;
pub(crate) mod settings;

use std::collections::HashSet;

use scim::Profile;

use crate::{
    access::{Access, Verb, guard},
    audit::{self, kinds},
    clock::Time,
    credential::token,
    db::{Row, statements},
    error::{Error, Noun},
    event,
    id::{ConnectionId, ConnectionNo, OrgNo},
    installation::Installation,
    name, organization,
    removal::{self, Limits},
    saml, setup_link,
    store::{Catalog, Reader, Store, Writer},
    trouble,
};

pub use self::{
    kind::{App, Protocol, Provider, State},
    settings::{activate, disable, rename, set_ipsie, set_profile},
};

statements! {
    CLAIM_HOME = Sql { "insert into connection_home (org, id) values ($1, $2)" };
    FREE_HOME = Sql { "delete from connection_home where org = $1 and id = $2" };
    HOME = Sql { "select org from connection_home where id = $1" };
    HOMES = Sql { "select id from connection_home where org = $1 order by id" };
    INSERT = Sql {
        "insert into connection (org, no, id, name, provider, protocol, profile, state, created, app) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
    };
    BY_ID = Sql {
        "select no, id, name, provider, protocol, profile, state, created, switched_off, app, ipsie \
         from connection \
         where org = $1 and id = $2"
    };
    BY_NO = Sql {
        "select no, id, name, provider, protocol, profile, state, created, switched_off, app, ipsie \
         from connection \
         where org = $1 and no = $2"
    };
    ALL = Sql {
        "select no, id, name, provider, protocol, profile, state, created, switched_off, app, ipsie \
         from connection \
         where org = $1 order by no"
    };
    DELETE = Sql { "delete from connection where org = $1 and no = $2" };
}

/// The longest name of a connection, in characters.
pub(crate) const LONGEST_NAME: usize = 100;

/// The link between one organization and one identity provider.
#[derive(Clone, Debug)]
pub struct Connection {
    no: ConnectionNo,
    /// It stands in addresses.
    pub id: ConnectionId,
    /// The name for people.
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
    /// When it was last switched off: sessions that began before are over.
    switched_off: Option<Time>,
    /// The app at the provider, where it has several and one was chosen.
    pub app: Option<App>,
    /// Whether its provider proves who it is as IPSIE asks: no token that stays the same, and no secret in
    /// a body.
    pub ipsie: bool,
}

/// A connection that is to be made.
#[derive(Clone, Debug)]
pub struct NewConnection {
    /// Who is at the other end.
    pub provider: Provider,
    /// What is spoken.
    pub protocol: Protocol,
    /// A profile of its own.
    pub profile: Option<Profile>,
    /// The name for people.
    pub name: Option<String>,
    /// In use at once, or being set up.
    pub state: State,
    /// The app at the provider.
    pub app: Option<App>,
    /// What its mass-removal guard lets through; `None`: the guard is off.
    pub removals: Option<Limits>,
}

impl NewConnection {
    /// A connection that is in use at once, with the guard of any other.
    #[must_use]
    pub fn active(provider: Provider, protocol: Protocol) -> Self {
        Self {
            provider,
            protocol,
            profile: None,
            name: None,
            state: State::Active,
            app: None,
            removals: Some(Limits::default()),
        }
    }
}

impl Connection {
    /// Its number: what it manages names it by this.
    #[must_use]
    pub fn no(&self) -> ConnectionNo {
        self.no
    }

    /// What is accepted leniently in its requests.
    #[must_use]
    pub fn profile_in_force(&self) -> Profile {
        self.profile.unwrap_or(self.provider.profile())
    }

    /// Whether a session counts that began through it at this time. Switching it on again brings no
    /// session back.
    pub(crate) fn lets_in(&self, began: Time) -> bool {
        self.state == State::Active && self.switched_off.is_none_or(|off| off < began)
    }

    /// How people know it: by its name, or by its id.
    #[must_use]
    pub fn label(&self) -> String {
        self.name.clone().unwrap_or_else(|| self.id.to_string())
    }

    fn from_row(mut row: Row) -> Result<Self, Error> {
        let profile: Option<String> = row.get("profile")?;
        let profile = match profile {
            None => None,
            Some(text) => match Profile::parse(&text) {
                Some(profile) => Some(profile),
                None => return Err(row.damaged("profile", format!("\"{text}\" is none"))),
            },
        };
        Ok(Self {
            no: row.get("no")?,
            id: row.get("id")?,
            name: row.get("name")?,
            provider: row.get("provider")?,
            protocol: row.get("protocol")?,
            profile,
            state: row.get("state")?,
            created: row.get("created")?,
            switched_off: row.get("switched_off")?,
            app: row.get("app")?,
            ipsie: row.get("ipsie")?,
        })
    }
}

fn parse_name(text: &str) -> Result<String, Error> {
    name::parse(text, "name", "A connection", LONGEST_NAME)
}

/// Makes a connection. Without a profile it has the one of its provider. Where it ended half-way,
/// doing it again makes another one; [`crate::maintenance::verify`] knows the half-made.
///
/// # Errors
///
/// [`Error::Denied`], also where it would be in use at once and no administrator could come in;
/// [`Error::Invalid`]; [`Error::Conflict`] where a set-up link has made its connection already.
pub async fn create(
    store: &Store,
    access: &Access,
    new: NewConnection,
) -> Result<Connection, Error> {
    let id = reserve(store, access).await?;
    store.write(access, move |writer| make(writer, id, &new)).await
}

/// Reserves an address for a connection that [`make`] then makes. It comes first: an address that leads
/// nowhere yet is harmless, the reverse is not.
///
/// # Errors
///
/// [`Error::Denied`].
pub async fn reserve(store: &Store, access: &Access) -> Result<ConnectionId, Error> {
    access.permit(Verb::CreateConnection)?;
    let id = ConnectionId::random(store.random());
    let org = access.org();
    store
        .write_catalog(move |catalog| {
            catalog.execute(CLAIM_HOME, &[org.into(), (&id.to_string()).into()]).map(drop)
        })
        .await?;
    Ok(id)
}

/// Makes a connection at an address that was reserved for it.
///
/// # Errors
///
/// As [`create`].
pub fn make(
    writer: &mut Writer<'_>,
    id: ConnectionId,
    new: &NewConnection,
) -> Result<Connection, Error> {
    writer.permit(Verb::CreateConnection)?;
    let NewConnection { provider, protocol, profile, name, state, app, removals } = new.clone();
    let name = name.as_deref().map(parse_name).transpose()?;
    let no = writer.next_connection();
    let connection = Connection {
        no,
        id,
        name,
        provider,
        protocol,
        profile,
        state,
        created: writer.now(),
        switched_off: None,
        app,
        ipsie: false,
    };
    let (text, profile) = (id.to_string(), profile.map(|profile| profile.to_string()));
    writer.send(
        INSERT,
        &[
            no.into(),
            (&text).into(),
            connection.name.as_ref().into(),
            provider.as_str().into(),
            protocol.as_str().into(),
            profile.as_ref().into(),
            state.as_str().into(),
            connection.created.into(),
            app.map(App::as_str).into(),
        ],
    )?;
    removal::guard_connection(writer, no, removals)?;
    let active = state == State::Active;
    let name = connection.name.clone();
    let payload = kinds::ConnectionCreated { provider, protocol, profile, name, active };
    audit::record(writer, &text, payload)?;
    event::emit(writer, &text, event::kinds::ConnectionCreated { provider, protocol, active })?;
    if active {
        guard::of_activation(writer).check(writer)?;
    }
    setup_link::bind(writer, no)?;
    Ok(connection)
}

/// The organization that a connection belongs to.
pub(crate) fn home(catalog: &mut Catalog<'_>, id: ConnectionId) -> Result<Option<OrgNo>, Error> {
    let row = catalog.query_one(HOME, &[(&id.to_string()).into()])?;
    row.map(|mut row| row.get("org")).transpose()
}

/// Finds a connection of any organization.
///
/// # Errors
///
/// [`Error::NotFound`].
pub async fn find(
    installation: &Installation,
    id: ConnectionId,
) -> Result<(Access, Connection), Error> {
    let by = installation.clone();
    let missing = move || Error::no_such(Noun::Connection, id.to_string());
    installation
        .store()
        .read_catalog(move |catalog| {
            let org = home(catalog, id)?.ok_or_else(missing)?;
            let access = by.access(org)?;
            let mut reader = catalog.reader(&access);
            match organization::read(&mut reader) {
                Ok(_) => {}
                Err(Error::NotFound { .. }) => return Err(missing()),
                Err(error) => return Err(error),
            }
            let found = by_id(&mut reader, id)?.ok_or_else(missing)?;
            Ok((access, found))
        })
        .await
}

/// The connection with this id.
///
/// # Errors
///
/// [`Error::NotFound`]; [`Error::Denied`].
pub fn get(reader: &mut Reader<'_>, id: ConnectionId) -> Result<Connection, Error> {
    reader.permit(Verb::ReadConnections)?;
    by_id(reader, id)?.ok_or_else(|| Error::no_such(Noun::Connection, id.to_string()))
}

/// The connection that manages a resource, if one does.
///
/// # Errors
///
/// [`Error::Denied`]; those of the store.
pub fn managing(
    reader: &mut Reader<'_>,
    managed_by: Option<ConnectionNo>,
) -> Result<Option<Connection>, Error> {
    reader.permit(Verb::ReadConnections)?;
    // What a deleted connection managed is managed by none.
    managed_by.map_or(Ok(None), |no| by_no(reader, no))
}

/// The connection with this id, in this organization, if it is there for whoever reads.
pub(crate) fn by_id(
    reader: &mut Reader<'_>,
    id: ConnectionId,
) -> Result<Option<Connection>, Error> {
    let row = reader.query_one(BY_ID, &[(&id.to_string()).into()])?;
    let found = row.map(Connection::from_row).transpose()?;
    Ok(found.filter(|found| reader.access().principal().sees(found.no)))
}

/// The connection with this number, in this organization.
pub(crate) fn by_no(
    reader: &mut Reader<'_>,
    no: ConnectionNo,
) -> Result<Option<Connection>, Error> {
    reader.query_one(BY_NO, &[no.into()])?.map(Connection::from_row).transpose()
}

/// The connections of the organization, oldest first.
///
/// # Errors
///
/// [`Error::Denied`]; those of the store.
pub fn list(reader: &mut Reader<'_>) -> Result<Vec<Connection>, Error> {
    reader.permit(Verb::ReadConnections)?;
    let mut all = all(reader)?;
    all.retain(|connection| reader.access().principal().sees(connection.no));
    Ok(all)
}

pub(crate) fn all(reader: &mut Reader<'_>) -> Result<Vec<Connection>, Error> {
    reader.query(ALL, &[])?.into_iter().map(Connection::from_row).collect()
}

/// The connections that are still being set up.
pub(crate) fn in_setup(reader: &mut Reader<'_>) -> Result<HashSet<ConnectionNo>, Error> {
    let all = all(reader)?.into_iter().filter(|connection| connection.state == State::Setup);
    Ok(all.map(|connection| connection.no).collect())
}

/// The addresses of the organization that lead to no connection: making one ended half-way.
pub(crate) fn half_made(reader: &mut Reader<'_>) -> Result<Vec<String>, Error> {
    let all: HashSet<String> =
        all(reader)?.into_iter().map(|connection| connection.id.to_string()).collect();
    let mut homes = Vec::new();
    for mut row in reader.query(HOMES, &[])? {
        homes.push(row.get("id")?);
    }
    homes.retain(|home| !all.contains(home));
    Ok(homes)
}

/// Deletes a connection with its tokens and its sign-in: every request of it is refused from now
/// on, and whoever signed in through it is signed out. What it
/// managed stays, and is managed by none.
///
/// Cost: O(its tokens, and removals that are held), whatever it managed.
///
/// # Errors
///
/// [`Error::NotFound`]; [`Error::Denied`].
pub async fn delete(store: &Store, access: &Access, id: ConnectionId) -> Result<Connection, Error> {
    let connection = store
        .write(access, move |writer| {
            writer.permit(Verb::DeleteConnection)?;
            let connection = settings::change(writer, id)?;
            let live_tokens = token::delete_all(writer, &connection)?;
            saml::forget(writer, connection.no)?;
            removal::forget_connection(writer, connection.no)?;
            trouble::forget(writer, connection.no)?;
            writer.send(DELETE, &[connection.no.into()])?;
            audit::record(writer, &id.to_string(), kinds::ConnectionDeleted { live_tokens })?;
            event::emit(writer, &id.to_string(), event::kinds::ConnectionDeleted {})?;
            Ok::<_, Error>(connection)
        })
        .await?;
    // An address that leads nowhere is harmless, should this not be reached.
    let org = access.org();
    store
        .write_catalog(move |catalog| {
            catalog.execute(FREE_HOME, &[org.into(), (&id.to_string()).into()]).map(drop)
        })
        .await?;
    Ok(connection)
}

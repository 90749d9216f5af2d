//! [`TestOrganization`] and [`TestConnection`]: who acts in a test.

use directory::{
    Actor, Error, Reader, Store, Tenant, Writer,
    connection::{self, Connection, Protocol, Provider},
    event::{self, Event},
    organization::{self, Organization, Slug},
    token::{self, IssuedToken},
};

/// An organization of a test, and who acts in it: the operator, or a provider ([`TestConnection`]).
#[derive(Clone, Debug)]
pub struct TestOrganization {
    /// The store.
    pub store: Store,
    /// The key to it.
    pub tenant: Tenant,
    /// Its slug.
    pub slug: Slug,
    /// Whose changes [`TestOrganization::write`] makes.
    pub actor: Actor,
}

/// A connection of a test, and the organization as it changes it.
#[derive(Clone, Debug)]
pub struct TestConnection {
    /// The connection.
    pub connection: Connection,
    /// The organization, with the connection as the actor.
    pub organization: TestOrganization,
}

impl TestOrganization {
    pub(crate) fn new(store: Store, tenant: Tenant, slug: Slug) -> Self {
        Self { store, tenant, slug, actor: Actor::Operator }
    }

    /// Changes the organization.
    ///
    /// # Errors
    ///
    /// Those of the work and of the store.
    pub async fn write<T, F>(&self, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnMut(&mut Writer<'_>) -> Result<T, Error> + Send + 'static,
    {
        self.store.write(&self.tenant, &self.actor, work).await
    }

    /// Reads the organization.
    ///
    /// # Errors
    ///
    /// Those of the work and of the store.
    pub async fn read<T, F>(&self, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnMut(&mut Reader<'_>) -> Result<T, Error> + Send + 'static,
    {
        self.store.read(&self.tenant, work).await
    }

    /// The organization's own record.
    pub async fn get(&self) -> Organization {
        self.read(organization::get).await.expect("the organization is there")
    }

    /// All events so far.
    pub async fn events(&self) -> Vec<Event> {
        self.events_after(0).await
    }

    /// The events after one.
    pub async fn events_after(&self, seq: i64) -> Vec<Event> {
        self.read(move |reader| event::after(reader, seq, i64::MAX)).await.expect("events")
    }

    /// The same organization, changed by somebody else.
    #[must_use]
    pub fn by(&self, actor: Actor) -> Self {
        Self { actor, ..self.clone() }
    }

    /// Makes a connection.
    pub async fn connection(&self, provider: Provider, protocol: Protocol) -> TestConnection {
        let operator = Actor::Operator;
        let connection =
            connection::create(&self.store, &self.tenant, &operator, provider, protocol, None)
                .await
                .expect("a connection can be made");
        let actor = token_actor(&self.issue(&connection).await, self).await;
        TestConnection { organization: self.by(actor), connection }
    }

    /// Issues a token that does not expire.
    pub async fn issue(&self, connection: &Connection) -> IssuedToken {
        let (tenant, id) = (self.tenant, connection.id);
        let issued = self
            .store
            .write(&self.tenant, &Actor::Operator, move |writer| {
                token::issue(writer, &tenant, id, None)
            })
            .await;
        issued.expect("a token can be issued")
    }
}

/// Who the bearer of a token is: the only way to become a connection, here as in the product.
async fn token_actor(token: &IssuedToken, organization: &TestOrganization) -> Actor {
    let caller = token::authenticate(&organization.store, token.reveal(), None)
        .await
        .expect("the store answers")
        .expect("a fresh token opens the door");
    caller.actor()
}

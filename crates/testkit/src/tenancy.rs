//! [`TestOrganization`] and [`TestConnection`]: who acts in a test.

use std::pin::Pin;

use directory::{
    Access, Error, EventNo, Reader, Store, Writer,
    connection::{self, Connection, NewConnection, Protocol, Provider},
    event::{self, Event},
    organization::{self, Organization, Slug},
    removal::Limits,
    token::{self, IssuedToken},
};

/// What becomes of a piece of work. Works are boxed, so that the store is compiled once for each
/// kind of answer and not once for each line of a test.
pub(crate) type Outcome<'o, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'o>>;

type Change<T> = Box<dyn FnMut(&mut Writer<'_>) -> Result<T, Error> + Send>;
type Look<T> = Box<dyn FnMut(&mut Reader<'_>) -> Result<T, Error> + Send>;

/// An organization of a test, and who acts in it: the operator, or a provider ([`TestConnection`]).
#[derive(Clone, Debug)]
pub struct TestOrganization {
    /// The store.
    pub store: Store,
    /// The operator's access to it.
    pub operator: Access,
    /// Its slug.
    pub slug: Slug,
    /// Whose changes [`TestOrganization::write`] makes.
    pub access: Access,
}

/// A connection of a test, and the organization as it changes it.
#[derive(Clone, Debug)]
pub struct TestConnection {
    /// The connection.
    pub connection: Connection,
    /// The organization, with the connection as the principal.
    pub organization: TestOrganization,
}

impl TestOrganization {
    pub(crate) fn new(store: Store, operator: Access, slug: Slug) -> Self {
        Self { store, access: operator.clone(), operator, slug }
    }

    /// Changes the organization.
    ///
    /// # Errors
    ///
    /// Those of the work and of the store.
    pub fn write<T, F>(&self, work: F) -> Outcome<'_, T>
    where
        T: Send + 'static,
        F: FnMut(&mut Writer<'_>) -> Result<T, Error> + Send + 'static,
    {
        let work: Change<T> = Box::new(work);
        Box::pin(self.store.write(&self.access, work))
    }

    /// Reads the organization, as its operator does.
    ///
    /// # Errors
    ///
    /// Those of the work and of the store.
    pub fn read<T, F>(&self, work: F) -> Outcome<'_, T>
    where
        T: Send + 'static,
        F: FnMut(&mut Reader<'_>) -> Result<T, Error> + Send + 'static,
    {
        let work: Look<T> = Box::new(work);
        Box::pin(self.store.read(&self.operator, work))
    }

    /// The organization's own record.
    pub async fn get(&self) -> Organization {
        self.read(organization::get).await.expect("the organization is there")
    }

    /// All events so far.
    pub async fn events(&self) -> Vec<Event> {
        self.events_after(EventNo::START).await
    }

    /// The events after one.
    pub async fn events_after(&self, no: EventNo) -> Vec<Event> {
        self.read(move |reader| event::after(reader, no, u32::MAX)).await.expect("events")
    }

    /// The same organization, changed by another principal.
    #[must_use]
    pub fn by(&self, access: Access) -> Self {
        Self { access, ..self.clone() }
    }

    /// The same organization, changed by its operator.
    #[must_use]
    pub fn by_operator(&self) -> Self {
        self.by(self.operator.clone())
    }

    /// Makes a connection that is in use.
    pub async fn connection(&self, provider: Provider, protocol: Protocol) -> TestConnection {
        self.connection_like(NewConnection::active(provider, protocol)).await
    }

    /// Makes a connection whose mass-removal guard is off: a test that is not about it takes away as many
    /// as it likes.
    pub async fn connection_like(&self, new: NewConnection) -> TestConnection {
        self.connection_as(NewConnection { removals: None, ..new }).await
    }

    /// Makes a connection of Okta whose mass-removal guard lets so many removals through.
    pub async fn guarded_connection(&self, limits: Limits) -> TestConnection {
        let new = NewConnection::active(Provider::Okta, Protocol::Scim2);
        self.connection_as(NewConnection { removals: Some(limits), ..new }).await
    }

    /// Makes a connection that is just so.
    pub async fn connection_as(&self, new: NewConnection) -> TestConnection {
        let connection = connection::create(&self.store, &self.operator, new)
            .await
            .expect("a connection can be made");
        let access = access_of(&self.issue(&connection).await, self).await;
        TestConnection { organization: self.by(access), connection }
    }

    /// Issues a token that does not expire.
    pub async fn issue(&self, connection: &Connection) -> IssuedToken {
        let id = connection.id;
        let issue = move |writer: &mut Writer<'_>| token::issue(writer, id, None);
        self.store.write(&self.operator, issue).await.expect("a token can be issued")
    }
}

/// The access of whoever bears a token: the only way to become a connection, here as in the
/// product.
async fn access_of(token: &IssuedToken, organization: &TestOrganization) -> Access {
    let caller = token::authenticate(&organization.store, token.reveal(), None, None)
        .await
        .expect("the store answers")
        .expect("a fresh token is accepted");
    caller.access
}

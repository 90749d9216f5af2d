//! [`Context`] and [`Organization`]: what a handler is handed, and what it can reach with it.

use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::request::Parts,
};
use directory::{
    Access, ConnectionId, DeliveryNo, Error, Installation, KeyNo, Noun, Reader, ResourceId,
    SessionId, TokenNo, WebhookId, WorkError, Writer, history::Moment, organization, program,
    webhook::Webhooks,
};

use crate::{App, error::HttpError};

/// Who is calling. [`super::surface::admit`] makes it, and nothing else can: having one means that the
/// caller has shown an API key, or an access token of its own.
#[derive(Clone, Debug)]
pub(crate) struct Context {
    app: App,
    caller: program::Caller,
}

impl Context {
    pub(super) fn new(app: App, caller: program::Caller) -> Self {
        Self { app, caller }
    }

    pub(super) fn app(&self) -> &App {
        &self.app
    }

    /// The installation, for one of its programs.
    pub(super) fn installation(&self) -> Result<Installation, HttpError> {
        Ok(self.caller.installation()?)
    }

    /// Makes sure that what the caller showed still works, after it has waited for something.
    pub(super) async fn require_live_credential(&self) -> Result<(), HttpError> {
        Ok(self.caller.check().await??)
    }

    /// The organization of the caller; `None`: it is the installation's.
    pub(super) async fn home(&self) -> Result<Option<organization::Organization>, HttpError> {
        Ok(self.caller.home().await?.map(|(_, organization)| organization))
    }
}

impl<S: Sync> FromRequestParts<S> for Context {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, HttpError> {
        // Routes without authentication in front of them would be a defect: they admit no one.
        parts.extensions.get::<Self>().cloned().ok_or_else(HttpError::internal)
    }
}

/// The organization that the address names, by its id or its slug, and that the caller reaches.
#[derive(Clone, Debug)]
pub(crate) struct Organization {
    context: Context,
    access: Access,
    record: organization::Organization,
}

impl Organization {
    /// As it was when the request came.
    pub(super) fn record(&self) -> &organization::Organization {
        &self.record
    }

    pub(super) fn access(&self) -> &Access {
        &self.access
    }

    pub(super) fn app(&self) -> &App {
        &self.context.app
    }

    pub(super) fn context(&self) -> &Context {
        &self.context
    }

    /// Reads a little of it.
    pub(super) async fn read<T, E, F>(&self, work: F) -> Result<T, HttpError>
    where
        T: Send + 'static,
        E: WorkError + Into<HttpError>,
        F: FnMut(&mut Reader<'_>) -> Result<T, E> + Send + 'static,
    {
        self.app().store().read(&self.access, work).await.map_err(Into::into)
    }

    /// Reads as much of it as it takes, in turns with others.
    pub(super) async fn read_long<T, E, F>(&self, work: F) -> Result<T, HttpError>
    where
        T: Send + 'static,
        E: WorkError + Into<HttpError>,
        F: FnMut(&mut Reader<'_>) -> Result<T, E> + Send + 'static,
    {
        self.app().store().read_long(&self.access, work).await.map_err(Into::into)
    }

    /// Changes it.
    pub(super) async fn write<T, E, F>(&self, work: F) -> Result<T, HttpError>
    where
        T: Send + 'static,
        E: WorkError + Into<HttpError>,
        F: FnMut(&mut Writer<'_>) -> Result<T, E> + Send + 'static,
    {
        self.app().store().write(&self.access, work).await.map_err(Into::into)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Organization {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, HttpError> {
        let context = Context::from_request_parts(parts, state).await?;
        let name = named(parts, "organization").await?;
        let (access, record) = context.caller.organization(&name).await?;
        Ok(Self { context, access, record })
    }
}

/// What the address says at a place of its pattern. What is not UTF-8 names nothing.
async fn named(parts: &mut Parts, place: &str) -> Result<String, HttpError> {
    let params = RawPathParams::from_request_parts(parts, &()).await;
    let params = params.map_err(|_| HttpError::no_such_resource())?;
    let found = params.iter().find(|(name, _)| *name == place);
    found.map(|(_, value)| value.to_owned()).ok_or_else(HttpError::internal)
}

/// Something of an organization that the address names. What is no id or number names nothing, and is
/// answered like what does not exist.
macro_rules! in_path {
    ($($(#[$meta:meta])* $name:ident($ty:ty) at $place:literal is $noun:ident, by $parse:expr;)*) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug)]
        pub(crate) struct $name(pub(super) $ty);

        impl<S: Send + Sync> FromRequestParts<S> for $name {
            type Rejection = HttpError;

            async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, HttpError> {
                let text = named(parts, $place).await?;
                let parsed: Option<$ty> = $parse(&text);
                let missing = || Error::NotFound { what: Noun::$noun, name: Some(text) };
                Ok(Self(parsed.ok_or_else(missing)?))
            }
        }
    )*};
}

in_path! {
    /// A user.
    UserInPath(ResourceId) at "user" is User, by ResourceId::parse;
    /// A group.
    GroupInPath(ResourceId) at "group" is Group, by ResourceId::parse;
    /// A connection.
    ConnectionInPath(ConnectionId) at "connection" is Connection, by ConnectionId::parse;
    /// A token.
    TokenInPath(TokenNo) at "token" is Token, by TokenNo::parse;
    /// An API key.
    KeyInPath(KeyNo) at "key" is Key, by KeyNo::parse;
    /// A webhook.
    WebhookInPath(WebhookId) at "webhook" is Webhook, by WebhookId::parse;
    /// A delivery of a webhook.
    DeliveryInPath(DeliveryNo) at "delivery" is Delivery, by DeliveryNo::parse;
    /// A secret of a webhook.
    SecretInPath(i64) at "secret" is Secret, by secret_number;
    /// A moment of the past.
    MomentInPath(Moment) at "moment" is Event, by moment;
    /// A session.
    SessionInPath(SessionId) at "session" is Session, by SessionId::parse;
}

fn moment(text: &str) -> Option<Moment> {
    Moment::parse(text).ok()
}

fn secret_number(text: &str) -> Option<i64> {
    text.parse().ok()
}

/// Whose webhooks the address is about: those of the organization that it names, or those of the
/// installation.
#[derive(Clone, Debug)]
pub(crate) enum WebhookOwner {
    Organization(Organization),
    Installation(Context, Installation),
}

impl<S: Send + Sync> FromRequestParts<S> for WebhookOwner {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, HttpError> {
        let params = RawPathParams::from_request_parts(parts, &()).await;
        let is_named =
            params.is_ok_and(|params| params.iter().any(|(name, _)| name == "organization"));
        if is_named {
            return Organization::from_request_parts(parts, state).await.map(Self::Organization);
        }
        let context = Context::from_request_parts(parts, state).await?;
        let installation = context.installation()?;
        Ok(Self::Installation(context, installation))
    }
}

impl WebhookOwner {
    pub(super) fn app(&self) -> &App {
        match self {
            Self::Organization(organization) => organization.app(),
            Self::Installation(context, _) => context.app(),
        }
    }

    pub(super) fn webhooks(&self) -> Webhooks {
        match self {
            Self::Organization(organization) => {
                Webhooks::of_organization(organization.app().store(), organization.access())
            }
            Self::Installation(_, installation) => Webhooks::of_installation(installation),
        }
    }

    /// Where they are, below [`super::BASE`].
    pub(super) fn at(&self) -> String {
        match self {
            Self::Organization(organization) => {
                format!("/organizations/{}/webhooks", organization.record().id)
            }
            Self::Installation(..) => "/webhooks".to_owned(),
        }
    }
}

/// A role, a plan or a feature by its name, as it stands in the address.
#[derive(Clone, Debug)]
pub(crate) struct NameInPath(pub(super) String);

impl<S: Send + Sync> FromRequestParts<S> for NameInPath {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, HttpError> {
        named(parts, "name").await.map(Self)
    }
}

//! [`Visitor`]: who looks at the console.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use directory::{
    Access, Reader, Secret, Store, Writer,
    access::Rank,
    connection::Connection,
    organization::Organization,
    removal,
    session::{self, SignedIn},
    setup_link::{self, Bearer},
};
use http::request::Parts;

use super::{
    integrations::guard::Banner,
    rooms::{Role, Roles},
    theme::Theme,
};
use crate::{App, cookie, error::HttpError, http::Query};

/// Who looks at the console, and from which page. The [gate](super::gate) makes one, and nothing
/// else does.
#[derive(Clone, Debug)]
pub(super) struct Visitor(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    app: App,
    who: Who,
    path: String,
    query: Query,
    theme: Theme,
    form_token: Secret,
    banners: Vec<Banner>,
}

/// The two ways in.
#[derive(Clone, Debug)]
enum Who {
    Person(Arc<SignedIn>),
    Bearer(Arc<Bearer>),
}

impl Who {
    fn role(&self) -> Role {
        match self {
            Self::Bearer(_) => Role::Link,
            Self::Person(signed_in) => match signed_in.rank() {
                directory::access::Rank::Member => Role::Member,
                directory::access::Rank::Admin => Role::Admin,
                directory::access::Rank::Superadmin => Role::Superadmin,
            },
        }
    }
}

/// Whoever the cookies of a browser say is there: a person, the bearer of a link, or both.
#[derive(Debug)]
pub(super) struct Visitors {
    who: Vec<(Who, Secret)>,
    query: Query,
    theme: Theme,
    /// What an administrator is told on every page.
    banners: Vec<Banner>,
}

impl Visitors {
    pub(super) async fn of(app: &App, parts: &Parts) -> Result<Self, HttpError> {
        let (headers, id) = (&parts.headers, parts.extensions.get().copied());
        let mut who = Vec::new();
        let mut banners = Vec::new();
        if let Some(shown) = app.cookies().get(headers, cookie::SESSION)
            && let Some(found) =
                session::authenticate(app.store(), shown, app.sessions(), id).await?
        {
            if found.rank() >= Rank::Admin {
                let waiting = app.store().read(&found.access, removal::waiting).await?;
                banners = waiting.iter().map(Banner::of).collect();
            }
            who.push((Who::Person(Arc::new(found)), form_token(shown)));
        }
        if let Some(shown) = app.cookies().get(headers, cookie::SETUP)
            && let Some(found) = setup_link::authenticate(app.store(), shown, id).await?
        {
            who.push((Who::Bearer(Arc::new(found)), form_token(shown)));
        }
        let query = Query::parse(parts.uri.query().unwrap_or_default()).unwrap_or_default();
        Ok(Self { who, query, theme: Theme::of(app, headers), banners })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.who.is_empty()
    }

    /// The visitor with one of these roles; or the one that is turned away.
    pub(super) fn one_of(self, roles: Roles, app: &App, path: &str) -> Result<Visitor, Visitor> {
        let at = self.who.iter().position(|(who, _)| roles.contain(who.role()));
        let visitor = self.visitor(at.unwrap_or(0), app, path);
        if at.is_some() { Ok(visitor) } else { Err(visitor) }
    }

    fn visitor(mut self, at: usize, app: &App, path: &str) -> Visitor {
        let (who, form_token) = self.who.swap_remove(at);
        let (app, path) = (app.clone(), path.to_owned());
        let Self { query, theme, banners, .. } = self;
        let banners = if matches!(who, Who::Person(_)) { banners } else { Vec::new() };
        Visitor(Arc::new(Inner { app, who, path, query, theme, form_token, banners }))
    }
}

/// What the forms of whoever shows this cookie carry: no other site can know it.
fn form_token(cookie: &str) -> Secret {
    Secret::derived("the forms of the console", cookie)
}

impl Visitor {
    pub(super) fn app(&self) -> &App {
        &self.0.app
    }

    pub(super) fn store(&self) -> &Store {
        self.0.app.store()
    }

    /// What the visitor may do, and where.
    pub(super) fn access(&self) -> &Access {
        match &self.0.who {
            Who::Person(signed_in) => &signed_in.access,
            Who::Bearer(bearer) => &bearer.access,
        }
    }

    pub(super) fn organization(&self) -> &Organization {
        match &self.0.who {
            Who::Person(signed_in) => &signed_in.organization,
            Who::Bearer(bearer) => &bearer.organization,
        }
    }

    pub(super) fn role(&self) -> Role {
        self.0.who.role()
    }

    /// Whether all may be done that a superadmin may.
    pub(super) fn is_superadmin(&self) -> bool {
        self.role() == Role::Superadmin
    }

    /// The person who is signed in, if one is.
    pub(super) fn person(&self) -> Option<&SignedIn> {
        match &self.0.who {
            Who::Person(signed_in) => Some(signed_in),
            Who::Bearer(_) => None,
        }
    }

    /// Who bears a set-up link, if the visitor does.
    pub(super) fn bearer(&self) -> Option<&Bearer> {
        match &self.0.who {
            Who::Person(_) => None,
            Who::Bearer(bearer) => Some(bearer),
        }
    }

    /// The connection that a set-up link is for.
    pub(super) fn linked(&self) -> Option<&Connection> {
        self.bearer()?.connection.as_ref()
    }

    /// Whether the visitor proved lately who it is: needed to make a credential.
    pub(super) fn is_fresh(&self) -> bool {
        const LATELY: std::time::Duration = std::time::Duration::from_mins(10);
        let now = self.store().clock().now();
        match &self.0.who {
            Who::Person(signed_in) => now < signed_in.session.created.plus(LATELY),
            Who::Bearer(bearer) => bearer.is_fresh(now),
        }
    }

    /// The address of the page.
    pub(super) fn path(&self) -> &str {
        &self.0.path
    }

    /// A parameter of the query, unless it is empty.
    pub(super) fn query(&self, name: &str) -> Option<&str> {
        self.0.query.get(name).filter(|value| !value.is_empty())
    }

    pub(super) fn theme(&self) -> Theme {
        self.0.theme
    }

    /// What waits for a decision, of each connection.
    pub(super) fn banners(&self) -> &[Banner] {
        &self.0.banners
    }

    /// What forms carry.
    pub(super) fn form_token(&self) -> &str {
        self.0.form_token.reveal()
    }

    /// Whether a form carries what the visitor's forms do.
    pub(super) fn knows(&self, shown: &str) -> bool {
        self.0.form_token.is_shown_as(shown)
    }

    /// Reads the organization.
    pub(super) async fn read<T, F>(&self, work: F) -> Result<T, HttpError>
    where
        T: Send + 'static,
        F: FnMut(&mut Reader<'_>) -> Result<T, directory::Error> + Send + 'static,
    {
        Ok(self.store().read(self.access(), work).await?)
    }

    /// Reads as much of it as it takes.
    pub(super) async fn read_long<T, F>(&self, work: F) -> Result<T, HttpError>
    where
        T: Send + 'static,
        F: FnMut(&mut Reader<'_>) -> Result<T, directory::Error> + Send + 'static,
    {
        Ok(self.store().read_long(self.access(), work).await?)
    }

    /// Changes the organization.
    pub(super) async fn write<T, F>(&self, work: F) -> Result<T, HttpError>
    where
        T: Send + 'static,
        F: FnMut(&mut Writer<'_>) -> Result<T, directory::Error> + Send + 'static,
    {
        Ok(self.store().write(self.access(), work).await?)
    }
}

impl<S: Sync> FromRequestParts<S> for Visitor {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, HttpError> {
        // A page without a gate in front of it would be a defect: it admits no one.
        parts.extensions.get::<Self>().cloned().ok_or_else(HttpError::internal)
    }
}

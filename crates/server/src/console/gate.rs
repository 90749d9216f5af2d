//! [`admit`]: who may come in, before anything is looked up.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use directory::{Error, RequestId, Writer, audit};
use http::{Method, StatusCode, header, request::Parts};

use super::{
    posted::Fields,
    refusal::{self, Refused},
    rooms::Roles,
    visitor::{Visitor, Visitors},
};
use crate::{App, error::HttpError, page::Form, session};

/// The largest form that the console takes, in bytes: metadata of a provider may stand in it.
pub(crate) const LARGEST_FORM: usize = 1024 * 1024;

/// What stands in front of one address.
#[derive(Clone, Debug)]
pub(super) struct Gate {
    app: App,
    roles: Arc<[(Method, Roles)]>,
}

impl Gate {
    pub(super) fn new(app: &App, roles: impl IntoIterator<Item = (Method, Roles)>) -> Self {
        Self { app: app.clone(), roles: roles.into_iter().collect() }
    }

    /// Who may come in with one method or another.
    fn anyone(&self) -> Roles {
        self.roles.iter().fold(Roles::NO_ONE, |all, (_, roles)| all.or(*roles))
    }

    /// Who may come in with a method; `None`: nothing is done with it here.
    fn roles(&self, method: &Method) -> Option<Roles> {
        let method = if method == Method::HEAD { &Method::GET } else { method };
        self.roles.iter().find(|(known, _)| known == method).map(|(_, roles)| *roles)
    }
}

/// A layer that lets in whoever may come, and answers in pages.
pub(super) async fn admit(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    let app = gate.app.clone();
    let looks = matches!(*request.method(), Method::GET | Method::HEAD);
    match gate.let_in(request).await {
        Ok((visitor, request)) => {
            let response = next.run(request).await;
            match response.extensions().get::<HttpError>().cloned() {
                Some(error) => refusal::page(&visitor, error, looks),
                None => response,
            }
        }
        Err(refused) => refused.into_response_of(&app),
    }
}

impl Gate {
    async fn let_in(&self, request: Request) -> Result<(Visitor, Request), Refused> {
        let (mut parts, body) = request.into_parts();
        let visitors = Visitors::of(&self.app, &parts).await?;
        let looks = matches!(parts.method, Method::GET | Method::HEAD);
        if visitors.is_empty() {
            return Err(if looks { Refused::SignIn } else { Refused::NotSignedIn });
        }
        let path = parts.uri.path().to_owned();
        let of_method = self.roles(&parts.method);
        let roles = of_method.unwrap_or_else(|| self.anyone());
        let visitor = match visitors.one_of(roles, &self.app, &path) {
            Ok(visitor) => visitor,
            Err(stranger) => return Err(Refused::NotForYou(Box::new(stranger), roles)),
        };
        parts.extensions.insert(visitor.clone());
        if looks || of_method.is_none() {
            return Ok((visitor, Request::from_parts(parts, body)));
        }
        let fields = self.fields(&visitor, &parts, body).await?;
        parts.extensions.insert(fields);
        Ok((visitor, Request::from_parts(parts, Body::empty())))
    }

    /// Reads what is posted, if a page of ours posts it: its origin is ours, and it has the token of
    /// the visitor's pages.
    async fn fields(
        &self,
        visitor: &Visitor,
        parts: &Parts,
        body: Body,
    ) -> Result<Fields, Refused> {
        let is_ours = session::require_own_origin(&self.app, &parts.headers).is_ok();
        if !is_ours || !parts.headers.contains_key(header::ORIGIN) {
            return Err(self.foreign(visitor, parts.uri.path(), "foreign_origin").await);
        }
        let form = Form::read(&parts.headers, body, LARGEST_FORM, self.app.limits()).await;
        let form = form.map_err(|error| {
            let error = HttpError::new(StatusCode::BAD_REQUEST, "not_a_form", error.to_string());
            Refused::Failed(error)
        })?;
        if !visitor.knows(form.get("csrf").unwrap_or_default()) {
            return Err(self.foreign(visitor, parts.uri.path(), "no_form_token").await);
        }
        Ok(Fields(Arc::new(form)))
    }

    /// A post that no page of ours sent: not done, and audited.
    async fn foreign(&self, visitor: &Visitor, path: &str, reason: &'static str) -> Refused {
        let address: String = path.chars().take(200).collect();
        let record = move |writer: &mut Writer<'_>| {
            audit::refused(writer, &address, reason)?;
            Ok::<_, Error>(())
        };
        if let Err(error) = self.app.store().write(visitor.access(), record).await {
            return Refused::Failed(error.into());
        }
        Refused::Foreign
    }
}

/// The id of a request.
pub(super) fn id_of(request: &Request) -> Option<RequestId> {
    request.extensions().get().copied()
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        match self {
            Self::Failed(error) => error.into_response(),
            Self::SignIn => {
                (StatusCode::SEE_OTHER, [(header::LOCATION, "/signin")]).into_response()
            }
            Self::NotSignedIn => {
                HttpError::unauthorized("not_signed_in", "No one is signed in with this browser.")
                    .into_response()
            }
            Self::Foreign => HttpError::new(
                StatusCode::FORBIDDEN,
                "foreign_origin",
                "This was not sent by a page of this console, and was not done. Load the page again \
                 and press the button once more.",
            )
            .into_response(),
            Self::NotForYou(visitor, roles) => refusal::not_for_you(&visitor, roles),
        }
    }
}

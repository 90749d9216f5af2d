//! [`Asked`]: a request that a browser brought to `/oauth/authorize`, and where it goes back to.

use ::oauth::{
    AuthorizationError, AuthorizationRefusal, AuthorizationRequest, Endpoint, Parameters,
    authorization::{Authentication, PageRefusal},
};
use axum::response::{IntoResponse, Response};
use directory::{
    oauth::{Client, client},
    session::SignedIn,
};
use http::StatusCode;

use super::{issuer, pages::Unusable};
use crate::{
    App,
    error::HttpError,
    page::Page,
    peer::Peer,
    sign_in::{acs::see_other, address::ReturnTo},
};

/// Ends the query with which a browser comes back whose provider was asked for this very request. It gives
/// nothing by itself: the session remembers the address that its sign-in was begun for.
const ASKED: &str = "&doorward.asked=1";

/// A request of a client that is known, to an address that it registered.
pub(super) struct Asked {
    pub(super) client: Client,
    pub(super) request: AuthorizationRequest,
}

impl Asked {
    /// Reads the query.
    pub(super) async fn read(
        app: &App,
        query: &str,
    ) -> Result<Result<Self, AuthorizationRefusal>, HttpError> {
        let query = query.strip_suffix(ASKED).unwrap_or(query);
        let parameters = Parameters::parse(query).map_err(PageRefusal::Parameter);
        Self::of(app, parameters).await
    }

    /// Reads parameters that a browser posted, or showed before.
    pub(super) async fn of(
        app: &App,
        parameters: Result<Parameters, PageRefusal>,
    ) -> Result<Result<Self, AuthorizationRefusal>, HttpError> {
        let named = parameters.and_then(|parameters| {
            let id = AuthorizationRequest::client_id(&parameters)?;
            Ok((parameters, id))
        });
        let (parameters, id) = match named {
            Ok(named) => named,
            Err(refusal) => return Ok(Err(refusal.into())),
        };
        let Some(client) = client::find(app.store(), &id).await? else {
            return Ok(Err(PageRefusal::UnknownClient.into()));
        };
        let request = AuthorizationRequest::read(parameters, &client.registered, &issuer(app));
        Ok(request.map(|request| Self { client, request }))
    }

    /// The request as a query.
    pub(super) fn query(&self) -> String {
        self.request.parameters.to_query()
    }

    /// Where the request begins.
    pub(super) fn address(&self) -> String {
        address(&self.request.parameters)
    }

    /// Where the browser comes back to from a provider that was asked for this request.
    pub(super) fn way_back(&self) -> ReturnTo {
        ReturnTo::kept(&format!("{}{ASKED}", self.address()))
    }

    /// What the rules want to know of a session.
    pub(super) fn authentication(&self, known: &SignedIn) -> Authentication {
        Authentication {
            at: known.session.authenticated().timestamp(),
            is_for_request: self.is_answered_by(known),
        }
    }

    fn is_answered_by(&self, known: &SignedIn) -> bool {
        known.session.was_begun_for(self.way_back().as_str())
    }

    /// Whether the request is for who is signed in: of the organization, by the connection, and by the
    /// name that it gives. A name is only a hint: the person who signed in for this request is meant.
    pub(super) fn is_for(&self, known: &SignedIn) -> bool {
        let SignedIn { organization, connection, user, .. } = known;
        let is_organization = |name: &String| {
            *name == organization.id.to_string() || name == organization.slug.as_str()
        };
        let is_connection =
            |id: &String| connection.as_ref().is_some_and(|known| known.id.to_string() == *id);
        let is_person = |name: &String| {
            let names = [Some(user.name()), user.email()];
            names.into_iter().flatten().any(|known| known.eq_ignore_ascii_case(name))
        };
        let request = &self.request;
        self.client.is_for(known)
            && request.organization.as_ref().is_none_or(is_organization)
            && request.connection.as_ref().is_none_or(is_connection)
            && (request.login_hint.as_ref().is_none_or(is_person) || self.is_answered_by(known))
    }

    /// Tells the client what is wrong.
    pub(super) fn refuse(&self, error: AuthorizationError) -> Response {
        let client = self.client.id();
        tracing::info!(%client, code = error.code(), %error, "an authorization was refused");
        see_other(&self.request.callback.error(&error))
    }
}

/// Where a request of these parameters begins.
pub(super) fn address(parameters: &Parameters) -> String {
    format!("{}?{}", Endpoint::Authorization.path(), parameters.to_query())
}

/// What becomes of a request that is refused: where it is not known that the address is the client's, the
/// person reads why, and nothing goes there.
pub(super) fn refused(refusal: &AuthorizationRefusal, peer: Peer) -> Response {
    match refusal {
        AuthorizationRefusal::Callback { callback, error } => {
            let client = callback.client_id();
            tracing::info!(%client, code = error.code(), %error, "an authorization was refused");
            see_other(&callback.error(error))
        }
        AuthorizationRefusal::Page(refusal) => unusable(refusal.code(), &refusal.to_string(), peer),
    }
}

/// A page for a person whom an application sent with a request that leads nowhere.
pub(super) fn unusable(code: &str, reason: &str, peer: Peer) -> Response {
    tracing::info!(code, reason, "a browser came with a request that leads nowhere");
    let reference = peer.request.map(|id| id.to_string()).unwrap_or_default();
    let page = Unusable { reason: reason.to_owned(), reference };
    Page::with_status(StatusCode::BAD_REQUEST, page).into_response()
}

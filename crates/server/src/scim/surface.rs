//! What stands around every SCIM route: the form of errors, and authentication.

use ::scim::Dialect;
use axum::{
    extract::{OriginalUri, Request, State},
    http::{Method, StatusCode, Uri, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use directory::RequestId;

use super::{
    auth::{self, Stranger},
    base::Base,
    context::Context,
    error::{self, ScimError},
    media_type, suffix,
    wrong::Call,
};
use crate::{
    App,
    error::HttpError,
    http::{PeerAddress, rate},
    log,
};

/// The form of the errors that are answered at an address, whichever surface or layer they come
/// from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ErrorForm(Option<(Dialect, &'static str)>);

impl ErrorForm {
    /// Below a base of SCIM it is that of its dialect.
    pub(crate) fn of(request: &Request) -> Self {
        let base = Base::of(request.uri().path());
        Self(base.map(|(Base { dialect, .. }, _)| (dialect, content_type(dialect, request))))
    }

    /// Gives an answer this form, if it is an error.
    pub(crate) fn render(self, response: Response) -> Response {
        match self.0 {
            Some((dialect, content_type)) => error::rendered(response, dialect, content_type),
            None => response,
        }
    }
}

/// What the answer to a request says in `Content-Type`. In SCIM 1.1 there is no choice.
pub(super) fn content_type(dialect: Dialect, request: &Request) -> &'static str {
    match dialect {
        Dialect::V1 => dialect.content_type(),
        Dialect::V2 => {
            let accept = request.headers().get(header::ACCEPT);
            media_type::negotiate(accept, dialect.content_type())
        }
    }
}

/// Lets a request in that shows a token: before its path, method or body are looked at.
pub(super) async fn admit(
    State(app): State<App>,
    OriginalUri(uri): OriginalUri,
    mut request: Request,
    next: Next,
) -> Response {
    if app.drain().has_started() {
        return HttpError::shutting_down().into_response();
    }
    let Some((base, _)) = Base::of(uri.path()) else {
        return ScimError::no_such_endpoint().into_response();
    };
    let id = request.extensions().get::<RequestId>().copied();
    let peer = request.extensions().get::<PeerAddress>().copied();
    let headers = request.headers();
    let call = Call::new(&app, peer, headers, &uri);
    let (caller, odd) = match auth::authenticate(&app, headers, base.connection, id).await {
        Ok(known) => known,
        Err(Stranger { error, kind, refused }) => {
            if let Some(kind) = kind {
                call.refused(kind, refused.as_ref());
            }
            return auth::refuse(&app, peer.map(|peer| peer.0), headers, error).into_response();
        }
    };
    let by = log::By(caller.clone());
    let standing = app.connection_rate().take(&caller.connection.id);
    if let Some(wait) = standing.and_then(|standing| standing.refused()) {
        let mut response = HttpError::over_rate(wait).into_response();
        response.extensions_mut().insert(by);
        return rate::told(standing, response);
    }
    let context = can_read_json(base.dialect, &uri, &request)
        .and_then(|()| Context::new(app.clone(), caller, base, &uri, &request));
    let mut response = match context {
        Ok(context) => {
            let outcome = context.outcome();
            request.extensions_mut().insert(context);
            let mut response = next.run(request).await;
            response.extensions_mut().insert(outcome.take(&uri));
            response
        }
        Err(error) => error.into_response(),
    };
    call.served(&by.0, odd, &response);
    response.extensions_mut().insert(by);
    rate::told(standing, response)
}

/// Refuses a client that would not understand an answer in JSON. All others get one, whatever they
/// ask for.
fn can_read_json(dialect: Dialect, uri: &Uri, request: &Request) -> Result<(), ScimError> {
    if !suffix::names_xml(uri) && !media_type::admits_only_xml(request.headers()) {
        return Ok(());
    }
    let wanted = dialect.media_type();
    Err(ScimError::new(
        StatusCode::NOT_ACCEPTABLE,
        "not_acceptable",
        format!("Answers are in JSON only, never in XML. Send Accept: {wanted}."),
    ))
}

/// RFC 7644 names the methods of each endpoint; the router has put them in `Allow`.
pub(super) async fn method_not_possible(method: Method) -> Response {
    if method == Method::OPTIONS {
        return StatusCode::NO_CONTENT.into_response();
    }
    HttpError::method_not_possible(&method).into_response()
}

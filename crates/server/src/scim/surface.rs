//! What stands around every SCIM route: the form of errors, the log line, and the door.

use std::time::Instant;

use ::scim::Dialect;
use axum::{
    extract::{OriginalUri, Request, State},
    http::{HeaderValue, Method, StatusCode, Uri, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{auth, context::Context, suffix};
use crate::{
    App,
    error::Failure,
    http::{PeerAddress, media_type},
    log,
};

/// Renders failures in the dialect of the address, and writes the log line.
pub(super) async fn render(dialect: Dialect, mut request: Request, next: Next) -> Response {
    let began = Instant::now();
    request.extensions_mut().insert(dialect);
    let method = request.method().clone();
    let path = request
        .extensions()
        .get::<OriginalUri>()
        .map_or_else(|| request.uri().path().to_owned(), |uri| uri.path().to_owned());
    let content_type = content_type(dialect, &request);
    let response = next.run(request).await;
    let response = match response.extensions().get::<Failure>().cloned() {
        Some(failure) => with_body(response, dialect, content_type, &failure),
        None => response,
    };
    log::request(&method, &path, began, &response);
    response
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

fn with_body(
    response: Response,
    dialect: Dialect,
    content_type: &'static str,
    failure: &Failure,
) -> Response {
    let body = dialect.error(failure.status.as_u16(), failure.scim_type, &failure.detail);
    let (mut parts, _) = response.into_parts();
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    parts.headers.remove(header::CONTENT_LENGTH);
    if failure.status == StatusCode::UNAUTHORIZED {
        let challenge = HeaderValue::from_static("Bearer realm=\"Doorward\"");
        parts.headers.insert(header::WWW_AUTHENTICATE, challenge);
    }
    Response::from_parts(parts, body.to_json().into())
}

/// Lets a request in that shows a token: before its path, method or body are looked at.
pub(super) async fn admit(
    State(app): State<App>,
    OriginalUri(uri): OriginalUri,
    mut request: Request,
    next: Next,
) -> Response {
    if app.drain().has_started() {
        let mut response = Failure::shutting_down().into_response();
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        return response;
    }
    let connection = connection_in(uri.path());
    let caller = match auth::authenticate(&app, request.headers(), connection).await {
        Ok(caller) => caller,
        Err(failure) => {
            let peer = request.extensions().get::<PeerAddress>().map(|peer| peer.0);
            return auth::refuse(&app, peer, request.headers(), failure).into_response();
        }
    };
    let by = log::By(caller.clone());
    let dialect = request.extensions().get::<Dialect>().copied().unwrap_or(Dialect::V2);
    let context = can_read_json(dialect, &uri, &request)
        .and_then(|()| Context::new(app, caller, dialect, connection, &uri, &request));
    let mut response = match context {
        Ok(context) => {
            request.extensions_mut().insert(context);
            next.run(request).await
        }
        Err(failure) => failure.into_response(),
    };
    response.extensions_mut().insert(by);
    response
}

/// Refuses a client that would not understand an answer in JSON. All others get one, whatever they
/// ask for.
fn can_read_json(dialect: Dialect, uri: &Uri, request: &Request) -> Result<(), Failure> {
    if !suffix::names_xml(uri) && !media_type::admits_only_xml(request.headers()) {
        return Ok(());
    }
    let wanted = dialect.media_type();
    Err(Failure::new(
        StatusCode::NOT_ACCEPTABLE,
        format!("Answers are in JSON only, never in XML. Send Accept: {wanted}."),
    ))
}

/// The connection that an address names. An address that spells it in another way than it was
/// given out names none that exists.
fn connection_in(path: &str) -> Option<&str> {
    path.strip_prefix("/c/")?.split('/').next()
}

/// RFC 7644 names the methods of each endpoint; the router has put them in `Allow`.
pub(super) async fn method_not_allowed(method: Method) -> Response {
    if method == Method::OPTIONS {
        return StatusCode::NO_CONTENT.into_response();
    }
    Failure::method_not_allowed(&method).into_response()
}

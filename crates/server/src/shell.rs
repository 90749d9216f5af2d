//! [`around`]: what stands around every route, whatever surface it belongs to.
//!
//! It is one layer and not one for each thing that it does: the router copies, for every request,
//! all that is inside of a layer.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use directory::RequestId;
use http::{HeaderValue, header};
use tracing::Instrument as _;

use crate::{
    App, deadline,
    error::HttpError,
    http::{close, host, panic, request_id},
    log::Line,
    metrics::Surface,
    page,
    scim::ErrorForm,
};

/// Answers may be about people.
const NOT_STORED: HeaderValue = HeaderValue::from_static("no-store");

/// A layer that gives a request its id, and has it served, logged and told.
pub(crate) async fn around(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let id = request_id::assign(app.random(), &mut request);
    let mut response = logged(&app, id, request, next).await;
    request_id::tell(id, response.headers_mut());
    response
}

async fn logged(app: &App, id: RequestId, request: Request, next: Next) -> Response {
    let surface = Surface::of(request.uri().path());
    let line = Line::begin(app, id, &request);
    let response = presented(app, id, request, next).instrument(request_id::span(id)).await;
    app.metrics().answered(surface, response.status(), line.elapsed());
    line.end(app, &response);
    response
}

/// The answer as it is sent: an error in the form of its surface, and with the headers that each
/// answer has.
async fn presented(app: &App, id: RequestId, request: Request, next: Next) -> Response {
    let (form, version) = (ErrorForm::of(&request), request.version());
    let is_for_people = page::is_for_people(request.uri().path());
    let mut response = form.render(served(app, request, next).await);
    if is_for_people {
        response = page::render_error(id, response);
    }
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(NOT_STORED);
    close::announce(version, &mut response);
    response
}

/// What the route answers: in time, and without a panic.
async fn served(app: &App, request: Request, next: Next) -> Response {
    if let Err(error) = host::require(&request) {
        return error.into_response();
    }
    let serve =
        |request| panic::caught(next.run(request), || HttpError::internal().into_response());
    deadline::enforce(app, request, serve).await
}

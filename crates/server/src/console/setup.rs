//! Set-up links: `/setup/{secret}` is what is sent, and `/setup` where the browser that started goes on.
//!
//! Looking at a link uses nothing up, because mail scanners do so too; a post does, and from then on
//! the browser's own cookie counts.

use std::net::{IpAddr, Ipv4Addr};

use askama::Template;
use axum::{
    Router,
    extract::{Path, Request, State},
    response::{IntoResponse, Response},
    routing::get,
};
use directory::setup_link::{self, Handle, State as LinkState};
use http::{HeaderMap, StatusCode, header};

use super::{Visitor, gate, icon::Icon, posted::see_other, time::Moment};
use crate::{App, cookie, error::HttpError, http::PeerAddress, page::Page, session};

pub(super) fn link_routes() -> Router<App> {
    Router::new().route("/setup/{secret}", get(look).post(start))
}

/// What was sent: before anything is begun.
#[derive(Debug, Template)]
#[template(path = "console/link.html")]
struct Invitation {
    application: String,
    organization: String,
    sender: String,
    expires: Moment,
    address: String,
}

/// A link that leads no further.
#[derive(Debug, Template)]
#[template(path = "console/dead-link.html")]
struct DeadLink {
    application: String,
    text: String,
}

impl DeadLink {
    /// The one answer for a link that never was, expired, or was taken back.
    fn page(app: &App) -> Response {
        let text = "This link no longer works. Ask for a new one; what was set up is kept.";
        Self::saying(app, text.to_owned())
    }

    /// For whoever has the right link in the wrong browser.
    fn elsewhere(app: &App, sender: &str) -> Response {
        Self::saying(
            app,
            format!(
                "This set-up was started in another browser. Go on there, or ask {sender} for a new \
                 link."
            ),
        )
    }

    fn saying(app: &App, text: String) -> Response {
        let application = app.application().name.clone();
        Page::with_status(StatusCode::GONE, Self { application, text }).into_response()
    }
}

/// Whether this browser started the set-up of a link.
fn has_started(app: &App, headers: &HeaderMap, handle: &Handle) -> bool {
    let shown = app.cookies().get(headers, cookie::SETUP).and_then(Handle::parse);
    shown.is_some_and(|shown| shown.is_of_the_link(handle))
}

/// `GET /setup/{secret}`
async fn look(
    State(app): State<App>,
    Path(secret): Path<String>,
    headers: HeaderMap,
) -> Result<Response, HttpError> {
    let Some(handle) = Handle::parse(&secret) else { return Ok(DeadLink::page(&app)) };
    let Some(shown) = setup_link::look(app.store(), &handle).await? else {
        return Ok(DeadLink::page(&app));
    };
    if shown.link.state(app.store().clock().now()) == LinkState::Started {
        return Ok(if has_started(&app, &headers, &handle) {
            see_other("/setup")
        } else {
            DeadLink::elsewhere(&app, &shown.link.sender)
        });
    }
    let page = Invitation {
        application: app.application().name.clone(),
        organization: shown.organization.name,
        sender: shown.link.sender,
        expires: Moment(shown.link.expires),
        address: format!("/setup/{}", handle.reveal()),
    };
    Ok(Page::ok(page).into_response())
}

/// `POST /setup/{secret}`
async fn start(
    State(app): State<App>,
    Path(secret): Path<String>,
    request: Request,
) -> Result<Response, HttpError> {
    session::require_own_origin(&app, request.headers())?;
    let Some(handle) = Handle::parse(&secret) else { return Ok(DeadLink::page(&app)) };
    let peer = request.extensions().get::<PeerAddress>();
    let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |PeerAddress(peer)| *peer);
    let address = app.proxies().client(peer, request.headers()).to_string();
    let id = gate::id_of(&request);
    let Some(browser) = setup_link::start(app.store(), &handle, Some(address), id).await? else {
        // Pressed twice, or in a second browser.
        return look(State(app), Path(secret), request.headers().clone()).await;
    };
    let mut response = see_other("/setup");
    let life = setup_link::LIFETIME_LIMIT;
    let cookie = app.cookies().set(cookie::SETUP, &browser.reveal(), life);
    response.headers_mut().append(header::SET_COOKIE, cookie);
    Ok(response)
}

/// `GET /setup`: to the open step.
pub(super) async fn show(visitor: Visitor) -> Response {
    match visitor.linked() {
        Some(connection) => see_other(&format!("/console/integrations/{}/setup", connection.id)),
        None => see_other("/console/integrations/new"),
    }
}

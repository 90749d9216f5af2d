//! The management API: `/api/v1`, JSON over the verbs of the directory.
//!
//! The way of a request: `surface::admit` (shutdown, credential) → a route → a handler, which is handed an
//! `Organization` that the caller reaches or the [`Installation`](directory::Installation), calls one
//! verb, and answers. The verb asks for the right; the handler knows no statuses but those of success.
//!
//! Each handler stands beside its description; `openapi` makes the document of all of them.

mod addons;
mod answer;
mod assignments;
mod audit;
mod body;
mod certificates;
mod checksum;
mod connections;
mod context;
pub(crate) mod events;
mod fault;
mod feed;
mod groups;
mod history;
mod keys;
mod mappings;
pub(crate) mod members;
mod openapi;
mod organizations;
mod page;
mod plans;
mod records;
mod removals;
mod resources;
mod restore;
mod roles;
mod saml;
mod sessions;
pub(crate) mod snapshot;
pub(crate) mod stream;
mod surface;
mod sync_log;
mod tokens;
mod users;
mod webhooks;
mod words;

use axum::{Router, middleware::from_fn_with_state, routing::get};
use utoipa_axum::router::OpenApiRouter;

use self::context::{Context, Organization};
pub(crate) use self::feed::FeedEvent;
pub use self::openapi::document as openapi_document;
use crate::App;

/// Where the API is.
pub(crate) const BASE: &str = "/api/v1";

/// The routes of the API, and the document that describes them.
pub(crate) fn routes(app: &App) -> Router<App> {
    let (routes, _) = documented().split_for_parts();
    let routes = routes
        .fallback(surface::no_such_endpoint)
        .method_not_allowed_fallback(surface::method_not_possible)
        .layer(from_fn_with_state(app.clone(), surface::admit));
    Router::new().nest(BASE, routes).route("/api/openapi.json", get(openapi::serve))
}

/// Every route with its description.
fn documented() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(organizations::routes())
        .merge(plans::routes())
        .merge(addons::routes())
        .merge(keys::routes())
        .merge(connections::routes())
        .merge(saml::routes())
        .merge(certificates::routes())
        .merge(tokens::routes())
        .merge(removals::routes())
        .merge(users::routes())
        .merge(groups::routes())
        .merge(members::routes())
        .merge(roles::routes())
        .merge(assignments::routes())
        .merge(mappings::routes())
        .merge(sessions::routes())
        .merge(events::routes())
        .merge(stream::routes())
        .merge(snapshot::routes())
        .merge(checksum::routes())
        .merge(feed::routes())
        .merge(history::routes())
        .merge(restore::routes())
        .merge(audit::routes())
        .merge(sync_log::routes())
        .merge(webhooks::routes())
}

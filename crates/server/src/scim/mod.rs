//! The SCIM surfaces: 2.0 and 1.1, each at a fixed base URL and at one per connection.
//!
//! The way of a request: [`surface::render`] (log line, form of errors) → [`surface::admit`]
//! (shutdown, authentication, JSON) → a route below → a handler (one file per endpoint) → a verb of the directory → [`context::Context`],
//! which renders the answer in the dialect of the address.

mod auth;
mod body;
mod bulk;
mod change;
mod context;
mod custom;
mod discovery;
mod groups;
mod list;
mod path_id;
mod resources;
mod root;
pub(crate) mod suffix;
mod surface;
mod users;

use ::scim::Dialect;
use axum::{
    Router,
    extract::Request,
    middleware::{Next, from_fn, from_fn_with_state},
    routing::{any, get, post},
};

use crate::{App, error::Failure, http};

/// The routes of all four surfaces.
pub(crate) fn routes(app: &App) -> Router<App> {
    Router::new()
        .nest("/scim/v2", surface(app, Dialect::V2))
        .nest("/scim/v1", surface(app, Dialect::V1))
        .nest("/c/{connection}/scim/v2", surface(app, Dialect::V2))
        .nest("/c/{connection}/scim/v1", surface(app, Dialect::V1))
}

fn surface(app: &App, dialect: Dialect) -> Router<App> {
    let routes = match dialect {
        Dialect::V2 => Router::new()
            .route("/ServiceProviderConfig", get(discovery::service_provider_config))
            .route("/ResourceTypes", get(discovery::resource_types))
            .route("/ResourceTypes/{id}", get(discovery::resource_type))
            .route("/Me", any(me))
            .route("/", get(root::list))
            .route("/.search", post(root::search))
            .route("/Users/.search", post(users::search))
            .route("/Groups/.search", post(groups::search)),
        Dialect::V1 => {
            Router::new().route("/ServiceProviderConfigs", get(discovery::service_provider_configs))
        }
    };
    routes
        .route("/Bulk", post(bulk::bulk))
        .route("/Schemas", get(discovery::schemas))
        .route("/Schemas/{id}", get(discovery::schema))
        .route("/Users", get(users::list).post(users::create))
        .route(
            "/Users/{id}",
            get(users::get).put(users::replace).patch(users::patch).delete(users::delete),
        )
        .route("/Groups", get(groups::list).post(groups::create))
        .route(
            "/Groups/{id}",
            get(groups::get).put(groups::replace).patch(groups::patch).delete(groups::delete),
        )
        .route("/{endpoint}", any(custom::collection))
        .route("/{endpoint}/.search", any(custom::search))
        .route("/{endpoint}/{id}", any(custom::member))
        .fallback(async || Failure::no_such_endpoint())
        .method_not_allowed_fallback(surface::method_not_allowed)
        .layer(from_fn_with_state(app.clone(), surface::admit))
        .layer(http::panic::catch(|| {
            axum::response::IntoResponse::into_response(Failure::panicked())
        }))
        .layer(from_fn(move |request: Request, next: Next| surface::render(dialect, request, next)))
}

async fn me() -> Failure {
    Failure::no_me()
}

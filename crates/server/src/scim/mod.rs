//! The SCIM surfaces: 2.0 and 1.1, each at a fixed base URL and at one per connection.
//!
//! The way of a request: [`render_errors`] (one of the layers around every surface) →
//! [`surface::admit`] (shutdown, authentication, JSON) → a route below → a handler (one file per
//! endpoint) → a verb of the directory → [`context::Context`], which renders the answer in the
//! dialect of the address.

mod auth;
mod base;
mod body;
mod bulk;
mod change;
mod context;
mod custom;
mod discovery;
mod error;
mod groups;
mod list;
mod media_type;
mod path_id;
mod resources;
mod root;
mod suffix;
mod surface;
mod users;

use ::scim::Dialect;
use axum::{
    Router,
    middleware::from_fn_with_state,
    routing::{any, get, post},
};

use self::error::ScimError;
pub(crate) use self::{suffix::strip as strip_suffix, surface::render_errors};
use crate::App;

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
        .fallback(async || ScimError::no_such_endpoint())
        .method_not_allowed_fallback(surface::method_not_possible)
        .layer(from_fn_with_state(app.clone(), surface::admit))
}

async fn me() -> ScimError {
    ScimError::no_me()
}

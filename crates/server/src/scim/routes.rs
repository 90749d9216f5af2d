//! Which address and method lead to which act.

use ::scim::Dialect;
use axum::{
    Router,
    extract::Request,
    http::{HeaderValue, Method, StatusCode, header},
    middleware::from_fn_with_state,
    response::{IntoResponse as _, Response},
    routing::{any, get, post},
};

use super::{
    acts, bulk, context::Context, discovery, endpoint::Endpoint, error::ScimError, path_id::PathId,
    surface,
};
use crate::{App, error::HttpError};

/// The routes of all four surfaces.
pub(crate) fn routes(app: &App) -> Router<App> {
    Router::new()
        .nest("/scim/v2", surface(app, Dialect::V2))
        .nest("/scim/v1", surface(app, Dialect::V1))
        .nest("/c/{connection}/scim/v2", surface(app, Dialect::V2))
        .nest("/c/{connection}/scim/v1", surface(app, Dialect::V1))
}

fn surface(app: &App, dialect: Dialect) -> Router<App> {
    let discovery = match dialect {
        Dialect::V2 => Router::new()
            .route("/ServiceProviderConfig", get(discovery::service_provider_config))
            .route("/ResourceTypes", get(discovery::resource_types))
            .route("/ResourceTypes/{id}", get(discovery::resource_type)),
        Dialect::V1 => {
            Router::new().route("/ServiceProviderConfigs", get(discovery::service_provider_configs))
        }
    };
    let discovery = discovery
        .route("/Schemas", get(discovery::schemas))
        .route("/Schemas/{id}", get(discovery::schema));
    let routes = match dialect {
        Dialect::V2 => discovery
            .route("/Me", any(me))
            .route("/", get(acts::list_all))
            .route("/.search", post(acts::search_all))
            .route("/{endpoint}/.search", any(search)),
        Dialect::V1 => discovery,
    };
    routes
        .route("/Bulk", post(bulk::bulk))
        .route("/{endpoint}", any(collection))
        .route("/{endpoint}/{id}", any(resource))
        .fallback(async || ScimError::no_such_endpoint())
        .method_not_allowed_fallback(surface::method_not_possible)
        .layer(from_fn_with_state(app.clone(), surface::admit))
}

/// `/{endpoint}`
async fn collection(
    context: Context,
    endpoint: Endpoint,
    request: Request,
) -> Result<Response, ScimError> {
    match *request.method() {
        Method::GET | Method::HEAD => acts::list(context, endpoint).await,
        Method::POST => acts::create(context, endpoint, request).await,
        _ => Ok(not_allowed(request.method(), "GET,HEAD,POST")),
    }
}

/// `/{endpoint}/.search`
async fn search(
    context: Context,
    endpoint: Endpoint,
    request: Request,
) -> Result<Response, ScimError> {
    match *request.method() {
        Method::POST => acts::search(context, endpoint, request).await,
        _ => Ok(not_allowed(request.method(), "POST")),
    }
}

/// `/{endpoint}/{id}`
async fn resource(
    context: Context,
    endpoint: Endpoint,
    id: PathId,
    request: Request,
) -> Result<Response, ScimError> {
    match *request.method() {
        Method::GET | Method::HEAD => acts::get(context, endpoint, id).await,
        Method::PUT => acts::replace(context, endpoint, id, request).await,
        Method::PATCH => acts::patch(context, endpoint, id, request).await,
        Method::DELETE => acts::delete(context, endpoint, id).await,
        _ => Ok(not_allowed(request.method(), "GET,HEAD,PUT,PATCH,DELETE")),
    }
}

async fn me() -> ScimError {
    ScimError::no_me()
}

fn not_allowed(method: &Method, allow: &'static str) -> Response {
    let mut response = if method == Method::OPTIONS {
        StatusCode::NO_CONTENT.into_response()
    } else {
        HttpError::method_not_possible(method).into_response()
    };
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allow));
    response
}

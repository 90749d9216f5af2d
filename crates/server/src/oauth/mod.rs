//! OAuth 2.0 and OpenID Connect: `/oauth/…` and `/.well-known/…`.
//!
//! The rules are those of the crate [`::oauth`], and what they are applied to is kept by
//! [`directory::oauth`]; here they meet HTTP. `/oauth/authorize` is for browsers and answers with pages
//! and redirects, the other addresses are for programs.

mod authorize;
pub(crate) mod back_channel;
mod caller;
pub mod client_keys;
pub(crate) mod consent;
mod discovery;
mod error;
mod global_revocation;
mod introspect;
mod logout;
mod pages;
mod person;
mod request;
mod revoke;
mod token;
mod userinfo;
mod way;

use ::oauth::{Endpoint, Issuer};
use axum::{
    Router,
    routing::{get, post},
};

use crate::App;

/// The largest form that a program posts.
pub(crate) const LARGEST_FORM: usize = ::oauth::limit::LARGEST_PARAMETERS;

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route(Endpoint::AuthorizationServerMetadata.path(), get(discovery::authorization_server))
        .route(Endpoint::OpenIdConfiguration.path(), get(discovery::openid_configuration))
        .route(Endpoint::Jwks.path(), get(discovery::keys))
        .route(Endpoint::Authorization.path(), get(authorize::authorize).post(consent::decide))
        .route(Endpoint::Token.path(), post(token::token))
        .route(Endpoint::Revocation.path(), post(revoke::revoke))
        .route(Endpoint::Introspection.path(), post(introspect::introspect))
        .route(Endpoint::UserInfo.path(), get(userinfo::userinfo).post(userinfo::userinfo))
        .route(Endpoint::EndSession.path(), get(logout::ask).post(logout::sign_out))
        .route(
            "/oauth/global-token-revocation/{connection}",
            post(global_revocation::global_revocation),
        )
}

/// Who issues tokens.
fn issuer(app: &App) -> Issuer {
    Issuer::new(app.public_url())
}

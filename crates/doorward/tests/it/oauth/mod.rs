//! OAuth 2.0 and OpenID Connect, over HTTP.

mod application;
mod authorize;
mod discovery;
mod logout;
mod machine;
mod party;
mod provider;
mod revocation;
mod token;

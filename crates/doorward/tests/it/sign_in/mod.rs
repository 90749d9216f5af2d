//! Sign-in by SAML, over HTTP.

mod browser;
mod refused;
mod sessions;
mod shapes;

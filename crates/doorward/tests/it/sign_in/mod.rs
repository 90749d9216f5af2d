//! Sign-in by SAML, over HTTP.

mod break_glass;
pub(crate) mod browser;
mod discovery;
pub(crate) mod metadata;
mod refused;
mod sessions;
mod shapes;
mod trouble;

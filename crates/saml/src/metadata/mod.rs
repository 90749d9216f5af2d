//! Metadata (SAML metadata): [`ServiceProvider`], ours, and [`IdentityProvider`], the provider's.

mod identity_provider;
mod service_provider;

pub use self::{
    identity_provider::{Binding, IdentityProvider, MetadataError, SingleSignOn},
    service_provider::ServiceProvider,
};

const PROTOCOL: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
const POST: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";
const REDIRECT: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect";

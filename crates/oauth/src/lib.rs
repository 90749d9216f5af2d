//! OAuth 2.0 authorization server and OpenID Connect provider, without I/O: what is asked of it, what it
//! answers, and the rules between.
//!
//! The crate knows no clock, no socket, no database and no async runtime. It takes texts, what is kept
//! of clients and grants, random bytes and the present moment, and returns values. Only the making of
//! keys and of signatures draws chance, which is the cryptographic library's own. The main items are:
//!
//! * [`Parameters`]: a query or a form, read once;
//! * [`Client`], and [`Credentials`] that it proves itself with;
//! * [`AuthorizationRequest`], and the [`Callback`] that is the only way back to a client: none exists
//!   for an address that is not registered;
//! * [`TokenRequest`], and the rules of a code ([`IssuedCode`]) and of a refresh token
//!   ([`IssuedRefreshToken`]);
//! * [`Secret`]: codes, tokens and client secrets, of which only a hash is kept;
//! * [`openid`]: ID tokens, userinfo and logout; [`Metadata`] and [`jose::KeySet`] to be published;
//! * [`jose`]: strict JSON Web Signatures;
//! * [`RevocationRules`] and [`RevokedSubject`]: Okta's Universal Logout.
//!
//! Each refusal has the error of the standard (`error_code`), a stable word for the log (`code`), and a
//! sentence. See `docs/decisions/0029-oauth-rules.md`.

#![deny(missing_docs)]

pub mod authorization;
pub mod bearer;
pub mod client;
mod error;
mod excerpt;
mod inspection;
mod issuer;
pub mod jose;
pub mod limit;
mod metadata;
pub mod openid;
mod parameters;
mod pkce;
mod revocation;
pub mod scope;
mod secret;
pub mod token;

pub use crate::{
    authorization::{AuthorizationError, AuthorizationRefusal, AuthorizationRequest, Callback},
    client::{Client, ClientId, ClientKind, ClientRefusal, Credentials, GrantType, RedirectUri},
    error::{ErrorAnswer, ErrorCode},
    excerpt::Excerpt,
    inspection::{Introspection, TokenInQuestion},
    issuer::{Endpoint, Issuer},
    metadata::Metadata,
    parameters::{ParameterFault, Parameters},
    pkce::{CodeChallenge, CodeVerifier},
    revocation::{RevocationCaller, RevocationRefusal, RevocationRules, RevokedSubject},
    scope::Scopes,
    secret::{PresentedSecret, Secret, SecretFault, SecretHash, SecretKind},
    token::{IssuedCode, IssuedRefreshToken, Rotation, TokenAnswer, TokenRefusal, TokenRequest},
};

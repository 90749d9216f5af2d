//! [`Issuer`] and the [`Endpoint`]s under it.

use std::fmt;

/// Who issues tokens: the installation's public URL (RFC 8414 §2, OpenID Connect Discovery §3). It is
/// compared byte for byte.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Issuer(String);

/// An address of the authorization server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Endpoint {
    /// RFC 6749 §3.1.
    Authorization,
    /// RFC 6749 §3.2.
    Token,
    /// RFC 7009.
    Revocation,
    /// RFC 7662.
    Introspection,
    /// OpenID Connect Core §5.3.
    UserInfo,
    /// RFC 7517 §5.
    Jwks,
    /// OpenID Connect RP-Initiated Logout.
    EndSession,
    /// RFC 8414 §3.
    AuthorizationServerMetadata,
    /// OpenID Connect Discovery §4.
    OpenIdConfiguration,
}

impl Endpoint {
    /// Its path under the issuer.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Authorization => "/oauth/authorize",
            Self::Token => "/oauth/token",
            Self::Revocation => "/oauth/revoke",
            Self::Introspection => "/oauth/introspect",
            Self::UserInfo => "/oauth/userinfo",
            Self::Jwks => "/oauth/jwks",
            Self::EndSession => "/oauth/logout",
            Self::AuthorizationServerMetadata => "/.well-known/oauth-authorization-server",
            Self::OpenIdConfiguration => "/.well-known/openid-configuration",
        }
    }
}

impl Issuer {
    /// The issuer of an installation with this public URL: without a slash at its end, a query or a
    /// fragment, as the configuration makes sure.
    #[must_use]
    pub fn new(public_url: &str) -> Self {
        Self(public_url.trim_end_matches('/').to_owned())
    }

    /// The issuer as it stands in tokens.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The whole address of an endpoint.
    #[must_use]
    pub fn address(&self, endpoint: Endpoint) -> String {
        format!("{}{}", self.0, endpoint.path())
    }

    /// The address for the global token revocations of a connection, which is also the audience of
    /// what is sent there.
    #[must_use]
    pub fn global_token_revocation(&self, connection: &str) -> String {
        format!("{}/oauth/global-token-revocation/{connection}", self.0)
    }
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

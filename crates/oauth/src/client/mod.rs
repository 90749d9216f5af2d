//! [`Client`]: a program that asks for tokens, and what it may do.

mod assertion;
mod credentials;
mod redirect_uri;
mod refusal;

use std::fmt;

use jiff::Timestamp;

pub use self::{
    assertion::Federation,
    credentials::{Authenticated, Credentials},
    redirect_uri::{RedirectUri, RedirectUriFault},
    refusal::ClientRefusal,
};
use crate::{
    jose::{Algorithm, KeySet},
    limit::LONGEST_CLIENT_ID,
    scope::{self, Scopes},
    secret::SecretHash,
};

/// The identifier of a client (RFC 6749 §2.2): public, and chosen by us.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientId(String);

impl ClientId {
    /// Reads an identifier: printable ASCII without a colon, which RFC 7617 §2 has no place for.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_granted = |byte: u8| matches!(byte, b'!'..=b'~') && byte != b':';
        let is_id = (1..=LONGEST_CLIENT_ID).contains(&text.len()) && text.bytes().all(is_granted);
        is_id.then(|| Self(text.to_owned()))
    }

    /// The identifier as a text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a client is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ClientKind {
    /// An identity provider that acts for an organization whose administrator consented: Okta's
    /// "Authenticate with ...".
    Provider,
    /// The application that people sign in to by OpenID Connect.
    Application,
    /// A program that acts for itself (RFC 6749 §4.4).
    Machine,
}

impl ClientKind {
    /// The word for it on the command line and in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Provider => "provider",
            Self::Application => "application",
            Self::Machine => "machine",
        }
    }
}

/// A way to a token (RFC 6749 §1.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GrantType {
    /// RFC 6749 §4.1.
    AuthorizationCode,
    /// RFC 6749 §6.
    RefreshToken,
    /// RFC 6749 §4.4.
    ClientCredentials,
}

impl GrantType {
    /// All of them.
    pub const ALL: [Self; 3] =
        [Self::AuthorizationCode, Self::RefreshToken, Self::ClientCredentials];

    /// The value of `grant_type`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::RefreshToken => "refresh_token",
            Self::ClientCredentials => "client_credentials",
        }
    }
}

/// A client as it is registered.
#[derive(Clone, Debug)]
pub struct Client {
    /// Its identifier.
    pub id: ClientId,
    /// What it is for.
    pub kind: ClientKind,
    /// How it proves who it is.
    pub authentication: Authentication,
    /// Where answers for it may be sent to.
    pub redirect_uris: Vec<RedirectUri>,
    /// Whether the port of a redirect URI on `127.0.0.1` or `[::1]` is the client's choice (RFC 8252
    /// §7.3). It counts for applications only.
    pub any_loopback_port: bool,
    /// Where a browser may be sent to after a sign-out.
    pub post_logout_redirect_uris: Vec<RedirectUri>,
    /// What it may ask for.
    pub scopes: Scopes,
    /// What its ID tokens are signed with.
    pub id_token_algorithm: Algorithm,
}

/// How a client proves who it is: one method for each client, so that a weaker one cannot be tried.
#[derive(Clone, Debug)]
pub enum Authentication {
    /// Not at all: it runs where nothing can be kept secret (RFC 6749 §2.1).
    Public,
    /// By a secret (RFC 6749 §2.3.1).
    Secret {
        /// Several while one is being replaced.
        secrets: Vec<ClientSecret>,
        /// Whether it may also stand in the body (`client_secret_post`). IPSIE wants it to be refused.
        in_body: bool,
    },
    /// By an assertion that its key signs (RFC 7523 §2.2, `private_key_jwt`).
    PrivateKeyJwt {
        /// Its public keys.
        keys: KeySet,
    },
    /// By the token of an identity provider that it is an identity of: Entra ID's workload identity
    /// federation.
    Federated(Federation),
}

/// What is kept of a client's secret.
#[derive(Clone, Debug)]
pub struct ClientSecret {
    /// Its hash.
    pub hash: SecretHash,
    /// When it stops working.
    pub expires: Option<Timestamp>,
}

impl Client {
    /// From now on it has these public keys, where it proves itself by some: they were read from where they
    /// are published.
    pub fn set_keys(&mut self, new: KeySet) {
        match &mut self.authentication {
            Authentication::PrivateKeyJwt { keys }
            | Authentication::Federated(Federation { keys, .. }) => *keys = new,
            Authentication::Public | Authentication::Secret { .. } => {}
        }
    }

    /// Whether it can keep a secret (RFC 6749 §2.1).
    #[must_use]
    pub fn is_confidential(&self) -> bool {
        !matches!(self.authentication, Authentication::Public)
    }

    /// Whether it must bind its codes by PKCE: all must, but for a confidential identity provider, since
    /// Okta does not say that it does.
    #[must_use]
    pub fn must_use_pkce(&self) -> bool {
        self.kind != ClientKind::Provider || !self.is_confidential()
    }

    /// Whether it may use a grant type.
    #[must_use]
    pub fn may_use(&self, grant_type: GrantType) -> bool {
        match (self.kind, grant_type) {
            (ClientKind::Machine, GrantType::ClientCredentials) => self.is_confidential(),
            (ClientKind::Machine, _) | (_, GrantType::ClientCredentials) => false,
            (_, GrantType::AuthorizationCode | GrantType::RefreshToken) => true,
        }
    }

    /// Whether the port of a loopback redirect URI is its choice.
    pub(crate) fn chooses_loopback_port(&self) -> bool {
        self.any_loopback_port && self.kind == ClientKind::Application
    }

    /// What is granted of the scopes that are asked for; `None`: not all of them can be.
    ///
    /// - An identity provider gets `scim` and a refresh token, whichever of both it asks for, or for
    ///   nothing: Okta's administrators type `offline_access`, or leave the field empty.
    /// - An application must ask for `openid`. What is not known is ignored (OpenID Connect Core
    ///   §3.1.2.1).
    /// - A machine gets what it asks for, or all that it may have where it asks for nothing.
    #[must_use]
    pub fn grant(&self, requested: Option<&Scopes>) -> Option<Scopes> {
        let requested = requested.filter(|scopes| !scopes.is_empty());
        match self.kind {
            ClientKind::Provider => {
                let all = Scopes::of(&[scope::SCIM, scope::OFFLINE_ACCESS]);
                requested.is_none_or(|scopes| scopes.is_within(&all)).then_some(all)
            }
            ClientKind::Application => {
                let granted = requested?.within(&self.scopes);
                granted.contains(scope::OPENID).then_some(granted)
            }
            ClientKind::Machine => match requested {
                None => Some(self.scopes.clone()),
                Some(scopes) => scopes.is_within(&self.scopes).then(|| scopes.clone()),
            },
        }
    }
}

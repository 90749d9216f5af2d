//! [`Metadata`]: what the authorization server says of itself (RFC 8414, OpenID Connect Discovery).

use serde_json::{Value as Json, json};

use crate::{
    client::GrantType,
    issuer::{Endpoint, Issuer},
    jose::Algorithm,
    pkce::CodeChallenge,
    scope,
};

/// The one description that both documents are made from.
#[derive(Clone, Copy, Debug)]
pub struct Metadata<'a> {
    /// Whose.
    pub issuer: &'a Issuer,
}

/// What an application, a provider, and a machine of a connection may ask for.
const OF_PEOPLE_AND_PROVIDERS: [&str; 6] = [
    scope::OPENID,
    scope::PROFILE,
    scope::EMAIL,
    scope::GROUPS,
    scope::OFFLINE_ACCESS,
    scope::SCIM,
];
/// How clients prove themselves at the token and revocation endpoints.
const AUTH_METHODS: [&str; 4] =
    ["client_secret_basic", "client_secret_post", "private_key_jwt", "none"];
/// How clients prove themselves at the introspection endpoint: not without a secret.
const CONFIDENTIAL_AUTH_METHODS: [&str; 3] =
    ["client_secret_basic", "client_secret_post", "private_key_jwt"];

impl Metadata<'_> {
    /// `/.well-known/oauth-authorization-server` (RFC 8414 §2).
    #[must_use]
    pub fn authorization_server(&self) -> Json {
        let address = |endpoint| self.issuer.address(endpoint);
        let scopes: Vec<&str> = OF_PEOPLE_AND_PROVIDERS.into_iter().chain(scope::OF_API).collect();
        let signing: Vec<&str> = Algorithm::OF_CLIENTS.iter().map(|one| one.as_str()).collect();
        json!({
            "issuer": self.issuer.as_str(),
            "authorization_endpoint": address(Endpoint::Authorization),
            "token_endpoint": address(Endpoint::Token),
            "jwks_uri": address(Endpoint::Jwks),
            "scopes_supported": scopes,
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": GrantType::ALL.map(GrantType::as_str),
            "token_endpoint_auth_methods_supported": AUTH_METHODS,
            "token_endpoint_auth_signing_alg_values_supported": signing,
            "revocation_endpoint": address(Endpoint::Revocation),
            "revocation_endpoint_auth_methods_supported": AUTH_METHODS,
            "revocation_endpoint_auth_signing_alg_values_supported": signing,
            "introspection_endpoint": address(Endpoint::Introspection),
            "introspection_endpoint_auth_methods_supported": CONFIDENTIAL_AUTH_METHODS,
            "introspection_endpoint_auth_signing_alg_values_supported": signing,
            "code_challenge_methods_supported": [CodeChallenge::METHOD],
            // RFC 9207 §3.
            "authorization_response_iss_parameter_supported": true,
        })
    }

    /// `/.well-known/openid-configuration` (OpenID Connect Discovery §3): the same, and what only
    /// OpenID Connect has.
    #[must_use]
    pub fn openid_configuration(&self) -> Json {
        let address = |endpoint| self.issuer.address(endpoint);
        let signing: Vec<&str> = Algorithm::OF_ID_TOKENS.iter().map(|one| one.as_str()).collect();
        let mut document = self.authorization_server();
        for (name, value) in [
            ("userinfo_endpoint", address(Endpoint::UserInfo).into()),
            ("end_session_endpoint", address(Endpoint::EndSession).into()),
            ("subject_types_supported", json!(["public"])),
            ("id_token_signing_alg_values_supported", json!(signing)),
            ("claim_types_supported", json!(["normal"])),
            ("claims_supported", json!(CLAIMS)),
            ("prompt_values_supported", json!(["none", "login", "consent", "select_account"])),
            ("claims_parameter_supported", false.into()),
            ("request_parameter_supported", false.into()),
            ("request_uri_parameter_supported", false.into()),
            ("backchannel_logout_supported", true.into()),
            ("backchannel_logout_session_supported", true.into()),
        ] {
            document[name] = value;
        }
        document
    }
}

/// What an ID token may say.
const CLAIMS: [&str; 21] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "auth_time",
    "nonce",
    "acr",
    "amr",
    "session_expiry",
    "at_hash",
    "sid",
    "email",
    "email_verified",
    "name",
    "given_name",
    "family_name",
    "preferred_username",
    "organization",
    "roles",
    "groups",
];

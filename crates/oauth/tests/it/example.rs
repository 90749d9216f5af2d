//! An installation with a client of each kind.

use std::sync::LazyLock;

use jiff::Timestamp;
use oauth::{
    AuthorizationRefusal, AuthorizationRequest, Client, ClientId, ClientKind, Issuer, Parameters,
    RedirectUri, Scopes, Secret, SecretKind,
    client::{Authentication, ClientSecret},
    jose::{Algorithm, PrivateKey, SigningKey},
};

pub(crate) const ISSUER: &str = "https://doorward.example";
pub(crate) const CALLBACK: &str = "https://app.example/callback?tenant=7";
/// RFC 7636 appendix B.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
/// RFC 7636 appendix B.
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// Keys take time to make.
pub(crate) static ES256: LazyLock<SigningKey> = LazyLock::new(|| made(Algorithm::Es256));
pub(crate) static RS256: LazyLock<SigningKey> = LazyLock::new(|| made(Algorithm::Rs256));

fn made(algorithm: Algorithm) -> SigningKey {
    SigningKey::new(algorithm, &private(algorithm)).unwrap()
}

pub(crate) fn private(algorithm: Algorithm) -> PrivateKey {
    SigningKey::generate(algorithm).unwrap()
}

pub(crate) fn issuer() -> Issuer {
    Issuer::new(ISSUER)
}

pub(crate) fn now() -> Timestamp {
    "2026-11-27T20:30:00Z".parse().unwrap()
}

pub(crate) fn secret() -> Secret {
    Secret::new(SecretKind::ClientSecret, None, [7; 32])
}

pub(crate) fn id(text: &str) -> ClientId {
    ClientId::parse(text).unwrap()
}

pub(crate) fn uri(text: &str) -> RedirectUri {
    RedirectUri::parse(text).unwrap()
}

pub(crate) fn scopes(text: &str) -> Scopes {
    Scopes::parse(text).unwrap()
}

pub(crate) fn parameters(text: &str) -> Parameters {
    Parameters::parse(text).unwrap()
}

/// A form of these pairs.
pub(crate) fn form(pairs: &[(&str, &str)]) -> Parameters {
    let mut form = form_urlencoded::Serializer::new(String::new());
    parameters(&form.extend_pairs(pairs).finish())
}

pub(crate) fn application() -> Client {
    Client {
        id: id("app"),
        kind: ClientKind::Application,
        authentication: Authentication::Secret {
            secrets: vec![ClientSecret { hash: secret().hash(), expires: None }],
            in_body: true,
        },
        redirect_uris: vec![uri(CALLBACK), uri("http://127.0.0.1/callback")],
        any_loopback_port: true,
        post_logout_redirect_uris: vec![uri("https://app.example/bye")],
        scopes: scopes("openid profile email groups offline_access"),
        id_token_algorithm: Algorithm::Es256,
    }
}

pub(crate) fn provider() -> Client {
    Client {
        id: id("okta"),
        kind: ClientKind::Provider,
        redirect_uris: RedirectUri::of_okta("trial123_name_1").unwrap(),
        scopes: scopes("scim offline_access"),
        ..application()
    }
}

pub(crate) fn machine() -> Client {
    Client {
        id: id("entra"),
        kind: ClientKind::Machine,
        redirect_uris: Vec::new(),
        scopes: scopes("scim"),
        ..application()
    }
}

pub(crate) fn public(client: Client) -> Client {
    Client { authentication: Authentication::Public, ..client }
}

/// What an application asks for, as pairs, so that a test can change one of them.
pub(crate) fn asked() -> Vec<(&'static str, &'static str)> {
    vec![
        ("response_type", "code"),
        ("client_id", "app"),
        ("redirect_uri", CALLBACK),
        ("scope", "openid email groups"),
        ("state", "a state+/%&= ü"),
        ("nonce", "n-0S6_WzA2Mj"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ]
}

/// With one pair changed, or left out where its value is empty.
pub(crate) fn changed<'a>(
    mut pairs: Vec<(&'a str, &'a str)>,
    name: &'a str,
    value: &'a str,
) -> Vec<(&'a str, &'a str)> {
    pairs.retain(|(known, _)| *known != name);
    if !value.is_empty() {
        pairs.push((name, value));
    }
    pairs
}

pub(crate) fn read(
    pairs: &[(&str, &str)],
    client: &Client,
) -> Result<AuthorizationRequest, AuthorizationRefusal> {
    AuthorizationRequest::read(form(pairs), client, &issuer())
}

/// The parameters of a redirect, and the address before them.
pub(crate) fn redirect(location: &str) -> (String, Vec<(String, String)>) {
    let (address, query) = location.split_once('?').unwrap_or((location, ""));
    let pairs = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    (address.to_owned(), pairs)
}

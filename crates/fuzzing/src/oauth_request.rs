//! [`oauth_request`]: what a browser or a client brings to the endpoints of OAuth.

use std::sync::LazyLock;

use jiff::Timestamp;
use oauth::{
    AuthorizationError, AuthorizationRefusal, AuthorizationRequest, Callback, Client, ClientId,
    ClientKind, Credentials, Issuer, Parameters, RedirectUri, Scopes, Secret, SecretKind,
    TokenInQuestion, TokenRequest,
    client::{Authentication, ClientSecret},
    jose::{Algorithm, KeySet},
    openid::LogoutRequest,
};

use crate::jwt::told;

const REGISTERED: [&str; 2] =
    ["https://app.example/callback?tenant=7", "http://127.0.0.1/callback"];

static CLIENTS: LazyLock<[Client; 3]> = LazyLock::new(|| {
    [ClientKind::Application, ClientKind::Provider, ClientKind::Machine].map(|kind| Client {
        id: ClientId::parse("app").expect("an identifier"),
        kind,
        authentication: Authentication::Secret {
            secrets: vec![ClientSecret { hash: secret().hash(), expires: None }],
            in_body: true,
        },
        redirect_uris: REGISTERED.map(|uri| RedirectUri::parse(uri).expect("an address")).into(),
        any_loopback_port: true,
        post_logout_redirect_uris: REGISTERED
            .map(|uri| RedirectUri::parse(uri).expect("an address"))
            .into(),
        scopes: Scopes::parse("openid groups scim offline_access").expect("scopes"),
        id_token_algorithm: Algorithm::Es256,
    })
});

fn secret() -> Secret {
    Secret::new(SecretKind::ClientSecret, None, [7; 32])
}

/// An answer goes to a registered address or nowhere; what is kept of a request is read as it was;
/// none is believed who does not know the secret; a refusal is one short line. The input is a query,
/// a form, the header `Authorization` and an address.
pub fn oauth_request(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let issuer = Issuer::new("https://doorward.example");
    if let Err(fault) = RedirectUri::parse(&text) {
        told(&fault.to_string());
    }
    let parameters = match Parameters::parse(&text) {
        Ok(parameters) => parameters,
        Err(fault) => return told(&fault.to_string()),
    };
    assert_eq!(Parameters::parse(&parameters.to_query()).as_ref(), Ok(&parameters));
    for client in &*CLIENTS {
        match AuthorizationRequest::read(parameters.clone(), client, &issuer) {
            Ok(request) => {
                answered(&request.callback, &request.callback.code(&secret()));
                let again = Parameters::parse(&request.parameters.to_query()).expect("as before");
                assert_eq!(AuthorizationRequest::read(again, client, &issuer), Ok(request));
            }
            Err(AuthorizationRefusal::Callback { callback, error }) => {
                told(&error.to_string());
                answered(&callback, &callback.error(&error));
                answered(&callback, &callback.error(&AuthorizationError::Denied));
            }
            Err(AuthorizationRefusal::Page(refusal)) => told(&refusal.to_string()),
        }
        for header in [None, Some(&*text)] {
            proven(header, &parameters, client, &issuer);
        }
        if let Err(refusal) = TokenRequest::read(&parameters, client) {
            told(&refusal.to_string());
        }
    }
    if let Err(refusal) = TokenInQuestion::of_revocation(&parameters) {
        told(&refusal.to_string());
    }
    match LogoutRequest::read(&parameters, KeySet::default().iter(), &issuer) {
        Ok(request) => {
            if let Ok(Some(address)) = request.destination(&CLIENTS[0]) {
                assert!(REGISTERED.iter().any(|known| address.starts_with(known)), "{address}");
            }
        }
        Err(refusal) => told(&refusal.to_string()),
    }
}

/// The address is one that the client registered, with an answer behind it that no one can read in
/// another way.
fn answered(callback: &Callback, location: &str) {
    let rest = location.strip_prefix(REGISTERED[0]).or_else(|| {
        let (port, rest) = location.strip_prefix("http://127.0.0.1")?.split_once("/callback")?;
        let digits = port.strip_prefix(':').unwrap_or("0");
        digits.parse::<u16>().ok().map(|_| rest)
    });
    let rest = rest.unwrap_or_else(|| panic!("{location} is not registered"));
    assert!(location.starts_with(callback.redirect_uri().as_str()), "{location}");
    assert!(rest.starts_with(['?', '&']), "{location}");
    assert!(location.bytes().all(|byte| byte.is_ascii_graphic()), "{location}");
    let (_, query) = location.split_once('?').expect("an answer");
    let values = |name: &str| {
        form_urlencoded::parse(query.as_bytes()).filter(|(known, _)| known == name).count()
    };
    assert_eq!((values("iss"), values("code") + values("error")), (1, 1), "{location}");
    assert!(values("state") <= 1, "{location}");
}

fn proven(header: Option<&str>, parameters: &Parameters, client: &Client, issuer: &Issuer) {
    let credentials = match Credentials::read(header, parameters) {
        Ok(credentials) => credentials,
        Err(refusal) => return told(&refusal.to_string()),
    };
    if *credentials.client_id() != client.id {
        return;
    }
    match credentials.authenticate(client, issuer, Timestamp::UNIX_EPOCH) {
        Ok(_) => {
            let is_shown = |text: &str| text.contains(secret().reveal());
            let shown = header.is_some() || is_shown(&parameters.to_query());
            assert!(shown, "{parameters:?} proves nothing");
        }
        Err(refusal) => told(&refusal.to_string()),
    }
}

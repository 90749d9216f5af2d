//! A small SCIM server in memory: right, or wrong in exactly one way.

mod fault;
mod patch;
mod path;
mod store;

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri, header},
    response::{IntoResponse as _, Response},
};
pub(crate) use fault::Fault;
use serde_json::{Value, json};
use simulator::{App, Flavour, Options, Provider, Stop, Token};
use store::{Reply, Store};

pub(crate) const TOKEN: &str = "tok-3f9a-never-print-me";

/// The running server.
pub(crate) struct Fake {
    pub(crate) flavour: Flavour,
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    flavour: Flavour,
    fault: Option<Fault>,
    store: Mutex<Store>,
    seen: Mutex<Vec<Seen>>,
}

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Fake {
    pub(crate) async fn start(flavour: Flavour, fault: Option<Fault>) -> Self {
        let shared = Arc::new(Shared {
            flavour,
            fault,
            store: Mutex::new(Store::new(flavour, fault)),
            seen: Mutex::default(),
        });
        let router = Router::new().fallback(handle).with_state(Arc::clone(&shared));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { flavour, address, shared }
    }

    pub(crate) fn options(&self) -> Options {
        // Entra's flag means nothing to Okta, and puts itself where Entra is to use it.
        let flag = if self.flavour.provider() == Provider::Okta { "?aadOptscim062020" } else { "" };
        Options {
            base_url: format!("http://{}/scim/v2/{flag}", self.address),
            token: Token::from(TOKEN),
            flavour: self.flavour,
            users: 0,
            groups: 0,
            seed: 11,
            concurrency: 4,
            keep: false,
            progress: false,
            stop: Stop::default(),
        }
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.shared.seen.lock().expect("no panic").clone()
    }

    /// How many users are active.
    pub(crate) fn active(&self) -> usize {
        self.shared.store.lock().expect("no panic").active()
    }

    pub(crate) fn counts(&self) -> (usize, usize) {
        self.shared.store.lock().expect("no panic").counts()
    }
}

async fn handle(
    State(shared): State<Arc<Shared>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let number = {
        let mut seen = shared.seen.lock().expect("no panic");
        seen.push(Seen {
            method: method.clone(),
            uri: uri.clone(),
            headers: headers.clone(),
            body: body.clone(),
        });
        seen.len()
    };
    let wait = match shared.fault {
        Some(Fault::Busy) if number % 7 == 0 => Some("0"),
        Some(Fault::BusyUntilADate) if number > 9 => Some("Wed, 21 Oct 2026 07:28:00 GMT"),
        _ => None,
    };
    if let Some(wait) = wait {
        return (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, wait)]).into_response();
    }
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let expected = match shared.flavour {
        Flavour::Okta(App::HeaderAuthV1) => TOKEN.to_owned(),
        _ => format!("Bearer {TOKEN}"),
    };
    let reply = if given != Some(expected.as_str()) && shared.fault != Some(Fault::AnyTokenTaken) {
        Reply::Problem(401, "The token is not known")
    } else {
        let path = uri.path().strip_prefix("/scim/v2").unwrap_or_default();
        let mut store = shared.store.lock().expect("no panic");
        store.handle(&method, path, uri.query().unwrap_or_default(), body)
    };
    let (status, body) = match reply {
        Reply::Empty => return StatusCode::NO_CONTENT.into_response(),
        Reply::Body(status, body) => (status, body),
        Reply::Problem(status, _) if shared.fault == Some(Fault::PlainTextErrors) => {
            return (StatusCode::from_u16(status).expect("valid"), "Not here").into_response();
        }
        Reply::Problem(status, detail) => {
            let detail = if shared.fault == Some(Fault::EchoedToken) {
                format!("{detail}: {}", given.unwrap_or_default())
            } else {
                detail.to_owned()
            };
            let body = if shared.flavour == Flavour::Okta(App::HeaderAuthV1) {
                json!({"Errors": [{"description": detail, "code": status}], "detail": detail})
            } else {
                json!({
                    "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
                    "detail": detail,
                    "status": status.to_string(),
                })
            };
            (status, body)
        }
    };
    (
        StatusCode::from_u16(status).expect("valid"),
        [(header::CONTENT_TYPE, "application/scim+json")],
        body.to_string(),
    )
        .into_response()
}

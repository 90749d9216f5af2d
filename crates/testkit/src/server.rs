//! [`TestServer`]: the whole server without a socket.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Router,
    body::Body,
    http::{HeaderValue, Request, header},
    response::Response,
};
use directory::{Random, Store};
use http_body_util::BodyExt as _;
use ipnet::IpNet;
use serde_json::Value as Json;
use server::{App, Application, ServerOptions, http::Limits};
use tower::ServiceExt as _;

use crate::{NameServer, TestStore};

/// The address that the server of a test believes to have.
pub const PUBLIC_URL: &str = "https://door.example";
/// Its host.
const HOST: &str = "door.example";
/// Where the ids of requests come from. It is none of the seeds of [`TestStore`].
const SEED: u64 = 1 << 32;

/// What of the world outside a server reaches.
#[derive(Clone, Debug, Default)]
struct Outside {
    dns_server: Option<SocketAddr>,
    outbound_allow: Vec<IpNet>,
}

/// The whole server over a store, answering requests in memory.
#[derive(Clone, Debug)]
pub struct TestServer {
    app: App,
    router: Router,
}

/// An answer, read to its end.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: axum::http::HeaderMap,
    /// The body as it was sent.
    pub body: Vec<u8>,
}

impl TestServer {
    /// A server with the default limits.
    #[must_use]
    pub fn new(store: &TestStore) -> Self {
        Self::with_limits(store, Limits::default())
    }

    /// A server with these limits.
    #[must_use]
    pub fn with_limits(store: &TestStore, limits: Limits) -> Self {
        Self::over(store.store.clone(), limits)
    }

    /// A server that may send requests to this machine.
    #[must_use]
    pub fn with_receivers(store: &TestStore) -> Self {
        let outbound_allow = vec!["127.0.0.0/8".parse().expect("a network")];
        let outside = Outside { outbound_allow, ..Outside::default() };
        Self::reaching(store.store.clone(), Limits::default(), outside)
    }

    /// The same, that asks a name server about domains.
    #[must_use]
    pub fn asking(&self, names: NameServer) -> Self {
        let outside = Outside { dns_server: Some(names.address()), ..Outside::default() };
        Self::reaching(self.app.store().clone(), self.app.limits().clone(), outside)
    }

    /// A server over a store that was opened in some other way.
    #[must_use]
    pub fn over(store: Store, limits: Limits) -> Self {
        Self::reaching(store, limits, Outside::default())
    }

    fn reaching(store: Store, limits: Limits, outside: Outside) -> Self {
        let app = App::new(ServerOptions {
            application: Application { name: "Corkboard".to_owned(), support: None },
            store,
            random: Arc::new(Random::from_seed(SEED)),
            public_url: PUBLIC_URL.to_owned(),
            limits,
            sessions: directory::session::Policy::default(),
            trusted_proxies: Vec::new(),
            dns_server: outside.dns_server,
            outbound_allow: outside.outbound_allow,
            metrics_allow: Vec::new(),
        });
        Self { router: server::router(app.clone()), app }
    }

    /// What every request of this server can reach.
    #[must_use]
    pub fn app(&self) -> &App {
        &self.app
    }

    /// Sends a request as it is, but for its `Host`, which every client sends.
    pub async fn send(&self, request: Request<Body>) -> Answer {
        Answer::read(self.respond(request).await).await
    }

    /// The same, where the answer has no end: it is read until this text stands in it.
    pub async fn send_until(&self, request: Request<Body>, text: &str) -> Answer {
        let (parts, mut body) = self.respond(request).await.into_parts();
        let mut read = Vec::new();
        while !String::from_utf8_lossy(&read).contains(text) {
            let frame = body.frame().await.expect("a body with the text").expect("a whole body");
            read.extend(frame.into_data().unwrap_or_default());
        }
        Answer { status: parts.status.as_u16(), headers: parts.headers, body: read }
    }

    async fn respond(&self, mut request: Request<Body>) -> Response {
        request.headers_mut().entry(header::HOST).or_insert_with(|| HeaderValue::from_static(HOST));
        let request = server::rewrite(request);
        let response = self.router.clone().oneshot(request).await;
        response.expect("a router always answers")
    }

    /// Sends a request with a token and, if there is one, a JSON body.
    pub async fn request(
        &self,
        token: &str,
        method: &str,
        path: &str,
        body: Option<&str>,
    ) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("Authorization", format!("Bearer {token}"))
            .header("Accept", "application/scim+json");
        if body.is_some() {
            request = request.header("Content-Type", "application/scim+json; charset=utf-8");
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_owned()));
        self.send(request.body(body).expect("a request")).await
    }
}

impl Answer {
    async fn read(response: Response) -> Self {
        let (parts, body) = response.into_parts();
        let body = body.collect().await.expect("a body that ends").to_bytes().to_vec();
        Self { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).expect("UTF-8")
    }

    /// The body as JSON; `null` where it is empty.
    #[must_use]
    pub fn json(&self) -> Json {
        if self.body.is_empty() {
            return Json::Null;
        }
        serde_json::from_slice(&self.body).expect("JSON")
    }

    /// The text of a header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

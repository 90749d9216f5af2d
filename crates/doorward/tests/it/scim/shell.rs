//! The shell around the surfaces, as a client on a socket meets it: the request line and its
//! headers, the end of a connection, and what every answer carries.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    body::Body,
    http::{Request, Version},
};
use directory::{ConnectionId, Random};
use serde_json::{Value as Json, json};
use server::{ServerOptions, http::Limits};
use testkit::contract;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

use super::support::Client;

/// A server with a socket, for as long as a test takes.
struct Listening {
    address: SocketAddr,
    server: JoinHandle<std::io::Result<()>>,
}

impl Listening {
    async fn over(client: &Client) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let options = ServerOptions {
            application: server::Application::default(),
            store: client.connection.organization.store.clone(),
            random: Arc::new(Random::from_system()),
            public_url: testkit::PUBLIC_URL.to_owned(),
            limits: Limits { body: 1_000, ..Limits::default() },
            sessions: directory::session::Policy::default(),
            trusted_proxies: Vec::new(),
            dns_server: None,
            outbound_allow: Vec::new(),
            metrics_allow: Vec::new(),
        };
        let server = tokio::spawn(server::serve(listener, options, std::future::pending()));
        Self { address, server }
    }

    async fn connect(&self) -> Wire {
        Wire(TcpStream::connect(self.address).await.expect("it listens"))
    }

    /// The answer to one request on a connection of its own.
    async fn ask(&self, request: &str) -> Heard {
        let mut wire = self.connect().await;
        wire.ask(request).await
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// A connection.
struct Wire(TcpStream);

/// An answer as it came over the wire.
#[derive(Debug)]
struct Heard {
    status: u16,
    head: String,
    body: String,
}

impl Wire {
    async fn ask(&mut self, request: &str) -> Heard {
        self.0.write_all(request.as_bytes()).await.expect("it reads");
        let mut bytes = Vec::new();
        loop {
            if let Some(heard) = Heard::read(&bytes) {
                return heard;
            }
            let read = self.0.read_buf(&mut bytes).await.expect("it answers");
            assert_ne!(read, 0, "cut off after {}", String::from_utf8_lossy(&bytes));
        }
    }

    /// Whether the server ends the connection.
    async fn ends(mut self) -> bool {
        matches!(self.0.read(&mut [0; 1]).await, Ok(0))
    }
}

impl Heard {
    /// An answer, if all of it is there.
    fn read(bytes: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let (start, body) = text.split_once("\r\n\r\n")?;
        let status = start.split(' ').nth(1)?.parse().expect("a status");
        let heard = Self { status, head: start.to_lowercase(), body: body.to_owned() };
        let length = heard.header("content-length").map_or(0, |it| it.parse().expect("a length"));
        (heard.body.len() == length).then_some(heard)
    }

    fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(other, _)| *other == name).map(|(_, value)| value)
    }

    fn json(&self) -> Json {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

contract!(async fn a_request_has_one_host(store) {
    let client = Client::open(store).await;
    let server = Listening::over(&client).await;
    let ask = async |version: &str, path: &str, hosts: &str| {
        let token = &client.token;
        let head = format!("GET {path} HTTP/{version}\r\n{hosts}Authorization: {token}\r\n\r\n");
        server.ask(&head).await
    };
    let (one, two) = ("Host: door.example\r\n", "Host: door.example\r\nhost: door.example\r\n");
    for path in ["/scim/v2/Users", "/scim/v1/Users", "http://door.example/scim/v2/Users"] {
        assert_eq!(ask("1.1", path, one).await.status, 200, "{path}");
        assert_eq!(ask("1.1", path, "").await.status, 400, "{path}");
        assert_eq!(ask("1.1", path, two).await.status, 400, "{path}");
        assert_eq!(ask("1.1", path, "Host: a/b\r\n").await.status, 400, "{path}");
        assert_eq!(ask("1.0", path, two).await.status, 400, "{path}");
    }
    // HTTP/1.0 had no Host, and some health checks still speak it.
    assert_eq!(ask("1.0", "/healthz", "").await.status, 200);

    // In the form of the surface, and before the credentials are looked at.
    let told = ask("1.1", "/scim/v2/Users", "").await;
    assert_eq!(told.header("content-type"), Some("application/scim+json"));
    assert_eq!(told.json(), json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
        "detail": "The request has no Host header.",
        "status": "400",
    }));
    let told = ask("1.1", "/scim/v1/Users", two).await;
    assert_eq!(told.json()["Errors"][0]["description"], "The request has more than one Host header.");
    let told = ask("1.1", "/healthz", "").await;
    assert_eq!(told.header("content-type"), Some("application/problem+json"));
    assert_eq!((&told.json()["status"], &told.json()["code"]), (&json!(400), &json!("host_missing")));
});

contract!(async fn a_body_that_is_too_large_ends_the_connection_and_says_so(store) {
    let client = Client::open(store).await;
    let server = Listening::over(&client).await;
    let post = |body: &str| {
        format!(
            "POST /scim/v2/Users HTTP/1.1\r\nHost: door.example\r\nAuthorization: {}\r\n\
             Content-Type: application/scim+json\r\nContent-Length: {}\r\n\r\n{body}",
            client.token,
            body.len()
        )
    };
    let mut wire = server.connect().await;
    let made = wire.ask(&post(r#"{"userName":"ada"}"#)).await;
    assert_eq!((made.status, made.header("connection")), (201, None), "{made:?}");
    // Another error leaves the connection as it is.
    let again = wire.ask(&post(r#"{"userName":"ada"}"#)).await;
    assert_eq!((again.status, again.header("connection")), (409, None), "{again:?}");
    let long = format!(r#"{{"userName":"{}"}}"#, "x".repeat(2_000));
    let told = wire.ask(&post(&long)).await;
    assert_eq!((told.status, told.header("connection")), (413, Some("close")), "{told:?}");
    assert_eq!(told.json()["status"], "413");
    assert!(wire.ends().await);

    // In HTTP/2 only the stream ends.
    for (version, closed) in [(Version::HTTP_11, Some("close")), (Version::HTTP_2, None)] {
        let long = format!(r#"{{"userName":"{}"}}"#, "x".repeat(3 << 20));
        let request = Request::post(client.path("/Users"))
            .version(version)
            .header("authorization", &client.token)
            .body(Body::from(long))
            .expect("a request");
        let reply = client.send(request).await;
        assert_eq!((reply.status, reply.header("connection")), (413, closed), "{version:?}");
    }
});

contract!(async fn a_method_that_a_client_made_up_is_not_repeated(store) {
    let client = Client::open(store).await;
    let server = Listening::over(&client).await;
    let long = "FOO".repeat(3_000);
    for method in ["BREW", "get", &long] {
        for path in ["/scim/v2/Users", "/scim/v1/Groups/7", "/healthz"] {
            let head = format!("{method} {path} HTTP/1.1\r\nHost: x\r\nAuthorization: {}\r\n\r\n", client.token);
            let told = server.ask(&head).await;
            assert_eq!(told.status, 501, "{told:?}");
            assert!(!told.body.contains(method), "{told:?}");
            let detail = told.json()["detail"].as_str().expect("a sentence").to_owned();
            assert!(detail.starts_with("The method of the request is not known here"), "{detail}");
        }
    }
    let head = "DELETE /readyz HTTP/1.1\r\nHost: x\r\n\r\n";
    let told = server.ask(head).await;
    assert_eq!((told.status, told.header("allow")), (405, Some("get,head")), "{told:?}");
    assert_eq!(told.json()["code"], "method_not_allowed");
});

contract!(async fn every_answer_is_stored_nowhere_and_has_an_id_of_its_own(store) {
    let client = Client::open(store).await;
    let user = client.user("ada").await;
    let mut ids = Vec::new();
    for (status, method, path, body) in [
        (200, "GET", format!("/scim/v2/Users/{user}"), None),
        (200, "GET", "/scim/v2/Users".to_owned(), None),
        (200, "GET", "/scim/v2/Schemas".to_owned(), None),
        (201, "POST", "/scim/v1/Users".to_owned(), Some(r#"{"userName":"bob"}"#)),
        (400, "POST", "/scim/v2/Users".to_owned(), Some("{")),
        (404, "GET", "/scim/v2/Users/7".to_owned(), None),
        (404, "GET", "/scim/v2/Nowhere".to_owned(), None),
        (405, "PUT", "/scim/v2/Users".to_owned(), None),
        (409, "POST", "/scim/v2/Users".to_owned(), Some(r#"{"userName":"ada"}"#)),
        (501, "GET", "/scim/v2/Me".to_owned(), None),
        (204, "DELETE", format!("/scim/v2/Users/{user}"), None),
        (401, "GET", "/c/7/scim/v2/Users".to_owned(), None),
        (404, "GET", "/".to_owned(), None),
        (200, "GET", "/healthz".to_owned(), None),
    ] {
        let request = Request::builder()
            .method(method)
            .uri(&path)
            .header("authorization", &client.token)
            .header("x-request-id", "the client's")
            .body(body.map_or_else(Body::empty, Body::from))
            .expect("a request");
        let reply = client.send(request).await;
        assert_eq!(reply.status, status, "{method} {path}: {reply}");
        assert_eq!(reply.header("cache-control"), Some("no-store"), "{method} {path}");
        let id = reply.header("x-request-id").expect("an id");
        assert!(ConnectionId::parse(id).is_some(), "{id}");
        ids.push(id.to_owned());
    }
    let asked = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), asked);
});

contract!(async fn metrics_count_by_surface_and_are_for_this_machine(store) {
    let client = Client::open(store).await;
    let server = Listening::over(&client).await;
    let ask = async |path: &str, headers: &str| {
        let head = format!("GET {path} HTTP/1.1\r\nHost: x\r\n{headers}\r\n");
        server.ask(&head).await
    };
    let shown = format!("Authorization: {}\r\n", client.token);
    for (path, headers, status) in [
        ("/scim/v2/Users", &*shown, 200),
        ("/scim/v2/Users", &shown, 200),
        ("/scim/v1/Users", "", 401),
        ("/api/v1/nowhere", "", 401),
        ("/healthz", "", 200),
    ] {
        let told = ask(path, headers).await;
        assert_eq!(told.status, status, "{path}: {told:?}");
    }
    let told = ask("/metrics", "").await;
    assert_eq!(told.status, 200, "{told:?}");
    let media_type = told.header("content-type").expect("a media type");
    assert!(media_type.starts_with("application/openmetrics-text; version=1.0.0"), "{media_type}");
    for line in [
        r#"doorward_requests_total{surface="scim2",outcome="done"} 2"#,
        r#"doorward_requests_total{surface="scim1",outcome="refused"} 1"#,
        r#"doorward_requests_total{surface="api",outcome="refused"} 1"#,
        r#"doorward_requests_total{surface="operations",outcome="done"} 1"#,
        r#"doorward_request_duration_seconds_count{surface="scim2"} 2"#,
        r#"doorward_store_waiting{work="changes"} 0"#,
        "# TYPE doorward_store_batch_seconds histogram",
        "# UNIT doorward_process_resident_memory_bytes bytes",
        "# EOF",
    ] {
        assert!(told.body.lines().any(|other| other == line), "{line} in {}", told.body);
    }
    assert!(!told.body.contains("acme"), "no customer is named");
    // For whom a proxy asks that no one trusts is not known.
    let told = ask("/metrics", "X-Forwarded-For: 127.0.0.1\r\n").await;
    assert_eq!((told.status, &told.json()["code"]), (403, &json!("metrics_not_allowed")));
});

//! [`Api`]: the API as the holder of one key sees it.

use std::fmt::{self, Display, Write as _};

use axum::{body::Body, http::Request};
use directory::{
    Writer,
    api_key::{self, NewKey, Scope},
};
use serde_json::Value as Json;
use testkit::{Answer, TestOrganization, TestServer, TestStore};

/// The API as the holder of one key sees it.
#[derive(Clone, Debug)]
pub(crate) struct Api {
    pub(crate) server: TestServer,
    pub(crate) key: String,
}

fn key(scope: Scope) -> NewKey {
    NewKey { name: format!("{scope} key"), scope, expires: None }
}

impl Api {
    /// A server on the store, and a key of the installation that may do everything.
    pub(crate) async fn open(store: &TestStore) -> Self {
        let server = TestServer::new(store);
        let made = store.installation().create_api_key(key(Scope::Manage)).await.expect("made");
        Self { server, key: made.reveal().to_owned() }
    }

    /// The same with a server that may send to this machine.
    pub(crate) async fn with_receivers(store: &TestStore) -> Self {
        let api = Self::open(store).await;
        Self { server: TestServer::with_receivers(store), ..api }
    }

    /// The same with a key of the installation.
    pub(crate) async fn with_scope(&self, store: &TestStore, scope: Scope) -> Self {
        let made = store.installation().create_api_key(key(scope)).await.expect("made");
        self.with_key(made.reveal())
    }

    /// The same with a key of an organization.
    pub(crate) async fn within(&self, organization: &TestOrganization, scope: Scope) -> Self {
        let create = move |writer: &mut Writer<'_>| api_key::create(writer, &key(scope));
        let made = organization.by_operator().write(create).await.expect("made");
        self.with_key(made.reveal())
    }

    pub(crate) fn with_key(&self, key: &str) -> Self {
        Self { key: key.to_owned(), ..self.clone() }
    }

    /// Sends a request below `/api/v1`.
    pub(crate) async fn send(&self, method: &str, path: &str, body: Option<&Json>) -> Reply {
        self.send_with(method, path, body, &[]).await
    }

    /// The same with further headers.
    pub(crate) async fn send_with(
        &self,
        method: &str,
        path: &str,
        body: Option<&Json>,
        headers: &[(&str, &str)],
    ) -> Reply {
        Reply(self.server.send(self.request(method, path, body, headers)).await)
    }

    /// Asks for a stream, and reads it until this text stands in it.
    pub(crate) async fn stream(&self, path: &str, headers: &[(&str, &str)], text: &str) -> Answer {
        self.server.send_until(self.request("GET", path, None, headers), text).await
    }

    fn request(
        &self,
        method: &str,
        path: &str,
        body: Option<&Json>,
        headers: &[(&str, &str)],
    ) -> Request<Body> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("/api/v1{path}"))
            .header("Authorization", format!("Bearer {}", self.key));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if body.is_some() {
            request = request.header("Content-Type", "application/json");
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        request.body(body).expect("a request")
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.send("GET", path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Json) -> Reply {
        self.send("POST", path, Some(&body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Json) -> Reply {
        self.send("PATCH", path, Some(&body)).await
    }

    pub(crate) async fn put(&self, path: &str, body: Option<Json>) -> Reply {
        self.send("PUT", path, body.as_ref()).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Reply {
        self.send("DELETE", path, None).await
    }
}

/// What the API answered. It is shown with its status, the headers that matter and its body, without
/// ids, times and secrets.
#[derive(Debug)]
pub(crate) struct Reply(pub(crate) Answer);

impl Reply {
    pub(crate) fn status(&self) -> u16 {
        self.0.status
    }

    pub(crate) fn json(&self) -> Json {
        self.0.json()
    }

    /// The body of an answer that is expected to have this status.
    pub(crate) fn expect(&self, status: u16) -> Json {
        assert_eq!(self.status(), status, "{}", self.0.text());
        self.json()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.0.header(name)
    }
}

impl Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = format!("{}", self.0.status);
        for name in ["content-type", "location", "etag", "www-authenticate", "retry-after"] {
            if let Some(value) = self.0.header(name) {
                let _ = write!(text, "\n{name}: {value}");
            }
        }
        if !self.0.body.is_empty() {
            let body = serde_json::to_string_pretty(&self.json()).expect("JSON");
            let _ = write!(text, "\n\n{body}");
        }
        f.write_str(&redacted(&text))
    }
}

/// A text without ids, times and secrets.
fn redacted(text: &str) -> String {
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':' | '.');
    let mut shown = String::new();
    let mut rest = text;
    while let Some(start) = rest.find(is_word) {
        let end = rest[start..].find(|c| !is_word(c)).map_or(rest.len(), |at| start + at);
        let (before, word) = (&rest[..start], &rest[start..end]);
        shown.push_str(before);
        shown.push_str(&replaced(word));
        rest = &rest[end..];
    }
    shown.push_str(rest);
    shown
}

fn replaced(word: &str) -> String {
    let is_id = |text: &str| text.len() == 36 && text.split('-').map(str::len).eq([8, 4, 4, 4, 12]);
    if let Some((before, id)) = word.rsplit_once(':').filter(|(_, id)| is_id(id)) {
        return format!("{before}:{}", replaced(id));
    }
    if is_id(word) {
        return "[id]".to_owned();
    }
    if ["dwkey_", "dwaccess_", "scim_", "whsec_"].iter().any(|prefix| word.starts_with(prefix)) {
        return "[secret]".to_owned();
    }
    if word.len() >= 20 && word.ends_with('Z') && word.contains('T') {
        return "[time]".to_owned();
    }
    // A cursor is long, and starts with its version.
    if word.len() > 40 && word.starts_with('A') {
        return "[cursor]".to_owned();
    }
    word.to_owned()
}

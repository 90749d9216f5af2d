//! [`Client`]: a server as one connection sees it; [`Reply`]: what it answered, as a snapshot shows
//! it.

use std::{
    fmt::{self, Display, Write as _},
    ops::Deref,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{body::Body, http::Request};
use directory::{
    EventNo, Writer,
    connection::{self, Protocol, Provider},
    event::Event,
    schemas,
};
use scim::{Profile, schema::definition::Definition};
use serde_json::Value as Json;
use server::http::Limits;
use testkit::{Answer, TestConnection, TestOrganization, TestServer, TestStore};

/// Compares with an inline snapshot. Each engine comes by the same one, which `assert_snapshot!`
/// alone takes for a loop.
macro_rules! assert_shown {
    ($shown:expr, @$snapshot:literal) => {{
        let shown = $shown.to_string();
        insta::allow_duplicates! { insta::assert_snapshot!(shown, @$snapshot) }
    }};
}
pub(crate) use assert_shown;

pub(crate) const GOVERNANCE: &str = include_str!("../../../schemas/okta-governance.toml");

/// A server as one connection sees it.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    pub(crate) server: TestServer,
    pub(crate) connection: TestConnection,
    pub(crate) token: String,
    base: String,
    names: Names,
}

impl Client {
    /// A fresh organization `acme` with a connection of Okta, at the fixed base URL of SCIM 2.0.
    pub(crate) async fn open(store: &TestStore) -> Self {
        Self::with_limits(store, Limits::default()).await
    }

    /// The same on a server with other limits.
    pub(crate) async fn with_limits(store: &TestStore, limits: Limits) -> Self {
        let organization = store.organization("acme").await;
        let server = TestServer::with_limits(store, limits);
        Self::of(server, &organization, Provider::Okta).await
    }

    /// The same where the roles and entitlements of Okta are registered.
    pub(crate) async fn with_governance(store: &TestStore) -> Self {
        let client = Self::open(store).await;
        client.register(&toml::from_str(GOVERNANCE).expect("a definition")).await;
        client
    }

    /// Registers a definition in the organization, as its operator.
    pub(crate) async fn register(&self, definition: &Definition) {
        let TestOrganization { store, operator, .. } = &self.connection.organization;
        schemas::register(store, operator, definition, &mut |_| {}).await.expect("registered");
    }

    /// A connection of another provider.
    pub(crate) async fn for_provider(store: &TestStore, provider: Provider) -> Self {
        let organization = store.organization("acme").await;
        Self::of(TestServer::new(store), &organization, provider).await
    }

    /// The same under the profile `strict`.
    pub(crate) async fn strict(self) -> Self {
        let id = self.connection.connection.id;
        let choose = move |writer: &mut Writer<'_>| {
            connection::set_profile(writer, id, Some(Profile::STRICT))
        };
        let operator = self.connection.organization.by_operator();
        operator.write(choose).await.expect("a profile can be chosen");
        self
    }

    /// A connection of an organization on a server.
    pub(crate) async fn of(
        server: TestServer,
        organization: &TestOrganization,
        provider: Provider,
    ) -> Self {
        Self::speaking(server, organization, (provider, Protocol::Scim2)).await
    }

    /// A connection that provisions no one: people only sign in through it.
    pub(crate) async fn for_sign_in_only(
        server: TestServer,
        organization: &TestOrganization,
    ) -> Self {
        Self::speaking(server, organization, (Provider::Okta, Protocol::None)).await
    }

    async fn speaking(
        server: TestServer,
        organization: &TestOrganization,
        (provider, protocol): (Provider, Protocol),
    ) -> Self {
        let connection = organization.connection(provider, protocol).await;
        let issued = organization.issue(&connection.connection).await;
        Self {
            server,
            connection,
            token: issued.reveal().to_owned(),
            base: "/scim/v2".to_owned(),
            names: Names::default(),
        }
    }

    /// Another connection of the same organization.
    pub(crate) async fn beside(&self, provider: Provider) -> Self {
        let organization = &self.connection.organization;
        let other = Self::of(self.server.clone(), organization, provider).await;
        Self { names: self.names.clone(), ..other }
    }

    /// Another organization on the same server.
    pub(crate) async fn of_another(&self, store: &TestStore, slug: &str) -> Self {
        let organization = store.organization(slug).await;
        let other = Self::of(self.server.clone(), &organization, Provider::Okta).await;
        Self { names: self.names.clone(), ..other }
    }

    /// The same at another base URL.
    pub(crate) fn at(&self, base: &str) -> Self {
        Self { base: base.to_owned(), ..self.clone() }
    }

    /// The same at another server on the store.
    pub(crate) fn on(&self, server: TestServer) -> Self {
        Self { server, ..self.clone() }
    }

    /// The same in SCIM 1.1.
    pub(crate) fn v1(&self) -> Self {
        self.at("/scim/v1")
    }

    /// The same with another token, or with what is shown as one.
    pub(crate) fn with_token(&self, token: &str) -> Self {
        Self { token: token.to_owned(), ..self.clone() }
    }

    /// The path and query of an address below the base URL.
    pub(crate) fn path(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.request("GET", path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: impl Display) -> Reply {
        self.request("POST", path, Some(&body.to_string())).await
    }

    pub(crate) async fn put(&self, path: &str, body: impl Display) -> Reply {
        self.request("PUT", path, Some(&body.to_string())).await
    }

    pub(crate) async fn patch(&self, path: &str, body: impl Display) -> Reply {
        self.request("PATCH", path, Some(&body.to_string())).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Reply {
        self.request("DELETE", path, None).await
    }

    pub(crate) async fn request(&self, method: &str, path: &str, body: Option<&str>) -> Reply {
        let answer = self.server.request(&self.token, method, &self.path(path), body).await;
        self.reply(answer)
    }

    /// Sends a request with more headers, and as SCIM where they do not say otherwise.
    pub(crate) async fn request_with(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&str>,
    ) -> Reply {
        let mut request = Request::builder()
            .method(method)
            .uri(self.path(path))
            .header("Authorization", format!("Bearer {}", self.token));
        if !headers.iter().any(|(name, _)| *name == "Content-Type") {
            request = request.header("Content-Type", "application/scim+json");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_owned()));
        self.send(request.body(body).expect("a request")).await
    }

    /// Sends a request as it is, to an address that is whole.
    pub(crate) async fn send(&self, request: Request<Body>) -> Reply {
        self.reply(self.server.send(request).await)
    }

    fn reply(&self, answer: Answer) -> Reply {
        let text = without_digests(&self.names.shorten(&shown(&answer)));
        Reply { answer, text }
    }

    /// The number of the newest event: it stays the same where nothing was stored.
    pub(crate) async fn newest(&self) -> i64 {
        self.connection.organization.get().await.last_event.number()
    }

    /// The events after the one with this number.
    pub(crate) async fn events_after(&self, no: i64) -> Vec<Event> {
        self.connection.organization.events_after(EventNo::from(no)).await
    }

    /// The kinds of the events after one.
    pub(crate) async fn kinds_after(&self, no: i64) -> String {
        let events = self.events_after(no).await;
        let kinds: Vec<String> = events.iter().map(|event| format!("{:?}", event.kind())).collect();
        kinds.join(" ")
    }

    /// Creates a user who has nothing but a name, and tells its id.
    pub(crate) async fn user(&self, name: &str) -> String {
        self.post("/Users", format_args!(r#"{{"userName":"{name}"}}"#)).await.created()
    }

    /// Creates a group with members, and tells its id.
    pub(crate) async fn group(&self, name: &str, members: &[&str]) -> String {
        let members: Vec<String> =
            members.iter().map(|id| format!(r#"{{"value":"{id}"}}"#)).collect();
        let body = format!(r#"{{"displayName":"{name}","members":[{}]}}"#, members.join(","));
        self.post("/Groups", body).await.created()
    }
}

/// An answer, and how a snapshot shows it: status, the headers that matter, the body; ids are
/// numbered in the order in which they came up in the test.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    answer: Answer,
    text: String,
}

impl Reply {
    /// The id in the body of a 201.
    pub(crate) fn created(&self) -> String {
        assert_eq!(self.status, 201, "{self}");
        self.id()
    }

    /// The id in the body.
    pub(crate) fn id(&self) -> String {
        self.json()["id"].as_str().expect("an id").to_owned()
    }

    /// The tag of the version alone, without what is shown along with the resource.
    pub(crate) fn version(&self) -> Option<String> {
        let tag = self.header("etag")?;
        Some(
            tag.split_once('-')
                .map_or_else(|| tag.to_owned(), |(version, _)| format!("{version}\"")),
        )
    }

    /// The values of one attribute in a list, as a text.
    pub(crate) fn listed(&self, attribute: &str) -> String {
        assert_eq!(self.status, 200, "{self}");
        let list = self.json();
        let resources = list["Resources"].as_array().expect("Resources");
        let values: Vec<&str> =
            resources.iter().map(|one| one[attribute].as_str().unwrap_or("-")).collect();
        values.join(" ")
    }

    /// The status and the keyword of an error.
    pub(crate) fn verdict(&self) -> String {
        match self.json()["scimType"].as_str() {
            Some(keyword) => format!("{} {keyword}", self.status),
            None => self.status.to_string(),
        }
    }

    /// The sentence of an error.
    pub(crate) fn detail(&self) -> String {
        self.json()["detail"].as_str().expect("a detail").to_owned()
    }
}

impl Deref for Reply {
    type Target = Answer;

    fn deref(&self) -> &Answer {
        &self.answer
    }
}

impl Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

const HEADERS: [&str; 7] = [
    "content-type",
    "location",
    "etag",
    "allow",
    "www-authenticate",
    "retry-after",
    "content-encoding",
];

fn shown(answer: &Answer) -> String {
    let mut text = answer.status.to_string();
    for name in HEADERS {
        for value in answer.headers.get_all(name) {
            let value = value.to_str().expect("a readable header");
            // The tag of a document follows its content, and `versions.rs` looks at it.
            if name == "etag" && value.len() > 16 && !value.contains('-') {
                continue;
            }
            let _ = write!(text, "\n{name}: {value}");
        }
    }
    if !answer.body.is_empty() {
        text.push_str("\n\n");
        match serde_json::from_slice::<Json>(&answer.body) {
            Ok(body) => pretty(&body, 0, &mut text),
            Err(_) => text.push_str(&String::from_utf8_lossy(&answer.body)),
        }
    }
    text
}

/// Tags without their digests, which follow the ids.
fn without_digests(text: &str) -> String {
    let mut parts = text.split("W/");
    let mut short = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digest = part.split_once('-').filter(|(version, rest)| {
            let version = version.trim_start_matches(['\\', '"']);
            let digest = rest.get(..16).unwrap_or_default();
            version.bytes().all(|byte| byte.is_ascii_digit())
                && !digest.is_empty()
                && digest.bytes().all(|byte| byte.is_ascii_hexdigit())
        });
        short.push_str("W/");
        match digest {
            Some((version, rest)) => {
                short.push_str(version);
                short.push_str("-(digest)");
                short.push_str(&rest[16..]);
            }
            None => short.push_str(part),
        }
    }
    short
}

/// JSON with a line for whatever fits into one.
fn pretty(value: &Json, indent: usize, text: &mut String) {
    let flat = value.to_string();
    let nested = match value {
        Json::Object(object) => object.values().any(|value| value.is_object() || value.is_array()),
        _ => false,
    };
    if flat.len() + indent <= 90 && !(indent == 0 && nested) {
        text.push_str(&flat);
        return;
    }
    let pad = " ".repeat(indent + 2);
    let (open, close, entries): (_, _, Vec<(String, &Json)>) = match value {
        Json::Object(object) => {
            ("{", "}", object.iter().map(|(name, value)| (format!("{name:?}: "), value)).collect())
        }
        Json::Array(values) => {
            ("[", "]", values.iter().map(|value| (String::new(), value)).collect())
        }
        _ => return text.push_str(&flat),
    };
    text.push_str(open);
    for (at, (name, value)) in entries.iter().enumerate() {
        text.push_str(if at == 0 { "\n" } else { ",\n" });
        text.push_str(&pad);
        text.push_str(name);
        pretty(value, indent + 2, text);
    }
    text.push('\n');
    text.push_str(&pad[2..]);
    text.push_str(close);
}

/// What an event says of what changed.
pub(crate) fn body_of(event: &Event) -> Json {
    serde_json::from_str(event.json()).expect("JSON")
}

/// The ids that came up, in their order.
#[derive(Clone, Debug, Default)]
struct Names(Arc<Mutex<Vec<String>>>);

impl Names {
    const LENGTH: usize = 36;

    /// Writes `#1` for the first id that came up, and so on.
    fn shorten(&self, text: &str) -> String {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut short = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let candidate = rest.get(..Self::LENGTH).filter(|text| is_id(text));
            let Some(id) = candidate else {
                short.push(first);
                rest = &rest[first.len_utf8()..];
                continue;
            };
            let at = known.iter().position(|one| one == id).unwrap_or_else(|| {
                known.push(id.to_owned());
                known.len() - 1
            });
            let _ = write!(short, "#{}", at + 1);
            rest = &rest[Self::LENGTH..];
        }
        short
    }
}

/// A text with its ids numbered in the order in which they stand in it, and without the digests
/// that follow them.
pub(crate) fn numbered(text: &str) -> String {
    without_digests(&Names::default().shorten(text))
}

fn is_id(text: &str) -> bool {
    text.char_indices().all(|(at, c)| match at {
        8 | 13 | 18 | 23 => c == '-',
        _ => c.is_ascii_hexdigit(),
    })
}

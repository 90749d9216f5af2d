//! [`Client`]: requests in the envelope of a provider.

mod envelope;

use std::{
    error::Error as _,
    fmt::Write as _,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::Duration,
};

use reqwest::{
    Method, Url,
    header::{self, HeaderValue},
};
use serde_json::Value;

pub(crate) use envelope::{Envelope, Scheme};

use crate::{Options, SetupError, Stop, Token, failure::Failure, made::Made};

/// Providers give up when no byte came for this long.
const SILENCE: Duration = Duration::from_mins(1);
/// After this many answers of 429 an administrator is wanted.
const TRIES: u32 = 10;

/// What the server sent back, with the request that it answers.
#[derive(Debug)]
pub(crate) struct Answer {
    /// Method, path and query as a reader wants them: not encoded, without the base URL.
    pub(crate) request: String,
    pub(crate) status: u16,
    pub(crate) content_type: String,
    pub(crate) body: Vec<u8>,
}

/// How the caller presents itself.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Credential<'a> {
    /// The token, as the envelope wants it.
    Token,
    /// This text, as it stands.
    Verbatim(&'a str),
}

#[derive(Debug)]
pub(crate) struct Client {
    http: reqwest::Client,
    base: Url,
    envelope: Envelope,
    token: Token,
    requests: AtomicU64,
    postponed: AtomicU64,
    /// What was created so far.
    pub(crate) made: Made,
    stop: Stop,
    removing: AtomicBool,
}

impl Client {
    /// A client for a base URL, which may have got a query since it was pasted.
    pub(crate) fn new(
        base_url: &str,
        options: &Options,
        envelope: Envelope,
    ) -> Result<Self, SetupError> {
        let base = parse_base(base_url)?;
        let token = options.token.clone();
        if token.expose().trim().is_empty() {
            return Err(SetupError::Token("it is empty"));
        }
        if authorization(&envelope.authorization(token.expose())).is_none() {
            return Err(SetupError::Token("it holds characters that no header can carry"));
        }
        let mut builder = reqwest::Client::builder()
            .default_headers(envelope.headers.clone())
            .http1_only()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(SILENCE)
            .read_timeout(SILENCE)
            .pool_max_idle_per_host(options.concurrency.max(1));
        if base.scheme() == "http" {
            // Without TLS the machine's certificates are not needed, and may be absent.
            builder = builder.tls_certs_only([]);
        }
        let http = builder.build().map_err(|error| SetupError::Client(chain(&error)))?;
        Ok(Self {
            http,
            base,
            envelope,
            token,
            requests: AtomicU64::new(0),
            postponed: AtomicU64::new(0),
            made: Made::default(),
            stop: options.stop.clone(),
            removing: AtomicBool::new(false),
        })
    }

    /// How many requests were sent so far.
    pub(crate) fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// How many answers were 429 so far.
    pub(crate) fn postponed(&self) -> u64 {
        self.postponed.load(Ordering::Relaxed)
    }

    /// Whether the run is to end: every request that is not a removal fails before it is sent.
    pub(crate) fn is_stopped(&self) -> bool {
        self.stop.is_set() && !self.removing.load(Ordering::Relaxed)
    }

    /// From now on what was made is removed, and that is done even if the run was stopped.
    pub(crate) fn remove_now(&self) {
        self.removing.store(true, Ordering::Relaxed);
    }

    /// The Authorization header for a token that is not ours.
    pub(crate) fn authorization_for(&self, token: &str) -> String {
        self.envelope.authorization(token)
    }

    /// Scheme, host and path of the server. The query stays out: it may hold a customer's flags.
    pub(crate) fn address(&self) -> String {
        let mut url = self.base.clone();
        url.set_query(None);
        url.as_str().trim_end_matches('/').to_owned()
    }

    /// Takes the token out of a text that may quote the server.
    pub(crate) fn redact(&self, text: &str) -> String {
        text.replace(self.token.expose(), "[token]")
    }

    pub(crate) async fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<Answer, Failure> {
        self.send(Method::GET, path, query, None, Credential::Token).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Result<Answer, Failure> {
        self.send(Method::POST, path, &[], Some(body), Credential::Token).await
    }

    pub(crate) async fn put(&self, path: &str, body: &Value) -> Result<Answer, Failure> {
        self.send(Method::PUT, path, &[], Some(body), Credential::Token).await
    }

    pub(crate) async fn patch(&self, path: &str, body: &Value) -> Result<Answer, Failure> {
        self.send(Method::PATCH, path, &[], Some(body), Credential::Token).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Result<Answer, Failure> {
        self.send(Method::DELETE, path, &[], None, Credential::Token).await
    }

    /// Sends one request, and again as long as the server asks to wait.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, &str)],
        body: Option<&Value>,
        credential: Credential<'_>,
    ) -> Result<Answer, Failure> {
        let request = describe(&method, path, query);
        let bytes = match body {
            Some(body) => Some(serde_json::to_vec(body).map_err(|error| {
                Failure::new(format!("{request}: the body could not be written: {error}"))
            })?),
            None => None,
        };
        for _ in 0..TRIES {
            if self.is_stopped() {
                return Err(Failure::stopped());
            }
            let (answer, retry_after) =
                self.once(&method, path, query, bytes.clone(), credential, &request).await?;
            if answer.status != 429 {
                self.made.note(&method, path, &answer);
                return Ok(answer);
            }
            self.postponed.fetch_add(1, Ordering::Relaxed);
            let seconds = retry_after.as_deref().and_then(|text| text.trim().parse::<u64>().ok());
            let Some(seconds) = seconds else {
                return Err(Failure::new(format!(
                    "{request}: 429 came with Retry-After {}; a provider wants whole seconds there \
                     and otherwise waits for minutes",
                    retry_after.map_or_else(|| "missing".to_owned(), |text| format!("`{text}`")),
                )));
            };
            tokio::time::sleep(Duration::from_secs(seconds)).await;
        }
        Err(Failure::new(format!(
            "{request}: 429 came {TRIES} times; here a provider gives up and asks an administrator",
        )))
    }

    async fn once(
        &self,
        method: &Method,
        path: &str,
        query: &[(&str, &str)],
        body: Option<Vec<u8>>,
        credential: Credential<'_>,
        request: &str,
    ) -> Result<(Answer, Option<String>), Failure> {
        let value = match credential {
            Credential::Token => authorization(&self.envelope.authorization(self.token.expose())),
            Credential::Verbatim(text) => authorization(text),
        };
        let value = value.ok_or_else(|| Failure::new("the token is no header value".to_owned()))?;
        let url = resolve(&self.base, path, query, self.envelope.space);
        let mut builder =
            self.http.request(method.clone(), url).header(header::AUTHORIZATION, value);
        if body.is_some() || (method == Method::DELETE && self.envelope.labels_delete) {
            builder = builder.header(header::CONTENT_TYPE, self.envelope.content_type);
        }
        if let Some(body) = body {
            builder = builder.body(body);
        }
        self.requests.fetch_add(1, Ordering::Relaxed);
        let response = builder.send().await.map_err(|error| self.silence(request, error))?;
        let text_of = |name| {
            let value: Option<&HeaderValue> = response.headers().get(name);
            value.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        let retry_after = text_of(header::RETRY_AFTER);
        let content_type = text_of(header::CONTENT_TYPE).unwrap_or_default();
        let status = response.status().as_u16();
        let body = response.bytes().await.map_err(|error| self.silence(request, error))?.to_vec();
        Ok((Answer { request: request.to_owned(), status, content_type, body }, retry_after))
    }

    fn silence(&self, request: &str, error: reqwest::Error) -> Failure {
        let address = self.address();
        let advice = if error.is_connect() {
            format!("Is the server running at {address}?")
        } else if error.is_timeout() {
            "A provider gives up after 60 seconds without a byte.".to_owned()
        } else {
            format!("The connection to {address} broke; the server's log may say why.")
        };
        let reason = chain(&error.without_url());
        Failure::Unreachable(format!("{request}: no answer came ({reason}). {advice}"))
    }
}

fn authorization(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

fn parse_base(text: &str) -> Result<Url, SetupError> {
    let refuse = |reason: &str| SetupError::BaseUrl { reason: reason.to_owned() };
    let mut url = Url::parse(text.trim()).map_err(|error| refuse(&error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(refuse("it must begin with http:// or https://"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refuse("it must not hold a user name or a password; give the token apart"));
    }
    url.set_fragment(None);
    Ok(url)
}

/// Puts the path after the base's path and the query after the base's query: administrators paste
/// a trailing slash and flags such as `?aadOptscim062020`.
fn resolve(base: &Url, path: &str, query: &[(&str, &str)], space: &str) -> Url {
    let mut url = base.clone();
    url.set_path(&format!("{}{path}", base.path().trim_end_matches('/')));
    let mut text = base.query().unwrap_or_default().to_owned();
    for (name, value) in query {
        if !text.is_empty() {
            text.push('&');
        }
        text.push_str(name);
        text.push('=');
        encode(value, space, &mut text);
    }
    url.set_query(if text.is_empty() { None } else { Some(&text) });
    url
}

fn encode(value: &str, space: &str, out: &mut String) {
    for byte in value.bytes() {
        match byte {
            b' ' => out.push_str(space),
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => {
                out.push(char::from(byte));
            }
            _ => {
                // Writing to a string cannot fail.
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
}

fn describe(method: &Method, path: &str, query: &[(&str, &str)]) -> String {
    let mut text = format!("{method} {path}");
    for (index, (name, value)) in query.iter().enumerate() {
        let mark = if index == 0 { '?' } else { '&' };
        // Writing to a string cannot fail.
        let _ = write!(text, "{mark}{name}={value}");
    }
    text
}

/// The error with its causes: the last one is what helps ("connection refused").
fn chain(error: &reqwest::Error) -> String {
    let mut parts = vec![error.to_string()];
    let mut cause = error.source();
    while let Some(inner) = cause {
        let text = inner.to_string();
        if !parts.contains(&text) {
            parts.push(text);
        }
        cause = inner.source();
    }
    parts.join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{App, Flavour};

    fn options(token: &str) -> Options {
        Options {
            base_url: "http://h.example".to_owned(),
            token: token.into(),
            flavour: Flavour::Okta(App::Catalog),
            users: 0,
            groups: 0,
            seed: 1,
            concurrency: 1,
            keep: false,
            progress: false,
            stop: Stop::default(),
        }
    }

    fn resolved(base: &str, space: &str) -> String {
        let base = parse_base(base).unwrap();
        let query = [("filter", r#"userName eq "a+b@c""#), ("count", "100")];
        resolve(&base, "/Users", &query, space).to_string()
    }

    #[test]
    fn a_base_keeps_its_path_and_its_query() {
        assert_eq!(
            resolved("https://h.example/scim/v2/?flag", "+"),
            "https://h.example/scim/v2/Users?flag&filter=userName+eq+%22a%2Bb%40c%22&count=100",
        );
        assert_eq!(
            resolved("http://h.example", "%20"),
            "http://h.example/Users?filter=userName%20eq%20%22a%2Bb%40c%22&count=100",
        );
    }

    #[test]
    fn a_base_without_scheme_or_with_a_password_is_refused() {
        for text in ["h.example/scim", "ftp://h.example", "https://u:p@h.example/scim"] {
            assert!(matches!(parse_base(text), Err(SetupError::BaseUrl { .. })), "{text}");
        }
    }

    #[test]
    fn a_token_that_no_header_carries_is_refused() {
        for token in ["", " ", "two\nlines"] {
            let options = options(token);
            let client = Client::new(&options.base_url, &options, App::Catalog.envelope());
            assert!(matches!(client, Err(SetupError::Token(_))), "{token:?}");
        }
    }
}

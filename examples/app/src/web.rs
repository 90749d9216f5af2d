//! What an application has already: sessions and pages.

use std::collections::HashMap;
use std::env;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context as _, Error, Result};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use openidconnect::{CsrfToken, Nonce, PkceCodeVerifier, reqwest};

use crate::provider::{Claims, Provider, Token};

/// What the answer to a sign-in under way must match, or who is signed in.
pub enum Session {
    Pending { verifier: PkceCodeVerifier, state: CsrfToken, nonce: Nonce },
    Person { claims: Box<Claims>, token: Box<Token> },
}

pub struct App {
    pub url: String,
    pub issuer: String,
    pub http: reqwest::Client,
    /// Read anew every hour, since keys change.
    provider: tokio::sync::Mutex<Option<(Instant, Arc<Provider>)>>,
    /// By the value of a cookie. Yours are in a database.
    sessions: Mutex<HashMap<String, Session>>,
}

impl App {
    pub fn new(url: String, issuer: String) -> Result<Self> {
        // A redirect could lead a request with our secret elsewhere.
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        let http = http.timeout(Duration::from_secs(10)).build()?;
        Ok(Self { url, issuer, http, provider: Default::default(), sessions: Default::default() })
    }

    pub async fn provider(&self) -> Result<Arc<Provider>> {
        let mut kept = self.provider.lock().await;
        if let Some((read, provider)) = &*kept
            && read.elapsed() < Duration::from_secs(3600)
        {
            return Ok(Arc::clone(provider));
        }
        let setting = |name| env::var(name).with_context(|| format!("{name} is not set"));
        let client = (setting("CLIENT_ID")?, setting("CLIENT_SECRET")?);
        let found = Arc::new(Provider::discover(&self.http, &self.issuer, client, &self.url).await?);
        *kept = Some((Instant::now(), Arc::clone(&found)));
        Ok(found)
    }

    fn sessions(&self) -> MutexGuard<'_, HashMap<String, Session>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn cookie(&self) -> &'static str {
        if self.url.starts_with("https:") { "__Host-session" } else { "session" }
    }

    /// The value of the cookie; nothing where there is none.
    fn id<'h>(&self, headers: &'h HeaderMap) -> &'h str {
        let cookies = headers.get(header::COOKIE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let named = cookies.split("; ").filter_map(|one| one.split_once('='));
        named.filter(|(name, _)| *name == self.cookie()).map(|(_, id)| id).next().unwrap_or_default()
    }

    /// Keeps a session under a new value, so that no one can have planted it, and goes on.
    pub fn begin(&self, session: Session, to: &str) -> Response {
        let id = CsrfToken::new_random_len(32).into_secret();
        let secure = if self.url.starts_with("https:") { "; Secure" } else { "" };
        let cookie = format!("{}={id}; Path=/; HttpOnly; SameSite=Lax{secure}", self.cookie());
        self.sessions().insert(id, session);
        ([(header::SET_COOKIE, cookie)], Redirect::to(to)).into_response()
    }

    /// Ends the session of a browser.
    pub fn end(&self, headers: &HeaderMap) -> Option<Session> {
        self.sessions().remove(self.id(headers))
    }

    /// Ends the sessions of all persons but these.
    pub fn retain(&self, stays: impl Fn(&Claims) -> bool) {
        self.sessions().retain(|_, session| match session {
            Session::Person { claims, .. } => stays(claims),
            Session::Pending { .. } => true,
        });
    }
}

pub async fn home(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    let now = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default().as_secs();
    let sessions = app.sessions();
    let person = match sessions.get(app.id(&headers)) {
        // Doorward says when a session ends at the latest; then the person signs in again.
        Some(Session::Person { claims, .. }) if claims.additional_claims().session_expiry > Some(now) => claims,
        _ => {
            return page(
                r#"<h1>Sprocket</h1><form action="/sign-in"><label>Organization <input name="organization"></label>
                <button>Sign in</button></form>"#,
            );
        }
    };
    let more = person.additional_claims();
    let name = person.name().and_then(|name| name.get(None)).map(|name| name.as_str());
    let name = name.or(person.preferred_username().map(|name| name.as_str())).unwrap_or_default();
    let organization = more.organization.as_ref().map_or("", |organization| &organization.name);
    let may_change = more.roles.iter().any(|role| role == "admin" || role == "superadmin");
    page(&format!(
        r#"<h1>Hello, {}</h1><p>Organization: <b>{}</b></p><p>Roles: <b>{}</b></p>{}
        <form method="post" action="/sign-out"><button>Sign out</button></form>"#,
        escape(name),
        escape(organization),
        escape(&more.roles.join(", ")),
        if may_change { "<p>You may change the settings.</p>" } else { "" },
    ))
}

fn page(html: &str) -> Response {
    let html = Html(format!("<!doctype html><title>Sprocket</title>{html}"));
    ([(header::CACHE_CONTROL, "no-store")], html).into_response()
}

fn escape(text: &str) -> String {
    let escaped = |c: char| match c {
        '&' | '<' | '>' | '"' | '\'' => format!("&#{};", u32::from(c)),
        c => c.to_string(),
    };
    text.chars().map(escaped).collect()
}

/// What did not work. The person reads little of it, the log all.
pub struct Wrong(Error);

impl<E: Into<Error>> From<E> for Wrong {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Wrong {
    fn into_response(self) -> Response {
        eprintln!("{:#}", self.0);
        (StatusCode::BAD_REQUEST, page("<h1>That did not work</h1><a href='/'>Try again</a>")).into_response()
    }
}

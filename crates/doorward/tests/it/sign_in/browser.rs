//! [`Browser`]: keeps cookies as a browser does; [`Door`]: a connection with a provider behind it.

use std::{
    collections::BTreeMap,
    io::Read as _,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
};

use axum::{body::Body, http::Request};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use directory::{
    Writer,
    saml::{self, Change, Settings, State, certificate},
};
use flate2::read::DeflateDecoder;
use testkit::{Answer, PUBLIC_URL, SamlProvider, Statement, TestServer, TestStore};

use crate::scim::support::Client;

/// A browser: what a server sets, it shows to that server again.
#[derive(Debug)]
pub(crate) struct Browser {
    server: TestServer,
    cookies: Mutex<BTreeMap<String, String>>,
}

impl Browser {
    pub(crate) fn at(server: &TestServer) -> Self {
        Self { server: server.clone(), cookies: Mutex::default() }
    }

    fn cookies(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, String>> {
        self.cookies.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The value of a cookie.
    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        self.cookies().get(name).cloned()
    }

    /// Shows another value from now on.
    pub(crate) fn set_cookie(&self, name: &str, value: &str) {
        self.cookies().insert(name.to_owned(), value.to_owned());
    }

    async fn send(&self, request: axum::http::request::Builder, body: Body, lax: bool) -> Answer {
        let shown: Vec<String> =
            self.cookies().iter().map(|(name, value)| format!("{name}={value}")).collect();
        // A post that another site makes carries no cookie of `SameSite=Lax`.
        let request = if shown.is_empty() || !lax {
            request
        } else {
            request.header("Cookie", shown.join("; "))
        };
        let answer = self.server.send(request.body(body).expect("a request")).await;
        for line in answer.headers.get_all("set-cookie") {
            let line = line.to_str().expect("text");
            let (pair, rest) = line.split_once(';').expect("attributes");
            let (name, value) = pair.split_once('=').expect("a pair");
            assert!(rest.contains("HttpOnly") && rest.contains("SameSite=Lax"), "{line}");
            assert!(name.starts_with("__Host-") && rest.contains("; Secure"), "{line}");
            if rest.contains("Max-Age=0;") {
                self.cookies().remove(name);
            } else {
                self.cookies().insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }

    /// Opens a page.
    pub(crate) async fn get(&self, address: &str) -> Answer {
        let path = address.strip_prefix(PUBLIC_URL).unwrap_or(address);
        self.send(Request::get(path).header("User-Agent", "Test"), Body::empty(), true).await
    }

    /// Asks by another method.
    pub(crate) async fn ask(&self, method: &str, path: &str) -> Answer {
        let request = Request::builder().method(method).uri(path).header("Origin", PUBLIC_URL);
        self.send(request, Body::empty(), true).await
    }

    /// Posts a form, from another site or from our own.
    pub(crate) async fn post(
        &self,
        address: &str,
        origin: &str,
        fields: &[(&str, &str)],
    ) -> Answer {
        let path = address.strip_prefix(PUBLIC_URL).unwrap_or(address);
        let mut body = String::new();
        for (name, value) in fields {
            let value: String = value
                .bytes()
                .map(|byte| match byte {
                    b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
                    _ => format!("%{byte:02X}"),
                })
                .collect();
            body.extend([name, "=", &value, "&"]);
        }
        let request = Request::post(path)
            .header("Origin", origin)
            .header("Content-Type", "application/x-www-form-urlencoded");
        self.send(request, Body::from(body), origin == PUBLIC_URL).await
    }
}

/// What a provider was asked.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) id: String,
    pub(crate) relay_state: String,
}

/// A connection with a provider behind it.
#[derive(Debug)]
pub(crate) struct Door {
    pub(crate) client: Client,
    pub(crate) provider: SamlProvider,
    pub(crate) answers: AtomicU32,
}

pub(crate) const SESSION: &str = "__Host-doorward-session";

impl Door {
    /// An organization whose connection to Okta is in use for sign-in.
    pub(crate) async fn open(store: &TestStore) -> Self {
        Self::of(Client::open(store).await, "birchwood", State::Enforced).await
    }

    pub(crate) async fn of(client: Client, name: &str, state: State) -> Self {
        let door = Self { client, provider: SamlProvider::new(name), answers: AtomicU32::new(0) };
        let (provider, certificate) = door.provider.described();
        let id = door.client.connection.connection.id;
        let known = move |writer: &mut Writer<'_>| {
            certificate::add(writer, id, &certificate, true)?;
            let provider = Some(provider.clone());
            saml::set(writer, id, Change { provider, ..Change::default() })
        };
        let operator = door.client.connection.organization.by_operator();
        operator.write(known).await.expect("the provider is known");
        door.set(Change { state: Some(state), untested: true, ..Change::default() }).await;
        door
    }

    pub(crate) async fn set(&self, change: Change) -> Settings {
        let id = self.client.connection.connection.id;
        let operator = self.client.connection.organization.by_operator();
        let set = move |writer: &mut Writer<'_>| saml::set(writer, id, change.clone());
        operator.write(set).await.expect("settings").0
    }

    pub(crate) fn browser(&self) -> Browser {
        Browser::at(&self.client.server)
    }

    /// An address of the connection.
    pub(crate) fn address(&self, what: &str) -> String {
        format!("{PUBLIC_URL}/saml/{}/{what}", self.client.connection.connection.id)
    }

    /// Begins a sign-in: what the provider is asked.
    pub(crate) async fn ask(&self, browser: &Browser, query: &str) -> Asked {
        let answer = browser.get(&format!("{}{query}", self.address("login"))).await;
        assert_eq!(answer.status, 302, "{}", answer.text());
        self.asked(answer.header("location").expect("an address"))
    }

    pub(crate) fn asked(&self, location: &str) -> Asked {
        let (address, query) = location.split_once('?').expect("a query");
        assert_eq!(address, self.provider.sso_url);
        let value = |name: &str| {
            let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs.filter(|(known, _)| *known == name).map(|(_, value)| value).next()
        };
        let request = value("SAMLRequest").expect("a request").replace("%2B", "+");
        let request = request.replace("%2F", "/").replace("%3D", "=");
        let deflated = STANDARD.decode(request).expect("base64");
        let mut xml = String::new();
        DeflateDecoder::new(&*deflated).take(9_999).read_to_string(&mut xml).expect("deflated");
        let (_, rest) = xml.split_once(" ID=\"").expect("an ID");
        let id = rest.split('"').next().expect("its end").to_owned();
        Asked { id, relay_state: value("RelayState").expect("a handle").to_owned() }
    }

    /// What the provider says of a person.
    pub(crate) fn statement(&self, asked: Option<&Asked>, name_id: &str) -> Statement {
        let number = self.answers.fetch_add(1, Ordering::SeqCst);
        Statement {
            name_id: name_id.to_owned(),
            in_response_to: asked.map(|asked| asked.id.clone()),
            id: format!("a-{number}"),
            audience: self.address("metadata"),
            recipient: self.address("acs"),
            at: self.client.connection.organization.store.clock().now().timestamp(),
            attributes: Vec::new(),
            session_ends: None,
        }
    }

    /// Brings an answer.
    pub(crate) async fn bring(
        &self,
        browser: &Browser,
        relay_state: &str,
        statement: &Statement,
    ) -> Answer {
        let fields =
            [("SAMLResponse", &*self.provider.answer(statement)), ("RelayState", relay_state)];
        browser.post(&self.address("acs"), "https://birchwood.okta.example", &fields).await
    }

    /// The whole way: the answer to the browser that came back.
    pub(crate) async fn sign_in(&self, browser: &Browser, name_id: &str) -> Answer {
        let asked = self.ask(browser, "").await;
        let statement = self.statement(Some(&asked), name_id);
        let sent = self.bring(browser, &asked.relay_state, &statement).await;
        assert_eq!(sent.status, 303, "{}", sent.text());
        browser.get(sent.header("location").expect("where to")).await
    }

    /// The newest audit entry, as `kind {body}`.
    pub(crate) async fn audited(&self) -> String {
        let organization = &self.client.connection.organization;
        let entries = organization
            .read(|reader| {
                let newest = directory::audit::newest(reader)?;
                let before = i64::from(newest).saturating_sub(1).into();
                directory::audit::after(reader, before, 1)
            })
            .await
            .expect("the audit");
        let entry = entries.last().expect("an entry");
        let body = serde_json::to_value(&entry.payload).expect("JSON");
        format!("{} {body}", directory::Record::kind(&entry.payload).name())
    }
}

//! [`Desk`]: a provider with pages, at which people say who they are and are believed.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{RawQuery, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use jiff::Timestamp;
use rand::RngExt as _;
use saml::{Certificate, SigningError, SigningKey};
use tokio::net::TcpListener;

use super::{
    page::{Answer, Refused, Who, page},
    question::{Question, is_name},
    statement::Statement,
};

/// So long the certificate of a desk is good: no demo takes longer.
const CERTIFICATE_LIVES: Duration = Duration::from_hours(365 * 24);
/// A clock that is a little behind still finds it good.
const SLACK: Duration = Duration::from_hours(1);

/// A provider that has not opened yet: it has an address and a key.
#[derive(Debug)]
pub struct Desk {
    listener: TcpListener,
    address: SocketAddr,
    key: SigningKey,
    certificate: Certificate,
}

/// Someone who may sign in.
#[derive(Clone, Debug)]
pub struct Person {
    /// The NameID.
    pub login: String,
    /// The name as shown.
    pub name: String,
    /// What is worth knowing of the person before choosing; may be empty.
    pub note: String,
}

/// The one service provider that is answered.
#[derive(Clone, Debug)]
pub struct ServiceProvider {
    /// Its entity ID.
    pub entity_id: String,
    /// Where answers are posted to.
    pub acs_url: String,
}

/// A desk that cannot be set up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeskError {
    /// No port.
    #[error("the simulated sign-in finds no free port: {0}")]
    Port(#[from] std::io::Error),
    /// No key.
    #[error("the simulated sign-in has no key: {0}")]
    Key(#[from] SigningError),
}

struct Open {
    key: SigningKey,
    company: String,
    people: Vec<Person>,
    asks: ServiceProvider,
    clock: Box<dyn Fn() -> Timestamp + Send + Sync>,
}

impl Desk {
    /// The entity ID of every simulated provider: no genuine one has it.
    pub const ENTITY_ID: &str = "urn:simulated:identity-provider";

    /// A desk at a free port of this machine, which other machines do not reach, with a key that exists
    /// only in this process. `now` is when its certificate begins to be good.
    ///
    /// # Errors
    ///
    /// See [`DeskError`].
    pub async fn set_up(now: Timestamp) -> Result<Self, DeskError> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let key = SigningKey::generate()?;
        let life = (now - SLACK, now + CERTIFICATE_LIVES);
        let certificate = key.self_signed("Simulated provider", rand::rng().random(), life)?;
        Ok(Self { listener, address, key, certificate })
    }

    /// Where a sign-in begins.
    #[must_use]
    pub fn sso_url(&self) -> String {
        format!("http://{}/sso", self.address)
    }

    /// By which its answers are verified.
    #[must_use]
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// Serves until it is dropped. `clock` tells when someone signs in.
    ///
    /// # Errors
    ///
    /// Those of the listener.
    pub async fn open(
        self,
        company: String,
        people: Vec<Person>,
        asks: ServiceProvider,
        clock: impl Fn() -> Timestamp + Send + Sync + 'static,
    ) -> std::io::Result<()> {
        let open = Arc::new(Open { key: self.key, company, people, asks, clock: Box::new(clock) });
        let router = Router::new()
            .route("/sso", get(ask).post(answer))
            .route(
                "/style.css",
                get(async || asset("text/css", include_str!("../../assets/desk.css"))),
            )
            .route(
                "/answer.js",
                get(async || asset("text/javascript", include_str!("../../assets/answer.js"))),
            )
            .with_state(open);
        axum::serve(self.listener, router).await
    }
}

fn asset(kind: &'static str, text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static(kind))], text).into_response()
}

/// `GET /sso`: who is it?
async fn ask(State(open): State<Arc<Open>>, RawQuery(query): RawQuery) -> Response {
    let question = Question::read(query.as_deref().unwrap_or_default());
    let Some(question) = question else {
        return refused("This address was not opened by a sign-in. Begin where you want to go.");
    };
    if question.issuer != open.asks.entity_id || question.acs_url != open.asks.acs_url {
        return refused("Someone else asks than the one that this simulation was started for.");
    }
    let who = Who { company: &open.company, people: &open.people, question: &question };
    page(StatusCode::OK, &who)
}

/// `POST /sso`: the answer, on its way through the browser.
async fn answer(State(open): State<Arc<Open>>, body: String) -> Response {
    let field = |wanted: &str| {
        let mut pairs = form_urlencoded::parse(body.as_bytes());
        let found = pairs.find_map(|(name, value)| (name == wanted).then(|| value.into_owned()));
        found.unwrap_or_default()
    };
    let (login, request) = (field("login"), field("request"));
    let Some(person) = open.people.iter().find(|person| person.login == login) else {
        return refused("Nobody here has this name.");
    };
    if !is_name(&request) {
        return refused("This belongs to no sign-in.");
    }
    let statement = Statement {
        name_id: person.login.clone(),
        in_response_to: Some(request),
        id: format!("id{:032x}", rand::rng().random::<u128>()),
        audience: open.asks.entity_id.clone(),
        recipient: open.asks.acs_url.clone(),
        at: (open.clock)(),
        attributes: Vec::new(),
        session_ends: None,
    };
    match statement.signed(Desk::ENTITY_ID, &open.key) {
        Ok(response) => {
            let acs_url = &*open.asks.acs_url;
            let relay_state = field("relay_state");
            let answer = Answer { acs_url, response: &response, relay_state: &relay_state };
            page(StatusCode::OK, &answer)
        }
        Err(_) => refused("The answer could not be signed."),
    }
}

fn refused(reason: &'static str) -> Response {
    page(StatusCode::BAD_REQUEST, &Refused { reason })
}

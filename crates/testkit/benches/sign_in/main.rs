//! What a sign-in costs the server, from the provider's answer to the session, in time of the processor:
//! `cargo bench -p testkit --bench sign_in`, by an organization of 1,000 and one of 100,000 users.
//!
//! The provider's part is prepared before: its signatures cost more than ours to verify them. What is
//! measured is the post to the ACS and the GET that follows, over the whole server without a socket. It
//! fails where a sign-in costs 5 ms or more, or grows with the number of users.

use std::{process::ExitCode, time::Duration};

use axum::{body::Body, http::Request};
use bench::{people, process::Process};
use directory::{
    Secret, Writer,
    saml::{self, Change, State, certificate},
    sign_in,
    user::{self, Rehire},
};
use scim::{Notes, Object};
use testkit::{
    Engine, PUBLIC_URL, SamlProvider, Statement, TestConnection, TestServer, TestStore, engines,
};

const SIZES: [usize; 2] = [1_000, 100_000];
/// Users are made in transactions of so many.
const PIECE: usize = 250;
/// A sign-in must cost less.
const MOST: Duration = Duration::from_millis(5);
/// It may cost so much more for the most users than for the fewest: what noise makes of it.
const GROWTH: f64 = 1.5;

fn main() -> ExitCode {
    if !std::env::args().any(|argument| argument == "--bench") {
        // `cargo test --all-targets` starts benchmarks too.
        eprintln!("nothing is measured: this is `cargo bench`'s");
        return ExitCode::SUCCESS;
    }
    let quick = std::env::args().any(|argument| argument == "--quick");
    let count = if quick { 200 } else { 2_000 };
    println!("| engine | {} users | {} users | ratio |\n|---|--:|--:|--:|", SIZES[0], SIZES[1]);
    let mut is_good = true;
    for engine in engines() {
        let [few, many] = SIZES.map(|size| Site::new(engine, size).cost(count));
        let ratio = many.as_secs_f64() / few.as_secs_f64();
        is_good &= few.max(many) < MOST && ratio < GROWTH;
        println!("| {engine:?} | {few:.1?} | {many:.1?} | {ratio:.2} |");
    }
    if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// An organization of so many users, who sign in by SAML.
struct Site {
    size: usize,
    store: TestStore,
    server: TestServer,
    connection: TestConnection,
    provider: SamlProvider,
}

/// A provider's answer, and the browser that waits for it.
struct Answered {
    form: String,
    cookie: String,
}

impl Site {
    fn new(engine: Engine, size: usize) -> Self {
        let store = TestStore::open(engine);
        let connection =
            store.block_on(async { store.connection(&store.organization("acme").await).await });
        let server = TestServer::new(&store);
        let provider = SamlProvider::new("acme");
        let made = Self { size, store, server, connection, provider };
        made.fill();
        made.open();
        made
    }

    fn fill(&self) {
        for first in (0..self.size).step_by(PIECE) {
            let numbers = first..self.size.min(first + PIECE);
            let bodies: Vec<Object> = numbers.map(person).collect();
            let make = self.connection.organization.write(move |writer| {
                for body in &bodies {
                    user::create(writer, body, Rehire::BringBack)?;
                }
                Ok(())
            });
            self.store.block_on(make).expect("users can be made");
        }
    }

    fn open(&self) {
        let (provider, certificate) = self.provider.described();
        let id = self.connection.connection.id;
        let set = self.connection.organization.by_operator();
        let set = set.write(move |writer: &mut Writer<'_>| {
            certificate::add(writer, id, &certificate, true)?;
            let (provider, state) = (Some(provider.clone()), Some(State::Enforced));
            let change = Change { provider, state, untested: true, ..Change::default() };
            saml::set(writer, id, change)
        });
        self.store.block_on(set).expect("the provider is known");
    }

    fn address(&self, what: &str) -> String {
        format!("{PUBLIC_URL}/saml/{}/{what}", self.connection.connection.id)
    }

    /// What one sign-in costs, by this many of different people.
    fn cost(&self, count: usize) -> Duration {
        let answers: Vec<Answered> = (0..count).map(|number| self.answered(number)).collect();
        let before = Process::own().processor();
        for answered in answers {
            self.store.block_on(self.finish(answered));
        }
        let spent = Process::own().processor().saturating_sub(before);
        self.store.block_on(self.store.assert_clean());
        spent / u32::try_from(count).expect("a few thousand")
    }

    /// A sign-in is begun, and the provider has answered.
    fn answered(&self, number: usize) -> Answered {
        let store = &self.store.store;
        let browser = Secret::random(store.random());
        let request = format!("_{number}");
        let relay_state = self.store.block_on(async {
            let at = sign_in::find(store, self.connection.connection.id).await;
            let at = at.expect("the connection");
            sign_in::begin(store, &at, &request, &browser, "/").await.expect("it begins")
        });
        // All over the organization, the same in every run.
        let person = number * 7_919 % self.size;
        let answer = self.provider.answer(&Statement {
            name_id: people::user_name(person),
            in_response_to: Some(request),
            id: format!("id-{number}"),
            audience: self.address("metadata"),
            recipient: self.address("acs"),
            at: self.store.now().timestamp(),
            attributes: Vec::new(),
            session_ends: None,
        });
        let answer = answer.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
        Answered {
            form: format!("SAMLResponse={answer}&RelayState={}", relay_state.reveal()),
            cookie: format!("__Host-doorward-browser={}", browser.reveal()),
        }
    }

    /// From the answer to the session.
    async fn finish(&self, answered: Answered) {
        let post = Request::post(format!("/saml/{}/acs", self.connection.connection.id))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(Body::from(answered.form));
        let sent = self.server.send(post.expect("a request")).await;
        let address = sent.header("location").expect("where to");
        let address = address.strip_prefix(PUBLIC_URL).expect("ours");
        let get = Request::get(address).header("Cookie", answered.cookie).body(Body::empty());
        let done = self.server.send(get.expect("a request")).await;
        assert_eq!((done.status, done.header("location")), (303, Some("/")), "{}", done.text());
    }
}

/// A user as the server would hand it to the directory.
fn person(number: usize) -> Object {
    let body = people::body(number);
    let body = scim::json::from_slice(body.as_bytes(), scim::json::Limits::default())
        .expect("a body is JSON");
    scim::accept::resource(scim::schema::builtin::user(), body, &mut Notes::default())
        .expect("a user")
}

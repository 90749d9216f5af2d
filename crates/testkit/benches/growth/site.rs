//! [`Site`]: a store of one size, filled, with a server on it.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use bench::{chance::Chance, people};
use directory::{
    group::{self, MemberName},
    maintenance::reap,
    user::{self, Rehire},
};
use scim::{Notes, Object};
use testkit::{Answer, Engine, TestConnection, TestServer, TestStore};

/// Users are made in transactions of so many.
const PIECE: usize = 250;

/// A user of a site.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    /// Its id.
    pub(crate) id: String,
    /// What its userName, externalId and address are made of.
    pub(crate) number: usize,
}

/// A store of its own with one organization: so many users, all of them in one group.
pub(crate) struct Site {
    pub(crate) engine: Engine,
    /// How many users the organization and its group have.
    pub(crate) size: usize,
    pub(crate) store: TestStore,
    pub(crate) server: TestServer,
    pub(crate) connection: TestConnection,
    token: String,
    pub(crate) people: Vec<Person>,
    /// The id of the group of everyone.
    pub(crate) group: String,
    /// The user who was taken out of the group and comes back next.
    pub(crate) away: Option<usize>,
    /// The user who was created and is deleted next.
    pub(crate) guest: Option<String>,
    /// Cursors in the middle of lists, by the address of the list.
    pub(crate) cursors: HashMap<&'static str, String>,
    /// How many people there ever were.
    next: usize,
    chance: Chance,
}

impl Site {
    /// Makes a store and fills it.
    pub(crate) fn new(engine: Engine, size: usize) -> Self {
        let store = TestStore::open(engine);
        let (connection, token) = store.block_on(async {
            let organization = store.organization("acme").await;
            let connection = store.connection(&organization).await;
            let token = organization.issue(&connection.connection).await.reveal().to_owned();
            (connection, token)
        });
        let mut new = Self {
            engine,
            size,
            server: TestServer::new(&store),
            store,
            connection,
            token,
            people: Vec::with_capacity(size),
            group: String::new(),
            away: None,
            guest: None,
            cursors: HashMap::new(),
            next: size,
            chance: Chance::new(0),
        };
        new.fill();
        new
    }

    fn fill(&mut self) {
        let begun = Instant::now();
        for first in (0..self.size).step_by(PIECE) {
            let numbers = first..self.size.min(first + PIECE);
            let bodies: Vec<Object> = numbers.clone().map(person).collect();
            let work = self.connection.organization.write(move |writer| {
                let made = bodies.iter().map(|body| user::create(writer, body, Rehire::BringBack));
                made.map(|user| Ok(user?.id.to_string())).collect()
            });
            let ids: Vec<String> = self.store.block_on(work).expect("users can be made");
            let made = ids.into_iter().zip(numbers).map(|(id, number)| Person { id, number });
            self.people.extend(made);
            if self.people.len().is_multiple_of(10_000) {
                self.progress(&format!("{} users", self.people.len()), begun);
            }
        }
        self.group = self.group_of_everybody("Everybody");
        self.progress(&format!("{} users in a group", self.size), begun);
    }

    fn progress(&self, what: &str, begun: Instant) {
        eprintln!("{}: {what} after {:.1} s", name(self.engine), begun.elapsed().as_secs_f64());
    }

    /// A group with everyone in it.
    pub(crate) fn group_of_everybody(&self, name: &str) -> String {
        let (attributes, members) = (testkit::group(name), self.everybody());
        let work = self
            .connection
            .organization
            .write(move |writer| Ok(group::create(writer, &attributes, &members)?.id.to_string()));
        self.store.block_on(work).expect("a group can be made")
    }

    /// Everyone, as the members of a group.
    pub(crate) fn everybody(&self) -> Vec<MemberName> {
        self.people.iter().map(|person| MemberName::from(person.id.as_str())).collect()
    }

    /// Clears away the member sets that no group points to any more.
    pub(crate) fn reap(&self) {
        self.store.block_on(async {
            while reap::step(&self.store.store).await.expect("it can be cleared away") {}
        });
    }

    /// Sends a request, and measures it from its making to the last byte of the answer.
    pub(crate) fn request(
        &self,
        method: &str,
        path: &str,
        body: Option<&str>,
        status: u16,
    ) -> (Duration, Answer) {
        self.tick();
        let (time, answer) = self.store.block_on(async {
            let begun = Instant::now();
            let answer = self.server.request(&self.token, method, path, body).await;
            (begun.elapsed(), answer)
        });
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.text());
        (time, answer)
    }

    /// The clock of a test stands still; here each request has a time of its own.
    fn tick(&self) {
        self.store.clock.advance(Duration::from_millis(1));
    }

    /// Someone, by their place in the list of people.
    pub(crate) fn somebody(&mut self) -> usize {
        self.below(self.size)
    }

    /// A number below another, the same in every run.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.chance.below(end)
    }

    /// A number that no one has had.
    pub(crate) fn next_number(&mut self) -> usize {
        self.next += 1;
        self.next
    }

    pub(crate) fn token(&self) -> &str {
        &self.token
    }
}

/// The name of an engine.
pub(crate) fn name(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => "SQLite",
        Engine::Postgres => "PostgreSQL",
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

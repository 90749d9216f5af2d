//! The reference model: the whole server against plain documents in memory.
//!
//! A *case* is a number. It makes an organization with a generated definition ([`schema`]) and a
//! row of generated requests ([`request`]). The server and the model ([`world`]) answer each
//! ([`game`]), and no answer may differ: status, keyword, body, order and totals of lists, versions.
//! A list may be walked by cursor, and other requests come between its pages.
//!
//! The model shares no code with the server. It is written from the RFCs and from `docs/`, and
//! keeps everything in one list that it walks over for every answer.
//!
//! What a client can ask for and the model does not yet know: operations of a bulk request that
//! refer to each other in a circle; times (`meta.created`, `meta.lastModified`) in filters; SCIM
//! 1.1; profiles other than `generic`; discovery.

mod ask;
mod body;
mod bulk;
mod condition;
mod dice;
mod document;
mod filter;
mod game;
mod list;
mod membership;
mod operation;
mod patch;
mod request;
mod schema;
mod search;
mod world;

use std::collections::BTreeMap;

use testkit::{Engine, TestServer, TestStore};

use self::{
    ask::Answer,
    dice::Dice,
    game::{Exchange, Game},
    request::Request,
};

/// Requests in one case.
const LENGTH: usize = 200;
/// Cases of an ordinary run.
const CASES: u64 = 10;
/// The answers that come at least once in a case, on average.
const REACHED: [&str; 14] = [
    "200",
    "201",
    "204",
    "304",
    "400",
    "404",
    "409",
    "412",
    "bulk 200",
    "bulk 201",
    "bulk 204",
    "bulk 400",
    "bulk 409",
    "nextCursor",
];
/// How often a case that fails is tried with fewer requests.
const ATTEMPTS: usize = 80;

#[test]
fn sqlite() {
    run(Engine::Sqlite);
}

#[test]
fn postgres() {
    run(Engine::Postgres);
}

fn run(engine: Engine) {
    testkit::run(engine, async |store| {
        let mut run = Run {
            store,
            server: TestServer::new(store),
            foreign: Vec::new(),
            made: 0,
            answers: BTreeMap::new(),
        };
        if let Some(seed) = variable("DOORWARD_TEST_SEED") {
            run.case(seed).await;
            return;
        }
        let cases = if testkit::long() { 1_000 } else { CASES };
        for seed in 0..cases {
            run.case(seed).await;
            if (seed + 1) % 50 == 0 {
                eprintln!("{engine:?}: {} of {cases} cases", seed + 1);
            }
        }
        eprintln!("{engine:?}: {:?}", run.answers);
        // Whoever changes the generators finds out whether they still reach everything.
        for answer in REACHED {
            let often = run.answers.get(answer).copied().unwrap_or_default();
            assert!(often >= cases, "{answer} came {often} times in {cases} cases");
        }
    });
}

#[expect(clippy::disallowed_methods, reason = "how a case is asked for again")]
fn variable(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Cases on one store.
struct Run<'s> {
    store: &'s TestStore,
    server: TestServer,
    /// Ids of the organization before.
    foreign: Vec<String>,
    made: u64,
    /// How often each kind of answer came.
    answers: BTreeMap<String, u64>,
}

/// Where the answers differ.
struct Difference {
    number: usize,
    request: String,
    server: Answer,
    model: Answer,
}

impl Run<'_> {
    async fn case(&mut self, seed: u64) {
        let all: Vec<usize> = (0..LENGTH).collect();
        let Some(mut difference) = self.play(seed, &all).await else { return };
        // Only what came before matters, and of that perhaps little.
        let mut kept: Vec<usize> = (0..=difference.number).collect();
        let (mut piece, mut attempts) = (kept.len() / 2, 0);
        while piece > 0 {
            let mut start = 0;
            while start + piece < kept.len() && attempts < ATTEMPTS {
                attempts += 1;
                let mut fewer = kept.clone();
                fewer.drain(start..start + piece);
                match self.play(seed, &fewer).await {
                    Some(smaller) => {
                        kept = fewer;
                        kept.retain(|number| *number <= smaller.number);
                        difference = smaller;
                    }
                    None => start += piece,
                }
            }
            piece /= 2;
        }
        eprintln!("The requests that lead there:");
        self.tell(seed, &kept).await;
        let Difference { number, request, server, model } = difference;
        panic!(
            "case {seed}, request {number}: the server and the model differ.\n\n{request}\n\n\
             server: {server}\n\nmodel: {model}\n\n\
             Again: DOORWARD_TEST_SEED={seed} cargo test -p doorward --test it model::",
        );
    }

    /// Plays these requests of a case, up to the first that is answered in two ways.
    async fn play(&mut self, seed: u64, numbers: &[usize]) -> Option<Difference> {
        self.through(seed, numbers, |_, _| {}).await
    }

    /// Plays them once more, and prints them.
    async fn tell(&mut self, seed: u64, numbers: &[usize]) {
        self.through(seed, numbers, |request, answer| {
            eprintln!("{request}\n=> {answer}\n");
        })
        .await;
    }

    fn count(&mut self, answer: &Answer) {
        let mut count = |kind: String| *self.answers.entry(kind).or_default() += 1;
        count(answer.status.to_string());
        if answer.body.get("nextCursor").is_some() {
            count("nextCursor".to_owned());
        }
        for outcome in answer.body["Operations"].as_array().into_iter().flatten() {
            count(format!("bulk {}", outcome["status"].as_str().expect("a status")));
        }
    }

    async fn through(
        &mut self,
        seed: u64,
        numbers: &[usize],
        mut tell: impl FnMut(&Request, &Answer),
    ) -> Option<Difference> {
        self.made += 1;
        let slug = format!("case-{}", self.made);
        let mut game = Game::new(self.store, &self.server, seed, &slug).await;
        let mut difference = None;
        for number in numbers {
            let mut dice = Dice::of_operation(seed, *number);
            let request = Request::next(&mut dice, &game.world, &self.foreign);
            let exchanges = game.play(&mut dice, request, &self.foreign).await;
            for Exchange { request, server, model } in exchanges {
                self.count(&server);
                tell(&request, &server);
                if server != model {
                    let request = request.to_string();
                    difference = Some(Difference { number: *number, request, server, model });
                    break;
                }
            }
            if difference.is_some() {
                break;
            }
        }
        self.foreign = game.world.records.into_iter().map(|record| record.id).collect();
        difference
    }
}

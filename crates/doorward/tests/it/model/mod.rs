//! The reference model: the whole server against plain documents in memory.
//!
//! A *case* is a number. It makes an organization with a generated definition ([`schema`]) and a
//! row of generated requests ([`request`]). The server and the model ([`world`]) answer each, and
//! no answer may differ: status, keyword, body, order and totals of lists, versions.
//!
//! The model shares no code with the server. It is written from the RFCs and from `docs/`, and
//! keeps everything in one list that it walks over for every answer.
//!
//! What a client can ask for and the model does not yet know: changes between the pages of a walk by
//! cursor, operations of a bulk request that refer to each other in a circle, SCIM 1.1, profiles
//! other than `generic`, discovery.

mod ask;
mod body;
mod bulk;
mod condition;
mod dice;
mod document;
mod filter;
mod list;
mod membership;
mod operation;
mod patch;
mod request;
mod schema;
mod search;
mod walk;
mod world;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use directory::{
    connection::Provider,
    schemas::{self, Scope},
};
use serde_json::Value as Json;
use testkit::{Engine, TestServer, TestStore};

use self::{
    ask::{Answer, Fresh, Intent},
    dice::Dice,
    document::Document,
    request::Request,
    world::World,
};
use crate::scim::support::{Door, Reply};

/// Requests in one case.
const LENGTH: usize = 200;
/// Cases of an ordinary run.
const CASES: u64 = 10;
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
            statuses: BTreeMap::new(),
        };
        if let Some(seed) = variable("DOORWARD_TEST_SEED") {
            run.case(seed).await;
            return;
        }
        let cases = match engine {
            _ if !testkit::long() => CASES,
            Engine::Sqlite => 1_000,
            Engine::Postgres => 200,
        };
        for seed in 0..cases {
            run.case(seed).await;
            if (seed + 1) % 50 == 0 {
                eprintln!("{engine:?}: {} of {cases} cases", seed + 1);
            }
        }
        eprintln!("{engine:?}: answers by status: {:?}", run.statuses);
        // Whoever changes the generators finds out whether they still reach everything.
        for status in [200, 201, 204, 304, 400, 404, 409, 412] {
            let often = run.statuses.get(&status).copied().unwrap_or_default();
            assert!(often >= cases, "{status} came {often} times in {cases} cases");
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
    /// How often each status came.
    statuses: BTreeMap<u16, u64>,
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

    async fn through(
        &mut self,
        seed: u64,
        numbers: &[usize],
        mut tell: impl FnMut(&Request, &Answer),
    ) -> Option<Difference> {
        self.made += 1;
        let organization = self.store.organization(&format!("case-{}", self.made)).await;
        let (types, definition) = schema::generated(&mut Dice::new(seed));
        let definition = serde_json::from_value(definition).expect("a definition");
        let scope = Scope::Organization(organization.tenant);
        schemas::register(&self.store.store, scope, &definition, &mut |_| {})
            .await
            .expect("a definition that can be registered");
        let first = Door::of(self.server.clone(), &organization, Provider::Other).await;
        let doors = [first.clone(), first.beside(Provider::Other).await];
        let mut world = World::new(types);
        let mut known: BTreeSet<String> = BTreeSet::new();
        let mut difference = None;
        for number in numbers {
            let mut dice = Dice::of_operation(seed, *number);
            let request = Request::next(&mut dice, &world, &self.foreign);
            self.store.clock.advance(Duration::from_secs(1));
            let door = &doors[request.ask.connection];
            let (mut server, id) = match request.ask.intent {
                Intent::Walk(_) => (walk::walk(door, &request).await, None),
                _ => tidied(&request.send(door).await),
            };
            let new = |id: Option<String>| id.filter(|id| !known.contains(id)).unwrap_or_default();
            let mut fresh = Fresh {
                id: new(id),
                version: server.version.unwrap_or_default(),
                ..Fresh::default()
            };
            for outcome in server.body["Operations"].as_array().into_iter().flatten() {
                if let Some(name) = outcome["bulkId"].as_str() {
                    let id = outcome["location"].as_str().and_then(|it| it.rsplit('/').next());
                    let version = outcome["version"].as_str().and_then(version).unwrap_or_default();
                    let part =
                        Fresh { id: new(id.map(str::to_owned)), version, ..Fresh::default() };
                    fresh.parts.insert(name.to_owned(), part);
                }
            }
            let mut model = world.answer(&request.ask, &fresh);
            model.body = numbered(model.body);
            server.body = numbered(server.body);
            known.extend(world.records.iter().map(|record| record.id.clone()));
            *self.statuses.entry(server.status).or_default() += 1;
            tell(&request, &server);
            if server != model {
                let request = request.to_string();
                difference = Some(Difference { number: *number, request, server, model });
                break;
            }
        }
        self.foreign = world.records.into_iter().map(|record| record.id).collect();
        difference
    }
}

/// The number in an entity tag.
fn version(tag: &str) -> Option<u64> {
    tag.strip_prefix("W/\"")?.strip_suffix('"')?.parse().ok()
}

/// An answer of the server without what only its clock knows, and without the sentence of an
/// error; and the id of the resource in it.
fn tidied(answer: &Reply) -> (Answer, Option<String>) {
    let (status, mut body) = (answer.status, answer.json());
    let version = answer.header("etag").map(|tag| version(tag).expect("the tag of a version"));
    let id = body["id"].as_str().map(str::to_owned);
    if let Some(object) = body.as_object_mut() {
        if status >= 400 {
            without_detail(object);
        }
        for outcome in
            object.get_mut("Operations").and_then(Json::as_array_mut).into_iter().flatten()
        {
            if let Some(error) = outcome.get_mut("response").and_then(Json::as_object_mut) {
                without_detail(error);
            }
        }
        if let Some(resources) = object.get_mut("Resources").and_then(Json::as_array_mut) {
            resources.iter_mut().for_each(without_times);
        }
    }
    without_times(&mut body);
    (Answer { status, version, body }, id)
}

/// Each error has a sentence, whichever it is.
fn without_detail(error: &mut Document) {
    let detail = error.shift_remove("detail");
    assert!(detail.is_some_and(|it| it.as_str().is_some_and(|it| !it.is_empty())));
}

fn without_times(resource: &mut Json) {
    if let Some(meta) = resource.get_mut("meta").and_then(Json::as_object_mut) {
        meta.shift_remove("created");
        meta.shift_remove("lastModified");
    }
}

/// The same with one way to write each number.
fn numbered(value: Json) -> Json {
    match value {
        Json::Array(values) => values.into_iter().map(numbered).collect(),
        Json::Object(object) => {
            object.into_iter().map(|(name, value)| (name, numbered(value))).collect()
        }
        value => document::plain_number(value),
    }
}

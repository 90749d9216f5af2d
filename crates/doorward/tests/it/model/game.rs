//! [`Game`]: a case that is played, request by request.

use std::{collections::BTreeSet, time::Duration};

use directory::{connection::Provider, schemas};
use serde_json::{Value as Json, json};
use testkit::{TestServer, TestStore};

use super::{
    ask::{Answer, Fresh, Intent},
    dice::Dice,
    document::{self, Document},
    list::{Cursor, List, SOME_CURSOR},
    request::Request,
    schema,
    world::{RELATED, World},
};
use crate::scim::support::{Client, Reply};

/// A case that is played: an organization as the server has it, and as the model has it.
pub(super) struct Game<'g> {
    store: &'g TestStore,
    /// As its two connections see it.
    clients: [Client; 2],
    pub(super) world: World,
    /// Every id that was given out.
    known: BTreeSet<String>,
}

/// A request with the answers of both.
pub(super) struct Exchange {
    pub(super) request: Request,
    pub(super) server: Answer,
    pub(super) model: Answer,
}

impl<'g> Game<'g> {
    /// An organization with the generated definition of a case.
    pub(super) async fn new(
        store: &'g TestStore,
        server: &TestServer,
        seed: u64,
        slug: &str,
    ) -> Self {
        let organization = store.organization(slug).await;
        let (types, definition) = schema::generated(&mut Dice::new(seed));
        let definition = serde_json::from_value(definition).expect("a definition");
        schemas::register(&store.store, &organization.operator, &definition, &mut |_| {})
            .await
            .expect("a definition that can be registered");
        let first = Client::of(server.clone(), &organization, Provider::Other).await;
        let clients = [first.clone(), first.beside(Provider::Other).await];
        Self { store, clients, world: World::new(types), known: BTreeSet::new() }
    }

    /// Plays a request, and all that belongs to it, up to the first difference.
    pub(super) async fn play(
        &mut self,
        dice: &mut Dice,
        request: Request,
        foreign: &[String],
    ) -> Vec<Exchange> {
        match request.ask.intent.clone() {
            Intent::Walk(list) => self.walk(dice, request, &list, foreign).await,
            _ => vec![self.single(request).await],
        }
    }

    async fn single(&mut self, request: Request) -> Exchange {
        self.store.clock.advance(Duration::from_secs(1));
        let reply = request.send(&self.clients[request.ask.connection]).await;
        let (server, id) = tidied(&reply);
        let fresh = self.fresh(id.as_deref(), &server);
        let model = self.world.answer(&request.ask, &fresh).numbered();
        self.known.extend(self.world.records.iter().map(|record| record.id.clone()));
        Exchange { request, server: server.numbered(), model }
    }

    /// From page to page by cursor, to the end; and between two pages others may come.
    async fn walk(
        &mut self,
        dice: &mut Dice,
        request: Request,
        list: &List,
        foreign: &[String],
    ) -> Vec<Exchange> {
        let mut exchanges = Vec::new();
        let (mut text, mut cursor) = (String::new(), None::<Cursor>);
        loop {
            let page = request.at_cursor(&text);
            let reply = page.send(&self.clients[page.ask.connection]).await;
            let (mut server, _) = tidied(&reply);
            if let Some(next) = server.body.get_mut("nextCursor") {
                next.as_str().expect("a text").clone_into(&mut text);
                *next = json!(SOME_CURSOR);
            }
            let (model, next) = match self.world.page(list, &page.ask.wanted, cursor.as_ref()) {
                Ok((page, next)) => (page, next),
                Err(refusal) => (refusal.into(), None),
            };
            let (server, model) = (server.numbered(), model.numbered());
            let is_over = next.is_none() || server != model;
            exchanges.push(Exchange { request: page, server, model });
            if is_over {
                return exchanges;
            }
            cursor = next;
            while dice.percent(25) {
                let other = Request::next(dice, &self.world, foreign);
                if matches!(other.ask.intent, Intent::Walk(_)) {
                    continue;
                }
                let exchange = self.single(other).await;
                let is_over = exchange.server != exchange.model;
                exchanges.push(exchange);
                if is_over {
                    return exchanges;
                }
            }
        }
    }

    /// What the server gives to what comes to be.
    fn fresh(&self, id: Option<&str>, answer: &Answer) -> Fresh {
        let one = |id: Option<&str>, version: Option<u64>| Fresh {
            id: id.filter(|id| !self.known.contains(*id)).unwrap_or_default().to_owned(),
            version: version.unwrap_or_default(),
            ..Fresh::default()
        };
        let mut fresh = one(id, answer.version);
        for outcome in answer.body["Operations"].as_array().into_iter().flatten() {
            if let Some(name) = outcome["bulkId"].as_str() {
                let id = outcome["location"].as_str().and_then(|it| it.rsplit('/').next());
                let version = outcome["version"].as_str().and_then(version).map(|it| it.0);
                fresh.parts.insert(name.to_owned(), one(id, version));
            }
        }
        fresh
    }
}

impl Answer {
    /// The same with one way to write each number.
    fn numbered(self) -> Self {
        Self { body: numbered(self.body), ..self }
    }
}

/// The number in an entity tag, and whether more follows.
fn version(tag: &str) -> Option<(u64, bool)> {
    let inside = tag.strip_prefix("W/\"")?.strip_suffix('"')?;
    let (version, digest) = inside.split_once('-').map_or((inside, None), |(a, b)| (a, Some(b)));
    assert!(digest.is_none_or(|digest| digest.len() == 16), "{tag}");
    Some((version.parse().ok()?, digest.is_some()))
}

/// An answer of the server without what only its clock knows, and without the sentence of an
/// error; and the id of the resource in it.
fn tidied(answer: &Reply) -> (Answer, Option<String>) {
    let (status, mut body) = (answer.status, answer.json());
    let tag = answer.header("etag");
    if let (Some(tag), Some(shown)) = (tag, body["meta"]["version"].as_str()) {
        assert_eq!(tag, shown, "RFC 7643 §3.1: meta.version is the entity tag");
    }
    let (version, related) = match tag.map(|tag| version(tag).expect("the tag of a version")) {
        Some((version, related)) => (Some(version), related),
        None => (None, false),
    };
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
            resources.iter_mut().for_each(tidy_meta);
        }
    }
    tidy_meta(&mut body);
    (Answer { status, version, related, body }, id)
}

/// Each error has a sentence, whichever it is.
fn without_detail(error: &mut Document) {
    let detail = error.shift_remove("detail");
    assert!(detail.is_some_and(|it| it.as_str().is_some_and(|it| !it.is_empty())));
}

/// Without times, and without the digest in the version.
fn tidy_meta(resource: &mut Json) {
    let Some(meta) = resource.get_mut("meta").and_then(Json::as_object_mut) else { return };
    meta.shift_remove("created");
    meta.shift_remove("lastModified");
    if let Some(shown) = meta.get_mut("version")
        && let Some((version, true)) = shown.as_str().and_then(version)
    {
        *shown = json!(format!("W/\"{version}-{RELATED}\""));
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

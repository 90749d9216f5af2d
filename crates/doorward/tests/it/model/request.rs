//! [`Request`]: one request of a case, as it goes over the wire and as the model understands it.

use std::fmt;

use serde_json::{Value as Json, json};

use super::{
    ask::{Ask, Intent},
    body,
    bulk::Bulk,
    condition::Condition,
    dice::Dice,
    document::Wanted,
    operation, search,
    world::{GROUP, NOBODY, THING, USER, World},
};
use crate::scim::support::{Client, Reply};

#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) method: &'static str,
    pub(super) path: String,
    pub(super) body: Option<Json>,
    pub(super) ask: Ask,
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[connection {}] {} {}", self.ask.connection, self.method, self.path)?;
        for (name, value) in self.ask.condition.headers() {
            write!(f, "\n{name}: {value}")?;
        }
        match &self.body {
            Some(body) => write!(f, "\n{body:#}"),
            None => Ok(()),
        }
    }
}

impl Request {
    /// Sends it, and waits for the answer.
    pub(super) async fn send(&self, client: &Client) -> Reply {
        let body = self.body.as_ref().map(Json::to_string);
        let headers = self.ask.condition.headers();
        client.request_with(self.method, &self.path, &headers, body.as_deref()).await
    }

    /// The same for the page of a walk.
    pub(super) fn at_cursor(&self, cursor: &str) -> Self {
        let mut page = self.clone();
        if let Some(body) = &mut page.body {
            body["cursor"] = json!(cursor);
        } else {
            let path = &mut page.path;
            path.push(if path.contains('?') { '&' } else { '?' });
            path.push_str("cursor=");
            path.push_str(cursor);
        }
        page
    }

    /// The next request to an organization. `foreign` are ids of another one.
    pub(super) fn next(dice: &mut Dice, world: &World, foreign: &[String]) -> Self {
        let connection = usize::from(dice.percent(15));
        let kind = a_kind(dice);
        let few = world.of(kind).count() < 4;
        match dice.below(if few { 200 } else { 100 }) {
            0..24 => {
                // RFC 7644 §3.4.2.1: at the base URL, all types.
                let kind = (!dice.percent(25)).then_some(kind);
                search::list(dice, world, kind, connection)
            }
            24..30 => Bulk::request(dice, world, foreign, connection),
            30..38 => {
                let intent = Intent::Get { kind, id: id(dice, world, kind, foreign) };
                Self::single(dice, world, intent, connection)
            }
            _ => {
                let intent = change(dice, world, kind, foreign);
                Self::single(dice, world, intent, connection)
            }
        }
    }

    fn single(dice: &mut Dice, world: &World, intent: Intent, connection: usize) -> Self {
        let of = &world.types[intent.kind().expect("of one type")];
        let wanted = if dice.percent(20) { search::wanted(dice, &[of]) } else { Wanted::default() };
        // Now and then also where there is no version: it is without effect there.
        let often = if matches!(intent, Intent::Get { .. }) { 60 } else { 20 };
        let condition = if dice.percent(often) {
            Condition::generated(dice, world.version(&intent))
        } else {
            Condition::default()
        };
        let mut path = intent.path(world);
        path.push_str(&search::query(&search::wanted_parameters(&wanted)));
        let (method, body) = (intent.method(), data(dice, &intent));
        let ask = Ask { connection, intent, wanted, condition };
        Self { method, path, body, ask }
    }
}

/// A type, the one more often than the other.
pub(super) fn a_kind(dice: &mut Dice) -> usize {
    *dice.pick(&[USER, USER, GROUP, GROUP, THING])
}

/// A change that someone might ask for.
pub(super) fn change(dice: &mut Dice, world: &World, kind: usize, foreign: &[String]) -> Intent {
    let few = world.of(kind).count() < 4;
    let id = id(dice, world, kind, foreign);
    match dice.below(67) {
        number if number < 18 || (few && number < 50) => {
            Intent::Create { kind, body: body::body(dice, world, kind, None) }
        }
        18..30 => {
            let at = world.find(&id).filter(|at| world.records[*at].kind == kind);
            Intent::Replace { kind, id, body: body::body(dice, world, kind, at) }
        }
        30..60 => {
            let operations =
                (0..=dice.below(3)).map(|_| operation::operation(dice, world, kind)).collect();
            Intent::Patch { kind, id, operations }
        }
        _ => Intent::Delete { kind, id },
    }
}

/// The body that goes with it.
pub(super) fn data(dice: &mut Dice, intent: &Intent) -> Option<Json> {
    match intent {
        Intent::Create { body, .. } | Intent::Replace { body, .. } => {
            Some(Json::Object(body.clone()))
        }
        Intent::Patch { operations, .. } => Some(operation::patch_body(dice, operations)),
        _ => None,
    }
}

/// Whose resource a request is about: mostly one that is there.
fn id(dice: &mut Dice, world: &World, kind: usize, foreign: &[String]) -> String {
    let own: Vec<&str> = world.of(kind).map(|record| record.id.as_str()).collect();
    let others: Vec<&str> = world.records.iter().map(|record| record.id.as_str()).collect();
    match dice.below(50) {
        0 => dice.maybe(foreign).cloned().unwrap_or_else(|| NOBODY.to_owned()),
        1 => dice.maybe(&others).map_or_else(|| NOBODY.to_owned(), |id| (*id).to_owned()),
        _ => dice.maybe(&own).map_or_else(
            || "8a2c1f0e-0000-4000-8000-00000000000a".to_owned(),
            |id| (*id).to_owned(),
        ),
    }
}

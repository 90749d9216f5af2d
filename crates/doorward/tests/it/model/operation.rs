//! [`Request`]: one operation of a case, as it goes over the wire and as the model understands it.

use std::fmt;

use serde_json::{Value as Json, json};

use super::{
    ask::{Ask, Intent},
    body::{self, member, members, written},
    condition::Condition,
    dice::Dice,
    document::{Document, Wanted},
    patch::{Op, Operation, Selected, Target},
    schema::Type,
    search,
    world::{GROUP, NOBODY, THING, USER, World},
};
use crate::scim::support::{Door, Reply};

/// A request, as it goes over the wire and as the model understands it.
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
    pub(super) async fn send(&self, door: &Door) -> Reply {
        let body = self.body.as_ref().map(Json::to_string);
        let headers = self.ask.condition.headers();
        door.request_with(self.method, &self.path, &headers, body.as_deref()).await
    }

    /// The next request to an organization. `foreign` are ids of another one.
    pub(super) fn next(dice: &mut Dice, world: &World, foreign: &[String]) -> Self {
        let connection = usize::from(dice.percent(15));
        let kind = *dice.pick(&[USER, USER, GROUP, GROUP, THING]);
        let of = &world.types[kind];
        let wanted = if dice.percent(20) { search::wanted(dice, &[of]) } else { Wanted::default() };
        let id = id(dice, world, kind, foreign);
        let at = world.find(&id).filter(|at| world.records[*at].kind == kind);
        let few = world.of(kind).count() < 4;
        let (method, intent, body) = match dice.below(100) {
            number if number < 18 || (few && number < 50) => {
                let body = body::body(dice, world, kind, None);
                let sent = Json::Object(body.clone());
                ("POST", Intent::Create { kind, body }, Some(sent))
            }
            18..30 => {
                let body = body::body(dice, world, kind, at);
                let sent = Json::Object(body.clone());
                ("PUT", Intent::Replace { kind, id: id.clone(), body }, Some(sent))
            }
            30..60 => {
                let operations: Vec<Operation> =
                    (0..=dice.below(3)).map(|_| operation(dice, world, kind)).collect();
                let sent = patch_body(dice, &operations);
                ("PATCH", Intent::Patch { kind, id: id.clone(), operations }, Some(sent))
            }
            60..67 => ("DELETE", Intent::Delete { kind, id: id.clone() }, None),
            67..75 => ("GET", Intent::Get { kind, id: id.clone() }, None),
            _ => {
                // RFC 7644 §3.4.2.1: at the base URL, all types.
                let kind = (!dice.percent(25)).then_some(kind);
                return search::list(dice, world, kind, connection);
            }
        };
        let mut path = match intent {
            Intent::Create { .. } => of.endpoint.clone(),
            _ => format!("{}/{id}", of.endpoint),
        };
        path.push_str(&search::query(&search::wanted_parameters(&wanted)));
        // Now and then also where there is no version: it is without effect there.
        let often = if method == "GET" { 60 } else { 20 };
        let condition = if dice.percent(often) {
            Condition::generated(dice, at.map(|at| world.records[at].version))
        } else {
            Condition::default()
        };
        let ask = Ask { connection, intent, wanted, condition };
        Self { method, path, body, ask }
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

fn patch_body(dice: &mut Dice, operations: &[Operation]) -> Json {
    let operations: Vec<Json> = operations
        .iter()
        .map(|Operation { op, path, value }| {
            let mut name = op.name().to_owned();
            if dice.percent(15) {
                name[..1].make_ascii_uppercase();
            }
            let mut operation = json!({ "op": name });
            if let Some((path, _)) = path {
                operation["path"] = json!(path);
            }
            if let Some(value) = value {
                operation["value"] = value.clone();
            }
            operation
        })
        .collect();
    json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": operations,
    })
}

fn operation(dice: &mut Dice, world: &World, kind: usize) -> Operation {
    let of = &world.types[kind];
    let op = *dice.pick(&[Op::Add, Op::Add, Op::Replace, Op::Replace, Op::Replace, Op::Remove]);
    if kind == GROUP && dice.percent(65) {
        return on_members(dice, world);
    }
    match dice.below(40) {
        0 => {
            let path = Some(("shoeSize".to_owned(), Target::Unknown));
            return Operation { op, path, value: Some(json!(44)) };
        }
        1 => return Operation { op, path: None, value: Some(json!("lost")) },
        2..14 => {
            let op = if dice.percent(90) && op == Op::Remove { Op::Replace } else { op };
            return Operation { op, path: None, value: Some(Json::Object(names(dice, of))) };
        }
        14 | 15 => {
            if let Some(extension) = dice.maybe(&of.extensions) {
                let mut value = Document::new();
                for attribute in &extension.attributes {
                    if dice.percent(40) {
                        let name = dice.spelled(&attribute.name);
                        value.insert(name, body::value(dice, attribute));
                    }
                }
                let value = (op != Op::Remove).then_some(Json::Object(value));
                let urn = extension.urn.clone();
                return Operation { op, path: Some((urn.clone(), Target::Extension(urn))), value };
            }
        }
        _ => {}
    }
    let place = body::place(dice, of);
    if place.attribute.name == "members" {
        return on_members(dice, world);
    }
    let attribute = &place.attribute;
    let brackets = (attribute.multi && dice.percent(60)) || dice.percent(2);
    let selector = brackets.then(|| body::selector(dice, attribute));
    let mut path = written(dice, of, &place);
    if let Some(selector) = &selector {
        let whole = super::schema::Place { sub: None, ..place.clone() };
        let sub = place.sub.as_ref().map(|sub| format!(".{}", sub.name)).unwrap_or_default();
        path = format!("{}[{}]{sub}", written(dice, of, &whole), selector.text());
    }
    let value = match (&place.sub, selector.is_some()) {
        (Some(sub), _) => body::value(dice, sub),
        (None, true) if attribute.multi && !dice.percent(10) => {
            let single = super::schema::Attribute { multi: false, ..(**attribute).clone() };
            body::value(dice, &single)
        }
        _ => body::value(dice, attribute),
    };
    let value = match op {
        Op::Remove => dice.percent(15).then_some(value),
        _ => dice.percent(98).then_some(value),
    };
    Operation { op, path: Some((path, Target::Place(place, selector))), value }
}

/// The value of an operation without a path: names, full names, dotted names, extensions.
fn names(dice: &mut Dice, of: &Type) -> Document {
    let mut names = Document::new();
    for _ in 0..=dice.below(3) {
        match dice.below(30) {
            0 => {
                names.insert("shoeSize".to_owned(), json!(44));
            }
            1 => {
                names.insert("meta".to_owned(), json!({ "resourceType": "Odd" }));
            }
            2 => {
                names.insert("id".to_owned(), dice.pick(&[Json::Null, json!("odd")]).clone());
            }
            3 | 4 => {
                if let Some(extension) = dice.maybe(&of.extensions) {
                    let mut value = Document::new();
                    for attribute in &extension.attributes {
                        if dice.percent(40) {
                            value.insert(attribute.name.clone(), body::value(dice, attribute));
                        }
                    }
                    names.insert(extension.urn.clone(), Json::Object(value));
                }
            }
            _ => {
                let place = body::place(dice, of);
                if place.attribute.name != "members" {
                    names.insert(place.name(), body::value(dice, place.leaf()));
                }
            }
        }
    }
    names
}

/// Members come and go in the forms of the RFC, of Okta and of Entra.
fn on_members(dice: &mut Dice, world: &World) -> Operation {
    let name = dice.spelled("members");
    let path = |text: String, selected| Some((text, Target::Members(selected)));
    let value = Some(members(dice, world));
    match dice.below(12) {
        0..4 => Operation { op: Op::Add, path: path(name, Selected::All), value },
        4 => Operation { op: Op::Replace, path: path(name, Selected::All), value },
        5 => Operation { op: Op::Remove, path: path(name, Selected::All), value: None },
        6 => Operation { op: Op::Remove, path: path(name, Selected::All), value },
        7 => {
            let op = *dice.pick(&[Op::Add, Op::Replace]);
            Operation { op, path: None, value: Some(json!({ name: value })) }
        }
        8 => {
            let kind = *dice.pick(&["User", "Group", "group"]);
            let text = format!("{name}[type eq \"{kind}\"]");
            let op = Op::Remove;
            Operation { op, path: path(text, Selected::Kind(kind.to_owned())), value: None }
        }
        _ => {
            let ids: Vec<String> = (0..=dice.below(2)).map(|_| member(dice, world)).collect();
            let terms: Vec<String> = ids.iter().map(|id| format!("value eq \"{id}\"")).collect();
            let text = format!("{name}[{}]", terms.join(" or "));
            let op = if dice.percent(4) { Op::Add } else { Op::Remove };
            let value = if op == Op::Add { value } else { None };
            Operation { op, path: path(text, Selected::Ids(ids)), value }
        }
    }
}

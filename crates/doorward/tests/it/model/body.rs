//! What clients send: values of an attribute, bodies, selectors and filters.

use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::{
    dice::Dice,
    document::{self, Document},
    filter::{Compare, Filter, Subject},
    schema::{Attribute, Kind, Place, Type},
    world::{GROUP, World},
};

const TEXTS: [&str; 14] = [
    "Ada", "ada", "ADA", "Bob", "bob", "zoë", "ZOË", "a b", "x\"y\\z", "straße", "STRASSE", "7",
    "work", "home",
];
const TIMES: [&str; 7] = [
    "2026-01-01T00:00:00Z",
    "2026-01-01T01:00:00+01:00",
    "2025-12-31T23:59:59.5Z",
    "2026-06-01T12:00:00Z",
    "1969-07-20T20:17:40Z",
    "2026-01-01T00:00:00",
    "2026-06-01T12:00:00.5",
];
const PEOPLE: [&str; 9] =
    ["ada", "Ada", "ADA", "bob", "Bob", "zoë", "ZOË", "eve@example.com", "Eve@Example.com"];
const OUTSIDE: [&str; 5] = ["00u1", "00u2", "00U2", "00u3", "00g1"];

/// A value of the attribute's own type.
pub(super) fn simple(dice: &mut Dice, attribute: &Attribute) -> Json {
    match attribute.name.as_str() {
        "userName" => return json!(dice.pick(&PEOPLE)),
        "externalId" => return json!(dice.pick(&OUTSIDE)),
        "type" => return json!(dice.pick(&["work", "home", "Work"])),
        _ => {}
    }
    match attribute.kind {
        Kind::Boolean => json!(dice.percent(50)),
        Kind::Integer if attribute.unique => json!(dice.below(25)),
        Kind::Integer => dice.pick(&[json!(-1), json!(0), json!(2), json!(i64::MAX)]).clone(),
        Kind::Decimal if attribute.unique => {
            json!(f64::from(u8::try_from(dice.below(40)).expect("small")) / 2.0)
        }
        Kind::Decimal => dice.pick(&[json!(1.5), json!(-0.25), json!(2), json!(2.0)]).clone(),
        Kind::DateTime if attribute.unique => {
            json!(format!("2026-01-{:02}T00:00:00Z", 1 + dice.below(28)))
        }
        Kind::DateTime => json!(dice.pick(&TIMES)),
        Kind::Text | Kind::Complex if attribute.unique => {
            let number = dice.below(25);
            json!(dice.spelled(&format!("Name-{number}")))
        }
        Kind::Text | Kind::Complex => json!(dice.pick(&TEXTS)),
    }
}

/// A value as some client might send it: mostly right, at times odd, at times wrong.
fn one(dice: &mut Dice, attribute: &Attribute) -> Json {
    match dice.below(60) {
        0 => return json!("yesterday"),
        1 => return Json::Null,
        2 => return json!(""),
        3 => return dice.pick(&[json!([]), json!({}), json!(true), json!(1.5), json!(7)]).clone(),
        4 => return dice.pick(&[json!(" "), json!("a\tb")]).clone(),
        _ => {}
    }
    if attribute.kind != Kind::Complex {
        let value = simple(dice, attribute);
        return match value {
            Json::Bool(value) if dice.percent(10) => {
                json!(if value { "True" } else { "false" })
            }
            Json::Number(number) if dice.percent(10) => json!(number.to_string()),
            value => value,
        };
    }
    if dice.percent(5) && attribute.sub("value").is_some() {
        let value = attribute.sub("value").expect("just seen");
        return simple(dice, value);
    }
    let mut parts = Document::new();
    for sub in &attribute.subs {
        let often = match sub.name.as_str() {
            "primary" => 25,
            "value" => 85,
            _ => 50,
        };
        if dice.percent(often) {
            parts.insert(dice.spelled(&sub.name), one(dice, sub));
        }
    }
    if dice.percent(3) {
        parts.insert("nobody".to_owned(), json!("knows"));
    }
    Json::Object(parts)
}

/// The value of an attribute, or all of its values.
pub(super) fn value(dice: &mut Dice, attribute: &Attribute) -> Json {
    if !attribute.multi || dice.percent(4) {
        return one(dice, attribute);
    }
    Json::Array((0..dice.below(4)).map(|_| one(dice, attribute)).collect())
}

/// The body of a POST or PUT: a new one, or the one that is there with changes.
pub(super) fn body(dice: &mut Dice, world: &World, kind: usize, base: Option<usize>) -> Document {
    let of = &world.types[kind];
    let mut body = match base {
        Some(at) if dice.percent(30) => world.whole(at),
        Some(at) => world.records[at].document.clone(),
        None => Document::new(),
    };
    body.shift_remove("members");
    for place in of.places() {
        let attribute = &place.attribute;
        let often = match (base, attribute.name.as_str()) {
            _ if attribute.read_only => 0,
            (Some(_), _) => 12,
            (None, _) if attribute.required => 97,
            (None, "externalId" | "active") => 35,
            (None, _) if of.extensions.iter().any(|it| it.required) => 60,
            (None, _) => 30,
        };
        if !dice.percent(often) {
            continue;
        }
        if base.is_some() && dice.percent(30) {
            document::put(&mut body, &place, None);
            continue;
        }
        let extension_is_there = body.contains_key(place.extension.as_deref().unwrap_or("schemas"));
        let value = value(dice, attribute);
        if place.extension.is_some() && !extension_is_there && dice.percent(15) {
            // Under its full name, in the body itself.
            body.insert(place.name(), value);
        } else {
            document::put(&mut body, &place, Some(value));
        }
    }
    // A full name and the extension as an object would be two places for one value.
    let full: Vec<String> =
        body.keys().filter(|name| of.extension(name).is_some()).cloned().collect();
    body.retain(|name, _| !full.iter().any(|urn| name.starts_with(&format!("{urn}:"))));
    if kind == GROUP && dice.percent(if base.is_some() { 40 } else { 60 }) {
        let members = members(dice, world);
        body.insert(dice.spelled("members"), members);
    }
    match dice.below(10) {
        0 => {}
        1 => {
            body.insert("shoeSize".to_owned(), json!(44));
        }
        _ => {
            let urns: Vec<String> = std::iter::once(of.core.urn.clone())
                .chain(of.extensions.iter().map(|it| it.urn.clone()))
                .collect();
            body.insert("schemas".to_owned(), json!(urns));
        }
    }
    body
}

/// The name of a member: someone, someone by externalId, or no one.
pub(super) fn member(dice: &mut Dice, world: &World) -> String {
    match (dice.below(10), dice.maybe(&world.records)) {
        (0, _) | (_, None) => (*dice.pick(&OUTSIDE)).to_owned(),
        (1, _) => "8a2c1f0e-0000-4000-8000-00000000000b".to_owned(),
        (_, Some(record)) => record.id.clone(),
    }
}

/// A value of `members`.
pub(super) fn members(dice: &mut Dice, world: &World) -> Json {
    if dice.percent(4) {
        let odd =
            [json!(null), json!({ "value": "00u1" }), json!([{}]), json!(["00u3"]), json!(true)];
        return dice.pick(&odd).clone();
    }
    let count = [0, 1, 1, 2, 3, 5][dice.below(6)];
    let one = |_| {
        let mut value = json!({ "value": member(dice, world) });
        if dice.percent(20) {
            value["display"] = json!("Somebody");
            value["type"] = json!(dice.pick(&["User", "Group"]));
        }
        value
    };
    Json::Array((0..count).map(one).collect())
}

/// A way to write the name of a place.
pub(super) fn written(dice: &mut Dice, of: &Type, place: &Place) -> String {
    let name = match &place.extension {
        None if dice.percent(8) => format!("{}:{}", of.core.urn, place.name()),
        _ => place.name(),
    };
    dice.spelled(&name)
}

/// An attribute of a type, or one of its parts.
pub(super) fn place(dice: &mut Dice, of: &Type) -> Place {
    let mut places = of.places();
    if of.name == "User" && dice.percent(60) {
        places.retain(|place| place.extension.as_deref().is_some_and(|it| it.contains("model")));
    }
    let mut place = dice.pick(&places).clone();
    if dice.percent(45) {
        place.sub = dice.maybe(&place.attribute.subs).cloned();
    }
    place
}

/// What an attribute is compared with.
fn literal(dice: &mut Dice, attribute: &Arc<Attribute>) -> Json {
    let attribute = attribute.sub("value").unwrap_or(attribute);
    match dice.below(40) {
        0 => Json::Null,
        1 => json!("yesterday"),
        2 => json!(7),
        3 if attribute.kind == Kind::Boolean => json!("True"),
        4 if attribute.kind == Kind::Integer => json!(2.0),
        5 if attribute.kind == Kind::Text => json!(""),
        _ => {
            let value = simple(dice, attribute);
            match value {
                // A piece of it, for `co` and its like.
                Json::String(text) if attribute.kind == Kind::Text && dice.percent(20) => {
                    json!(text.chars().take(1 + dice.below(2)).collect::<String>())
                }
                value => value,
            }
        }
    }
}

fn compare(dice: &mut Dice, attribute: &Arc<Attribute>) -> Compare {
    let (op, _) = *dice.pick(&Compare::ALL);
    let kind = attribute.sub("value").unwrap_or(attribute).kind;
    let text_only = matches!(op, Compare::Co | Compare::Sw | Compare::Ew);
    let fits = match kind {
        Kind::Text | Kind::Complex => true,
        Kind::Boolean => matches!(op, Compare::Eq | Compare::Ne),
        _ => !text_only,
    };
    if fits && dice.percent(55) || dice.percent(4) { op } else { Compare::Eq }
}

/// What stands in brackets after an attribute.
pub(super) fn selector(dice: &mut Dice, attribute: &Arc<Attribute>) -> Filter {
    let term = |dice: &mut Dice| {
        let (name, subject) = match dice.maybe(&attribute.subs) {
            Some(sub) => (dice.spelled(&sub.name), Subject::Part(Arc::clone(sub))),
            None => ("value".to_owned(), Subject::Itself(Arc::clone(attribute))),
        };
        let leaf = match &subject {
            Subject::Part(leaf) | Subject::Itself(leaf) => Arc::clone(leaf),
            _ => unreachable!("a part"),
        };
        match dice.below(20) {
            0 => Filter::Present(name, subject),
            1 => Filter::Compare("nobody".to_owned(), Subject::Unknown, Compare::Eq, json!("x")),
            2..5 => Filter::Compare(name, subject, compare(dice, &leaf), literal(dice, &leaf)),
            _ => Filter::Compare(name, subject, Compare::Eq, simple(dice, &leaf)),
        }
    };
    let first = term(dice);
    match dice.below(10) {
        0 => Filter::Or(vec![first, term(dice)]),
        1 => Filter::And(vec![first, term(dice)]),
        2 => Filter::Not(Box::new(first)),
        _ => first,
    }
}

/// A filter on resources of a type, or of all types.
pub(super) fn filter(dice: &mut Dice, world: &World, kinds: Option<usize>, depth: usize) -> Filter {
    match dice.below(10) {
        0 | 1 if depth > 0 => {
            let terms = |dice: &mut Dice| {
                (0..2 + dice.below(2)).map(|_| filter(dice, world, kinds, depth - 1)).collect()
            };
            return if dice.percent(50) {
                Filter::And(terms(dice))
            } else {
                Filter::Or(terms(dice))
            };
        }
        2 if depth > 0 => return Filter::Not(Box::new(filter(dice, world, kinds, depth - 1))),
        _ => {}
    }
    if dice.percent(2) {
        return Filter::Present("shoeSize".to_owned(), Subject::Unknown);
    }
    let kind = kinds.unwrap_or_else(|| dice.below(world.types.len()));
    let of = &world.types[kind];
    if dice.percent(if kinds.is_none() { 25 } else { 2 }) {
        let name = dice.spelled("meta.resourceType");
        let place = of.named(&name).expect("each type has it");
        let other = dice.pick(&world.types);
        return Filter::Compare(name, Subject::Of(place), Compare::Eq, json!(other.name));
    }
    if dice.percent(2)
        && let Some(extension) = dice.maybe(&of.extensions)
    {
        let (name, subject) =
            (dice.spelled(&extension.urn), Subject::Extension(extension.urn.clone()));
        return match dice.below(8) {
            0 => Filter::Compare(name, subject, Compare::Eq, json!("x")),
            _ => Filter::Present(name, subject),
        };
    }
    let mut place = place(dice, of);
    if place.attribute.name == "members" {
        // Members can only be asked for one by one.
        let part = place.attribute.sub("value").expect("members have a value");
        place.sub = Some(Arc::clone(part));
        let name = written(dice, of, &place);
        let literal = json!(member(dice, world));
        return Filter::Compare(name, Subject::Of(place), Compare::Eq, literal);
    }
    if place.attribute.kind == Kind::Complex && place.sub.is_none() && dice.percent(60) {
        let name = written(dice, of, &place);
        let inner = selector(dice, &place.attribute);
        return Filter::Brackets(name, place, Box::new(inner));
    }
    let name = written(dice, of, &place);
    let leaf = Arc::clone(place.leaf());
    if dice.percent(12) {
        return Filter::Present(name, Subject::Of(place));
    }
    let (op, literal) = (compare(dice, &leaf), known(dice, world, kind, &place));
    Filter::Compare(name, Subject::Of(place), op, literal)
}

/// What a resource of the type has there, if one has: filters should find something.
fn known(dice: &mut Dice, world: &World, kind: usize, place: &Place) -> Json {
    let all: Vec<usize> =
        (0..world.records.len()).filter(|at| world.records[*at].kind == kind).collect();
    if let Some(at) = dice.maybe(&all)
        && dice.percent(50)
    {
        let whole = world.whole(*at);
        let mut value = document::at(&whole, place).cloned().unwrap_or_default();
        if let Json::Array(values) = value {
            value = dice.maybe(&values).cloned().unwrap_or_default();
        }
        if let Json::Object(parts) = &value {
            let name = place.sub.as_ref().map_or("value", |sub| sub.name.as_str());
            value = parts.get(name).cloned().unwrap_or_default();
        }
        if !document::is_nothing(&value) {
            return value;
        }
    }
    literal(dice, place.leaf())
}

//! The operations of a PATCH, in the forms of the RFC and of providers.

use serde_json::{Value as Json, json};

use super::{
    body::{self, member, members, written},
    dice::Dice,
    document::Document,
    patch::{Op, Operation, Selected, Target},
    schema::Type,
    world::{GROUP, World},
};

/// The body of a PATCH.
pub(super) fn patch_body(dice: &mut Dice, operations: &[Operation]) -> Json {
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

/// An operation on a resource of a type.
pub(super) fn operation(dice: &mut Dice, world: &World, kind: usize) -> Operation {
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

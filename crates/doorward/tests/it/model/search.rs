//! Requests for lists: by query string, or by a body to `/.search`; and what is shown.

use std::fmt::Write as _;

use serde_json::json;

use super::{
    ask::{Ask, Intent},
    body::{self, written},
    condition::Condition,
    dice::Dice,
    document::Wanted,
    list::{By, List, Order},
    request::Request,
    schema::Type,
    world::World,
};

/// Which attributes of resources of these types are to be shown.
pub(super) fn wanted(dice: &mut Dice, types: &[&Type]) -> Wanted {
    let names = |dice: &mut Dice| -> Vec<String> {
        (0..=dice.below(3))
            .map(|_| {
                let of = *dice.pick(types);
                match (dice.below(12), dice.maybe(&of.extensions)) {
                    (0, _) => "shoeSize".to_owned(),
                    (1, Some(extension)) => extension.urn.clone(),
                    _ => {
                        let place = body::place(dice, of);
                        written(dice, of, &place)
                    }
                }
            })
            .collect()
    };
    match dice.below(5) {
        0 => Wanted { attributes: Some(names(dice)), excluded: names(dice) },
        1 | 2 => Wanted { attributes: None, excluded: names(dice) },
        _ => Wanted { attributes: Some(names(dice)), excluded: Vec::new() },
    }
}

pub(super) fn wanted_parameters(wanted: &Wanted) -> Vec<(&'static str, String)> {
    let mut parameters = Vec::new();
    if let Some(names) = &wanted.attributes {
        parameters.push(("attributes", names.join(",")));
    }
    if !wanted.excluded.is_empty() {
        parameters.push(("excludedAttributes", wanted.excluded.join(",")));
    }
    parameters
}

/// A query string with these parameters.
pub(super) fn query(parameters: &[(&str, String)]) -> String {
    let mut query = String::new();
    for (name, value) in parameters {
        query.push(if query.is_empty() { '?' } else { '&' });
        query.push_str(name);
        query.push('=');
        for byte in value.bytes() {
            if byte.is_ascii_alphanumeric() {
                query.push(char::from(byte));
            } else {
                let _ = write!(query, "%{byte:02X}");
            }
        }
    }
    query
}

/// A list of resources of a type, or of all types.
pub(super) fn list(
    dice: &mut Dice,
    world: &World,
    kind: Option<usize>,
    connection: usize,
) -> Request {
    let types: Vec<&Type> = match kind {
        Some(kind) => vec![&world.types[kind]],
        None => world.types.iter().collect(),
    };
    let wanted = if dice.percent(20) { wanted(dice, &types) } else { Wanted::default() };
    let filter = dice.percent(85).then(|| body::filter(dice, world, kind, 2));
    let walks = dice.percent(20);
    let often = if walks { 3 } else { 30 };
    let start = dice.percent(often).then(|| *dice.pick(&[-1, 0, 1, 2, 3, 1_000]));
    let often = if walks { 90 } else { 30 };
    let count = dice.percent(often).then(|| match dice.below(30) {
        0 => *dice.pick(&[-1, 0, 10_000]),
        1..12 if !walks => *dice.pick(&[-1, 0, 10_000]),
        _ => *dice.pick(&[1, 2, 3, 4, 5]),
    });
    let of = *dice.pick(&types);
    let order = order(dice, of);
    // What has no version has no conditions.
    let condition = match dice.below(30) {
        0 => Condition::generated(dice, None),
        _ => Condition::default(),
    };
    let list = List { kind, filter: filter.clone(), order: order.clone(), start, count };
    let intent = if walks { Intent::Walk(list) } else { Intent::List(list) };
    let ask = Ask { connection, intent, wanted, condition };
    let endpoint = kind.map_or("", |kind| &world.types[kind].endpoint);
    let wanted = &ask.wanted;
    if dice.percent(30) {
        let mut body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
        });
        if let Some(filter) = &filter {
            body["filter"] = json!(filter.text());
        }
        if let Some((name, _)) = &order.by {
            body["sortBy"] = json!(name);
        }
        if let Some(direction) = order.direction {
            body["sortOrder"] = json!(direction);
        }
        for (name, number) in [("startIndex", start), ("count", count)] {
            if let Some(number) = number {
                body[name] = json!(number);
            }
        }
        if let Some(names) = &wanted.attributes {
            body["attributes"] = json!(names);
        }
        if !wanted.excluded.is_empty() {
            body["excludedAttributes"] = json!(wanted.excluded);
        }
        return Request {
            method: "POST",
            path: format!("{endpoint}/.search"),
            body: Some(body),
            ask,
        };
    }
    let mut parameters = wanted_parameters(wanted);
    parameters.extend(filter.map(|filter| ("filter", filter.text())));
    parameters.extend(order.by.map(|(name, _)| ("sortBy", name)));
    parameters.extend(order.direction.map(|direction| ("sortOrder", direction.to_owned())));
    parameters.extend(start.map(|number| ("startIndex", number.to_string())));
    parameters.extend(count.map(|number| ("count", number.to_string())));
    let endpoint = if kind.is_some() { endpoint } else { "/" };
    let path = format!("{endpoint}{}", query(&parameters));
    Request { method: "GET", path, body: None, ask }
}

/// `sortBy` and `sortOrder`.
fn order(dice: &mut Dice, of: &Type) -> Order {
    let by = dice.percent(45).then(|| match dice.below(20) {
        0 => ("shoeSize".to_owned(), By::Unknown),
        1 => (dice.spelled("meta.created"), By::Created),
        2 | 3 => (dice.spelled("meta.lastModified"), By::Modified),
        _ => {
            let place = body::place(dice, of);
            (written(dice, of, &place), By::Attribute(place))
        }
    });
    let often = if by.is_some() { 60 } else { 5 };
    let directions = ["descending", "descending", "DESCENDING", "ascending", "Ascending"];
    let direction = dice.percent(often).then(|| match dice.below(40) {
        0 => "down",
        _ => *dice.pick(&directions),
    });
    Order { by, direction }
}

//! Plain documents: how a body is read into one, and how one is shown.
//!
//! Written from RFC 7643 §2, and for what is accepted leniently from the table in `docs/scim.md`, under the
//! profile `generic`.

use jiff::Timestamp;
use serde_json::{Map, Value as Json, json};

use super::schema::{Attribute, Kind, Place, Schema, Shown, Type};

pub(super) type Document = Map<String, Json>;

/// Why a request is not served: the status and the keyword.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Refusal(pub(super) u16, pub(super) Option<&'static str>);

pub(super) const INVALID_VALUE: Refusal = Refusal(400, Some("invalidValue"));
pub(super) const INVALID_PATH: Refusal = Refusal(400, Some("invalidPath"));
pub(super) const INVALID_FILTER: Refusal = Refusal(400, Some("invalidFilter"));
pub(super) const NO_TARGET: Refusal = Refusal(400, Some("noTarget"));
pub(super) const MUTABILITY: Refusal = Refusal(400, Some("mutability"));
pub(super) const UNIQUENESS: Refusal = Refusal(409, Some("uniqueness"));
pub(super) const NOT_FOUND: Refusal = Refusal(404, None);
pub(super) const PRECONDITION_FAILED: Refusal = Refusal(412, None);

/// RFC 7643 §2.5, and the empty text that providers push.
pub(super) fn is_nothing(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::String(text) => text.is_empty(),
        Json::Array(values) => values.is_empty(),
        Json::Object(parts) => parts.is_empty(),
        _ => false,
    }
}

/// A number as the model keeps it: JSON does not tell 2 from 2.0.
pub(super) fn plain_number(value: Json) -> Json {
    match value.as_f64() {
        #[expect(clippy::cast_possible_truncation, reason = "whole and small")]
        Some(number) if !value.is_i64() && number.fract() == 0.0 && number.abs() < 1e15 => {
            json!(number as i64)
        }
        _ => value,
    }
}

/// The instant that a date-time names; without a zone it is in UTC.
pub(super) fn instant(text: &str) -> Option<Timestamp> {
    with_zone(text).parse().ok()
}

/// A date-time with its zone: `2026-01-01T00:00:00` has none.
fn with_zone(text: &str) -> String {
    let time = text.split_once('T').map_or("", |(_, time)| time);
    let zone = if time.contains(['Z', '+', '-']) { "" } else { "Z" };
    format!("{text}{zone}")
}

/// A text whose case does not count.
pub(super) fn folded(text: &str) -> String {
    text.to_lowercase()
}

/// Reads the value of an attribute, or all its values; `None` is no value.
pub(super) fn read(attribute: &Attribute, value: &Json) -> Result<Option<Json>, Refusal> {
    if !attribute.multi {
        return read_one(attribute, value);
    }
    let all = match value {
        Json::Array(values) => values.clone(),
        value if is_nothing(value) => Vec::new(),
        one => vec![one.clone()],
    };
    let mut values: Vec<Json> = Vec::new();
    for sent in &all {
        if let Some(value) = read_one(attribute, sent)?
            && !is_hollow(attribute, sent, &value)
            && !values.contains(&value)
        {
            values.push(value);
        }
    }
    // RFC 7643 §2.4: one is primary. The first is believed, and put first.
    if let Some(first) = values.iter().position(is_primary) {
        let front = values.remove(first);
        for value in &mut values {
            if is_primary(value) {
                value.as_object_mut().expect("primary is a part").shift_remove("primary");
            }
        }
        values.insert(0, front);
    }
    Ok(if values.is_empty() { None } else { Some(Json::Array(values)) })
}

pub(super) fn is_primary(value: &Json) -> bool {
    value.get("primary") == Some(&Json::Bool(true))
}

/// A value that only says of what kind it is, and that whatever else it has is nothing.
fn is_hollow(attribute: &Attribute, sent: &Json, value: &Json) -> bool {
    let says_kind =
        |name: &String| ["type", "primary"].iter().any(|it| name.eq_ignore_ascii_case(it));
    let said = sent.as_object().is_some_and(|parts| {
        parts.keys().any(|name| attribute.sub(name).is_some() && !says_kind(name))
    });
    said && value.as_object().is_some_and(|parts| parts.keys().all(says_kind))
}

/// Reads one value.
pub(super) fn read_one(attribute: &Attribute, value: &Json) -> Result<Option<Json>, Refusal> {
    if is_nothing(value) {
        return Ok(None);
    }
    let read = match (attribute.kind, value) {
        (Kind::Complex, Json::Object(sent)) => return read_parts(attribute, sent),
        (Kind::Complex, Json::String(_) | Json::Number(_)) if attribute.sub("value").is_some() => {
            let mut sent = Document::new();
            sent.insert("value".to_owned(), value.clone());
            return read_parts(attribute, &sent);
        }
        // People know the resource by it.
        (Kind::Text, Json::String(text)) if attribute.required && attribute.unique => {
            let readable = !text.trim().is_empty() && !text.contains(char::is_control);
            readable.then(|| value.clone())
        }
        (Kind::Boolean, Json::Bool(_)) | (Kind::Text, Json::String(_)) => Some(value.clone()),
        (Kind::Boolean, Json::String(text)) => match text.to_ascii_lowercase().as_str() {
            "true" => Some(json!(true)),
            "false" => Some(json!(false)),
            _ => None,
        },
        (Kind::Integer, Json::Number(number)) if number.is_i64() => Some(value.clone()),
        (Kind::Integer, Json::String(text)) => text.parse::<i64>().ok().map(|it| json!(it)),
        (Kind::Decimal, Json::Number(_)) => Some(plain_number(value.clone())),
        (Kind::Decimal, Json::String(text)) => {
            text.parse::<f64>().ok().map(|number| plain_number(json!(number)))
        }
        (Kind::Text, Json::Number(number)) => {
            let whole = number.as_i64().map(|number| number.to_string());
            whole.or_else(|| number.as_f64().map(|it| it.to_string())).map(Json::String)
        }
        (Kind::DateTime, Json::String(text)) => instant(text).map(|_| json!(with_zone(text))),
        _ => None,
    };
    read.map(Some).ok_or(INVALID_VALUE)
}

fn read_parts(attribute: &Attribute, sent: &Document) -> Result<Option<Json>, Refusal> {
    let mut parts = Document::new();
    for (name, value) in sent {
        if let Some(sub) = attribute.sub(name)
            && let Some(value) = read(sub, value)?
        {
            parts.insert(sub.name.clone(), value);
        }
    }
    Ok(if parts.is_empty() { None } else { Some(Json::Object(parts)) })
}

/// Where the attributes of an extension, or of the core schema, stand in a document.
pub(super) fn home<'d>(document: &'d Document, extension: Option<&str>) -> Option<&'d Document> {
    match extension {
        Some(urn) => document.get(urn)?.as_object(),
        None => Some(document),
    }
}

/// What stands at a place; never a part.
pub(super) fn at<'d>(document: &'d Document, place: &Place) -> Option<&'d Json> {
    home(document, place.extension.as_deref())?.get(&place.attribute.name)
}

/// Puts a value where an attribute stands, or takes it away. An extension without values is gone.
pub(super) fn put(document: &mut Document, place: &Place, value: Option<Json>) {
    let name = place.attribute.name.clone();
    let Some(urn) = &place.extension else {
        match value {
            Some(value) => document.insert(name, value),
            None => document.shift_remove(&name),
        };
        return;
    };
    let mut object = home(document, Some(urn)).cloned().unwrap_or_default();
    match value {
        Some(value) => object.insert(name, value),
        None => object.shift_remove(&name),
    };
    if object.is_empty() {
        document.shift_remove(urn);
    } else {
        document.insert(urn.clone(), Json::Object(object));
    }
}

/// Reads the body of a POST or PUT. What no one knows and what only the server writes is left out.
pub(super) fn accept(kind: &Type, body: &Document) -> Result<Document, Refusal> {
    let mut document = Document::new();
    for (name, value) in body {
        if let Some(extension) = kind.extension(name) {
            match value {
                Json::Object(object) => {
                    for (name, value) in object {
                        if let Some(attribute) = extension.attribute(name) {
                            let place = Place {
                                extension: Some(extension.urn.clone()),
                                attribute: attribute.clone(),
                                sub: None,
                            };
                            set(&mut document, &place, value)?;
                        }
                    }
                }
                value if is_nothing(value) => {}
                _ => return Err(INVALID_VALUE),
            }
        } else if let Some(place) = kind.named(name) {
            set(&mut document, &place, value)?;
        }
    }
    complete(kind, &document)?;
    Ok(document)
}

fn set(document: &mut Document, place: &Place, value: &Json) -> Result<(), Refusal> {
    if place.attribute.read_only {
        return Ok(());
    }
    let value = match &place.sub {
        None => read(&place.attribute, value)?,
        Some(_) if place.attribute.multi => None,
        Some(sub) => match read(sub, value)? {
            None => None,
            Some(value) => {
                let mut parts = at(document, place).cloned().unwrap_or_else(|| json!({}));
                parts[sub.name.as_str()] = value;
                Some(parts)
            }
        },
    };
    if value.is_some() {
        put(document, place, value);
    }
    Ok(())
}

/// What a new or replaced resource cannot be without.
pub(super) fn complete(kind: &Type, document: &Document) -> Result<(), Refusal> {
    let lacks = |schema: &Schema, home: &Document| {
        schema.attributes.iter().any(|it| it.required && !home.contains_key(&it.name))
    };
    if lacks(&kind.core, document) {
        return Err(INVALID_VALUE);
    }
    for extension in &kind.extensions {
        match home(document, Some(&extension.urn)) {
            None if extension.required => return Err(INVALID_VALUE),
            Some(object) if lacks(extension, object) => return Err(INVALID_VALUE),
            _ => {}
        }
    }
    Ok(())
}

/// Which attributes a client wants to see (RFC 7644 §3.9): names as sent. What no one knows is
/// without effect.
#[derive(Clone, Debug, Default)]
pub(super) struct Wanted {
    pub(super) attributes: Option<Vec<String>>,
    pub(super) excluded: Vec<String>,
}

/// What one of the names means.
enum Name {
    Extension(String),
    Place(Place),
}

impl Wanted {
    fn meant(kind: &Type, names: &[String]) -> Vec<Name> {
        let one = |name: &String| match kind.extension(name) {
            Some(extension) => Some(Name::Extension(extension.urn.clone())),
            None => kind.named(name).map(Name::Place),
        };
        names.iter().filter_map(one).collect()
    }

    /// What is shown of a whole resource.
    pub(super) fn shown(&self, kind: &Type, whole: &Document) -> Document {
        let asked = self.attributes.as_ref().map(|names| Self::meant(kind, names));
        let excluded = Self::meant(kind, &self.excluded);
        let mut shown = Document::new();
        for (name, value) in whole {
            if let (Some(extension), Json::Object(object)) = (kind.extension(name), value) {
                let mut part = Document::new();
                for attribute in &extension.attributes {
                    if let Some(value) = object.get(&attribute.name)
                        && let Some(value) = reduced(
                            asked.as_deref(),
                            &excluded,
                            Some(&extension.urn),
                            attribute,
                            value,
                        )
                    {
                        part.insert(attribute.name.clone(), value);
                    }
                }
                if !part.is_empty() {
                    shown.insert(name.clone(), Json::Object(part));
                }
            } else if let Some(attribute) = kind.core.attribute(name)
                && let Some(value) = reduced(asked.as_deref(), &excluded, None, attribute, value)
            {
                shown.insert(name.clone(), value);
            }
        }
        shown
    }
}

fn reduced(
    asked: Option<&[Name]>,
    excluded: &[Name],
    urn: Option<&str>,
    attribute: &Attribute,
    value: &Json,
) -> Option<Json> {
    let whole = |name: &Name| match name {
        Name::Extension(extension) => Some(extension.as_str()) == urn,
        Name::Place(place) => {
            place.extension.as_deref() == urn
                && place.attribute.name == attribute.name
                && place.sub.is_none()
        }
    };
    let part = |name: &Name, part: &str| match name {
        Name::Extension(_) => false,
        Name::Place(place) => {
            place.extension.as_deref() == urn
                && place.attribute.name == attribute.name
                && place.sub.as_ref().is_some_and(|sub| sub.name == part)
        }
    };
    if attribute.shown == Shown::Always {
        return Some(value.clone());
    }
    if excluded.iter().any(whole) {
        return None;
    }
    // Whether a part that is shown so is shown; parts that the model does not know are as usual.
    let shows = |name: &str| {
        let shown = attribute.sub(name).map_or(Shown::Default, |sub| sub.shown);
        let asked = match asked {
            None => attribute.shown == Shown::Default && shown == Shown::Default,
            Some(asked) => {
                asked.iter().any(|it| part(it, name))
                    || (shown == Shown::Default && asked.iter().any(whole))
            }
        };
        asked && !excluded.iter().any(|it| part(it, name))
    };
    if attribute.kind != Kind::Complex {
        let asked = match asked {
            None => attribute.shown == Shown::Default,
            Some(asked) => asked.iter().any(whole),
        };
        return asked.then(|| value.clone());
    }
    let reduce = |value: &Json| {
        let mut parts = value.as_object().cloned().unwrap_or_default();
        parts.retain(|name, _| shows(name));
        if parts.is_empty() { None } else { Some(Json::Object(parts)) }
    };
    match value {
        // Groups show an empty list of members, whichever parts of members are asked for.
        Json::Array(values) if values.is_empty() => {
            let all = asked.map_or(attribute.shown == Shown::Default, |asked| {
                let some = |it: &Name| attribute.subs.iter().any(|sub| part(it, &sub.name));
                asked.iter().any(|it| whole(it) || some(it))
            });
            let some = attribute.subs.iter().any(|sub| shows(&sub.name));
            (all && some).then(|| value.clone())
        }
        Json::Array(values) => {
            let values: Vec<Json> = values.iter().filter_map(reduce).collect();
            if values.is_empty() { None } else { Some(Json::Array(values)) }
        }
        value => reduce(value),
    }
}

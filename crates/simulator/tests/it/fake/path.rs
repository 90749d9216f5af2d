//! [`Path`]: a place in a resource, in the spellings that providers send.

use serde_json::{Value, json};

pub(super) enum Path<'a> {
    Simple(&'a str),
    /// `name.givenName`, or a URN and the name after it.
    Sub(&'a str, &'a str),
    /// `emails[type eq "work"].value`
    Typed(&'a str, &'a str, &'a str),
}

impl<'a> Path<'a> {
    pub(super) fn parse(text: &'a str) -> Self {
        if let Some((name, rest)) = text.split_once('[') {
            let kind = rest.split('"').nth(1).expect("a quoted type");
            let (_, sub) = rest.split_once("].").expect("a sub-attribute");
            return Self::Typed(name, kind, sub);
        }
        let parts =
            if text.starts_with("urn:") { text.rsplit_once(':') } else { text.split_once('.') };
        parts.map_or(Self::Simple(text), |(name, sub)| Self::Sub(name, sub))
    }

    pub(super) fn get<'v>(&self, resource: &'v Value) -> &'v Value {
        match *self {
            Self::Simple(name) => &resource[name],
            Self::Sub(name, sub) => &resource[name][sub],
            Self::Typed(name, kind, sub) => {
                let elements = resource[name].as_array().map_or(&[][..], Vec::as_slice);
                let found = elements.iter().find(|element| element["type"] == kind);
                found.map_or(&Value::Null, |element| &element[sub])
            }
        }
    }

    /// Null removes. `creates` says whether an element that is not there comes into being.
    pub(super) fn set(&self, resource: &mut Value, value: Value, creates: bool) {
        match *self {
            Self::Simple(name) => resource[name] = value,
            Self::Sub(name, sub) => resource[name][sub] = value,
            Self::Typed(name, kind, sub) => {
                if resource[name].is_null() {
                    resource[name] = json!([]);
                }
                let elements = resource[name].as_array_mut().expect("an array");
                match elements.iter_mut().find(|element| element["type"] == kind) {
                    Some(element) => element[sub] = value,
                    None if creates => elements.push(json!({"type": kind, sub: value})),
                    None => {}
                }
            }
        }
        tidy(resource);
    }
}

/// What has no value is not there.
fn tidy(resource: &mut Value) {
    for member in resource.as_object_mut().expect("an object").values_mut() {
        if let Some(members) = member.as_object_mut() {
            members.retain(|_, value| !value.is_null());
        }
        if let Some(elements) = member.as_array_mut() {
            for element in elements.iter_mut().filter_map(Value::as_object_mut) {
                element.retain(|_, value| !value.is_null());
            }
            elements.retain(|element| {
                element.as_object().is_none_or(|element| {
                    element.keys().any(|name| !matches!(name.as_str(), "type" | "primary"))
                })
            });
        }
    }
    resource.as_object_mut().expect("an object").retain(|_, value| !value.is_null());
}

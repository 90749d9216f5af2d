//! References by `bulkId:`, RFC 7644 §3.7.2: finding them in a body, and putting ids in their
//! place.
//!
//! A reference is the whole of a text (`"value": "bulkId:qwerty"`), the end of an address named
//! `$ref` (`/Users/bulkId:qwerty`), or the whole of a text that the path of a PATCH operation
//! compares with (`members[value eq "bulkId:qwerty"]`).

use std::collections::BTreeSet;

use crate::{Object, Value};

/// What a reference begins with.
pub(super) const PREFIX: &str = "bulkId:";

/// The bulkIds that a body refers to. The body stays as it is: each reference is put in the place
/// of itself.
pub(super) fn find(data: &mut Object) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    resolve(data, |name| {
        found.insert(name.to_owned());
        Some(format!("{PREFIX}{name}"))
    });
    found
}

/// Puts ids in the place of references. A value that refers to what has no id yet is taken out
/// whole: one value of a multi-valued attribute, or a complex attribute with all its parts.
/// Answers whether all is there.
pub fn resolve(data: &mut Object, mut ids: impl FnMut(&str) -> Option<String>) -> bool {
    let mut resolver = Resolver { ids: &mut ids, open: false };
    resolver.container(data);
    !resolver.open
}

struct Resolver<'r> {
    ids: &'r mut dyn FnMut(&str) -> Option<String>,
    /// Whether something was taken out.
    open: bool,
}

impl Resolver<'_> {
    /// The attributes of a resource or of an extension, which stands under its URN.
    fn container(&mut self, attributes: &mut Object) {
        attributes.retain(|name, value| {
            if name.as_str().contains(':')
                && let Value::Complex(extension) = value
            {
                self.container(extension);
                return true;
            }
            if *name == "Operations"
                && let Value::Multi(operations) = value
            {
                for operation in operations {
                    self.path_of(operation);
                }
            }
            self.value(name.as_str(), value)
        });
    }

    /// Whether the value is to stay.
    fn value(&mut self, name: &str, value: &mut Value) -> bool {
        match value {
            Value::String(text) => self.text(name, text),
            Value::Complex(parts) => {
                let mut whole = true;
                parts.retain(|name, part| {
                    whole &= self.value(name.as_str(), part);
                    true
                });
                whole
            }
            Value::Multi(values) => {
                values.retain_mut(|value| self.value(name, value));
                true
            }
            Value::Null | Value::Boolean(_) | Value::Integer(_) | Value::Decimal(_) => true,
        }
    }

    fn text(&mut self, name: &str, text: &mut String) -> bool {
        let start = match text.rfind('/') {
            Some(slash) if name.eq_ignore_ascii_case("$ref") => slash + 1,
            _ => 0,
        };
        let Some(bulk_id) = text[start..].strip_prefix(PREFIX).filter(|name| !name.is_empty())
        else {
            return true;
        };
        let Some(id) = (self.ids)(bulk_id) else {
            self.open = true;
            return false;
        };
        text.replace_range(start.., &id);
        true
    }

    /// The texts in the path of a PATCH operation.
    fn path_of(&mut self, operation: &mut Value) {
        let Value::Complex(operation) = operation else { return };
        let Some(Value::String(path)) = operation.get_mut("path") else { return };
        let mut at = 0;
        while let Some(quote) = path[at..].find('"') {
            let start = at + quote + 1;
            let Some(length) = path[start..].find('"') else { return };
            let bulk_id = path[start..start + length].strip_prefix(PREFIX);
            let id = bulk_id.filter(|name| !name.is_empty()).map(|name| (self.ids)(name));
            at = start + length + 1;
            match id {
                Some(Some(id)) => {
                    path.replace_range(start..start + length, &id);
                    at = start + id.len() + 1;
                }
                Some(None) => self.open = true,
                None => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::{find, resolve};
    use crate::{Object, json};

    fn body(text: &str) -> Object {
        json::from_slice(text.as_bytes(), json::Limits::default()).expect("JSON")
    }

    fn found(text: &str) -> Vec<String> {
        let mut data = body(text);
        let found = find(&mut data).into_iter().collect();
        assert_eq!(data, body(text));
        found
    }

    /// With every name but those in capitals known.
    fn resolved(text: &str) -> (String, bool) {
        let mut data = body(text);
        let known = |name: &str| (name.to_lowercase() == name).then(|| format!("<{name}>"));
        let whole = resolve(&mut data, known);
        (data.to_json(), whole)
    }

    #[test]
    fn references_are_found_wherever_they_stand() {
        let data = r#"{"members":[{"value":"bulkId:a","$ref":"../Users/bulkId:b"},"bulkId:c"],
            "urn:x:2.0:User":{"manager":{"value":"bulkId:d"}},
            "Operations":[{"op":"remove","path":"members[value eq \"bulkId:e\" or value eq \"x\" or value eq \"bulkId:f\"]"},
                          {"op":"add","value":{"members":[{"value":"bulkId:g"}]}}],
            "$ref":"bulkId:h"}"#;
        assert_eq!(found(data), ["a", "b", "c", "d", "e", "f", "g", "h"]);
    }

    #[test]
    fn what_only_looks_like_a_reference_is_a_text() {
        let data = r#"{"bulkId:a":1,"title":"see bulkId:b","nickName":"bulkId:","x":"/Users/bulkId:c",
            "y":"BULKID:d","$ref":"https://d.example/bulkId:e/x","z":null,
            "Operations":[{"path":"members[value eq \"xbulkId:f\"]"},{"path":"members[\"bulkId:g"},7]}"#;
        assert_eq!(found(data), [""; 0]);
    }

    #[test]
    fn ids_take_the_place_of_references() {
        let (text, whole) = resolved(
            r#"{"title":"bulkId:","members":[{"value":"bulkId:a","type":"User"},{"value":"7"}],
            "urn:x:2.0:User":{"manager":{"value":"bulkId:b","$ref":"/Users/bulkId:b"}},
            "Operations":[{"path":"members[value eq \"bulkId:c\" or value eq \"bulkId:d\"].x"}]}"#,
        );
        assert!(whole);
        assert_snapshot!(text, @r#"{"title":"bulkId:","members":[{"value":"<a>","type":"User"},{"value":"7"}],"urn:x:2.0:User":{"manager":{"value":"<b>","$ref":"/Users/<b>"}},"Operations":[{"path":"members[value eq \"<c>\" or value eq \"<d>\"].x"}]}"#);
    }

    #[test]
    fn values_with_open_references_are_taken_out_whole() {
        let (text, whole) = resolved(
            r#"{"userName":"ada","nickName":"bulkId:OPEN",
            "members":[{"value":"bulkId:a"},{"value":"bulkId:OPEN","type":"User"},"bulkId:OPEN"],
            "urn:x:2.0:User":{"manager":{"displayName":"B","value":"bulkId:OPEN"},"floor":"bulkId:b"}}"#,
        );
        assert!(!whole);
        assert_snapshot!(text, @r#"{"userName":"ada","members":[{"value":"<a>"}],"urn:x:2.0:User":{"floor":"<b>"}}"#);
    }
}

//! Reading JSON from strangers: one pass, with limits, into an [`Object`].
//!
//! What is refused here needs no second look later: nesting that is too deep, objects with too
//! many names, a name twice in one object (in any case: RFC 7643 §2.1), and U+0000, which
//! PostgreSQL cannot store.

use std::{cell::Cell, collections::HashSet, fmt, io::Read};

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::{Error, Name, Object, Value, error::quoted};

/// How much a body may hold.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Nested objects and arrays.
    pub depth: usize,
    /// Names in one object.
    pub names: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { depth: 64, names: 512 }
    }
}

/// Reads one JSON object.
///
/// # Errors
///
/// `invalidSyntax` with line and column where the text is not JSON, not an object, or over a
/// limit; `invalidValue` where a text holds U+0000. A failure to read is reported as
/// `invalidSyntax` too: the caller that owns the reader knows what went wrong with it.
pub fn read(reader: impl Read, limits: Limits) -> Result<Object, Error> {
    parse(&mut serde_json::Deserializer::from_reader(reader), limits)
}

/// Reads one JSON object from memory. As [`read`].
///
/// # Errors
///
/// As [`read`].
pub fn from_slice(bytes: &[u8], limits: Limits) -> Result<Object, Error> {
    parse(&mut serde_json::Deserializer::from_slice(bytes), limits)
}

/// Reads one value of a document that was accepted once, whatever the limits are today.
pub(crate) fn value(text: &str) -> Result<Value, serde_json::Error> {
    let (limits, nul) = (Limits { depth: 128, names: usize::MAX }, Cell::new(false));
    let root = Node { limits, depth: 0, nul: &nul };
    root.deserialize(&mut serde_json::Deserializer::from_str(text))
}

fn parse<'de, R: serde_json::de::Read<'de>>(
    json: &mut serde_json::Deserializer<R>,
    limits: Limits,
) -> Result<Object, Error> {
    let nul = Cell::new(false);
    let root = Node { limits, depth: 0, nul: &nul };
    let value = root.deserialize(&mut *json).and_then(|value| json.end().map(|()| value));
    match value {
        Ok(Value::Complex(object)) => Ok(object),
        Ok(_) => Err(Error::invalid_syntax("The body must be a JSON object.")),
        Err(error) if nul.get() => Err(Error::invalid_value(format!(
            "A text holds the character U+0000, which cannot be stored (line {}, column {}).",
            error.line(),
            error.column()
        ))),
        Err(error) => Err(Error::invalid_syntax(format!("The body is not valid JSON: {error}."))),
    }
}

/// One value at some depth.
#[derive(Clone, Copy)]
struct Node<'a> {
    limits: Limits,
    depth: usize,
    /// Set where a text held U+0000: the error that serde carries is only text.
    nul: &'a Cell<bool>,
}

impl Node<'_> {
    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        if self.depth == self.limits.depth {
            return Err(E::custom(format_args!(
                "more than {} levels of nesting",
                self.limits.depth
            )));
        }
        Ok(Self { depth: self.depth + 1, ..self })
    }

    fn text<E: serde::de::Error>(self, text: &str) -> Result<(), E> {
        if text.contains('\0') {
            self.nul.set(true);
            return Err(E::custom("U+0000"));
        }
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Boolean(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Integer(value))
    }

    #[expect(clippy::cast_precision_loss, reason = "a number beyond 64 bits is a decimal")]
    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(i64::try_from(value).map_or(Value::Decimal(value as f64), Value::Integer))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Decimal(value))
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Value, E> {
        self.text(text)?;
        Ok(Value::String(text.to_owned()))
    }

    fn visit_string<E: serde::de::Error>(self, text: String) -> Result<Value, E> {
        self.text(&text)?;
        Ok(Value::String(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut values = Vec::new();
        while let Some(value) = seq.next_element_seed(inner)? {
            values.push(value);
        }
        values.shrink_to_fit();
        Ok(Value::Multi(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        use serde::de::Error as _;

        let inner = self.deeper()?;
        let mut object = Object::new();
        let mut seen = Seen::default();
        while let Some(name) = map.next_key::<String>()? {
            self.text(&name)?;
            let name = Name::from(name);
            if object.len() == self.limits.names {
                return Err(A::Error::custom(format_args!(
                    "more than {} names in one object",
                    self.limits.names
                )));
            }
            if !seen.add(&name, &object) {
                return Err(A::Error::custom(format_args!(
                    "the name {} stands twice in one object",
                    quoted(name.as_str())
                )));
            }
            let value = map.next_value_seed(inner)?;
            object.push(name, value);
        }
        object.shrink();
        Ok(Value::Complex(object))
    }
}

/// Names seen in one object: a scan while there are few, a set when there are many.
#[derive(Default)]
struct Seen(HashSet<String>);

impl Seen {
    const FEW: usize = 16;

    fn add(&mut self, name: &Name, object: &Object) -> bool {
        if object.len() < Self::FEW {
            return object.get(name.as_str()).is_none();
        }
        if self.0.is_empty() {
            self.0.extend(object.iter().map(|(name, _)| name.key()));
        }
        self.0.insert(name.key())
    }
}

#[cfg(test)]
mod tests {
    use super::{Limits, from_slice};
    use crate::{Object, ScimType, Value};

    fn parse(text: &str) -> Result<Object, crate::Error> {
        from_slice(text.as_bytes(), Limits::default())
    }

    fn detail(text: &str) -> String {
        parse(text).expect_err("must be refused").detail().to_owned()
    }

    #[test]
    fn values_keep_type_and_order() {
        let object = parse(r#"{"b":[1,2.5,"x",null,true],"a":{"c":18446744073709551615}}"#);
        let object = object.expect("valid");
        assert_eq!(
            object.to_json(),
            r#"{"b":[1,2.5,"x",null,true],"a":{"c":1.8446744073709552e+19}}"#
        );
        assert_eq!(object.get("A").and_then(Value::as_complex).map(Object::len), Some(1));
    }

    #[test]
    fn duplicate_names_are_refused_in_any_case() {
        assert!(detail(r#"{"userName":"a","USERNAME":"b"}"#).contains("stands twice"));
        let many: Vec<String> = (0..40).map(|n| format!(r#""n{n}":1"#)).collect();
        assert!(detail(&format!(r#"{{{},"N39":1}}"#, many.join(","))).contains("stands twice"));
    }

    #[test]
    fn nesting_has_a_limit() {
        let nested = |n: usize| format!(r#"{{"a":{}1{}}}"#, "[".repeat(n), "]".repeat(n));
        assert!(parse(&nested(63)).is_ok());
        assert!(detail(&nested(64)).contains("64 levels"));
        assert!(parse(&nested(100_000)).is_err());
    }

    #[test]
    fn an_object_has_a_limit_of_names() {
        let body = |n: usize| {
            let names: Vec<String> = (0..n).map(|n| format!(r#""n{n}":1"#)).collect();
            format!("{{{}}}", names.join(","))
        };
        assert!(parse(&body(512)).is_ok());
        assert!(detail(&body(513)).contains("512 names"));
    }

    #[test]
    fn nul_and_lone_surrogates_are_refused() {
        let error = parse(r#"{"a":"x\u0000"}"#).expect_err("NUL");
        assert_eq!(error.scim_type(), ScimType::InvalidValue);
        assert!(parse(r#"{"a\u0000":1}"#).is_err());
        assert!(parse(r#"{"a":"\ud800"}"#).is_err());
        assert!(from_slice(b"{\"a\":\"\xff\"}", Limits::default()).is_err());
    }

    #[test]
    fn only_one_object_is_a_body() {
        for text in ["", "[]", "1", "null", "{} {}", "{", "{\"a\":NaN}"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}

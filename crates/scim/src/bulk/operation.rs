//! [`Operation`]: one operation of a bulk request.

use std::collections::BTreeSet;

use super::reference::{self, PREFIX};
use crate::{Error, Object, Precondition, Value, error::quoted};

/// One operation of a bulk request, and what is wrong with it alone.
#[derive(Clone, Debug)]
pub struct Operation {
    /// As it was sent: the answer repeats it. Empty where there was none.
    pub method: String,
    /// The name by which other operations of the request refer to what this one creates.
    pub bulk_id: Option<String>,
    /// Where it acts, if that can be read: the answer tells it, whatever else makes no sense.
    pub path: Option<Path>,
    /// What it asks for. An operation that makes no sense fails alone.
    pub call: Result<Call, Error>,
}

/// What an operation asks for: a request of its own, but for its headers.
#[derive(Clone, Debug)]
pub struct Call {
    /// What to do.
    pub method: Method,
    /// Where.
    pub path: Path,
    /// The version in which the resource is meant.
    pub condition: Precondition,
    /// The body. Empty for a DELETE.
    pub data: Object,
    /// The bulkIds that the path and the body refer to.
    pub references: BTreeSet<String>,
}

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Creates.
    Post,
    /// Replaces.
    Put,
    /// Modifies.
    Patch,
    /// Deletes.
    Delete,
}

/// Where an operation acts, below the base URL.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Path {
    /// With its leading slash: `/Users`.
    pub endpoint: String,
    /// Which resource. A POST names none.
    pub resource: Option<Named>,
}

/// How a path names a resource.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Named {
    /// By its id.
    Id(String),
    /// By the bulkId of the operation that creates it.
    BulkId(String),
}

impl Method {
    /// RFC 9110 §9.1: methods are in capitals, and case counts.
    fn parse(text: &str) -> Option<Self> {
        [("POST", Self::Post), ("PUT", Self::Put), ("PATCH", Self::Patch), ("DELETE", Self::Delete)]
            .into_iter()
            .find_map(|(known, method)| (known == text).then_some(method))
    }
}

impl Path {
    /// Reads `/Users`, `/Users/{id}` or `/Users/bulkId:{name}`.
    fn parse(text: &str) -> Result<Self, Error> {
        let wrong = || {
            Error::invalid_value(format!(
                "{} is not the path of a resource: use /Users, /Users/ID or /Users/bulkId:NAME, \
                 without a query and without the base URL.",
                quoted(text)
            ))
        };
        let inside = text.strip_prefix('/').ok_or_else(wrong)?;
        let (endpoint, rest) = match inside.split_once('/') {
            Some((endpoint, rest)) => (endpoint, Some(rest)),
            None => (inside, None),
        };
        if endpoint.is_empty() || endpoint.contains([':', '?', '#']) {
            return Err(wrong());
        }
        let resource = match rest {
            None => None,
            Some(rest) => Some(match rest.strip_prefix(PREFIX) {
                Some("") => return Err(wrong()),
                Some(name) => Named::BulkId(name.to_owned()),
                None if rest.is_empty() || rest.contains(['/', '?', '#']) => return Err(wrong()),
                None => Named::Id(rest.to_owned()),
            }),
        };
        Ok(Self { endpoint: format!("/{endpoint}"), resource })
    }
}

impl Operation {
    /// Reads the operation with this number. `None`: it is not an object.
    pub(super) fn read(value: Value) -> Option<Self> {
        let Value::Complex(mut sent) = value else { return None };
        let method = match sent.remove("method") {
            Some(Value::String(text)) => text,
            _ => String::new(),
        };
        let path = match sent.remove("path") {
            Some(Value::String(text)) => Path::parse(&text),
            _ => Err(Error::invalid_value("An operation must hold a path such as /Users.")),
        };
        let known = path.clone().ok();
        let named = match sent.remove("bulkId") {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(Error::invalid_value("The bulkId of an operation must be a text.")),
        };
        let (bulk_id, call) = match named {
            Ok(bulk_id) => {
                let call = Call::read(&method, bulk_id.as_deref(), path, sent);
                (bulk_id, call)
            }
            Err(error) => (None, Err(error)),
        };
        Some(Self { method, bulk_id, path: known, call })
    }
}

impl Call {
    fn read(
        method: &str,
        bulk_id: Option<&str>,
        path: Result<Path, Error>,
        mut sent: Object,
    ) -> Result<Self, Error> {
        let method = Method::parse(method).ok_or_else(|| {
            Error::invalid_syntax(format!(
                "{} is not the method of an operation: use POST, PUT, PATCH or DELETE, in capitals.",
                quoted(method)
            ))
        })?;
        let path = path?;
        match (method, &path.resource) {
            (Method::Post, Some(_)) => {
                return Err(Error::invalid_value(
                    "The path of a POST must name a resource type, such as /Users, and no resource.",
                ));
            }
            (Method::Put | Method::Patch | Method::Delete, None) => {
                return Err(Error::invalid_value(
                    "The path of a PUT, PATCH or DELETE must name a resource, such as /Users/ID.",
                ));
            }
            _ => {}
        }
        if method == Method::Post && bulk_id.is_none() {
            return Err(Error::invalid_value(
                "A POST must have a bulkId: the answer tells by it which operation it is about.",
            ));
        }
        let condition = match sent.remove("version") {
            // What does not exist yet has no version.
            _ if method == Method::Post => Precondition::NONE,
            None | Some(Value::Null) => Precondition::NONE,
            Some(Value::String(text)) => Precondition::of_version(&text)?,
            Some(_) => return Err(Error::invalid_value("The version must be a text.")),
        };
        let mut data = match sent.remove("data") {
            _ if method == Method::Delete => Object::new(),
            Some(Value::Complex(data)) => data,
            _ => {
                return Err(Error::invalid_value(
                    "A POST, PUT or PATCH must hold its body as an object named data.",
                ));
            }
        };
        let mut references = reference::find(&mut data);
        if let Some(Named::BulkId(name)) = &path.resource {
            references.insert(name.clone());
        }
        Ok(Self { method, path, condition, data, references })
    }
}

#[cfg(test)]
mod tests {
    use super::{Method, Named, Operation, Path};
    use crate::{Error, ScimType, Value, Verdict, etag, json};

    fn read(text: &str) -> Operation {
        let object = json::from_slice(text.as_bytes(), json::Limits::default()).expect("JSON");
        Operation::read(Value::Complex(object)).expect("an object")
    }

    fn refused(text: &str) -> Error {
        read(text).call.expect_err(text)
    }

    #[test]
    fn operations_are_read() {
        let post =
            read(r#"{"METHOD":"POST","path":"/Users","bulkId":"b","data":{"a":1},"version":7}"#);
        assert_eq!((post.method.as_str(), post.bulk_id.as_deref()), ("POST", Some("b")));
        let call = post.call.expect("sound");
        assert_eq!(call.method, Method::Post);
        assert_eq!(call.path, Path { endpoint: "/Users".to_owned(), resource: None });
        assert_eq!(call.data.to_json(), r#"{"a":1}"#);

        let put = read(r#"{"method":"PUT","path":"/Users/u1","version":"W/\"3\"","data":{}}"#);
        let call = put.call.expect("sound");
        assert_eq!(call.path.resource, Some(Named::Id("u1".to_owned())));
        assert_eq!(call.condition.judge(&etag(3)), Verdict::Holds);
        assert_eq!(call.condition.judge(&etag(4)), Verdict::Failed);

        let delete =
            read(r#"{"method":"DELETE","path":"/Groups/bulkId:g","data":{"x":"bulkId:u"}}"#);
        let call = delete.call.expect("sound");
        assert_eq!(call.path.resource, Some(Named::BulkId("g".to_owned())));
        assert!(call.references.iter().eq(["g"]), "the body of a DELETE is not looked at");
    }

    #[test]
    fn paths_are_read_as_they_are_written() {
        let path = |text: &str| Path::parse(text);
        for (text, endpoint, id) in [
            ("/Users", "/Users", None),
            ("/Users/u1", "/Users", Some("u1")),
            ("/users/U1", "/users", Some("U1")),
        ] {
            let read = path(text).expect(text);
            assert_eq!(read.endpoint, endpoint);
            assert_eq!(read.resource, id.map(|id| Named::Id(id.to_owned())));
        }
        let named = path("/Users/bulkId:a/b").expect("a name is any text");
        assert_eq!(named.resource, Some(Named::BulkId("a/b".to_owned())));
        for text in [
            "",
            "/",
            "//u1",
            "Users",
            "/Users/",
            "/Users/u1/",
            "/Users/u1/groups",
            "/Users?x",
            "/Users/u1?attributes=id",
            "/Users//",
            "/Users/bulkId:",
            "https://d.example/scim/v2/Users",
        ] {
            assert_eq!(path(text).expect_err(text).scim_type(), ScimType::InvalidValue, "{text}");
        }
    }

    #[test]
    fn what_makes_no_sense_fails_alone() {
        for (text, scim_type) in [
            (r#"{"path":"/Users"}"#, ScimType::InvalidSyntax),
            (
                r#"{"method":"post","path":"/Users","bulkId":"b","data":{}}"#,
                ScimType::InvalidSyntax,
            ),
            (r#"{"method":"GET","path":"/Users"}"#, ScimType::InvalidSyntax),
            (r#"{"method":7,"path":"/Users"}"#, ScimType::InvalidSyntax),
            (r#"{"method":"POST","bulkId":"b","data":{}}"#, ScimType::InvalidValue),
            (r#"{"method":"POST","path":"/Users","data":{}}"#, ScimType::InvalidValue),
            (r#"{"method":"POST","path":"/Users","bulkId":"","data":{}}"#, ScimType::InvalidValue),
            (r#"{"method":"POST","path":"/Users","bulkId":1,"data":{}}"#, ScimType::InvalidValue),
            (r#"{"method":"POST","path":"/Users","bulkId":"b"}"#, ScimType::InvalidValue),
            (r#"{"method":"POST","path":"/Users","bulkId":"b","data":[]}"#, ScimType::InvalidValue),
            (
                r#"{"method":"POST","path":"/Users/u","bulkId":"b","data":{}}"#,
                ScimType::InvalidValue,
            ),
            (r#"{"method":"PUT","path":"/Users","data":{}}"#, ScimType::InvalidValue),
            (r#"{"method":"PATCH","path":"/Users/u"}"#, ScimType::InvalidValue),
            (r#"{"method":"DELETE","path":"/Users"}"#, ScimType::InvalidValue),
            (r#"{"method":"DELETE","path":"/Users/u","version":"3"}"#, ScimType::InvalidValue),
            (r#"{"method":"DELETE","path":"/Users/u","version":3}"#, ScimType::InvalidValue),
        ] {
            assert_eq!(refused(text).scim_type(), scim_type, "{text}");
        }
        assert!(Operation::read(Value::from("x")).is_none());
    }
}

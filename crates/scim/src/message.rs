//! [`Dialect`]: the messages that are not resources, lists and errors, in SCIM 2.0 and 1.1.

use crate::{Object, ScimType, Value, urn};

/// A version of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// SCIM 2.0, RFC 7644.
    V2,
    /// SCIM 1.1.
    V1,
}

/// What a list tells about itself.
#[derive(Clone, Debug)]
pub struct ListHead {
    /// How many resources match in all.
    pub total: u64,
    /// Which part of them this is.
    pub place: Place,
}

/// Which part of a list an answer is.
#[derive(Clone, Debug)]
pub enum Place {
    /// It begins with the resource of this number, from 1.
    Index(u64),
    /// It is a page of a walk by cursors, RFC 9865 §2.
    Cursor {
        /// What leads to the next page; `None`: this is the last one.
        next: Option<String>,
    },
}

impl Dialect {
    /// The media type of its messages.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::V2 => "application/scim+json",
            Self::V1 => "application/json",
        }
    }

    /// What its answers say in `Content-Type`. The examples of SCIM 1.1 name the character set, and
    /// clients of that time look for it; the media type of SCIM 2.0 has no such parameter
    /// (RFC 7644 §8.1).
    #[must_use]
    pub fn content_type(self) -> &'static str {
        match self {
            Self::V2 => self.media_type(),
            Self::V1 => "application/json; charset=utf-8",
        }
    }

    /// A list, RFC 7644 §3.4.2. `Resources` is there even when it is empty, and the numbers are
    /// numbers: Okta stops at a list without the one or the other.
    #[must_use]
    pub fn list(self, head: &ListHead, resources: Vec<Object>) -> Object {
        let items = resources.len() as u64;
        let resources: Vec<Value> = resources.into_iter().map(Value::Complex).collect();
        self.envelope(head, items).with("Resources", resources)
    }

    /// The text of a list up to its first resource, for a server that sends resources as it reads
    /// them. What follows is the resources, with commas between them, and `]}`.
    #[must_use]
    pub fn list_head(self, head: &ListHead, items: u64) -> String {
        let list = self.envelope(head, items).with("Resources", Vec::new());
        let mut text = list.to_json();
        text.truncate(text.len() - "]}".len());
        text
    }

    fn envelope(self, head: &ListHead, items: u64) -> Object {
        let schema = match self {
            Self::V2 => urn::LIST_RESPONSE,
            Self::V1 => urn::V1_CORE,
        };
        let mut list = Object::new()
            .with("schemas", vec![Value::from(schema)])
            .with("totalResults", integer(head.total));
        if let Place::Index(index) = head.place {
            list.insert("startIndex", integer(index));
        }
        list.insert("itemsPerPage", integer(items));
        if let Place::Cursor { next: Some(next) } = &head.place {
            list.insert("nextCursor", next.as_str());
        }
        list
    }

    /// An error: RFC 7644 §3.12, where `status` is a string; or SCIM 1.1 §3.9 `Errors`, where `code`
    /// is one too, with the `detail` that Okta looks for in both.
    #[must_use]
    pub fn error(self, status: u16, scim_type: Option<ScimType>, detail: &str) -> Object {
        match self {
            Self::V2 => {
                let mut error = Object::new().with("schemas", vec![Value::from(urn::ERROR)]);
                if let Some(scim_type) = scim_type {
                    error.insert("scimType", scim_type.keyword());
                }
                error.with("detail", detail).with("status", status.to_string())
            }
            Self::V1 => {
                let error =
                    Object::new().with("description", detail).with("code", status.to_string());
                Object::new()
                    .with("schemas", vec![Value::from(urn::V1_CORE)])
                    .with("Errors", vec![Value::Complex(error)])
                    .with("detail", detail)
            }
        }
    }
}

fn integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::{Dialect, ListHead, Place};
    use crate::{Object, ScimType, json};

    fn index(total: u64, start_index: u64) -> ListHead {
        ListHead { total, place: Place::Index(start_index) }
    }

    #[test]
    fn an_empty_list_is_complete() {
        let head = index(0, 1);
        assert_snapshot!(Dialect::V2.list(&head, Vec::new()).to_json(), @r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":0,"startIndex":1,"itemsPerPage":0,"Resources":[]}"#);
        assert_snapshot!(Dialect::V1.list(&head, Vec::new()).to_json(), @r#"{"schemas":["urn:scim:schemas:core:1.0"],"totalResults":0,"startIndex":1,"itemsPerPage":0,"Resources":[]}"#);
    }

    #[test]
    fn a_page_of_a_walk_by_cursors_has_no_number() {
        let page = |next: Option<&str>| {
            let place = Place::Cursor { next: next.map(str::to_owned) };
            Dialect::V2.list(&ListHead { total: 9, place }, Vec::new()).to_json()
        };
        assert_snapshot!(page(Some("VZUT")), @r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":9,"itemsPerPage":0,"nextCursor":"VZUT","Resources":[]}"#);
        assert_snapshot!(page(None), @r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":9,"itemsPerPage":0,"Resources":[]}"#);
    }

    #[test]
    fn head_items_and_tail_are_a_list() {
        let resources: Vec<Object> = ["a", "b"].map(|id| Object::new().with("id", id)).into();
        for dialect in [Dialect::V2, Dialect::V1] {
            let items: Vec<String> = resources.iter().map(Object::to_json).collect();
            let head = index(9, 3);
            let text = format!("{}{}]}}", dialect.list_head(&head, 2), items.join(","));
            let read = json::from_slice(text.as_bytes(), json::Limits::default()).expect("JSON");
            assert_eq!(read, dialect.list(&head, resources.clone()));
        }
    }

    #[test]
    fn errors() {
        let uniqueness = Some(ScimType::Uniqueness);
        assert_snapshot!(Dialect::V2.error(409, uniqueness, "In use.").to_json(), @r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"scimType":"uniqueness","detail":"In use.","status":"409"}"#);
        assert_snapshot!(Dialect::V2.error(404, None, "No such user.").to_json(), @r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"detail":"No such user.","status":"404"}"#);
        assert_snapshot!(Dialect::V1.error(409, uniqueness, "In use.").to_json(), @r#"{"schemas":["urn:scim:schemas:core:1.0"],"Errors":[{"description":"In use.","code":"409"}],"detail":"In use."}"#);
    }
}

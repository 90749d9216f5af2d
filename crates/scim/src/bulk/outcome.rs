//! [`Outcome`]: what came of one operation, and how each dialect tells it.

use super::operation::Operation;
use crate::{Dialect, Object, ScimType, Value, urn};

/// What came of one operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The status that a request of its own would have been answered with.
    pub status: u16,
    /// The address of the resource. A POST that failed has none.
    pub location: Option<String>,
    /// The entity tag of what is there now.
    pub version: Option<String>,
    /// Why it failed, where it did: the keyword and the sentence.
    pub error: Option<(Option<ScimType>, String)>,
}

impl Dialect {
    /// The answer to a bulk request: the operations that were tried, with what came of them.
    #[must_use]
    pub fn bulk_response<'o>(
        self,
        outcomes: impl IntoIterator<Item = (&'o Operation, &'o Outcome)>,
    ) -> Object {
        let schema = match self {
            Self::V2 => urn::BULK_RESPONSE,
            Self::V1 => urn::V1_CORE,
        };
        let operations: Vec<Value> = outcomes
            .into_iter()
            .map(|(operation, outcome)| self.bulk_outcome(operation, outcome).into())
            .collect();
        Object::new().with("schemas", vec![Value::from(schema)]).with("Operations", operations)
    }

    /// RFC 7644 §3.7.3, where `status` is a text; SCIM 1.1 §3.5, where it is an object. What was
    /// done is not shown: whoever wants to see it follows the location.
    fn bulk_outcome(self, operation: &Operation, outcome: &Outcome) -> Object {
        let mut shown = Object::new();
        if let Some(location) = &outcome.location {
            shown.insert("location", location.as_str());
        }
        if !operation.method.is_empty() {
            shown.insert("method", operation.method.as_str());
        }
        if let Some(name) = &operation.bulk_id {
            shown.insert("bulkId", name.as_str());
        }
        if let Some(version) = &outcome.version {
            shown.insert("version", version.as_str());
        }
        let code = outcome.status.to_string();
        match (self, &outcome.error) {
            (Self::V2, _) => shown.insert("status", code),
            (Self::V1, None) => shown.insert("status", Object::new().with("code", code)),
            (Self::V1, Some((_, detail))) => {
                let status = Object::new().with("code", code).with("description", detail.as_str());
                shown.insert("status", status)
            }
        };
        if let Some((scim_type, detail)) = &outcome.error {
            shown.insert("response", self.error(outcome.status, *scim_type, detail));
        }
        shown
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::{Operation, Outcome};
    use crate::{Dialect, Object, ScimType, Value};

    #[test]
    fn what_came_of_it_in_both_dialects() {
        let post = Object::new().with("method", "POST").with("bulkId", "b");
        let post = Operation::read(Value::Complex(post)).expect("an object");
        let nothing = Operation::read(Value::Complex(Object::new())).expect("an object");
        let made = Outcome {
            status: 201,
            location: Some("https://d.example/Users/1".to_owned()),
            version: Some("W/\"1\"".to_owned()),
            error: None,
        };
        let failed = Outcome {
            status: 409,
            location: None,
            version: None,
            error: Some((Some(ScimType::Uniqueness), "In use.".to_owned())),
        };
        let both = [(&post, &made), (&nothing, &failed)];
        assert_snapshot!(Dialect::V2.bulk_response(both).to_json(), @r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkResponse"],"Operations":[{"location":"https://d.example/Users/1","method":"POST","bulkId":"b","version":"W/\"1\"","status":"201"},{"status":"409","response":{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"scimType":"uniqueness","detail":"In use.","status":"409"}}]}"#);
        assert_snapshot!(Dialect::V1.bulk_response(both).to_json(), @r#"{"schemas":["urn:scim:schemas:core:1.0"],"Operations":[{"location":"https://d.example/Users/1","method":"POST","bulkId":"b","version":"W/\"1\"","status":{"code":"201"}},{"status":{"code":"409","description":"In use."},"response":{"schemas":["urn:scim:schemas:core:1.0"],"Errors":[{"description":"In use.","code":"409"}],"detail":"In use."}}]}"#);
    }
}

//! [`Request`]: a bulk request as a whole.

use std::{collections::HashSet, fmt};

use super::operation::{Method, Operation};
use crate::{
    Dialect, Error, Leniency, Notes, Object, Value, accept::check_schemas, error::quoted, urn,
};

/// A bulk request, RFC 7644 §3.7.
#[derive(Clone, Debug)]
pub struct Request {
    /// After so many errors nothing more is done. `None`: all is tried.
    pub fail_on_errors: Option<u64>,
    /// What is to be done, as it stands in the request.
    pub operations: Vec<Operation>,
}

/// Why a bulk request is refused as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It is not what the request calls for.
    Malformed(Error),
    /// It holds more operations than the limit, RFC 7644 §3.7.4.
    TooMany {
        /// The limit.
        limit: usize,
    },
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Malformed(error)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(error) => f.write_str(error.detail()),
            Self::TooMany { limit } => write!(
                f,
                "The request holds more than {limit} operations, which are the most that one bulk \
                 request may hold. Send them in several requests."
            ),
        }
    }
}

impl std::error::Error for Refusal {}

impl Request {
    /// Reads the body of a bulk request of at most `limit` operations.
    ///
    /// An operation that makes no sense fails alone, later; so does one that refers to a bulkId
    /// which no POST of the request has.
    ///
    /// # Errors
    ///
    /// * [`Refusal::TooMany`];
    /// * `invalidSyntax` where `Operations` is missing or empty, or an operation is no object;
    /// * `invalidValue` where `failOnErrors` is not a positive number, or two operations have the
    ///   same bulkId;
    /// * those of [`Notes::correct`] where something is wrong that the profile does not accept.
    pub fn parse(
        dialect: Dialect,
        mut body: Object,
        limit: usize,
        notes: &mut Notes,
    ) -> Result<Self, Refusal> {
        let schema = match dialect {
            Dialect::V2 => urn::BULK_REQUEST,
            Dialect::V1 => urn::V1_CORE,
        };
        check_schemas(&body, schema, notes)?;
        let operations = match body.remove("Operations") {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Multi(operations)) => operations,
            Some(one) => {
                notes
                    .correct(Leniency::SingleValue, "Operations: one value where a list belongs")?;
                vec![one]
            }
        };
        if operations.len() > limit {
            return Err(Refusal::TooMany { limit });
        }
        if operations.is_empty() {
            return Err(Error::invalid_syntax(
                "The body of a bulk request must hold a list named Operations with at least one \
                 operation.",
            )
            .into());
        }
        let fail_on_errors = match body.remove("failOnErrors") {
            None | Some(Value::Null) => None,
            Some(Value::Integer(number @ 1..)) => Some(number.unsigned_abs()),
            Some(_) => {
                return Err(
                    Error::invalid_value("failOnErrors must be a whole number above 0.").into()
                );
            }
        };
        let read = |(at, operation)| {
            Operation::read(operation).ok_or_else(|| {
                Error::invalid_syntax(format!("Operation {} must be a JSON object.", at + 1))
            })
        };
        let mut operations: Vec<Operation> =
            operations.into_iter().enumerate().map(read).collect::<Result<_, _>>()?;
        check_names(&operations)?;
        refuse_unknown_references(&mut operations);
        Ok(Self { fail_on_errors, operations })
    }
}

/// RFC 7644 §3.7: a bulkId is unique in its request.
fn check_names(operations: &[Operation]) -> Result<(), Error> {
    let mut seen = HashSet::new();
    for name in operations.iter().filter_map(|operation| operation.bulk_id.as_deref()) {
        if !seen.insert(name) {
            return Err(Error::invalid_value(format!(
                "Two operations have the bulkId {}; each must have its own.",
                quoted(name)
            )));
        }
    }
    Ok(())
}

/// Only a POST creates something that can be referred to.
fn refuse_unknown_references(operations: &mut [Operation]) {
    let is_post = |operation: &&Operation| match &operation.call {
        Ok(call) => call.method == Method::Post,
        // It will fail, and whoever refers to it with it.
        Err(_) => operation.method == "POST",
    };
    let created: HashSet<String> =
        operations.iter().filter(is_post).filter_map(|post| post.bulk_id.clone()).collect();
    for operation in operations {
        let Ok(call) = &operation.call else { continue };
        if let Some(name) = call.references.iter().find(|name| !created.contains(*name)) {
            operation.call = Err(Error::invalid_value(format!(
                "The operation refers to the bulkId {}, which no POST of the request has.",
                quoted(name)
            )));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Refusal, Request};
    use crate::{Dialect, Notes, ScimType, json};

    fn parse(text: &str) -> (Result<Request, Refusal>, Notes) {
        let body = json::from_slice(text.as_bytes(), json::Limits::default()).expect("JSON");
        let mut notes = Notes::default();
        let dialect = if text.contains("core:1.0") { Dialect::V1 } else { Dialect::V2 };
        (Request::parse(dialect, body, 3, &mut notes), notes)
    }

    fn post(bulk_id: &str, data: &str) -> String {
        format!(r#"{{"method":"POST","path":"/Users","bulkId":"{bulk_id}","data":{data}}}"#)
    }

    fn whole(operations: &[String]) -> String {
        format!(
            r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
            "Operations":[{}]}}"#,
            operations.join(",")
        )
    }

    #[test]
    fn a_request_is_read() {
        let (request, notes) = parse(&whole(&[post("a", "{}"), post("b", "{}")]));
        let request = request.expect("sound");
        assert_eq!((request.fail_on_errors, request.operations.len()), (None, 2));
        assert_eq!(notes, Notes::default());
        let (request, notes) =
            parse(&format!(r#"{{"failOnErrors":1,"operations":{}}}"#, post("a", "{}")));
        assert_eq!(request.expect("sound").fail_on_errors, Some(1));
        assert_eq!(notes.corrected().len(), 2);
        let v1 = format!(
            r#"{{"schemas":["urn:scim:schemas:core:1.0"],"Operations":[{}]}}"#,
            post("a", "{}")
        );
        assert_eq!(parse(&v1).1, Notes::default());
    }

    #[test]
    fn too_many_operations_are_refused_with_the_limit() {
        let many: Vec<String> = (0..4).map(|n| post(&n.to_string(), "{}")).collect();
        let (refused, _) = parse(&whole(&many));
        let refusal = refused.expect_err("four");
        assert_eq!(refusal, Refusal::TooMany { limit: 3 });
        assert!(refusal.to_string().contains("more than 3 operations"));
    }

    #[test]
    fn what_makes_no_sense_as_a_whole_is_refused_as_a_whole() {
        for (text, expected) in [
            ("{}".to_owned(), ScimType::InvalidSyntax),
            (r#"{"Operations":null}"#.to_owned(), ScimType::InvalidSyntax),
            (whole(&[]), ScimType::InvalidSyntax),
            (whole(&["7".to_owned()]), ScimType::InvalidSyntax),
            (whole(&[post("a", "{}"), post("a", "{}")]), ScimType::InvalidValue),
            (
                whole(&[
                    post("a", "{}"),
                    r#"{"method":"DELETE","path":"/Users/u","bulkId":"a"}"#.to_owned(),
                ]),
                ScimType::InvalidValue,
            ),
            (r#"{"failOnErrors":0,"Operations":[{}]}"#.to_owned(), ScimType::InvalidValue),
            (r#"{"failOnErrors":-1,"Operations":[{}]}"#.to_owned(), ScimType::InvalidValue),
            (r#"{"failOnErrors":"1","Operations":[{}]}"#.to_owned(), ScimType::InvalidValue),
            (r#"{"failOnErrors":1.5,"Operations":[{}]}"#.to_owned(), ScimType::InvalidValue),
        ] {
            match parse(&text).0.expect_err(&text) {
                Refusal::Malformed(error) => assert_eq!(error.scim_type(), expected, "{text}"),
                other @ Refusal::TooMany { .. } => panic!("{text}: {other:?}"),
            }
        }
    }

    #[test]
    fn what_refers_to_none_fails_alone() {
        let refers = |name: &str| post("a", &format!(r#"{{"x":"bulkId:{name}"}}"#));
        for (operations, fails) in [
            (vec![refers("b"), post("b", "{}")], false),
            (vec![refers("a")], false),
            (vec![refers("c"), post("b", "{}")], true),
            // The name belongs to an operation that creates nothing.
            (
                vec![
                    refers("b"),
                    r#"{"method":"DELETE","path":"/Users/u","bulkId":"b"}"#.to_owned(),
                ],
                true,
            ),
            // A POST that will fail is a POST.
            (vec![refers("b"), r#"{"method":"POST","path":7,"bulkId":"b"}"#.to_owned()], false),
        ] {
            let request = parse(&whole(&operations)).0.expect("sound");
            assert_eq!(request.operations[0].call.is_err(), fails, "{operations:?}");
        }
    }
}

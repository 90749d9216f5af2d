//! [`Operation`]: one operation of a PATCH request.

use crate::{
    Error, Leniency, Notes, Object, Path, ScimType, Value, accept::check_schemas, error::quoted,
    urn,
};

/// One operation, RFC 7644 §3.5.2.
#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    /// What to do.
    pub op: Op,
    /// Where. Without a path, each name in the value is one.
    pub path: Option<Path>,
    /// With what. `Some(Value::Null)` is a `null` that was sent: it means no value, as an empty
    /// list does.
    pub value: Option<Value>,
}

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// RFC 7644 §3.5.2.1.
    Add,
    /// RFC 7644 §3.5.2.2.
    Remove,
    /// RFC 7644 §3.5.2.3.
    Replace,
}

impl Op {
    /// Its name, RFC 7644 §3.5.2.
    fn name(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Remove => "remove",
            Self::Replace => "replace",
        }
    }

    /// The operation with this name, in any case: Entra sends `Add`.
    fn from_name(name: &str) -> Option<Self> {
        [Self::Add, Self::Remove, Self::Replace]
            .into_iter()
            .find(|op| op.name().eq_ignore_ascii_case(name))
    }
}

/// How much one request may ask for.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Operations in one request.
    pub operations: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { operations: 1000 }
    }
}

/// Reads the body of a PATCH request.
///
/// # Errors
///
/// * `invalidSyntax` where `Operations` is missing or empty, or an operation is not an object
///   with a known `op`;
/// * `invalidPath` where a path cannot be read;
/// * `noTarget` where a `remove` has no path;
/// * `invalidValue` where an `add` or a `replace` has no value, or where there are more
///   operations than the limit;
/// * and what the profile of `notes` does not accept.
pub fn parse(mut body: Object, limits: Limits, notes: &mut Notes) -> Result<Vec<Operation>, Error> {
    check_schemas(&body, urn::PATCH_OP, notes)?;
    let operations = match body.remove("Operations") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Multi(operations)) => operations,
        Some(one) => {
            notes.correct(Leniency::SingleValue, "Operations: one value where a list belongs")?;
            vec![one]
        }
    };
    if operations.is_empty() {
        return Err(Error::invalid_syntax(
            "The body of a PATCH must hold a list named Operations with at least one operation.",
        ));
    }
    if operations.len() > limits.operations {
        return Err(Error::invalid_value(format!(
            "The request holds {} operations; {} are allowed. Send the change in several requests.",
            operations.len(),
            limits.operations
        )));
    }
    let numbered = operations.into_iter().enumerate();
    numbered.map(|(at, operation)| read(at + 1, operation, notes)).collect()
}

fn read(number: usize, operation: Value, notes: &mut Notes) -> Result<Operation, Error> {
    let Value::Complex(mut operation) = operation else {
        return Err(Error::invalid_syntax(format!("Operation {number} must be a JSON object.")));
    };
    let op = match operation.remove("op") {
        Some(Value::String(name)) => {
            let op = Op::from_name(&name).ok_or_else(|| {
                Error::invalid_syntax(format!(
                    "Operation {number}: {} is not an operation. Use add, remove or replace.",
                    quoted(&name)
                ))
            })?;
            if name != op.name() {
                let text = format!("op: {} is written {}", quoted(&name), quoted(op.name()));
                notes.correct(Leniency::OpCase, text)?;
            }
            op
        }
        _ => {
            return Err(Error::invalid_syntax(format!(
                "Operation {number} must hold op with add, remove or replace.",
            )));
        }
    };
    let path = match operation.remove("path") {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) if text.trim().is_empty() => {
            notes.correct(Leniency::EmptyPath, "path: an empty text where no path is meant")?;
            None
        }
        Some(Value::String(text)) => Some(Path::parse(&text).map_err(|error| {
            Error::invalid_path(format!("Operation {number}: {}", error.detail()))
        })?),
        Some(_) => {
            return Err(Error::invalid_path(format!(
                "Operation {number}: the path must be a string."
            )));
        }
    };
    let value = operation.remove("value");
    match (op, &path, &value) {
        (Op::Remove, None, _) => return Err(remove_without_path()),
        (Op::Add | Op::Replace, _, None) => {
            return Err(Error::invalid_value(format!(
                "Operation {number} must hold a value: only remove can do without."
            )));
        }
        (Op::Remove, Some(path), Some(values)) if *values != Value::Null => {
            notes.correct(Leniency::RemoveValues, format!("{path}: a remove with values"))?;
        }
        _ => {}
    }
    Ok(Operation { op, path, value })
}

/// RFC 7644 §3.5.2.2: nothing is removed where nothing was named.
pub(super) fn remove_without_path() -> Error {
    Error::new(ScimType::NoTarget, "A remove operation must name in its path what to remove.")
}

#[cfg(test)]
mod tests {
    use super::{Limits, Op, Operation, parse};
    use crate::{Error, Notes, ScimType, Value, json};

    fn read(body: &str) -> (Result<Vec<Operation>, Error>, Notes) {
        let body = json::from_slice(body.as_bytes(), json::Limits::default()).expect("JSON");
        let mut notes = Notes::default();
        (parse(body, Limits::default(), &mut notes), notes)
    }

    #[test]
    fn operations_are_read_in_any_case() {
        let (operations, notes) = read(
            r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
                "operations":[{"OP":"Add","Path":"title","value":"x"},
                              {"op":"REPLACE","value":{"active":false}},
                              {"op":"remove","path":"emails[type eq \"work\"]","value":null}]}"#,
        );
        let operations = operations.expect("operations");
        let texts: Vec<_> = notes.corrected().iter().map(ToString::to_string).collect();
        assert_eq!(
            texts,
            [r#"op: "Add" is written "add""#, r#"op: "REPLACE" is written "replace""#]
        );
        assert_eq!(
            operations.iter().map(|one| one.op).collect::<Vec<_>>(),
            [Op::Add, Op::Replace, Op::Remove]
        );
        assert_eq!(operations[1].path, None);
        assert_eq!(operations[2].value, Some(Value::Null));
    }

    #[test]
    fn schemas_are_read_leniently_and_noted() {
        let (operations, notes) = read(r#"{"Operations":{"op":"add","path":"","value":{}}}"#);
        assert_eq!(operations.expect("one operation").len(), 1);
        let texts: Vec<_> = notes.corrected().iter().map(ToString::to_string).collect();
        assert_eq!(
            texts,
            [
                "schemas: urn:ietf:params:scim:api:messages:2.0:PatchOp is missing",
                "Operations: one value where a list belongs",
                "path: an empty text where no path is meant"
            ]
        );
    }

    #[test]
    fn refusals_have_their_keyword() {
        for (body, expected) in [
            ("{}", ScimType::InvalidSyntax),
            (r#"{"active":false}"#, ScimType::InvalidSyntax),
            (r#"{"Operations":[]}"#, ScimType::InvalidSyntax),
            (r#"{"Operations":["x"]}"#, ScimType::InvalidSyntax),
            (r#"{"Operations":[{"path":"title","value":"x"}]}"#, ScimType::InvalidSyntax),
            (r#"{"Operations":[{"op":1,"value":"x"}]}"#, ScimType::InvalidSyntax),
            (r#"{"Operations":[{"op":"move","path":"title"}]}"#, ScimType::InvalidSyntax),
            (r#"{"Operations":[{"op":"add","path":"a b","value":1}]}"#, ScimType::InvalidPath),
            (r#"{"Operations":[{"op":"add","path":7,"value":1}]}"#, ScimType::InvalidPath),
            (r#"{"Operations":[{"op":"add","path":"title"}]}"#, ScimType::InvalidValue),
            (r#"{"Operations":[{"op":"replace"}]}"#, ScimType::InvalidValue),
            (r#"{"Operations":[{"op":"remove"}]}"#, ScimType::NoTarget),
            (r#"{"Operations":[{"op":"remove","path":""}]}"#, ScimType::NoTarget),
        ] {
            let error = read(body).0.expect_err(body);
            assert_eq!(error.scim_type(), expected, "{body}: {error}");
        }
        let (error, _) = read(r#"{"Operations":[{"op":"copy","path":"title"}]}"#);
        assert_eq!(
            error.expect_err("unknown").detail(),
            "Operation 1: \"copy\" is not an operation. Use add, remove or replace."
        );
    }

    #[test]
    fn the_number_of_operations_is_limited() {
        let body = |count| {
            let operations = vec![r#"{"op":"remove","path":"title"}"#; count].join(",");
            format!(r#"{{"Operations":[{operations}]}}"#)
        };
        assert_eq!(read(&body(1000)).0.expect("allowed").len(), 1000);
        let error = read(&body(1001)).0.expect_err("too many");
        assert_eq!(error.scim_type(), ScimType::InvalidValue);
        assert!(error.detail().contains("1001 operations; 1000 are allowed"));
    }
}

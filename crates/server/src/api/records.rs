//! [`Record`]: an entry of the events or of the audit, as the API shows it.

use directory::Entry;
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::words;

/// What happened: one entry, as it is kept for ever. docs/events.md lists the kinds.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Record {
    /// 1, 2, 3 … without gaps.
    number: i64,
    /// What happened, such as `user.archived`.
    kind: &'static str,
    /// When. Never before the one with the number before.
    at: String,
    /// Who did it: `operator`, `connection:<id>`, `user:<id>`, `key:<number>` …
    principal: String,
    /// The request that caused it, if one did.
    request: Option<String>,
    /// The id, number or name of what it was done to.
    target: String,
    /// What exactly.
    #[schema(schema_with = words::payload)]
    data: Box<RawValue>,
}

impl Record {
    pub(super) fn of<R: directory::Record>(entry: &Entry<R>) -> Self {
        let text = entry.json().to_owned();
        Self {
            number: entry.no.into(),
            kind: entry.described().name,
            at: entry.at.to_string(),
            principal: entry.principal.clone(),
            request: entry.request.map(|id| id.to_string()),
            target: entry.target.clone(),
            data: RawValue::from_string(text).expect("what is hashed was printed as JSON"),
        }
    }
}

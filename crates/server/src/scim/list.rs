//! [`ListRequest`]: a list as a client asks for it, by query string (RFC 7644 §3.4.2) or by body
//! (§3.4.3).

use std::sync::Arc;

use ::scim::{
    Filter, Leniency, Notes, Object, Value, accept,
    filter::Limits,
    query::{Page, Projection},
    schema::ResourceSchema,
    urn,
};
use axum::extract::Request;
use directory::{Error, Reader, Record, search::Search};

use super::{body, context::Context};
use crate::error::Failure;

/// A list as a client asks for it.
#[derive(Clone, Debug)]
pub(crate) struct ListRequest {
    pub(crate) page: Page,
    pub(crate) projection: Projection,
    pub(crate) notes: Notes,
    schema: Arc<ResourceSchema>,
    filter: Option<Filter>,
    budget: usize,
}

impl ListRequest {
    /// From the query string.
    pub(crate) fn from_query(
        context: &Context,
        schema: &Arc<ResourceSchema>,
    ) -> Result<Self, Failure> {
        let mut notes = context.notes();
        let filter = match context.parameter("filter") {
            Some(text) => Some(parse(context, schema, &text, &mut notes)?),
            None => None,
        };
        Ok(Self {
            page: context.page()?,
            projection: context.projection(schema)?,
            filter,
            notes,
            schema: Arc::clone(schema),
            budget: context.limits().scan_budget,
        })
    }

    /// From a `SearchRequest`.
    pub(crate) async fn from_body(
        context: &Context,
        schema: &Arc<ResourceSchema>,
        request: Request,
    ) -> Result<Self, Failure> {
        let body = body::object(context, request, context.limits().body).await?;
        let mut notes = context.notes();
        accept::check_schemas(&body, urn::SEARCH_REQUEST, &mut notes)?;
        let mut names = |name: &str| names(&body, name, &mut notes);
        let (wanted, excluded) = (names("attributes")?, names("excludedAttributes")?);
        let number = |name: &str| match body.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Integer(number)) => Ok(Some(number.to_string())),
            Some(_) => Err(::scim::Error::invalid_value(format!("{name} must be a number."))),
        };
        let (start_index, count) = (number("startIndex")?, number("count")?);
        let filter = match body.get("filter") {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => Some(parse(context, schema, text, &mut notes)?),
            Some(_) => return Err(::scim::Error::invalid_value("filter must be a text.").into()),
        };
        Ok(Self {
            page: context.page_of(start_index.as_deref(), count.as_deref())?,
            projection: Projection::new(schema, wanted.as_deref(), excluded.as_deref())?,
            filter,
            notes,
            schema: Arc::clone(schema),
            budget: context.limits().scan_budget,
        })
    }

    /// The resources that are asked for.
    pub(crate) fn run<R: Record>(
        &self,
        reader: &mut Reader<'_>,
    ) -> Result<directory::Page<R>, Error> {
        let (skip, count) = (self.page.start_index - 1, self.page.count);
        match &self.filter {
            None => R::list(reader, &self.schema, skip, count),
            Some(filter) => {
                let filter = filter.clone();
                let search = Search { filter, skip, count, budget: self.budget };
                R::search(reader, &self.schema, &search)
            }
        }
    }
}

fn parse(
    context: &Context,
    schema: &ResourceSchema,
    text: &str,
    notes: &mut Notes,
) -> Result<Filter, Failure> {
    let limits = context.limits();
    let limits =
        Limits { bytes: limits.filter_bytes, depth: limits.filter_depth, ..Limits::default() };
    let filter = Filter::parse_with(text, limits)?;
    filter.check(schema, notes)?;
    directory::check_members(&filter)?;
    Ok(filter)
}

/// Attribute names in a `SearchRequest`: a list of texts.
fn names(body: &Object, name: &str, notes: &mut Notes) -> Result<Option<String>, Failure> {
    let Some(value) = body.get(name) else { return Ok(None) };
    if !matches!(value, Value::Multi(_) | Value::Null) {
        let text = format!("{name}: one value where a list belongs");
        notes.correct(Leniency::SingleValue, text)?;
    }
    let names: Option<Vec<&str>> = value.values().iter().map(Value::as_str).collect();
    match names {
        Some(names) => Ok(Some(names.join(","))),
        None => {
            Err(::scim::Error::invalid_value(format!("{name} must be a list of texts.")).into())
        }
    }
}

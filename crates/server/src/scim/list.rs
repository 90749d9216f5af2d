//! [`ListRequest`]: a list as a client asks for it, by query string (RFC 7644 §3.4.2) or by body
//! (§3.4.3).

use std::sync::Arc;

use ::scim::{
    Filter, Leniency, Notes, Object, Value, accept,
    filter::Limits,
    query::{Page, Projection, Sort},
    schema::ResourceSchema,
    urn,
};
use axum::extract::Request;
use directory::{
    Error, Reader, Record,
    search::{Search, Start, check_members, check_sort},
};

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
    sort: Option<Sort>,
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
        let (sort_by, order) = (context.parameter("sortBy"), context.parameter("sortOrder"));
        Ok(Self {
            page: context.page()?,
            projection: context.projection(schema)?,
            filter,
            sort: sort(schema, sort_by.as_deref(), order.as_deref())?,
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
        let text = |name: &str| match body.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.as_str())),
            Some(_) => Err(::scim::Error::invalid_value(format!("{name} must be a text."))),
        };
        let filter = match text("filter")? {
            Some(text) => Some(parse(context, schema, text, &mut notes)?),
            None => None,
        };
        Ok(Self {
            page: context.page_of(start_index.as_deref(), count.as_deref())?,
            projection: Projection::new(schema, wanted.as_deref(), excluded.as_deref())?,
            filter,
            sort: sort(schema, text("sortBy")?, text("sortOrder")?)?,
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
        let search = Search {
            filter: self.filter.clone(),
            sort: self.sort.clone(),
            start: Start::At(self.page.start_index - 1),
            count: self.page.count,
            budget: self.budget,
        };
        R::search(reader, &self.schema, &search)
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
    check_members(schema, &filter)?;
    Ok(filter)
}

fn sort(
    schema: &ResourceSchema,
    by: Option<&str>,
    order: Option<&str>,
) -> Result<Option<Sort>, Failure> {
    let sort = Sort::parse(by, order)?;
    if let Some(sort) = &sort {
        sort.check(schema)?;
        check_sort(schema, sort)?;
    }
    Ok(sort)
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

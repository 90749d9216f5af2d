//! A list as a client asks for it, by query string (RFC 7644 §3.4.2) or by body (§3.4.3), and its
//! answer: of one type, or of several at the root (§3.4.2.1).

use std::sync::Arc;

use ::scim::{
    Filter, Leniency, ListHead, Notes, Object, Place, Value, accept,
    filter::Limits,
    query::{Page, Paging, Projection, Sort, page::Begin},
    schema::ResourceSchema,
    urn,
};
use axum::{extract::Request, http::StatusCode, response::Response};
use directory::{
    Reader,
    search::{self, PageStart, Query, Search, check_members, check_sort},
};

use crate::scim::{
    body,
    context::{Context, noted},
    endpoint::Endpoint,
    error::ScimError,
    resources::{self, Texts, Wanted},
};

/// `GET /{endpoint}`
pub(crate) async fn list(context: Context, endpoint: Endpoint) -> Result<Response, ScimError> {
    by_query(&context, &[&endpoint.schema]).await
}

/// `POST /{endpoint}/.search`
pub(crate) async fn search(
    context: Context,
    endpoint: Endpoint,
    request: Request,
) -> Result<Response, ScimError> {
    by_body(&context, &[&endpoint.schema], request).await
}

/// `GET /` at the base URL: resources of all types at once.
pub(crate) async fn list_all(context: Context) -> Result<Response, ScimError> {
    by_query(&context, &all_types(&context)).await
}

/// `POST /.search` at the base URL.
pub(crate) async fn search_all(context: Context, request: Request) -> Result<Response, ScimError> {
    by_body(&context, &all_types(&context), request).await
}

fn all_types(context: &Context) -> Vec<&Arc<ResourceSchema>> {
    context.schemas().all().collect()
}

/// Answers a list that is asked for by query string.
async fn by_query(
    context: &Context,
    types: &[&Arc<ResourceSchema>],
) -> Result<Response, ScimError> {
    let get = |name: &str| context.parameter(name);
    let parameters = Parameters {
        filter: get("filter"),
        sort_by: get("sortBy"),
        sort_order: get("sortOrder"),
        attributes: get("attributes"),
        excluded_attributes: get("excludedAttributes"),
        start_index: get("startIndex"),
        count: get("count"),
        cursor: get("cursor"),
    };
    List::new(context, types, &parameters, context.notes())?.answer(context).await
}

/// Answers a list that is asked for by a `SearchRequest`.
async fn by_body(
    context: &Context,
    types: &[&Arc<ResourceSchema>],
    request: Request,
) -> Result<Response, ScimError> {
    let body = body::object(context, request, context.limits().body).await?;
    let mut notes = context.notes();
    accept::check_schemas(&body, urn::SEARCH_REQUEST, &mut notes)?;
    let parameters = Parameters::from_body(&body, &mut notes)?;
    List::new(context, types, &parameters, notes)?.answer(context).await
}

/// What a client sends to shape a list; `None`: it did not.
#[derive(Debug)]
struct Parameters {
    filter: Option<String>,
    sort_by: Option<String>,
    sort_order: Option<String>,
    /// Names with commas between them, like the next.
    attributes: Option<String>,
    excluded_attributes: Option<String>,
    start_index: Option<String>,
    count: Option<String>,
    cursor: Option<String>,
}

impl Parameters {
    fn from_body(body: &Object, notes: &mut Notes) -> Result<Self, ::scim::Error> {
        let text = |name: &str| match body.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(::scim::Error::invalid_value(format!("{name} must be a text."))),
        };
        let number = |name: &str| match body.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Integer(number)) => Ok(Some(number.to_string())),
            Some(_) => Err(::scim::Error::invalid_value(format!("{name} must be a number."))),
        };
        Ok(Self {
            filter: text("filter")?,
            sort_by: text("sortBy")?,
            sort_order: text("sortOrder")?,
            attributes: names(body, "attributes", notes)?,
            excluded_attributes: names(body, "excludedAttributes", notes)?,
            start_index: number("startIndex")?,
            count: number("count")?,
            cursor: text("cursor")?,
        })
    }
}

/// Attribute names in a `SearchRequest`: a list of texts.
fn names(body: &Object, name: &str, notes: &mut Notes) -> Result<Option<String>, ::scim::Error> {
    let Some(value) = body.get(name) else { return Ok(None) };
    if !matches!(value, Value::Multi(_) | Value::Null) {
        let text = format!("{name}: one value where a list belongs");
        notes.correct(Leniency::SingleValue, text)?;
    }
    let names: Option<Vec<&str>> = value.values().iter().map(Value::as_str).collect();
    match names {
        Some(names) => Ok(Some(names.join(","))),
        None => Err(::scim::Error::invalid_value(format!("{name} must be a list of texts."))),
    }
}

/// A list that was asked for and makes sense.
#[derive(Debug)]
struct List {
    types: Vec<Wanted>,
    filter: Option<Filter>,
    sort: Option<Sort>,
    page: Page,
    notes: Notes,
}

impl List {
    fn new(
        context: &Context,
        types: &[&Arc<ResourceSchema>],
        parameters: &Parameters,
        mut notes: Notes,
    ) -> Result<Self, ScimError> {
        let limits = context.limits();
        let filter = match given(parameters.filter.as_deref()) {
            Some(text) => Some(filter(context, types, text, &mut notes)?),
            None => None,
        };
        let sort = sort(types, parameters.sort_by.as_deref(), parameters.sort_order.as_deref())?;
        let paging = Paging {
            start_index: parameters.start_index.as_deref(),
            count: parameters.count.as_deref(),
            cursor: parameters.cursor.as_deref(),
        };
        let page = Page::parse(paging, limits.page_default as u64, limits.page_max as u64)?;
        let types = types
            .iter()
            .map(|schema| {
                let (wanted, excluded) = (&parameters.attributes, &parameters.excluded_attributes);
                let projection = Projection::new(schema, wanted.as_deref(), excluded.as_deref())?;
                Ok(Wanted { schema: Arc::clone(schema), projection })
            })
            .collect::<Result<_, ::scim::Error>>()?;
        Ok(Self { types, filter, sort, page, notes })
    }

    fn schemas(&self) -> impl Iterator<Item = &ResourceSchema> {
        self.types.iter().map(|wanted| &*wanted.schema)
    }

    async fn answer(self, context: &Context) -> Result<Response, ScimError> {
        let query =
            Query::new(context.access(), self.schemas(), self.filter.as_ref(), self.sort.as_ref());
        let start = match &self.page.begin {
            Begin::Index(index) => PageStart::Offset(index - 1),
            Begin::Cursor(cursor) if cursor.is_empty() => PageStart::Offset(0),
            Begin::Cursor(cursor) => context.cursors().await?.open(&query, cursor)?,
        };
        let Self { types, filter, sort, page: Page { begin, count }, notes } = self;
        let search = Search {
            filter,
            sort,
            start,
            count,
            budget: context.limits().scan_budget,
            base_url: context.base_url().to_owned(),
        };
        let schemas: Vec<&ResourceSchema> = types.iter().map(|wanted| &*wanted.schema).collect();
        let is_look_up = search::is_look_up(&schemas, &search);
        let shown = context.clone();
        let work = move |reader: &mut Reader<'_>| {
            let schemas: Vec<&ResourceSchema> =
                types.iter().map(|wanted| &*wanted.schema).collect();
            let page = search::search(reader, &schemas, &search)?;
            let resources = resources::expand(reader, page.items, &types, None)?;
            Ok((page.total, page.next, Texts::of(&shown, resources, &types)))
        };
        let (total, next, texts) =
            if is_look_up { context.read(work).await? } else { context.read_long(work).await? };
        context.note_found(total);
        let place = match (begin, next) {
            (Begin::Index(index), _) => Place::Index(index),
            (Begin::Cursor(_), None) => Place::Cursor { next: None },
            (Begin::Cursor(_), Some(place)) => {
                let next = context.cursors().await?.seal(&query, &place, total);
                Place::Cursor { next: Some(next) }
            }
        };
        let head = ListHead { total, place };
        let head = context.dialect().list_head(&head, texts.count());
        let body = resources::body(context, texts, head, "]}");
        Ok(noted(context.answer(StatusCode::OK, body), &notes))
    }
}

/// A filter that is there. An empty one is as good as none.
pub(crate) fn given(filter: Option<&str>) -> Option<&str> {
    filter.filter(|text| !text.trim().is_empty())
}

fn filter(
    context: &Context,
    types: &[&Arc<ResourceSchema>],
    text: &str,
    notes: &mut Notes,
) -> Result<Filter, ScimError> {
    let limits = context.limits();
    let limits =
        Limits { bytes: limits.filter_bytes, depth: limits.filter_depth, ..Limits::default() };
    let filter = Filter::parse_with(text, limits)?;
    match types {
        [schema] => filter.check(schema, notes)?,
        types => {
            let types: Vec<&ResourceSchema> = types.iter().map(|schema| &***schema).collect();
            filter.check_any(&types, notes)?;
        }
    }
    for schema in types {
        check_members(schema, &filter.for_type(schema))?;
    }
    Ok(filter)
}

fn sort(
    types: &[&Arc<ResourceSchema>],
    by: Option<&str>,
    order: Option<&str>,
) -> Result<Option<Sort>, ScimError> {
    let Some(sort) = Sort::parse(by, order)? else { return Ok(None) };
    match types {
        [schema] => sort.check(schema)?,
        types => sort.check_any(types.iter().map(|schema| &***schema))?,
    }
    for schema in types {
        check_sort(schema, &sort)?;
    }
    Ok(Some(sort))
}

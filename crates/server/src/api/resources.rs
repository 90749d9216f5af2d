//! What users and groups have in common: their search, their versions, who manages them.

use std::{collections::HashMap, sync::Arc};

use ::scim::{
    Filter, Notes, Object, Precondition, Profile, Value, Verdict, accept,
    filter::Limits,
    query::Sort,
    schema::{ResourceSchema, Schemas},
};
use axum::{
    extract::FromRequestParts,
    http::{HeaderValue, header, request::Parts},
};
use directory::{
    ConnectionNo, Error, Reader, Resource, connection, schemas,
    search::{self, PageStart, Query, Search, check_members, check_sort},
};
use serde::Deserialize;
use serde_json::value::RawValue;
use utoipa::IntoParams;

use super::{
    Organization,
    fault::Fault,
    page::{self, Page},
};
use crate::error::HttpError;

/// Which users or groups, in which order, and which page of them.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct SearchQuery {
    /// A filter of SCIM 2.0 (RFC 7644, section 3.4.2.2), such as `userName sw "a" and active eq true`.
    #[serde(default)]
    filter: Option<String>,
    /// The attribute to sort by, in SCIM's words; without it, the order of creation.
    #[serde(default)]
    sort_by: Option<String>,
    /// `ascending` or `descending`.
    #[serde(default)]
    sort_order: Option<String>,
    /// Items on the page at the most. A larger number is cut to the most that the server gives.
    #[serde(default)]
    #[param(value_type = Option<u32>, minimum = 1)]
    limit: Option<String>,
    /// The `next` of the page before, with the same filter and order. Without it the list begins.
    #[serde(default)]
    cursor: Option<String>,
}

/// The type of the resources of an endpoint, among those of the organization.
pub(super) type TypeOf = fn(&Schemas) -> &Arc<ResourceSchema>;

/// A page of the resources that match, each as `view` shows it.
pub(super) async fn list<V: Send + 'static>(
    organization: &Organization,
    query: SearchQuery,
    of: TypeOf,
    view: fn(&Resource, &Managers) -> V,
) -> Result<Page<V>, HttpError> {
    let limits = organization.app().limits();
    let count = u64::from(page::limit(query.limit.as_deref(), organization.app())?);
    let filter_limits =
        Limits { bytes: limits.filter_bytes, depth: limits.filter_depth, ..Limits::default() };
    let budget = limits.scan_budget;
    let base_url = format!("{}/scim/v2", organization.app().public_url());
    let cursors = organization.app().store().cursors().await?;
    let access = organization.access().clone();
    let work = move |reader: &mut Reader<'_>| {
        let schemas = schemas::current(reader)?;
        let schema = of(&schemas);
        let filter = match query.filter.as_deref().filter(|text| !text.trim().is_empty()) {
            None => None,
            Some(text) => {
                let filter = Filter::parse_with(text, filter_limits)?;
                filter.check(schema, &mut Notes::new(Profile::STRICT))?;
                check_members(schema, &filter)?;
                Some(filter)
            }
        };
        let sort = Sort::parse(query.sort_by.as_deref(), query.sort_order.as_deref())?;
        if let Some(sort) = &sort {
            sort.check(schema)?;
            check_sort(schema, sort)?;
        }
        let asked = Query::new(&access, [&**schema], filter.as_ref(), sort.as_ref());
        let start = match &query.cursor {
            None => PageStart::Offset(0),
            Some(cursor) => cursors.open(&asked, cursor)?,
        };
        let base_url = base_url.clone();
        let search = Search { filter, sort, start, count, budget, base_url };
        let found = search::search(reader, &[schema], &search)?;
        let managers = Managers::read(reader)?;
        let next = found.next.map(|place| cursors.seal(&asked, &place, found.total));
        let items = found.items.iter().map(|resource| view(resource, &managers)).collect();
        Ok::<_, Fault>(Page { items, next })
    };
    organization.read_long(work).await
}

/// The connections of an organization, for whoever says which one manages a resource.
#[derive(Debug)]
pub(super) struct Managers(HashMap<ConnectionNo, String>);

impl Managers {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Error> {
        let all = connection::list(reader)?.into_iter();
        Ok(Self(all.map(|connection| (connection.no(), connection.id.to_string())).collect()))
    }

    /// The id of the connection that manages a resource. What a deleted one managed is managed by none.
    pub(super) fn of(&self, managed_by: Option<ConnectionNo>) -> Option<String> {
        managed_by.and_then(|no| self.0.get(&no).cloned())
    }
}

/// The version in which the client means a resource: `If-Match`, RFC 9110 §13.1.1.
#[derive(Clone, Debug)]
pub(crate) struct Condition(Precondition);

impl Condition {
    /// Makes sure that a resource is as the client believes.
    pub(super) fn check(&self, resource: &Resource) -> Result<(), Error> {
        match self.0.judge_change(resource.version.number()) {
            Verdict::Holds => Ok(()),
            Verdict::Unchanged | Verdict::Failed => Err(Error::Stale { version: resource.version }),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Condition {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, HttpError> {
        let lines = |name| parts.headers.get_all(name).iter().map(HeaderValue::as_bytes);
        let read = Precondition::parse(lines(header::IF_MATCH), lines(header::IF_NONE_MATCH));
        Ok(Self(read.map_err(Fault::from)?))
    }
}

/// Attributes as a client sends them: an object, read by the rules of SCIM.
#[derive(Clone, Debug)]
pub(super) struct SentAttributes(Object);

impl<'de> Deserialize<'de> for SentAttributes {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error as _;

        let text = <Box<RawValue>>::deserialize(deserializer)?;
        let read = ::scim::json::from_slice(text.get().as_bytes(), ::scim::json::Limits::default());
        read.map(Self).map_err(|error| D::Error::custom(error.to_string()))
    }
}

impl SentAttributes {
    /// The attributes of a new resource, in canonical form. Nothing is accepted leniently.
    pub(super) fn accepted(&self, schema: &ResourceSchema) -> Result<Object, ::scim::Error> {
        accepted(schema, self.0.clone())
    }

    /// The attributes of a resource after these were merged into it: those that are here replace its
    /// own, null removes one (RFC 7396, at the level of attributes; those of an extension are one).
    pub(super) fn merged(
        &self,
        schema: &ResourceSchema,
        before: &Resource,
    ) -> Result<Object, ::scim::Error> {
        let mut after = before.attributes.to_object();
        for (name, value) in self.0.iter() {
            if matches!(value, Value::Null) {
                after.remove(name.as_str());
            } else {
                after.insert(name.clone(), value.clone());
            }
        }
        let mut after = accepted(schema, after)?;
        schema.keep_immutable(&before.attributes, &mut after)?;
        Ok(after)
    }
}

/// Attributes in canonical form. The type stands in the address, so `schemas` is said for the client.
fn accepted(schema: &ResourceSchema, mut body: Object) -> Result<Object, ::scim::Error> {
    let extensions =
        schema.extensions().iter().filter(|extension| body.get(&extension.id).is_some());
    let schemas = std::iter::once(schema.core()).chain(extensions);
    let schemas: Vec<Value> = schemas.map(|schema| Value::from(schema.id.as_str())).collect();
    body.insert("schemas", schemas);
    accept::resource(schema, body, &mut Notes::new(Profile::STRICT))
}

/// The attributes of a resource, in JSON.
pub(super) fn shown(resource: &Resource) -> Box<RawValue> {
    let text = match resource.attributes.text() {
        Some(text) => text.to_owned(),
        None => resource.attributes.to_json(),
    };
    RawValue::from_string(text).expect("attributes are stored and printed as JSON")
}

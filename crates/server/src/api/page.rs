//! Lists, a page at a time: [`Page`] goes out, and what shapes it comes in by the query.

use axum::{
    extract::FromRequestParts,
    http::{StatusCode, request::Parts},
};
use directory::{Access, search::Cursors};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use utoipa::{IntoParams, ToSchema};

use crate::{App, error::HttpError, http::Query};

/// A part of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Page<T> {
    /// What is on the page.
    pub(super) items: Vec<T>,
    /// The cursor of the page after it; null: there is none.
    pub(super) next: Option<String>,
}

impl<T> Page<T> {
    /// A list that is short, and on one page.
    pub(super) fn whole(items: impl IntoIterator<Item = T>) -> Self {
        Self { items: items.into_iter().collect(), next: None }
    }
}

/// The parameters of a query. Those that are not described are refused.
#[derive(Debug)]
pub(crate) struct Parameters<T>(pub(super) T);

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Parameters<T> {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, HttpError> {
        let invalid =
            |detail: String| HttpError::new(StatusCode::BAD_REQUEST, "invalid_parameter", detail);
        let query = Query::parse(parts.uri.query().unwrap_or_default())
            .map_err(|error| invalid(error.to_string()))?;
        let members: serde_json::Map<String, serde_json::Value> =
            query.iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
        serde_json::from_value(members.into())
            .map(Self)
            .map_err(|error| invalid(format!("The query cannot be read: {error}.")))
    }
}

/// Which page of a list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct PageQuery {
    /// Items on the page at the most. A larger number is cut to the most that the server gives.
    #[serde(default)]
    #[param(value_type = Option<u32>, minimum = 1)]
    limit: Option<String>,
    /// The `next` of the page before. Without it the list begins.
    #[serde(default)]
    cursor: Option<String>,
}

impl PageQuery {
    pub(super) fn limit(&self, app: &App) -> Result<u32, HttpError> {
        limit(self.limit.as_deref(), app)
    }
}

/// How many items a page has.
pub(super) fn limit(text: Option<&str>, app: &App) -> Result<u32, HttpError> {
    let limits = app.limits();
    let most = u32::try_from(limits.page_max).unwrap_or(u32::MAX);
    let Some(text) = text else {
        return Ok(u32::try_from(limits.page_default).unwrap_or(u32::MAX).min(most));
    };
    number("limit", text).map(|number: u32| number.clamp(1, most))
}

/// A whole number of the query.
pub(super) fn number<N: std::str::FromStr>(name: &str, text: &str) -> Result<N, HttpError> {
    text.parse().map_err(|_| {
        let detail = format!("{name} must be a whole number that is not negative.");
        HttpError::new(StatusCode::BAD_REQUEST, "invalid_parameter", detail)
    })
}

/// A list whose places are sealed into cursors. A cursor is good for this list of this organization
/// only, and for ever: what lies before and after a place may change.
pub(super) struct List<'l> {
    cursors: Cursors,
    access: Option<&'l Access>,
    name: &'l str,
}

impl<'l> List<'l> {
    /// A list of an organization, or (without access to one) of the installation.
    pub(super) async fn new(
        app: &App,
        access: Option<&'l Access>,
        name: &'l str,
    ) -> Result<Self, HttpError> {
        Ok(Self { cursors: app.store().cursors().await?, access, name })
    }

    /// The place after which the page begins; `None`: at the beginning.
    pub(super) fn after(&self, page: &PageQuery) -> Result<Option<String>, HttpError> {
        page.cursor.as_deref().map(|cursor| self.open(cursor)).transpose()
    }

    /// The place in a cursor.
    pub(super) fn open(&self, cursor: &str) -> Result<String, HttpError> {
        Ok(self.cursors.open_place(self.access, self.name, cursor)?)
    }

    /// A page of at most so many items; `place` is that of one.
    pub(super) fn page<T, V>(
        &self,
        items: &[T],
        limit: u32,
        place: impl Fn(&T) -> String,
        view: impl Fn(&T) -> V,
    ) -> Page<V> {
        let is_full = items.len() >= limit as usize;
        let next = items.last().filter(|_| is_full).map(|last| self.seal(&place(last)));
        Page { items: items.iter().map(view).collect(), next }
    }

    /// The cursor of the page after a place.
    pub(super) fn seal(&self, place: &str) -> String {
        self.cursors.seal_place(self.access, self.name, place)
    }
}

//! [`Context`]: what a SCIM handler knows about its request, and how it answers.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use ::scim::{
    Dialect, EntityTag, Notes, Object, Precondition, accept,
    query::Projection,
    schema::{ResourceSchema, Schemas},
    v1,
};
use axum::{
    extract::{FromRequestParts, Request},
    http::{HeaderValue, StatusCode, Uri, header, request::Parts},
    response::{IntoResponse as _, Response},
};
use directory::{
    Access, Error, Reader, Resource, Writer,
    group::{MemberChange, Staging},
    removal,
    search::Cursors,
    token::Caller,
};

use super::{
    acts::{Change, ManyMembers, Target},
    base::Base,
    error::{ActError, ScimError},
    path_id::PathId,
    resources::Wanted,
    surface,
};
use crate::{
    App,
    error::HttpError,
    http::{Limits, Query, large_bodies::Place},
    log::{Outcome, Remarks},
};

/// So often a large change of members is prepared, where the group changes meanwhile. To replace all
/// of them needs one time.
const TRIES: u32 = 5;

/// What a SCIM handler knows about its request. [`super::surface::admit`] makes it, and nothing
/// else can: having one means that the caller has shown a token.
#[derive(Clone, Debug)]
pub(crate) struct Context {
    app: App,
    caller: Caller,
    dialect: Dialect,
    base_url: String,
    content_type: &'static str,
    query: Query,
    /// Looked at only where the request is for one resource: a list has no version, and neither
    /// has what does not exist yet.
    precondition: Result<Precondition, ::scim::Error>,
    /// Of a request with a large body, until it has been answered.
    place: Arc<OnceLock<Place>>,
    told: Told,
}

/// What becomes of a request, while it is served.
#[derive(Clone, Debug, Default)]
pub(super) struct Told(Arc<Mutex<Outcome>>);

impl Told {
    fn note(&self, note: impl FnOnce(&mut Outcome)) {
        note(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// What became of a request to this address.
    pub(super) fn take(self, uri: &Uri) -> Outcome {
        let told = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        // Some administrator will paste a token into the base URL.
        let query = uri.query().filter(|query| !query.contains("scim_"));
        Outcome { query: query.map(str::to_owned), ..told }
    }
}

impl Context {
    pub(super) fn new(
        app: App,
        caller: Caller,
        base: Base<'_>,
        uri: &Uri,
        request: &Request,
    ) -> Result<Self, ScimError> {
        let dialect = base.dialect;
        let base_url = format!("{}{base}", app.public_url());
        let query = Query::parse(uri.query().unwrap_or_default())
            .map_err(|error| ::scim::Error::invalid_value(error.to_string()))?;
        let content_type = surface::content_type(dialect, request);
        let lines = |name| request.headers().get_all(name).iter().map(HeaderValue::as_bytes);
        let precondition =
            Precondition::parse(lines(header::IF_MATCH), lines(header::IF_NONE_MATCH));
        let (place, told) = (Arc::default(), Told::default());
        Ok(Self { app, caller, dialect, base_url, content_type, query, precondition, place, told })
    }

    /// What becomes of the request.
    pub(super) fn outcome(&self) -> Told {
        self.told.clone()
    }

    /// Notes how many resources a list found in all.
    pub(super) fn note_found(&self, total: u64) {
        self.told.note(|outcome| outcome.found = Some(total));
    }

    /// Waits until the large body of the request may be read, if it did not wait before.
    pub(super) async fn wait_for_large_body(&self) -> Result<(), ScimError> {
        if self.place.get().is_some() {
            return Ok(());
        }
        let place = self.app.large_bodies().enter(self.caller.connection.id).await;
        let place = place.ok_or(Error::Busy)?;
        // A request has one body.
        let _ = self.place.set(place);
        Ok(())
    }

    pub(crate) fn limits(&self) -> &Limits {
        self.app.limits()
    }

    /// The resource types of the caller's organization.
    pub(crate) fn schemas(&self) -> &Schemas {
        &self.caller.schemas
    }

    /// No remarks yet, under the profile of the caller's connection.
    pub(crate) fn notes(&self) -> Notes {
        Notes::new(self.caller.connection.profile_in_force())
    }

    pub(crate) fn dialect(&self) -> Dialect {
        self.dialect
    }

    pub(crate) fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The version in which the client means the resource, RFC 7644 §3.14.
    pub(crate) fn precondition(&self) -> Result<Precondition, ScimError> {
        Ok(self.precondition.clone()?)
    }

    /// The resource that the request is to change.
    pub(crate) fn target(&self, path: &PathId) -> Result<Target, ScimError> {
        Ok(Target { id: path.resource()?, condition: self.precondition()? })
    }

    /// A parameter of the query string. In SCIM 1.1, URNs in it are those of 1.1.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        let text = self.query.get(name)?;
        Some(match self.dialect {
            Dialect::V2 => text.to_owned(),
            Dialect::V1 => v1::map_urns(text).into_owned(),
        })
    }

    /// What the client wants to see of resources of a type.
    pub(crate) fn wanted(&self, schema: &Arc<ResourceSchema>) -> Result<Wanted, ScimError> {
        let (wanted, excluded) =
            (self.parameter("attributes"), self.parameter("excludedAttributes"));
        let projection = Projection::new(schema, wanted.as_deref(), excluded.as_deref())?;
        Ok(Wanted { schema: Arc::clone(schema), projection })
    }

    /// The attributes of a POST or PUT body, in canonical form.
    pub(crate) fn accept(
        &self,
        schema: &ResourceSchema,
        body: Object,
        notes: &mut Notes,
    ) -> Result<Object, ::scim::Error> {
        let body = match self.dialect {
            Dialect::V2 => body,
            Dialect::V1 => v1::from_v1(schema, body, notes)?,
        };
        accept::resource(schema, body, notes)
    }

    /// What the caller may do, and where.
    pub(crate) fn access(&self) -> &Access {
        &self.caller.access
    }

    /// What seals places in lists.
    pub(crate) async fn cursors(&self) -> Result<Cursors, ScimError> {
        Ok(self.app.store().cursors().await?)
    }

    /// Reads a little of the caller's organization.
    pub(crate) async fn read<T, F>(&self, work: F) -> Result<T, ScimError>
    where
        T: Send + 'static,
        F: FnMut(&mut Reader<'_>) -> Result<T, ActError> + Send + 'static,
    {
        Ok(self.app.store().read(self.access(), work).await?)
    }

    /// Reads as much of the caller's organization as it takes, in turns with others.
    pub(crate) async fn read_long<T, F>(&self, work: F) -> Result<T, ScimError>
    where
        T: Send + 'static,
        F: FnMut(&mut Reader<'_>) -> Result<T, ActError> + Send + 'static,
    {
        Ok(self.app.store().read_long(self.access(), work).await?)
    }

    /// Changes the caller's organization, in the name of its connection.
    pub(crate) async fn write<T, F>(&self, work: F) -> Result<T, ScimError>
    where
        T: Send + 'static,
        F: FnMut(&mut Writer<'_>) -> Result<T, ActError> + Send + 'static,
    {
        Ok(self.written(work).await?)
    }

    /// Makes a change, and reads what its answer shows in the same transaction. Where it is of many
    /// members, they are staged first, and anew where the group changes meanwhile.
    pub(crate) async fn change<C, T, F>(
        &self,
        mut change: C,
        notes: Notes,
        show: F,
    ) -> Result<(T, Notes), ScimError>
    where
        C: Change,
        T: Send + 'static,
        F: FnMut(&mut Writer<'_>, C::Output) -> Result<T, ActError> + Clone + Send + 'static,
    {
        let Some(many) = change.take_many() else {
            return Ok(self.make(change, notes, show).await?);
        };
        let staging = Staging::new(self.app.store(), self.access(), many.changes);
        for _ in 0..TRIES {
            let find = Arc::clone(&many.find);
            change.put_prepared(staging.prepare(move |reader| find(reader)).await?);
            match self.make(change.clone(), notes.clone(), show.clone()).await {
                Err(ActError::Directory(Error::Stale { .. })) => {}
                answer => return Ok(answer?),
            }
        }
        Err(Error::Busy.into())
    }

    async fn make<C, T, F>(
        &self,
        change: C,
        notes: Notes,
        mut show: F,
    ) -> Result<(T, Notes), ActError>
    where
        C: Change,
        T: Send + 'static,
        F: FnMut(&mut Writer<'_>, C::Output) -> Result<T, ActError> + Send + 'static,
    {
        let told = self.told.clone();
        let work = move |writer: &mut Writer<'_>| {
            let mut notes = notes.clone();
            let before = i64::from(writer.last_event());
            let output = change.run(writer, &mut notes)?;
            let (first, last) = (before + 1, writer.last_event());
            let events = (i64::from(last) >= first).then(|| (first.into(), last));
            told.note(|outcome| outcome.events = events);
            Ok((show(writer, output)?, notes))
        };
        self.written(work).await
    }

    /// Changes the caller's organization. Where that would take too many people away, nothing is
    /// changed but the list of what is held.
    async fn written<T, F>(&self, work: F) -> Result<T, ActError>
    where
        T: Send + 'static,
        F: FnMut(&mut Writer<'_>) -> Result<T, ActError> + Send + 'static,
    {
        let answer = self.app.store().write(self.access(), work).await;
        if let Err(ActError::Directory(Error::Held(held))) = &answer {
            removal::record(self.app.store(), self.access(), held).await?;
        }
        answer
    }

    /// Stages many members for a change that shares its transaction with nothing else.
    pub(crate) async fn stage(&self, many: ManyMembers) -> Result<MemberChange, ScimError> {
        let staging = Staging::new(self.app.store(), self.access(), many.changes);
        Ok(staging.prepare(move |reader| (many.find)(reader)).await?)
    }

    /// The address of a resource.
    pub(crate) fn location(&self, schema: &ResourceSchema, resource: &Resource) -> String {
        format!("{}{}/{}", self.base_url, schema.resource_type().endpoint, resource.id)
    }

    /// An object in the form of the dialect.
    pub(crate) fn shown(&self, representation: Object) -> Object {
        match self.dialect {
            Dialect::V2 => representation,
            Dialect::V1 => v1::to_v1(representation),
        }
    }

    /// An answer with an object as its body.
    pub(crate) fn answer(&self, status: StatusCode, body: impl Into<axum::body::Body>) -> Response {
        (status, [(header::CONTENT_TYPE, self.content_type)], body.into()).into_response()
    }
}

/// The answer about a resource that has this tag.
pub(crate) fn tagged(tag: EntityTag, mut response: Response) -> Response {
    if let Ok(tag) = HeaderValue::from_str(&tag.to_string()) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

/// Puts what was left out or read leniently on the log line of the request.
pub(crate) fn noted(mut response: Response, notes: &Notes) -> Response {
    let corrected: Vec<&str> = notes.corrected().iter().map(|one| one.text.as_str()).collect();
    let [ignored, corrected] = [notes.ignored().join(" "), corrected.join("; ")]
        .map(|text| Some(text).filter(|text| !text.is_empty()));
    response.extensions_mut().insert(Remarks { ignored, corrected });
    response
}

impl<S: Sync> FromRequestParts<S> for Context {
    type Rejection = ScimError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ScimError> {
        // Routes without authentication in front of them would be a defect: they admit no one.
        parts.extensions.get::<Self>().cloned().ok_or_else(|| HttpError::internal().into())
    }
}

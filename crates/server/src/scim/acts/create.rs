//! `POST /{endpoint}`, RFC 7644 §3.3.

use std::sync::Arc;

use ::scim::{Leniency, Notes, Object, patch::members};
use axum::{extract::Request, http::StatusCode, response::Response};
use directory::{
    Reader, Resource, Writer,
    group::{self, MemberChange, Staging},
    registered,
    user::{self, Rehire},
};

use super::{Change, ManyMembers, members::names};
use crate::scim::{
    body,
    context::Context,
    endpoint::{Endpoint, Kind},
    error::{ActError, ScimError},
    resources,
};

/// A resource to be created.
#[derive(Clone, Debug)]
pub(crate) struct Create {
    endpoint: Endpoint,
    attributes: Object,
    /// Only a group has some.
    members: MemberChange,
    rehire: Rehire,
}

impl Create {
    pub(crate) fn read(
        context: &Context,
        endpoint: Endpoint,
        mut body: Object,
        notes: &mut Notes,
    ) -> Result<Self, ::scim::Error> {
        body::note_id(&body, notes);
        let members = match endpoint.kind {
            Kind::Group => members::take(&mut body, notes)?.unwrap_or_default(),
            Kind::User | Kind::Registered => Vec::new(),
        };
        let attributes = context.accept(&endpoint.schema, body, notes)?;
        let brings_back = notes.profile().accepts(Leniency::Rehire);
        let rehire = if brings_back { Rehire::BringBack } else { Rehire::Refuse };
        let members = MemberChange::Add(names(members));
        Ok(Self { endpoint, attributes, members, rehire })
    }
}

impl Change for Create {
    type Output = Resource;

    fn run(&self, writer: &mut Writer<'_>, _: &mut Notes) -> Result<Resource, ActError> {
        let Self { endpoint, attributes, members, rehire } = self;
        Ok(match endpoint.kind {
            Kind::User => user::create(writer, attributes, *rehire)?.into(),
            Kind::Group => group::create_with(writer, attributes, members)?.into(),
            Kind::Registered => registered::create(writer, &endpoint.schema, attributes)?.into(),
        })
    }

    fn take_many(&mut self) -> Option<ManyMembers> {
        let none = MemberChange::Add(Vec::new());
        if !Staging::is_needed(std::slice::from_ref(&self.members)) {
            return None;
        }
        let changes = vec![std::mem::replace(&mut self.members, none)];
        let attributes = self.attributes.clone();
        let find = Arc::new(move |reader: &mut Reader<'_>| {
            group::check_free(reader, &attributes)?;
            Ok(None)
        });
        Some(ManyMembers { changes, find })
    }

    fn put_prepared(&mut self, prepared: MemberChange) {
        self.members = prepared;
    }
}

pub(crate) async fn create(
    context: Context,
    endpoint: Endpoint,
    request: Request,
) -> Result<Response, ScimError> {
    let wanted = context.wanted(&endpoint.schema)?;
    let body = body::object(&context, request, endpoint.limit(context.limits())).await?;
    let mut notes = context.notes();
    let create = Create::read(&context, endpoint, body, &mut notes)?;
    resources::changed(&context, create, notes, StatusCode::CREATED, wanted).await
}

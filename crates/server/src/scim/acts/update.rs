//! [`Update`]: a change of a resource that is there, by PATCH or by PUT. The two differ in what
//! becomes of its attributes.

use std::sync::Arc;

use ::scim::{
    Notes, Object,
    patch::{Operation, apply, members},
};
use directory::{
    Reader, Resource, Writer,
    group::{self, MemberChange, Staging},
    registered, user,
};

use super::{
    Change, ManyMembers, Target,
    members::{change, names},
};
use crate::scim::{
    body,
    context::Context,
    endpoint::{Endpoint, Kind},
    error::ActError,
};

/// A resource to be changed.
#[derive(Clone, Debug)]
pub(crate) struct Update {
    endpoint: Endpoint,
    target: Target,
    attributes: Attributes,
    /// Only of a group.
    members: Vec<MemberChange>,
}

/// What becomes of the attributes.
#[derive(Clone, Debug)]
enum Attributes {
    /// They are changed by operations, all or none. None of these touches members.
    Changed(Vec<Operation>),
    /// They are those, and no others.
    Replaced(Object),
}

impl Update {
    /// Reads the body of a PATCH.
    pub(crate) fn patch(
        context: &Context,
        endpoint: Endpoint,
        target: Target,
        body: Object,
        notes: &mut Notes,
    ) -> Result<Self, ::scim::Error> {
        let operations = body::operations(context, &endpoint.schema, body, notes)?;
        let (operations, members) = match endpoint.kind {
            Kind::Group => members::lift(operations, notes)?,
            Kind::User | Kind::Registered => (operations, Vec::new()),
        };
        let members = members.into_iter().map(change).collect();
        Ok(Self { endpoint, target, attributes: Attributes::Changed(operations), members })
    }

    /// Reads the body of a PUT. Where it has no members, those of a group stay: a client that left
    /// them out did not ask to remove them all.
    pub(crate) fn replace(
        context: &Context,
        endpoint: Endpoint,
        target: Target,
        mut body: Object,
        notes: &mut Notes,
    ) -> Result<Self, ::scim::Error> {
        let members = match endpoint.kind {
            Kind::Group => members::take(&mut body, notes)?,
            Kind::User | Kind::Registered => None,
        };
        let members = members.map(|members| MemberChange::Replace(names(members)));
        let attributes = Attributes::Replaced(context.accept(&endpoint.schema, body, notes)?);
        Ok(Self { endpoint, target, attributes, members: members.into_iter().collect() })
    }

    /// Whether it says nothing of members.
    pub(super) fn leaves_members(&self) -> bool {
        self.members.is_empty()
    }
}

impl Change for Update {
    type Output = Resource;

    fn run(&self, writer: &mut Writer<'_>, notes: &mut Notes) -> Result<Resource, ActError> {
        let Self { endpoint, target, attributes, members } = self;
        let before = target.find(writer, endpoint)?;
        let schema = endpoint.in_force(writer)?;
        let attributes = match attributes {
            Attributes::Changed(operations) => {
                let mut attributes = before.attributes.to_object();
                apply(&schema, &before.id.to_string(), &mut attributes, operations.clone(), notes)?;
                attributes
            }
            Attributes::Replaced(attributes) => {
                let mut attributes = attributes.clone();
                schema.keep_immutable(&before.attributes, &mut attributes)?;
                // Only an explicit value archives or brings back.
                if endpoint.kind == Kind::User && attributes.get("active").is_none() {
                    attributes.insert("active", before.is_active());
                }
                attributes
            }
        };
        Ok(match endpoint.kind {
            Kind::User => user::change(writer, &before.try_into()?, attributes)?.into(),
            Kind::Group => group::change(writer, &before.try_into()?, attributes, members)?.into(),
            Kind::Registered => {
                registered::change(writer, &schema, &before.try_into()?, attributes)?.into()
            }
        })
    }

    fn take_many(&mut self) -> Option<ManyMembers> {
        if !Staging::is_needed(&self.members) {
            return None;
        }
        let changes = std::mem::take(&mut self.members);
        let (target, endpoint) = (self.target.clone(), self.endpoint.clone());
        let find = Arc::new(move |reader: &mut Reader<'_>| {
            Ok(Some(target.find(reader, &endpoint)?.try_into()?))
        });
        Some(ManyMembers { changes, find })
    }

    fn put_prepared(&mut self, prepared: MemberChange) {
        self.members = vec![prepared];
    }
}

//! What happens: every kind of event with its payload.

use crate::{
    connection::{Protocol, Provider},
    id::{EventNo, ResourceId},
    record::{Attributes, records},
};

records! {
    /// What happened. The names are on the wire and never change their meaning.
    enum EventKind;

    /// What changed, by kind.
    enum Payload numbered EventNo;

    /// An organization was made.
    1 "organization.created" OrganizationCreated {
        /// The short name.
        slug: String,
        /// The name for people.
        name: String,
        /// The name of its plan.
        plan: Option<String>,
    }
    /// The name of an organization changed, or what it may use.
    2 "organization.updated" OrganizationUpdated {
        /// The name for people.
        name: String,
        /// The name of its plan.
        plan: Option<String>,
        /// The features that it has beside those of its plan.
        add_ons: Vec<String>,
    }
    /// A connection was made.
    10 "connection.created" ConnectionCreated {
        /// Who is at the other end.
        provider: Provider,
        /// What is spoken.
        protocol: Protocol,
        /// Whether it is in use at once, or being set up.
        active: bool,
    }
    /// A connection is in use from now on.
    11 "connection.activated" ConnectionActivated {}
    /// A connection was switched off.
    12 "connection.disabled" ConnectionDisabled {}
    /// A connection was deleted. What it managed is managed by none.
    13 "connection.deleted" ConnectionDeleted {}
    /// The provider of a connection takes too many people away: from now on that is held.
    14 "connection.removals-held" RemovalsHeld {
        /// So many passed at the most.
        limit: i64,
        /// In so many minutes.
        minutes: i64,
    }
    /// What was held is let through.
    15 "connection.removals-released" RemovalsReleased {
        /// How many removals were held.
        removals: i64,
    }
    /// What was held is refused: the people stay.
    16 "connection.removals-refused" RemovalsRefused {
        /// How many removals were held.
        removals: i64,
    }
    /// A user came to be.
    100 "user.created" UserCreated {
        /// The attributes.
        resource: Attributes,
        /// The groups that had been waiting for this user.
        joined: Vec<ResourceId>,
    }
    /// Attributes of a user changed.
    101 "user.updated" UserUpdated {
        /// The attributes after the change.
        resource: Attributes,
        /// The groups that had been waiting for this user.
        joined: Vec<ResourceId>,
    }
    /// A user was deactivated: archived, with everything kept.
    102 "user.archived" UserArchived {
        /// The attributes after the change.
        resource: Attributes,
        /// The groups that had been waiting for this user.
        joined: Vec<ResourceId>,
    }
    /// An archived user came back, with its old id.
    103 "user.reactivated" UserReactivated {
        /// The attributes after the change.
        resource: Attributes,
        /// The groups that had been waiting for this user.
        joined: Vec<ResourceId>,
    }
    /// A user was deleted.
    104 "user.deleted" UserDeleted {
        /// The groups it was in.
        left: Vec<ResourceId>,
        /// The targets of `group.members_staged` events that told of it, and count without it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        left_staged: Vec<String>,
    }
    /// A group came to be.
    200 "group.created" GroupCreated {
        /// The attributes, without members.
        resource: Attributes,
        /// The target of `group.members_staged` events whose members it began with too.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        staged: Option<String>,
        /// The members it began with.
        added: Vec<ResourceId>,
        /// The groups that had been waiting for this group.
        joined: Vec<ResourceId>,
    }
    /// A group changed: its attributes, its members or both.
    201 "group.updated" GroupUpdated {
        /// The attributes after the change, if they changed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        resource: Option<Attributes>,
        /// Whether all members were removed first.
        cleared: bool,
        /// The target of `group.members_staged` events that count from now on, after that.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        staged: Option<String>,
        /// Members that were removed after that.
        removed: Vec<ResourceId>,
        /// Members that were added after that.
        added: Vec<ResourceId>,
        /// The groups that had been waiting for this group.
        joined: Vec<ResourceId>,
    }
    /// A group was deleted.
    202 "group.deleted" GroupDeleted {
        /// The groups it was in.
        left: Vec<ResourceId>,
        /// The targets of `group.members_staged` events that told of it, and count without it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        left_staged: Vec<String>,
    }
    /// A piece of a large change of members, which counts once an event of a group names it.
    203 "group.members_staged" GroupMembersStaged {
        /// Members that are removed then.
        removed: Vec<ResourceId>,
        /// Members that are added then.
        added: Vec<ResourceId>,
    }
    /// A resource of a registered type came to be.
    300 "resource.created" ResourceCreated {
        /// The name of its type.
        #[serde(rename = "type")]
        resource_type: String,
        /// The attributes.
        resource: Attributes,
    }
    /// A resource of a registered type changed.
    301 "resource.updated" ResourceUpdated {
        /// The name of its type.
        #[serde(rename = "type")]
        resource_type: String,
        /// The attributes after the change.
        resource: Attributes,
    }
    /// A resource of a registered type was deleted.
    302 "resource.deleted" ResourceDeleted {
        /// The name of its type.
        #[serde(rename = "type")]
        resource_type: String,
    }
    /// An organization made a role.
    400 "role.created" RoleCreated {
        /// What it is for.
        description: String,
    }
    /// A role was deleted. No one had it any more.
    401 "role.deleted" RoleDeleted {}
    /// A role was given to a user.
    402 "role.assigned" RoleAssigned {
        /// The role.
        role: String,
    }
    /// A role was taken from a user.
    403 "role.unassigned" RoleUnassigned {
        /// The role.
        role: String,
    }
    /// The members of a group have a role from now on.
    404 "role.mapped" RoleMapped {
        /// The role.
        role: String,
    }
    /// The members of a group have a role no longer.
    405 "role.unmapped" RoleUnmapped {
        /// The role.
        role: String,
    }
}

//! The members of a group, from the words of SCIM into those of the directory.

use ::scim::patch;
use directory::group::{MemberChange, MemberName};

/// The names of members, as a client sent them.
pub(super) fn names(members: Vec<patch::MemberRef>) -> Vec<MemberName> {
    members.into_iter().map(|member| member.value.into()).collect()
}

/// A change of the members that a client asks for.
pub(super) fn change(change: patch::MemberChange) -> MemberChange {
    match change {
        patch::MemberChange::Add(members) => MemberChange::Add(names(members)),
        patch::MemberChange::Remove(members) => MemberChange::Remove(names(members)),
        patch::MemberChange::RemoveWhere(filter) => MemberChange::RemoveMatching(filter),
        patch::MemberChange::Clear => MemberChange::Clear,
        patch::MemberChange::Replace(members) => MemberChange::Replace(names(members)),
    }
}

//! Roles in the [`Model`]: given, mapped, effective.

use std::collections::BTreeSet;

use super::{
    operation::Role,
    state::{Entry, Kind, Model},
};

/// The connection that is being set up.
const IN_SETUP: usize = 2;

impl Model {
    pub(super) fn require_operator(owner: Option<usize>) -> Result<(), &'static str> {
        if owner.is_none() { Ok(()) } else { Err("not_permitted") }
    }

    pub(super) fn give(
        &mut self,
        owner: Option<usize>,
        no: usize,
        role: Role,
    ) -> Result<bool, &'static str> {
        Self::require_operator(owner)?;
        let new = self.entries.get_mut(&no).expect("it is there").roles.insert(role);
        self.events += i64::from(new);
        Ok(new)
    }

    pub(super) fn take(
        &mut self,
        owner: Option<usize>,
        no: usize,
        role: Role,
    ) -> Result<(), &'static str> {
        Self::require_operator(owner)?;
        if !self.entries.get_mut(&no).expect("it is there").roles.remove(&role) {
            return Err("not_found");
        }
        self.events += 1;
        Ok(())
    }

    /// Whether what a connection manages counts: not while it is being set up.
    fn counts(entry: &Entry) -> bool {
        entry.owner != Some(IN_SETUP)
    }

    /// The roles of a user: its own, and those of the groups by way of which it is reached.
    pub(super) fn roles(&self, id: &str) -> BTreeSet<Role> {
        let user = self.by_id(id).expect("it is in the list");
        let mut roles = self.entries[&user].roles.clone();
        let (mut seen, mut next) = (BTreeSet::new(), vec![user]);
        while let Some(inner) = next.pop() {
            for (no, group) in self.of(Kind::Group) {
                if group.members.contains(&inner) && Self::counts(group) && seen.insert(no) {
                    roles.extend(&group.roles);
                    next.push(no);
                }
            }
        }
        roles
    }

    /// Whether an administrator can come in.
    pub(super) fn has_administrator(&self) -> bool {
        self.of(Kind::User).any(|(_, user)| {
            user.is_active() && Self::counts(user) && self.roles(&user.id).contains(&Role::Admin)
        })
    }
}

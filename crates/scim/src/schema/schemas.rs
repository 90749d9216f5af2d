//! [`Schemas`]: all resource types that one organization has.

use std::sync::{Arc, LazyLock};

use super::{ResourceSchema, builtin};
use crate::AttributePath;

/// The resource types of one organization: users, groups, and those that were registered for it.
///
/// Cheap to share and never changed: whoever registers a schema makes a new one.
#[derive(Clone, Debug)]
pub struct Schemas {
    pub(super) user: Arc<ResourceSchema>,
    pub(super) group: Arc<ResourceSchema>,
    pub(super) registered: Vec<Arc<ResourceSchema>>,
}

impl Schemas {
    /// What Doorward ships, and nothing else.
    #[must_use]
    pub fn builtin() -> Arc<Self> {
        static BUILTIN: LazyLock<Arc<Schemas>> = LazyLock::new(|| {
            Arc::new(Schemas {
                user: Arc::clone(builtin::user()),
                group: Arc::clone(builtin::group()),
                registered: Vec::new(),
            })
        });
        Arc::clone(&BUILTIN)
    }

    /// Users, with the extensions that were registered for them.
    #[must_use]
    pub fn user(&self) -> &Arc<ResourceSchema> {
        &self.user
    }

    /// Groups, with the extensions that were registered for them.
    #[must_use]
    pub fn group(&self) -> &Arc<ResourceSchema> {
        &self.group
    }

    /// The resource types that were registered, in the order of their registration.
    #[must_use]
    pub fn registered(&self) -> &[Arc<ResourceSchema>] {
        &self.registered
    }

    /// The registered resource type at this endpoint, such as `/Roles`, in any case.
    #[must_use]
    pub fn at(&self, endpoint: &str) -> Option<&Arc<ResourceSchema>> {
        self.registered
            .iter()
            .find(|schema| schema.resource_type().endpoint.eq_ignore_ascii_case(endpoint))
    }

    /// The same, where some indexes are being filled: they are kept, and answer nothing yet.
    #[must_use]
    pub fn with_unready(
        mut self,
        is_unready: impl Fn(&ResourceSchema, &AttributePath) -> bool,
    ) -> Self {
        let mark = |slot: &mut Arc<ResourceSchema>| {
            let unready: Vec<AttributePath> =
                slot.indexes().iter().filter(|index| is_unready(slot, index)).cloned().collect();
            if !unready.is_empty() {
                *slot = Arc::new((**slot).clone().with_unready(unready));
            }
        };
        [&mut self.user, &mut self.group].into_iter().chain(&mut self.registered).for_each(mark);
        self
    }

    /// All resource types: users, groups, registered ones.
    pub fn all(&self) -> impl Iterator<Item = &Arc<ResourceSchema>> {
        [&self.user, &self.group].into_iter().chain(&self.registered)
    }
}

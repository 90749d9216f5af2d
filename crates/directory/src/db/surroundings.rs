//! [`Surroundings`]: what every transaction may use beside its connection.

use std::sync::Arc;

use crate::{chance::Chance, clock::Clock, schemas::Registry};

/// What every transaction may use beside its connection. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Surroundings {
    /// What time it is.
    pub(crate) clock: Arc<dyn Clock>,
    /// Where ids and secrets come from.
    pub(crate) chance: Arc<Chance>,
    /// The resource types of organizations, as they were read last.
    pub(crate) registry: Arc<Registry>,
}

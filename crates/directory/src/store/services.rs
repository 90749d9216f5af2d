//! [`Services`]: what every transaction may use beside its connection.

use std::sync::Arc;

use super::{condition::Watch, measures::Measures};
use crate::{clock::Clock, credential::caller::ProofCache, random::Random, schemas::SchemaCache};

/// What every transaction may use beside its connection. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Services {
    /// What time it is.
    pub(crate) clock: Arc<dyn Clock>,
    /// Where ids and secrets come from.
    pub(crate) random: Arc<Random>,
    /// The resource types of organizations, as they were read last.
    pub(crate) schemas: Arc<SchemaCache>,
    /// The settings and plans of the installation, as they were read last.
    pub(crate) installation: Arc<crate::installation::Cache>,
    /// The callers that were looked up last.
    pub(crate) proofs: Arc<ProofCache>,
    /// Whether the store takes changes.
    pub(crate) watch: Arc<Watch>,
    /// What is counted of the store's work.
    pub(crate) measures: Measures,
}

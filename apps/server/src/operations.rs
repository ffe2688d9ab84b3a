//! What whoever runs the server looks at: whether it can work, what it has done, and how much it does at once.

use std::sync::Arc;

use crate::{
    http::middleware::Lanes, installation::InstallationKey, metrics::MetricsPage, readiness::Readiness,
};

/// What whoever runs the server looks at. Cheap to clone: everything in it is shared.
#[derive(Clone)]
pub struct Operations {
    /// Whether it can work.
    pub readiness: Arc<Readiness>,
    /// What it has done.
    pub metrics: Arc<MetricsPage>,
    /// How much of each class of request it serves at once.
    pub lanes: Arc<Lanes>,
    /// By what others of this installation know it.
    pub installation: InstallationKey,
}

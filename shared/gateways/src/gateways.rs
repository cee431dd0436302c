use std::sync::Arc;

use domain::gateway::Circuits;
use domain::{Clock, Sleep};
use outbound::Transport;
use secrets::Secrets;

use crate::bases::BaseUrls;

/// The payment gateways, with all that calling them takes.
#[derive(Clone)]
pub struct Gateways {
    /// Sends requests to the vendors' APIs.
    pub transport: Arc<dyn Transport>,
    /// Sends requests to URLs that users type, in production an [`outbound::GuardedTransport`].
    pub guarded: Arc<dyn Transport>,
    /// Counts the failures of external gateways.
    pub circuits: Arc<dyn Circuits>,
    /// Keeps the credentials, under the names that [`credentials_name`](crate::credentials_name) gives.
    pub secrets: Arc<dyn Secrets>,
    /// Tells how much of the deadline is left.
    pub clock: Arc<dyn Clock>,
    /// Waits between two tries.
    pub sleep: Arc<dyn Sleep>,
    /// Where the vendors' APIs are.
    pub bases: BaseUrls,
    /// Where gateways reach this API, without a slash at its end; none where they do not.
    pub public_url: Option<String>,
}

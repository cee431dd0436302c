use std::sync::Arc;

use effects::{Secrets, SystemClock, TokioSleep};
use outbound::HttpTransport;

use crate::{BadBaseUrl, BaseUrls, Gateways};

impl Gateways {
    /// Gateways over real HTTP and the real time, for a process's `main`. `environment` gives the
    /// variables that override base URLs.
    ///
    /// # Errors
    /// A variable is no URL.
    pub fn over_http(
        secrets: Arc<dyn Secrets>,
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, BadBaseUrl> {
        Ok(Self {
            transport: Arc::new(HttpTransport::new()),
            secrets,
            clock: Arc::new(SystemClock),
            sleep: Arc::new(TokioSleep),
            bases: BaseUrls::from_lookup(environment)?,
        })
    }
}

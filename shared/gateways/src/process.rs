use std::sync::Arc;

use domain::gateway::Circuits;
use outbound::{GuardedTransport, HttpTransport, TrustedOrigins, TrustedOriginsError};
use secrets::Secrets;
use system::{SystemClock, TokioSleep};

use crate::{BadBaseUrl, BaseUrls, Gateways};

/// A variable of the environment that cannot be what it has to be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadEnvironment {
    /// One that overrides a vendor's base URL.
    #[error(transparent)]
    BaseUrl(#[from] BadBaseUrl),
    /// `EXTERNAL_GATEWAY_TRUSTED_ORIGINS`.
    #[error(transparent)]
    TrustedOrigins(#[from] TrustedOriginsError),
}

impl Gateways {
    /// Gateways over real HTTP and the real time, for a process's `main`. `environment` gives the
    /// variables that override base URLs, `EXTERNAL_GATEWAY_TRUSTED_ORIGINS` and `PUBLIC_URL`.
    ///
    /// # Errors
    /// A variable is no URL, or no list of origins.
    pub fn over_http(
        secrets: Arc<dyn Secrets>,
        circuits: Arc<dyn Circuits>,
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, BadEnvironment> {
        let trusted = environment(TrustedOrigins::VARIABLE).unwrap_or_default();
        let trusted = TrustedOrigins::parse(&trusted)?;
        Ok(Self {
            transport: Arc::new(HttpTransport::ready()),
            guarded: Arc::new(GuardedTransport::new(trusted)),
            circuits,
            secrets,
            clock: Arc::new(SystemClock),
            sleep: Arc::new(TokioSleep),
            public_url: environment("PUBLIC_URL").map(|it| it.trim_end_matches('/').to_owned()),
            bases: BaseUrls::from_lookup(environment)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use secrets::SecretsFile;

    use super::*;
    use crate::circuits::CircuitsInMemory;

    fn gateways(variable: &str, value: &str) -> Result<(), BadEnvironment> {
        Gateways::over_http(
            Arc::new(SecretsFile::in_memory()),
            Arc::new(CircuitsInMemory::default()),
            |name| (name == variable).then(|| value.to_owned()),
        )
        .map(drop)
    }

    #[test]
    fn a_variable_that_does_not_read_is_refused_by_name() {
        for (variable, value) in [
            ("STRIPE_API_BASE", "api.stripe.com"),
            (
                "EXTERNAL_GATEWAY_TRUSTED_ORIGINS",
                "http://localhost:9003/token",
            ),
            ("EXTERNAL_GATEWAY_TRUSTED_ORIGINS", "*"),
        ] {
            let error = gateways(variable, value).unwrap_err();
            assert!(error.to_string().contains(variable), "{error}");
        }
    }

    #[test]
    fn no_origin_has_to_be_trusted() {
        for value in ["", "http://localhost:9003"] {
            assert_eq!(gateways("EXTERNAL_GATEWAY_TRUSTED_ORIGINS", value), Ok(()));
        }
    }
}

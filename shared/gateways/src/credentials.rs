use domain::{Id, Tenant};
use effects::{Secret, Secrets};
use serde::de::DeserializeOwned;

use crate::call::Call;
use crate::failure::GatewayFailure;

/// The name under which a gateway's credentials are kept: `gateways/{organization}/{mode}/{id}`. The
/// secret is a JSON object of the gateway's write-only attributes; for Stripe
/// `{"login": "sk_…", "publishable_key": "pk_…"}`.
pub fn credentials_name(tenant: Tenant, gateway: Id) -> String {
    let Tenant { organization, mode } = tenant;
    format!("gateways/{organization}/{}/{gateway}", mode.as_str())
}

pub(crate) async fn load(
    secrets: &dyn Secrets,
    tenant: Tenant,
    gateway: Id,
) -> Result<Secret, GatewayFailure> {
    let name = credentials_name(tenant, gateway);
    let loaded = secrets.get(&name).await;
    loaded.map_err(|error| GatewayFailure::NoCredentials {
        problem: error.to_string(),
        name,
    })
}

/// Reads the credentials as the vendor's own keys. What does not read is not repeated.
pub(crate) fn parse<T: DeserializeOwned>(call: &Call<'_>) -> Result<T, GatewayFailure> {
    let secret = call.credentials.map_or("", Secret::expose);
    serde_json::from_str(secret)
        .map_err(|_| unusable(call, "not a JSON object with this gateway's keys"))
}

/// These credentials cannot be used.
pub(crate) fn unusable(call: &Call<'_>, problem: &str) -> GatewayFailure {
    GatewayFailure::NoCredentials {
        name: credentials_name(call.asked.tenant, call.asked.gateway),
        problem: problem.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use domain::Mode;

    use super::*;

    #[test]
    fn credentials_are_kept_per_organization_mode_and_gateway() {
        let tenant = Tenant {
            organization: "enWoxFMOnp".parse().unwrap(),
            mode: Mode::Live,
        };
        let gateway = "WmOodsVPmQ".parse().unwrap();
        assert_eq!(
            credentials_name(tenant, gateway),
            "gateways/enWoxFMOnp/live/WmOodsVPmQ"
        );
    }
}

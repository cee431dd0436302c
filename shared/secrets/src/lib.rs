//! Where credentials and keys are kept, by name, behind one trait; and a file of them, for one machine.
//! AWS Secrets Manager is in `aws`.

mod file;

use std::path::PathBuf;

use domain::{BoxFuture, Id, Tenant};
use secrecy::SecretString;

pub use file::SecretsFile;

/// Why a secret could not be had.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// There is no secret of that name: it has to be made.
    #[error("no secret named {0}")]
    Missing(String),
    /// The place where secrets are kept did not answer, or refused.
    #[error("secrets are unavailable: {0}")]
    Unavailable(String),
    /// The file of secrets cannot be used as it is.
    #[error("{path}: {problem}")]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
}

/// Where credentials and keys are kept, by name: `keys/sealing`, `gateways/{organization}/{mode}/{id}`.
pub trait Secrets: Send + Sync {
    /// The secret's text.
    fn get<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<SecretString, SecretError>>;

    /// The secret's text as it is kept now, for those who are about to change it: what another
    /// process has put meanwhile is not to be lost.
    fn latest<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<SecretString, SecretError>> {
        self.get(name)
    }
}

/// The same, for who may change what is kept: what only reads has no code that writes.
pub trait WritableSecrets: Secrets {
    /// Keeps a text under `name`, in place of what was there.
    fn put<'a>(
        &'a self,
        name: &'a str,
        secret: SecretString,
    ) -> BoxFuture<'a, Result<(), SecretError>>;

    /// Keeps nothing under `name` any more. Where nothing was kept, nothing happens.
    fn remove<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<(), SecretError>>;
}

/// The name under which a gateway's credentials are kept: `gateways/{organization}/{mode}/{id}`. The
/// secret is a JSON object of the gateway's write-only attributes; for Stripe
/// `{"login": "sk_…", "publishable_key": "pk_…"}`.
pub fn credentials_name(tenant: Tenant, gateway: Id) -> String {
    let Tenant { organization, mode } = tenant;
    format!("gateways/{organization}/{}/{gateway}", mode.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_kept_per_organization_mode_and_gateway() {
        let tenant = Tenant {
            organization: "enWoxFMOnp".parse().unwrap(),
            mode: domain::Mode::Live,
        };
        assert_eq!(
            credentials_name(tenant, "WmOodsVPmQ".parse().unwrap()),
            "gateways/enWoxFMOnp/live/WmOodsVPmQ"
        );
    }
}

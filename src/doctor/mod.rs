//! `billfold doctor`: whether a deployment is as it has to be, looked at from where the command runs.

mod api;
mod finding;
mod gateways;
mod table;
mod trust;
mod variables;

use std::sync::Arc;

use ::gateways::Gateways;
use aws::{Account, HttpsKeySets};
use clap::Args;
use decisions::{Permit, PermittedTo};
use domain::{Clock, Id, Mode, Tenant};
use outbound::{HttpTransport, Transport};
use secrets::Secrets;
use service::{FetchKeySet, Keys};
use store::aws_sdk_dynamodb::Client;
use store::{Sealer, Store, StoreError};
use system::{SystemClock, SystemRandom};

pub use finding::{Count, Finding, Level};

/// Checks a deployment, and prints a line for each check, with what to do.
///
/// It needs the environment of the functions (TABLE_NAME, SECRETS_PREFIX or SECRETS_FILE, PUBLIC_URL, ISSUERS, ISSUER),
/// and the account from there as well, with leave to describe and read the table and to read its secrets. It changes
/// nothing: payment gateways are asked for a payment that is not there, and a shop's own with a request that asks for
/// nothing. The exit code is 1 where there is a problem.
#[derive(Debug, Args)]
pub struct Doctor {
    /// Looks at the gateways of this organization alone; as many as there are. Without any, the whole table is read to
    /// find the organizations.
    #[arg(long = "organization", value_name = "ID")]
    organizations: Vec<Id>,
}

/// A deployment that is not as it has to be.
#[derive(Debug, thiserror::Error)]
pub enum DoctorError {
    /// There are problems: they are printed.
    #[error("{0}")]
    Problems(Count),
}

/// What is looked at, and with what.
pub struct Deployment<'a> {
    /// What the environment says of a variable.
    pub lookup: &'a (dyn Fn(&str) -> Option<String> + Sync),
    /// A client of DynamoDB.
    pub client: Client,
    /// Where credentials and keys are kept; none where the environment does not say so.
    pub secrets: Option<Arc<dyn Secrets>>,
    /// Reads issuers' key sets.
    pub key_sets: Arc<dyn FetchKeySet>,
    /// Reaches the API.
    pub transport: Arc<dyn Transport>,
}

impl Doctor {
    /// Looks at the environment's deployment, and prints what it finds; the text says how much that was.
    ///
    /// # Errors
    /// There are problems.
    pub async fn run(&self) -> Result<String, DoctorError> {
        let account = Account::of_environment().await;
        let deployment = Deployment {
            lookup: &|name| std::env::var(name).ok(),
            client: account.dynamodb(),
            // What is wrong with the variables is found below.
            secrets: account.secrets().ok(),
            key_sets: Arc::new(HttpsKeySets::default()),
            transport: Arc::new(HttpTransport::new()),
        };
        let print = |finding: &Finding| println!("{finding}");
        verdict(deployment.examine(&self.organizations, print).await)
    }
}

/// A warning is no reason to stop at: a script that deploys goes on.
fn verdict(count: Count) -> Result<String, DoctorError> {
    match count.problems {
        0 => Ok(count.to_string()),
        _ => Err(DoctorError::Problems(count)),
    }
}

impl Deployment<'_> {
    /// Makes every check that can be made, and tells what each comes to. Gateways are those of the given
    /// organizations; of all, where none is given.
    pub async fn examine(&self, organizations: &[Id], mut tell: impl FnMut(&Finding)) -> Count {
        let mut count = Count::default();
        let mut tell = |findings: Vec<Finding>| {
            for finding in findings {
                count.add(&finding);
                tell(&finding);
            }
        };
        tell(variables::variables(&self.lookup));
        if let Some(name) = self.set("TABLE_NAME") {
            let inspected = store::inspect(&self.client, &name).await;
            tell(table::table(&name, inspected));
        }
        if let Some(secrets) = &self.secrets {
            let key_sets = Arc::clone(&self.key_sets);
            tell(trust::trust(secrets.as_ref(), key_sets, &self.lookup).await);
            self.with_keys(secrets, organizations, &mut tell).await;
        }
        if let Some(url) = self.set("PUBLIC_URL") {
            let now = || SystemClock.now();
            tell(api::api(self.transport.as_ref(), &url, now).await);
        }
        count
    }

    fn set(&self, name: &str) -> Option<String> {
        (self.lookup)(name).filter(|it| !it.trim().is_empty())
    }

    /// What takes the table's keys: reading its gateways.
    async fn with_keys(
        &self,
        secrets: &Arc<dyn Secrets>,
        organizations: &[Id],
        tell: &mut impl FnMut(Vec<Finding>),
    ) {
        let about = "keys/sealing, keys/lookup";
        let keys = match Keys::read(secrets, Arc::new(SystemClock)).await {
            Ok(keys) => keys,
            Err(error) => {
                let advice = "see to the secrets, and the account's leave to read them";
                return tell(vec![Finding::problem(about, error.to_string(), advice)]);
            }
        };
        tell(vec![Finding::good(about, "are there, and read")]);
        let Some(name) = self.set("TABLE_NAME") else {
            return;
        };
        let random = Arc::new(SystemRandom);
        let sealer = Sealer::new(keys.sealing, random.clone());
        let store = Store::new(self.client.clone(), name, sealer, keys.lookup, random);
        let circuits = Arc::new(store.clone());
        // A variable that does not read is told of already.
        let Ok(gateways) = Gateways::over_http(Arc::clone(secrets), circuits, self.lookup) else {
            return;
        };
        let tenants = match tenants(&store, organizations).await {
            Ok(tenants) => tenants,
            Err(error) => return tell(vec![unread("organizations", &error)]),
        };
        for tenant in tenants {
            let catalog = store.read_catalog(tenant, SystemClock.now()).await;
            tell(match catalog {
                Ok(catalog) => gateways::gateways(&gateways, tenant, &catalog).await,
                Err(error) => {
                    let (id, mode) = (tenant.organization, tenant.mode.as_str());
                    vec![unread(&format!("catalogue of {id}, {mode}"), &error)]
                }
            });
        }
    }
}

fn unread(about: &str, error: &StoreError) -> Finding {
    let advice =
        "see to the account's leave to read the table, and whether keys/sealing has its keys";
    Finding::problem(about, error.to_string(), advice)
}

async fn tenants(store: &Store, organizations: &[Id]) -> Result<Vec<Tenant>, StoreError> {
    if organizations.is_empty() {
        let permit = Permit::grant(PermittedTo::Operator);
        let found = store.organizations(&permit).await?;
        return Ok(found.into_iter().map(|(tenant, _)| tenant).collect());
    }
    let in_modes = |organization: &Id| {
        [Mode::Test, Mode::Live].map(|mode| Tenant {
            organization: *organization,
            mode,
        })
    };
    Ok(organizations.iter().flat_map(in_modes).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_fails_the_command_and_a_warning_does_not() {
        let mut count = Count::default();
        count.add(&Finding::warning("table", "cannot be restored", "mend it"));
        let told = verdict(count).unwrap();
        assert_eq!(told, "checks: 1, warnings: 1, problems: 0");
        count.add(&Finding::problem("ISSUER", "is not set", "set it"));
        let told = verdict(count).unwrap_err().to_string();
        assert_eq!(told, "checks: 2, warnings: 1, problems: 1");
    }
}

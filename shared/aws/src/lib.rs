//! What a function is given by its AWS account: configuration from the environment, the table, and
//! secrets from AWS Secrets Manager. The only crate that names aws-config and aws-sdk-secretsmanager. Its HTTP client also
//! reads the key sets that issuers publish.

mod environment;
mod https_key_sets;
mod sdk;
mod secrets_manager;

pub use environment::{Account, Environment, Table, variable};
pub use https_key_sets::HttpsKeySets;
pub use secrets_manager::SecretsManager;

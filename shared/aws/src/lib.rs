//! What a function is given by its AWS account: configuration from the environment, the table, and
//! secrets from AWS Secrets Manager. The only crate that names aws-config and aws-sdk-secretsmanager.

mod environment;
mod sdk;
mod secrets_manager;

pub use environment::{Environment, Table, variable};
pub use secrets_manager::SecretsManager;

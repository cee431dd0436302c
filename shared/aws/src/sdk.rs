use std::time::Duration;

use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_secretsmanager::config::SharedCredentialsProvider;
use aws_smithy_types::retry::RetrySpec;
use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};

/// The account as the AWS CLI finds it: in the environment, in profiles, by roles, at the machine.
pub async fn of_environment() -> SdkConfig {
    aws_config::defaults(behavior())
        .timeout_config(timeouts())
        .load()
        .await
}

/// What Lambda gives a function in its environment: region and keys. To look for them elsewhere as well takes a
/// client of STS, and makes a binary a tenth larger.
///
/// `AWS_NEW_RETRIES_2026=true` makes retries start at 25 ms instead of a second, as it does where the SDK looks for it
/// by itself.
pub fn of_function(variable: impl Fn(&str) -> Option<String>) -> SdkConfig {
    let is_new = variable("AWS_NEW_RETRIES_2026").is_some_and(|it| it.eq_ignore_ascii_case("true"));
    let retries = match is_new {
        true => RetryConfig::standard().with_retry_spec(RetrySpec::v2_1()),
        false => RetryConfig::standard(),
    };
    let credentials = EnvironmentVariableCredentialsProvider::new();
    SdkConfig::builder()
        .behavior_version(behavior())
        .region(variable("AWS_REGION").map(Region::new))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .retry_config(retries)
        .timeout_config(timeouts())
        .service_config(Endpoints)
        .build()
}

/// `AWS_ENDPOINT_URL_DYNAMODB` and its kin: where a service is, other than at AWS.
#[derive(Debug)]
struct Endpoints;

impl LoadServiceConfig for Endpoints {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        let service = key.service_id().to_uppercase().replace(' ', "_");
        std::env::var(format!("{}_{service}", key.env())).ok()
    }
}

/// Behaviour is pinned, so that an upgrade of the SDK changes nothing unseen.
fn behavior() -> BehaviorVersion {
    BehaviorVersion::v2026_01_12()
}

/// An attempt is given up after a second: a warm call takes milliseconds, and three of them fit in a request's time.
fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(1))
        .operation_attempt_timeout(Duration::from_secs(1))
        .operation_timeout(Duration::from_secs(3))
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_takes_region_and_retries_from_its_environment() {
        let given = |name: &str| match name {
            "AWS_REGION" => Some("eu-central-1".to_owned()),
            "AWS_NEW_RETRIES_2026" => Some("true".to_owned()),
            _ => None,
        };
        let configured = of_function(given);
        assert_eq!(
            configured.region().map(Region::as_ref),
            Some("eu-central-1")
        );
        let retries = RetryConfig::standard().with_retry_spec(RetrySpec::v2_1());
        assert_eq!(configured.retry_config(), Some(&retries));
        assert!(configured.credentials_provider().is_some());

        let bare = of_function(|_| None);
        assert_eq!(bare.region(), None);
        assert_eq!(bare.retry_config(), Some(&RetryConfig::standard()));
    }
}

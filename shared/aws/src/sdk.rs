use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};

/// Behaviour is pinned, so that an upgrade of the SDK changes nothing unseen. An attempt is given
/// up after a second: a warm call takes milliseconds, and three of them fit in a request's time.
/// `AWS_NEW_RETRIES_2026=true` in the environment makes retries start at 25 ms instead of a second; a retry
/// configuration given here would take no heed of it.
pub async fn configuration() -> SdkConfig {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(1))
        .operation_attempt_timeout(Duration::from_secs(1))
        .operation_timeout(Duration::from_secs(3))
        .build();
    aws_config::defaults(BehaviorVersion::v2026_01_12())
        .timeout_config(timeouts)
        .load()
        .await
}

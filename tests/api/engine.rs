//! The suite on another DynamoDB than the embedded one: where DYNAMODB_TEST_ENDPOINT names it.

use std::sync::Arc;

use billfold::Options;
use domain::Random;
use store::aws_sdk_dynamodb::config::Credentials;
use system::SystemRandom;

/// The same options, with the table there. Who has another access key has tables of their own there, so
/// that each server begins with none; those of one folder share theirs, as they share its file.
pub fn elsewhere(options: Options) -> Options {
    let Ok(url) = std::env::var("DYNAMODB_TEST_ENDPOINT") else {
        return options;
    };
    let random: &dyn Random = &SystemRandom;
    let key = match &options.data {
        Some(folder) => domain::Id::derived(&[&folder.to_string_lossy()]).to_string(),
        None => random.hex(),
    };
    let configure = options.engine_client;
    Options {
        engine_client: Arc::new(move |builder| {
            let credentials = Credentials::new(&key, "none", None, None, "tests");
            let there = builder.endpoint_url(&url).credentials_provider(credentials);
            configure(there)
        }),
        ..options
    }
}

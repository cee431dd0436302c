//! AWS Lambda: the context from the environment, and handlers behind API Gateway's HTTP API. The
//! only module that names lambda_http.

use std::future::Future;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use access::Issuers;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use bytes::Bytes;
use domain::user_url::TrustedOrigins;
use effects::{Secrets, SecretsFile, SecretsManager, SystemClock, SystemRandom, TokioSleep};
use http::{Request, Response};
use lambda_http::request::RequestContext;
use lambda_http::{Error, RequestExt, service_fn};
use store::{Sealer, Store};

use crate::{Configuration, Context, Keys, SourceAddress};

/// What `main` makes of the environment.
pub struct Environment {
    /// What every endpoint needs.
    pub context: Context,
    /// Where credentials are kept.
    pub secrets: Arc<dyn Secrets>,
}

impl Environment {
    /// Reads the environment (`TABLE_NAME`, `PUBLIC_URL`, `ISSUERS`, `DOMAIN`,
    /// `EXTERNAL_GATEWAY_TRUSTED_ORIGINS`, `RATE_LIMIT`, `TOKEN_RATE_LIMIT`, and where secrets are: `SECRETS_PREFIX` or `SECRETS_FILE`),
    /// connects to the table, and starts logging.
    ///
    /// # Errors
    /// A variable is missing or does not read; the keys cannot be had. The function does not start.
    pub async fn read() -> Result<Self, Error> {
        lambda_http::tracing::init_default_subscriber();
        let config = sdk_config().await;
        let secrets = secrets(&config)?;
        let keys = Keys::read(secrets.as_ref()).await?;
        let random = Arc::new(SystemRandom);
        let store = Store::new(
            store::aws_sdk_dynamodb::Client::new(&config),
            variable("TABLE_NAME")?,
            Sealer::new(keys.sealing, random.clone()),
            keys.lookup,
            random.clone(),
        );
        store.connect().await;
        let context = Context {
            store,
            issuers: Arc::new(Issuers::from_json(&variable("ISSUERS")?)?),
            clock: Arc::new(SystemClock),
            sleep: Arc::new(TokioSleep),
            random,
            configuration: Configuration {
                public_url: variable("PUBLIC_URL")?.trim_end_matches('/').to_owned(),
                domain: std::env::var("DOMAIN").ok().filter(|it| !it.is_empty()),
                trusted_origins: trusted_origins()?,
                rate_limit: limit(Configuration::RATE_LIMIT, 600)?,
                token_rate_limit: limit(Configuration::TOKEN_RATE_LIMIT, 30)?,
            },
        };
        Ok(Self { context, secrets })
    }
}

/// Secrets are in AWS Secrets Manager under `SECRETS_PREFIX`, or on one machine in `SECRETS_FILE`.
fn secrets(config: &SdkConfig) -> Result<Arc<dyn Secrets>, Error> {
    Ok(match std::env::var("SECRETS_FILE") {
        Ok(path) => Arc::new(SecretsFile::open(Path::new(&path))?),
        Err(_) => Arc::new(SecretsManager::new(config, variable("SECRETS_PREFIX")?)),
    })
}

/// None where the variable is not set. The error is the text: what stops a process is logged as Rust
/// writes it, which for a type would be its name and parts.
fn trusted_origins() -> Result<TrustedOrigins, Error> {
    let listed = std::env::var(TrustedOrigins::VARIABLE).unwrap_or_default();
    TrustedOrigins::parse(&listed).map_err(|error| error.to_string().into())
}

fn limit(name: &str, default: u32) -> Result<u32, Error> {
    let value = std::env::var(name).ok();
    Configuration::limit(name, value.as_deref(), default).map_err(Error::from)
}

/// An environment variable that has to be there.
///
/// # Errors
/// It is not.
pub fn variable(name: &str) -> Result<String, Error> {
    std::env::var(name).map_err(|_| format!("the environment variable {name} is not set").into())
}

/// Behaviour is pinned, so that an upgrade of the SDK changes nothing unseen. An attempt is given
/// up after a second: a warm call takes milliseconds, and three of them fit in a request's time.
/// `AWS_NEW_RETRIES_2026=true` in the environment makes retries start at 25 ms instead of a second.
async fn sdk_config() -> SdkConfig {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(1))
        .operation_attempt_timeout(Duration::from_secs(1))
        .operation_timeout(Duration::from_secs(3))
        .build();
    aws_config::defaults(BehaviorVersion::v2026_01_12())
        .timeout_config(timeouts)
        .retry_config(RetryConfig::standard())
        .load()
        .await
}

/// Serves a handler until Lambda stops the process.
///
/// # Errors
/// The runtime API is lost.
pub async fn serve<H, F>(handle: H) -> Result<(), Error>
where
    H: Fn(Request<Bytes>) -> F,
    F: Future<Output = Response<Bytes>> + Send,
{
    lambda_http::run(service_fn(|event: lambda_http::Request| {
        let handled = handle(to_request(event));
        async move { Ok::<_, Error>(to_response(handled.await)) }
    }))
    .await
}

/// The request of an event. Bodies of the API's media type arrive as binary, others as text: both
/// are bytes here. The path is the raw one, since the template has no stage in it. The address is the
/// one that API Gateway saw.
fn to_request(event: lambda_http::Request) -> Request<Bytes> {
    let address = source_address(&event);
    let path = event.raw_http_path().to_owned();
    let query = event.uri().query().map(str::to_owned);
    let (mut parts, body) = event.into_parts();
    if let Some(address) = address {
        parts.extensions.insert(address);
    }
    let target = match query {
        Some(query) => format!("{path}?{query}"),
        None => path,
    };
    if let Ok(uri) = target.parse() {
        parts.uri = uri;
    }
    Request::from_parts(parts, Bytes::copy_from_slice(body.as_ref()))
}

fn source_address(event: &lambda_http::Request) -> Option<SourceAddress> {
    match event.request_context_ref()? {
        RequestContext::ApiGatewayV2(context) => {
            let address = context.http.source_ip.as_deref()?;
            address.parse().ok().map(SourceAddress)
        }
        _ => None,
    }
}

fn to_response(response: Response<Bytes>) -> Response<lambda_http::Body> {
    response.map(|bytes| match String::from_utf8(bytes.to_vec()) {
        Ok(text) if text.is_empty() => lambda_http::Body::Empty,
        Ok(text) => lambda_http::Body::Text(text),
        Err(error) => lambda_http::Body::Binary(error.into_bytes()),
    })
}

/// Answers one event as the function would: for replaying event files.
///
/// # Errors
/// The text is no event of API Gateway's HTTP API.
pub async fn replay<H, F>(event: &str, handle: H) -> Result<Response<Bytes>, Error>
where
    H: FnOnce(Request<Bytes>) -> F,
    F: Future<Output = Response<Bytes>>,
{
    let request = lambda_http::request::from_str(event)?;
    Ok(handle(to_request(request)).await)
}

//! The DynamoDB engine: the embedded one, dynoxide on a loopback socket, so that the store speaks to it with
//! the AWS SDK as it does to AWS; or another, which runs already.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use dynoxide::Database;
use http::Uri;
use store::aws_sdk_dynamodb::Client;
use store::aws_sdk_dynamodb::config::{
    BehaviorVersion, Builder, Credentials, Region, retry::RetryConfig, timeout::TimeoutConfig,
};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// The name of the table in the engine.
pub const TABLE: &str = "billfold";

/// A running engine.
pub struct Engine {
    /// Where it listens.
    pub url: String,
    /// None where it is somebody else's.
    serving: Option<JoinHandle<Result<(), String>>>,
}

/// Why the engine did not start.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The file of the database cannot be used.
    #[error("{path} cannot be opened as database ({problem}); move it away to start anew")]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// The other engine's URL is none.
    #[error(
        "{0} is no URL of a DynamoDB; give one such as http://localhost:8000 with --dynamodb-endpoint"
    )]
    NoUrl(String),
    /// There is no socket to listen on.
    #[error("no loopback socket for the database engine ({0}); choose another with --engine-port")]
    Socket(#[from] io::Error),
}

impl Engine {
    /// Starts an engine over the file of a database, or over memory alone, on this port (0 takes
    /// any), until `shutdown`.
    ///
    /// # Errors
    /// The file cannot be used, or there is no socket.
    pub async fn start(
        file: Option<&Path>,
        port: u16,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> Result<Self, EngineError> {
        let database = match file {
            None => Database::memory(),
            Some(path) => Database::new(&path.to_string_lossy()),
        };
        let database = database.map_err(|error| EngineError::File {
            path: file.unwrap_or(Path::new("memory")).to_owned(),
            problem: error.to_string(),
        })?;
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], port))).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let serving = tokio::spawn(dynoxide::server::serve_with_shutdown(
            listener, database, shutdown,
        ));
        let serving = Some(serving);
        Ok(Self { url, serving })
    }

    /// An engine that runs already.
    ///
    /// # Errors
    /// It is no http or https URL.
    pub fn at(url: &str) -> Result<Self, EngineError> {
        let uri: Uri = url
            .parse()
            .map_err(|_| EngineError::NoUrl(url.to_owned()))?;
        let is_url = matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some();
        match is_url {
            true => Ok(Self {
                url: url.trim_end_matches('/').to_owned(),
                serving: None,
            }),
            false => Err(EngineError::NoUrl(url.to_owned())),
        }
    }

    /// The configuration of a client of this engine. Region and credentials are those of the environment, where it
    /// has any: the embedded engine, like others for one machine, takes whatever comes.
    pub fn client_configuration(&self, environment: fn(&str) -> Option<String>) -> Builder {
        let local = |name| environment(name).unwrap_or_else(|| "local".to_owned());
        let credentials = Credentials::new(
            local("AWS_ACCESS_KEY_ID"),
            local("AWS_SECRET_ACCESS_KEY"),
            environment("AWS_SESSION_TOKEN"),
            None,
            "environment",
        );
        store::aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .endpoint_url(&self.url)
            .region(Region::new(local("AWS_REGION")))
            .credentials_provider(credentials)
            .retry_config(RetryConfig::standard())
            .timeout_config(TimeoutConfig::disabled())
    }

    /// A client of this engine.
    pub fn client(&self) -> Client {
        Client::from_conf(self.client_configuration(|_| None).build())
    }

    /// Resolves once the engine has stopped.
    pub async fn stopped(self) {
        let Some(serving) = self.serving else {
            return;
        };
        match serving.await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(error, "database engine failed"),
            Err(error) => tracing::error!(%error, "database engine failed"),
        }
    }
}

//! The embedded DynamoDB engine: dynoxide on a loopback socket, so that the store speaks to it with
//! the AWS SDK as it does to AWS.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use dynoxide::Database;
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
    serving: JoinHandle<Result<(), String>>,
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
        Ok(Self { url, serving })
    }

    /// The configuration of a client of this engine. Its credentials are no secret: the engine takes
    /// any.
    pub fn client_configuration(&self) -> Builder {
        store::aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .endpoint_url(&self.url)
            .region(Region::new("local"))
            .credentials_provider(Credentials::new("local", "local", None, None, "local"))
            .retry_config(RetryConfig::standard())
            .timeout_config(TimeoutConfig::disabled())
    }

    /// A client of this engine.
    pub fn client(&self) -> Client {
        Client::from_conf(self.client_configuration().build())
    }

    /// Resolves once the engine has stopped.
    pub async fn stopped(self) {
        match self.serving.await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(error, "database engine failed"),
            Err(error) => tracing::error!(%error, "database engine failed"),
        }
    }
}

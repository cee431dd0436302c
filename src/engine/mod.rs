//! The DynamoDB engine: the embedded one, dynoxide on a loopback socket, so that the store speaks to it with
//! the AWS SDK as it does to AWS; or another, which runs already.

mod connector;
mod write_ahead_log;

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use aws_smithy_runtime_api::client::http::SharedHttpClient;
use dynoxide::{Database, DynoxideError};
use http::Uri;
use store::aws_sdk_dynamodb::Client;
use store::aws_sdk_dynamodb::config::{
    BehaviorVersion, Builder, Credentials, Region, retry::RetryConfig, timeout::TimeoutConfig,
};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use write_ahead_log::WriteAheadLog;

/// The name of the table in the engine.
pub const TABLE: &str = "billfold";

/// A running engine.
pub struct Engine {
    /// Where it listens.
    pub url: String,
    /// None where it is somebody else's.
    embedded: Option<Embedded>,
}

/// An engine of this process.
struct Embedded {
    serving: JoinHandle<Result<(), String>>,
    client: SharedHttpClient,
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
    /// any, which nobody else knows), until `shutdown`.
    ///
    /// # Errors
    /// The file cannot be used, or there is no socket.
    pub async fn start(
        file: Option<&Path>,
        port: u16,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> Result<Self, EngineError> {
        let (database, log) = open(file, port == 0).map_err(|problem| EngineError::File {
            path: file.unwrap_or(Path::new("memory")).to_owned(),
            problem,
        })?;
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], port))).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let serving = tokio::spawn(dynoxide::server::serve_with_shutdown(
            listener, database, shutdown,
        ));
        let client = connector::client(log);
        let embedded = Some(Embedded { serving, client });
        Ok(Self { url, embedded })
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
                embedded: None,
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
        let client = self.embedded.as_ref().map(|it| it.client.clone());
        let mut configuration = store::aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .endpoint_url(&self.url)
            .region(Region::new(local("AWS_REGION")))
            .credentials_provider(credentials)
            .retry_config(RetryConfig::standard())
            .timeout_config(TimeoutConfig::disabled());
        configuration.set_http_client(client);
        configuration
    }

    /// A client of this engine.
    pub fn client(&self) -> Client {
        Client::from_conf(self.client_configuration(|_| None).build())
    }

    /// Resolves once the engine has stopped.
    pub async fn stopped(self) {
        let Some(embedded) = self.embedded else {
            return;
        };
        match embedded.serving.await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(error, "database engine failed"),
            Err(error) => tracing::error!(%error, "database engine failed"),
        }
    }
}

/// The database of a file, or one of memory alone; with the log that its clients bring to the disk, where nobody but
/// this process has any and there is one. Otherwise the engine does so with every write.
fn open(
    file: Option<&Path>,
    is_private: bool,
) -> Result<(Database, Option<WriteAheadLog>), String> {
    let told = |error: DynoxideError| error.to_string();
    let Some(path) = file else {
        return Ok((Database::memory().map_err(told)?, None));
    };
    let database = Database::new(&path.to_string_lossy()).map_err(told)?;
    if !is_private {
        return Ok((database, None));
    }
    let log = match WriteAheadLog::of(path) {
        Ok(log) => log,
        // On a file system without shared memory, SQLite keeps a journal of another kind, which it brings to the disk.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((database, None)),
        Err(error) => return Err(error.to_string()),
    };
    // Back from loading, the engine is at SQLite's `synchronous = NORMAL`: it brings its log to the disk before it
    // writes that into the file, and not with every write, which whoever asked for it does then.
    database.enable_bulk_loading().map_err(told)?;
    database.disable_bulk_loading().map_err(told)?;
    Ok((database, Some(log)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_that_nobody_else_writes_has_a_log_from_its_start_on() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("table.sqlite");
        for _ in 0..2 {
            let (_database, log) = open(Some(&file), true).unwrap();
            log.unwrap().on_disk().await.unwrap();
        }
        assert!(open(Some(&file), false).unwrap().1.is_none());
        assert!(open(None, true).unwrap().1.is_none());
    }
}

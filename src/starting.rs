//! How a server is started, and why it does not start.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use domain::{Clock, Random, Sleep};
use secrecy::SecretString;
use secrets::SecretError;
use service::KeysError;
use store::StoreError;
use system::{SystemClock, SystemRandom, TokioSleep};
use tokio::net::TcpListener;

use crate::certificate::CertificateError;
use crate::demo;
use crate::engine::EngineError;
use crate::https::Https;

/// How a server is started.
#[derive(Clone)]
pub struct Options {
    /// The port of the API; 0 takes any. The stand-ins for the gateways listen on the next four.
    pub port: u16,
    /// The address that the API listens on; the stand-ins listen at loopback alone.
    pub listen: IpAddr,
    /// True for a page at `/`.
    pub page: bool,
    /// Where hosts of a domain are served over TLS as well; none where they are not.
    pub https: Option<Https>,
    /// The port of the database engine; 0 takes any.
    pub engine_port: u16,
    /// Where another DynamoDB is, which has the table in the place of the embedded engine.
    pub dynamodb_endpoint: Option<String>,
    /// The folder where data is kept; none keeps it in memory alone.
    pub data: Option<PathBuf>,
    /// What the environment says of a variable.
    pub environment: fn(&str) -> Option<String>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// What signs tokens, as PEM, where no key is kept yet; none makes one.
    pub signing_key: Option<SecretString>,
    /// Ids, nonces, keys.
    pub random: Arc<dyn Random>,
    /// Waiting.
    pub sleep: Arc<dyn Sleep>,
    /// How often the stand-ins tell what happened; none where nobody has them do so.
    pub events_every: Option<Duration>,
    /// Changes the configuration of the client of the database engine.
    pub engine_client: ConfigureClient,
}

/// Changes the configuration of a client of DynamoDB.
pub type ConfigureClient = Arc<
    dyn Fn(store::aws_sdk_dynamodb::config::Builder) -> store::aws_sdk_dynamodb::config::Builder
        + Send
        + Sync,
>;

impl Options {
    /// On this port at loopback, with the page, in memory, with the real time and randomness and an empty environment.
    pub fn in_memory(port: u16) -> Self {
        Self {
            port,
            listen: LOOPBACK,
            page: true,
            https: None,
            engine_port: 0,
            dynamodb_endpoint: None,
            data: None,
            environment: |_| None,
            clock: Arc::new(SystemClock),
            signing_key: None,
            random: Arc::new(SystemRandom),
            sleep: Arc::new(TokioSleep),
            events_every: None,
            engine_client: Arc::new(|builder| builder),
        }
    }
}

/// Why the server did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Another process listens on the port.
    #[error(
        "port {port} is taken ({problem}); stop what listens there, or choose another with {option}"
    )]
    Port {
        /// The port.
        port: u16,
        /// The option that says which port it is.
        option: &'static str,
        /// What the system says.
        problem: io::Error,
    },
    /// The system keeps the port for others.
    #[error(
        "listening on port {port} is not allowed ({problem}); choose another with {option}, such as 8443, or allow \
         it: sudo sysctl net.ipv4.ip_unprivileged_port_start={port} on Linux"
    )]
    PortNotAllowed {
        /// The port.
        port: u16,
        /// The option that says which port it is.
        option: &'static str,
        /// What the system says.
        problem: io::Error,
    },
    /// TLS.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// The folder for data cannot be made.
    #[error("{path} cannot be made ({problem}); choose another folder with --data, or --ephemeral")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        problem: io::Error,
    },
    /// The stand-ins cannot tell what happens.
    #[error(transparent)]
    Events(#[from] crate::events::CannotTell),
    /// The database engine.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The table cannot be made or filled.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file of secrets.
    #[error(transparent)]
    Secrets(#[from] SecretError),
    /// The keys.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// The demo data.
    #[error(transparent)]
    Demo(#[from] demo::DemoError),
    /// The key that signs tokens.
    #[error("the signing key cannot be used: {0}")]
    Signing(String),
    /// A stand-in for a gateway.
    #[error("the stand-in {name} does not start: {problem}")]
    StandIn {
        /// The variable's name.
        name: &'static str,
        /// What is wrong.
        problem: String,
    },
    /// A variable of the environment.
    #[error("{0}")]
    Variable(String),
}

/// What nobody but this machine reaches.
pub const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// Listens on a port of this machine; 0 is any that is free. `option` is what says which.
pub async fn listen(
    address: IpAddr,
    port: u16,
    option: &'static str,
) -> Result<TcpListener, StartError> {
    let listener = TcpListener::bind(SocketAddr::new(address, port)).await;
    listener.map_err(|problem| no_listener(port, option, problem))
}

fn no_listener(port: u16, option: &'static str, problem: io::Error) -> StartError {
    match problem.kind() {
        io::ErrorKind::PermissionDenied => StartError::PortNotAllowed {
            port,
            option,
            problem,
        },
        _ => StartError::Port {
            port,
            option,
            problem,
        },
    }
}

/// The port that is listened on.
pub fn port_of(listener: &TcpListener, wanted: u16) -> u16 {
    listener.local_addr().map_or(wanted, |it| it.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_is_kept_for_others_is_no_port_that_is_taken() {
        let said = |kind: io::ErrorKind| no_listener(443, "--https", kind.into()).to_string();
        let taken = said(io::ErrorKind::AddrInUse);
        assert!(taken.starts_with("port 443 is taken"), "{taken}");
        assert!(taken.ends_with("choose another with --https"), "{taken}");
        let kept = said(io::ErrorKind::PermissionDenied);
        assert!(
            kept.starts_with("listening on port 443 is not allowed"),
            "{kept}"
        );
        assert!(kept.contains("--https"), "{kept}");
    }
}

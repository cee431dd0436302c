//! Hosts of a domain on this machine, over TLS: Commerce Layer's own clients write https and the names of
//! hosts into what they ask, and leave out the port.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use axum_server::Handle;
use axum_server::tls_rustls::{RustlsConfig, from_tcp_rustls};
use domain::Clock;
use rustls::ServerConfig;
use rustls::pki_types::DnsName;
use secrets::WritableSecrets;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, interval_at};

use crate::api::{Api, wait_for};
use crate::certificate::{self, CertificateError};
use crate::starting::StartError;
use crate::{data_folder, demo};

/// How often it is looked whether the certificate runs out.
const LOOK_EVERY: Duration = Duration::from_secs(24 * 3600);

/// How long connections may finish what they are at when the server stops.
const LINGER: Duration = Duration::from_secs(1);

/// A name that hosts are under, in small letters: `shop.localhost`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Domain(String);

/// The text is not the name of a domain that may have hosts under it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "a domain is letters, digits and hyphens between dots, such as shop.localhost, and no address"
)]
pub struct NotADomain;

impl FromStr for Domain {
    type Err = NotADomain;

    fn from_str(text: &str) -> Result<Self, NotADomain> {
        let name = text.to_ascii_lowercase();
        let is_plain = |it: u8| it.is_ascii_alphanumeric() || matches!(it, b'-' | b'.');
        if !name.bytes().all(is_plain) || name.ends_with('.') {
            return Err(NotADomain);
        }
        DnsName::try_from(name.as_str()).map_err(|_| NotADomain)?;
        DnsName::try_from(format!("{}.{name}", demo::SLUG)).map_err(|_| NotADomain)?;
        Ok(Self(name))
    }
}

/// Where hosts of a domain are served over TLS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Https {
    /// What the hosts are under.
    pub domain: Domain,
    /// The port, at loopback; 0 takes any that is free.
    pub port: u16,
}

impl Https {
    /// The host that tokens are issued at.
    const AUTH: &str = "auth";

    /// The domain's name.
    pub fn domain(&self) -> &str {
        &self.domain.0
    }

    /// Where the demo organization's API is: `https://demo.shop.localhost`.
    pub fn api_url(&self) -> String {
        self.url_of(demo::SLUG)
    }

    /// Who issues tokens: `https://auth.shop.localhost`.
    pub fn issuer(&self) -> String {
        self.url_of(Self::AUTH)
    }

    /// The hosts that the certificate is for: the domain itself, the demo organization's, and the issuer's.
    pub fn hosts(&self) -> [String; 3] {
        let domain = self.domain();
        let under = |label: &str| format!("{label}.{domain}");
        [domain.to_owned(), under(demo::SLUG), under(Self::AUTH)]
    }

    fn url_of(&self, label: &str) -> String {
        let domain = self.domain();
        match self.port {
            443 => format!("https://{label}.{domain}"),
            port => format!("https://{label}.{domain}:{port}"),
        }
    }
}

/// The API over TLS.
pub struct Serving {
    /// Where it is served.
    pub https: Https,
    /// Where the certificate is kept with its key.
    pub secrets: Arc<dyn WritableSecrets>,
    /// The file that shows the certificate alone; none keeps it in memory.
    pub shown_in: Option<PathBuf>,
    /// What says whether the certificate runs out.
    pub clock: Arc<dyn Clock>,
}

impl Serving {
    /// Serves `api`, with another certificate before the first runs out, until told to stop.
    ///
    /// # Errors
    /// There is no certificate, or it cannot be used or shown.
    pub async fn serve(
        self,
        api: Api,
        listener: TcpListener,
        stopping: watch::Receiver<bool>,
    ) -> Result<JoinHandle<()>, StartError> {
        let served_with = RustlsConfig::from_config(self.current().await?);
        let handle = Handle::<SocketAddr>::new();
        let listener = listener.into_std();
        let server = listener.and_then(|it| from_tcp_rustls(it, served_with.clone()));
        let server = server.map_err(|error| CertificateError::Tls(error.to_string()))?;
        let serving = server.handle(handle.clone()).serve(api.routes(None));
        let stopped = wait_for(stopping);
        Ok(tokio::spawn(async move {
            tokio::pin!(serving, stopped);
            let mut timer = interval_at(Instant::now() + LOOK_EVERY, LOOK_EVERY);
            let ended = loop {
                tokio::select! {
                    ended = &mut serving => break ended,
                    _ = timer.tick() => self.renew(&served_with).await,
                    () = &mut stopped => {
                        handle.graceful_shutdown(Some(LINGER));
                        break serving.await;
                    }
                }
            };
            if let Err(error) = ended {
                tracing::error!(%error, "the server of the domain failed");
            }
        }))
    }

    async fn renew(&self, served_with: &RustlsConfig) {
        match self.current().await {
            Ok(configuration) => served_with.reload_from_config(configuration),
            Err(error) => tracing::error!(%error, "the certificate cannot be made anew"),
        }
    }

    async fn current(&self) -> Result<Arc<ServerConfig>, StartError> {
        let hosts = self.https.hosts();
        let current = certificate::current(self.secrets.as_ref(), &hosts, self.clock.now()).await?;
        if let Some(path) = &self.shown_in {
            data_folder::write(path, &current.pem)?;
        }
        Ok(current.server_configuration()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_is_a_host_name() {
        let long = format!("{}.localhost", "a".repeat(64));
        let longer = ["a23456789"; 26].join(".");
        for text in [
            "",
            ".",
            "shop..localhost",
            "shop.localhost.",
            ".localhost",
            "127.0.0.1",
            "::1",
            "[::1]",
            "shop localhost",
            "shop.localhost:443",
            "https://shop.localhost",
            "*.localhost",
            "shop_localhost",
            "-shop.localhost",
            "shop-.localhost",
            "größe.localhost",
            "shop/api",
            "shop\0.localhost",
            &long,
            &longer,
        ] {
            assert_eq!(text.parse::<Domain>(), Err(NotADomain), "{text}");
        }
        for text in [
            "shop.localhost",
            "localhost",
            "xn--gre-6ka8f.localhost",
            "a1.b-2.test",
        ] {
            assert_eq!(text.parse(), Ok(Domain(text.to_owned())));
        }
        assert_eq!(
            "Shop.LocalHost".parse(),
            Ok(Domain("shop.localhost".to_owned()))
        );
    }

    #[test]
    fn urls_name_a_port_that_https_has_not() {
        let at = |port| Https {
            domain: "shop.localhost".parse().unwrap(),
            port,
        };
        assert_eq!(at(443).api_url(), "https://demo.shop.localhost");
        assert_eq!(at(443).issuer(), "https://auth.shop.localhost");
        assert_eq!(at(8443).api_url(), "https://demo.shop.localhost:8443");
    }
}

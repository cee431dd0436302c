//! The certificate that a domain of this machine is served with: self-signed, made here, its key among the
//! secrets.

use std::sync::Arc;
use std::time::Duration;

use domain::Timestamp;
use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{RootCertStore, ServerConfig};
use secrecy::{ExposeSecret, SecretString};
use secrets::{SecretError, WritableSecrets};
use serde_json::{Value, json};
use time::OffsetDateTime;

/// The name of the secret: `{"certificate": "…", "key": "…"}`, each PEM.
const SECRET: &str = "keys/tls";

/// How long a certificate is valid; browsers take none that is for longer.
const LIFETIME: Duration = Duration::from_secs(397 * 24 * 3600);

/// How long before its end another is made.
const RENEWED_BEFORE: Duration = Duration::from_secs(30 * 24 * 3600);

/// What clocks may differ by.
const CLOCK_SKEW: Duration = Duration::from_secs(24 * 3600);

/// A certificate with its key.
pub struct Certificate {
    /// The certificate alone, which may be shown and trusted.
    pub pem: String,
    certificate: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
}

/// Why TLS cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// The secrets.
    #[error(transparent)]
    Secrets(#[from] SecretError),
    /// What is kept is no certificate with its key.
    #[error(
        "the secret {SECRET} is no certificate with its key ({0}); remove it to have another made"
    )]
    Unreadable(String),
    /// No certificate can be made.
    #[error("no certificate can be made: {0}")]
    NotMade(String),
    /// The library.
    #[error("TLS cannot be served: {0}")]
    Tls(String),
}

/// The certificate that is kept, or another where it is not for all these hosts, or runs out within 30 days.
///
/// # Errors
/// What is kept cannot be read, or nothing can be made or kept.
pub async fn current(
    secrets: &dyn WritableSecrets,
    hosts: &[String],
    now: Timestamp,
) -> Result<Certificate, CertificateError> {
    match secrets.get(SECRET).await {
        Ok(kept) => {
            let kept = Certificate::parse(&kept)?;
            match kept.is_good_for(hosts, now)? {
                true => Ok(kept),
                false => make(secrets, hosts, now).await,
            }
        }
        Err(SecretError::Missing(_)) => make(secrets, hosts, now).await,
        Err(error) => Err(error.into()),
    }
}

async fn make(
    secrets: &dyn WritableSecrets,
    hosts: &[String],
    now: Timestamp,
) -> Result<Certificate, CertificateError> {
    let made =
        self_signed(hosts, now).map_err(|error| CertificateError::NotMade(error.to_string()))?;
    let certificate = Certificate::parse(&made)?;
    secrets.put(SECRET, made).await?;
    Ok(certificate)
}

fn self_signed(
    hosts: &[String],
    now: Timestamp,
) -> Result<SecretString, Box<dyn std::error::Error>> {
    let mut wanted = CertificateParams::new(hosts)?;
    let now = OffsetDateTime::from_unix_timestamp(now.unix_millis() / 1000)?;
    wanted.not_before = now - CLOCK_SKEW;
    wanted.not_after = wanted.not_before + LIFETIME;
    wanted.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    wanted.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    wanted
        .distinguished_name
        .push(DnType::OrganizationName, "Billfold");
    if let Some(host) = hosts.first() {
        wanted
            .distinguished_name
            .push(DnType::CommonName, host.as_str());
    }
    let key = KeyPair::generate()?;
    let certificate = wanted.self_signed(&key)?;
    let kept = json!({ "certificate": certificate.pem(), "key": key.serialize_pem() });
    Ok(SecretString::from(kept.to_string()))
}

impl Certificate {
    fn parse(kept: &SecretString) -> Result<Self, CertificateError> {
        let unreadable = |problem: String| CertificateError::Unreadable(problem);
        let kept: Value = serde_json::from_str(kept.expose_secret())
            .map_err(|_| unreadable("not JSON".to_owned()))?;
        let member = |name: &str| {
            let text = kept.get(name).and_then(Value::as_str);
            text.ok_or_else(|| unreadable(format!("it has no {name}")))
        };
        let pem = member("certificate")?;
        let certificate = CertificateDer::from_pem_slice(pem.as_bytes())
            .map_err(|error| unreadable(format!("certificate: {error}")))?;
        let key = PrivateKeyDer::from_pem_slice(member("key")?.as_bytes())
            .map_err(|error| unreadable(format!("key: {error}")))?;
        Ok(Self {
            pem: pem.to_owned(),
            certificate,
            key,
        })
    }

    /// Whether a client that trusts it takes it for each of the hosts, now and until it is to be renewed.
    fn is_good_for(&self, hosts: &[String], now: Timestamp) -> Result<bool, CertificateError> {
        let unreadable =
            |error: &dyn std::fmt::Display| CertificateError::Unreadable(error.to_string());
        let mut trusted = RootCertStore::empty();
        trusted
            .add(self.certificate.clone())
            .map_err(|error| unreadable(&error))?;
        let client = WebPkiServerVerifier::builder_with_provider(Arc::new(trusted), provider())
            .build()
            .map_err(|error| unreadable(&error))?;
        let now = Duration::from_millis(now.unix_millis().try_into().unwrap_or_default());
        let is_taken = |host: &String, at: Duration| {
            let Ok(host) = ServerName::try_from(host.as_str()) else {
                return false;
            };
            let at = UnixTime::since_unix_epoch(at);
            client
                .verify_server_cert(&self.certificate, &[], &host, &[], at)
                .is_ok()
        };
        Ok(hosts
            .iter()
            .all(|host| is_taken(host, now) && is_taken(host, now + RENEWED_BEFORE)))
    }

    /// What serves TLS with it. HTTP/1.1 alone: requests say their host in a header.
    ///
    /// # Errors
    /// The key is not the certificate's.
    pub fn server_configuration(&self) -> Result<Arc<ServerConfig>, CertificateError> {
        let certificates = vec![self.certificate.clone()];
        let configuration = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(|error| CertificateError::Tls(error.to_string()))?
            .with_no_client_auth()
            .with_single_cert(certificates, self.key.clone_key());
        let mut configuration =
            configuration.map_err(|error| CertificateError::Unreadable(error.to_string()))?;
        configuration.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(configuration))
    }
}

fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}

#[cfg(test)]
mod tests {
    use secrets::{Secrets, SecretsFile};

    use super::*;

    const START: i64 = 1_790_000_000_000;

    fn after(days: i64) -> Timestamp {
        Timestamp::from_unix_millis(START + days * 24 * 3600 * 1000)
    }

    fn hosts(domain: &str) -> Vec<String> {
        vec![domain.to_owned(), format!("demo.{domain}")]
    }

    #[tokio::test]
    async fn it_is_kept_until_thirty_days_before_its_end() {
        let secrets = SecretsFile::in_memory();
        let hosts = hosts("shop.localhost");
        let first = current(&secrets, &hosts, after(0)).await.unwrap();
        for days in [0, 1, 365] {
            let again = current(&secrets, &hosts, after(days)).await.unwrap();
            assert_eq!(again.pem, first.pem, "after {days} days");
        }
        let second = current(&secrets, &hosts, after(367)).await.unwrap();
        assert_ne!(second.pem, first.pem);
        let third = current(&secrets, &hosts, after(5000)).await.unwrap();
        assert_ne!(third.pem, second.pem, "one that ran out long ago");
        let again = current(&secrets, &hosts, after(5001)).await.unwrap();
        assert_eq!(again.pem, third.pem);
    }

    #[tokio::test]
    async fn another_is_made_for_other_hosts() {
        let secrets = SecretsFile::in_memory();
        let first = current(&secrets, &hosts("shop.localhost"), after(0))
            .await
            .unwrap();
        let other = current(&secrets, &hosts("store.localhost"), after(0))
            .await
            .unwrap();
        assert_ne!(first.pem, other.pem);
    }

    #[tokio::test]
    async fn what_is_no_certificate_is_told_of_and_left_alone() {
        let hosts = hosts("shop.localhost");
        let other = SecretsFile::in_memory();
        current(&other, &hosts, after(0)).await.unwrap();
        let kept = other.get(SECRET).await.unwrap();
        let kept: Value = serde_json::from_str(kept.expose_secret()).unwrap();
        let another_key = KeyPair::generate().unwrap().serialize_pem();
        for (spoilt, why) in [
            ("-".to_owned(), "not json"),
            ("{}".to_owned(), "no certificate"),
            (
                json!({ "certificate": "text", "key": kept["key"] }).to_string(),
                "certificate",
            ),
            (
                json!({ "certificate": kept["certificate"], "key": "" }).to_string(),
                "key",
            ),
            (
                json!({ "certificate": kept["certificate"], "key": another_key }).to_string(),
                "key",
            ),
        ] {
            let secrets = SecretsFile::in_memory();
            secrets
                .put(SECRET, SecretString::from(spoilt.clone()))
                .await
                .unwrap();
            let read = current(&secrets, &hosts, after(0)).await;
            let refused = read.and_then(|it| it.server_configuration().map(|_| ()));
            let error = refused.unwrap_err();
            assert!(matches!(error, CertificateError::Unreadable(_)), "{error}");
            assert!(error.to_string().to_lowercase().contains(why), "{error}");
            let left = secrets.get(SECRET).await.unwrap();
            assert_eq!(left.expose_secret(), spoilt);
        }
    }
}

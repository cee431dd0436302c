use std::net::SocketAddr;

use aws_smithy_http_client::tls::TrustStore;
use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect};
use axum::routing::get;
use axum_server::tls_rustls::RustlsConfig;
use axum_server::{Handle, from_tcp_rustls};
use rcgen::{CertifiedKey, generate_simple_self_signed};

use super::*;

const KEYS: &str = r#"{"keys": []}"#;

/// An issuer's host at loopback, over TLS, with a certificate of its own.
struct Host {
    address: SocketAddr,
    certificate: String,
    handle: Handle<SocketAddr>,
}

impl Host {
    fn start() -> Self {
        let names = vec!["localhost".to_owned()];
        let CertifiedKey { cert, signing_key } = generate_simple_self_signed(names).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let chain = vec![cert.der().clone()];
        let key = signing_key.serialize_der().try_into().unwrap();
        let tls = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let (address, handle) = (listener.local_addr().unwrap(), Handle::new());
        let server = from_tcp_rustls(listener, RustlsConfig::from_config(Arc::new(tls))).unwrap();
        let serving = server
            .handle(handle.clone())
            .serve(routes().into_make_service());
        tokio::spawn(async move { serving.await.unwrap() });
        Self {
            address,
            certificate: cert.pem(),
            handle,
        }
    }

    /// Asks for a path as somebody who trusts the host's certificate.
    async fn ask(&self, path: &str) -> Result<String, FetchError> {
        let trusted = TrustStore::empty().with_pem_certificate(self.certificate.as_bytes());
        let trusted = TlsContext::builder().with_trust_store(trusted).build();
        let key_sets = HttpsKeySets::default();
        let made = Arc::new(connector(trusted.unwrap()));
        key_sets.connector.set(made).unwrap();
        self.ask_with(&key_sets, path).await
    }

    async fn ask_with(&self, key_sets: &HttpsKeySets, path: &str) -> Result<String, FetchError> {
        let uri = format!("https://localhost:{}{path}", self.address.port());
        let text = key_sets.fetch(JwksUri::try_from(uri).unwrap()).await;
        text.map(|it| String::from_utf8(it).unwrap())
    }
}

fn routes() -> Router {
    let sent = async |headers: HeaderMap| {
        let mut names: Vec<_> = headers.keys().map(|it| it.as_str().to_owned()).collect();
        names.sort();
        names.join(" ")
    };
    Router::new()
        .route("/keys", get(async || KEYS))
        .route("/sent", get(sent))
        .route("/moved", get(async || Redirect::permanent("/keys")))
        .route(
            "/down",
            get(async || StatusCode::BAD_GATEWAY.into_response()),
        )
        .route("/long", get(async || "x".repeat(LONGEST + 1)))
        .route("/longest", get(async || "x".repeat(LONGEST)))
        .route("/hanging", get(std::future::pending::<String>))
}

#[tokio::test]
async fn a_key_set_is_read_over_tls() {
    let host = Host::start();
    assert_eq!(host.ask("/keys").await.as_deref(), Ok(KEYS));
    let sent = host.ask("/sent").await.unwrap();
    let sent: Vec<_> = sent.split(' ').filter(|it| *it != "host").collect();
    assert_eq!(sent, ["accept", "user-agent"], "nothing says who asks");
}

#[tokio::test]
async fn a_host_that_cannot_prove_its_name_is_not_believed() {
    let host = Host::start();
    let with_systems_authorities = HttpsKeySets::default();
    let refused = host.ask_with(&with_systems_authorities, "/keys").await;
    let Err(FetchError::NoAnswer(said)) = refused else {
        panic!("{refused:?}");
    };
    assert!(said.to_lowercase().contains("certificate"), "{said}");
}

#[tokio::test]
async fn nothing_but_a_plain_answer_of_bounded_length_is_taken() {
    let host = Host::start();
    assert_eq!(host.ask("/moved").await, Err(FetchError::Status(308)));
    assert_eq!(host.ask("/down").await, Err(FetchError::Status(502)));
    assert_eq!(host.ask("/long").await, Err(FetchError::TooLong(LONGEST)));
    assert_eq!(host.ask("/longest").await.unwrap().len(), LONGEST);
}

#[tokio::test]
async fn a_host_that_hangs_is_given_up() {
    let host = Host::start();
    assert_eq!(host.ask("/hanging").await, Err(FetchError::TooSlow(WITHIN)));
}

#[tokio::test]
async fn a_host_that_is_gone_is_no_answer() {
    let host = Host::start();
    host.ask("/keys").await.unwrap();
    host.handle.shutdown();
    let mut gone = host.ask("/keys").await;
    for _ in 0..50 {
        if gone.is_err() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
        gone = host.ask("/keys").await;
    }
    assert!(matches!(gone, Err(FetchError::NoAnswer(_))), "{gone:?}");
}

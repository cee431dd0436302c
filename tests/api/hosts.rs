//! Hosts of a domain on this machine, as Commerce Layer's own clients ask for them: over TLS, with a
//! certificate of the server's own.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;

use billfold::{Https, Options, StartError, demo};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use serde_json::{Value, json};

use crate::app::{App, ORDER};

const DOMAIN: &str = "shop.localhost";

fn options(folder: &Path, domain: &str) -> Options {
    let domain = domain.parse().unwrap();
    Options {
        https: Some(Https { domain, port: 0 }),
        data: Some(folder.to_owned()),
        ..Options::in_memory(0)
    }
}

fn certificate(folder: &Path) -> String {
    fs::read_to_string(folder.join("certificate.pem")).unwrap()
}

/// What a client is answered that trusts this certificate and no other, and takes the server for `name`.
fn ask(certificate: &str, port: u16, name: &str, request: &str) -> Result<(u16, Value), String> {
    let mut trusted = RootCertStore::empty();
    let certificate = CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap();
    trusted.add(certificate).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(trusted)
        .with_no_client_auth();
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let connection = ClientConnection::new(Arc::new(client), name).unwrap();
    let socket = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let mut stream = StreamOwned::new(connection, socket);
    let sent = stream.write_all(request.as_bytes());
    sent.map_err(|error| error.to_string())?;
    let mut answer = String::new();
    let read = stream.read_to_string(&mut answer);
    read.map_err(|error| error.to_string())?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Ok((status, serde_json::from_str(body).unwrap_or_default()))
}

async fn asked(
    app: &App,
    folder: &Path,
    name: &str,
    request: String,
) -> Result<(u16, Value), String> {
    let (certificate, name) = (certificate(folder), name.to_owned());
    let port = app.running.https.as_ref().unwrap().port;
    let asking = move || ask(&certificate, port, &name, &request);
    tokio::task::spawn_blocking(asking).await.unwrap()
}

fn order_at(host: &str, token: &str) -> String {
    format!(
        "GET /api/orders/{ORDER} HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\r\n"
    )
}

fn token_at(host: &str) -> String {
    let body = json!({
        "grant_type": "password",
        "client_id": demo::SALES_CHANNEL,
        "scope": demo::SCOPE,
        "username": demo::CUSTOMER_EMAIL,
        "password": demo::CUSTOMER_PASSWORD,
    });
    let body = body.to_string();
    let length = body.len();
    format!(
        "POST /oauth/token HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
}

#[tokio::test]
async fn tokens_and_orders_are_at_the_hosts_of_the_domain() {
    let folder = tempfile::tempdir().unwrap();
    let app = App::start_with(options(folder.path(), DOMAIN)).await;
    let port = app.running.https.as_ref().unwrap().port;

    let (auth, demo) = ("auth.shop.localhost", "demo.shop.localhost");
    let (status, token) = asked(&app, folder.path(), auth, token_at(auth))
        .await
        .unwrap();
    assert_eq!(status, 200, "{token}");
    let token = token["access_token"].as_str().unwrap();
    let (status, order) = asked(&app, folder.path(), demo, order_at(demo, token))
        .await
        .unwrap();
    assert_eq!(status, 200, "{order}");
    let url = format!("https://demo.shop.localhost:{port}/api/orders/{ORDER}");
    assert_eq!(order["data"]["links"]["self"], url);

    let by_http = app.get(token, &format!("/api/orders/{ORDER}")).await;
    assert_eq!(by_http.status, 200, "where it was it still is");
    let other = order_at("other.shop.localhost", token);
    let (status, _) = asked(&app, folder.path(), demo, other).await.unwrap();
    assert_eq!(status, 401, "another organization's host");
    let elsewhere = asked(
        &app,
        folder.path(),
        "demo.elsewhere.test",
        order_at(demo, token),
    )
    .await;
    assert!(elsewhere.unwrap_err().contains("certificate"));
    app.running.stop().await;
}

#[tokio::test]
async fn the_certificate_is_kept_for_the_domain_and_its_key_for_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut made = Vec::new();
    for domain in [DOMAIN, DOMAIN, "store.localhost"] {
        let app = App::start_with(options(folder, domain)).await;
        app.running.stop().await;
        made.push(certificate(folder));
        assert!(!certificate(folder).contains("PRIVATE"));
        #[cfg(unix)]
        for file in ["certificate.pem", "secrets.json"] {
            use std::os::unix::fs::PermissionsExt;

            let mode = fs::metadata(folder.join(file))
                .unwrap()
                .permissions()
                .mode();
            assert_eq!(mode & 0o777, 0o600, "{file}");
        }
    }
    assert_eq!(made[0], made[1]);
    assert_ne!(made[1], made[2]);
}

#[tokio::test]
async fn without_a_domain_there_is_no_certificate() {
    let folder = tempfile::tempdir().unwrap();
    let app = App::start_with(Options {
        data: Some(folder.path().to_owned()),
        ..Options::in_memory(0)
    })
    .await;
    assert_eq!(app.running.https, None);
    app.running.stop().await;
    assert!(!folder.path().join("certificate.pem").exists());
    let secrets = fs::read_to_string(folder.path().join("secrets.json")).unwrap();
    assert!(!secrets.contains("CERTIFICATE"));
}

#[tokio::test]
async fn a_certificate_that_does_not_read_is_told_of() {
    let folder = tempfile::tempdir().unwrap();
    let app = App::start_with(options(folder.path(), DOMAIN)).await;
    app.running.stop().await;
    let file = folder.path().join("secrets.json");
    let secrets = fs::read_to_string(&file).unwrap();
    fs::write(&file, secrets.replace("BEGIN CERTIFICATE", "BEGIN")).unwrap();
    let started = billfold::start(options(folder.path(), DOMAIN)).await;
    let error = started.err().unwrap();
    assert!(matches!(error, StartError::Certificate(_)), "{error}");
    assert!(error.to_string().contains("keys/tls"), "{error}");
}

fn billfold(arguments: &[&str]) -> Output {
    let program = env!("CARGO_BIN_EXE_billfold");
    Command::new(program).args(arguments).output().unwrap()
}

#[test]
fn wrong_options_end_with_a_sentence_and_a_code() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let serve = ["serve", "--ephemeral", "--port", "0"];
    for (options, code, why) in [
        (
            vec!["--domain", "not a domain", "--https", "0"],
            2,
            "letters, digits and hyphens",
        ),
        (
            vec!["--domain", "127.0.0.1", "--https", "0"],
            2,
            "no address",
        ),
        (vec!["--domain", "shop.localhost"], 2, "--https <PORT>"),
        (vec!["--https", "0"], 2, "--domain <DOMAIN>"),
        (
            vec!["--domain", "shop.localhost", "--https", "https"],
            2,
            "invalid digit",
        ),
        (
            vec!["--domain", "shop.localhost", "--https", "70000"],
            2,
            "not in 0..=65535",
        ),
        (
            vec!["--domain", "shop.localhost", "--https", &port],
            1,
            "choose another with --https",
        ),
    ] {
        let ended = billfold(&[&serve[..], &options].concat());
        let said = String::from_utf8(ended.stderr).unwrap();
        assert_eq!(ended.status.code(), Some(code), "{options:?}: {said}");
        assert!(said.contains(why), "{options:?}: {said}");
    }
}

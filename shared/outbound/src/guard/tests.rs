use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use gatehouse::user_url::check_url;
use http::StatusCode;
use proptest::prelude::{ProptestConfig, proptest};
use proptest::{prop_assert, prop_assert_eq};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;

/// A port of this machine's at which nobody should knock.
struct Quiet(TcpListener);

impl Quiet {
    async fn at(address: &str) -> Self {
        Self(TcpListener::bind((address, 0)).await.unwrap())
    }

    fn port(&self) -> u16 {
        self.0.local_addr().unwrap().port()
    }

    /// A connection would be in the listener's queue by now: a client's connecting ends before its
    /// answer does.
    async fn assert_nobody_came(self) {
        let came = tokio::time::timeout(Duration::from_millis(20), self.0.accept()).await;
        assert!(came.is_err(), "{came:?}");
    }
}

fn post(url: &str) -> Request<Bytes> {
    let body = Bytes::from_static(b"{}");
    Request::post(url).body(body).unwrap()
}

async fn send(transport: &GuardedTransport, url: &str) -> Result<Response<Bytes>, TransportError> {
    transport.send(post(url), Limits::for_user_urls()).await
}

fn trusting(port: u16) -> GuardedTransport {
    let origin = format!("http://127.0.0.1:{port}");
    GuardedTransport::new(TrustedOrigins::parse(&origin).unwrap())
}

/// A transport for which every name has these addresses, and how often it looked one up.
fn resolving_to(addresses: &[&str]) -> (GuardedTransport, Arc<AtomicUsize>) {
    let addresses: Vec<_> = addresses
        .iter()
        .map(|address| SocketAddr::new(address.parse().unwrap(), 0))
        .collect();
    let lookups = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&lookups);
    let lookup: Lookup = Arc::new(move |_| {
        counted.fetch_add(1, Ordering::SeqCst);
        Box::pin(std::future::ready(Ok(addresses.clone())))
    });
    let transport = GuardedTransport::looking_up(TrustedOrigins::default(), lookup);
    (transport, lookups)
}

/// Serves every caller, as a trusted origin.
async fn serve<F>(answer: impl Fn(TcpStream) -> F + Send + 'static) -> (GuardedTransport, String)
where
    F: Future<Output = ()> + Send,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut head = [0; 4_096];
            assert_ne!(stream.read(&mut head).await.unwrap(), 0);
            answer(stream).await;
        }
    });
    (trusting(port), format!("http://127.0.0.1:{port}/token"))
}

#[tokio::test]
async fn a_literal_that_is_not_public_is_refused_and_nobody_hears_of_it() {
    let transport = GuardedTransport::new(TrustedOrigins::default());
    for (at, url) in [
        ("127.0.0.1", "http://127.0.0.1:PORT/"),
        ("127.0.0.1", "http://shop.example:PORT/"),
        ("127.0.0.1", "https://localhost:PORT/"),
        ("127.0.0.1", "https://localhost.:PORT/"),
        ("127.0.0.1", "https://127.0.0.1:PORT/"),
        ("127.0.0.1", "https://127.0.0.1.:PORT/"),
        ("127.0.0.1", "https://127.1:PORT/"),
        ("127.0.0.1", "https://2130706433:PORT/"),
        ("127.0.0.1", "https://0x7f.1:PORT/"),
        ("127.0.0.1", "https://0177.0.0.1:PORT/"),
        ("127.0.0.1", "https://0:PORT/"),
        ("127.0.0.1", "https://0.0.0.0:PORT/"),
        ("127.0.0.1", "https://[::ffff:127.0.0.1]:PORT/"),
        ("127.0.0.1", "https://[::ffff:7f00:1]:PORT/"),
        ("127.0.0.1", "https://user:hush@127.0.0.1:PORT/"),
        ("::1", "https://[::1]:PORT/"),
        ("::1", "https://[::]:PORT/"),
        ("127.0.0.1", "https://10.0.0.1:PORT/"),
        (
            "127.0.0.1",
            "https://169.254.169.254:PORT/latest/meta-data/",
        ),
        ("127.0.0.1", "https://[fd00:ec2::254]:PORT/"),
    ] {
        let quiet = Quiet::at(at).await;
        let url = url.replace("PORT", &quiet.port().to_string());
        let error = send(&transport, &url).await.unwrap_err();
        assert!(
            matches!(error, TransportError::Forbidden(_)),
            "{url}: {error:?}"
        );
        assert!(!error.may_have_taken_effect());
        assert!(!format!("{error:?}").contains("hush"), "{error:?}");
        quiet.assert_nobody_came().await;
    }
}

#[tokio::test]
async fn a_name_is_refused_if_any_of_its_addresses_is_not_public() {
    let quiet = Quiet::at("127.0.0.1").await;
    let url = format!("https://shop.example:{}/?secret=hush", quiet.port());
    for (addresses, named) in [
        (&["127.0.0.1"][..], "127.0.0.1"),
        (&["10.0.0.1"], "10.0.0.1"),
        (&["::ffff:127.0.0.1"], "::ffff:127.0.0.1"),
        (&["169.254.169.254"], "169.254.169.254"),
        (&["127.0.0.1", "8.8.8.8"], "127.0.0.1"),
        (&["8.8.8.8", "127.0.0.1"], "127.0.0.1"),
        (&["2606:4700:4700::1111", "8.8.8.8", "::1"], "::1"),
    ] {
        let (transport, lookups) = resolving_to(addresses);
        let refusal = format!("shop.example resolves to {named}, which is not a public address");
        assert_eq!(
            send(&transport, &url).await.unwrap_err(),
            TransportError::Forbidden(refusal)
        );
        assert_eq!(lookups.load(Ordering::SeqCst), 1);
    }
    quiet.assert_nobody_came().await;
}

#[tokio::test]
async fn a_name_that_turns_private_is_refused_at_the_next_connection() {
    let quiet = Quiet::at("127.0.0.1").await;
    let url = format!("https://shop.example:{}/", quiet.port());
    let lookups = AtomicUsize::new(0);
    let lookup: Lookup = Arc::new(move |_| {
        let found = match lookups.fetch_add(1, Ordering::SeqCst) {
            0 => Err(std::io::Error::other("first, the name is not there")),
            _ => Ok(vec![SocketAddr::from(([127, 0, 0, 1], 0))]),
        };
        Box::pin(std::future::ready(found))
    });
    let transport = GuardedTransport::looking_up(TrustedOrigins::default(), lookup);
    let first = send(&transport, &url).await.unwrap_err();
    assert!(matches!(first, TransportError::NotSent(_)), "{first:?}");
    let second = send(&transport, &url).await.unwrap_err();
    assert!(matches!(second, TransportError::Forbidden(_)), "{second:?}");
    quiet.assert_nobody_came().await;
}

#[tokio::test]
async fn a_resolver_that_says_nothing_takes_a_second_at_most() {
    let lookup: Lookup = Arc::new(|_| Box::pin(std::future::pending()));
    let transport = GuardedTransport::looking_up(TrustedOrigins::default(), lookup);
    let answer = send(&transport, "https://shop.example/");
    let error = tokio::time::timeout(Duration::from_secs(3), answer).await;
    let error = error.unwrap().unwrap_err();
    assert!(matches!(error, TransportError::NotSent(_)), "{error:?}");
}

#[tokio::test]
async fn the_client_gets_all_addresses_of_a_name_that_has_public_ones_only() {
    use reqwest::dns::Resolve;

    let public = ["8.8.8.8", "2606:4700:4700::1111"].map(|it| it.parse::<IpAddr>().unwrap());
    let answered = public.map(|address| SocketAddr::new(address, 0));
    let resolver = PublicResolver::new(Arc::new(move |name| {
        assert_eq!(name, "shop.example");
        Box::pin(std::future::ready(Ok(answered.to_vec())))
    }));
    let found = resolver.resolve("shop.example".parse().unwrap()).await;
    let found: Vec<_> = found.ok().unwrap().map(|address| address.ip()).collect();
    assert_eq!(found, public);
}

/// What the system says of `localhost` is judged like any other answer, where the name's own rule does
/// not see it first.
#[tokio::test]
async fn the_systems_resolver_is_asked_and_judged() {
    use reqwest::dns::Resolve;

    let resolver = PublicResolver::new(Arc::new(system_lookup));
    let Err(error) = resolver.resolve("localhost".parse().unwrap()).await else {
        panic!("loopback counts as public");
    };
    assert!(Refused::behind(&*error).is_some(), "{error}");
}

#[tokio::test]
async fn a_trusted_origin_is_reached_and_its_neighbours_are_not() {
    let (transport, url) = serve(async |mut stream| {
        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
        stream.write_all(answer).await.unwrap();
    })
    .await;
    assert_eq!(send(&transport, &url).await.unwrap().body(), "{}");

    let quiet = Quiet::at("127.0.0.1").await;
    let next_door = format!("http://127.0.0.1:{}/token", quiet.port());
    let error = send(&transport, &next_door).await.unwrap_err();
    assert!(matches!(error, TransportError::Forbidden(_)), "{error:?}");
    quiet.assert_nobody_came().await;
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_not_followed() {
    let quiet = Quiet::at("127.0.0.1").await;
    let location = format!("http://127.0.0.1:{}/", quiet.port());
    let (transport, url) = serve(move |mut stream| {
        let answer =
            format!("HTTP/1.1 302 Found\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n");
        async move { stream.write_all(answer.as_bytes()).await.unwrap() }
    })
    .await;
    let answer = send(&transport, &url).await.unwrap();
    assert_eq!(answer.status(), StatusCode::FOUND);
    quiet.assert_nobody_came().await;
}

#[tokio::test]
async fn ten_mebibytes_are_not_taken() {
    for head in [
        "HTTP/1.1 200 OK\r\ncontent-length: 10485760\r\n\r\n",
        "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n",
    ] {
        let (transport, url) = serve(async move |mut stream| {
            let body = "x".repeat(10 * 1024 * 1024);
            stream.write_all(head.as_bytes()).await.unwrap();
            // Hanging up is the caller's right.
            let _ = stream.write_all(body.as_bytes()).await;
        })
        .await;
        assert_eq!(
            send(&transport, &url).await.unwrap_err(),
            TransportError::TooLarge { limit: 65_536 }
        );
    }
}

#[tokio::test]
async fn an_answer_that_dribbles_is_cut_off() {
    let (transport, url) = serve(async |mut stream| {
        let head = b"HTTP/1.1 200 OK\r\ncontent-length: 60000\r\n\r\n";
        stream.write_all(head).await.unwrap();
        while stream.write_all(b" ").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
    let limits = Limits {
        timeout: Duration::from_millis(200),
        ..Limits::for_user_urls()
    };
    let answer = tokio::time::timeout(Duration::from_secs(2), transport.send(post(&url), limits));
    let error = answer.await.unwrap().unwrap_err();
    assert_eq!(error, TransportError::Timeout);
}

#[test]
fn user_urls_have_five_seconds_and_64_kib() {
    let limits = Limits::for_user_urls();
    assert_eq!(limits.timeout, Duration::from_secs(5));
    assert_eq!(limits.max_body, 65_536);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_096))]

    /// Were it not so, a URL would be taken when it is written down and fail at each request.
    #[test]
    fn what_is_taken_as_a_users_url_can_be_sent_and_leads_to_where_it_was_judged(
        host in "[a-z0-9.%!\\[\\]:@_-]{1,12}",
        rest in "([/?][ -~]{0,8})?",
    ) {
        let url = format!("https://{host}{rest}");
        let trusted = TrustedOrigins::default();
        if check_url(&url, &trusted).is_ok() {
            let request = Request::post(&url).body(());
            prop_assert!(request.is_ok(), "{url}");
            let leading_to = leading_to(request.unwrap().uri(), &trusted);
            prop_assert_eq!(leading_to, Ok(Destination::Public), "{}", url);
        }
    }
}

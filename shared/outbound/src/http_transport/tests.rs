use std::net::SocketAddr;

use http::{Method, StatusCode};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;

const SECOND: Limits = Limits::within(Duration::from_secs(1));

/// Listens on a free port and gives its one caller to `serve`.
async fn listen<F>(serve: impl FnOnce(TcpStream) -> F + Send + 'static) -> SocketAddr
where
    F: Future<Output = ()> + Send,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { serve(listener.accept().await.unwrap().0).await });
    address
}

/// Answers `answer` to whatever comes, then hangs up.
async fn answering(answer: impl Into<Vec<u8>>) -> SocketAddr {
    let answer = answer.into();
    listen(async move |mut stream| {
        read_head(&mut stream).await;
        stream.write_all(&answer).await.unwrap();
    })
    .await
}

async fn read_head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    String::from_utf8(head).unwrap()
}

fn get(url: impl std::fmt::Display) -> Request<Bytes> {
    Request::get(url.to_string()).body(Bytes::new()).unwrap()
}

async fn send(request: Request<Bytes>, limits: Limits) -> Result<Response<Bytes>, TransportError> {
    HttpTransport::new().send(request, limits).await
}

#[tokio::test]
async fn method_path_headers_and_body_arrive() {
    let (heard, hears) = tokio::sync::oneshot::channel();
    let address = listen(async move |mut stream| {
        let head = read_head(&mut stream).await;
        let mut body = [0; 7];
        stream.read_exact(&mut body).await.unwrap();
        stream
            .write_all(b"HTTP/1.1 204 No Content\r\n\r\n")
            .await
            .unwrap();
        heard.send((head, body)).unwrap();
    })
    .await;

    let request = Request::builder()
        .method(Method::POST)
        .uri(format!("http://{address}/v1/payment_intents?expand=a"))
        .header("idempotency-key", "k1")
        .body(Bytes::from_static(b"amount="))
        .unwrap();
    let answer = send(request, SECOND).await.unwrap();

    assert_eq!(answer.status(), StatusCode::NO_CONTENT);
    let (head, body) = hears.await.unwrap();
    assert!(
        head.starts_with("POST /v1/payment_intents?expand=a HTTP/1.1\r\n"),
        "{head}"
    );
    assert!(head.contains("idempotency-key: k1\r\n"), "{head}");
    assert_eq!(&body, b"amount=");
}

#[tokio::test]
async fn any_status_is_an_answer_with_its_headers() {
    let address = answering(
        "HTTP/1.1 402 Payment Required\r\nrequest-id: req_1\r\ncontent-length: 2\r\n\r\n{}",
    )
    .await;
    let answer = send(get(format!("http://{address}/")), SECOND)
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::PAYMENT_REQUIRED);
    assert_eq!(answer.headers()["request-id"], "req_1");
    assert_eq!(answer.body(), "{}");
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let address = answering(
        "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n",
    )
    .await;
    let answer = send(get(format!("http://{address}/")), SECOND)
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::FOUND);
}

#[tokio::test]
async fn a_closed_port_or_an_unknown_name_is_not_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);

    let closed = format!("http://{address}/?secret=hush");
    for url in [closed.as_str(), "http://no-such-host.invalid/?secret=hush"] {
        let error = send(get(url), SECOND).await.unwrap_err();
        assert!(matches!(error, TransportError::NotSent(_)), "{error:?}");
        assert!(!error.may_have_taken_effect());
        assert!(!format!("{error} {error:?}").contains("hush"), "{error:?}");
    }
}

#[tokio::test]
async fn a_handshake_that_fails_or_stalls_is_not_sent() {
    let refuses = listen(async |mut stream| {
        stream.write_all(b"not TLS").await.unwrap();
        stream.read_u8().await.unwrap();
    });
    let stalls = listen(async |stream| {
        let _open = stream;
        std::future::pending().await
    });
    let limits = Limits::within(Duration::from_secs(5));
    for address in [refuses.await, stalls.await] {
        let error = send(get(format!("https://{address}/")), limits)
            .await
            .unwrap_err();
        assert!(matches!(error, TransportError::NotSent(_)), "{error:?}");
    }
}

#[tokio::test]
async fn without_a_host_or_time_nothing_is_sent() {
    for (url, limits) in [
        ("/relative", SECOND),
        ("ftp://127.0.0.1/", SECOND),
        ("http://127.0.0.1:1/", Limits::within(Duration::ZERO)),
    ] {
        let error = send(get(url), limits).await.unwrap_err();
        assert!(
            matches!(error, TransportError::NotSent(_)),
            "{url}: {error:?}"
        );
    }
}

#[tokio::test]
async fn silence_is_a_timeout_before_the_head_and_within_the_body() {
    for begun in ["", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{"] {
        let address = listen(async move |mut stream| {
            read_head(&mut stream).await;
            stream.write_all(begun.as_bytes()).await.unwrap();
            std::future::pending().await
        })
        .await;
        let limits = Limits::within(Duration::from_millis(100));
        let error = send(get(format!("http://{address}/")), limits)
            .await
            .unwrap_err();
        assert_eq!(error, TransportError::Timeout, "{begun:?}");
        assert!(error.may_have_taken_effect());
    }
}

#[tokio::test]
async fn a_lost_connection_or_an_unreadable_answer_may_have_taken_effect() {
    for answer in [
        "",
        "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{",
        "what?\r\n\r\n",
    ] {
        let address = answering(answer).await;
        let error = send(get(format!("http://{address}/?secret=hush")), SECOND)
            .await
            .unwrap_err();
        assert!(
            matches!(error, TransportError::Broken(_)),
            "{answer:?}: {error:?}"
        );
        assert!(error.may_have_taken_effect());
        assert!(!error.to_string().contains("hush"), "{error}");
    }
}

#[tokio::test]
async fn a_body_up_to_the_limit_is_taken_and_one_byte_more_is_not() {
    let announced = "HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\n12345678";
    let until_closed = "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n12345678";
    let in_chunks =
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\n1234\r\n4\r\n5678\r\n0\r\n\r\n";
    for answer in [announced, until_closed, in_chunks] {
        for max_body in [8, 7] {
            let address = answering(answer).await;
            let limits = Limits { max_body, ..SECOND };
            let result = send(get(format!("http://{address}/")), limits).await;
            match max_body {
                8 => assert_eq!(result.unwrap().body(), "12345678"),
                _ => assert_eq!(result.unwrap_err(), TransportError::TooLarge { limit: 7 }),
            }
        }
    }
}

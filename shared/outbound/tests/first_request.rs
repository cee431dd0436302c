//! A process of its own, with this one test: in a process where another test has sent a request,
//! the TLS provider is already there, and its absence would not show.

use std::time::Duration;

use bytes::Bytes;
use outbound::{HttpTransport, Limits, Transport};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

#[tokio::test]
async fn the_first_request_of_a_process_is_answered() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut head = [0; 1024];
        assert_ne!(stream.read(&mut head).await.unwrap(), 0);
        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
        stream.write_all(answer).await.unwrap();
    });

    let request = http::Request::get(format!("http://{address}/"))
        .body(Bytes::new())
        .unwrap();
    let limits = Limits::within(Duration::from_secs(1));
    let answer = HttpTransport::new().send(request, limits).await.unwrap();
    assert_eq!(answer.body(), "ok");
}

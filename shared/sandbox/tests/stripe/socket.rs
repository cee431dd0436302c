use sandbox::{Fault, FaultOrder, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use crate::shop::Shop;

const REQUEST: &str = "POST /v1/customers HTTP/1.1\r\nhost: localhost\r\n\
    authorization: Bearer sk_test_shop\r\nidempotency-key: k\r\nconnection: close\r\n\
    content-type: application/x-www-form-urlencoded\r\ncontent-length: 21\r\n\r\n\
    email=a%40example.com";

async fn exchange(address: std::net::SocketAddr) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(REQUEST.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // A reset is as good as an end: either way there was no answer.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn it_answers_drops_and_stops() {
    let shop = Shop::open();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let server = tokio::spawn(serve(listener, shop.stripe.clone(), async {
        let _ = stopped.await;
    }));

    shop.stripe
        .order_fault(FaultOrder::next(Fault::DropAfter))
        .unwrap();
    assert_eq!(exchange(address).await, "");
    let answer = exchange(address).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains("idempotent-replayed: true\r\n"), "{answer}");
    assert!(answer.contains("a@example.com"), "{answer}");

    stop.send(()).unwrap();
    server.await.unwrap().unwrap();
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn it_serves_loopback_addresses_only() {
    let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
    let served = serve(listener, Shop::open().stripe, std::future::pending()).await;
    assert_eq!(served.unwrap_err().kind(), std::io::ErrorKind::InvalidInput);
}

use std::time::Duration;

use gateways::CallFailure;
use outbound::{GuardedTransport, TrustedOrigins};
use tokio::net::TcpListener;

use crate::shop::{Shop, reference_gateway};
use crate::shop_parts::performed::{failure_of, reusable_of};

async fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address.to_string())
}

fn guarded(trusted: &str) -> GuardedTransport {
    GuardedTransport::new(TrustedOrigins::parse(trusted).unwrap())
}

#[tokio::test]
async fn a_url_that_is_not_https_or_not_public_is_refused_and_nobody_hears_of_it() {
    let (listener, address) = listen().await;
    let port = address.rsplit(':').next().unwrap();
    for url in [
        format!("http://{address}/token"),
        format!("https://{address}/token"),
        format!("http://localhost:{port}/token"),
        format!("https://localhost:{port}/token"),
        format!("https://2130706433:{port}/token"),
        "https://169.254.169.254/latest/meta-data/".to_owned(),
        "https://10.0.0.1/token".to_owned(),
    ] {
        let shop = Shop::reaching(reference_gateway(), guarded(""), &url);
        let failure = failure_of(shop.save("token-of-the-shopper").await);
        assert!(
            matches!(&failure, CallFailure::NotReached(text) if text.contains("not allowed")),
            "{url}: {failure}"
        );
        assert_eq!(shop.circuit().await.failures, 1);
    }
    let knocked = tokio::time::timeout(Duration::from_millis(50), listener.accept()).await;
    assert!(knocked.is_err(), "somebody came");
}

#[tokio::test]
async fn a_trusted_origin_is_reached() {
    let (listener, address) = listen().await;
    let gateway = reference_gateway();
    let serving = sandbox::serve(listener, gateway.clone(), std::future::pending());
    let server = tokio::spawn(serving);

    let origin = format!("http://{address}");
    let shop = Shop::reaching(gateway, guarded(&origin), &format!("{origin}/token"));
    let reusable = reusable_of(shop.save("token-of-the-shopper").await);
    assert_eq!(reusable.name, "XXXX-XXXX-XXXX-4242");
    assert_eq!(shop.requests(), 1);
    server.abort();
}

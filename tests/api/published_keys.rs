//! Tokens of an issuer that publishes its keys.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use access::{Issuers, JwksUri, Signer, generate_key};
use billfold::router::{Services, dispatch};
use bytes::Bytes;
use domain::BoxFuture;
use http::Request;
use serde_json::json;
use service::{Context, FetchError, FetchKeySet, KeySets, Renewed};

use crate::app::{App, ORDER};

/// The issuer's host, which may be down.
struct Host {
    keys: Vec<u8>,
    is_up: AtomicBool,
}

impl FetchKeySet for Host {
    fn fetch(&self, _: JwksUri) -> BoxFuture<'static, Result<Vec<u8>, FetchError>> {
        let answer = match self.is_up.load(Ordering::Relaxed) {
            true => Ok(self.keys.clone()),
            false => Err(FetchError::Status(503)),
        };
        Box::pin(async move { answer })
    }
}

/// What a process begins with that trusts a shop's issuer by its URL, beside the server's own.
async fn trusting(app: &App, shop: &Signer, host: &Arc<Host>) -> Context {
    let own = app.running.issuing.signer.current().as_issuer();
    let shop = json!({
        "iss": shop.issuer(), "jwks_uri": "https://login.shop.example/keys",
        "speaks_for": own["speaks_for"],
    });
    let configured = json!([shop, own]).to_string();
    let clock = app.running.context.clock.clone();
    let key_sets = Arc::new(KeySets::new(host.clone(), clock.clone()));
    let read = move || -> BoxFuture<'static, _> {
        let issuers = Issuers::from_json(&configured, |uri| key_sets.at(uri));
        Box::pin(async move { issuers })
    };
    Context {
        issuers: Arc::new(Renewed::first(read, clock).await.unwrap()),
        ..app.running.context.clone()
    }
}

async fn reads_the_order(app: &App, context: &Context, token: &str) -> u16 {
    let services = Services {
        context,
        gateways: app.running.gateways.as_ref(),
        events: app.running.gateways.as_ref(),
        secrets: app.running.secrets.as_ref(),
        issuing: &app.running.issuing,
    };
    let request = Request::get(format!("/api/orders/{ORDER}"))
        .header("authorization", format!("Bearer {token}"));
    let response = dispatch(services, request.body(Bytes::new()).unwrap()).await;
    response.status().as_u16()
}

#[tokio::test]
async fn a_shops_tokens_are_taken_with_the_keys_that_it_publishes_and_others_without() {
    let app = App::start().await;
    let shop = Signer::from_pem(&generate_key().unwrap(), "https://login.shop.example").unwrap();
    let token = app.integration_of(&shop);
    for (is_up, status) in [(true, 200), (false, 401)] {
        let host = Arc::new(Host {
            keys: json!(shop.jwks()).to_string().into_bytes(),
            is_up: AtomicBool::new(is_up),
        });
        let context = trusting(&app, &shop, &host).await;
        assert_eq!(reads_the_order(&app, &context, &token).await, status);
        let own = app.integration();
        assert_eq!(reads_the_order(&app, &context, &own).await, 200);
        // What is known stays known, and what is not is not asked for again at once.
        host.is_up.store(!is_up, Ordering::Relaxed);
        assert_eq!(reads_the_order(&app, &context, &token).await, status);
    }
}

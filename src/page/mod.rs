//! The page at `/`: the product at work, for whoever has started the server and looks.
//!
//! It belongs to the local server alone. What it shows is read from the API with tokens of the demo's clients,
//! by the reader's browser, or from the stand-ins; here are its files, what it is told by itself, and the
//! switches for the stand-ins' faults.

mod facts;
mod faults;
mod files;
mod gateways;
mod guard;
mod markup;
mod speed;
mod steps;
mod stream;
mod traffic;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{get, post, put};
use http::header::ACCEPT;
use http::{Method, StatusCode};
use tokio::sync::watch;
use tower::ServiceExt;

pub use facts::Facts;

use crate::stand_ins::StandIns;
use crate::telling::Telling;
use gateways::Gateway;
use speed::Speed;

/// The page, and what it is told.
#[derive(Clone)]
pub struct Page(Arc<Parts>);

struct Parts {
    facts: Facts,
    gateways: Vec<Gateway>,
    telling: Arc<Telling>,
    speed: Speed,
    /// Counts what changed at the API.
    changes: AtomicU64,
    listening: SocketAddr,
    stopping: watch::Receiver<bool>,
}

impl Page {
    /// A page of a server that listens here, until told to stop.
    pub fn new(
        facts: Facts,
        stand_ins: &StandIns,
        telling: Arc<Telling>,
        listening: SocketAddr,
        stopping: watch::Receiver<bool>,
    ) -> Self {
        Self(Arc::new(Parts {
            facts,
            gateways: gateways::of(stand_ins),
            telling,
            speed: Speed::default(),
            changes: AtomicU64::new(0),
            listening,
            stopping,
        }))
    }

    /// The API with the page before it: what is not for the page goes on, and is measured.
    pub fn before(self, api: Router) -> Router {
        let pages = self.clone().routes();
        api.layer(middleware::from_fn(move |request: Request, next: Next| {
            let (page, pages) = (self.clone(), pages.clone());
            async move {
                if !is_for_the_page(&request) {
                    return page.measured(request, next).await;
                }
                match pages.oneshot(request).await {
                    Ok(response) => response,
                    Err(never) => match never {},
                }
            }
        }))
    }

    fn routes(self) -> Router {
        Router::new()
            .route("/", get(markup::page))
            .route("/page/returned", get(markup::returned))
            .route("/page/stream", get(stream::follow))
            .route(
                "/page/faults/{gateway}",
                post(faults::order).delete(faults::withdraw),
            )
            .route("/page/telling", put(faults::tell))
            .route("/page/{file}", get(files::file))
            .fallback(async || StatusCode::NOT_FOUND)
            .layer(middleware::from_fn_with_state(self.clone(), guard::keep))
            .with_state(self)
    }

    async fn measured(&self, request: Request, next: Next) -> Response {
        let is_change = ![Method::GET, Method::HEAD, Method::OPTIONS].contains(request.method());
        let began = Instant::now();
        let response = next.run(request).await;
        self.0.speed.note(response.status(), began.elapsed());
        if is_change && response.status().is_success() {
            self.0.changes.fetch_add(1, Ordering::Relaxed);
        }
        response
    }
}

/// A browser that goes to `/` asks for HTML; clients of the API do not.
fn is_for_the_page(request: &Request<Body>) -> bool {
    let path = request.uri().path();
    if path != "/" {
        return path.starts_with("/page/");
    }
    let accept = request
        .headers()
        .get(ACCEPT)
        .and_then(|it| it.to_str().ok());
    let reads = [Method::GET, Method::HEAD].contains(request.method());
    reads && accept.is_some_and(|it| it.contains("text/html"))
}

type Shared = State<Page>;

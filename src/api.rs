//! The API over HTTP, and the sweeper beside it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::extract::connect_info::IntoMakeServiceWithConnectInfo;
use bytes::Bytes;
use gateways::Gateways;
use http::header::{
    ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderName, IF_MATCH, IF_NONE_MATCH, USER_AGENT,
};
use http::{Method, Request, Response, Uri};
use issue_token::Issuing;
use routing::SourceAddress;
use routing::headers::DESCRIBED;
use secrets::SecretsFile;
use service::{Context, IDEMPOTENCY_KEY};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval_at};
use tower_http::cors::{Any, CorsLayer};

use crate::page::Page;
use crate::router::{self, Services};

/// How often the sweeper runs.
const SWEEP_EVERY: Duration = Duration::from_secs(15);

/// The largest body that is read at all; functions refuse much smaller ones with an error that says
/// so.
const LARGEST_READ: usize = 10 * 1024 * 1024;

/// Every function, with what they need.
#[derive(Clone)]
pub struct Api {
    /// What every endpoint needs.
    pub context: Context,
    /// What endpoints that pay need.
    pub gateways: Arc<Gateways>,
    /// Where credentials are kept.
    pub secrets: Arc<SecretsFile>,
    /// What tokens are issued with.
    pub issuing: Arc<Issuing>,
}

impl Api {
    /// Every function, as a service of connections, with the page before them if there is one.
    pub fn routes(self, page: Option<Page>) -> IntoMakeServiceWithConnectInfo<Router, SocketAddr> {
        let routes = Router::new().fallback(move |request: Request<Body>| {
            let api = self.clone();
            async move { api.answer(request).await }
        });
        let routes = routes.layer(cross_origin());
        let routes = match page {
            Some(page) => page.before(routes),
            None => routes,
        };
        routes.into_make_service_with_connect_info()
    }

    /// Serves the functions, with the page before them if there is one, until told to stop.
    pub fn serve(
        self,
        listener: TcpListener,
        page: Option<Page>,
        stopping: watch::Receiver<bool>,
    ) -> JoinHandle<()> {
        let routes = self.routes(page);
        tokio::spawn(async move {
            let served = axum::serve(listener, routes).with_graceful_shutdown(wait_for(stopping));
            if let Err(error) = served.await {
                tracing::error!(%error, "the server failed");
            }
        })
    }

    async fn answer(&self, request: Request<Body>) -> Response<Body> {
        let (mut parts, body) = request.into_parts();
        if let Some(ConnectInfo(peer)) = parts.extensions.get::<ConnectInfo<SocketAddr>>() {
            let address = SourceAddress(peer.ip());
            parts.extensions.insert(address);
        }
        parts.uri = unversioned(parts.uri);
        // A body that is too large even to be read is refused by its function as too large.
        let body = match to_bytes(body, LARGEST_READ).await {
            Ok(body) => body,
            Err(_) => Bytes::from(vec![b' '; LARGEST_READ]),
        };
        let request = Request::from_parts(parts, body);
        let response = router::dispatch(self.services(), request).await;
        response.map(Body::from)
    }

    /// What functions need beside a request.
    fn services(&self) -> Services<'_> {
        Services {
            context: &self.context,
            gateways: self.gateways.as_ref(),
            events: self.gateways.as_ref(),
            secrets: self.secrets.as_ref(),
            issuing: &self.issuing,
        }
    }

    /// Carries on what is owed, again and again, until told to stop.
    pub fn sweep_on_a_timer(self, stopping: watch::Receiver<bool>) -> JoinHandle<()> {
        tokio::spawn(async move {
            let mut timer = interval_at(Instant::now() + SWEEP_EVERY, SWEEP_EVERY);
            timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
            let stopped = wait_for(stopping);
            tokio::pin!(stopped);
            loop {
                tokio::select! {
                    _ = timer.tick() => self.sweep().await,
                    () = &mut stopped => return,
                }
            }
        })
    }

    async fn sweep(&self) {
        if let Err(error) = router::sweep(&self.context, self.gateways.as_ref()).await {
            tracing::error!(%error, "the sweep failed");
        }
    }
}

/// The URI by the path that functions know.
fn unversioned(uri: Uri) -> Uri {
    let plain = routing::without_version(uri.path());
    let target = match uri.query() {
        Some(query) => format!("{plain}?{query}"),
        None => plain,
    };
    target.parse().unwrap_or(uri)
}

/// Storefronts call from pages of any origin: what lets them in is the token, which a page has to
/// send itself, never a cookie. The template has API Gateway answer the same.
fn cross_origin() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([
            Method::GET,
            Method::HEAD,
            Method::POST,
            Method::PATCH,
            Method::DELETE,
        ])
        .allow_headers([
            ACCEPT,
            AUTHORIZATION,
            CONTENT_TYPE,
            IF_MATCH,
            IF_NONE_MATCH,
            IDEMPOTENCY_KEY,
            // Commerce Layer's SDK may be told to send one, and says which it is.
            USER_AGENT,
            HeaderName::from_static("x-cl-sdk"),
        ])
        .expose_headers(
            DESCRIBED
                .iter()
                .map(|it| it.name.clone())
                .collect::<Vec<_>>(),
        )
        .max_age(Duration::from_secs(24 * 3600))
}

/// Resolves when the server is to stop.
pub async fn wait_for(mut stopping: watch::Receiver<bool>) {
    // An error means that the sender is gone, and with it the server: stop as well.
    if stopping.wait_for(|stop| *stop).await.is_err() {
        tracing::debug!("the server is gone");
    }
}

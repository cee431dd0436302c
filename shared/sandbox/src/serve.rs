//! A stand-in on a socket.
//!
//! HTTP servers always answer. To close a connection without an answer, as [`Answer::Drop`] asks,
//! each connection carries a switch: once it is cut, writing fails, and the server gives the
//! connection up before a byte has left.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::connect_info::{ConnectInfo, Connected};
use axum::serve::{IncomingStream, Listener};
use http::{Request, Response, StatusCode};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

use crate::answer::{Answer, StandIn};

const LARGEST_BODY: usize = 1024 * 1024;

/// Serves the stand-in until `shutdown` is ready, then finishes what is being answered.
///
/// # Errors
///
/// `InvalidInput` if the listener is not on a loopback address: a stand-in asks for no real
/// credentials and must not be reachable from elsewhere. Otherwise what the system says.
pub async fn serve<S: StandIn>(
    listener: TcpListener,
    stand_in: S,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let address = listener.local_addr()?;
    if !address.ip().is_loopback() {
        let message = format!("stand-ins serve loopback addresses only, not {address}");
        return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
    }
    let routes = Router::new().fallback(
        |ConnectInfo(switch): ConnectInfo<Switch>, request: Request<Body>| async move {
            answer(&stand_in, &switch, request).await
        },
    );
    axum::serve(
        Switched { listener },
        routes.into_make_service_with_connect_info::<Switch>(),
    )
    .with_graceful_shutdown(shutdown)
    .await
}

async fn answer<S: StandIn>(
    stand_in: &S,
    switch: &Switch,
    request: Request<Body>,
) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LARGEST_BODY).await else {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
        return response;
    };
    match stand_in.answer(Request::from_parts(parts, body)).await {
        Answer::Respond(response) => response.map(Body::from),
        Answer::Drop => {
            switch.cut();
            Response::new(Body::empty())
        }
    }
}

/// Cuts one connection.
#[derive(Clone, Default)]
struct Switch(Arc<AtomicBool>);

impl Switch {
    fn cut(&self) {
        self.0.store(true, Ordering::Release);
    }

    fn is_cut(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

impl Connected<IncomingStream<'_, Switched>> for Switch {
    fn connect_info(stream: IncomingStream<'_, Switched>) -> Self {
        stream.io().switch.clone()
    }
}

struct Switched {
    listener: TcpListener,
}

impl Listener for Switched {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        let (stream, address) = Listener::accept(&mut self.listener).await;
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "answers may be late");
        }
        let connection = Connection {
            stream,
            switch: Switch::default(),
        };
        (connection, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

struct Connection {
    stream: TcpStream,
    switch: Switch,
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.switch.is_cut() {
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

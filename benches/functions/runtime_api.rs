//! Lambda's Runtime API, as far as a function's process calls it: what is next, and what came of it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderValue, Response, StatusCode};
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio::sync::{Mutex, mpsc};

const DEADLINE: Duration = Duration::from_secs(15);

/// The Runtime API of one process.
pub struct RuntimeApi {
    pub address: SocketAddr,
    events: mpsc::Sender<String>,
    asked: mpsc::Receiver<Instant>,
    answers: mpsc::Receiver<(Instant, Bytes)>,
}

struct Shared {
    events: Mutex<mpsc::Receiver<String>>,
    asked: mpsc::Sender<Instant>,
    answers: mpsc::Sender<(Instant, Bytes)>,
}

impl RuntimeApi {
    pub async fn start() -> Self {
        let (events, next) = mpsc::channel(1);
        let (asked, is_asked) = mpsc::channel(16);
        let (answers, answered) = mpsc::channel(16);
        let shared = Shared {
            events: Mutex::new(next),
            asked,
            answers,
        };
        let routes = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next_event))
            .route("/2018-06-01/runtime/invocation/{id}/response", post(answer))
            .route("/2018-06-01/runtime/invocation/{id}/error", post(answer))
            .route("/2018-06-01/runtime/init/error", post(answer))
            .with_state(Arc::new(shared));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Self {
            address,
            events,
            asked: is_asked,
            answers: answered,
        }
    }

    /// When the process asked for an event.
    pub async fn asked(&mut self) -> Instant {
        self.asked.recv().await.unwrap()
    }

    /// Hands an event over: how long it took until it was answered, and with what.
    pub async fn invoke(&mut self, event: String) -> (Duration, Bytes) {
        let begun = Instant::now();
        self.events.send(event).await.unwrap();
        let (ended, answer) = self.answers.recv().await.unwrap();
        (ended - begun, answer)
    }
}

async fn next_event(State(shared): State<Arc<Shared>>) -> Response<String> {
    shared.asked.send(Instant::now()).await.ok();
    let event = shared.events.lock().await.recv().await;
    let mut response = Response::new(event.unwrap_or_default());
    let deadline = std::time::SystemTime::now() + DEADLINE;
    let deadline = deadline.duration_since(std::time::UNIX_EPOCH).unwrap();
    let arn = "arn:aws:lambda:eu-central-1:123456789012:function:measured";
    let headers = [
        (
            "lambda-runtime-aws-request-id",
            "8476a536-e9f4-11e8-9739-2dfe598c3fcd".to_owned(),
        ),
        (
            "lambda-runtime-deadline-ms",
            deadline.as_millis().to_string(),
        ),
        ("lambda-runtime-invoked-function-arn", arn.to_owned()),
        (
            "lambda-runtime-trace-id",
            "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700".to_owned(),
        ),
        ("content-type", "application/json".to_owned()),
    ];
    for (name, value) in headers {
        let value = HeaderValue::from_str(&value).unwrap();
        response.headers_mut().insert(name, value);
    }
    response
}

async fn answer(State(shared): State<Arc<Shared>>, body: Bytes) -> StatusCode {
    shared.answers.send((Instant::now(), body)).await.ok();
    StatusCode::ACCEPTED
}

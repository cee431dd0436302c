//! AWS Secrets Manager, as far as a function reads from it.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{Response, StatusCode};
use axum::routing::post;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// Starts it with these secrets, by their names: where it listens.
pub async fn start(secrets: HashMap<String, String>) -> std::net::SocketAddr {
    let routes = Router::new()
        .route("/", post(read))
        .with_state(Arc::new(secrets));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, routes).await });
    address
}

async fn read(
    State(secrets): State<Arc<HashMap<String, String>>>,
    asked: String,
) -> Response<String> {
    let asked: Value = serde_json::from_str(&asked).unwrap_or_default();
    let name = asked["SecretId"].as_str().unwrap_or_default();
    let (status, answer) = match secrets.get(name) {
        Some(secret) => (
            StatusCode::OK,
            json!({ "Name": name, "SecretString": secret }),
        ),
        None => {
            let refused =
                json!({ "__type": "ResourceNotFoundException", "Message": "no such secret" });
            (StatusCode::BAD_REQUEST, refused)
        }
    };
    let mut response = Response::new(answer.to_string());
    *response.status_mut() = status;
    response
}

//! What a stand-in does with a request.

use std::future::Future;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Request, Response, StatusCode};

/// The answer to a request, or none.
#[derive(Debug)]
pub enum Answer {
    /// A response.
    Respond(Response<Bytes>),
    /// Nothing: the connection is closed without a byte, as when a network fails.
    Drop,
}

impl Answer {
    /// The response, or `None` where the connection is dropped.
    pub fn response(self) -> Option<Response<Bytes>> {
        match self {
            Answer::Respond(response) => Some(response),
            Answer::Drop => None,
        }
    }
}

/// A gateway's API as an async function. Cloning is cheap and shares the state.
pub trait StandIn: Clone + Send + Sync + 'static {
    /// Answers one request. The effect of a request does not depend on whether the future is
    /// polled to its end: it has happened before the first wait.
    fn answer(&self, request: Request<Bytes>) -> impl Future<Output = Answer> + Send;
}

/// A response with this body, marked as JSON.
pub(crate) fn json_response(status: StatusCode, body: impl Into<Bytes>) -> Response<Bytes> {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

//! What a gateway tells a shop later: requests that wait in an outbox until somebody delivers them. Nothing
//! here sends by itself.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Request, StatusCode};
use serde::{Deserialize, Serialize};

use crate::vendor::{Sandbox, Vendor};

/// A request that a gateway makes of a shop.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Callback {
    /// Counts the gateway's callbacks, from 1.
    pub number: u64,
    /// Where it is posted.
    pub url: String,
    /// The headers beside `Content-Type: application/json`.
    pub headers: Vec<(String, String)>,
    /// The body as it is sent, to the byte.
    pub body: String,
}

/// What became of sending a callback once.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CallbackDelivery {
    /// What was sent.
    pub callback: Callback,
    /// The status of the answer; none where none came.
    pub status: Option<StatusCode>,
}

impl Callback {
    /// The request, to be sent however often: a gateway may repeat itself.
    ///
    /// # Errors
    /// The URL is none.
    pub fn request(&self) -> Result<Request<Bytes>, http::Error> {
        let request = Request::post(&self.url).header(CONTENT_TYPE, "application/json");
        let headers = self.headers.iter();
        let request = headers.fold(request, |request, (name, value)| {
            request.header(name, value)
        });
        request.body(Bytes::from(self.body.clone()))
    }
}

/// The callbacks that no shop has taken yet, the oldest first.
#[derive(Default, Deserialize, Serialize)]
pub struct Callbacks {
    made: u64,
    waiting: Vec<Callback>,
}

impl Callbacks {
    pub(crate) fn add(&mut self, url: String, headers: Vec<(String, String)>, body: String) {
        self.made += 1;
        self.waiting.push(Callback {
            number: self.made,
            url,
            headers,
            body,
        });
    }
}

/// The memory of a gateway that calls shops back.
pub trait CallsBack {
    /// What it has to say yet.
    fn outbox(&mut self) -> &mut Callbacks;
}

impl<V: Vendor> Sandbox<V>
where
    V::State: CallsBack,
{
    /// What waits to be delivered, the oldest first.
    pub fn callbacks(&self) -> Vec<Callback> {
        self.look(|state| state.outbox().waiting.clone())
    }

    /// Sends what waits, each once and in order, as `send` sends: it gives the status of the answer, or
    /// nothing where none came. What is not answered with 2xx waits on.
    pub async fn deliver_callbacks<F, R>(&self, send: F) -> Vec<CallbackDelivery>
    where
        F: Fn(Request<Bytes>) -> R,
        R: Future<Output = Option<StatusCode>>,
    {
        let mut deliveries = Vec::new();
        for callback in self.callbacks() {
            let status = match callback.request() {
                Ok(request) => send(request).await,
                Err(error) => {
                    tracing::error!(%error, url = callback.url, "a callback makes no request");
                    None
                }
            };
            if status.is_some_and(|it| it.is_success()) {
                let number = callback.number;
                let taken = self.change(|state, _| {
                    state.outbox().waiting.retain(|it| it.number != number);
                });
                if let Err(error) = taken {
                    tracing::error!(error = &error as &dyn std::error::Error, "state not kept");
                }
            }
            deliveries.push(CallbackDelivery { callback, status });
        }
        deliveries
    }
}

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use domain::Timestamp;
use effects::{Clock, Sleep};
use futures_util::future::BoxFuture;
use http::{Request, Response};
use outbound::{Limits, Transport, TransportError};
use sandbox::external::External;

/// Time that moves only when somebody sleeps.
pub struct HeldTime(AtomicI64);

impl HeldTime {
    /// In Unix milliseconds.
    pub const fn at(millis: i64) -> Self {
        Self(AtomicI64::new(millis))
    }
}

impl Clock for HeldTime {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix_millis(self.0.load(Ordering::Relaxed))
    }
}

impl Sleep for HeldTime {
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        let millis = i64::try_from(duration.as_millis()).unwrap();
        self.0.fetch_add(millis, Ordering::Relaxed);
        Box::pin(std::future::ready(()))
    }
}

/// What happens to a request on its way.
pub type OnTheWay = Arc<dyn Fn(&mut Request<Bytes>) + Send + Sync>;

/// The reference gateway without a socket.
pub struct Direct {
    pub gateway: External,
    pub on_the_way: OnTheWay,
}

impl Transport for Direct {
    fn send(
        &self,
        mut request: Request<Bytes>,
        limits: Limits,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        (self.on_the_way)(&mut request);
        Box::pin(async move {
            let answer = tokio::time::timeout(limits.timeout, self.gateway.answer(request)).await;
            let answer = answer.map_err(|_| TransportError::Timeout)?;
            let response = answer.response();
            let response = response.ok_or_else(|| TransportError::Broken("closed".to_owned()))?;
            match response.body().len() > limits.max_body {
                true => Err(TransportError::TooLarge {
                    limit: limits.max_body,
                }),
                false => Ok(response),
            }
        })
    }
}

/// No request to a vendor's API is expected.
pub struct Nowhere;

impl Transport for Nowhere {
    fn send(
        &self,
        request: Request<Bytes>,
        _: Limits,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        panic!("sent around the guard: {}", request.uri());
    }
}

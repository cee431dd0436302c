use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use domain::Timestamp;
use effects::{Clock, Sleep};
use futures_util::future::BoxFuture;
use http::{Request, Response};
use outbound::{Limits, Transport, TransportError};
use sandbox::stripe::Stripe;

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

/// The stand-in without a socket.
pub struct Direct(pub Stripe);

impl Transport for Direct {
    fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        Box::pin(async move {
            let response = self.0.answer(request).await.response();
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

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use domain::Timestamp;
use effects::{Clock, Sleep};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http::{Request, Response};
use outbound::{Limits, Transport, TransportError};
use sandbox::klarna::Klarna;

/// Time that moves only when somebody sleeps, or waits in vain.
pub struct HeldTime(AtomicI64);

impl HeldTime {
    /// In Unix milliseconds.
    pub const fn at(millis: i64) -> Self {
        Self(AtomicI64::new(millis))
    }

    pub fn millis(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }

    pub fn pass(&self, duration: Duration) {
        let millis = i64::try_from(duration.as_millis()).unwrap();
        self.0.fetch_add(millis, Ordering::Relaxed);
    }
}

impl Clock for HeldTime {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix_millis(self.millis())
    }
}

impl Sleep for HeldTime {
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        self.pass(duration);
        Box::pin(std::future::ready(()))
    }
}

/// The stand-in without a socket. An answer that is late comes too late.
pub struct Direct {
    pub klarna: Klarna,
    pub time: Arc<HeldTime>,
}

impl Transport for Direct {
    fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        Box::pin(async move {
            let Some(answer) = self.klarna.answer(request).now_or_never() else {
                self.time.pass(limits.timeout);
                return Err(TransportError::Timeout);
            };
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

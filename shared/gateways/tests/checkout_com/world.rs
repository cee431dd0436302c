use std::time::Duration;

use bytes::Bytes;
use domain::Timestamp;
use effects::Clock;
use futures_util::future::BoxFuture;
use http::{Request, Response};
use outbound::{Limits, Transport, TransportError};
use sandbox::checkout_com::CheckoutCom;
use tokio::time::{Instant, timeout};

/// 2027-01-15, when a test begins.
const BEGIN: i64 = 1_800_000_000_000;

/// The time of tokio's paused clock, which passes when everybody waits.
#[derive(Clone, Copy)]
pub struct PausedTime(Instant);

impl PausedTime {
    pub fn begin() -> Self {
        Self(Instant::now())
    }

    pub fn unix_millis(&self) -> i64 {
        BEGIN + i64::try_from(self.0.elapsed().as_millis()).unwrap()
    }

    pub async fn pass(&self, days: u64) {
        tokio::time::advance(Duration::from_secs(days * 86_400)).await;
    }
}

impl Clock for PausedTime {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix_millis(self.unix_millis())
    }
}

/// The stand-in without a socket.
pub struct Direct(pub CheckoutCom);

impl Transport for Direct {
    fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        Box::pin(async move {
            let answered = timeout(limits.timeout, self.0.answer(request)).await;
            let answered = answered.map_err(|_| TransportError::Timeout)?;
            let response = answered.response();
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

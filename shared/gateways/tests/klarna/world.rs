use std::sync::Arc;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http::{Request, Response};
use outbound::{Limits, Transport, TransportError};
use sandbox::klarna::Klarna;

use crate::shop_parts::{HeldTime, received};

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
            received(answer, limits)
        })
    }
}

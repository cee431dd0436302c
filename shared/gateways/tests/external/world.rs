use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{Request, Response};
use outbound::{Limits, Transport, TransportError};
use sandbox::external::External;

use crate::shop_parts::Direct;

/// What happens to a request on its way.
pub type OnTheWay = Box<dyn Fn(&mut Request<Bytes>) + Send + Sync>;

/// The way to the reference gateway.
pub struct Passing {
    pub on_the_way: OnTheWay,
    pub direct: Direct<External>,
}

impl Transport for Passing {
    fn send(
        &self,
        mut request: Request<Bytes>,
        limits: Limits,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        (self.on_the_way)(&mut request);
        self.direct.send(request, limits)
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

//! Telling a shop what happened.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, Request, StatusCode};

use crate::events::{Delivery, Disorder, Due, Event, EventEndpoint, UnknownAccount};
use crate::vendor::{Sandbox, Vendor};

impl<V: Vendor> Sandbox<V> {
    /// Sends what happens from now on in the account of this secret key to an endpoint, all kinds of it.
    ///
    /// # Errors
    /// The key is no secret key of the gateway's test mode.
    pub fn send_events_to(&self, key: &str, endpoint: EventEndpoint) -> Result<(), UnknownAccount> {
        let account = self.inner.vendor.account_of_key(key);
        let account = account.ok_or(UnknownAccount)?;
        self.inner.endpoints.register(account, endpoint);
        Ok(())
    }

    /// What happened, the oldest first: all that somebody is still to hear of, and the last of the rest.
    pub fn events(&self) -> Vec<Event> {
        self.inner.lock().outbox.events()
    }

    /// Sends what is due, in this order, as `send` sends: it gives the status of the answer, or nothing
    /// where none came. Due is what has not been sent, and what was not answered with 2xx, after a pause
    /// that grows with each try. What is taken on the way is not sent again, but as often as `disorder`
    /// says.
    pub async fn deliver_events<F, R>(&self, disorder: Disorder, send: F) -> Vec<Delivery>
    where
        F: Fn(Request<Bytes>) -> R,
        R: Future<Output = Option<StatusCode>>,
    {
        if let Err(error) = self.pass_time() {
            tracing::error!(error = &error as &dyn std::error::Error, "state not kept");
        }
        let endpoints = self.inner.endpoints.all();
        let mut due = self
            .inner
            .lock()
            .outbox
            .due(&endpoints, (self.inner.clock)());
        if disorder.newest_first {
            due.reverse();
        }
        let mut deliveries = Vec::new();
        for due in due {
            for _ in 0..disorder.copies.max(1) {
                deliveries.extend(self.deliver(&due, &send).await);
            }
        }
        deliveries
    }

    /// Sends one event to the endpoints of its account, whether they have taken it or not, as a gateway's
    /// dashboard does. Nothing where there is no such event.
    pub async fn deliver_event<F, R>(&self, id: &str, send: F) -> Vec<Delivery>
    where
        F: Fn(Request<Bytes>) -> R,
        R: Future<Output = Option<StatusCode>>,
    {
        let event = self.inner.lock().outbox.find(id);
        let mut deliveries = Vec::new();
        for to in self.inner.endpoints.all() {
            if let Some(event) = event.clone().filter(|it| it.account == to.account) {
                let due = Due { event, to };
                deliveries.extend(self.deliver(&due, &send).await);
            }
        }
        deliveries
    }

    /// Sends an event once, unless it makes no request.
    async fn deliver<F, R>(&self, due: &Due, send: &F) -> Option<Delivery>
    where
        F: Fn(Request<Bytes>) -> R,
        R: Future<Output = Option<StatusCode>>,
    {
        let endpoint = &due.to.endpoint;
        let request = self.event_request(&due.event, endpoint);
        let request = match request {
            Ok(request) => request,
            Err(error) => {
                tracing::error!(%error, "an event makes no request");
                return None;
            }
        };
        let delivery = Delivery {
            event: due.event.id.clone(),
            kind: due.event.kind.clone(),
            url: endpoint.url.clone(),
            status: send(request).await,
        };
        let now = (self.inner.clock)();
        let mut memory = self.inner.lock();
        memory.outbox.settle(&delivery, V::EVENT_PAUSES, now);
        if let Err(error) = self.inner.save(&mut memory) {
            tracing::error!(error = &error as &dyn std::error::Error, "state not kept");
        }
        Some(delivery)
    }

    /// An event as it is sent to an endpoint now.
    ///
    /// # Errors
    /// The endpoint's URL is none.
    pub(crate) fn event_request(
        &self,
        event: &Event,
        endpoint: &EventEndpoint,
    ) -> Result<Request<Bytes>, http::Error> {
        let now = (self.inner.clock)();
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(&endpoint.url)
            .header(
                CONTENT_TYPE,
                HeaderValue::from_static("application/json; charset=utf-8"),
            );
        let vendor = &self.inner.vendor;
        for (name, value) in vendor.sign_event(&endpoint.secret, &event.body, now) {
            request = request.header(name, value);
        }
        request.body(Bytes::from(event.body.clone()))
    }
}

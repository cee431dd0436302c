//! One call of the rules on its way to a gateway: its deadline, its retries, its line in the log.

use std::time::Duration;

use bytes::Bytes;
use domain::gateway::{Circuits, GatewayCall};
use domain::{Clock, Deadline, Sleep, Timestamp};
use http::{HeaderMap, Request, Response};
use outbound::{Limits, Transport, TransportError};
use secrecy::SecretString;

use crate::Gateways;
use crate::bases::BaseUrls;
use crate::failure::{self, CallFailure};
use crate::retry::{Retry, RetryRule};

/// Kept of a request's deadline for the commit that follows the last call.
const KEPT_FOR_COMMIT: Duration = Duration::from_secs(2);

/// The longest that one try may take: of the ten seconds that a request has for its calls it leaves
/// time for a second.
const LONGEST_TRY: Duration = Duration::from_secs(8);

/// The shortest that makes sense: connecting alone takes about this long from another continent.
const SHORTEST_TRY: Duration = Duration::from_millis(250);

const MOST_RETRIES: u32 = 2;

/// The headers in which vendors say how they call a request, for their support.
const REQUEST_IDS: &[&str] = &["request-id", "cko-request-id", "klarna-correlation-id"];

/// What one try came to.
pub(crate) type Outcome = Result<Response<Bytes>, TransportError>;

/// On which way a request goes out, and what it may cost at most.
#[derive(Clone, Copy)]
struct Route<'a> {
    transport: &'a dyn Transport,
    limits: Limits,
}

/// One call, with all that making it takes.
pub(crate) struct Call<'a> {
    /// What is asked.
    pub asked: &'a GatewayCall,
    /// The gateway's credentials, where it has any.
    pub credentials: Option<&'a SecretString>,
    /// Where the vendors' APIs are.
    pub bases: &'a BaseUrls,
    /// Counts the failures of gateways that have a circuit.
    pub circuits: &'a dyn Circuits,
    vendor: &'static str,
    to_vendors: Route<'a>,
    to_user_urls: Route<'a>,
    clock: &'a dyn Clock,
    sleep: &'a dyn Sleep,
    deadline: Deadline,
}

impl<'a> Call<'a> {
    pub fn new(
        gateways: &'a Gateways,
        asked: &'a GatewayCall,
        credentials: Option<&'a SecretString>,
        vendor: &'static str,
        deadline: Deadline,
    ) -> Self {
        Self {
            asked,
            credentials,
            bases: &gateways.bases,
            circuits: &*gateways.circuits,
            vendor,
            to_vendors: Route {
                transport: &*gateways.transport,
                limits: Limits::within(LONGEST_TRY),
            },
            to_user_urls: Route {
                transport: &*gateways.guarded,
                limits: Limits::for_user_urls(),
            },
            clock: &*gateways.clock,
            sleep: &*gateways.sleep,
            deadline: deadline.less(KEPT_FOR_COMMIT),
        }
    }

    /// Sends a request, and again, the same to the byte, as the vendor's rule and the deadline allow.
    ///
    /// # Errors
    /// The last try brought no answer. Answers of whatever status are given back.
    pub async fn send(
        &self,
        step: &str,
        request: &Request<Bytes>,
        rule: RetryRule,
    ) -> Result<Response<Bytes>, CallFailure> {
        self.send_by(self.to_vendors, step, request, rule).await
    }

    /// The same to a URL that a user typed: through the guard, and with less time and a smaller answer.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub async fn send_to_user_url(
        &self,
        step: &str,
        request: &Request<Bytes>,
        rule: RetryRule,
    ) -> Result<Response<Bytes>, CallFailure> {
        self.send_by(self.to_user_urls, step, request, rule).await
    }

    async fn send_by(
        &self,
        route: Route<'_>,
        step: &str,
        request: &Request<Bytes>,
        rule: RetryRule,
    ) -> Result<Response<Bytes>, CallFailure> {
        for retry in 1..=MOST_RETRIES {
            let outcome = self.try_once(route, step, request).await?;
            match rule(&outcome, retry) {
                Retry::After(pause) if pause + SHORTEST_TRY <= self.time_left() => {
                    self.sleep.sleep(pause).await;
                }
                _ => return outcome.map_err(failure::of_transport),
            }
        }
        let outcome = self.try_once(route, step, request).await?;
        outcome.map_err(failure::of_transport)
    }

    async fn try_once(
        &self,
        route: Route<'_>,
        step: &str,
        request: &Request<Bytes>,
    ) -> Result<Outcome, CallFailure> {
        let timeout = self.time_left().min(route.limits.timeout);
        if timeout < SHORTEST_TRY {
            return Err(CallFailure::NoTimeLeft);
        }
        let begun = self.clock.now();
        let limits = Limits {
            timeout,
            ..route.limits
        };
        let outcome = route.transport.send(request.clone(), limits).await;
        self.log(step, &outcome, self.clock.now().since(begun));
        Ok(outcome)
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn time_left(&self) -> Duration {
        self.deadline.remaining(self.clock.now())
    }

    /// One line per try; neither bodies nor keys.
    fn log(&self, step: &str, outcome: &Outcome, took: Duration) {
        let gateway = self.vendor;
        let duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        match outcome {
            Ok(answer) => {
                let status = answer.status().as_u16();
                let request_id = request_id(answer.headers());
                tracing::info!(
                    gateway,
                    step,
                    status,
                    duration_ms,
                    request_id,
                    "gateway call"
                );
            }
            Err(error) => {
                tracing::warn!(gateway, step, duration_ms, %error, "gateway call");
            }
        }
    }
}

fn request_id(headers: &HeaderMap) -> Option<&str> {
    let named = REQUEST_IDS.iter().find_map(|name| headers.get(*name));
    named?.to_str().ok()
}

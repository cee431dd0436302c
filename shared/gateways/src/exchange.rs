//! One call of the rules under way: the requests that it takes, within its deadline, with their
//! retries and their lines in the log.

use std::time::Duration;

use bytes::Bytes;
use domain::gateway::GatewayCall;
use domain::{Deadline, Timestamp};
use http::{HeaderMap, Request, Response};
use logging::metrics;
use outbound::{Limits, Transport};

use crate::failure::{self, CallFailure};
use crate::gateways::Gateways;
use crate::retry::{Outcome, Retry, RetryRule};

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

/// Whose URL a request goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Destination {
    /// A vendor's.
    Vendor,
    /// One that a user typed: reached through the guard, with less time and a smaller answer.
    UserUrl,
}

/// The requests of one call, with all that making them takes.
pub(crate) struct Exchange<'a> {
    /// What is asked.
    pub asked: &'a GatewayCall,
    /// What making the call takes.
    pub gateways: &'a Gateways,
    deadline: Deadline,
}

impl<'a> Exchange<'a> {
    pub fn new(gateways: &'a Gateways, asked: &'a GatewayCall, deadline: Deadline) -> Self {
        Self {
            asked,
            gateways,
            deadline: deadline.less(KEPT_FOR_COMMIT),
        }
    }

    /// Sends a request, and again, the same to the byte, as the vendor's rule and the deadline allow.
    ///
    /// # Errors
    /// The last try brought no answer. Answers of whatever status are given back.
    pub async fn send(
        &self,
        to: Destination,
        step: &'static str,
        request: &Request<Bytes>,
        rule: RetryRule,
    ) -> Result<Response<Bytes>, CallFailure> {
        for retry in 1..=MOST_RETRIES {
            let outcome = self.try_once(to, step, request).await?;
            match rule(&outcome, retry) {
                Retry::After(pause) if pause + SHORTEST_TRY <= self.time_left() => {
                    self.gateways.sleep.sleep(pause).await;
                }
                _ => return outcome.map_err(failure::of_transport),
            }
        }
        let outcome = self.try_once(to, step, request).await?;
        outcome.map_err(failure::of_transport)
    }

    async fn try_once(
        &self,
        to: Destination,
        step: &'static str,
        request: &Request<Bytes>,
    ) -> Result<Outcome, CallFailure> {
        let (transport, limits) = self.way(to);
        let timeout = self.time_left().min(limits.timeout);
        if timeout < SHORTEST_TRY {
            return Err(CallFailure::NoTimeLeft);
        }
        let begun = self.now();
        let limits = Limits { timeout, ..limits };
        let outcome = transport.send(request.clone(), limits).await;
        self.log(step, &outcome, self.now().since(begun));
        Ok(outcome)
    }

    fn way(&self, to: Destination) -> (&dyn Transport, Limits) {
        match to {
            Destination::Vendor => (&*self.gateways.transport, Limits::within(LONGEST_TRY)),
            Destination::UserUrl => (&*self.gateways.guarded, Limits::for_user_urls()),
        }
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        self.gateways.clock.now()
    }

    fn time_left(&self) -> Duration {
        self.deadline.remaining(self.now())
    }

    /// One line per try; neither bodies nor keys.
    fn log(&self, step: &'static str, outcome: &Outcome, took: Duration) {
        let gateway = self.asked.kind.vendor();
        let call = metrics::GatewayCall {
            gateway,
            step,
            took,
        };
        match outcome {
            Ok(answer) => {
                let status = answer.status().as_u16();
                call.answered(status, request_id(answer.headers()));
            }
            Err(error) => call.not_answered(error),
        }
    }
}

fn request_id(headers: &HeaderMap) -> Option<&str> {
    let named = REQUEST_IDS.iter().find_map(|name| headers.get(*name));
    named?.to_str().ok()
}

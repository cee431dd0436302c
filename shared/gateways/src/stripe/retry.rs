use std::time::Duration;

use bytes::Bytes;
use http::{Response, StatusCode};
use outbound::TransportError;

use crate::call::{Outcome, Retry};

/// Whether to try again, as Stripe's own SDKs decide it: what `Stripe-Should-Retry` says; else after
/// lost connections, 409 (the key or the object is in use), 429 and faults of Stripe's. The pause is
/// theirs too, without the random part: one caller's two retries make no herd.
pub(super) fn rule(outcome: &Outcome, retry: u32) -> Retry {
    let again = match outcome {
        Ok(response) => wants_retry(response),
        Err(TransportError::TooLarge { .. } | TransportError::Forbidden(_)) => false,
        Err(_) => true,
    };
    match again {
        true => Retry::After(pause(retry)),
        false => Retry::No,
    }
}

/// Whether this is a fault that Stripe keeps under the idempotency key, and answers every repeat of
/// the key with, whatever had become of the request: it says so when it replays the fault, or at once
/// by asking not to be tried again.
pub(super) fn is_burnt(response: &Response<Bytes>) -> bool {
    let is_replayed = header(response, "idempotent-replayed") == Some("true");
    let is_kept = header(response, "stripe-should-retry") == Some("false");
    response.status().is_server_error() && (is_replayed || is_kept)
}

fn wants_retry(response: &Response<Bytes>) -> bool {
    if is_burnt(response) {
        return false;
    }
    match header(response, "stripe-should-retry") {
        Some("true") => true,
        Some("false") => false,
        _ => {
            let status = response.status();
            let busy = [StatusCode::CONFLICT, StatusCode::TOO_MANY_REQUESTS];
            busy.contains(&status) || status.is_server_error()
        }
    }
}

/// Half a second, doubled each time, at most five.
fn pause(retry: u32) -> Duration {
    let doublings = retry.saturating_sub(1).min(8);
    Duration::from_millis(500 << doublings).min(Duration::from_secs(5))
}

fn header<'r>(response: &'r Response<Bytes>, name: &str) -> Option<&'r str> {
    response.headers().get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(status: u16, headers: &[(&str, &str)]) -> Outcome {
        let mut response = Response::builder().status(status);
        for (name, value) in headers {
            response = response.header(*name, *value);
        }
        Ok(response.body(Bytes::new()).unwrap())
    }

    #[test]
    fn what_may_go_well_next_time_is_tried_again() {
        let no_connection = TransportError::NotSent(String::new());
        let cases = [
            (response(200, &[]), false),
            (response(400, &[]), false),
            (response(402, &[]), false),
            (response(404, &[]), false),
            (response(409, &[]), true),
            (response(429, &[]), true),
            (response(500, &[]), true),
            (response(503, &[]), true),
            (response(500, &[("Stripe-Should-Retry", "false")]), false),
            (response(400, &[("Stripe-Should-Retry", "true")]), true),
            (response(500, &[("Idempotent-Replayed", "true")]), false),
            (
                response(
                    500,
                    &[
                        ("Idempotent-Replayed", "true"),
                        ("Stripe-Should-Retry", "true"),
                    ],
                ),
                false,
            ),
            (Err(TransportError::Timeout), true),
            (Err(no_connection), true),
            (Err(TransportError::TooLarge { limit: 1 }), false),
        ];
        for (outcome, again) in cases {
            let retry = rule(&outcome, 1);
            assert_eq!(retry != Retry::No, again, "{outcome:?}");
        }
    }

    #[test]
    fn pauses_double_from_half_a_second_to_five() {
        let pauses: Vec<_> = (1..=6).map(|retry| pause(retry).as_millis()).collect();
        assert_eq!(pauses, [500, 1000, 2000, 4000, 5000, 5000]);
    }
}

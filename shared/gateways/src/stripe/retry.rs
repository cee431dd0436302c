use bytes::Bytes;
use http::{Response, StatusCode};

use crate::retry::{Outcome, Retry};

/// Whether to try again, as Stripe's own SDKs decide it: what `Stripe-Should-Retry` says; else after
/// lost connections, 409 (the key or the object is in use), 429 and faults of Stripe's.
pub(super) fn rule(outcome: &Outcome, retry: u32) -> Retry {
    match outcome.as_ref().ok().and_then(wants_retry) {
        Some(again) => Retry::when(again, retry),
        None => Retry::of_repeatable(outcome, retry, &[StatusCode::CONFLICT]),
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

/// What Stripe says of trying again, where it says something.
fn wants_retry(response: &Response<Bytes>) -> Option<bool> {
    if is_burnt(response) {
        return Some(false);
    }
    match header(response, "stripe-should-retry") {
        Some("true") => Some(true),
        Some("false") => Some(false),
        _ => None,
    }
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
    fn what_stripe_says_goes_before_what_the_status_says() {
        let cases = [
            (response(400, &[]), false),
            (response(409, &[]), true),
            (response(500, &[]), true),
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
        ];
        for (outcome, again) in cases {
            let retry = rule(&outcome, 1);
            assert_eq!(retry != Retry::No, again, "{outcome:?}");
        }
    }
}

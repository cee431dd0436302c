use std::time::Duration;

use http::StatusCode;
use outbound::TransportError;

use crate::call::{Outcome, Retry};

/// Whether to try again: after lost connections, 429 and faults of Klarna's. Each request may be
/// repeated as it is (docs.klarna.com/api/kn/integration-resilience): a session too many lapses, the
/// mint has an idempotency key, and what was released or cancelled before says so.
pub(super) fn rule(outcome: &Outcome, retry: u32) -> Retry {
    let again = match outcome {
        Ok(response) => {
            let status = response.status();
            status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error()
        }
        Err(TransportError::TooLarge { .. } | TransportError::Forbidden(_)) => false,
        Err(_) => true,
    };
    match again {
        true => Retry::After(pause(retry)),
        false => Retry::No,
    }
}

/// Half a second, then a second.
fn pause(retry: u32) -> Duration {
    match retry {
        0 | 1 => Duration::from_millis(500),
        _ => Duration::from_secs(1),
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::Response;

    use super::*;

    #[test]
    fn what_may_go_well_next_time_is_tried_again() {
        let response = |status: u16| {
            let response = Response::builder().status(status);
            Ok(response.body(Bytes::new()).unwrap())
        };
        let cases = [
            (response(200), false),
            (response(400), false),
            (response(401), false),
            (response(403), false),
            (response(404), false),
            (response(409), false),
            (response(429), true),
            (response(500), true),
            (response(503), true),
            (Err(TransportError::Timeout), true),
            (Err(TransportError::NotSent(String::new())), true),
            (Err(TransportError::Broken(String::new())), true),
            (Err(TransportError::Forbidden(String::new())), false),
            (Err(TransportError::TooLarge { limit: 1 }), false),
        ];
        for (outcome, again) in cases {
            assert_eq!(rule(&outcome, 1) != Retry::No, again, "{outcome:?}");
        }
    }
}

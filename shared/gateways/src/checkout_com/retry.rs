use std::time::Duration;

use http::StatusCode;
use outbound::TransportError;

use crate::call::{Outcome, Retry};

/// Whether to try again: after lost connections, 409, 429 and faults of the vendor's, which keeps
/// nothing but successes under a key, so that the same request is carried out or found done
/// (checkout.com/docs/payments/manage-payments/idempotency). Half a second first, then one.
pub(super) fn rule(outcome: &Outcome, retry: u32) -> Retry {
    let again = match outcome {
        Ok(response) => {
            let status = response.status();
            let busy = [StatusCode::CONFLICT, StatusCode::TOO_MANY_REQUESTS];
            busy.contains(&status) || status.is_server_error()
        }
        Err(TransportError::TooLarge { .. } | TransportError::Forbidden(_)) => false,
        Err(_) => true,
    };
    match again {
        true => Retry::After(Duration::from_millis(500).saturating_mul(retry)),
        false => Retry::No,
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::Response;

    use super::*;

    #[test]
    fn what_may_go_well_next_time_is_tried_again() {
        let answer = |status: u16| {
            let response = Response::builder().status(status);
            Ok(response.body(Bytes::new()).unwrap())
        };
        let cases = [
            (answer(201), false),
            (answer(401), false),
            (answer(403), false),
            (answer(404), false),
            (answer(409), true),
            (answer(422), false),
            (answer(429), true),
            (answer(500), true),
            (answer(502), true),
            (Err(TransportError::Timeout), true),
            (Err(TransportError::NotSent(String::new())), true),
            (Err(TransportError::Broken(String::new())), true),
            (Err(TransportError::TooLarge { limit: 1 }), false),
            (Err(TransportError::Forbidden(String::new())), false),
        ];
        for (outcome, again) in cases {
            let retry = rule(&outcome, 1);
            assert_eq!(retry != Retry::No, again, "{outcome:?}");
        }
    }

    #[test]
    fn the_second_pause_is_longer() {
        let pauses: Vec<_> = (1..=2)
            .map(|retry| rule(&Err(TransportError::Timeout), retry))
            .collect();
        let expected = [500, 1000].map(|millis| Retry::After(Duration::from_millis(millis)));
        assert_eq!(pauses, expected);
    }
}

//! When a request is sent again, the same to the byte. How often at most, and whether there is time
//! for it, is the call's to say.

use std::time::Duration;

use bytes::Bytes;
use http::{Response, StatusCode};
use outbound::TransportError;

/// What one try came to.
pub(crate) type Outcome = Result<Response<Bytes>, TransportError>;

/// A vendor's own rule: whether to try again after this outcome, for the first or second time.
pub(crate) type RetryRule = fn(&Outcome, u32) -> Retry;

/// Whether to try again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Retry {
    No,
    After(Duration),
}

impl Retry {
    /// For requests that may be repeated whatever became of them: after lost connections, 429, faults
    /// of the vendor's, and the statuses with which this vendor says that it is `busy`.
    pub fn of_repeatable(outcome: &Outcome, retry: u32, busy: &[StatusCode]) -> Self {
        let may_go_well = match outcome {
            Ok(response) => {
                let status = response.status();
                let is_throttled = status == StatusCode::TOO_MANY_REQUESTS;
                is_throttled || status.is_server_error() || busy.contains(&status)
            }
            Err(TransportError::TooLarge { .. } | TransportError::Forbidden(_)) => false,
            Err(_) => true,
        };
        Self::when(may_go_well, retry)
    }

    /// After half a second, doubled each time, at most five: as vendors' own SDKs pause, without the
    /// random part, since one caller's two retries make no herd.
    pub fn when(may_go_well: bool, retry: u32) -> Self {
        let doublings = retry.saturating_sub(1).min(8);
        let pause = Duration::from_millis(500 << doublings);
        match may_go_well {
            true => Self::After(pause.min(Duration::from_secs(5))),
            false => Self::No,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_go_well_next_time_is_tried_again() {
        let answer = |status: u16| {
            let response = Response::builder().status(status);
            Ok(response.body(Bytes::new()).unwrap())
        };
        let cases = [
            (answer(200), false),
            (answer(400), false),
            (answer(401), false),
            (answer(402), false),
            (answer(403), false),
            (answer(404), false),
            (answer(409), true),
            (answer(422), false),
            (answer(429), true),
            (answer(500), true),
            (answer(503), true),
            (Err(TransportError::Timeout), true),
            (Err(TransportError::NotSent(String::new())), true),
            (Err(TransportError::Broken(String::new())), true),
            (Err(TransportError::TooLarge { limit: 1 }), false),
            (Err(TransportError::Forbidden(String::new())), false),
        ];
        for (outcome, again) in cases {
            let retry = Retry::of_repeatable(&outcome, 1, &[StatusCode::CONFLICT]);
            assert_eq!(retry != Retry::No, again, "{outcome:?}");
        }
        assert_eq!(Retry::of_repeatable(&answer(409), 1, &[]), Retry::No);
    }

    #[test]
    fn pauses_double_from_half_a_second_to_five() {
        let pauses: Vec<_> = (1..=6).map(|retry| Retry::when(true, retry)).collect();
        let expected = [500, 1000, 2000, 4000, 5000, 5000];
        assert_eq!(
            pauses,
            expected.map(|it| Retry::After(Duration::from_millis(it)))
        );
    }
}

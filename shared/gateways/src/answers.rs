//! Reading what vendors answer.

use bytes::Bytes;
use http::{Response, StatusCode};
use outbound::redact;
use serde::de::DeserializeOwned;

use crate::failure::CallFailure;
use crate::not_done::NotDone;

/// Of a body that is no error object, what the log has.
const LOGGED_OF_GARBAGE: usize = 200;

/// How a vendor says that it has not done what was asked.
pub(crate) struct Answers {
    /// Whether what was asked about is not there, in the vendor's own words: a 404 of somebody else's
    /// (a proxy, a wrong base URL) says nothing.
    pub is_missing: fn(&Response<Bytes>) -> bool,
    /// What an answer that is no success comes to.
    pub not_done: fn(&Response<Bytes>) -> NotDone,
}

impl Answers {
    /// The object that a successful answer carries.
    ///
    /// # Errors
    /// The answer is an error of the vendor's, or reads as nothing that the vendor says.
    pub fn read<T: DeserializeOwned>(&self, response: &Response<Bytes>) -> Result<T, NotDone> {
        if !response.status().is_success() {
            return Err((self.not_done)(response));
        }
        let object = serde_json::from_slice(response.body());
        object.map_err(|error| CallFailure::NotUnderstood(redact(&error.to_string())).into())
    }

    /// The object that a GET found; none where the vendor has none of that id.
    ///
    /// # Errors
    /// As [`Self::read`]. Any other refusal (of the API version, of a parameter) is a defect, and must
    /// not count as "it is gone".
    pub fn read_found<T: DeserializeOwned>(
        &self,
        response: &Response<Bytes>,
    ) -> Result<Option<T>, NotDone> {
        if (self.is_missing)(response) {
            return Ok(None);
        }
        match self.read(response) {
            Err(NotDone::Refused(_)) => {
                Err(CallFailure::NotUnderstood("reading was refused".to_owned()).into())
            }
            read => read.map(Some),
        }
    }
}

/// What a status comes to that decides nothing, whatever the body says: the credentials are refused,
/// or the vendor wants fewer requests or has a fault.
pub(crate) fn undecided(status: StatusCode) -> Option<CallFailure> {
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            Some(CallFailure::CredentialsRefused(status.as_u16()))
        }
        StatusCode::TOO_MANY_REQUESTS => Some(CallFailure::Throttled),
        status if status.is_server_error() => Some(CallFailure::Unavailable(status.as_u16())),
        _ => None,
    }
}

/// A line for an answer that is no success and has no error object: the start of what it has instead,
/// redacted.
pub(crate) fn log_garbage(gateway: &str, response: &Response<Bytes>) {
    let status = response.status().as_u16();
    let body = response.body();
    let start = &body[..body.len().min(LOGGED_OF_GARBAGE)];
    let body = redact(&String::from_utf8_lossy(start));
    tracing::warn!(gateway, status, body, "gateway gave no error object");
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::refusals::invalid;
    use crate::testing::Log;

    const ANSWERS: Answers = Answers {
        is_missing: |response| response.status() == StatusCode::NOT_FOUND,
        not_done: |response| match undecided(response.status()) {
            Some(failure) => failure.into(),
            None => invalid("No.").into(),
        },
    };

    fn answer(status: u16, body: &str) -> Response<Bytes> {
        let response = Response::builder().status(status);
        response.body(Bytes::from(body.to_owned())).unwrap()
    }

    #[test]
    fn what_does_not_read_is_a_failure_and_never_a_panic() {
        for body in ["", "<html>Bad gateway</html>", "[]", "{\"id\":", "\u{0}"] {
            let read = ANSWERS.read::<std::collections::HashMap<String, Value>>(&answer(200, body));
            let broken = matches!(read, Err(NotDone::Failed(CallFailure::NotUnderstood(_))));
            assert!(broken, "{body}");
        }
    }

    #[test]
    fn only_that_it_is_missing_is_an_answer_to_a_question_for_it() {
        let read = |status| ANSWERS.read_found::<Value>(&answer(status, "{}"));
        assert_eq!(read(200), Ok(Some(serde_json::json!({}))));
        assert_eq!(read(404), Ok(None));
        let refused = CallFailure::NotUnderstood("reading was refused".to_owned());
        assert_eq!(read(400), Err(refused.into()));
        assert_eq!(read(503), Err(CallFailure::Unavailable(503).into()));
    }

    #[test]
    fn a_status_that_decides_nothing_is_a_failure_of_its_own() {
        let credentials = |status| Some(CallFailure::CredentialsRefused(status));
        let unavailable = |status| Some(CallFailure::Unavailable(status));
        for (status, failure) in [
            (400, None),
            (401, credentials(401)),
            (403, credentials(403)),
            (404, None),
            (409, None),
            (429, Some(CallFailure::Throttled)),
            (500, unavailable(500)),
            (503, unavailable(503)),
        ] {
            let status = StatusCode::from_u16(status).unwrap();
            assert_eq!(undecided(status), failure, "{status}");
        }
    }

    #[test]
    fn the_log_has_the_start_of_garbage_and_no_secret() {
        let log = Log::open();
        let body = format!("sk_test_hush12345678 {}", "x".repeat(100_000));
        log_garbage("acme", &answer(502, &body));
        let text = log.close();
        assert!(text.contains("acme") && text.contains("502"), "{text}");
        assert!(!text.contains("hush") && text.len() < 500, "{text}");
    }
}

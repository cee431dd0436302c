//! Stripe's rule for idempotency keys (<https://docs.stripe.com/api/idempotent_requests>): any
//! POST may carry one; the first result is kept once the endpoint has begun its work, refusals and
//! errors included, and given again for a day. What does not pass validation, 401, 429 and
//! conflicts leave the key free.

use crate::vendor::Reused;

use super::error::ApiError;

/// The refusal of a key that stands for another request.
pub(super) fn refusal(reused: &Reused<'_>) -> ApiError {
    let key = reused.key;
    let Some(first) = reused.first else {
        return ApiError::key_reused(format!(
            "Keys for idempotent requests can only be used with the same parameters they were \
             first used with. Try using a key other than '{key}' if you meant to execute a \
             different request."
        ));
    };
    ApiError::key_reused(format!(
        "Keys for idempotent requests can only be used for the same endpoint they were first used \
         for ('{}' vs '{}'). Try using a key other than '{key}' if you meant to execute a \
         different request.",
        path(reused.endpoint),
        path(first),
    ))
}

fn path(endpoint: &str) -> &str {
    endpoint.split_once(' ').map_or(endpoint, |(_, path)| path)
}

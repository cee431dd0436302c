//! Stripe's rule for idempotency keys (<https://docs.stripe.com/api/idempotent_requests>): any
//! POST may carry one; the first result is kept once the endpoint has begun its work, refusals and
//! errors included, and given again for a day. What does not pass validation, 401, 429 and
//! conflicts leave the key free.

use crate::idempotency::{Claim, Kept, Known, hash};

use super::Inner;
use super::error::ApiError;
use super::reply::Reply;
use super::state::State;

/// Results may be forgotten once they are 24 hours old.
const KEPT_FOR_MS: i64 = 24 * 60 * 60 * 1_000;

/// A request under a key.
pub(super) struct Keyed {
    pub(super) key: String,
    /// Method and path.
    endpoint: String,
    parameters: String,
}

/// What a key asks for. The claim keeps the key in use until it is dropped.
pub(super) enum Next {
    Run(Claim),
    Replay(Claim, Kept),
}

impl Keyed {
    pub(super) fn new(key: String, endpoint: String, form: &str) -> Self {
        Self {
            key,
            endpoint,
            parameters: hash(form),
        }
    }

    /// Takes the key, and says whether there is a result under it already.
    pub(super) fn begin(
        &self,
        inner: &Inner,
        state: &mut State,
        account: &str,
        now: i64,
    ) -> Result<Next, ApiError> {
        let claim = inner
            .keys_in_use
            .claim(account, &self.key)
            .ok_or_else(|| ApiError::key_in_use(&self.key))?;
        let account = state.accounts.entry(account.to_owned()).or_default();
        account.kept_results.prune(now, KEPT_FOR_MS);
        let known = account
            .kept_results
            .find(&self.key, &self.endpoint, &self.parameters);
        match known {
            Known::No => Ok(Next::Run(claim)),
            Known::Same(kept) => Ok(Next::Replay(claim, kept.clone())),
            Known::OtherParameters => Err(self.other_parameters()),
            Known::OtherEndpoint(kept) => Err(self.other_endpoint(&kept.endpoint)),
        }
    }

    /// Keeps the first result.
    pub(super) fn keep(
        self,
        state: &mut State,
        account: &str,
        now: i64,
        request_id: &str,
        reply: &Reply,
    ) {
        let account = state.accounts.entry(account.to_owned()).or_default();
        let kept = Kept {
            endpoint: self.endpoint,
            parameters: self.parameters,
            at: now,
            request_id: request_id.to_owned(),
            status: reply.status.as_u16(),
            body: reply.body.clone(),
        };
        account.kept_results.keep(&self.key, kept);
    }

    fn other_parameters(&self) -> ApiError {
        let key = &self.key;
        ApiError::key_reused(format!(
            "Keys for idempotent requests can only be used with the same parameters they were \
             first used with. Try using a key other than '{key}' if you meant to execute a \
             different request."
        ))
    }

    fn other_endpoint(&self, first: &str) -> ApiError {
        let path = |endpoint: &str| match endpoint.split_once(' ') {
            Some((_, path)) => path.to_owned(),
            None => endpoint.to_owned(),
        };
        ApiError::key_reused(format!(
            "Keys for idempotent requests can only be used for the same endpoint they were first \
             used for ('{}' vs '{}'). Try using a key other than '{}' if you meant to execute a \
             different request.",
            path(&self.endpoint),
            path(first),
            self.key
        ))
    }
}

//! How many requests a caller may make, counted in memory and, a block at a time, in the table while the
//! request is carried out.
//!
//! A caller is an application, the customer whom it speaks for, and the address that the request came
//! from; without a valid token, the address alone. Guests are told apart by their tokens, since a shop's server may
//! ask for all of them: so that nobody gets a limit of their own with each token that they ask for, the guests of an
//! application at one address are counted together as well. The verdict is awaited for the permit to change
//! something, and before the answer: counting takes no time of its own where something is read meanwhile.
//! A counter that does not answer refuses nobody.

use std::time::Duration;

use bytes::Bytes;
use decisions::{Permit, PermittedTo};
use domain::{Caller, Role, Tenant, Timestamp};
use futures_util::FutureExt;
use futures_util::future::{self, BoxFuture, Either, Shared};
use gatehouse::throttle::{INTERVAL, Standing, standing};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use routing::SourceAddress;
use routing::headers::{X_RATELIMIT_INTERVAL, X_RATELIMIT_LIMIT, X_RATELIMIT_REMAINING};
use serde_json::json;

use crate::Context;

/// How long a request waits to be counted: reading what it asks for takes a tenth of it.
const PATIENCE: Duration = Duration::from_millis(250);

/// Whether a request is let in, as far as is known by now; the same however often it is awaited.
pub type Admission<'a> = Shared<BoxFuture<'a, Verdict>>;

/// Whether a request is let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is not counted.
    Uncounted,
    /// It could not be counted, and is let in.
    Unknown {
        /// The limit that it would have been held to.
        limit: u32,
    },
    /// It was counted.
    Counted(Standing),
}

impl Verdict {
    /// Leave for the request to change something, where it is let in.
    pub const fn permit(&self) -> Option<Permit> {
        match self {
            Self::Counted(Standing {
                retry_after: Some(_),
                ..
            }) => None,
            _ => Some(Permit::grant(PermittedTo::Request)),
        }
    }

    /// The verdict of two limits that both hold: the one that refuses, for longer where both do, or leaves fewer
    /// requests.
    const fn or_stricter(self, other: Self) -> Self {
        let (Self::Counted(own), Self::Counted(others)) = (self, other) else {
            return match (self, other) {
                (Self::Counted(_), _) | (_, Self::Uncounted) => self,
                _ => other,
            };
        };
        let is_others = match (own.retry_after, others.retry_after) {
            (Some(own), Some(others)) => others > own,
            (Some(_), None) => false,
            (None, Some(_)) => true,
            (None, None) => others.remaining < own.remaining,
        };
        if is_others { other } else { self }
    }

    /// Tells the caller of an answer how it stands; whoever is not let in gets another answer.
    pub fn apply(self, response: Response<Bytes>) -> Response<Bytes> {
        let mut response = match self {
            Self::Counted(Standing {
                retry_after: Some(seconds),
                ..
            }) => too_many(seconds),
            _ => response,
        };
        self.write(response.headers_mut());
        response
    }

    fn write(self, headers: &mut HeaderMap) {
        let (limit, remaining) = match self {
            Self::Uncounted => return,
            Self::Unknown { limit } => (limit, None),
            Self::Counted(standing) => (standing.limit, Some(standing.remaining)),
        };
        headers.insert(X_RATELIMIT_LIMIT, HeaderValue::from(limit));
        let interval = HeaderValue::from(INTERVAL.as_secs());
        headers.insert(X_RATELIMIT_INTERVAL, interval);
        if let Some(remaining) = remaining {
            headers.insert(X_RATELIMIT_REMAINING, HeaderValue::from(remaining));
        }
    }
}

/// Commerce Layer's answer: an object of errors, in plain JSON.
pub fn too_many(seconds: u64) -> Response<Bytes> {
    let document = json!({
        "errors": { "title": "Too Many Requests", "code": "THROTTLED", "status": 429 },
    });
    let mut response = Response::new(Bytes::from(document.to_string()));
    *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    response
}

/// Begins to count a request for the API from this address: of its caller, where its token says who that is.
pub fn admission<'a>(
    context: &'a Context,
    caller: Option<&Caller>,
    address: Option<SourceAddress>,
    now: Timestamp,
) -> Admission<'a> {
    let limit = context.configuration.rate_limit;
    in_time(context, limit, counting(context, caller, address, now))
}

fn counting<'a>(
    context: &'a Context,
    caller: Option<&Caller>,
    address: Option<SourceAddress>,
    now: Timestamp,
) -> Admission<'a> {
    let limits = &context.configuration;
    let address = address.map(|it| it.to_string());
    let Some(caller) = caller else {
        return match address {
            Some(address) => {
                let who = vec!["address".to_owned(), address];
                count(context, limits.rate_limit, None, who, now)
            }
            None => of(Verdict::Uncounted),
        };
    };
    let tenant = Some(caller.tenant);
    let owner = caller.owner().map(|it| it.to_string()).unwrap_or_default();
    let at = address.clone().unwrap_or_default();
    let mut who = vec!["caller".to_owned(), caller.client_id.clone(), owner, at];
    if caller.role != Role::Guest {
        return count(context, limits.rate_limit, tenant, who, now);
    }
    who.push(caller.token.to_string());
    let own = count(context, limits.rate_limit, tenant, who, now);
    let Some(address) = address else {
        return own;
    };
    let who = vec!["guests".to_owned(), caller.client_id.clone(), address];
    let of_all = count(context, limits.address_rate_limit, tenant, who, now);
    let stricter = async move {
        let (own, of_all) = future::join(own, of_all).await;
        own.or_stricter(of_all)
    };
    stricter.boxed().shared()
}

/// Has a request for tokens answered, unless too many came from its address: a password is guessed by
/// asking often. It is counted first, so that a guess too many is not looked at.
pub async fn held_to_token_limit(
    context: &Context,
    request: &Request<Bytes>,
    answer: impl Future<Output = Response<Bytes>>,
) -> Response<Bytes> {
    let limit = context.configuration.token_rate_limit;
    let verdict = match source_address(context, request) {
        None => Verdict::Uncounted,
        Some(address) => {
            let who = vec!["token".to_owned(), address.to_string()];
            count(context, limit, None, who, context.now()).await
        }
    };
    let response = match verdict.permit() {
        Some(_) => answer.await,
        None => Response::new(Bytes::new()),
    };
    verdict.apply(response)
}

/// Where a request came from: to CloudFront, where it came through a distribution that is known; else to here.
pub fn source_address(context: &Context, request: &Request<Bytes>) -> Option<SourceAddress> {
    let front = context.configuration.front.as_ref();
    let viewer = front.and_then(|it| it.viewer(request.headers()));
    viewer.or_else(|| request.extensions().get().copied())
}

fn count(
    context: &Context,
    limit: u32,
    tenant: Option<Tenant>,
    who: Vec<String>,
    now: Timestamp,
) -> Admission<'_> {
    if limit == 0 {
        return of(Verdict::Uncounted);
    }
    let counting = async move {
        let who: Vec<_> = who.iter().map(String::as_str).collect();
        match context.store.count_request(tenant, &who, limit, now).await {
            Ok(counted) => Verdict::Counted(standing(limit, counted, now)),
            Err(error) => {
                tracing::error!(%error, "the request is not counted");
                Verdict::Unknown { limit }
            }
        }
    };
    counting.boxed().shared()
}

/// The same, of which the verdict is not waited for longer than a request would notice. Where passwords are guessed it
/// is.
fn in_time<'a>(context: &'a Context, limit: u32, counting: Admission<'a>) -> Admission<'a> {
    let in_time = async move {
        match future::select(counting, context.sleep.sleep(PATIENCE)).await {
            Either::Left((verdict, _)) => verdict,
            Either::Right(_) => {
                tracing::warn!("the request is not counted: the table takes too long");
                Verdict::Unknown { limit }
            }
        }
    };
    in_time.boxed().shared()
}

fn of<'a>(verdict: Verdict) -> Admission<'a> {
    std::future::ready(verdict).boxed().shared()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(verdict: Verdict) -> Response<Bytes> {
        verdict.apply(Response::new(Bytes::from_static(b"{}")))
    }

    #[test]
    fn too_many_requests_are_answered_as_commerce_layer_does() {
        let refused = Standing {
            limit: 3,
            remaining: 0,
            retry_after: Some(7),
        };
        let response = answered(Verdict::Counted(refused));
        assert_eq!(response.status(), 429);
        assert_eq!(
            *response.body(),
            r#"{"errors":{"title":"Too Many Requests","code":"THROTTLED","status":429}}"#
        );
        for (name, value) in [
            ("content-type", "application/json"),
            ("retry-after", "7"),
            ("x-ratelimit-limit", "3"),
            ("x-ratelimit-interval", "60"),
            ("x-ratelimit-remaining", "0"),
        ] {
            assert_eq!(response.headers()[name], value, "{name}");
        }
    }

    #[test]
    fn of_two_limits_the_stricter_is_told() {
        let counted = |remaining, retry_after| {
            Verdict::Counted(Standing {
                limit: 3,
                remaining,
                retry_after,
            })
        };
        let unknown = Verdict::Unknown { limit: 3 };
        for (looser, stricter) in [
            (counted(2, None), counted(1, None)),
            (counted(1, None), counted(0, Some(2))),
            (counted(0, Some(2)), counted(0, Some(7))),
            (unknown, counted(2, None)),
            (Verdict::Uncounted, counted(2, None)),
            (Verdict::Uncounted, unknown),
        ] {
            assert_eq!(looser.or_stricter(stricter), stricter);
            assert_eq!(stricter.or_stricter(looser), stricter);
        }
    }

    #[test]
    fn what_is_not_known_is_not_told() {
        let uncounted = answered(Verdict::Uncounted);
        assert!(uncounted.headers().is_empty());
        let unknown = answered(Verdict::Unknown { limit: 3 });
        assert_eq!(unknown.status(), 200);
        assert_eq!(unknown.headers()["x-ratelimit-limit"], "3");
        assert!(!unknown.headers().contains_key("x-ratelimit-remaining"));
    }
}

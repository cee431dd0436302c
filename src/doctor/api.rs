//! The API as callers reach it, and the clock of this machine.

use std::time::Duration;

use bytes::Bytes;
use domain::Timestamp;
use http::header::DATE;
use http::{HeaderMap, Request, Response, StatusCode};
use outbound::{Limits, Transport};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

use super::finding::Finding;

/// What the API shows to anybody.
const KEYS: &str = "/.well-known/jwks.json";

/// Longer than a cold start.
const WITHIN: Duration = Duration::from_secs(10);

/// What the clock may be off: tokens of issuers whose clocks are right are good for longer, and requests to AWS for
/// five minutes.
const LEEWAY: u64 = 30;

/// Whether the API answers at its public URL, and the clocks of both agree.
pub async fn api(
    transport: &dyn Transport,
    public_url: &str,
    now: impl Fn() -> Timestamp,
) -> Vec<Finding> {
    let url = format!("{public_url}{KEYS}");
    let request = match Request::get(&url).body(Bytes::new()) {
        Ok(request) => request,
        Err(error) => return vec![unreached(&url, &error.to_string())],
    };
    match transport.send(request, Limits::within(WITHIN)).await {
        Ok(answer) => vec![answers(&url, &answer), clock(answer.headers(), now())],
        Err(error) => vec![unreached(&url, &error.to_string())],
    }
}

fn unreached(url: &str, problem: &str) -> Finding {
    let advice =
        "see to PUBLIC_URL, its DNS record and certificate, and whether the stack is deployed";
    Finding::problem("API", format!("{url}: {problem}"), advice)
}

fn answers(url: &str, answer: &Response<Bytes>) -> Finding {
    match answer.status() {
        StatusCode::OK => Finding::good("API", format!("{url} answers")),
        status => Finding::problem(
            "API",
            format!("{url} answers with {}", status.as_u16()),
            "see to the log of the functions, and whether PUBLIC_URL leads to this stack",
        ),
    }
}

fn clock(headers: &HeaderMap, now: Timestamp) -> Finding {
    let date = headers.get(DATE).and_then(|it| it.to_str().ok());
    let date = date.and_then(|it| OffsetDateTime::parse(it, &Rfc2822).ok());
    let Some(date) = date else {
        let advice = "compare it with a clock that is right";
        return Finding::warning("clock", "the API does not say what time it is", advice);
    };
    let off = now.unix_seconds().abs_diff(date.unix_timestamp());
    match off <= LEEWAY {
        true => Finding::good("clock", "agrees with the API's"),
        false => Finding::problem(
            "clock",
            format!("is {off} s off the API's"),
            "have this machine's clock set by NTP",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::finding::Level;

    #[test]
    fn a_clock_may_be_half_a_minute_off() {
        let mut headers = HeaderMap::new();
        assert_eq!(
            clock(&headers, Timestamp::from_unix_millis(0)).level,
            Level::Warning
        );
        headers.insert(DATE, "Fri, 30 Aug 2024 06:40:00 GMT".parse().unwrap());
        for (off, level) in [
            (0, Level::Good),
            (30, Level::Good),
            (-30, Level::Good),
            (31, Level::Problem),
            (-31, Level::Problem),
        ] {
            let now = Timestamp::from_unix_millis((1_725_000_000 + off) * 1_000);
            assert_eq!(clock(&headers, now).level, level, "{off}");
        }
    }
}

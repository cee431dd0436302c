//! The headers of answers that clients may read.

use http::HeaderName;
use http::header::{ETAG, LOCATION, RETRY_AFTER, WWW_AUTHENTICATE};

/// A header of answers, as the API's description tells of it and pages of other origins may read it.
pub struct Described {
    /// Its name, in the words of the description.
    pub title: &'static str,
    /// Its name as it is sent.
    pub name: HeaderName,
    /// What it says, without a full stop.
    pub description: &'static str,
    /// What its value looks like.
    pub value: Value,
    /// Which answers may have it.
    pub on: On,
}

/// What the value of a header looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value {
    /// Any text.
    Text,
    /// A whole number, from 0.
    Integer,
    /// An absolute URL.
    Url,
    /// Nothing but this.
    Just(&'static str),
}

/// The answers that have a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On {
    /// All of them.
    All,
    /// All of them, where there is something to say.
    AllThatCan,
    /// Those of some operations or statuses, and these always.
    Some,
}

/// The id of a request.
pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// How many requests are taken in an interval.
pub const X_RATELIMIT_LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");

/// The interval that requests are counted in, in seconds.
pub const X_RATELIMIT_INTERVAL: HeaderName = HeaderName::from_static("x-ratelimit-interval");

/// How many more requests are taken in the interval.
pub const X_RATELIMIT_REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");

/// That an answer is one that was given before.
pub const IDEMPOTENT_REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// All of them, in the order in which they are told of.
pub static DESCRIBED: [Described; 9] = [
    Described {
        title: "ETag",
        name: ETAG,
        description: "The state of what is shown, for If-Match and If-None-Match",
        value: Value::Text,
        on: On::Some,
    },
    Described {
        title: "Location",
        name: LOCATION,
        description: "Where the new record is",
        value: Value::Url,
        on: On::Some,
    },
    Described {
        title: "Idempotent-Replayed",
        name: IDEMPOTENT_REPLAYED,
        description: "That an earlier request of the same Idempotency-Key is answered again",
        value: Value::Just("true"),
        on: On::AllThatCan,
    },
    Described {
        title: "Retry-After",
        name: RETRY_AFTER,
        description: "In how many seconds to ask again",
        value: Value::Integer,
        on: On::Some,
    },
    Described {
        title: "WWW-Authenticate",
        name: WWW_AUTHENTICATE,
        description: "What to bring",
        value: Value::Text,
        on: On::Some,
    },
    Described {
        title: "X-Request-Id",
        name: X_REQUEST_ID,
        description: "What the logs name this request by",
        value: Value::Text,
        on: On::All,
    },
    Described {
        title: "X-Ratelimit-Limit",
        name: X_RATELIMIT_LIMIT,
        description: "How many requests are taken in an interval, where they are limited",
        value: Value::Integer,
        on: On::AllThatCan,
    },
    Described {
        title: "X-Ratelimit-Interval",
        name: X_RATELIMIT_INTERVAL,
        description: "The interval, in seconds",
        value: Value::Integer,
        on: On::AllThatCan,
    },
    Described {
        title: "X-Ratelimit-Remaining",
        name: X_RATELIMIT_REMAINING,
        description: "How many more requests are taken now",
        value: Value::Integer,
        on: On::AllThatCan,
    },
];

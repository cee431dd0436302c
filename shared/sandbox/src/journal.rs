//! The last requests received, for tests and for people who wonder what their shop did.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use http::{HeaderMap, Method, Uri};
use serde::Serialize;
use serde_json::Value;

use crate::card_numbers::{holds_card_number, without_card_numbers};

const MOST_REQUESTS: usize = 1_000;

/// The end of a request.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum Outcome {
    /// The request is being answered.
    #[default]
    Pending,
    /// The request was answered.
    Answered {
        /// The HTTP status.
        status: u16,
        /// True for a kept answer that was given again for the same idempotency key.
        replayed: bool,
    },
    /// The connection was closed without an answer.
    Dropped,
}

/// A request as it came. Without `Authorization` and cookies; card numbers are removed.
#[derive(Clone, Debug, Serialize)]
pub struct Received {
    /// The time of arrival, in Unix milliseconds.
    pub at: i64,
    /// The HTTP method.
    pub method: String,
    /// The path without the query.
    pub path: String,
    /// The query, without the question mark.
    pub query: Option<String>,
    /// A form as an object of its bracketed names and their values, JSON as it is.
    pub body: Value,
    /// The headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The end of the request.
    pub outcome: Outcome,
    /// The place among all requests since the start, from 0.
    pub number: u64,
    /// The time until the end of the request, in milliseconds; none while it is being answered.
    pub took_ms: Option<i64>,
    /// The place among all changes of the journal: a request comes, a request ends.
    #[serde(skip)]
    pub change: u64,
}

impl Received {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(header, _)| header.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

#[derive(Default)]
struct Pages {
    requests: VecDeque<Received>,
    next: u64,
    changes: u64,
}

/// The last 1,000 requests.
#[derive(Default)]
pub(crate) struct Journal {
    pages: Mutex<Pages>,
}

impl Journal {
    /// Writes a request down as it comes; the number finds it again.
    pub(crate) fn note(
        &self,
        at: i64,
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
        body: Value,
    ) -> u64 {
        let mut pages = self.lock();
        let number = pages.next;
        pages.next += 1;
        pages.changes += 1;
        let change = pages.changes;
        if pages.requests.len() >= MOST_REQUESTS {
            pages.requests.pop_front();
        }
        pages.requests.push_back(Received {
            at,
            method: method.to_string(),
            path: uri.path().to_owned(),
            query: uri.query().map(|query| {
                let is_harmless = !holds_card_number(query) && !query.contains("sk_");
                if is_harmless { query } else { "[removed]" }.to_owned()
            }),
            body: without_card_numbers(body),
            headers: readable(headers),
            outcome: Outcome::Pending,
            number,
            took_ms: None,
            change,
        });
        number
    }

    pub(crate) fn close(&self, number: u64, at: i64, outcome: Outcome) {
        let mut pages = self.lock();
        pages.changes += 1;
        let change = pages.changes;
        let found = pages
            .requests
            .iter_mut()
            .rev()
            .find(|request| request.number == number);
        if let Some(request) = found {
            request.outcome = outcome;
            request.took_ms = Some(at - request.at);
            request.change = change;
        }
    }

    /// The requests that came or ended after this change, the oldest request first.
    pub(crate) fn since(&self, change: u64) -> Vec<Received> {
        let pages = self.lock();
        let newer = pages.requests.iter().filter(|it| it.change > change);
        newer.cloned().collect()
    }

    pub(crate) fn read(&self) -> Vec<Received> {
        self.lock().requests.iter().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, Pages> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn readable(headers: &HeaderMap) -> Vec<(String, String)> {
    headers
        .iter()
        .filter(|(name, _)| {
            !matches!(
                name.as_str(),
                "authorization" | "cookie" | "proxy-authorization"
            )
        })
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.to_string(), value)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::header::AUTHORIZATION;
    use serde_json::json;

    fn note(journal: &Journal, body: Value) -> u64 {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, "Bearer sk_test_secret".parse().unwrap());
        headers.insert("idempotency-key", "k".parse().unwrap());
        let uri = Uri::from_static("/v1/customers?limit=3");
        journal.note(0, &Method::POST, &uri, &headers, body)
    }

    #[test]
    fn credentials_and_card_numbers_are_not_written_down() {
        let journal = Journal::default();
        note(&journal, json!({"card[number]": "4242 4242 4242 4242"}));
        let text = serde_json::to_string(&journal.read()).unwrap();
        assert!(!text.contains("sk_test"), "{text}");
        assert!(!text.contains("4242"), "{text}");
        assert!(text.contains("idempotency-key"), "{text}");
    }

    #[test]
    fn only_the_last_thousand_are_kept() {
        let journal = Journal::default();
        let numbers: Vec<u64> = (0..1_001).map(|_| note(&journal, Value::Null)).collect();
        assert_eq!(journal.read().len(), 1_000);
        assert_eq!(journal.read()[0].number, numbers[1]);
        journal.close(numbers[1_000], 0, Outcome::Dropped);
        assert_eq!(journal.read()[999].outcome, Outcome::Dropped);
    }

    #[test]
    fn whoever_follows_hears_of_a_request_when_it_comes_and_when_it_ends() {
        let journal = Journal::default();
        let first = note(&journal, Value::Null);
        let seen = journal.since(0)[0].change;
        note(&journal, Value::Null);
        journal.close(first, 7, Outcome::Dropped);
        let newer = journal.since(seen);
        let told: Vec<_> = newer.iter().map(|it| (it.number, it.took_ms)).collect();
        assert_eq!(told, [(first, Some(7)), (first + 1, None)]);
        let all = newer.iter().map(|it| it.change).max().unwrap();
        assert!(journal.since(all).is_empty());
    }
}

//! The headers that answers have in common, said once for all events. An expected answer names those
//! that its case is about, and those that it has otherwise than the others of its kind.

use serde_json::{Map, Value};

/// What is known of an answer before it is there.
pub struct About<'a> {
    pub method: &'a str,
    pub path: &'a str,
    pub status: u64,
    /// The body that is expected: a page is a text, and null is none.
    pub body: &'a Value,
}

/// Headers that every answer of a kind has.
struct Common {
    of: fn(&About<'_>) -> bool,
    headers: &'static [(&'static str, &'static str)],
}

/// Later rows go before earlier ones. Values are as in expected answers, with placeholders.
const COMMON: &[Common] = &[
    Common {
        of: |_| true,
        headers: &[
            ("x-request-id", "{request_id}"),
            ("cache-control", "no-store"),
        ],
    },
    Common {
        of: |it| it.is_counted(),
        headers: &[
            ("x-ratelimit-interval", "60"),
            ("x-ratelimit-limit", "{any}"),
            ("x-ratelimit-remaining", "{any}"),
        ],
    },
    Common {
        of: |it| it.is_of_api(),
        headers: &[("vary", "Accept, Accept-Encoding, Authorization, Origin")],
    },
    Common {
        of: |it| it.is_of_api() && it.has_document(),
        headers: &[("content-type", "application/vnd.api+json")],
    },
    Common {
        of: |it| !it.is_of_api() && it.has_document(),
        headers: &[("content-type", "application/json")],
    },
    // What can be asked for again on condition.
    Common {
        of: |it| it.is_of_api() && matches!(it.status, 200 | 304),
        headers: &[("etag", "\"{etag}\"")],
    },
    Common {
        of: |it| it.is_of_api() && it.is_read() && matches!(it.status, 200 | 304),
        headers: &[("cache-control", "max-age=0, private, must-revalidate")],
    },
    Common {
        of: |it| it.is_for_browser(),
        headers: &[("referrer-policy", "no-referrer")],
    },
    Common {
        of: |it| it.body.is_string(),
        headers: &[
            ("content-type", "text/html; charset=utf-8"),
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
        ],
    },
];

impl About<'_> {
    /// All headers of the answer: those of its kind, and those that its case names, where null is a
    /// header that it has not.
    pub fn headers(&self, own: &Value) -> Value {
        let kinds = COMMON.iter().filter(|it| (it.of)(self));
        let common = kinds.flat_map(|it| it.headers);
        let mut headers: Map<_, _> = common
            .map(|(name, value)| ((*name).to_owned(), Value::from(*value)))
            .collect();
        for (name, value) in own.as_object().into_iter().flatten() {
            match value {
                Value::Null => headers.remove(name),
                value => headers.insert(name.clone(), value.clone()),
            };
        }
        Value::Object(headers)
    }

    fn is_of_api(&self) -> bool {
        self.path.starts_with("/api/")
    }

    fn is_read(&self) -> bool {
        matches!(self.method, "GET" | "HEAD")
    }

    /// Neither the API's description nor pages and keys are counted, nor what gateways send.
    fn is_counted(&self) -> bool {
        match self.is_of_api() {
            true => !self.path.ends_with("/openapi.json"),
            false => !self.is_read() && !self.path.starts_with("/hooks/"),
        }
    }

    fn has_document(&self) -> bool {
        !self.body.is_null() && !self.body.is_string()
    }

    /// The page where customers sign in, and the way back from it.
    fn is_for_browser(&self) -> bool {
        self.body.is_string() || self.status == 303
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn headers_of_read(own: Value) -> Value {
        let about = About {
            method: "GET",
            path: "/api/orders/x",
            status: 200,
            body: &json!({}),
        };
        about.headers(&own)
    }

    #[test]
    fn a_case_names_headers_beside_those_of_its_kind_and_takes_some_away() {
        let common = headers_of_read(Value::Null);
        assert_eq!(common["content-type"], "application/vnd.api+json");
        assert_eq!(
            common["cache-control"],
            "max-age=0, private, must-revalidate"
        );
        let own = headers_of_read(json!({ "allow": "GET", "vary": "Accept", "etag": null }));
        assert_eq!(
            (&own["allow"], &own["vary"]),
            (&json!("GET"), &json!("Accept"))
        );
        assert!(own.get("etag").is_none());
        assert_eq!(own["x-request-id"], "{request_id}");
    }
}

//! What was said between Billfold and a gateway, without what nobody is to see.

use sandbox::{Outcome, Received};
use serde::Serialize;
use serde_json::{Map, Value};

use super::steps;

/// Bodies beyond this are told by their length alone, in characters.
const LONGEST_BODY: usize = 6_000;

/// How much of a secret is shown, in characters: enough to tell two apart.
const SHOWN: usize = 6;

/// Parts of the names of members whose values are masked.
const SECRET: &[&str] = &[
    "auth", "cvc", "cvv", "key", "login", "number", "password", "secret", "token",
];

/// Path segments after which a token follows.
const BEFORE_TOKENS: &[&str] = &["authorizations", "tokens"];

/// A request that a stand-in received, and what became of it.
#[derive(Debug, Serialize)]
pub struct Exchange {
    /// The gateway's name.
    pub gateway: &'static str,
    /// Its place among the gateway's.
    pub number: u64,
    /// Unix milliseconds.
    pub at: i64,
    /// Who asked: `billfold`, or the `shopper`'s browser.
    pub from: &'static str,
    /// What it is for.
    pub step: Option<&'static str>,
    /// The HTTP method.
    pub method: String,
    /// The path, tokens masked.
    pub path: String,
    /// The idempotency key.
    pub key: Option<String>,
    /// The body, secrets masked.
    pub body: Value,
    /// The status that was answered; none where none was, or not yet.
    pub status: Option<u16>,
    /// True for the answer of an earlier request with the same key.
    pub replayed: bool,
    /// True where the connection was closed in place of an answer.
    pub dropped: bool,
    /// Milliseconds; none while it is being answered.
    pub took_ms: Option<i64>,
}

impl Exchange {
    /// What may be seen of a request.
    pub fn of(gateway: &'static str, received: Received) -> Self {
        let agent = received.header("user-agent").unwrap_or_default();
        let (status, replayed) = match received.outcome {
            Outcome::Answered { status, replayed } => (Some(status), replayed),
            Outcome::Pending | Outcome::Dropped => (None, false),
        };
        Self {
            gateway,
            number: received.number,
            at: received.at,
            from: match agent.starts_with("billfold/") {
                true => "billfold",
                false => "shopper",
            },
            step: steps::of(&received.method, &received.path),
            path: masked_path(&received.path),
            key: key(&received),
            status,
            replayed,
            dropped: received.outcome == Outcome::Dropped,
            took_ms: received.took_ms,
            method: received.method,
            body: shown(received.body),
        }
    }
}

fn key(received: &Received) -> Option<String> {
    let is_key = |name: &str| name.ends_with("idempotency-key");
    let found = received.headers.iter().find(|(name, _)| is_key(name))?;
    Some(found.1.clone())
}

fn shown(body: Value) -> Value {
    let masked = masked(body);
    let length = masked.to_string().chars().count();
    match length > LONGEST_BODY {
        true => Value::from(format!("{length} characters")),
        false => masked,
    }
}

fn masked(value: Value) -> Value {
    match value {
        Value::Object(members) => members.into_iter().map(masked_member).collect(),
        Value::Array(items) => items.into_iter().map(masked).collect(),
        other => other,
    }
}

fn masked_member((name, value): (String, Value)) -> (String, Value) {
    let lower = name.to_lowercase();
    let is_secret = SECRET.iter().any(|it| lower.contains(it));
    let value = match value {
        Value::String(text) if is_secret => Value::from(beginning(&text)),
        Value::Number(_) if is_secret => Value::from("…"),
        Value::Object(members) => Value::Object(
            members
                .into_iter()
                .map(masked_member)
                .collect::<Map<_, _>>(),
        ),
        other => masked(other),
    };
    (name, value)
}

fn masked_path(path: &str) -> String {
    let mut is_token = false;
    let segments = path.split('/').map(|segment| {
        let shown = match is_token {
            true => beginning(segment),
            false => segment.to_owned(),
        };
        is_token = BEFORE_TOKENS.contains(&segment);
        shown
    });
    segments.collect::<Vec<_>>().join("/")
}

fn beginning(secret: &str) -> String {
    let shown: String = secret.chars().take(SHOWN).collect();
    format!("{shown}…")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn received(agent: &str, outcome: Outcome) -> Received {
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        Received {
            at: 7,
            method: "POST".to_owned(),
            path: "/payments".to_owned(),
            query: Some("secret=hush".to_owned()),
            body: Value::Null,
            headers: vec![
                header("user-agent", agent),
                header("cko-idempotency-key", "k1"),
            ],
            outcome,
            number: 3,
            took_ms: Some(4),
            change: 9,
        }
    }

    #[test]
    fn it_says_who_asked_what_for_and_what_became_of_it() {
        let answered = Outcome::Answered {
            status: 201,
            replayed: true,
        };
        let told = Exchange::of("checkout-com", received("billfold/0.1.0", answered));
        assert_eq!(
            (told.from, told.step),
            ("billfold", Some("ask for the payment"))
        );
        assert_eq!(
            (told.status, told.replayed, told.dropped),
            (Some(201), true, false)
        );
        assert_eq!(told.key.as_deref(), Some("k1"));
        assert!(!json!(told).to_string().contains("hush"));
        let told = Exchange::of("checkout-com", received("Mozilla/5.0", Outcome::Dropped));
        assert_eq!(
            (told.from, told.status, told.dropped),
            ("shopper", None, true)
        );
    }

    #[test]
    fn tokens_secrets_and_codes_show_their_beginning_alone() {
        let body = json!({
            "amount": "12900",
            "client_secret": "pi_1_secret_abcdefgh",
            "source": { "type": "token", "token": "tok_4gzeau5o2uqubbk6fufs3m7p54", "cvv": 123 },
            "items": [{ "auth_token": "b4bd3423-24e3-4c3a-a3d0-7f5f8f4d3a11" }],
            "card[number]": "1234",
        });
        let shown = shown(body).to_string();
        for secret in ["_secret_abc", "uqubbk6", "123,", "4c3a"] {
            assert!(!shown.contains(secret), "{secret}: {shown}");
        }
        assert!(
            shown.contains("tok_4g…") && shown.contains("12900"),
            "{shown}"
        );
    }

    #[test]
    fn tokens_in_paths_show_their_beginning_alone() {
        let path = "/payments/v1/authorizations/b4bd3423-24e3-4c3a-a3d0/order";
        assert_eq!(
            masked_path(path),
            "/payments/v1/authorizations/b4bd34…/order"
        );
        let path = "/customer-token/v1/tokens/0123456789/order";
        assert_eq!(masked_path(path), "/customer-token/v1/tokens/012345…/order");
        assert_eq!(
            masked_path("/v1/payment_intents/pi_123456789"),
            "/v1/payment_intents/pi_123456789"
        );
    }

    #[test]
    fn what_is_too_long_to_read_is_told_by_its_length() {
        let body = json!({ "data": "x".repeat(LONGEST_BODY) });
        assert!(shown(body).as_str().unwrap().ends_with("characters"));
    }
}

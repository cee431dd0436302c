//! What gateways go by beyond their declarations.

use domain::{Mode, Refusal, Write, retirement};
use gatehouse::user_url::check_url;
use serde_json::{Value, json};

use super::draft::Draft;

/// Where a shop's own gateway is asked.
const URLS: [&str; 5] = [
    "authorize_url",
    "capture_url",
    "void_url",
    "refund_url",
    "token_url",
];

/// A new gateway remembers that no payment method names it yet.
pub(super) fn begin(draft: &mut Draft<'_>) {
    if draft.record.version == 0 {
        retirement::begin(&mut draft.record);
    }
}

/// Stripe's keys say what they are for: a test order must never reach live cards, nor the other way
/// round.
pub(super) fn check_mode(draft: &mut Draft<'_>) {
    let (of_other_mode, mode) = match draft.basis.input.caller.tenant.mode {
        Mode::Test => ("_live_", "test"),
        Mode::Live => ("_test_", "live"),
    };
    for name in ["login", "publishable_key"] {
        let given = draft.credentials.get(name).and_then(Value::as_str);
        if given.is_some_and(|key| key.contains(of_other_mode)) {
            let detail = format!(
                "{name} is of the other mode: this is the {mode} mode of the organization."
            );
            let refusal = Refusal::invalid(detail).at_attribute(name);
            draft.refusals.push(refusal);
        }
    }
}

/// A shop's own gateway is reached where requests may go. A name is judged again when it is asked: it
/// may lead elsewhere by then.
pub(super) fn check_urls(draft: &mut Draft<'_>, write: &Write) {
    for name in URLS {
        let Some(url) = write.attributes.get(name).and_then(Value::as_str) else {
            continue;
        };
        if let Err(problem) = check_url(url, draft.basis.input.trusted_origins) {
            let refusal = Refusal::invalid(problem.to_string()).at_attribute(name);
            draft.refusals.push(refusal);
        }
    }
}

/// A shop's own gateway verifies with a secret of its own that it is Billfold who asks. The secret is
/// sealed for the gateway that it belongs to.
pub(super) fn give_secret(draft: &mut Draft<'_>, write: &Write) {
    let record = &mut draft.record;
    let is_new = record.get("shared_secret").is_none();
    if is_new || write.is_triggered("_regenerate_shared_secret") {
        if is_new {
            record.write_state(&json!({ "gateway": record.id }));
        }
        record.set("shared_secret", draft.basis.input.secret);
    }
}

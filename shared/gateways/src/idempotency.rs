//! Idempotency keys. A call that is repeated because its answer was lost has the same key as before,
//! after a crash and in another process too, since the key follows from the call alone.

use domain::gateway::GatewayCall;
use domain::hex_digest;

/// The key of one request of a call: 64 hexadecimal digits, of the 255 characters that vendors take.
///
/// `target` and `body` are the request as it is sent. A vendor refuses a key that comes back with
/// other parameters; so the same key with another request cannot be made here.
pub(crate) fn key(call: &GatewayCall, step: &str, target: &str, body: &str) -> String {
    hex_digest(&[
        call.tenant.organization.as_str(),
        call.tenant.mode.as_str(),
        call.gateway.as_str(),
        call.subject.as_str(),
        step,
        &call.attempt.to_string(),
        target,
        body,
    ])
}

#[cfg(test)]
mod tests {
    use domain::Mode;

    use super::*;
    use crate::testing::{call, create_customer};

    #[test]
    fn a_repeat_has_the_same_key() {
        let one = call(create_customer());
        let other = call(create_customer());
        assert_eq!(
            key(&one, "create_customer", "/v1/customers", "a=b"),
            key(&other, "create_customer", "/v1/customers", "a=b"),
        );
    }

    #[test]
    fn whatever_differs_makes_another_key() {
        let asked = call(create_customer());
        let mut keys = vec![
            key(&asked, "a", "/b", "c"),
            key(&asked, "aa", "/b", "c"),
            key(&asked, "a", "/bb", "c"),
            key(&asked, "a", "/b", "cc"),
        ];
        let mut changed = asked.clone();
        changed.attempt += 1;
        keys.push(key(&changed, "a", "/b", "c"));
        let mut changed = asked.clone();
        changed.tenant.mode = Mode::Live;
        keys.push(key(&changed, "a", "/b", "c"));
        let mut changed = asked.clone();
        changed.tenant.organization = "zzzzzzzzzz".parse().unwrap();
        keys.push(key(&changed, "a", "/b", "c"));
        let mut changed = asked.clone();
        changed.gateway = "zzzzzzzzzz".parse().unwrap();
        keys.push(key(&changed, "a", "/b", "c"));
        let mut changed = asked;
        changed.subject = "zzzzzzzzzz".parse().unwrap();
        keys.push(key(&changed, "a", "/b", "c"));

        let count = keys.len();
        assert!(keys.iter().all(|key| key.len() == 64));
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), count);
    }
}

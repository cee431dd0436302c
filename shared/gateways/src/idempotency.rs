//! Idempotency keys. A call that is repeated because its answer was lost has the same key as before,
//! after a crash and in another process too, since the key follows from the call alone.

use domain::gateway::GatewayCall;
use domain::{digest, hex_digest};
use uuid::{Builder, Uuid};

/// The key of one request of a call: 64 hexadecimal digits, of the 255 characters that vendors take.
///
/// `target` and `body` are the request as it is sent. A vendor refuses a key that comes back with
/// other parameters; so the same key with another request cannot be made here.
pub(crate) fn key(call: &GatewayCall, step: &str, target: &str, body: &str) -> String {
    let attempt = call.attempt.to_string();
    hex_digest(&parts(call, step, &attempt, target, body))
}

/// The same key for vendors that want a UUID: one made of a name, version 5, of the key's first digits.
pub(crate) fn uuid(call: &GatewayCall, step: &str, target: &str, body: &str) -> Uuid {
    let attempt = call.attempt.to_string();
    uuid_of(&parts(call, step, &attempt, target, body))
}

/// Another key for the same request, which follows from the first alone.
pub(crate) fn again(key: &str) -> Uuid {
    uuid_of(&["again", key])
}

/// The key of a further request that a call takes, which follows from the first one's alone.
pub(crate) fn of_step(key: &str, step: &str) -> Uuid {
    uuid_of(&["step", key, step])
}

fn uuid_of(parts: &[&str]) -> Uuid {
    let mut digits = [0; 16];
    digits.copy_from_slice(&digest(parts)[..16]);
    Builder::from_sha1_bytes(digits).into_uuid()
}

fn parts<'a>(
    call: &'a GatewayCall,
    step: &'a str,
    attempt: &'a str,
    target: &'a str,
    body: &'a str,
) -> Vec<&'a str> {
    let parts = [
        call.tenant.organization.as_str(),
        call.tenant.mode.as_str(),
        call.gateway.as_str(),
        call.subject.as_str(),
        step,
        attempt,
        target,
        body,
    ];
    parts.into_iter().chain(call.table.salt()).collect()
}

#[cfg(test)]
mod tests {
    use domain::Mode;

    use super::*;
    use crate::testing::{call, create_customer};

    /// Of version 0.1.0. A call that is repeated after an update must find what it did before it.
    #[test]
    fn keys_are_the_same_in_every_version() {
        let call = call(create_customer());
        let target = "/payments/v1/authorizations/a_1/customer-token";
        let (step, body) = ("mint_token", r#"{"a":1}"#);
        assert_eq!(
            key(&call, step, target, body),
            "d85eb6222cfe4f01afe69a2c432c5e4e2f135b984045ef91400b54f5fc656b13"
        );
        assert_eq!(
            uuid(&call, step, target, body).to_string(),
            "d85eb622-2cfe-5f01-afe6-9a2c432c5e4e"
        );
    }

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
        let mut changed = asked.clone();
        changed.table.salt = "5a17".to_owned();
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

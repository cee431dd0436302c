//! Who calls: API keys (<https://docs.stripe.com/keys>).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use http::header::AUTHORIZATION;

use crate::ids::derived;

use super::error::ApiError;

const NO_KEY: &str = "You did not provide an API key. You need to provide your API key in the \
     Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See \
     https://stripe.com/docs/api#authentication for details, or we can help at \
     https://support.stripe.com/.";

const NOT_WITH_A_PUBLISHABLE_KEY: &str = "This API call cannot be made with a publishable API \
     key. Please use a secret API key. You can find a list of your API keys at \
     https://dashboard.stripe.com/account/apikeys.";

/// The account that a key belongs to, and what the key may do.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Caller {
    /// Derived from the key, so that keys are not kept: `sk_test_X`, `rk_test_X` and `pk_test_X` are
    /// keys of one account.
    pub(super) account: String,
    pub(super) is_publishable: bool,
}

/// The caller by the `Authorization` header, or by the parameter `key` that browsers send.
pub(super) fn authenticate(
    headers: &HeaderMap,
    form_key: Option<&str>,
) -> Result<Caller, ApiError> {
    let key = match headers.get(AUTHORIZATION) {
        Some(value) => value.to_str().ok().and_then(key_of),
        None => form_key.map(str::to_owned),
    };
    let key = key
        .filter(|key| !key.is_empty())
        .ok_or_else(|| ApiError::unauthorized(NO_KEY))?;
    caller(&key).ok_or_else(|| {
        ApiError::unauthorized(format!("Invalid API Key provided: {}", masked(&key)))
    })
}

/// The refusal of a publishable key where a secret one is needed.
pub(super) fn secret_key_required() -> ApiError {
    ApiError::unauthorized(NOT_WITH_A_PUBLISHABLE_KEY).code("secret_key_required")
}

fn key_of(authorization: &str) -> Option<String> {
    let (scheme, credentials) = authorization.split_once(' ')?;
    let credentials = credentials.trim();
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(credentials.to_owned());
    }
    if scheme.eq_ignore_ascii_case("basic") {
        let decoded = String::from_utf8(STANDARD.decode(credentials).ok()?).ok()?;
        return decoded.split(':').next().map(str::to_owned);
    }
    None
}

pub(super) fn caller(key: &str) -> Option<Caller> {
    let secret = ["sk_test_", "rk_test_"].iter();
    let (name, is_publishable) = match secret.filter_map(|it| key.strip_prefix(it)).next() {
        Some(name) => (name, false),
        None => (key.strip_prefix("pk_test_")?, true),
    };
    let is_well_formed = !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    is_well_formed.then(|| Caller {
        account: format!("acct_{}", derived(name, 16)),
        is_publishable,
    })
}

/// Enough to recognise one's key, too little to use it: the prefix and, of long keys, the last
/// four characters.
fn masked(key: &str) -> String {
    let prefix = key
        .rmatch_indices('_')
        .map(|(index, _)| &key[..=index])
        .find(|prefix| prefix.len() <= 8)
        .unwrap_or_default();
    let hidden: Vec<char> = key[prefix.len()..].chars().collect();
    let shown = if hidden.len() > 8 { 4 } else { 0 };
    let (hidden, shown) = hidden.split_at(hidden.len() - shown);
    let stars = "*".repeat(hidden.len());
    format!("{prefix}{stars}{}", shown.iter().collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(authorization: &str) -> Result<Caller, ApiError> {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, authorization.parse().unwrap());
        authenticate(&headers, None)
    }

    #[test]
    fn bearer_and_basic_carry_the_same_key() {
        let basic = format!("Basic {}", STANDARD.encode("sk_test_shop:"));
        assert_eq!(with("Bearer sk_test_shop").unwrap(), with(&basic).unwrap());
    }

    #[test]
    fn the_publishable_key_belongs_to_the_secret_keys_account() {
        let secret = with("Bearer sk_test_shop").unwrap();
        let publishable = with("Bearer pk_test_shop").unwrap();
        assert_eq!(secret.account, publishable.account);
        assert!(publishable.is_publishable && !secret.is_publishable);
        assert_ne!(
            secret.account,
            with("Bearer sk_test_other").unwrap().account
        );
    }

    #[test]
    fn other_keys_are_refused_without_repeating_them() {
        for key in [
            "sk_live_51abcdefghijkl",
            "sk_test_",
            "nonsense",
            "sk_test_ä",
        ] {
            let error = with(&format!("Bearer {key}"));
            if let Ok(caller) = &error {
                panic!("{key} is {caller:?}");
            }
        }
        assert_eq!(masked("sk_live_51abcdefghijkl"), "sk_live_**********ijkl");
        assert_eq!(masked("nonsense"), "********");
    }
}

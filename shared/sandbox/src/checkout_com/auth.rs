//! Who calls: API keys (<https://www.checkout.com/docs/developer-resources/api/manage-api-keys>).

use crate::ids::derived;
use crate::vendor::Asked;

/// The key that an endpoint asks for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Access {
    /// The secret one of the shop's own back end.
    Secret,
    /// The public one that pages have.
    Public,
}

/// The account of the caller's key, if the key is a test key of this kind. Pages may send theirs
/// in the body, as `public_key`.
pub(super) fn account(asked: &Asked<'_>, access: Access) -> Option<String> {
    match access {
        Access::Secret => account_of(bearer(asked)?, "sk_sbox_"),
        Access::Public => {
            let in_body = || asked.body.as_ref()?.get("public_key")?.as_str();
            account_of(bearer(asked).or_else(in_body)?, "pk_sbox_")
        }
    }
}

fn bearer<'a>(asked: &'a Asked<'_>) -> Option<&'a str> {
    let (scheme, key) = asked.header("authorization")?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| key.trim())
}

/// Derived from the key, so that keys are not kept: `sk_sbox_X` and `pk_sbox_X` are keys of one
/// account.
pub(super) fn account_of(key: &str, prefix: &str) -> Option<String> {
    let name = key.strip_prefix(prefix)?;
    let is_well_formed = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic());
    is_well_formed.then(|| format!("ent_{}", derived(name, 26).to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_public_key_belongs_to_the_secret_keys_account() {
        let secret = account_of("sk_sbox_shop", "sk_sbox_");
        assert!(secret.is_some());
        assert_eq!(secret, account_of("pk_sbox_shop", "pk_sbox_"));
        assert_ne!(secret, account_of("sk_sbox_other", "sk_sbox_"));
    }

    #[test]
    fn other_keys_are_nobodys() {
        for key in ["sk_shop", "pk_sbox_shop", "sk_sbox_", "sk_sbox_a b", ""] {
            assert_eq!(account_of(key, "sk_sbox_"), None, "{key}");
        }
    }
}

//! Where the vendors' APIs are: constants, or what the environment says instead.

use std::collections::BTreeMap;

use domain::Mode;
use http::Uri;

/// A vendor's API, per region where it has several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Vendor {
    /// Stripe: one host for test and live, told apart by the key.
    Stripe,
    /// Checkout.com. An account's own prefix goes before the host (`{prefix}.api.checkout.com`).
    CheckoutCom,
    /// Klarna in Europe.
    KlarnaEurope,
    /// Klarna in North America.
    KlarnaNorthAmerica,
    /// Klarna in Oceania.
    KlarnaOceania,
}

struct Line {
    vendor: Vendor,
    variable: &'static str,
    test: &'static str,
    live: &'static str,
}

const TABLE: &[Line] = &[
    Line {
        vendor: Vendor::Stripe,
        variable: "STRIPE_API_BASE",
        test: "https://api.stripe.com",
        live: "https://api.stripe.com",
    },
    Line {
        vendor: Vendor::CheckoutCom,
        variable: "CHECKOUT_COM_API_BASE",
        test: "https://api.sandbox.checkout.com",
        live: "https://api.checkout.com",
    },
    Line {
        vendor: Vendor::KlarnaEurope,
        variable: "KLARNA_API_BASE",
        test: "https://api.playground.klarna.com",
        live: "https://api.klarna.com",
    },
    Line {
        vendor: Vendor::KlarnaNorthAmerica,
        variable: "KLARNA_API_BASE",
        test: "https://api-na.playground.klarna.com",
        live: "https://api-na.klarna.com",
    },
    Line {
        vendor: Vendor::KlarnaOceania,
        variable: "KLARNA_API_BASE",
        test: "https://api-oc.playground.klarna.com",
        live: "https://api-oc.klarna.com",
    },
];

/// The base URLs of this process.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BaseUrls {
    overridden: BTreeMap<Vendor, String>,
}

/// A base URL that cannot be one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{variable} is {given:?}; it must be an http or https URL without user, query or fragment")]
pub struct BadBaseUrl {
    /// The variable that holds it.
    pub variable: &'static str,
    /// What it holds.
    pub given: String,
}

impl BaseUrls {
    /// The vendors' own, overridden by `STRIPE_API_BASE`, `CHECKOUT_COM_API_BASE` and
    /// `KLARNA_API_BASE` as far as `lookup` knows them.
    ///
    /// # Errors
    /// One of them is no http or https URL.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, BadBaseUrl> {
        let mut overridden = BTreeMap::new();
        for line in TABLE {
            let given = lookup(line.variable).filter(|it| !it.is_empty());
            let Some(given) = given else { continue };
            if !is_base_url(&given) {
                let variable = line.variable;
                return Err(BadBaseUrl { variable, given });
            }
            overridden.insert(line.vendor, given.trim_end_matches('/').to_owned());
        }
        Ok(Self { overridden })
    }

    /// The base URL, without a slash at its end.
    pub fn of(&self, vendor: Vendor, mode: Mode) -> &str {
        let line = TABLE.iter().find(|line| line.vendor == vendor);
        match (self.overridden.get(&vendor), line, mode) {
            (Some(base), ..) => base,
            (None, Some(line), Mode::Test) => line.test,
            (None, Some(line), Mode::Live) => line.live,
            (None, None, _) => "", // each vendor has its line: `every_vendor_has_a_line`
        }
    }

    /// The base URL of an account whose prefix goes before the vendor's host; an overridden one stands
    /// as it is. None where the prefix is none.
    pub fn of_account(&self, vendor: Vendor, mode: Mode, prefix: Option<&str>) -> Option<String> {
        let base = self.of(vendor, mode);
        let Some(prefix) = prefix else {
            return Some(base.to_owned());
        };
        if !is_prefix(prefix) {
            return None;
        }
        match (self.overridden.get(&vendor), base.split_once("://")) {
            (None, Some((scheme, host))) => Some(format!("{scheme}://{prefix}.{host}")),
            _ => Some(base.to_owned()),
        }
    }
}

/// Whether this is how Checkout.com writes an account's prefix: `^(?:pl-)?[a-z0-9]+$`, as its SDKs
/// check it. It becomes a label of a host, of at most 63 characters.
fn is_prefix(text: &str) -> bool {
    let name = text.strip_prefix("pl-").unwrap_or(text);
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    !name.is_empty() && text.len() <= 63 && name.bytes().all(fits)
}

fn is_base_url(text: &str) -> bool {
    let Ok(uri) = text.parse::<Uri>() else {
        return false;
    };
    let has_host = uri.host().is_some_and(|host| !host.is_empty());
    let has_user = uri.authority().is_some_and(|it| it.as_str().contains('@'));
    matches!(uri.scheme_str(), Some("http" | "https"))
        && has_host
        && !has_user
        && !text.contains(['?', '#'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(variable: &'static str, value: &'static str) -> Result<BaseUrls, BadBaseUrl> {
        BaseUrls::from_lookup(|name| (name == variable).then(|| value.to_owned()))
    }

    #[test]
    fn every_vendor_has_a_line() {
        let vendors = [
            Vendor::Stripe,
            Vendor::CheckoutCom,
            Vendor::KlarnaEurope,
            Vendor::KlarnaNorthAmerica,
            Vendor::KlarnaOceania,
        ];
        for vendor in vendors {
            for mode in [Mode::Test, Mode::Live] {
                assert!(is_base_url(BaseUrls::default().of(vendor, mode)));
            }
        }
    }

    #[test]
    fn a_variable_overrides_its_vendor_in_both_modes_and_no_other() {
        let bases = given("STRIPE_API_BASE", "http://127.0.0.1:9000/stand-in/stripe/").unwrap();
        for mode in [Mode::Test, Mode::Live] {
            let base = bases.of(Vendor::Stripe, mode);
            assert_eq!(base, "http://127.0.0.1:9000/stand-in/stripe");
        }
        assert_eq!(
            bases.of(Vendor::KlarnaEurope, Mode::Live),
            "https://api.klarna.com"
        );
        let klarna = given("KLARNA_API_BASE", "https://klarna.test").unwrap();
        assert_eq!(
            klarna.of(Vendor::KlarnaOceania, Mode::Test),
            "https://klarna.test"
        );
    }

    #[test]
    fn an_accounts_prefix_goes_before_the_vendors_own_host() {
        let vendor = Vendor::CheckoutCom;
        let own = BaseUrls::default();
        for (mode, prefix, base) in [
            (Mode::Test, None, "https://api.sandbox.checkout.com"),
            (
                Mode::Test,
                Some("vkuhvk4v"),
                "https://vkuhvk4v.api.sandbox.checkout.com",
            ),
            (
                Mode::Live,
                Some("pl-vkuhvk4v"),
                "https://pl-vkuhvk4v.api.checkout.com",
            ),
        ] {
            let account = own.of_account(vendor, mode, prefix);
            assert_eq!(account.as_deref(), Some(base));
        }
        let overridden = given("CHECKOUT_COM_API_BASE", "http://127.0.0.1:9000").unwrap();
        let account = overridden.of_account(vendor, Mode::Test, Some("vkuhvk4v"));
        assert_eq!(account.as_deref(), Some("http://127.0.0.1:9000"));
    }

    #[test]
    fn what_is_no_prefix_never_becomes_part_of_a_host() {
        let long = "a".repeat(64);
        for prefix in [
            "",
            "pl-",
            "evil.test/",
            "a.b",
            "A",
            "a-b",
            "a@b",
            "pl-pl-a",
            &long,
        ] {
            let base =
                BaseUrls::default().of_account(Vendor::CheckoutCom, Mode::Test, Some(prefix));
            assert_eq!(base, None, "{prefix}");
        }
    }

    #[test]
    fn an_empty_variable_overrides_nothing() {
        assert_eq!(given("STRIPE_API_BASE", ""), Ok(BaseUrls::default()));
    }

    #[test]
    fn what_is_no_base_url_is_refused_by_name() {
        for value in [
            "api.stripe.com",
            "ftp://api.stripe.com",
            "http://",
            "https://me:pw@api.stripe.com",
            "https://api.stripe.com/?a=b",
            "https://api.stripe.com/#a",
            "not a url",
        ] {
            let error = given("STRIPE_API_BASE", value).unwrap_err();
            assert!(error.to_string().contains("STRIPE_API_BASE"), "{error}");
        }
    }
}

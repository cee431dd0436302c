//! What values of attributes have to be beside their shape: the rules that declarations name.

use serde_json::Value;

use crate::Refusal;
use crate::money::Currency;
use crate::resources::{PAYMENT_SOURCES, ResourceType};

/// The longest URL that shoppers are sent back to, in bytes.
const LONGEST_RETURN_URL: usize = 255;
/// The longest key of a gateway that is taken, in bytes.
const LONGEST_KEY: usize = 500;
/// The longest prefix of a host: one label of a domain name.
const LONGEST_PREFIX: usize = 63;
/// The most relationships that an external gateway may ask for, and how deep each may go: as
/// `include` in a query.
const MOST_INCLUDES: usize = 20;
const DEEPEST_INCLUDE: usize = 4;

/// The longest e-mail address, in characters (RFC 5321).
const LONGEST_EMAIL: usize = 254;
/// The longest password, in bytes: hashing a longer one would be work for nothing.
const LONGEST_PASSWORD: usize = 256;

/// An e-mail address as far as it can be told without sending to it.
pub fn email(name: &str, value: &Value) -> Result<Value, Refusal> {
    let is_email = |text: &str| {
        let parts = text.split_once('@');
        let is_whole = |part: &str| !part.is_empty() && !part.contains('@');
        let is_plain = |it: char| !it.is_whitespace() && !it.is_control();
        text.chars().count() <= LONGEST_EMAIL
            && text.chars().all(is_plain)
            && parts.is_some_and(|(local, domain)| is_whole(local) && is_whole(domain))
    };
    kept_if(name, value, is_email, "an e-mail address")
}

/// A customer's password.
pub fn password(name: &str, value: &Value) -> Result<Value, Refusal> {
    let is_password = |text: &str| (1..=LONGEST_PASSWORD).contains(&text.len());
    kept_if(name, value, is_password, "a text of 1 to 256 bytes")
}

/// A currency of ISO 4217.
pub fn currency(name: &str, value: &Value) -> Result<Value, Refusal> {
    let is_currency = |text: &str| text.parse::<Currency>().is_ok();
    let wanted = "the code of a currency of ISO 4217, such as EUR";
    kept_if(name, value, is_currency, wanted)
}

/// What an order of a market needs to be placed.
pub fn placing_requires(name: &str, value: &Value) -> Result<Value, Refusal> {
    let known = ["billing_address", "shipping_address", "shipping_method"];
    let is_known = |it: &Value| it.as_str().is_some_and(|it| known.contains(&it));
    match value.as_array() {
        Some(members) if members.iter().all(is_known) => Ok(value.clone()),
        _ => Err(Refusal::invalid(format!(
            "{name} is a list of any of {}.",
            known.join(", ")
        ))),
    }
}

/// An amount in minor units that is not negative.
pub fn not_negative(name: &str, value: &Value) -> Result<Value, Refusal> {
    match value.as_i64() {
        Some(cents) if cents >= 0 => Ok(value.clone()),
        _ => Err(Refusal::invalid(format!(
            "{name} - must be greater than or equal to 0"
        ))),
    }
}

/// How many calls may be made in a second.
pub fn calls_per_second(name: &str, value: &Value) -> Result<Value, Refusal> {
    match value.as_i64() {
        Some(1..=100) => Ok(value.clone()),
        _ => Err(Refusal::invalid(format!("{name} - must be 1 to 100"))),
    }
}

/// A type of payment source, by its name or, as Commerce Layer takes it, by that of its class:
/// `StripePayment` is kept as `stripe_payments`.
pub fn payment_source_type(name: &str, value: &Value) -> Result<Value, Refusal> {
    let given = value.as_str().unwrap_or_default();
    let is_it = |kind: &&ResourceType| kind.name() == given || class_name(**kind) == given;
    match PAYMENT_SOURCES.iter().find(is_it) {
        Some(kind) => Ok(kind.name().into()),
        None => {
            let names: Vec<_> = PAYMENT_SOURCES.iter().map(|kind| kind.name()).collect();
            let detail = format!("{name} is one of {}.", names.join(", "));
            Err(Refusal::invalid(detail))
        }
    }
}

/// The type's name in the singular, each word with a capital: `Checkout Com Payment`.
pub fn title(kind: ResourceType) -> String {
    let singular = kind.name().trim_end_matches('s');
    let words = singular.split('_').map(|word| {
        let (first, rest) = word.split_at_checked(1).unwrap_or((word, ""));
        first.to_uppercase() + rest
    });
    words.collect::<Vec<_>>().join(" ")
}

fn class_name(kind: ResourceType) -> String {
    title(kind).replace(' ', "")
}

/// A key of a gateway's: it goes into a header, so no space and nothing beyond ASCII.
pub fn key(name: &str, value: &Value) -> Result<Value, Refusal> {
    let is_key =
        |text: &str| text.len() <= LONGEST_KEY && text.bytes().all(|it| it.is_ascii_graphic());
    let wanted = "a key as the gateway shows it, without spaces";
    kept_if(name, value, is_key, wanted)
}

/// What a gateway signs its events with: one secret, or two with a space between them while they are changed.
pub fn event_secrets(name: &str, value: &Value) -> Result<Value, Refusal> {
    let are_secrets = |text: &str| {
        let is_visible = |it: u8| it.is_ascii_graphic() || it == b' ';
        let count = text.split(' ').filter(|it| !it.is_empty()).count();
        text.len() <= LONGEST_KEY && text.bytes().all(is_visible) && matches!(count, 1 | 2)
    };
    let wanted =
        "a secret as the gateway shows it, or the former and the new one with a space between them";
    kept_if(name, value, are_secrets, wanted)
}

/// A region of Klarna's API.
pub fn klarna_region(name: &str, value: &Value) -> Result<Value, Refusal> {
    let is_region = |text: &str| matches!(text, "EU" | "US" | "OC");
    kept_if(name, value, is_region, "one of EU, US, OC")
}

/// What goes before the host of Checkout.com's API: the first characters of the account's client id,
/// for some after `pl-`. It becomes part of a host name, so nothing else may be in it.
pub fn account_prefix(name: &str, value: &Value) -> Result<Value, Refusal> {
    let is_prefix = |text: &str| {
        let label = text.strip_prefix("pl-").unwrap_or(text);
        let is_its = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        !label.is_empty() && text.len() <= LONGEST_PREFIX && label.bytes().all(is_its)
    };
    let wanted = "what stands before the host in your API's URL: small letters and digits";
    kept_if(name, value, is_prefix, wanted)
}

/// The id of a processing channel at Checkout.com.
pub fn processing_channel_id(name: &str, value: &Value) -> Result<Value, Refusal> {
    let is_its = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let is_channel = |text: &str| {
        let rest = text.strip_prefix("pc_");
        rest.is_some_and(|rest| rest.len() == 26 && rest.bytes().all(is_its))
    };
    let wanted = "pc_ and the 26 characters that follow it in the dashboard";
    kept_if(name, value, is_channel, wanted)
}

/// A URL of the shop's, to which a gateway sends the shopper back: at most 255 characters, as
/// Checkout.com has it.
pub fn return_url(name: &str, value: &Value) -> Result<Value, Refusal> {
    let text = value.as_str().unwrap_or_default();
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    let has_host = rest.is_some_and(|it| it.starts_with(|first: char| first.is_alphanumeric()));
    let fits = text.len() <= LONGEST_RETURN_URL && text.bytes().all(|it| it.is_ascii_graphic());
    match has_host && fits {
        true => Ok(value.clone()),
        false => Err(Refusal::invalid(format!(
            "{name} must be an http or https URL of at most {LONGEST_RETURN_URL} characters."
        ))),
    }
}

/// Paths of relationships that lead on from an external payment: `order.line_items`.
pub fn external_includes(name: &str, value: &Value) -> Result<Value, Refusal> {
    let paths = value.as_array().map_or(&[][..], Vec::as_slice);
    if paths.len() > MOST_INCLUDES {
        let detail = format!("{name} takes at most {MOST_INCLUDES} paths.");
        return Err(Refusal::invalid(detail));
    }
    for path in paths {
        let path = path.as_str().unwrap_or_default();
        if !leads_on(ResourceType::ExternalPayments, path) {
            let detail = format!(
                "{name} is a list of relationships of external_payments, such as \
                 order.line_items, each at most {DEEPEST_INCLUDE} deep."
            );
            return Err(Refusal::invalid(detail));
        }
    }
    Ok(value.clone())
}

/// Whether each name on the path is a relationship of what the one before leads to.
fn leads_on(from: ResourceType, path: &str) -> bool {
    let names: Vec<_> = path.split('.').collect();
    let mut kinds = vec![from];
    for name in &names {
        let relationships = kinds
            .iter()
            .filter_map(|kind| kind.declaration().relationship(name));
        kinds = relationships.flat_map(|it| it.to).copied().collect();
    }
    names.len() <= DEEPEST_INCLUDE && !kinds.is_empty()
}

fn kept_if(
    name: &str,
    value: &Value,
    is_right: impl Fn(&str) -> bool,
    wanted: &str,
) -> Result<Value, Refusal> {
    match value.as_str() {
        Some(text) if is_right(text) => Ok(value.clone()),
        _ => Err(Refusal::invalid(format!("{name} is {wanted}."))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::resource::Rule;

    fn takes(rule: Rule, value: Value) -> bool {
        match rule("it", &value) {
            Ok(kept) => kept == value,
            Err(refusal) => {
                assert!(!refusal.detail.is_empty());
                false
            }
        }
    }

    #[test]
    fn a_currency_is_one_of_iso_4217() {
        assert!(takes(currency, json!("EUR")));
        for text in ["eur", "XYZ", "", "EURO"] {
            assert!(!takes(currency, json!(text)), "{text}");
        }
    }

    #[test]
    fn a_price_is_nothing_or_more() {
        assert!(takes(not_negative, json!(0)));
        assert!(!takes(not_negative, json!(-1)));
    }

    #[test]
    fn types_of_sources_are_taken_by_their_class_too() {
        let kept = |text: &str| payment_source_type("it", &json!(text));
        assert_eq!(kept("stripe_payments"), Ok(json!("stripe_payments")));
        assert_eq!(kept("StripePayment"), Ok(json!("stripe_payments")));
        assert_eq!(
            kept("CheckoutComPayment"),
            Ok(json!("checkout_com_payments"))
        );
        for text in ["adyen_payments", "StripePayments", "stripe_payment", ""] {
            let refusal = kept(text).unwrap_err();
            assert!(refusal.detail.contains("klarna_payments"), "{text}");
        }
    }

    #[test]
    fn types_have_titles() {
        assert_eq!(title(ResourceType::StripePayments), "Stripe Payment");
        let checkout_com = title(ResourceType::CheckoutComPayments);
        assert_eq!(checkout_com, "Checkout Com Payment");
    }

    #[test]
    fn keys_fit_into_a_header() {
        assert!(takes(key, json!("sk_test_1-2+3/4=")));
        for text in ["sk test", "sk\n", "schlüssel", &"k".repeat(501)] {
            assert!(!takes(key, json!(text)), "{text}");
        }
    }

    #[test]
    fn event_secrets_are_one_or_two() {
        for text in ["whsec_1", "whsec_1 whsec_2"] {
            assert!(takes(event_secrets, json!(text)), "{text}");
        }
        for text in ["", " ", "a b c", "whsec\n", "schl\u{fc}ssel"] {
            assert!(!takes(event_secrets, json!(text)), "{text}");
        }
    }

    #[test]
    fn an_account_prefix_is_a_label_of_a_host_and_nothing_more() {
        for text in ["vkuhvk4v", "pl-vkuhvk4v", &"a".repeat(63)] {
            assert!(takes(account_prefix, json!(text)), "{text}");
        }
        for text in [
            "",
            "pl-",
            "a.b",
            "A",
            "evil.com/",
            "a-b",
            "pl-pl-a",
            &"a".repeat(64),
        ] {
            assert!(!takes(account_prefix, json!(text)), "{text}");
        }
    }

    #[test]
    fn a_processing_channel_has_26_characters() {
        let id = |length: usize| json!(format!("pc_{}", "a".repeat(length)));
        assert!(takes(processing_channel_id, id(26)));
        for value in [
            id(25),
            id(27),
            json!("a".repeat(29)),
            json!(format!("pc_{}-", "a".repeat(25))),
        ] {
            assert!(!takes(processing_channel_id, value.clone()), "{value}");
        }
    }

    #[test]
    fn includes_of_an_external_gateway_are_paths_from_its_payments() {
        let paths = json!(["order", "order.customer", "order.line_items"]);
        assert!(takes(external_includes, paths));
        assert!(takes(external_includes, json!([])));
        for paths in [
            json!(["unicorn"]),
            json!(["order.unicorn"]),
            json!(["order."]),
            json!([""]),
            json!([1]),
            json!(["line_items"]),
            json!(["order.line_items.order.line_items.order"]),
            json!(vec!["order"; 21]),
        ] {
            assert!(!takes(external_includes, paths.clone()), "{paths}");
        }
    }
}

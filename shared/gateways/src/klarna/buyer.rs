//! Who buys, in Klarna's words.

use domain::basket::{Buyer, PostalAddress};
use domain::gateway::GatewayRefusal;
use serde_json::Value;

use super::text;
use crate::members::members;
use crate::refusals::invalid;

/// Texts of an address, and an e-mail.
const LONGEST: usize = 99;

const LONGEST_POSTAL_CODE: usize = 10;

/// A phone number shorter than this is none to Klarna.
const SHORTEST_PHONE: usize = 5;

/// The country that Klarna is to lend in.
///
/// # Errors
/// The order has no address with a country.
pub(super) fn country(buyer: &Buyer) -> Result<String, GatewayRefusal> {
    let country = buyer.country().and_then(text::country);
    country.ok_or_else(|| {
        invalid(
            "The order needs a billing address with a country: Klarna lends by the buyer's country.",
        )
    })
}

/// Language and country, `en-IT`; English where the order's language is not known.
pub(super) fn locale(buyer: &Buyer, country: &str) -> String {
    let language = buyer.language.as_deref().and_then(text::language);
    let language = match language.as_deref() {
        // Norwegian is spoken to Norwegians in its written form.
        Some("no") => "nb",
        Some(language) => language,
        None => "en",
    };
    format!("{language}-{country}")
}

/// An address, without what it does not say or Klarna would not take; none where nothing is left.
///
/// The company is left out: to Klarna an `organization_name` makes the buyer one, who borrows by
/// other rules.
pub(super) fn address(address: &PostalAddress, email: Option<&str>) -> Option<Value> {
    let cut = |text: &Option<String>| text::at_most(text.as_deref()?, LONGEST);
    // A part of a postal code or of an e-mail is another one.
    let whole = |text: &str, most: usize| text::at_most(text, most).filter(|it| it == text.trim());
    let said = members(
        [
            ("given_name", cut(&address.first_name)),
            ("family_name", cut(&address.last_name)),
            ("email", email.and_then(|email| whole(email, LONGEST))),
            ("street_address", cut(&address.line_1)),
            ("street_address2", cut(&address.line_2)),
            ("city", cut(&address.city)),
            ("region", cut(&address.state_code)),
            (
                "postal_code",
                address
                    .zip_code
                    .as_deref()
                    .and_then(|code| whole(code, LONGEST_POSTAL_CODE)),
            ),
            (
                "country",
                address.country_code.as_deref().and_then(text::country),
            ),
            (
                "phone",
                address
                    .phone
                    .as_deref()
                    .and_then(|phone| whole(phone, LONGEST))
                    .filter(|phone| phone.chars().count() >= SHORTEST_PHONE),
            ),
        ]
        .map(|(name, text)| (name, text.map(Value::from))),
    );
    (!said.is_empty()).then_some(Value::Object(said))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn text(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn the_locale_is_the_language_and_the_country() {
        let cases = [
            (Some("it"), "IT", "it-IT"),
            (Some("de-AT"), "AT", "de-AT"),
            (Some("no"), "NO", "nb-NO"),
            (Some("klingon"), "SE", "en-SE"),
            (None, "IT", "en-IT"),
        ];
        for (language, country, expected) in cases {
            let buyer = Buyer {
                language: language.map(str::to_owned),
                ..Buyer::default()
            };
            assert_eq!(locale(&buyer, country), expected);
        }
    }

    #[test]
    fn the_billing_country_goes_before_the_shipping_country() {
        let at = |code: &str| {
            Some(PostalAddress {
                country_code: text(code),
                ..PostalAddress::default()
            })
        };
        let mut buyer = Buyer {
            billing: at("de"),
            shipping: at("AT"),
            ..Buyer::default()
        };
        assert_eq!(country(&buyer), Ok("DE".to_owned()));
        buyer.billing = None;
        assert_eq!(country(&buyer), Ok("AT".to_owned()));
        for nowhere in [None, at("Austria")] {
            buyer.shipping = nowhere;
            let refusal = country(&buyer).unwrap_err();
            assert!(refusal.detail.contains("billing address with a country"));
        }
    }

    #[test]
    fn an_address_is_written_as_klarna_names_and_takes_it() {
        let written = PostalAddress {
            first_name: text("Joan"),
            last_name: text(&"x".repeat(120)),
            company: text("Acme"),
            line_1: text("Via Roma 1"),
            line_2: text(" "),
            city: text("Milano"),
            zip_code: text("20121-20121-20121"),
            state_code: text("MI"),
            country_code: text("it"),
            phone: text("112"),
        };
        assert_eq!(
            address(&written, Some("joan@example.com")),
            Some(json!({
                "given_name": "Joan", "family_name": "x".repeat(99), "email": "joan@example.com",
                "street_address": "Via Roma 1", "city": "Milano", "region": "MI", "country": "IT",
            }))
        );
        let long = format!("{}@example.com", "x".repeat(99));
        assert_eq!(address(&PostalAddress::default(), Some(&long)), None);
    }
}

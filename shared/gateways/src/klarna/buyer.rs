//! Who buys, in Klarna's words.

use domain::basket::Buyer;
use domain::gateway::GatewayRefusal;

use super::text;
use crate::refusals::invalid;

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

#[cfg(test)]
mod tests {
    use domain::basket::PostalAddress;

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
}

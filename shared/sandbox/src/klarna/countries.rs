//! What the stand-in knows of countries.

/// Countries with their currency, and whether customer tokens are made there. A choice: Klarna
/// decides it for each merchant and payment method.
const COUNTRIES: &[(&str, &str, bool)] = &[
    ("AT", "EUR", true),
    ("AU", "AUD", false),
    ("BE", "EUR", false),
    ("CA", "CAD", false),
    ("CH", "CHF", true),
    ("CZ", "CZK", false),
    ("DE", "EUR", true),
    ("DK", "DKK", true),
    ("ES", "EUR", false),
    ("FI", "EUR", true),
    ("FR", "EUR", false),
    ("GB", "GBP", true),
    ("GR", "EUR", false),
    ("IE", "EUR", false),
    ("IT", "EUR", false),
    ("NL", "EUR", true),
    ("NO", "NOK", true),
    ("NZ", "NZD", false),
    ("PL", "PLN", false),
    ("PT", "EUR", false),
    ("SE", "SEK", true),
    ("US", "USD", true),
];

/// True for a country in which customer tokens are made.
pub(super) fn has_customer_tokens(country: &str) -> bool {
    find(country).is_some_and(|(_, _, has_tokens)| *has_tokens)
}

/// True if the currency is the country's; of an unknown country any is.
pub(super) fn is_currency_of(country: &str, currency: &str) -> bool {
    find(country).is_none_or(|(_, own, _)| own.eq_ignore_ascii_case(currency))
}

fn find(country: &str) -> Option<&'static (&'static str, &'static str, bool)> {
    COUNTRIES
        .iter()
        .find(|(code, _, _)| code.eq_ignore_ascii_case(country))
}

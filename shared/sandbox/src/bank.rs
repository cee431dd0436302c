//! The bank's page: it asks the shopper whether they are paying, and sends them back to the shop.

use http::HeaderName;
use http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION};
use iso_currency::Currency;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::vendor::Reply;

const STYLE: &str = include_str!("bank.css");

/// A page by itself, whose form leads where it says.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'";

/// A payment that the bank asks about.
pub(crate) struct Question<'a> {
    /// The gateway's name.
    pub(crate) gateway: &'a str,
    /// In minor units.
    pub(crate) amount: i64,
    pub(crate) currency: &'a str,
    /// The URL that takes the answer, `success`.
    pub(crate) action: &'a str,
    /// What the URL takes beside the answer.
    pub(crate) client_secret: Option<&'a str>,
    /// False once it was answered.
    pub(crate) is_open: bool,
}

/// The page with the question.
pub(crate) fn page(question: &Question<'_>) -> Reply {
    let amount = amount(question.amount, question.currency);
    let content = html! {
        @if question.is_open {
            h1 { "Is this you?" }
            p { "A shop asks for " strong { (amount) } ", through " (question.gateway) "." }
            form method="post" action=(question.action) {
                @if let Some(secret) = question.client_secret {
                    input type="hidden" name="client_secret" value=(secret);
                }
                button name="success" value="true" { "Yes, I am paying" }
                button name="success" value="false" class="no" { "No, that is not me" }
            }
        } @else {
            h1 { "Nothing is asked" }
            p { "The payment of " strong { (amount) } " waits for no answer any more. Go back to the shop." }
        }
    };
    html_reply(&content)
}

/// Sends the shopper back to the shop; where the shop named no place, says that they may go.
pub(crate) fn back_to_shop(url: Option<String>) -> Reply {
    match url {
        Some(url) => Reply::empty(303).header(LOCATION, url),
        None => html_reply(&html! { h1 { "Thank you" } p { "You may go back to the shop." } }),
    }
}

fn html_reply(content: &Markup) -> Reply {
    let markup = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "The bank" }
                style { (PreEscaped(STYLE)) }
            }
            body { main { p.bank { "Demo bank" } (content) } }
        }
    };
    let mut reply = Reply::empty(200);
    reply.body = Some(markup.into_string().into());
    reply.is_page = true;
    let headers: [(HeaderName, &str); 2] = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CONTENT_SECURITY_POLICY, POLICY),
    ];
    headers
        .into_iter()
        .fold(reply, |reply, (name, value)| reply.header(name, value))
}

fn amount(minor: i64, currency: &str) -> String {
    let code = currency.to_uppercase();
    let exponent = Currency::from_code(&code).and_then(Currency::exponent);
    let digits = usize::from(exponent.unwrap_or(2));
    let text = format!("{minor:0>width$}", width = digits + 1);
    let (whole, part) = text.split_at(text.len() - digits);
    match part {
        "" => format!("{whole} {code}"),
        part => format!("{whole}.{part} {code}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_the_digits_of_their_currency() {
        assert_eq!(amount(12_900, "eur"), "129.00 EUR");
        assert_eq!(amount(5, "EUR"), "0.05 EUR");
        assert_eq!(amount(12_900, "JPY"), "12900 JPY");
        assert_eq!(amount(12_900, "KWD"), "12.900 KWD");
    }
}

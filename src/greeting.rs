//! What the server says when it has started: where it is, and commands to try.

use access::{ApplicationClaim, Grant, OrganizationClaim};
use domain::CustomerId;

use crate::{Running, StandIns, demo};

/// The greeting of a running server: where it is, how it is stopped, how to get a token; with everything else
/// where that is wanted.
pub fn greet(running: &Running, is_page: bool, is_verbose: bool) -> String {
    let url = &running.url;
    let page = match is_page {
        true => "open it in a browser to see it work",
        false => "without its page",
    };
    let more = match is_verbose {
        true => everything(running),
        false => String::new(),
    };
    format!(
        r#"Billfold at {url} ({page}; Ctrl-C stops it)
{hosts}{beyond}
A token of the demo customer's:

  curl -s {url}/oauth/token -d grant_type=password -d client_id={client} -d scope={scope} -d username={email} -d password={password}
{more}"#,
        hosts = hosts(running),
        beyond = beyond_loopback(running),
        client = demo::SALES_CHANNEL,
        scope = demo::SCOPE,
        email = demo::CUSTOMER_EMAIL,
        password = demo::CUSTOMER_PASSWORD,
    )
}

/// Says so where others than this machine reach the server.
fn beyond_loopback(running: &Running) -> String {
    let listening = running.listening;
    match listening.ip().is_loopback() {
        true => String::new(),
        false => format!(
            "\nIt listens on {listening}: whoever reaches that gets in, since everybody knows the demo's passwords.\n"
        ),
    }
}

/// Tokens, commands to try, and where the gateways are.
fn everything(running: &Running) -> String {
    let url = &running.url;
    let data = match running.is_first_start {
        true => "made on this start",
        false => "found from an earlier one",
    };
    let gateways = gateways(&running.stand_ins);
    let customer = token(running, Some(demo::customer()), "sales_channel");
    let integration = token(running, None, "integration");
    format!(
        r#"
The demo organization was {data}. Its gateways:

{gateways}

Tokens, valid for four hours. Commands below use the customer's:

  export TOKEN={customer}
  export INTEGRATION_TOKEN={integration}

An order with its payment method:

  curl -g "{url}/api/orders/eqkykhjlVw?include=payment_method" -H "Authorization: Bearer $TOKEN" -H 'Accept: application/vnd.api+json'

A payment source for an order, to be used again later:

  curl -g -X POST {url}/api/stripe_payments -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/vnd.api+json' -d '{{"data": {{"type": "stripe_payments", "attributes": {{"options": {{"id": "pm_card_visa", "setup_future_usage": "off_session"}}}}, "relationships": {{"order": {{"data": {{"type": "orders", "id": "qaMAhZkZvd"}}}}}}}}}}'

Saved to the customer's wallet:

  curl -g -X PATCH "{url}/api/orders/qaMAhZkZvd?include=available_customer_payment_sources" -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/vnd.api+json' -d '{{"data": {{"type": "orders", "id": "qaMAhZkZvd", "attributes": {{"_save_payment_source_to_customer_wallet": true}}}}}}'

Carts that a checkout can walk through: {customers_cart}, the customer's, and {guests_cart}, a guest's.

Ctrl-C stops the server."#,
        customers_cart = demo::CART,
        guests_cart = demo::GUESTS_CART,
    )
}

/// Where hosts of a domain are, and what makes browsers take them.
fn hosts(running: &Running) -> String {
    let Some(https) = &running.https else {
        return String::new();
    };
    let certificate = match &running.certificate {
        Some(file) => format!("{}, for browsers to trust", file.display()),
        None => "in memory alone, another at each start".to_owned(),
    };
    format!(
        "  {:<13}{} and {}\n  {:<13}{certificate}\n",
        "hosts",
        https.api_url(),
        https.issuer(),
        "certificate",
    )
}

/// Where each gateway's API is.
fn gateways(stand_ins: &StandIns) -> String {
    let line = |name: &str, url: Option<&String>, variable: &str| match url {
        Some(url) => format!("  {name:<13}stand-in at {url}\n"),
        None => format!("  {name:<13}where {variable} points\n"),
    };
    let stripe = stand_ins.stripe.as_ref().map(|it| &it.url);
    let checkout_com = stand_ins.checkout_com.as_ref().map(|it| &it.url);
    let klarna = stand_ins.klarna.as_ref().map(|it| &it.url);
    let external = &stand_ins.external.url;
    [
        line("Stripe", stripe, "STRIPE_API_BASE"),
        line("Checkout.com", checkout_com, "CHECKOUT_COM_API_BASE"),
        line("Klarna", klarna, "KLARNA_API_BASE"),
        format!("  {:<13}reference gateway at {external}", "external"),
    ]
    .concat()
}

/// A token of the server's own, so that the commands work as they stand.
fn token(running: &Running, owner: Option<CustomerId>, kind: &str) -> String {
    let grant = Grant {
        organization: OrganizationClaim {
            id: demo::tenant().organization,
            slug: demo::SLUG.to_owned(),
            enterprise: false,
            region: String::new(),
        },
        mode: demo::tenant().mode,
        application: ApplicationClaim {
            id: "greeting".to_owned(),
            client_id: "greeting".to_owned(),
            kind: kind.to_owned(),
            public: owner.is_some(),
            confidential: owner.is_none(),
        },
        owner,
        markets: Vec::new(),
        scope: "market:all".to_owned(),
    };
    let random = running.issuing.random.as_ref();
    let issued = running
        .issuing
        .signer
        .current()
        .issue(grant, running.context.now(), random);
    issued.unwrap_or_else(|error| format!("({error})"))
}

//! `POST /api/customer_payment_sources`: an integration brings what a gateway keeps already, as when a
//! shop moves here with its wallets.

use serde_json::{Map, Value};

use super::Change;
use crate::catalog::Catalog;
use crate::gateway::Reusable;
use crate::lookup::LookupKey;
use crate::operation::{Operation, Owner};
use crate::record::{Identifier, Record};
use crate::refusal::Refusal;
use crate::resources::ResourceType;
use crate::wallet::{CardKeys, Entry, GatewayCustomer, Line, MOST_ENTRIES, Wallet, new_entry};
use crate::{Id, Timestamp, Write};

/// The last characters of a token that an entry without a card is called by.
const TOKEN_ENDS: usize = 4;

/// What adding an entry to this wallet changes, and the entry. The tokens are the integration's word:
/// the gateway is not asked until the entry is used.
///
/// # Errors
/// What is missing: the payment method, which says the gateway, or a token; an entry holds the token
/// already; the wallet is full.
pub fn add_entry(
    wallet: &Wallet,
    write: &Write,
    catalog: &Catalog,
    lookup: &LookupKey,
    fresh: Id,
    now: Timestamp,
) -> Result<(Vec<Change>, Entry), Refusal> {
    let method = method(write, catalog)?;
    let gateway = catalog.gateway_of(method).ok_or_else(|| {
        Refusal::invalid("The gateway of this payment method is gone.")
            .at_relationship("payment_method")
    })?;
    let kind = gateway.kind.source_kind();
    let kind = kind.ok_or_else(Refusal::not_found)?;
    let token = required(write, "payment_source_token")?;
    let rules = kind.payment_rules();
    let customer_token = required(write, "customer_token")?;
    if wallet.head.holds(gateway.id, token, lookup) {
        let refusal = Refusal::taken("payment_source_token");
        return Err(refusal.at_attribute("payment_source_token"));
    }
    if wallet.head.lines.len() >= MOST_ENTRIES {
        let detail = format!("A wallet holds at most {MOST_ENTRIES} payment sources.");
        return Err(Refusal::invalid(detail));
    }

    let mut source = Record::new(kind, Id::derived(&["brought", fresh.as_str()]), now);
    source.relate("payment_gateway", Some(gateway.identifier()));
    let mut snapshot = Map::new();
    if let Some(shown_as) = rules.and_then(|it| it.saved_token) {
        snapshot.insert(shown_as.to_owned(), token.into());
    }
    let reusable = Reusable {
        name: name(kind, token),
        customer_token: customer_token.to_owned(),
        payment_source_token: token.to_owned(),
        fingerprint: None,
        expiry: None,
        snapshot,
    };
    let mut entry = new_entry(fresh, wallet.customer, gateway.id, Some(method.id), now);
    for name in ["reference", "reference_origin", "metadata"] {
        let given = write.attributes.get(name).cloned();
        entry.record.set(name, given.unwrap_or_default());
    }
    entry.keep(&reusable, &source, now);

    let mut head = wallet.head.clone();
    let keys = CardKeys::of(&reusable, gateway.id, lookup);
    head.lines.push(Line::new(fresh, keys, source.id));
    let mut changes = vec![
        Change::PutHead(wallet.customer, head),
        Change::PutEntry(wallet.customer, entry.clone()),
    ];
    let has_customers = rules.is_some_and(|it| it.has_customers);
    if has_customers && wallet.gateway_customer(gateway.id).is_none() {
        let made = GatewayCustomer {
            gateway: gateway.id,
            token: customer_token.to_owned(),
        };
        changes.push(Change::PutGatewayCustomer(wallet.customer, made));
    }
    // A token that is kept again is not to be forgotten any more.
    let forget = Operation::forget_id(gateway.id, token);
    changes.push(Change::Settle(Owner::Customer(wallet.customer), forget));
    Ok((changes, entry))
}

fn method<'a>(write: &Write, catalog: &'a Catalog) -> Result<&'a Record, Refusal> {
    let at_method = |refusal: Refusal| refusal.at_relationship("payment_method");
    let named = write.relationship("payment_method").flatten();
    let Identifier { kind, id } =
        named.ok_or_else(|| at_method(Refusal::blank("payment_method")))?;
    let found = catalog.get(kind, id);
    found.ok_or_else(|| at_method(Refusal::not_found()))
}

fn required<'a>(write: &'a Write, name: &str) -> Result<&'a str, Refusal> {
    let given = write.attributes.get(name).and_then(Value::as_str);
    let given = given.filter(|it| !it.trim().is_empty());
    given.ok_or_else(|| Refusal::blank(name).at_attribute(name))
}

/// As Commerce Layer calls what is no card: `stripe_payment #8404`.
fn name(kind: ResourceType, token: &str) -> String {
    let skipped = token.chars().count().saturating_sub(TOKEN_ENDS);
    let end: String = token.chars().skip(skipped).collect();
    format!("{} #{end}", kind.name().trim_end_matches('s'))
}

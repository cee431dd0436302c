//! `POST /api/customer_payment_sources`: an integration brings what a gateway keeps already, as when a
//! shop moves here with its wallets.

use std::sync::Arc;

use domain::catalog::Catalog;
use domain::gateway::Reusable;
use domain::operation::{Operation, Owner};
use domain::record::{Identifier, Place, Record};
use domain::refusal::Refusal;
use domain::resources::ResourceType;
use domain::wallet::{CardKeys, GatewayCustomer, Line, MOST_ENTRIES, Wallet, new_entry};
use domain::{EntryId, GatewayId, Id, PaymentMethodId, SourceId, Write};
use serde_json::{Map, Value};

use crate::{Answers, Change, Command, Input, Step};

/// The last characters of a token that an entry without a card is called by.
const TOKEN_ENDS: usize = 4;

/// An entry is to be added to a wallet. The tokens are the integration's word: the gateway is not asked
/// until the entry is used.
#[derive(Debug, Clone)]
pub struct AddEntry {
    /// What the entry is to be.
    pub write: Write,
    /// The catalogue, which has the payment method.
    pub catalog: Arc<Catalog>,
}

impl Command for AddEntry {
    type State = Wallet;
    /// The entry's id.
    type Answer = EntryId;

    fn next(&self, wallet: &Wallet, _: &Answers, input: Input<'_>) -> Step<EntryId> {
        match self.changes(wallet, input) {
            Ok(changes) => Step::commit(changes, EntryId::new(input.fresh)),
            Err(refusal) => refusal.into(),
        }
    }
}

impl AddEntry {
    /// What is missing is refused: the customer, the payment method, which says the gateway, or a
    /// token; so are an entry that holds the token already, and a wallet that is full.
    fn changes(&self, wallet: &Wallet, input: Input<'_>) -> Result<Vec<Change>, Refusal> {
        let write = &self.write;
        if wallet.profile.is_none() {
            return Err(Refusal::not_found().at_relationship("customer"));
        }
        let method = method(write, &self.catalog)?;
        let gateway = self.catalog.gateway_of(method).ok_or_else(|| {
            Refusal::invalid("The gateway of this payment method is gone.")
                .at_relationship("payment_method")
        })?;
        let kind = gateway.kind.source_kind();
        let kind = kind.ok_or_else(Refusal::not_found)?;
        let token = required(write, "payment_source_token")?;
        let customer_token = required(write, "customer_token")?;
        if wallet
            .head
            .holds(GatewayId::new(gateway.id), token, input.lookup)
        {
            let refusal = Refusal::taken("payment_source_token");
            return Err(refusal.at_attribute("payment_source_token"));
        }
        let gateway_id = GatewayId::new(gateway.id);
        if wallet.head.is_forgetting(gateway_id, token, input.lookup) {
            let detail = "The gateway is forgetting this token: it was deleted from the wallet.";
            return Err(Refusal::invalid(detail).at_attribute("payment_source_token"));
        }
        if wallet.head.lines.len() >= MOST_ENTRIES {
            let detail = format!("A wallet holds at most {MOST_ENTRIES} payment sources.");
            return Err(Refusal::invalid(detail));
        }
        let brought = Brought {
            wallet,
            gateway,
            kind,
            token,
            customer_token,
        };
        Ok(brought.keep(write, method, input))
    }
}

/// What an integration brings.
struct Brought<'a> {
    wallet: &'a Wallet,
    gateway: &'a Record,
    kind: ResourceType,
    token: &'a str,
    customer_token: &'a str,
}

impl Brought<'_> {
    fn keep(&self, write: &Write, method: &Record, input: Input<'_>) -> Vec<Change> {
        let customer = self.wallet.customer;
        let (reusable, source) = (self.reusable(), self.source(input));
        let mut entry = new_entry(
            EntryId::new(input.fresh),
            customer,
            GatewayId::new(self.gateway.id),
            Some(PaymentMethodId::new(method.id)),
            input.now,
        );
        for name in ["reference", "reference_origin", "metadata"] {
            let given = write.attributes.get(name).cloned();
            entry.record.set(name, given.unwrap_or_default());
        }
        entry.keep(&reusable, &source, input.now);

        let mut head = self.wallet.head.clone();
        let keys = CardKeys::of(&reusable, GatewayId::new(self.gateway.id), input.lookup);
        head.lines.push(Line::new(
            EntryId::new(input.fresh),
            keys,
            SourceId::new(source.id),
        ));
        let mut changes = vec![
            Change::PutHead(customer, head),
            Change::put(entry.to_record(), Place::Wallet(customer)),
        ];
        changes.extend(self.gateway_customer());
        changes.push(Change::ClaimToken {
            customer,
            gateway: GatewayId::new(self.gateway.id),
            token: self.token.to_owned(),
        });
        // A token that is kept again is not to be forgotten any more.
        let forget = Operation::forget_id(GatewayId::new(self.gateway.id), self.token);
        changes.push(Change::Settle(Owner::Customer(customer), forget));
        changes
    }

    fn reusable(&self) -> Reusable {
        let mut snapshot = Map::new();
        let rules = self.kind.payment_rules();
        if let Some(shown_as) = rules.and_then(|it| it.saved_token) {
            snapshot.insert(shown_as.to_owned(), self.token.into());
        }
        Reusable {
            name: name(self.kind, self.token),
            customer_token: self.customer_token.to_owned(),
            payment_source_token: self.token.to_owned(),
            fingerprint: None,
            expiry: None,
            snapshot,
        }
    }

    /// The payment source that the entry is shown with.
    fn source(&self, input: Input<'_>) -> Record {
        let id = Id::derived(&["brought", input.fresh.as_str()]);
        let mut source = Record::new(self.kind, id, input.now);
        source.relate("payment_gateway", Some(self.gateway.identifier()));
        source
    }

    fn gateway_customer(&self) -> Option<Change> {
        let rules = self.kind.payment_rules();
        let has_customers = rules.is_some_and(|it| it.has_customers);
        let is_known = self
            .wallet
            .gateway_customer(GatewayId::new(self.gateway.id))
            .is_some();
        let made = GatewayCustomer {
            gateway: GatewayId::new(self.gateway.id),
            token: self.customer_token.to_owned(),
            version: 0,
        };
        (has_customers && !is_known).then(|| Change::PutGatewayCustomer(self.wallet.customer, made))
    }
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

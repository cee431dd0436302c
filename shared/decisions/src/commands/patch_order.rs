//! `PATCH /api/orders/{id}`: attributes, the payment method, and the triggers around the wallet.

use std::ops::ControlFlow::Continue;

use domain::gateway::{GatewayRequest, NewPayment};
use domain::order::Order;
use domain::purchase::Purchase;
use domain::record::{Identifier, Record};
use domain::refusal::Refusal;
use domain::resources::ResourceType;
use domain::source::canonical_digest;
use domain::wallet::Entry;
use domain::{EntryId, PaymentMethodId, Role};
use serde_json::{Map, Value};

use super::create_source::gateway_of;
use super::paying::{Made, Paying};
use super::{
    CustomerOfEmail, Lifecycle, OrderAddresses, OrderRelations, order_addresses, order_attributes,
    order_customer, saving,
};
use crate::{Answers, Command, Decided, Input, OrStop, Step, Unique, stop};

const REUSE: &str = "_customer_payment_source_id";

/// An order is to change. Its parts are carried out in the order of these fields: all or nothing.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PatchOrder {
    /// The attributes that the caller gave, triggers left out.
    pub attributes: Map<String, Value>,
    /// The customer whom the e-mail address names that is given.
    pub customer: Option<CustomerOfEmail>,
    /// The records around it that it is to name.
    pub relations: OrderRelations,
    /// The triggers around its addresses.
    pub addresses: OrderAddresses,
    /// `_refresh`.
    pub refresh: bool,
    /// The payment method.
    pub payment_method: MethodChoice,
    /// `_nullify_payment_source`.
    pub nullify: bool,
    /// `_customer_payment_source_id`: the wallet entry to pay with, as given.
    pub reuse: Option<String>,
    /// `_save_payment_source_to_customer_wallet`.
    pub save: bool,
    /// What moves the order on.
    pub lifecycle: Lifecycle,
}

/// What becomes of the order's payment method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MethodChoice {
    /// It stays.
    #[default]
    Unchanged,
    /// It is taken off.
    None,
    /// It is this one from now on.
    Method(PaymentMethodId),
}

impl Command for PatchOrder {
    type State = Purchase;
    type Answer = Purchase;

    fn next(&self, purchase: &Purchase, answers: &Answers, input: Input<'_>) -> Step<Purchase> {
        Paying::decide(purchase, answers, input, |paying| self.decide(paying))
    }
}

impl PatchOrder {
    /// Whether it is decided on the wallet of the order's customer as well: what pays may be dropped, made
    /// or saved. What the order says of itself does not touch it.
    pub fn needs_wallet(&self) -> bool {
        self.payment_method != MethodChoice::Unchanged
            || self.nullify
            || self.reuse.is_some()
            || self.save
            || self.relations.names_customer()
            || self.lifecycle.is_asked()
    }

    /// Whether it is decided on the order's addresses as well.
    pub fn needs_addresses(&self) -> bool {
        self.addresses.is_asked()
            || !self.relations.relationships.is_empty()
            || self.attributes.contains_key("shipping_country_code_lock")
    }

    fn decide(&self, paying: &mut Paying<'_>) -> Decided<()> {
        order_customer::claim(paying)?;
        self.change_attributes(paying)?;
        if let Some(customer) = self
            .customer
            .as_ref()
            .filter(|_| !self.relations.names_customer())
        {
            customer.take(paying)?;
        }
        self.relations.change(paying)?;
        self.addresses.copy(paying)?;
        order_addresses::follow(paying, self.attributes.contains_key("country_code"))?;
        self.addresses.keep(paying)?;
        match self.payment_method {
            MethodChoice::Unchanged => {}
            MethodChoice::None => select_method(paying, None)?,
            MethodChoice::Method(id) => select_method(paying, Some(id))?,
        }
        if self.nullify {
            require_open(paying, "_nullify_payment_source").or_stop()?;
            paying.drop_source()?;
        }
        if let Some(entry) = &self.reuse {
            reuse(paying, entry)?;
        }
        if self.save {
            saving::save(paying)?;
        }
        paying.pend_by_itself();
        self.lifecycle.decide(paying)
    }

    /// Sales channels change an order only while it is draft or pending.
    fn change_attributes(&self, paying: &mut Paying<'_>) -> Decided<()> {
        if self.attributes.is_empty() && !self.refresh {
            return Continue(());
        }
        let is_open = paying.purchase.order().status.takes_payment();
        if paying.input.caller.role != Role::Integration && !is_open {
            let name = self
                .attributes
                .keys()
                .next()
                .map_or("_refresh", String::as_str);
            let detail = "An order can be changed only while it is draft or pending.";
            return stop(invalid(name, detail));
        }
        let (order, caller) = (paying.purchase.order(), paying.input.caller);
        order_attributes::check(&self.attributes, order, caller).or_stop()?;
        let mut record = paying.purchase.order().to_record();
        for (name, value) in &self.attributes {
            record.set(name, order_attributes::kept(name, value).or_stop()?);
        }
        if self.refresh {
            record.set("refreshed_at", paying.input.now.to_string());
        }
        require_told_by_transactions(paying.purchase.order(), &record).or_stop()?;
        let former = Unique::of(&paying.purchase.order().record);
        paying.beside.extend(Unique::changes(former, &record));
        let order = Order::parse(record).map_err(|it| it.to_refusal());
        let order = order.or_stop()?;
        order_attributes::check_place_async(
            self.attributes.get(order_attributes::PLACE_ASYNC),
            &order,
        )
        .or_stop()?;
        paying.purchase.partition.order = order;
        paying.tell_paid()?;
        close_wallet_of_former_customer(paying);
        Continue(())
    }
}

/// Once a transaction was made here, how far the order has come, and what is paid of it, is told by what happens
/// to it alone.
fn require_told_by_transactions(order: &Order, given: &Record) -> Result<(), Refusal> {
    if order.state.transactions == 0 {
        return Ok(());
    }
    let stored = order.to_record();
    let is_changed = |name: &&str| stored.get(name) != given.get(name);
    match ["payment_status", "status"].into_iter().find(is_changed) {
        None => Ok(()),
        Some(name) => {
            let detail = format!(
                "{name} - follows from the order's transactions and triggers, since payments of it are made here."
            );
            Err(Refusal::invalid(detail).at_attribute(name))
        }
    }
}

fn invalid(attribute: &str, detail: &str) -> Refusal {
    Refusal::invalid(detail).at_attribute(attribute)
}

/// The wallet was read for the order as it was: one that has become a guest's, or another customer's,
/// opens it no more.
pub(super) fn close_wallet_of_former_customer(paying: &mut Paying<'_>) {
    let opened = paying.input.caller.opens_wallet_of(paying.purchase.order());
    let wallet = paying.purchase.wallet.take();
    paying.purchase.wallet = wallet.filter(|it| opened == Some(it.customer));
}

fn require_open(paying: &Paying<'_>, trigger: &str) -> Result<(), Refusal> {
    paying
        .purchase
        .require_open()
        .map_err(|refusal| refusal.at_attribute(trigger))
}

/// Selects a payment method, or none; a change drops the payment source.
fn select_method(paying: &mut Paying<'_>, id: Option<PaymentMethodId>) -> Decided<()> {
    let at_method = |refusal: Refusal| refusal.at_relationship("payment_method");
    let purchase = &paying.purchase;
    purchase.require_open().map_err(at_method).or_stop()?;
    if let Some(id) = id {
        let method = purchase
            .catalog
            .get(ResourceType::PaymentMethods, id.into());
        let offered = method.ok_or_else(Refusal::not_found).and_then(|method| {
            let catalog = &purchase.catalog;
            catalog.require_offered(method, purchase.order())
        });
        offered.map_err(at_method).or_stop()?;
    }
    if id == purchase.order().payment_method() {
        return Continue(());
    }
    paying.drop_source()?;
    set_method(paying, id)
}

fn set_method(paying: &mut Paying<'_>, id: Option<PaymentMethodId>) -> Decided<()> {
    let method = id.map(|id| Identifier {
        kind: ResourceType::PaymentMethods,
        id: id.into(),
    });
    let order = &mut paying.purchase.partition.order;
    order.record.relate("payment_method", method);
    paying.take_payment_method_cost();
    paying.tell_paid()
}

/// Puts a wallet entry on the order: the order gets a payment source of its own, made from it. No
/// money moves.
fn reuse(paying: &mut Paying<'_>, entry: &str) -> Decided<()> {
    require_open(paying, REUSE).or_stop()?;
    let entry = usable_entry(paying, entry).or_stop()?;
    let method = method_for(paying, &entry).or_stop()?;
    if paying.purchase.order().payment_method() != Some(PaymentMethodId::new(method.id)) {
        set_method(paying, Some(PaymentMethodId::new(method.id)))?;
    }
    // What the method costs is due as well.
    let amount = paying.amount_due("/data/attributes/_customer_payment_source_id")?;
    let gateway = gateway_of(&paying.purchase, &method).or_stop()?;
    let digest = canonical_digest(&Value::from(format!("entry {}", entry.id())));
    if paying.repeated(&gateway, &digest)? {
        return Continue(());
    }
    paying.drop_source()?;

    let kind = source_kind(&method).or_stop()?;
    let id = paying.source_id(kind, &digest);
    let customer_token = entry.record.text("customer_token").map(str::to_owned);
    let saved = entry.known_token().or_stop()?;
    let order = paying.purchase.order().id();
    if let Some(wallet) = &mut paying.purchase.wallet {
        wallet.head.note_use(entry.id(), order);
    }
    let payment = NewPayment {
        saved: Some(saved.to_owned()),
        ..paying.new_payment(amount, customer_token)
    };
    let payment = paying
        .ask_payment(&gateway, id.into(), GatewayRequest::CreatePayment(payment))
        .map_break(|step| step.about(REUSE))?;
    paying.put_source(Made {
        kind,
        id,
        attributes: entry.state.snapshot.clone(),
        gateway: &gateway,
        payment: &payment,
        entry: Some(entry.id()),
        request: digest,
    })
}

/// The entry, where it is the order's customer's, the caller may use it, and it has not expired.
fn usable_entry(paying: &Paying<'_>, id: &str) -> Result<Entry, Refusal> {
    let not_found = || Refusal::not_found().at_attribute(REUSE);
    let id: EntryId = id.parse().map_err(|_| not_found())?;
    let wallet = paying.purchase.wallet.as_ref();
    let entry = wallet
        .and_then(|wallet| wallet.entry(id))
        .ok_or_else(not_found)?;
    entry
        .require_kept()
        .map_err(|refusal| refusal.at_attribute(REUSE))?;
    if !entry.is_valid(paying.input.now) {
        let refusal = Refusal::invalid(
            "This saved payment source has expired. Let the shopper enter the card again.",
        );
        return Err(refusal.at_attribute(REUSE));
    }
    Ok(entry.clone())
}

/// The payment method that the entry pays with: the order's, if it is of the entry's gateway; where
/// the order has none, the entry's own if it is offered, else the oldest offered of its gateway.
fn method_for(paying: &Paying<'_>, entry: &Entry) -> Result<Record, Refusal> {
    let purchase = &paying.purchase;
    let serves =
        |method: &&Record| method.related("payment_gateway") == Some(entry.state.gateway.into());
    let offered = purchase.catalog.offered(purchase.order());
    if let Some(selected) = purchase.payment_method() {
        if !serves(&selected) {
            let refusal = Refusal::invalid(
                "This saved payment source is of another gateway than the order's payment method. Select a payment method of its gateway first.",
            );
            return Err(refusal.at_attribute(REUSE));
        }
        return match offered.iter().any(|it| it.id == selected.id) {
            true => Ok(selected.clone()),
            false => Err(not_offered()),
        };
    }
    let own = entry.record.related("payment_method");
    let chosen = offered
        .iter()
        .find(|method| Some(method.id) == own && serves(method))
        .or_else(|| offered.iter().find(|method| serves(method)));
    match chosen {
        Some(method) => Ok((*method).clone()),
        None => Err(not_offered()),
    }
}

fn not_offered() -> Refusal {
    Refusal::invalid("No payment method of this saved source's gateway is available for the order.")
        .at_attribute(REUSE)
}

fn source_kind(method: &Record) -> Result<ResourceType, Refusal> {
    method
        .text("payment_source_type")
        .and_then(ResourceType::named)
        .filter(|kind| domain::resources::PAYMENT_SOURCES.contains(kind))
        .ok_or_else(|| Refusal::invalid("The payment method's payment_source_type is not known."))
}

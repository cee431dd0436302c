//! Placing an order, and what follows: it is approved, its money captured, given back, or it is called off.

use std::ops::ControlFlow::{Break, Continue};

use domain::gateway::{Moving, Payment, Progress};
use domain::money::Amount;
use domain::order::{OrderStatus, OrderStep};
use domain::record::Record;
use domain::refusal::{Code, Refusal, Refusals};
use domain::resources::ResourceType;
use domain::source::PaymentSource;
use domain::{Id, Role, shipping};
use serde_json::Value;

use super::paying::Paying;
use super::{authorizing, order_addresses};
use crate::{Decided, OrStop, Step, stop};

const PLACE: &str = "_place";
const AUTHORIZE: &str = "_authorize";

/// What is asked of an order beyond its payment source. Carried out in the order of these fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Lifecycle {
    /// `_pending`.
    pub pend: bool,
    /// `_authorize`: the amount due is held, and the order stays as it is.
    pub authorize: bool,
    /// `_place`.
    pub place: bool,
    /// `_approve`.
    pub approve: bool,
    /// `_capture`.
    pub capture: bool,
    /// `_approve_and_capture`.
    pub approve_and_capture: bool,
    /// `_refund`.
    pub refund: bool,
    /// `_cancel`.
    pub cancel: bool,
    /// `_archive`.
    pub archive: bool,
    /// `_unarchive`.
    pub unarchive: bool,
}

impl Lifecycle {
    /// Whether anything is asked.
    pub fn is_asked(&self) -> bool {
        *self != Self::default()
    }

    /// Carries it out.
    pub(super) fn decide(&self, paying: &mut Paying<'_>) -> Decided<()> {
        if self.pend {
            step(paying, OrderStep::Pend)?;
        }
        if self.authorize {
            authorize(paying)?;
        }
        if self.place {
            place(paying)?;
        }
        if self.approve || self.approve_and_capture {
            approve(paying)?;
        }
        if self.capture || self.approve_and_capture {
            capture(paying)?;
        }
        if self.refund {
            refund(paying)?;
        }
        if self.cancel {
            cancel(paying)?;
        }
        if self.archive || self.unarchive {
            let now = self.archive.then(|| paying.input.now.to_string());
            let order = &mut paying.purchase.partition.order;
            order
                .record
                .set("archived_at", now.map_or(Value::Null, Value::from));
        }
        Continue(())
    }
}

fn step(paying: &mut Paying<'_>, step: OrderStep) -> Decided<()> {
    let order = &mut paying.purchase.partition.order;
    order.status = order.status.after(step).or_stop()?;
    Continue(())
}

/// Places the order: its amount is held first, unless nothing is due. One that is placed stays as it is.
fn place(paying: &mut Paying<'_>) -> Decided<()> {
    let status = paying.purchase.order().status;
    if matches!(status, OrderStatus::Placed | OrderStatus::Approved) {
        return Continue(());
    }
    paying.pend_by_itself();
    require_complete(paying)?;
    let due = paying.purchase.order().amount_due().or_stop()?;
    if paying.is_paid_elsewhere() {
        // Nothing is held here.
    } else if due.cents == 0 {
        let till = paying.till()?;
        paying.put_till(till);
        paying.let_go_of_holds(PLACE)?;
    } else if hold(paying, due, PLACE)? == Held::Undecided {
        return step(paying, OrderStep::BeginPlacing);
    }
    match paying.purchase.order().status {
        // The gateway had decided.
        OrderStatus::Placed => Continue(()),
        _ => complete_placing(paying, due),
    }
}

/// The order is placed: what is due is held, or nothing has to be.
pub(super) fn complete_placing(paying: &mut Paying<'_>, due: Amount) -> Decided<()> {
    capture_by_itself(paying, due)?;
    if let Some(source) = paying.purchase.partition.source.clone() {
        paying.owe_forgetting_later(&source);
    }
    step(paying, OrderStep::Place)?;
    paying.note_placed(due);
    Continue(())
}

/// Has the amount due held, and leaves the order where it is.
fn authorize(paying: &mut Paying<'_>) -> Decided<()> {
    paying.pend_by_itself();
    let order = paying.purchase.order();
    if order.status != OrderStatus::Pending {
        let detail = "status - an order is authorized while it is pending.";
        return stop(Refusal::invalid(detail).at_attribute("status"));
    }
    if paying.is_paid_elsewhere() {
        let detail = "payment_status - the order was authorized or paid elsewhere.";
        return stop(Refusal::invalid(detail).at_attribute("payment_status"));
    }
    let due = paying.amount_due("/data/attributes/_authorize")?;
    let missing = missing_to_pay(paying, due);
    if let Some(refusals) = Refusals::all(missing) {
        return Break(Step::Refuse(refusals));
    }
    match hold(paying, due, AUTHORIZE)? {
        Held::Yes => capture_by_itself(paying, due),
        Held::Undecided => Continue(()),
    }
}

fn approve(paying: &mut Paying<'_>) -> Decided<()> {
    step(paying, OrderStep::Approve)?;
    let now = paying.input.now.to_string();
    let order = &mut paying.purchase.partition.order;
    order.record.set("approved_at", now);
    Continue(())
}

/// Captures all that is held, up to the order's total as it stands.
fn capture(paying: &mut Paying<'_>) -> Decided<()> {
    if paying.purchase.order().status != OrderStatus::Approved {
        let detail = "status - an order has to be approved before its payment is captured.";
        return stop(Refusal::invalid(detail).at_attribute("status"));
    }
    move_all(paying, Moving::Capture, "_capture")
}

/// Gives back all that was taken, and lets go of what is still held.
fn refund(paying: &mut Paying<'_>) -> Decided<()> {
    move_all(paying, Moving::Refund, "_refund")?;
    paying.let_go_of_holds("_refund")
}

fn cancel(paying: &mut Paying<'_>) -> Decided<()> {
    let status = paying.purchase.order().status;
    if status == OrderStatus::Cancelled {
        return Continue(());
    }
    let by_shopper = paying.input.caller.role != Role::Integration;
    if by_shopper && status != OrderStatus::Pending {
        let detail = "status - an order can be cancelled by its shopper only while it is pending.";
        return stop(Refusal::invalid(detail).at_attribute("status"));
    }
    step(paying, OrderStep::Cancel)?;
    let source = paying.purchase.partition.source.clone();
    let is_captured = match &source {
        Some(source) => paying.is_captured_with(source)?,
        None => false,
    };
    if status == OrderStatus::Pending && !is_captured {
        paying.drop_source()?;
    }
    paying.let_go_of_holds("_cancel")?;
    paying.give_back("_cancel")?;
    let now = paying.input.now.to_string();
    let order = &mut paying.purchase.partition.order;
    order.record.set("cancelled_at", now);
    Continue(())
}

/// All that can move in this way: of each hold, or of each capture. One that is under way is not asked again.
fn move_all(paying: &mut Paying<'_>, kind: Moving, attribute: &str) -> Decided<()> {
    let till = paying.till()?;
    let drawn: Vec<Id> = match kind {
        Moving::Capture | Moving::Void => till.holds().map(|it| it.record.id).collect(),
        Moving::Refund => till.captured().map(|it| it.record.id).collect(),
    };
    let is_under_way = till
        .transactions
        .iter()
        .any(|it| it.record.kind == kind.resource_type() && it.counts() && !it.has_succeeded());
    if drawn.is_empty() && !is_under_way {
        let detail = match kind {
            Moving::Capture | Moving::Void => "payment_status - nothing is held of this order.",
            Moving::Refund => {
                "payment_status - nothing of this order was captured, or all of it was refunded."
            }
        };
        return stop(Refusal::invalid(detail).at_attribute("payment_status"));
    }
    for of in drawn {
        match kind {
            Moving::Capture => paying.capture_up_to_total(of, attribute)?,
            Moving::Void | Moving::Refund => paying.move_money(kind, of, None, attribute)?,
        }
    }
    Continue(())
}

/// What the payment method says of capturing: at once, up to an amount.
pub(super) fn capture_by_itself(paying: &mut Paying<'_>, due: Amount) -> Decided<()> {
    let method = paying.purchase.payment_method();
    let captures = method.and_then(|it| it.get("auto_capture"));
    let most = method.and_then(|it| it.integer("auto_capture_max_amount_cents"));
    let is_within = most.is_none_or(|most| due.cents <= most);
    if captures != Some(&Value::Bool(true)) || !is_within {
        return Continue(());
    }
    let holds: Vec<_> = paying.till()?.holds().map(|it| it.record.id).collect();
    for hold in holds {
        paying.capture_up_to_total(hold, PLACE)?;
    }
    Continue(())
}

/// Whether a gateway holds what it was asked to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Held {
    /// It does.
    Yes,
    /// The shopper did their part, and the gateway takes its time.
    Undecided,
}

/// Sees to it that the gateway holds the amount. What it asks the shopper for, and what it declines, is kept and
/// told.
fn hold(paying: &mut Paying<'_>, due: Amount, trigger: &str) -> Decided<Held> {
    let Some(source) = paying.purchase.partition.source.clone() else {
        return stop(Refusal::blank("payment_source").at_relationship("payment_source"));
    };
    if paying.paid_with(&source)? >= due.cents {
        return Continue(Held::Yes);
    }
    if source.readable_payment().is_none() && paying.is_undecided(&source)? {
        return Continue(Held::Undecided);
    }
    let gateway = paying
        .purchase
        .catalog
        .gateway(source.state.gateway)
        .cloned();
    let gone = || Refusal::invalid("The gateway of the order's payment source is gone.");
    let gateway = gateway.ok_or_else(gone).or_stop()?;
    let payment = held_or_asked(paying, &gateway, source, trigger)?;
    let Some(source) = paying.purchase.partition.source.clone() else {
        return stop(Refusal::blank("payment_source").at_relationship("payment_source"));
    };
    let refusal = match payment.progress {
        Progress::Authorized | Progress::Captured => {
            require_of_order(paying, &payment, due)?;
            paying.note_authorization(&source, &payment)?;
            return match payment.is_undecided() {
                true => Continue(Held::Undecided),
                false => require_paid(paying, &source, due).map_continue(|()| Held::Yes),
            };
        }
        Progress::Open if payment.waits_for_shopper() => {
            let detail = "The bank or the gateway asks for the shopper. Let them go on with what the payment source carries, then send this again.";
            Refusal::new(Code::ShopperRequired, detail)
        }
        Progress::Open | Progress::Declined | Progress::Released => {
            paying.note_authorization(&source, &payment)?;
            let told = payment.decline.map(|it| it.message);
            let told = told.unwrap_or_else(|| "The payment was declined.".to_owned());
            Refusal::new(Code::PaymentDeclined, told)
        }
    };
    Break(paying.finish_refusing(refusal.at_attribute(trigger)))
}

/// The payment, as the gateway holds it already, or once it was asked to.
fn held_or_asked(
    paying: &mut Paying<'_>,
    gateway: &Record,
    mut source: PaymentSource,
    trigger: &str,
) -> Decided<Payment> {
    let rules = source.record.kind.payment_rules();
    let rules = rules
        .ok_or_else(|| Refusal::invalid("Nothing can be paid with this payment source."))
        .or_stop()?;
    let now = match source.readable_payment().map(str::to_owned) {
        Some(reference) => paying.payment_now(gateway, &source, &reference)?,
        None => None,
    };
    if let Some(payment) = &now
        && matches!(payment.progress, Progress::Authorized | Progress::Captured)
    {
        authorizing::take(paying, &mut source, payment)?;
        paying.purchase.partition.source = Some(source);
        return Continue(payment.clone());
    }
    let payment = authorizing::ask(paying, rules, gateway, &mut source, now, trigger)?;
    paying.purchase.partition.source = Some(source);
    Continue(payment)
}

/// Refuses to place an order with a payment that is for another, or for another amount.
fn require_of_order(paying: &Paying<'_>, payment: &Payment, due: Amount) -> Decided<()> {
    let order = paying.read.order().id();
    let problem = if payment.order.is_some_and(|it| it != order) {
        "payment_source - the payment is for another order."
    } else if payment.amount != due {
        "payment_source - the payment is for another amount than the order is now. Send _update to the payment source, or make a new one."
    } else {
        return Continue(());
    };
    let refusal = Refusal::invalid(problem).at_relationship("payment_source");
    Break(paying.counted(refusal))
}

/// Refuses to place an order with what was let go of, or given back, or is about to be.
fn require_paid(paying: &Paying<'_>, source: &PaymentSource, due: Amount) -> Decided<()> {
    if paying.paid_with(source)? >= due.cents {
        return Continue(());
    }
    let detail = "payment_source - what was held with it was let go of or given back. Make a new payment source.";
    let refusal = Refusal::invalid(detail).at_relationship("payment_source");
    Break(paying.counted(refusal))
}

/// Refuses an order that lacks something, with all that it lacks.
fn require_complete(paying: &Paying<'_>) -> Decided<()> {
    let order = paying.purchase.order();
    let record = &order.record;
    let mut missing = Vec::new();
    missing.extend(order.status.after(OrderStep::Place).err());
    if !order.is_of_somebody() {
        missing.push(Refusal::blank("customer_email").at_attribute("customer_email"));
    }
    let children = paying.purchase.partition.children.as_deref();
    let children = children.unwrap_or_default();
    let of_kind = |kind: ResourceType| children.iter().filter(move |it| it.kind == kind);
    if of_kind(ResourceType::LineItems).next().is_none() {
        missing.push(Refusal::blank("line_items").at_relationship("line_items"));
    }
    let requires = |what: &str| placing_requires(paying, what);
    if requires("billing_address") && record.related("billing_address").is_none() {
        missing.push(Refusal::blank("billing_address").at_relationship("billing_address"));
    }
    let billing_info = order_addresses::billing_info(paying);
    if record.get("requires_billing_info") == Some(&Value::Bool(true)) && billing_info.is_none() {
        missing.push(Refusal::blank("billing_info").at_relationship("billing_address"));
    }
    let partition = &paying.purchase.partition;
    let is_shipped = shipping::is_shipped(partition);
    if is_shipped && requires("shipping_address") && record.related("shipping_address").is_none() {
        missing.push(Refusal::blank("shipping_address").at_relationship("shipping_address"));
    }
    let without_method =
        shipping::shipments(partition).filter(|it| it.related("shipping_method").is_none());
    missing.extend(
        without_method
            .filter(|_| requires("shipping_method"))
            .map(|_| Refusal::blank("shipments.shipping_method").at_relationship("shipments")),
    );
    match order.amount_due() {
        Err(refusal) => missing.push(refusal.at_attribute("total_amount_with_taxes_cents")),
        Ok(due) if due.cents < 0 => {
            let detail = "total_amount_with_taxes_cents - must be greater than or equal to 0";
            missing.push(Refusal::invalid(detail).at_attribute("total_amount_with_taxes_cents"));
        }
        Ok(due) if due.cents > 0 && !paying.is_paid_elsewhere() => {
            missing.extend(missing_to_pay(paying, due));
        }
        Ok(_) => {}
    }
    match Refusals::all(missing) {
        None => Continue(()),
        Some(refusals) => Break(Step::Refuse(refusals)),
    }
}

/// Whether an order of this market needs that to be placed. Where the market does not say, it needs all that
/// Commerce Layer's does; a shop whose own system holds addresses and shipping says what is left.
fn placing_requires(paying: &Paying<'_>, what: &str) -> bool {
    let purchase = &paying.purchase;
    let market = purchase.order().market();
    let market = market.and_then(|it| purchase.catalog.get(ResourceType::Markets, it.into()));
    let said = market.and_then(|it| it.get("placing_requires")?.as_array());
    said.is_none_or(|said| said.iter().any(|it| it == what))
}

fn missing_to_pay(paying: &Paying<'_>, due: Amount) -> Vec<Refusal> {
    let order = paying.purchase.order();
    let mut missing = Vec::new();
    if order.payment_method().is_none() {
        missing.push(Refusal::blank("payment_method").at_relationship("payment_method"));
    }
    match &paying.purchase.partition.source {
        None => missing.push(Refusal::blank("payment_source").at_relationship("payment_source")),
        Some(source) if source.state.amount != due => {
            let detail = "payment_source - mismatched amounts: it is for another amount than the order is now. Send _update to it, or make a new one.";
            missing.push(Refusal::invalid(detail).at_relationship("payment_source"));
        }
        Some(_) => {}
    }
    missing
}

impl Paying<'_> {
    /// Whether the order came with its money held or taken by somebody else: nothing is held of it here.
    pub(super) fn is_paid_elsewhere(&self) -> bool {
        let order = self.purchase.order();
        let given = order.record.text("payment_status").unwrap_or("unpaid");
        let is_undone = matches!(given, "unpaid" | "free" | "voided" | "refunded");
        order.state.transactions == 0 && !is_undone
    }

    /// Notes when the order was placed, and what it came to then.
    pub(super) fn note_placed(&mut self, due: Amount) {
        let now = self.input.now.to_string();
        let order = &mut self.purchase.partition.order;
        order.record.set("placed_at", now);
        order.record.set("place_total_amount_cents", due.cents);
    }

    /// A draft with a customer and a line is pending by itself.
    pub(super) fn pend_by_itself(&mut self) {
        let order = self.purchase.order();
        let has_customer = order.is_of_somebody();
        let mut children = self.purchase.partition.children.iter().flatten();
        let has_line = children.any(|it| it.kind == ResourceType::LineItems);
        if order.status == OrderStatus::Draft && has_customer && has_line {
            self.purchase.partition.order.status = OrderStatus::Pending;
        }
    }
}

//! What commands share: opening payments, replacing and dropping payment sources.

use std::ops::ControlFlow::{Break, Continue};
use std::time::Duration;

use domain::basket::Basket;
use domain::gateway::{GatewayKind, GatewayRequest, NewPayment, Payment, Progress};
use domain::money::Amount;
use domain::operation::Operation;
use domain::payment_rules::PaymentRules;
use domain::purchase::{OrderPartition, Purchase};
use domain::record::{Place, Record};
use domain::refusal::{Code, Refusal};
use domain::resources::ResourceType;
use domain::source::{PaymentSource, SourceState};
use domain::{EntryId, GatewayId, Id, SourceId};
use serde_json::{Map, Value};

use super::settled::Settled;
use crate::{Answers, AsRead, Change, Decided, Input, OrStop, Step, stop};

/// An equal request within this time of the first is its repeat, whatever came of that: a double click, or
/// a client that gave up waiting (Commerce Layer's SDK does after 15 s) and asked again.
const REPEAT_WINDOW: Duration = Duration::from_secs(20);

/// A decision on its way: the purchase as it was read, and as it will be.
#[derive(Clone)]
pub struct Paying<'a> {
    /// The purchase as it will be. [`Self::finish`] writes what differs from what was read.
    pub purchase: Purchase,
    /// What the decision is given beside the purchase and the command.
    pub input: Input<'a>,
    pub(super) read: &'a Purchase,
    pub(super) answers: &'a Answers,
    pub(super) wallet_changes: Vec<Change>,
    pub(super) owed: Vec<Operation>,
    /// What is written beside order, payment source and wallet.
    pub(super) beside: Vec<Change>,
    /// Noted steps that an answer has come to.
    pub(super) settled: Vec<Settled>,
}

impl<'a> Paying<'a> {
    /// Starts from the purchase as it was read.
    pub fn of(read: &'a Purchase, answers: &'a Answers, input: Input<'a>) -> Self {
        Self {
            purchase: read.clone(),
            input,
            read,
            answers,
            wallet_changes: Vec::new(),
            owed: Vec::new(),
            beside: Vec::new(),
            settled: Vec::new(),
        }
    }

    /// Decides from the purchase as it was read: the step that the decision ends at for now, or the
    /// one that writes what came of it.
    pub fn decide(
        read: &'a Purchase,
        answers: &'a Answers,
        input: Input<'a>,
        decision: impl FnOnce(&mut Self) -> Decided<()>,
    ) -> Step<Purchase> {
        let mut paying = Self::of(read, answers, input);
        match decision(&mut paying) {
            Continue(()) => paying.finish(),
            Break(step) => step,
        }
    }

    /// The amount due.
    ///
    /// # Errors
    /// It is nothing, or unknown; `pointer` is what the refusal points at.
    pub fn amount_due(&self, pointer: &str) -> Decided<Amount> {
        let due = self
            .purchase
            .order()
            .amount_due()
            .map_err(|refusal| refusal.at(pointer))
            .or_stop()?;
        if due.cents <= 0 {
            let refusal =
                Refusal::invalid("There is nothing to pay on this order: its amount due is 0.");
            return stop(refusal.at(pointer));
        }
        Continue(due)
    }

    /// What is bought and by whom, where the gateway wants to know.
    pub fn basket(&self, rules: &PaymentRules) -> Option<Basket> {
        match rules.needs_basket {
            true => Basket::of(&self.purchase.partition),
            false => None,
        }
    }

    /// Whether a request with this digest made the order's current payment source, for the amount that is
    /// still due, and nothing has come of it yet: it is given again, as to a client whose answer was lost,
    /// or to a shopper who chooses the same method again. The gateway says how far it is: what was
    /// cancelled there, or failed, is made anew.
    pub fn repeated(&self, gateway: &Record, request: &str) -> Decided<bool> {
        let partition = &self.purchase.partition;
        let customer = self.purchase.wallet.as_ref().map(|it| it.customer);
        let is_equal = |source: &&PaymentSource| {
            source.state.request == request
                && source.state.gateway == gateway.id
                && source.state.changes_of_card == 0
                && source.state.progress == Progress::Open
                && source.state.authorized_with.is_none()
                && source.state.customer == customer
                && !partition.mismatches(source)
        };
        let Some(source) = partition.source.as_ref().filter(is_equal) else {
            return Continue(false);
        };
        let is_repeat = self.input.now.since(source.record.created_at) <= REPEAT_WINDOW;
        // What was opened with a basket is opened anew: lines may have changed at an equal total.
        let rules = source.record.kind.payment_rules();
        let has_basket = rules.is_some_and(|it| it.needs_basket);
        let payment = match &source.state.payment {
            Some(payment) if is_repeat || !has_basket => payment,
            _ => return Continue(is_repeat),
        };
        let payment = self.payment_now(gateway, source, payment)?;
        let is_given_again = |it: &Payment| match it.progress {
            Progress::Open => !it.failed,
            Progress::Authorized | Progress::Captured => is_repeat,
            Progress::Declined | Progress::Released => false,
        };
        Continue(payment.as_ref().is_some_and(is_given_again))
    }

    /// The id of the payment source that this request makes: an unanswered request that is made
    /// again makes the same.
    pub fn source_id(&self, kind: ResourceType, request: &str) -> SourceId {
        let tenant = self.read.tenant;
        let order = self.read.order();
        let (order_id, attempt) = (order.id(), order.state.payment_attempt.to_string());
        let parts = [
            tenant.organization.as_str(),
            tenant.mode.as_str(),
            order_id.as_str(),
            &attempt,
            kind.name(),
            request,
        ];
        let parts: Vec<_> = parts.into_iter().chain(self.input.table.salt()).collect();
        SourceId::new(Id::derived(&parts))
    }

    /// A payment of the order, as the gateway is asked for it.
    pub fn new_payment(&self, amount: Amount, customer_token: Option<String>) -> NewPayment {
        let order = self.purchase.order();
        NewPayment {
            order: order.id(),
            order_number: order.record.text("number").map(str::to_owned),
            amount,
            customer: self.purchase.wallet.as_ref().map(|it| it.customer),
            customer_token,
            saved: None,
            shopper_token: None,
            given: Map::new(),
            basket: None,
            payment: None,
            document: None,
        }
    }

    /// Puts a payment source on the order, whose former one was dropped.
    pub fn put_source(&mut self, made: Made<'_>) -> Decided<()> {
        // A payment that is taken over may be the one that was on the order before.
        self.owed.retain(|owed| match &owed.request {
            GatewayRequest::Release {
                payment: Some(payment),
                ..
            } => made.payment.reference.as_ref() != Some(payment),
            GatewayRequest::Forget {
                payment_source_token,
            } => made.payment.instrument.as_ref() != Some(payment_source_token),
            _ => true,
        });
        let now = self.input.now;
        let state = SourceState {
            order: self.purchase.order().id(),
            gateway: GatewayId::new(made.gateway.id),
            gateway_kind: kind_of(made.gateway)?,
            customer: self.purchase.wallet.as_ref().map(|it| it.customer),
            amount: made.payment.amount,
            payment: made.payment.reference.clone(),
            progress: made.payment.progress,
            entry: made.entry,
            request: made.request,
            changes_of_card: 0,
            instrument: None,
            authorized_with: None,
            kept: None,
            kept_until: None,
        };
        let mut source = PaymentSource::new(made.kind, made.id, state, now);
        source.record.attributes = made.attributes.into_iter().collect();
        source.show(made.payment, now);
        let order = &mut self.purchase.partition.order;
        order.state.sources = order.state.sources.saturating_add(1);
        self.purchase.partition.source = Some(source);
        self.show_details(made.payment.details.clone());
        Continue(())
    }

    /// Shows on the order what the gateway says of its payment.
    pub fn show_details(&mut self, details: Value) {
        let record = &mut self.purchase.partition.order.record;
        record.set("payment_source_details", details);
    }

    fn head_change(&self) -> Option<Change> {
        let wallet = self.purchase.wallet.as_ref()?;
        let read = self.read.wallet.as_ref();
        let differs = read.is_some_and(|read| read.head != wallet.head);
        differs.then(|| Change::PutHead(wallet.customer, wallet.head.clone()))
    }

    /// Writes a change of the wallet beside its head.
    pub fn change_wallet(&mut self, change: Change) {
        self.wallet_changes.push(change);
    }

    /// The step that writes what differs from what was read, and answers with the purchase as it
    /// will be.
    pub fn finish(mut self) -> Step<Purchase> {
        self.follow_fulfillment();
        let mut changes = self.source_changes();
        changes.extend(self.transaction_changes());
        changes.extend(self.note_superseded());
        let order_differs = self.purchase.order() != self.read.order();
        let is_attempt = !self.settled.is_empty() && !self.answers.is_empty();
        if order_differs || !changes.is_empty() || is_attempt {
            let order = &mut self.purchase.partition.order;
            order.record.updated_at = self.input.now;
            if !self.answers.is_empty() {
                order.state.payment_attempt = order.state.payment_attempt.saturating_add(1);
            }
            changes.insert(0, Change::put(order.to_record(), Place::Order));
        }
        changes.extend(self.head_change());
        changes.append(&mut self.wallet_changes);
        changes.append(&mut self.beside);
        changes.extend(self.settled.iter().map(Settled::change));
        changes.extend(self.owed.into_iter().map(Change::Owe));
        match changes.is_empty() {
            true => Step::Answer(Box::new(self.purchase)),
            false => Step::commit(changes, self.purchase),
        }
    }

    /// As [`Self::finish`], but the caller is refused: what came of the decision so far is kept.
    pub(super) fn finish_refusing(&self, refusal: Refusal) -> Step<Purchase> {
        match self.clone().finish() {
            Step::Commit(mut commit) => {
                commit.answer = Err(refusal);
                Step::Commit(commit)
            }
            Step::Answer(_) => refusal.into(),
            step => step,
        }
    }

    /// What differs of the order's payment sources: the one in the slot, and those that it had before.
    fn source_changes(&self) -> Vec<Change> {
        let (read, now) = (&self.read.partition, &self.purchase.partition);
        let slot = Place::Slot(self.read.order().id());
        let mut changes = Vec::new();
        match (&read.source, &now.source) {
            (before, Some(after)) if before.as_ref() != Some(after) => {
                changes.push(Change::Put {
                    record: after.to_record(),
                    place: slot,
                    read: before
                        .as_ref()
                        .map_or(AsRead::Nothing, |it| AsRead::of(&it.record)),
                });
                let is_paid_anew = before.as_ref().map(payment_of) != Some(payment_of(after));
                changes.extend(claim_of_payment(after).filter(|_| is_paid_anew));
            }
            (Some(before), None) if now.source(before.id()).is_none() => {
                changes.push(Change::delete(&before.record, slot));
            }
            _ => {}
        }
        changes.extend(self.superseded_changes());
        changes
    }

    /// Notes on the order which payment sources are kept beside the current one; the oldest goes where they
    /// are too many.
    fn note_superseded(&mut self) -> Vec<Change> {
        let read = &self.read.partition.superseded;
        let OrderPartition {
            order, superseded, ..
        } = &mut self.purchase.partition;
        let is_in = |sources: &[PaymentSource], id: Id| sources.iter().any(|it| it.id() == id);
        order
            .state
            .superseded
            .retain(|it| !is_in(read, it.id) || is_in(superseded, it.id));
        let newly = superseded.iter().filter(|it| !is_in(read, it.record.id));
        let surplus: Vec<_> = newly
            .filter_map(|it| order.state.supersede(it.record.identifier()))
            .collect();
        let place = Place::OfOrder(order.id());
        surplus
            .into_iter()
            .map(|of| Change::Delete {
                of,
                place,
                read: AsRead::There,
            })
            .collect()
    }

    fn superseded_changes(&self) -> Vec<Change> {
        let (read, now) = (&self.read.partition, &self.purchase.partition);
        let order = self.read.order().id();
        let mut changes = Vec::new();
        for source in &now.superseded {
            let before = read.superseded.iter().find(|it| it.id() == source.id());
            let record = source.to_record();
            let place = Place::OfOrder(order);
            match before {
                Some(before) if before == source => {}
                Some(_) => changes.push(Change::put(record, place)),
                None if now.source.is_none() => changes.push(Change::Move {
                    record,
                    from: Place::Slot(order),
                    to: place,
                }),
                None => changes.push(Change::Put {
                    record,
                    place,
                    read: AsRead::Nothing,
                }),
            }
        }
        let is_gone = |it: &&PaymentSource| now.source(it.id()).is_none();
        let gone = read.superseded.iter().filter(is_gone);
        changes.extend(gone.map(|it| Change::delete(&it.record, Place::OfOrder(order))));
        changes
    }
}

/// What a payment source is made of.
pub struct Made<'a> {
    /// Its type.
    pub kind: ResourceType,
    /// The payment source's id.
    pub id: SourceId,
    /// The attributes that the caller gave, or that its wallet entry remembers.
    pub attributes: Map<String, Value>,
    /// The gateway's record.
    pub gateway: &'a Record,
    /// Its payment at the gateway.
    pub payment: &'a Payment,
    /// The wallet entry that it is made from.
    pub entry: Option<EntryId>,
    /// A digest of the request that makes it.
    pub request: String,
}

fn claim_of_payment(source: &PaymentSource) -> Option<Change> {
    Some(Change::ClaimPayment {
        order: source.state.order,
        gateway: source.state.gateway,
        payment: source.state.payment.clone()?,
    })
}

fn payment_of(source: &PaymentSource) -> (SourceId, Option<&str>) {
    (source.id(), source.state.payment.as_deref())
}

/// The type of the gateway of this record.
pub fn kind_of(gateway: &Record) -> Decided<GatewayKind> {
    let kind = GatewayKind::of(gateway);
    kind.map_err(|corrupt| corrupt.to_refusal()).or_stop()
}

/// The gateway's adapter answered something else than was asked: a defect of ours.
pub fn unfitting_answer() -> Step<Purchase> {
    Refusal::new(Code::InternalError, "The gateway's answer does not fit.").into()
}

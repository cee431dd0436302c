//! Taking payment sources off orders. What is dropped is released at its gateway.

use std::ops::ControlFlow::{Break, Continue};
use std::time::Duration;

use domain::gateway::{GatewayAnswer, GatewayRequest, Payment, Progress};
use domain::operation::{Operation, Owner};
use domain::record::Record;
use domain::refusal::Refusal;
use domain::source::PaymentSource;
use domain::{Id, OperationId, Token};
use serde_json::Value;

use super::paying::{Paying, unfitting_answer};
use crate::{Decided, stop};

/// How long what nobody has saved is kept once its order was placed.
const A_DAY: Duration = Duration::from_secs(24 * 3600);

impl Paying<'_> {
    /// Takes the current payment source off the order and owes the release of its payment.
    ///
    /// # Errors
    /// The money was taken already, or the gateway has to be asked first.
    pub fn drop_source(&mut self) -> Decided<()> {
        let Some(mut source) = self.purchase.partition.source.clone() else {
            return Continue(());
        };
        let catalog = &self.purchase.catalog;
        let gateway = catalog.gateway_or_retired(source.state.gateway).cloned();
        let payment = source.readable_payment().map(str::to_owned);
        let progress = match (gateway, &payment) {
            (Some(gateway), Some(payment)) => {
                match self.payment_now(&gateway, &source, payment)? {
                    Some(payment) => {
                        let instrument = payment.instrument.map(Token::new);
                        source.state.instrument = instrument.or(source.state.instrument);
                        payment.progress
                    }
                    None => Progress::Released,
                }
            }
            // There is no payment to ask for; or an earlier version deleted the gateway's record, though
            // the payment in its account is not gone.
            _ => source.state.progress,
        };
        self.drop_at(source, progress)
    }

    /// As [`Self::drop_source`], by what was last known of the payment: for a source that has to go
    /// though its gateway does not answer.
    pub fn drop_source_unasked(&mut self) -> Decided<()> {
        match self.purchase.partition.source.clone() {
            Some(source) => {
                let progress = source.state.progress;
                self.drop_at(source, progress)
            }
            None => Continue(()),
        }
    }

    fn drop_at(&mut self, source: PaymentSource, progress: Progress) -> Decided<()> {
        if progress == Progress::Captured || self.is_captured_with(&source)? {
            return stop(Refusal::invalid(
                "The order's payment was captured already, so its payment source cannot be replaced or dropped. Refund it first.",
            ));
        }
        if !self.void_hold_of(&source)? && progress.is_live() {
            self.owe_release(&source);
        }
        self.owe_forgetting_of_instrument(&source);
        self.watch_dropped(&source);
        self.purchase.partition.source = None;
        self.purchase.partition.superseded.push(source);
        self.show_details(Value::Null);
        Continue(())
    }

    /// A payment as the gateway has it now; none where the gateway does not know it any more.
    pub(super) fn payment_now(
        &self,
        gateway: &Record,
        source: &PaymentSource,
        payment: &str,
    ) -> Decided<Option<Payment>> {
        let request = GatewayRequest::ReadPayment {
            payment: payment.to_owned(),
        };
        match self.answers.to(&request) {
            Some(Ok(GatewayAnswer::Payment(payment))) => Continue(Some(payment.clone())),
            Some(Ok(_)) => Break(unfitting_answer()),
            Some(Err(_)) => Continue(None),
            None => Break(self.call(gateway, source.id().into(), request)?),
        }
    }

    /// Owes the release of a source's payment, and of what the shopper approved it with.
    pub fn owe_release(&mut self, source: &PaymentSource) {
        self.owe_release_of(source, source.state.payment.clone());
    }

    /// Owes the release of what the shopper approved a payment with; the payment stays open.
    pub fn owe_release_of_approval(&mut self, source: &PaymentSource) {
        self.owe_release_of(source, None);
    }

    fn owe_release_of(&mut self, source: &PaymentSource, payment: Option<String>) {
        let approval = source.approval();
        let shopper_token = approval.map(str::to_owned);
        if payment.is_none() && shopper_token.is_none() {
            return;
        }
        let id = Id::derived(&[
            "release",
            source.id().as_str(),
            payment.as_deref().unwrap_or_default(),
            shopper_token.as_deref().unwrap_or_default(),
        ]);
        self.owed.push(Operation {
            id: OperationId::new(id),
            owner: Owner::Order(source.state.order),
            gateway: source.state.gateway,
            gateway_kind: source.state.gateway_kind,
            subject: source.id().into(),
            attempt: 0,
            tries: 0,
            due_at: Operation::first_due(self.input.now),
            request: GatewayRequest::Release {
                payment,
                shopper_token,
            },
            noted: None,
            since: Some(self.input.now),
            stuck: None,
        });
    }

    /// Owes the release of a payment that was found at the gateway.
    pub(super) fn owe_release_of_found(&mut self, watch: &Operation, payment: &Payment) {
        let Some(reference) = payment.reference.as_deref() else {
            return;
        };
        self.owed.push(Operation {
            id: OperationId::new(Id::derived(&[
                "release",
                watch.subject.as_str(),
                reference,
                "",
            ])),
            tries: 0,
            due_at: Operation::first_due(self.input.now),
            request: GatewayRequest::Release {
                payment: Some(reference.to_owned()),
                shopper_token: None,
            },
            since: Some(self.input.now),
            ..watch.clone()
        });
    }

    /// Owes the release of a payment whose source was deleted before its answer came.
    pub fn owe_release_of_payment(&mut self, step: &Operation, payment: &Payment) {
        if !payment.progress.is_live() {
            return;
        }
        self.owed.push(Operation {
            id: OperationId::new(Id::derived(&["release", step.id.as_str()])),
            tries: 0,
            due_at: Operation::first_due(self.input.now),
            request: GatewayRequest::Release {
                payment: payment.reference.clone(),
                shopper_token: None,
            },
            noted: None,
            since: Some(self.input.now),
            stuck: None,
            ..step.clone()
        });
    }

    /// What a gateway keeps of a payment that nobody has saved is forgotten a day after the order was placed: the
    /// shopper may still save it until then.
    pub(super) fn owe_forgetting_later(&mut self, source: &PaymentSource) {
        if source.state.entry.is_some() {
            return;
        }
        let before = self.owed.len();
        self.owe_forgetting_of_instrument(source);
        let until = self.input.now.plus(A_DAY);
        for owed in &mut self.owed[before..] {
            owed.due_at = until;
        }
        let is_owed = self.owed.len() > before;
        if let Some(source) = self.purchase.partition.source.as_mut().filter(|_| is_owed) {
            source.state.kept_until = Some(until);
        }
    }

    /// What a gateway kept by itself when it was paid with goes with the payment, unless the customer
    /// saved it.
    pub fn owe_forgetting_of_instrument(&mut self, source: &PaymentSource) {
        let state = &source.state;
        let wallet = self.purchase.wallet.as_ref();
        let customer = wallet.map(|it| it.customer).or(state.customer);
        let (Some(token), Some(customer)) = (&state.instrument, customer) else {
            return;
        };
        let token = token.expose();
        if wallet.is_some_and(|it| it.head.holds(state.gateway, token, self.input.lookup)) {
            return;
        }
        let forget = Operation::forget(
            customer,
            state.gateway,
            state.gateway_kind,
            token,
            self.input.now,
        );
        self.owed.push(forget);
    }
}

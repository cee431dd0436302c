//! `PATCH /api/stripe_payments/{id}` and its kin.

use std::ops::ControlFlow::Continue;

use domain::SourceId;
use domain::gateway::{GatewayRequest, NewPayment, Payment};
use domain::payment_rules::PaymentRules;
use domain::purchase::Purchase;
use domain::record::Record;
use domain::refusal::{Code, Refusal};
use domain::resource::FREE_FORM_LIMIT;
use domain::source::PaymentSource;
use serde_json::{Map, Value};

use super::authorizing;
use super::create_source::{require_options, require_own_customer};
use super::paying::Paying;
use crate::{Answers, Command, Decided, Input, OrStop, Step, stop};

/// A payment source is to change.
#[derive(Debug, Clone, PartialEq)]
pub struct PatchSource {
    /// The payment source.
    pub id: SourceId,
    /// The attributes that the caller gave, triggers left out.
    pub attributes: Map<String, Value>,
    /// `_update`: the payment is to take over the order's amount.
    pub update: bool,
    /// `_authorize`: the amount is to be held.
    pub authorize: bool,
    /// `_details`: the payment is to be read by the session that the shopper came back with.
    pub details: bool,
    /// `_refresh`: the payment is to be read again.
    pub refresh: bool,
}

impl Command for PatchSource {
    type State = Purchase;
    type Answer = Purchase;

    fn next(&self, purchase: &Purchase, answers: &Answers, input: Input<'_>) -> Step<Purchase> {
        Paying::decide(purchase, answers, input, |paying| self.decide(paying))
    }
}

impl PatchSource {
    fn decide(&self, paying: &mut Paying<'_>) -> Decided<()> {
        let mut source = self.target(&paying.purchase).or_stop()?.clone();
        let rules = source.record.kind.payment_rules();
        let rules = rules.ok_or_else(Refusal::not_found).or_stop()?;
        self.require_open(&paying.purchase).or_stop()?;
        self.require_one_way(rules).or_stop()?;
        require_options(rules, &self.attributes).or_stop()?;
        let heard = self.merge_attributes(paying, rules, &mut source)?;
        let gateway = paying.purchase.catalog.gateway(source.state.gateway);
        if let Some(gateway) = gateway.cloned() {
            self.take_made_payment(paying, rules, &gateway, &mut source)?;
            self.update_payment(paying, rules, &gateway, &mut source, heard)?;
            if self.authorize && !self.brings_made_payment(rules) {
                authorizing::authorize(paying, rules, &gateway, &mut source)?;
            }
            if self.details {
                self.read_details(paying, &gateway, &mut source)?;
            }
            if self.refresh {
                refresh(paying, &gateway, &mut source)?;
            }
        } else if self.asks_gateway() || heard.is_some() {
            return stop(Refusal::invalid(
                "The gateway of this payment source is gone.",
            ));
        }
        if paying.purchase.partition.source.as_ref() != Some(&source) {
            source.record.updated_at = paying.input.now;
        }
        paying.purchase.partition.source = Some(source);
        Continue(())
    }

    const fn asks_gateway(&self) -> bool {
        self.update || self.authorize || self.details || self.refresh
    }

    /// All but reading is for orders whose payment may change.
    fn require_open(&self, purchase: &Purchase) -> Result<(), Refusal> {
        let trigger = match (self.update, self.authorize) {
            (true, _) => Some("_update"),
            (_, true) => Some(authorizing::TRIGGER),
            _ => None,
        };
        let attribute = self.attributes.keys().next().map(String::as_str);
        match attribute.or(trigger) {
            None => Ok(()),
            Some(name) => purchase
                .require_open()
                .map_err(|refusal| refusal.at_attribute(name)),
        }
    }

    /// A payment is asked for, or one that the shopper comes back with is read: what the one answers would
    /// be lost in the other.
    fn require_one_way(&self, rules: &PaymentRules) -> Result<(), Refusal> {
        let brings_token = rules
            .shopper_token
            .is_some_and(|name| self.attributes.contains_key(name));
        let other = match (self.authorize, brings_token) {
            _ if !self.details => return Ok(()),
            (true, _) => authorizing::TRIGGER,
            (false, true) => rules.shopper_token.unwrap_or_default(),
            (false, false) => return Ok(()),
        };
        let detail = format!(
            "_details reads a payment that the shopper comes back with; it does not go with {other}."
        );
        Err(Refusal::invalid(detail).at_attribute("_details"))
    }

    fn target<'p>(&self, purchase: &'p Purchase) -> Result<&'p PaymentSource, Refusal> {
        let source = purchase
            .partition
            .source(self.id)
            .ok_or_else(Refusal::not_found)?;
        let current = purchase.partition.source.as_ref();
        match current.is_some_and(|it| it.id() == self.id) {
            true => Ok(source),
            false => Err(Refusal::invalid(
                "The order has another payment source by now; this one cannot change any more.",
            )),
        }
    }

    /// Takes over the attributes; `options` are merged, so that null changes nothing of them. Returns
    /// the options, if what the gateway hears of them changed.
    fn merge_attributes(
        &self,
        paying: &mut Paying<'_>,
        rules: &PaymentRules,
        source: &mut PaymentSource,
    ) -> Decided<Option<Map<String, Value>>> {
        let mut heard = None;
        for (name, value) in &self.attributes {
            match (name.as_str(), value) {
                ("options", Value::Object(given)) => {
                    heard = self.merge_options(paying, rules, source, given)?;
                }
                ("options", _) => {}
                (name, value) if rules.shopper_token == Some(name) => {
                    if !self.authorize && source.record.attributes.get(name) != Some(value) {
                        // What was asked for with the former token comes too late from now on.
                        paying.count_attempt();
                    }
                    bring_token(paying, rules, source, name, value);
                }
                _ => source.record.set(name, value.clone()),
            }
        }
        Continue(heard)
    }

    fn merge_options(
        &self,
        paying: &Paying<'_>,
        rules: &PaymentRules,
        source: &mut PaymentSource,
        given: &Map<String, Value>,
    ) -> Decided<Option<Map<String, Value>>> {
        let kept = source.record.get("options").and_then(Value::as_object);
        let kept = kept.cloned().unwrap_or_default();
        let value = |options: &Map<String, Value>, name: &str| {
            options.get(name).filter(|it| !it.is_null()).cloned()
        };
        let differs =
            |name: &str| given.contains_key(name) && value(given, name) != value(&kept, name);
        if differs("setup_future_usage") {
            let refusal = Refusal::invalid(
                "setup_future_usage is settled when the payment source is created. Create a new one with the setting that you want.",
            );
            return stop(refusal.at_attribute("options/setup_future_usage"));
        }
        if let Some(named) = given
            .get("customer")
            .filter(|it| !it.is_null() && differs("customer"))
            && let Some(gateway) = paying.purchase.catalog.gateway(source.state.gateway)
        {
            let wallet = paying.purchase.wallet.as_ref();
            require_own_customer(paying.input.caller.role, wallet, gateway, named).or_stop()?;
        }
        let changed = rules.heard_options.iter().any(|name| differs(name));
        let mut merged = kept;
        merged.extend(given.clone());
        if Value::Object(merged.clone()).to_string().len() > FREE_FORM_LIMIT {
            let detail =
                format!("options takes at most {FREE_FORM_LIMIT} bytes, old and new together.");
            let refusal = Refusal::new(Code::RecordTooLarge, detail);
            return stop(refusal.at_attribute("options"));
        }
        source.record.set("options", merged.clone());
        Continue(changed.then_some(merged))
    }

    fn update_payment(
        &self,
        paying: &mut Paying<'_>,
        rules: &PaymentRules,
        gateway: &Record,
        source: &mut PaymentSource,
        options: Option<Map<String, Value>>,
    ) -> Decided<()> {
        let Some(payment) = source.state.payment.clone() else {
            return Continue(());
        };
        let to = match self.update {
            true => Some(NewPayment {
                basket: paying.basket(rules),
                ..paying.new_payment(paying.amount_due("/data/attributes/_update")?, None)
            }),
            false => None,
        };
        if to.is_none() && options.is_none() {
            return Continue(());
        }
        let changes_card = options.is_some();
        let amount = source.state.amount;
        let request = GatewayRequest::UpdatePayment {
            payment,
            to,
            options,
        };
        let updated = paying
            .ask_payment(gateway, source.id().into(), request)
            .map_break(|step| match changes_card {
                true => step.about("options"),
                false => step.about("_update"),
            })?;
        if changes_card {
            source.change_card();
            source.state.authorized_with = None;
        }
        source.show(&updated, paying.input.now);
        paying.show_details(updated.details);
        if rules.token_approves && source.state.amount != amount {
            take_token_off(paying, source);
        }
        Continue(())
    }

    fn brings_made_payment(&self, rules: &PaymentRules) -> bool {
        self.made_payment(rules).is_some()
    }

    /// The token of this request, where it names a payment that the browser made by itself.
    fn made_payment(&self, rules: &PaymentRules) -> Option<(&'static str, &str)> {
        let name = rules.shopper_token?;
        let token = self.attributes.get(name)?.as_str()?;
        rules.is_made_payment(token).then_some((name, token))
    }

    fn take_made_payment(
        &self,
        paying: &mut Paying<'_>,
        rules: &PaymentRules,
        gateway: &Record,
        source: &mut PaymentSource,
    ) -> Decided<()> {
        let Some((name, token)) = self.made_payment(rules) else {
            return Continue(());
        };
        let payment = paying.read_payment(gateway, source.id().into(), token, name)?;
        take_found(paying, gateway, source, &payment, name)
    }

    fn read_details(
        &self,
        paying: &mut Paying<'_>,
        gateway: &Record,
        source: &mut PaymentSource,
    ) -> Decided<()> {
        let session = source.record.text("session_id").map(str::to_owned);
        let Some(session) = session.or_else(|| source.state.payment.clone()) else {
            let detail = "session_id - can't be blank: the gateway gives it to the success_url.";
            return stop(Refusal::invalid(detail).at_attribute("session_id"));
        };
        let payment = paying.read_payment(gateway, source.id().into(), &session, "session_id")?;
        take_found(paying, gateway, source, &payment, "session_id")
    }
}

/// The source pays with a payment that the gateway was asked for: its own, or one that the browser
/// made for this order.
fn take_found(
    paying: &mut Paying<'_>,
    gateway: &Record,
    source: &mut PaymentSource,
    payment: &Payment,
    attribute: &str,
) -> Decided<()> {
    if source.state.payment != payment.reference {
        authorizing::make_way(paying, gateway, source, attribute)?;
        let amount = paying.amount_due(&format!("/data/attributes/{attribute}"))?;
        paying.require_made_for_order(payment, amount, attribute)?;
        if source.state.entry.is_some() || source.state.payment.is_some() {
            source.change_card();
        }
        source.state.authorized_with = None;
    }
    authorizing::take(paying, source, payment)
}

/// Reads the payment again, where there is one.
fn refresh(paying: &mut Paying<'_>, gateway: &Record, source: &mut PaymentSource) -> Decided<()> {
    let Some(payment) = source.state.payment.clone() else {
        return Continue(());
    };
    let payment = paying.read_payment(gateway, source.id().into(), &payment, "_refresh")?;
    authorizing::take(paying, source, &payment)
}

/// The shopper's browser brought something to pay with. Where that is an approval by itself, a former
/// one is released.
fn bring_token(
    paying: &mut Paying<'_>,
    rules: &PaymentRules,
    source: &mut PaymentSource,
    name: &str,
    value: &Value,
) {
    if source.record.attributes.get(name) == Some(value) {
        return;
    }
    if rules.token_approves {
        take_token_off(paying, source);
    }
    source.record.set(name, value.clone());
}

/// Takes an approval off the source and owes its release.
fn take_token_off(paying: &mut Paying<'_>, source: &mut PaymentSource) {
    let rules = source.record.kind.payment_rules();
    let Some(attribute) = rules.and_then(|it| it.shopper_token) else {
        return;
    };
    if source.shopper_token().is_none() {
        return;
    }
    paying.owe_release_of_approval(source);
    source.change_card();
    source.record.set(attribute, Value::Null);
}

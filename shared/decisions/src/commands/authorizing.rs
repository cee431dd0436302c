//! Asking a gateway to hold the amount, with what the shopper's browser brought or with a saved source
//! (`_authorize`), and what becomes of the payment source with the answer.

use std::ops::ControlFlow::Continue;

use domain::gateway::{GatewayRequest, NewPayment, Payment, Progress};
use domain::money::Amount;
use domain::payment_rules::PaymentRules;
use domain::record::Record;
use domain::refusal::{Code, Refusal};
use domain::resource::Source;
use domain::resources::rules::return_url;
use domain::source::{PaymentSource, canonical_digest};
use domain::wallet::Entry;
use domain::{Role, Token};
use serde_json::{Map, Value, json};

use super::paying::Paying;
use super::saving;
use crate::{Decided, OrStop, stop};

/// The trigger that asks for it.
pub const TRIGGER: &str = "_authorize";

/// Authorises the payment of a source. One that is under way or held with the same means is not
/// asked for again, nor one that was declined with the same token: its answer may have been lost on
/// the way to the caller.
pub fn authorize(
    paying: &mut Paying<'_>,
    rules: &PaymentRules,
    gateway: &Record,
    source: &mut PaymentSource,
) -> Decided<()> {
    let amount = paying.amount_due("/data/attributes/_authorize")?;
    let means = Means::of(paying, rules, source, TRIGGER)?;
    let is_repeat = source.state.authorized_with == Some(means.digest(amount));
    // A shopper's token is good for one payment, whatever came of it.
    if is_repeat && (source.state.progress.is_live() || means.shopper_token.is_some()) {
        return Continue(());
    }
    ask_with(paying, rules, gateway, source, means, TRIGGER).map_continue(drop)
}

/// As [`authorize`], for an order: the payment as the gateway has it then. `now` is how it has it so far.
pub fn ask(
    paying: &mut Paying<'_>,
    rules: &PaymentRules,
    gateway: &Record,
    source: &mut PaymentSource,
    now: Option<Payment>,
    trigger: &str,
) -> Decided<Payment> {
    let amount = paying.amount_due(&format!("/data/attributes/{trigger}"))?;
    let means = Means::of(paying, rules, source, trigger)?;
    let is_repeat = source.state.authorized_with == Some(means.digest(amount));
    let stands = |it: &Payment| it.waits_for_shopper() || means.shopper_token.is_some();
    if let Some(payment) = now.as_ref().filter(|it| is_repeat && stands(it)) {
        take(paying, source, payment)?;
        return Continue(payment.clone());
    }
    let has_method = now.is_some_and(|it| has_method(&it)) || means.saved.is_some();
    if rules.confirms && !has_method {
        let detail = "The shopper has not entered what to pay with yet.";
        let refusal = Refusal::new(Code::PaymentSourceNotReady, detail);
        return stop(refusal.at_attribute(trigger));
    }
    // It came from another table, which kept its payment.
    if rules.confirms && source.state.payment.is_none() {
        let detail = "The payment source has no payment to be confirmed. Create another, or choose the saved one again.";
        let refusal = Refusal::new(Code::PaymentSourceNotReady, detail);
        return stop(refusal.at_attribute(trigger));
    }
    ask_with(paying, rules, gateway, source, means, trigger)
}

/// Whether the gateway knows what the payment is to be paid with.
fn has_method(payment: &Payment) -> bool {
    let method = payment.attributes.get("payment_method");
    method.is_some_and(|it| !it.is_null())
}

fn ask_with(
    paying: &mut Paying<'_>,
    rules: &PaymentRules,
    gateway: &Record,
    source: &mut PaymentSource,
    means: Means,
    trigger: &str,
) -> Decided<Payment> {
    let amount = paying.amount_due(&format!("/data/attributes/{trigger}"))?;
    let customer_token = match rules.confirms {
        true => None,
        false => {
            make_way(paying, gateway, source, trigger)?;
            paying.customer_token(gateway, rules, source.id())?
        }
    };
    saving::keep_before_order(paying, rules, gateway, source)?;
    // A saved source is paid with as its customer.
    let is_kept = saving::may_keep(gateway) || means.saved.is_some();
    let new = paying.new_payment(amount, customer_token.filter(|_| is_kept));
    let new = NewPayment {
        customer: new.customer.filter(|_| is_kept),
        saved: means.saved,
        shopper_token: means.shopper_token,
        given: given(paying, source, rules),
        basket: rules.token_approves.then(|| paying.basket(rules)).flatten(),
        payment: source
            .state
            .payment
            .clone()
            .filter(|_| rules.confirms || rules.token_approves),
        document: saving::told(paying, rules, gateway, source),
        ..new
    };
    let about = match (&new.shopper_token, rules.shopper_token) {
        (Some(_), Some(attribute)) => attribute,
        _ => trigger,
    };
    let request = GatewayRequest::AuthorizePayment(new.clone());
    let payment = paying
        .ask_payment(gateway, source.id().into(), request)
        .map_break(|step| step.about(about))?;
    take_authorized(paying, source, &new, &payment)?;
    Continue(payment)
}

/// What a payment is authorised with: one of the two.
struct Means {
    shopper_token: Option<String>,
    saved: Option<String>,
}

impl Means {
    /// What the caller brought goes before the wallet entry that the source was made from.
    fn of(
        paying: &Paying<'_>,
        rules: &PaymentRules,
        source: &PaymentSource,
        trigger: &str,
    ) -> Decided<Self> {
        // A wallet entry's token may be shown in the place of the shopper's.
        let is_own = rules.saved_token != rules.shopper_token || source.state.entry.is_none();
        if let Some(token) = source.shopper_token().filter(|_| is_own) {
            return Continue(Self {
                shopper_token: Some(token.to_owned()),
                saved: None,
            });
        }
        let Some(id) = source.state.entry else {
            let Some(attribute) = rules.shopper_token else {
                return Continue(Self {
                    shopper_token: None,
                    saved: None,
                });
            };
            let detail = format!("{attribute} - can't be blank: it is what is paid with.");
            return stop(Refusal::invalid(detail).at_attribute(attribute));
        };
        let wallet = paying.purchase.wallet.as_ref();
        let entry = wallet.and_then(|wallet| wallet.entry(id));
        let kept = entry.map_or(Ok(()), Entry::require_kept);
        kept.map_err(|refusal| refusal.at_attribute(trigger))
            .or_stop()?;
        let Some(entry) = entry.filter(|it| it.is_valid(paying.input.now)) else {
            let detail = "The saved source was deleted or has expired. Let the shopper enter the card again.";
            let refusal = Refusal::new(Code::PaymentSourceNotReusable, detail);
            return stop(refusal.at_attribute(trigger));
        };
        let saved = entry.known_token().or_stop()?;
        Continue(Self {
            shopper_token: None,
            saved: Some(saved.to_owned()),
        })
    }

    fn digest(&self, amount: Amount) -> String {
        digest_of(self.shopper_token.as_deref(), self.saved.as_deref(), amount)
    }
}

fn digest_of(shopper_token: Option<&str>, saved: Option<&str>, amount: Amount) -> String {
    let currency = amount.currency.code();
    canonical_digest(&json!([shopper_token, saved, amount.cents, currency]))
}

/// The attributes of a source that its caller gave, but for the token. Where the bank sends the shopper
/// back to goes with every payment: a source that was made from a saved one may have no URLs of its own,
/// so that the order's has to do.
fn given(paying: &Paying<'_>, source: &PaymentSource, rules: &PaymentRules) -> Map<String, Value> {
    let declaration = source.record.kind.declaration();
    let is_given = |name: &str| {
        let declared = declaration.attribute(name);
        declared.is_some_and(|it| {
            it.source == Source::Stored
                && it.creators.contains(Role::Guest)
                && rules.shopper_token != Some(name)
        })
    };
    let attributes = source.record.attributes.iter();
    let given = attributes.filter(|(name, _)| is_given(name));
    let mut given: Map<_, _> = given
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let back = paying.purchase.order().record.get("return_url");
    let back = back.filter(|url| return_url("return_url", url).is_ok());
    for name in rules.required {
        if let (Some(url), None | Some(Value::Null)) = (back, given.get(*name)) {
            given.insert((*name).to_owned(), url.clone());
        }
    }
    given
}

/// The source pays with this payment from now on, authorised with what `new` names.
pub fn take_authorized(
    paying: &mut Paying<'_>,
    source: &mut PaymentSource,
    new: &NewPayment,
    payment: &Payment,
) -> Decided<()> {
    let former = source.state.authorized_with.take();
    if new.shopper_token.is_some() && (source.state.entry.is_some() || former.is_some()) {
        source.change_card();
    }
    take(paying, source, payment)?;
    let digest = digest_of(
        new.shopper_token.as_deref(),
        new.saved.as_deref(),
        new.amount,
    );
    source.state.authorized_with = Some(digest);
    Continue(())
}

/// A live payment that another is to replace: refuses where its money was taken meanwhile, and learns
/// what the gateway kept with it.
pub fn make_way(
    paying: &Paying<'_>,
    gateway: &Record,
    source: &mut PaymentSource,
    attribute: &str,
) -> Decided<()> {
    let payment = source.readable_payment().map(str::to_owned);
    if let (Some(payment), true) = (payment, source.state.progress.is_live())
        && let Some(now) = paying.payment_now(gateway, source, &payment)?
    {
        source.state.progress = now.progress;
        let instrument = now.instrument.map(Token::new);
        source.state.instrument = instrument.or(source.state.instrument.take());
    }
    let is_captured = source.state.progress == Progress::Captured;
    match is_captured || paying.is_captured_with(source)? {
        true => {
            let refusal = Refusal::invalid("The payment was captured already.");
            stop(refusal.at_attribute(attribute))
        }
        false => Continue(()),
    }
}

/// The source pays with this payment from now on. A former one is released, or what it holds let go of in the
/// order's books.
pub fn take(paying: &mut Paying<'_>, source: &mut PaymentSource, payment: &Payment) -> Decided<()> {
    let is_another = source.state.payment.is_some() && source.state.payment != payment.reference;
    // What the shopper approved becomes the payment that was ordered with it.
    let approves = source
        .record
        .kind
        .payment_rules()
        .is_some_and(|it| it.token_approves);
    if is_another && !approves {
        if !paying.void_hold_of(source)? && source.state.progress.is_live() {
            paying.owe_release(source);
        }
        let instrument = source.state.instrument.as_ref().map(Token::expose);
        if instrument != payment.instrument.as_deref() {
            paying.owe_forgetting_of_instrument(source);
        }
    }
    source.show(payment, paying.input.now);
    paying.show_details(payment.details.clone());
    Continue(())
}

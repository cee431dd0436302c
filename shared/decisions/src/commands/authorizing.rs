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
use domain::{Role, Token};
use serde_json::{Map, Value, json};

use super::paying::Paying;
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
    let means = Means::of(paying, source)?;
    let digest = means.digest(amount);
    let is_repeat = source.state.authorized_with.as_ref() == Some(&digest);
    // A shopper's token is good for one payment, whatever came of it.
    if is_repeat && (source.state.progress.is_live() || means.shopper_token.is_some()) {
        return Continue(());
    }
    make_way(paying, gateway, source, TRIGGER)?;
    let customer_token = paying.customer_token(gateway, rules, source.id())?;
    let new = NewPayment {
        saved: means.saved,
        shopper_token: means.shopper_token,
        given: given(paying, source, rules),
        ..paying.new_payment(amount, customer_token)
    };
    let about = match (&new.shopper_token, rules.shopper_token) {
        (Some(_), Some(attribute)) => attribute,
        _ => TRIGGER,
    };
    let request = GatewayRequest::AuthorizePayment(new.clone());
    let payment = paying
        .ask_payment(gateway, source.id().into(), request)
        .map_break(|step| step.about(about))?;
    take_authorized(paying, source, &new, &payment);
    Continue(())
}

/// What a payment is authorised with: one of the two.
struct Means {
    shopper_token: Option<String>,
    saved: Option<String>,
}

impl Means {
    /// What the caller brought goes before the wallet entry that the source was made from.
    fn of(paying: &Paying<'_>, source: &PaymentSource) -> Decided<Self> {
        if let Some(token) = source.shopper_token() {
            return Continue(Self {
                shopper_token: Some(token.to_owned()),
                saved: None,
            });
        }
        let attribute = source.record.kind.payment_rules();
        let attribute = attribute.and_then(|it| it.shopper_token).unwrap_or(TRIGGER);
        let Some(id) = source.state.entry else {
            let detail = format!("{attribute} - can't be blank: it is what is paid with.");
            return stop(Refusal::invalid(detail).at_attribute(attribute));
        };
        let wallet = paying.purchase.wallet.as_ref();
        let entry = wallet.and_then(|wallet| wallet.entry(id));
        let Some(entry) = entry.filter(|it| it.is_valid(paying.input.now)) else {
            let detail = "The saved source was deleted or has expired. Let the shopper enter the card again.";
            let refusal = Refusal::new(Code::PaymentSourceNotReusable, detail);
            return stop(refusal.at_attribute(TRIGGER));
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
) {
    let former = source.state.authorized_with.take();
    if new.shopper_token.is_some() && (source.state.entry.is_some() || former.is_some()) {
        source.change_card();
    }
    take(paying, source, payment);
    let digest = digest_of(
        new.shopper_token.as_deref(),
        new.saved.as_deref(),
        new.amount,
    );
    source.state.authorized_with = Some(digest);
}

/// A live payment that another is to replace: refuses where its money was taken meanwhile, and learns
/// what the gateway kept with it.
pub fn make_way(
    paying: &Paying<'_>,
    gateway: &Record,
    source: &mut PaymentSource,
    attribute: &str,
) -> Decided<()> {
    let payment = source.state.payment.clone();
    if let (Some(payment), true) = (payment, source.state.progress.is_live())
        && let Some(now) = paying.payment_now(gateway, source, &payment)?
    {
        source.state.progress = now.progress;
        let instrument = now.instrument.map(Token::new);
        source.state.instrument = instrument.or(source.state.instrument.take());
    }
    match source.state.progress {
        Progress::Captured => {
            let refusal = Refusal::invalid("The payment was captured already.");
            stop(refusal.at_attribute(attribute))
        }
        _ => Continue(()),
    }
}

/// The source pays with this payment from now on. A former one is released.
pub fn take(paying: &mut Paying<'_>, source: &mut PaymentSource, payment: &Payment) {
    let is_another = source.state.payment.is_some() && source.state.payment != payment.reference;
    if is_another {
        if source.state.progress.is_live() {
            paying.owe_release(source);
        }
        let instrument = source.state.instrument.as_ref().map(Token::expose);
        if instrument != payment.instrument.as_deref() {
            paying.owe_forgetting_of_instrument(source);
        }
    }
    source.show(payment, paying.input.now);
    paying.show_details(payment.details.clone());
}

//! `POST /api/stripe_payments` and its kin: a payment source for an order.

use std::ops::ControlFlow::{Break, Continue};

use domain::gateway::{GatewayRequest, NewPayment, Payment};
use domain::money::Amount;
use domain::payment_rules::PaymentRules;
use domain::purchase::Purchase;
use domain::record::Record;
use domain::refusal::Refusal;
use domain::resources::ResourceType;
use domain::wallet::Wallet;
use domain::{GatewayId, Role, SourceId};
use serde_json::{Map, Value};

use super::paying::{Made, Paying};
use super::saving;
use crate::{Answers, Command, Decided, Input, OrStop, Step, stop};

const ORDER: &str = "/data/relationships/order";

/// A payment source is to be made.
#[derive(Debug, Clone, PartialEq)]
pub struct CreateSource {
    /// Its type, one of [`domain::resources::PAYMENT_SOURCES`].
    pub kind: ResourceType,
    /// The attributes that the caller gave.
    pub attributes: Map<String, Value>,
    /// A digest of the request's attributes.
    pub digest: String,
}

impl Command for CreateSource {
    type State = Purchase;
    type Answer = Purchase;

    fn next(&self, purchase: &Purchase, answers: &Answers, input: Input<'_>) -> Step<Purchase> {
        match self.kind.payment_rules() {
            Some(rules) => Paying::decide(purchase, answers, input, |paying| {
                self.decide(paying, rules)
            }),
            None => Refusal::not_found().into(),
        }
    }
}

impl CreateSource {
    fn decide(&self, paying: &mut Paying<'_>, rules: &PaymentRules) -> Decided<()> {
        paying
            .purchase
            .require_open()
            .map_err(|refusal| refusal.at(ORDER))
            .or_stop()?;
        self.require_attributes(rules).or_stop()?;
        require_options(rules, &self.attributes).or_stop()?;
        let amount = paying.amount_due(ORDER)?;
        let method = selected_method(&paying.purchase, self.kind)
            .or_stop()?
            .clone();
        let gateway = gateway_of(&paying.purchase, &method).or_stop()?;
        self.require_own_gateway_customer(paying, &gateway)?;
        if paying.repeated(&gateway, &self.digest)? {
            return Continue(());
        }
        paying.drop_source()?;

        let id = paying.source_id(self.kind, &self.digest);
        let customer_token = paying.customer_token(&gateway, rules, id)?;
        let taken_over = rules.taken_over_by.and_then(|name| self.named(name));
        let mut payment = match taken_over {
            Some((name, reference)) => {
                let payment = paying.read_payment(&gateway, id.into(), reference, name)?;
                let fits = require_fit(&payment, amount, customer_token.as_deref(), name)
                    .and_then(|()| self.require_client_secret(&payment));
                if let Err(refusal) = fits {
                    return Break(paying.counted(refusal));
                }
                payment
            }
            None => self.open(paying, rules, &gateway, id, amount, customer_token)?,
        };
        let made_in_browser = rules.shopper_token.and_then(|name| self.named(name));
        if let Some((name, reference)) = made_in_browser
            && rules.is_made_payment(reference)
        {
            let opened = payment.attributes;
            payment = paying.read_payment(&gateway, id.into(), reference, name)?;
            paying.require_made_for_order(&payment, amount, name)?;
            // The session in which the browser pays stays known beside the payment.
            payment.attributes = opened.into_iter().chain(payment.attributes).collect();
        }
        paying.put_source(Made {
            kind: self.kind,
            id,
            attributes: self.attributes.clone(),
            gateway: &gateway,
            payment: &payment,
            entry: None,
            request: self.digest.clone(),
        })?;
        if taken_over.is_none() {
            paying.watch_session();
        }
        Continue(())
    }

    fn open(
        &self,
        paying: &mut Paying<'_>,
        rules: &PaymentRules,
        gateway: &Record,
        id: SourceId,
        amount: Amount,
        customer_token: Option<String>,
    ) -> Decided<Payment> {
        let is_kept = saving::may_keep(gateway);
        let options = self.attributes.get("options");
        if !is_kept && options.is_some_and(|it| !it["setup_future_usage"].is_null()) {
            let detail =
                "options.setup_future_usage - this gateway keeps no payment sources for later.";
            return stop(Refusal::invalid(detail).at_attribute("options"));
        }
        let new = paying.new_payment(amount, customer_token.filter(|_| is_kept));
        let payment = NewPayment {
            given: self.attributes.clone(),
            basket: paying.basket(rules),
            customer: new.customer.filter(|_| is_kept),
            ..new
        };
        let request = GatewayRequest::CreatePayment(payment);
        let asked = paying.ask_payment(gateway, id.into(), request);
        match self.attributes.contains_key("options") {
            true => asked.map_break(|step| step.about("options")),
            false => asked,
        }
    }

    fn require_attributes(&self, rules: &PaymentRules) -> Result<(), Refusal> {
        for (name, value) in &self.attributes {
            let declared = self.kind.declaration().attribute(name);
            if let Some(rule) = declared.and_then(|it| it.rule).filter(|_| !value.is_null()) {
                rule(name, value).map_err(|refusal| refusal.at_attribute(name))?;
            }
        }
        let is_blank = |name: &&&str| self.text(name).is_none_or(str::is_empty);
        match rules.required.iter().find(is_blank) {
            None => Ok(()),
            Some(name) => {
                let refusal = Refusal::invalid(format!("{name} - can't be blank"));
                Err(refusal.at_attribute(name))
            }
        }
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.attributes.get(name)?.as_str()
    }

    fn named(&self, name: &'static str) -> Option<(&'static str, &str)> {
        self.text(name).map(|text| (name, text))
    }

    /// `client_secret` beside a payment that is taken over must be that payment's.
    fn require_client_secret(&self, payment: &Payment) -> Result<(), Refusal> {
        let given = self.text("client_secret");
        let is = payment
            .attributes
            .get("client_secret")
            .and_then(Value::as_str);
        match given.is_none() || given == is {
            true => Ok(()),
            false => Err(Refusal::invalid("This is not the payment's client_secret.")
                .at_attribute("client_secret")),
        }
    }

    /// A sales channel may name a gateway customer only if it is the order's own.
    fn require_own_gateway_customer(&self, paying: &Paying<'_>, gateway: &Record) -> Decided<()> {
        let named = self
            .attributes
            .get("options")
            .and_then(|it| it.get("customer"));
        let Some(named) = named.filter(|it| !it.is_null()) else {
            return Continue(());
        };
        require_own_customer(
            paying.input.caller.role,
            paying.purchase.wallet.as_ref(),
            gateway,
            named,
        )
        .or_stop()
    }
}

/// Refuses members of `options` that would change who is charged, how much, when or for whom.
pub fn require_options(
    rules: &PaymentRules,
    attributes: &Map<String, Value>,
) -> Result<(), Refusal> {
    let options = attributes.get("options").and_then(Value::as_object);
    let given = |name: &&&str| {
        let member = options.and_then(|it| it.get(**name));
        member.is_some_and(|it| !it.is_null())
    };
    match rules.refused_options.iter().find(given) {
        None => Ok(()),
        Some(name) => {
            let detail = format!("options.{name} follows from the order. Leave it out.");
            Err(Refusal::invalid(detail).at_attribute(format!("options/{name}")))
        }
    }
}

/// Refuses `options.customer` of somebody else. Integrations may name any: what the gateway uses is
/// the order's own in any case.
pub fn require_own_customer(
    role: Role,
    wallet: Option<&Wallet>,
    gateway: &Record,
    named: &Value,
) -> Result<(), Refusal> {
    let own = wallet
        .and_then(|it| it.gateway_customer(GatewayId::new(gateway.id)))
        .map(|it| it.token.as_str());
    if role == Role::Integration || (own.is_some() && named.as_str() == own) {
        return Ok(());
    }
    Err(Refusal::invalid(
        "This is not the customer of this order at the gateway. Leave it out: the order's own customer is used.",
    )
    .at_attribute("options/customer"))
}

/// The order's payment method, where it takes payment sources of this type.
fn selected_method(purchase: &Purchase, kind: ResourceType) -> Result<&Record, Refusal> {
    let method = purchase.payment_method().ok_or_else(|| {
        Refusal::invalid("The order has no payment method. Select one first.").at(ORDER)
    })?;
    if method.text("payment_source_type") != Some(kind.name()) {
        let takes = method.text("payment_source_type").unwrap_or("nothing");
        let detail = format!(
            "The order's payment method takes {takes}, not {kind}. Select another payment method, or create a payment source of that type."
        );
        return Err(Refusal::invalid(detail).at(ORDER));
    }
    match purchase.catalog.offers(method, purchase.order()) {
        true => Ok(method),
        false => Err(Refusal::invalid(
            "The order's payment method is not available for this order any more. Select another.",
        )
        .at(ORDER)),
    }
}

/// The gateway that a payment method belongs to.
pub fn gateway_of(purchase: &Purchase, method: &Record) -> Result<Record, Refusal> {
    purchase
        .catalog
        .gateway_of(method)
        .cloned()
        .ok_or_else(|| Refusal::invalid("The order's payment method has no gateway.").at(ORDER))
}

/// A payment that is taken over must be for this order's amount and customer.
fn require_fit(
    payment: &Payment,
    due: Amount,
    customer_token: Option<&str>,
    name: &str,
) -> Result<(), Refusal> {
    let problem = if payment.amount != due {
        "The payment is for another amount or currency than the order's amount due."
    } else if payment.customer_token.as_deref() != customer_token {
        "The payment belongs to another customer at the gateway than the order's."
    } else {
        return Ok(());
    };
    Err(Refusal::invalid(problem).at_attribute(name))
}

//! `PATCH /api/stripe_payments/{id}` and its kin.

use serde_json::{Map, Value};

use super::create_source::require_own_customer;
use super::paying::{Flow, Paying};
use super::{Command, Given, Step};
use crate::Id;
use crate::gateway::{Answers, GatewayRequest};
use crate::purchase::Purchase;
use crate::refusal::{Code, Refusal};
use crate::resource::FREE_FORM_LIMIT;
use crate::source::PaymentSource;

/// The members of `options` that the gateway hears of, so that changing them changes the payment.
const HEARD: &[&str] = &["id", "payment_method"];

/// A payment source is to change.
#[derive(Debug, Clone, PartialEq)]
pub struct PatchSource {
    /// Which.
    pub id: Id,
    /// The attributes that the caller gave, triggers left out.
    pub attributes: Map<String, Value>,
    /// The payment is to take over the order's amount.
    pub update: bool,
    /// The payment is to be read again.
    pub refresh: bool,
}

impl Command for PatchSource {
    fn next(&self, purchase: &Purchase, answers: &Answers, given: Given<'_>) -> Step {
        Paying::decide(purchase, answers, given, |paying| self.decide(paying))
    }
}

impl PatchSource {
    fn decide(&self, paying: &mut Paying<'_>) -> Flow<()> {
        let mut source = self.target(&paying.purchase)?.clone();
        if !self.attributes.is_empty() || self.update {
            let name = self
                .attributes
                .keys()
                .next()
                .map_or("_update", String::as_str);
            let refusal = paying.purchase.require_open();
            refusal.map_err(|refusal| refusal.at_attribute(name))?;
        }
        let heard = self.merge_attributes(paying, &mut source)?;
        self.update_payment(paying, &mut source, heard)?;
        if paying.purchase.partition.source.as_ref() != Some(&source) {
            source.record.updated_at = paying.given.now;
        }
        paying.purchase.partition.source = Some(source);
        Ok(())
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
        paying: &Paying<'_>,
        source: &mut PaymentSource,
    ) -> Flow<Option<Map<String, Value>>> {
        let mut heard = None;
        for (name, value) in &self.attributes {
            match (name.as_str(), value) {
                ("options", Value::Object(given)) => {
                    heard = self.merge_options(paying, source, given)?;
                }
                ("options", _) => {}
                _ => source.record.set(name, value.clone()),
            }
        }
        Ok(heard)
    }

    fn merge_options(
        &self,
        paying: &Paying<'_>,
        source: &mut PaymentSource,
        given: &Map<String, Value>,
    ) -> Flow<Option<Map<String, Value>>> {
        let kept = source.record.get("options").and_then(Value::as_object);
        let kept = kept.cloned().unwrap_or_default();
        let value = |options: &Map<String, Value>, name: &str| {
            options.get(name).filter(|it| !it.is_null()).cloned()
        };
        let differs =
            |name: &str| given.contains_key(name) && value(given, name) != value(&kept, name);
        if differs("setup_future_usage") {
            return Err(Refusal::invalid(
                "setup_future_usage is settled when the payment source is created. Create a new one with the setting that you want.",
            )
            .at_attribute("options/setup_future_usage")
            .into());
        }
        if let Some(named) = given
            .get("customer")
            .filter(|it| !it.is_null() && differs("customer"))
            && let Some(gateway) = paying.purchase.catalog.gateway(source.state.gateway)
        {
            let wallet = paying.purchase.wallet.as_ref();
            require_own_customer(paying.given.caller.role, wallet, gateway, named)?;
        }
        let changed = HEARD.iter().any(|name| differs(name));
        let mut merged = kept;
        merged.extend(given.clone());
        if Value::Object(merged.clone()).to_string().len() > FREE_FORM_LIMIT {
            let detail =
                format!("options takes at most {FREE_FORM_LIMIT} bytes, old and new together.");
            let refusal = Refusal::new(Code::RecordTooLarge, detail);
            return Err(refusal.at_attribute("options").into());
        }
        source.record.set("options", merged.clone());
        Ok(changed.then_some(merged))
    }

    fn update_payment(
        &self,
        paying: &mut Paying<'_>,
        source: &mut PaymentSource,
        options: Option<Map<String, Value>>,
    ) -> Flow<()> {
        let amount = match self.update {
            true => Some(paying.amount_due("/data/attributes/_update")?),
            false => None,
        };
        let payment = source.state.payment.clone();
        let request = if amount.is_some() || options.is_some() {
            GatewayRequest::UpdatePayment {
                payment,
                amount,
                options: options.clone(),
            }
        } else if self.refresh {
            GatewayRequest::ReadPayment { payment }
        } else {
            return Ok(());
        };
        let gateway = paying
            .purchase
            .catalog
            .gateway(source.state.gateway)
            .cloned()
            .ok_or_else(|| Refusal::invalid("The gateway of this payment source is gone."))?;
        let about = match (&options, self.update) {
            (Some(_), _) => "options",
            (None, true) => "_update",
            (None, false) => "_refresh",
        };
        let payment = paying
            .ask_payment(&gateway, source.id(), request)
            .map_err(|step| step.about(about))?;
        if about == "options" {
            source.change_card();
        }
        source.show(&payment, paying.given.now);
        paying.show_details(payment.details);
        Ok(())
    }
}

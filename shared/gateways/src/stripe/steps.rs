use bytes::Bytes;
use domain::gateway::{NewPayment, Payment, Reusable, ToKeep};
use http::Response;

use super::account::Account;
use super::amounts::UNITS;
use super::answers::{Customer, PaymentIntent, PaymentMethod, Reference, Status};
use super::endpoint::Endpoint;
use super::errors::{ANSWERS, is_missing, is_refused, not_done};
use super::requests::{self, path_segment};
use super::retry::is_burnt;
use super::saving::{Saving, decide};
use crate::failure::CallFailure;
use crate::gateway::{NotDone, PaymentChange};
use crate::refusals::{burnt_key, captured};

impl Account<'_> {
    pub async fn create_customer(&self, email: Option<&str>) -> Result<String, NotDone> {
        let form = requests::create_customer(self.call.asked, email);
        let endpoint = Endpoint::CreateCustomer;
        let mut response = self
            .send_as(endpoint, "", Some(&form), endpoint.step(), 0)
            .await?;
        if is_burnt(&response) {
            // A customer is made once, whichever of their orders asks for it first, so that a burnt
            // key would stand in the way for a day. A second key, which follows the attempt; a
            // customer that the first may have made is never referred to.
            let (step, attempt) = ("create_customer_again", self.call.asked.attempt);
            response = self
                .send_as(endpoint, "", Some(&form), step, attempt)
                .await?;
        }
        if is_burnt(&response) {
            return Err(burnt_key().into());
        }
        let customer: Customer = ANSWERS.read(&response)?;
        Ok(customer.id)
    }

    pub async fn create_payment(&self, payment: &NewPayment) -> Result<Payment, NotDone> {
        let form = requests::create_payment(self.call.asked, payment)?;
        let response = self.send(Endpoint::CreatePayment, "", Some(&form)).await?;
        if is_burnt(&response) {
            return Err(burnt_key().into());
        }
        self.shown(&ANSWERS.read(&response)?)
    }

    pub async fn read_payment(&self, payment: &str) -> Result<Payment, NotDone> {
        self.shown(&self.intent(payment).await?)
    }

    pub async fn update_payment(
        &self,
        payment: &str,
        change: PaymentChange<'_>,
    ) -> Result<Payment, NotDone> {
        let Some(form) = requests::update_payment(change)? else {
            return self.read_payment(payment).await;
        };
        let id = path_segment(payment)?;
        let response = self.send(Endpoint::UpdatePayment, id, Some(&form)).await?;
        if !is_burnt(&response) {
            return self.shown(&ANSWERS.read(&response)?);
        }
        let intent = self.intent(payment).await?;
        match is_changed(&intent, change)? {
            true => self.shown(&intent),
            false => Err(burnt_key().into()),
        }
    }

    pub async fn make_reusable(&self, keep: &ToKeep) -> Result<Reusable, NotDone> {
        let (Some(payment), Some(customer_token)) = (&keep.payment, &keep.customer_token) else {
            return Err(CallFailure::NotWritable("no payment or no customer".to_owned()).into());
        };
        let intent = self.intent(payment).await?;
        match decide(&intent, customer_token)? {
            Saving::Attached(method) => Ok(method.reusable(customer_token)),
            Saving::Attach(method) => self.attach(&method.id, customer_token).await,
        }
    }

    /// Kept is the method that Stripe answers, never the id that was sent: `pm_card_visa` becomes a
    /// new one.
    async fn attach(&self, method: &str, customer_token: &str) -> Result<Reusable, NotDone> {
        let id = path_segment(method)?;
        let form = requests::attach(customer_token);
        let response = self.send(Endpoint::AttachMethod, id, Some(&form)).await?;
        let settled = match is_burnt(&response) || is_refused(&response) {
            true => self.method(method).await?,
            false => Some(ANSWERS.read(&response)?),
        };
        match settled.filter(|it| is_customers(it, customer_token)) {
            Some(method) => Ok(method.reusable(customer_token)),
            None if is_burnt(&response) => Err(burnt_key().into()),
            None if response.status().is_success() => {
                let problem = "attached, and yet not the customer's";
                Err(CallFailure::NotUnderstood(problem.to_owned()).into())
            }
            None => Err(not_done(&response)),
        }
    }

    pub async fn release(&self, payment: &str) -> Result<(), NotDone> {
        let (id, form) = (path_segment(payment)?, requests::cancel());
        let response = self.send(Endpoint::CancelPayment, id, Some(&form)).await?;
        if response.status().is_success() || is_missing(&response) {
            return Ok(());
        }
        if !is_burnt(&response) && !is_refused(&response) {
            return Err(not_done(&response));
        }
        match self.intent(payment).await?.status {
            Status::Canceled => Ok(()),
            Status::Succeeded => Err(captured().into()),
            Status::Processing => Err(CallFailure::InProgress.into()),
            _ => Err(still_owed(&response)),
        }
    }

    pub async fn forget(&self, payment_source_token: &str) -> Result<(), NotDone> {
        let method = path_segment(payment_source_token)?;
        let form = crate::form::Form::new();
        let response = self
            .send(Endpoint::DetachMethod, method, Some(&form))
            .await?;
        if response.status().is_success() || is_missing(&response) {
            return Ok(());
        }
        if !is_burnt(&response) && !is_refused(&response) {
            return Err(not_done(&response));
        }
        match self.method(method).await? {
            Some(method) if method.customer.is_some() => Err(still_owed(&response)),
            _ => Ok(()),
        }
    }

    fn shown(&self, intent: &PaymentIntent) -> Result<Payment, NotDone> {
        Ok(intent.payment(self.publishable_key())?)
    }

    async fn intent(&self, payment: &str) -> Result<PaymentIntent, NotDone> {
        let id = path_segment(payment)?;
        let response = self.send(Endpoint::ReadPayment, id, None).await?;
        let found = ANSWERS.read_found(&response)?;
        found.ok_or_else(|| not_done(&response))
    }

    /// The PaymentMethod, unless there is none of that id.
    async fn method(&self, method: &str) -> Result<Option<PaymentMethod>, NotDone> {
        let id = path_segment(method)?;
        let response = self.send(Endpoint::ReadMethod, id, None).await?;
        ANSWERS.read_found(&response)
    }
}

/// Whether the intent is as the change wants it.
fn is_changed(intent: &PaymentIntent, change: PaymentChange<'_>) -> Result<bool, NotDone> {
    let amount = UNITS.amount(intent.amount, &intent.currency)?;
    let method = match change.options {
        Some(options) => requests::payment_method(options)?,
        None => None,
    };
    let has_amount = change.to.is_none_or(|wanted| wanted.amount == amount);
    let has_method = method.is_none_or(|wanted| {
        let method = intent.payment_method.as_ref();
        method.is_some_and(|it| it.id() == wanted)
    });
    Ok(has_amount && has_method)
}

fn is_customers(method: &PaymentMethod, customer_token: &str) -> bool {
    let customer = method.customer.as_ref().map(Reference::id);
    customer == Some(customer_token)
}

/// What was owed and is not done. A fault under a burnt key is no refusal here, for a refusal would
/// end the debt: each try of it counts, so that the next has a new key by itself.
fn still_owed(response: &Response<Bytes>) -> NotDone {
    match is_burnt(response) {
        true => CallFailure::Unavailable(response.status().as_u16()).into(),
        false => not_done(response),
    }
}

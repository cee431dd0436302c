use bytes::Bytes;
use domain::gateway::{GatewayRefusal, NewPayment, Payment, Reusable, ToKeep};
use http::{Response, StatusCode};
use serde_json::Value;

use super::account::Account;
use super::answers::{Customer, Instrument, PaymentAnswer, Status};
use super::endpoint::{Endpoint, is_id};
use super::errors::{ANSWERS, is_missing, is_refused, is_unfit, not_done};
use super::{payment, requests, saving};
use crate::failure::CallFailure;
use crate::gateway::NotDone;
use crate::refusals::{captured, invalid, unknown};

/// `pay_` or `sid_`, and 26 characters.
const PUBLISHED_LENGTH: usize = 30;

/// The longest session, as JSON text, that a payment source can show.
const LONGEST_SESSION: usize = 16 * 1024;

impl Account<'_> {
    /// An e-mail has one customer at Checkout.com, so that one who is there already is taken.
    pub async fn create_customer(&self, email: Option<&str>) -> Result<String, NotDone> {
        let email = email.filter(|it| it.contains('@')).ok_or_else(|| {
            invalid("Checkout.com keeps customers by their e-mail: the customer needs an e-mail address.")
        })?;
        let body = requests::create_customer(self.call.asked, email);
        let response = self.send(Endpoint::CreateCustomer, "", Some(&body)).await?;
        let refusing = [StatusCode::UNPROCESSABLE_ENTITY, StatusCode::CONFLICT];
        let known = match refusing.contains(&response.status()) {
            true => self.customer(email).await?,
            false => None,
        };
        let customer = match known {
            Some(customer) => customer,
            None => ANSWERS.read(&response).map_err(about_email)?,
        };
        match is_id(&customer.id, "cus_") {
            true => Ok(customer.id),
            false => Err(broken("a customer without an id")),
        }
    }

    /// The customer of this e-mail, where there is one.
    async fn customer(&self, email: &str) -> Result<Option<Customer>, NotDone> {
        let segment: String = form_urlencoded::byte_serialize(email.as_bytes()).collect();
        let response = self.send(Endpoint::ReadCustomer, &segment, None).await?;
        if is_unfit(&response) {
            return Ok(None);
        }
        let customer: Option<Customer> = ANSWERS.read_found(&response)?;
        let has_email = |it: &Customer| {
            let known = it.email.as_deref().unwrap_or_default();
            known.to_lowercase() == email.to_lowercase()
        };
        match customer {
            Some(customer) if !has_email(&customer) => {
                Err(broken("a customer with another e-mail"))
            }
            customer => Ok(customer),
        }
    }

    pub async fn open_session(&self, new: &NewPayment) -> Result<Payment, NotDone> {
        let body = requests::open_session(self.call.asked, new)?;
        let response = self.send(Endpoint::OpenSession, "", Some(&body)).await?;
        let session: Value = ANSWERS.read(&response)?;
        let has_id = session["id"].as_str().is_some_and(|it| !it.is_empty());
        match has_id && session.to_string().len() <= LONGEST_SESSION {
            true => Ok(payment::opened(new, self.public_key(), session)),
            false => Err(broken("a payment session without an id, or a huge one")),
        }
    }

    /// No money moves, and no session is opened: the card is paid with when that is asked for.
    pub async fn take_saved(&self, new: &NewPayment, saved: &str) -> Result<Payment, NotDone> {
        let instrument = self.instrument(saved).await?;
        let customer = new.customer_token.as_deref();
        let instrument = saving::require_own(instrument.as_ref(), customer)?;
        saving::require_valid(instrument, self.call.now())?;
        Ok(payment::reused(new, self.public_key(), &instrument.card))
    }

    /// A decline is an answer like any other. Only successes are kept under the idempotency key, so
    /// that after a fault the same request is carried out, or answered as it was.
    pub async fn authorize(&self, new: &NewPayment) -> Result<Payment, NotDone> {
        let body = requests::request_payment(self.call.asked, new)?;
        let response = self.send(Endpoint::RequestPayment, "", Some(&body)).await?;
        let answer: PaymentAnswer = ANSWERS.read(&response)?;
        Ok(answer.payment(self.public_key(), Some(new))?)
    }

    /// By its id, or by the session that the shopper comes back from the bank with (`sid_…`).
    pub async fn read_payment(&self, payment: &str) -> Result<Payment, NotDone> {
        let found = self.payment(payment).await?;
        let found = found.ok_or_else(unknown)?;
        Ok(found.payment(self.public_key(), None)?)
    }

    pub async fn make_reusable(&self, keep: &ToKeep) -> Result<Reusable, NotDone> {
        let payment = keep.payment.as_ref().ok_or_else(saving::not_authorized)?;
        let customer = keep.customer_token.as_ref().ok_or_else(saving::of_guest)?;
        let found = self.payment(payment).await?;
        let found = found.ok_or_else(saving::not_stored)?;
        let id = saving::kept(&found, customer)?;
        let instrument = self.instrument(id).await?;
        saving::require_own(instrument.as_ref(), Some(customer))?;
        let card = found.facts.source.as_ref();
        let card = card.ok_or_else(|| broken("an approved payment without a source"))?;
        Ok(card.reusable(customer, id))
    }

    pub async fn release(&self, payment: &str) -> Result<Option<String>, NotDone> {
        let Some(found) = self.payment(payment).await? else {
            return Ok(None);
        };
        let kept = found.instrument().map(str::to_owned);
        if let Some(settled) = settled(&found) {
            return settled.map(|()| kept);
        }
        let id = &found.facts.id;
        let body = requests::void(self.call.asked);
        let response = self.send(Endpoint::VoidPayment, id, Some(&body)).await?;
        if response.status().is_success() {
            return Ok(kept);
        }
        if !is_refused(&response) {
            return Err(not_done(&response));
        }
        let settled = match self.payment(id).await? {
            None => Ok(()),
            Some(found) => settled(&found).unwrap_or_else(|| Err(still_held(&response))),
        };
        settled.map(|()| kept)
    }

    pub async fn forget(&self, payment_source_token: &str) -> Result<(), NotDone> {
        let id = segment(payment_source_token, &["src_"])?;
        let response = self.send(Endpoint::DeleteInstrument, id, None).await?;
        match response.status().is_success() || is_missing(&response) {
            true => Ok(()),
            false => Err(not_done(&response)),
        }
    }

    async fn payment(&self, payment: &str) -> Result<Option<PaymentAnswer>, NotDone> {
        let id = segment(payment, &["pay_", "sid_"])?;
        let response = self.send(Endpoint::ReadPayment, id, None).await?;
        // A caller may name a payment by a text that only looks like an id.
        match is_unfit(&response) && id.len() != PUBLISHED_LENGTH {
            true => Ok(None),
            false => ANSWERS.read_found(&response),
        }
    }

    /// The stored card, where there is one of this id.
    async fn instrument(&self, id: &str) -> Result<Option<Instrument>, NotDone> {
        if !is_id(id, "src_") {
            return Ok(None);
        }
        let response = self.send(Endpoint::ReadInstrument, id, None).await?;
        ANSWERS.read_found(&response)
    }
}

/// Whether a payment needs no release, or cannot have one; none where its amount is held.
fn settled(payment: &PaymentAnswer) -> Option<Result<(), NotDone>> {
    match payment.facts.status {
        Status::Authorized if payment.facts.approved != Some(false) => None,
        Status::Pending => Some(Err(CallFailure::InProgress.into())),
        Status::Taken => Some(Err(captured().into())),
        // A card that was verified holds nothing.
        Status::Authorized | Status::CardVerified | Status::Declined | Status::Over => Some(Ok(())),
    }
}

/// A void that was refused though the amount is held: no refusal here, for a refusal would end the
/// debt.
fn still_held(response: &Response<Bytes>) -> NotDone {
    match not_done(response) {
        NotDone::Refused(_) => CallFailure::Unavailable(response.status().as_u16()).into(),
        failed @ NotDone::Failed(_) => failed,
    }
}

/// A customer is made of an e-mail, so that a refusal is about that.
fn about_email(not_done: NotDone) -> NotDone {
    match not_done {
        NotDone::Refused(_) => {
            invalid("The gateway does not take the customer's e-mail address.").into()
        }
        failed @ NotDone::Failed(_) => failed,
    }
}

/// A reference of the vendor's as part of a path. What is none never becomes another path.
fn segment<'r>(reference: &'r str, kinds: &[&str]) -> Result<&'r str, GatewayRefusal> {
    match kinds.iter().any(|kind| is_id(reference, kind)) {
        true => Ok(reference),
        false => Err(unknown()),
    }
}

fn broken(problem: &str) -> NotDone {
    CallFailure::NotUnderstood(problem.to_owned()).into()
}

use domain::basket::Basket;
use domain::gateway::{GatewayRefusal, NewPayment, Payment};
use http::StatusCode;

use super::account::{Account, Reference};
use super::answers::{CustomerToken, NewSession, Session, TokenStatus};
use super::endpoint::Endpoint;
use super::errors::{
    ANSWERS, KlarnaError, is_error, is_missing, is_of_no_use, not_done, refuses_tokens,
};
use super::requests::{self, Intent};
use crate::failure::CallFailure;
use crate::gateway::{NotDone, PaymentChange};
use crate::refusals::{invalid, not_reusable};

impl Account<'_> {
    pub async fn create_payment(&self, payment: &NewPayment) -> Result<Payment, NotDone> {
        match payment.saved.as_deref() {
            Some(token) => self.reuse(payment, token).await,
            None => self.open_session(payment).await,
        }
    }

    /// Where Klarna makes no customer tokens, a customer pays as a guest does: what they pay with is
    /// not kept.
    async fn open_session(&self, payment: &NewPayment) -> Result<Payment, NotDone> {
        let basket = basket(payment)?;
        let intent = Intent::of(payment);
        let session = requests::create_session(payment, basket, intent)?;
        let mut response = self.tell(Endpoint::CreateSession, None, &session).await?;
        if intent == Intent::BuyAndTokenize && refuses_tokens(&response) {
            let session = requests::create_session(payment, basket, Intent::Buy)?;
            response = self.tell(Endpoint::CreateSession, None, &session).await?;
        }
        let session: NewSession = ANSWERS.read(&response)?;
        Ok(session.payment(payment))
    }

    async fn reuse(&self, payment: &NewPayment, token: &str) -> Result<Payment, NotDone> {
        let known = match Reference::of(token) {
            Some(reference) => self.customer_token(reference).await?,
            None => None,
        };
        match known {
            Some(known) if known.status == TokenStatus::Active => Ok(known.payment(payment, token)),
            Some(known) if known.status == TokenStatus::Suspended => Err(not_reusable(
                "Klarna has suspended the saved source for now. Let the shopper pay anew.",
            )
            .into()),
            _ => Err(not_reusable(
                "The saved source was cancelled at Klarna, which is final. Let the shopper pay anew.",
            )
            .into()),
        }
    }

    pub async fn read_payment(&self, payment: &str) -> Result<Payment, NotDone> {
        let session = Reference::of(payment).ok_or_else(unknown)?;
        let response = self.ask(Endpoint::ReadSession, session).await?;
        let session: Option<Session> = ANSWERS.read_found(&response)?;
        Ok(session.ok_or_else(unknown)?.payment(payment)?)
    }

    pub async fn update_payment(
        &self,
        payment: &str,
        change: PaymentChange<'_>,
    ) -> Result<Payment, NotDone> {
        let Some(to) = change.to else {
            // Klarna hears of no options.
            return self.read_payment(payment).await;
        };
        let session = Reference::of(payment).ok_or_else(unknown)?;
        let body = requests::update_session(to, basket(to)?)?;
        let response = self
            .tell(Endpoint::UpdateSession, Some(session), &body)
            .await?;
        if is_error(&response, StatusCode::NOT_FOUND, "SESSION_COMPLETED") {
            return Err(invalid(
                "An order was placed with this payment at Klarna, so it cannot change any more.",
            )
            .into());
        }
        if is_missing(&response) {
            return Err(unknown().into());
        }
        if !response.status().is_success() {
            return Err(not_done(&response));
        }
        self.read_payment(payment).await
    }

    /// Gives up what the shopper approved. One that Klarna does not know has expired, was released
    /// before, or never was.
    pub async fn release(&self, shopper_token: &str) -> Result<(), NotDone> {
        let Some(authorization) = Reference::of(shopper_token) else {
            return Ok(());
        };
        let response = self
            .ask(Endpoint::ReleaseAuthorization, authorization)
            .await?;
        if response.status().is_success() || is_missing(&response) {
            return Ok(());
        }
        match is_error(&response, StatusCode::FORBIDDEN, "INVALID_OPERATION") {
            true => Err(invalid(
                "An order was placed with this authorization at Klarna, so it can only be cancelled there.",
            )
            .into()),
            false => Err(not_done(&response)),
        }
    }

    pub async fn forget(&self, payment_source_token: &str) -> Result<(), NotDone> {
        let Some(token) = Reference::of(payment_source_token) else {
            return Ok(());
        };
        let body = requests::cancel_token();
        let response = self.tell(Endpoint::CancelToken, Some(token), &body).await?;
        if response.status().is_success() || is_missing(&response) {
            return Ok(());
        }
        let error = KlarnaError::of(&response);
        // Klarna spells it both ways.
        match error.is_some_and(|it| it.is("TOKEN_CANCELLED") || it.is("TOKEN_CANCELED")) {
            true => Ok(()),
            false => Err(not_done(&response)),
        }
    }

    /// What Klarna says of a customer token, unless there is none of that id any more.
    pub async fn customer_token(
        &self,
        token: Reference<'_>,
    ) -> Result<Option<CustomerToken>, NotDone> {
        let response = self.ask(Endpoint::ReadToken, token).await?;
        match is_of_no_use(&response) {
            true => Err(not_done(&response)),
            false => ANSWERS.read_found(&response),
        }
    }
}

fn basket(payment: &NewPayment) -> Result<&Basket, CallFailure> {
    let basket = payment.basket.as_ref();
    basket.ok_or_else(|| CallFailure::NotWritable("asked without the order's basket".to_owned()))
}

fn unknown() -> GatewayRefusal {
    invalid("The payment session is not known at Klarna any more. Create a new payment source.")
}

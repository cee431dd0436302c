use domain::gateway::{GatewayRefusal, NewPayment, Payment, Reusable, ToKeep};
use futures_util::future::BoxFuture;
use serde_json::{Map, Value};

use crate::call::Call;
use crate::failure::CallFailure;

/// A vendor's API, in the words of the rules. What each method promises is said at the request that
/// asks for it, in `domain::gateway::GatewayRequest`.
pub(crate) trait Gateway: Send + Sync {
    /// The vendor's name in the log.
    fn name(&self) -> &'static str;

    /// Whether calls take credentials that are kept as a secret.
    fn has_credentials(&self) -> bool {
        true
    }

    /// Makes the customer's record; gives its reference. Only gateways that keep customers are asked.
    fn create_customer<'a>(
        &'a self,
        _call: &'a Call<'a>,
        _email: Option<&'a str>,
    ) -> Doing<'a, String> {
        Box::pin(async { Err(CallFailure::NoSuchStep("create_customer").into()) })
    }

    /// Opens a payment that the shopper confirms.
    fn create_payment<'a>(
        &'a self,
        call: &'a Call<'a>,
        payment: &'a NewPayment,
    ) -> Doing<'a, Payment>;

    /// Asks for the amount to be held. Only gateways whose payment sources have `_authorize` are
    /// asked.
    fn authorize_payment<'a>(
        &'a self,
        _call: &'a Call<'a>,
        _payment: &'a NewPayment,
    ) -> Doing<'a, Payment> {
        Box::pin(async { Err(CallFailure::NoSuchStep("authorize_payment").into()) })
    }

    /// Reads a payment as it stands.
    fn read_payment<'a>(&'a self, call: &'a Call<'a>, payment: &'a str) -> Doing<'a, Payment>;

    /// Changes an open payment. Only gateways whose payment sources have `_update`, or options that
    /// they hear of, are asked.
    fn update_payment<'a>(
        &'a self,
        _call: &'a Call<'a>,
        _payment: &'a str,
        _change: PaymentChange<'a>,
    ) -> Doing<'a, Payment> {
        Box::pin(async { Err(CallFailure::NoSuchStep("update_payment").into()) })
    }

    /// Sees to it that what paid can be used again by this customer.
    fn make_reusable<'a>(&'a self, call: &'a Call<'a>, keep: &'a ToKeep) -> Doing<'a, Reusable>;

    /// Lets go of a payment; done also where it was let go before, or there is nothing to let go of.
    /// Gives the reference of what paid, where the gateway keeps that by itself.
    fn release<'a>(
        &'a self,
        call: &'a Call<'a>,
        unwanted: Unwanted<'a>,
    ) -> Doing<'a, Option<String>>;

    /// Forgets a saved source; done also where it was forgotten before.
    fn forget<'a>(&'a self, call: &'a Call<'a>, payment_source_token: &'a str) -> Doing<'a, ()>;
}

/// A gateway at work.
pub(crate) type Doing<'a, T> = BoxFuture<'a, Result<T, NotDone>>;

/// What changes of a payment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PaymentChange<'a> {
    /// The payment as it is to be, where its amount changes.
    pub to: Option<&'a NewPayment>,
    /// What the shop says to the gateway, where it changes.
    pub options: Option<&'a Map<String, Value>>,
}

/// What is to be let go of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Unwanted<'a> {
    /// The gateway's reference of the payment, if it has one.
    pub payment: Option<&'a str>,
    /// What the shopper approved it with, where that is to be released too.
    pub shopper_token: Option<&'a str>,
}

/// Why a gateway did not do what was asked. Kept apart from each other as late as possible, so that
/// an adapter reads top to bottom with `?`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NotDone {
    /// It will not, however often it is asked.
    Refused(GatewayRefusal),
    /// It is not known, or not yet.
    Failed(CallFailure),
}

impl From<GatewayRefusal> for NotDone {
    fn from(refusal: GatewayRefusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<CallFailure> for NotDone {
    fn from(failure: CallFailure) -> Self {
        Self::Failed(failure)
    }
}

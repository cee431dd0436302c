use domain::gateway::{GatewayRefusal, NewPayment, Payment, Reusable};
use domain::money::Amount;
use futures_util::future::BoxFuture;
use serde_json::{Map, Value};

use crate::call::Call;
use crate::failure::GatewayFailure;

/// A vendor's API, in the words of the rules. What each method promises is said at the request that
/// asks for it, in `domain::gateway::GatewayRequest`.
pub(crate) trait Gateway: Send + Sync {
    /// The vendor's name in the log.
    fn name(&self) -> &'static str;

    /// Makes the customer's record; gives its reference.
    fn create_customer<'a>(
        &'a self,
        call: &'a Call<'a>,
        email: Option<&'a str>,
    ) -> Doing<'a, String>;

    /// Opens a payment that the shopper confirms.
    fn create_payment<'a>(
        &'a self,
        call: &'a Call<'a>,
        payment: &'a NewPayment,
    ) -> Doing<'a, Payment>;

    /// Reads a payment as it stands.
    fn read_payment<'a>(&'a self, call: &'a Call<'a>, payment: &'a str) -> Doing<'a, Payment>;

    /// Changes an open payment.
    fn update_payment<'a>(
        &'a self,
        call: &'a Call<'a>,
        payment: &'a str,
        change: PaymentChange<'a>,
    ) -> Doing<'a, Payment>;

    /// Sees to it that what paid can be used again by this customer.
    fn make_reusable<'a>(
        &'a self,
        call: &'a Call<'a>,
        payment: &'a str,
        customer_token: &'a str,
    ) -> Doing<'a, Reusable>;

    /// Lets go of a payment; done also where it was let go before.
    fn release<'a>(&'a self, call: &'a Call<'a>, payment: &'a str) -> Doing<'a, ()>;

    /// Forgets a saved source; done also where it was forgotten before.
    fn forget<'a>(&'a self, call: &'a Call<'a>, payment_source_token: &'a str) -> Doing<'a, ()>;
}

/// A gateway at work.
pub(crate) type Doing<'a, T> = BoxFuture<'a, Result<T, NotDone>>;

/// What changes of a payment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PaymentChange<'a> {
    /// The amount, where it changes.
    pub amount: Option<Amount>,
    /// What the shop says to the gateway, where it changes.
    pub options: Option<&'a Map<String, Value>>,
}

/// Why a gateway did not do what was asked. Kept apart from each other as late as possible, so that
/// an adapter reads top to bottom with `?`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NotDone {
    /// It will not, however often it is asked.
    Refused(GatewayRefusal),
    /// It is not known, or not yet.
    Failed(GatewayFailure),
}

impl From<GatewayRefusal> for NotDone {
    fn from(refusal: GatewayRefusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<GatewayFailure> for NotDone {
    fn from(failure: GatewayFailure) -> Self {
        Self::Failed(failure)
    }
}

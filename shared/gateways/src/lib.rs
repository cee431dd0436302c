//! Payment gateways, one module per vendor, behind one trait whose methods are named after what the
//! rules ask. What vendors have in common (deadline, retries, idempotency keys, log lines, encodings,
//! minor units, the ways to read an answer and to show a card) stands once, beside them.
//!
//! Three kinds of end: an answer and a refusal are definitive and go back to the rules; a
//! [`CallFailure`] is not, and the same call, made again, carries the same idempotency key.

mod answers;
mod bases;
mod call;
mod card_numbers;
mod checkout_com;
#[cfg(test)]
#[path = "../tests/circuits/mod.rs"]
mod circuits;
mod credentials;
mod external;
mod failure;
mod form;
mod gateway;
mod idempotency;
mod instrument;
mod klarna;
mod members;
mod minor_units;
#[cfg(test)]
#[path = "../tests/performed/mod.rs"]
mod performed;
mod process;
#[cfg(test)]
mod published;
mod refusals;
mod request;
mod retry;
mod stripe;
#[cfg(test)]
mod testing;

use std::sync::Arc;

use domain::gateway::{CallGateway, Circuits};
use domain::gateway::{GatewayAnswer, GatewayCall, GatewayKind, GatewayRefusal, GatewayRequest};
use domain::{Clock, Deadline, Sleep};
use futures_util::future::BoxFuture;
use outbound::Transport;
use secrets::Secrets;

use crate::call::Call;
use crate::gateway::{Gateway, NotDone, PaymentChange, Unwanted};

pub use crate::bases::{BadBaseUrl, BaseUrls, Vendor};
pub use crate::failure::CallFailure;
pub use crate::process::BadEnvironment;
pub use secrets::credentials_name;

/// The payment gateways, with all that calling them takes.
#[derive(Clone)]
pub struct Gateways {
    /// Sends requests to the vendors' APIs.
    pub transport: Arc<dyn Transport>,
    /// Sends requests to URLs that users type, in production an [`outbound::GuardedTransport`].
    pub guarded: Arc<dyn Transport>,
    /// Counts the failures of external gateways.
    pub circuits: Arc<dyn Circuits>,
    /// Keeps the credentials, under the names that [`credentials_name`] gives.
    pub secrets: Arc<dyn Secrets>,
    /// Tells how much of the deadline is left.
    pub clock: Arc<dyn Clock>,
    /// Waits between two tries.
    pub sleep: Arc<dyn Sleep>,
    /// Where the vendors' APIs are.
    pub bases: BaseUrls,
}

/// Whose API a gateway of this type speaks: the table that a new vendor is a line of.
fn adapter(kind: GatewayKind) -> &'static dyn Gateway {
    match kind {
        GatewayKind::Klarna => &klarna::Klarna,
        GatewayKind::Stripe => &stripe::Stripe,
        GatewayKind::External => &external::External,
        GatewayKind::CheckoutCom => &checkout_com::CheckoutCom,
    }
}

impl Gateways {
    /// Makes the call: an answer, or a refusal that stands however often it is asked. Two seconds of
    /// the deadline are left for what follows.
    ///
    /// # Errors
    /// There is no definitive answer; the call may be made again as it is.
    pub async fn perform(
        &self,
        call: &GatewayCall,
        deadline: Deadline,
    ) -> Result<Result<GatewayAnswer, GatewayRefusal>, CallFailure> {
        let adapter = adapter(call.kind);
        let credentials = match adapter.has_credentials() {
            true => Some(credentials::load(&*self.secrets, call.tenant, call.gateway).await?),
            false => None,
        };
        let call = Call::new(self, call, credentials.as_ref(), adapter.name(), deadline);
        match ask(adapter, &call).await {
            Ok(answer) => Ok(Ok(card_numbers::removed(answer))),
            Err(NotDone::Refused(refusal)) => Ok(Err(refusal)),
            Err(NotDone::Failed(failure)) => Err(failure),
        }
    }
}

impl CallGateway for Gateways {
    fn call<'a>(
        &'a self,
        call: &'a GatewayCall,
        deadline: Deadline,
    ) -> BoxFuture<'a, Result<Result<GatewayAnswer, GatewayRefusal>, CallFailure>> {
        Box::pin(self.perform(call, deadline))
    }
}

async fn ask(adapter: &dyn Gateway, call: &Call<'_>) -> Result<GatewayAnswer, NotDone> {
    match &call.asked.request {
        GatewayRequest::CreateCustomer { email } => adapter
            .create_customer(call, email.as_deref())
            .await
            .map(GatewayAnswer::Customer),
        GatewayRequest::CreatePayment(payment) => adapter
            .create_payment(call, payment)
            .await
            .map(GatewayAnswer::Payment),
        GatewayRequest::AuthorizePayment(payment) => adapter
            .authorize_payment(call, payment)
            .await
            .map(GatewayAnswer::Payment),
        GatewayRequest::ReadPayment { payment } => adapter
            .read_payment(call, payment)
            .await
            .map(GatewayAnswer::Payment),
        GatewayRequest::UpdatePayment {
            payment,
            to,
            options,
        } => {
            let change = PaymentChange {
                to: to.as_ref(),
                options: options.as_ref(),
            };
            let updated = adapter.update_payment(call, payment, change).await;
            updated.map(GatewayAnswer::Payment)
        }
        GatewayRequest::MakeReusable(keep) => adapter
            .make_reusable(call, keep)
            .await
            .map(GatewayAnswer::Reusable),
        GatewayRequest::Release {
            payment,
            shopper_token,
        } => {
            let unwanted = Unwanted {
                payment: payment.as_deref(),
                shopper_token: shopper_token.as_deref(),
            };
            let released = adapter.release(call, unwanted).await;
            released.map(|kept| kept.map_or(GatewayAnswer::Done, GatewayAnswer::Kept))
        }
        GatewayRequest::Forget {
            payment_source_token,
        } => adapter
            .forget(call, payment_source_token)
            .await
            .map(|()| GatewayAnswer::Done),
    }
}

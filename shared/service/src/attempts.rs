//! How many attempts to pay a gateway may decline: who tries card after card is testing which of them are
//! good. Those are counted by order, by customer and by address; a counter that does not answer refuses
//! nobody.

use std::time::Duration;

use domain::gateway::{GatewayAnswer, GatewayRefusal, GatewayRequest, NewPayment, Progress};
use domain::refusal::Code;
use domain::{Role, Tenant};
use futures_util::future;
use store::{AttemptPlace, Limited, Taken};

use crate::{Actor, Context, Failure};

/// How long what was declined counts for an order and for a customer.
const OF_ORDER_AND_CUSTOMER: Duration = Duration::from_secs(3600);

/// How long what was declined counts for an address, which many may share.
const OF_ADDRESS: Duration = Duration::from_secs(600);

/// Places that an attempt has taken in what is counted: it counts until they are given back.
pub struct Places(Vec<AttemptPlace>);

impl Places {
    /// Takes a place in each of these. A counter that does not answer refuses nobody.
    ///
    /// # Errors
    /// One is full, for so many seconds; then none is taken.
    pub async fn take(context: &Context, tenant: Tenant, limits: &[Limited]) -> Result<Self, u64> {
        let now = context.now();
        let taken = limits
            .iter()
            .map(|it| context.store.take_place(tenant, it, now));
        let (mut places, mut wait) = (Vec::new(), None);
        for taken in future::join_all(taken).await {
            match taken {
                Ok(Taken::Place(place)) => places.push(place),
                Ok(Taken::Full(seconds)) => wait = wait.max(Some(seconds)),
                Err(error) => tracing::error!(%error, "the attempt is not counted"),
            }
        }
        let places = Self(places);
        match wait {
            None => Ok(places),
            Some(retry_after) => {
                places.give_back(context).await;
                Err(retry_after)
            }
        }
    }

    /// Gives them back: the attempt does not count.
    pub async fn give_back(self, context: &Context) {
        let given = self.0.iter().map(|it| context.store.give_back(it));
        for error in future::join_all(given)
            .await
            .into_iter()
            .filter_map(Result::err)
        {
            tracing::error!(%error, "an attempt stays counted");
        }
    }
}

/// An attempt to pay under way: it counts until it is known that nothing was declined.
pub(crate) struct Attempt(Places);

impl Attempt {
    /// Begins an attempt, where the request is one.
    ///
    /// # Errors
    /// The gateway has declined too many lately.
    pub async fn begin(actor: &Actor<'_>, request: &GatewayRequest) -> Result<Self, Failure> {
        let GatewayRequest::AuthorizePayment(new) = request else {
            return Ok(Self(Places(Vec::new())));
        };
        let limits = limits(actor, new);
        let taken = Places::take(actor.context, actor.caller.tenant, &limits).await;
        let taken = taken.map_err(|retry_after| Failure::TooManyDeclined { retry_after });
        taken.map(Self)
    }

    /// Ends it with what the gateway answered, if it did.
    pub async fn end<E>(
        self,
        actor: &Actor<'_>,
        answer: &Result<Result<GatewayAnswer, GatewayRefusal>, E>,
    ) {
        let is_declined = match answer {
            Ok(Ok(GatewayAnswer::Payment(payment))) => payment.progress == Progress::Declined,
            Ok(Err(refusal)) => refusal.code == Code::PaymentDeclined,
            Ok(Ok(_)) | Err(_) => false,
        };
        if !is_declined {
            self.0.give_back(actor.context).await;
        }
    }
}

/// What holds an attempt to pay this.
fn limits(actor: &Actor<'_>, new: &NewPayment) -> Vec<Limited> {
    let most = actor.context.configuration.declined;
    // Whoever speaks for a shop has one address for all its customers.
    let of_integration = actor.caller.role == Role::Integration;
    let address = actor.address.filter(|_| !of_integration);
    let customer = new.customer.map(|it| it.to_string());
    let named = [
        (
            "order",
            Some(new.order.to_string()),
            most.of_order,
            OF_ORDER_AND_CUSTOMER,
        ),
        (
            "customer",
            customer,
            most.of_customer,
            OF_ORDER_AND_CUSTOMER,
        ),
        (
            "address",
            address.map(|it| it.to_string()),
            most.of_address,
            OF_ADDRESS,
        ),
    ];
    let held = named.into_iter().filter(|(_, _, most, _)| *most > 0);
    held.filter_map(|(kind, name, most, within)| {
        Some(Limited {
            who: vec!["declined".to_owned(), kind.to_owned(), name?],
            most,
            within,
        })
    })
    .collect()
}

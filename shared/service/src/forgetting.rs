//! What a gateway is being told to forget is known to the wallet's head while it is: whoever saves the
//! same card at that moment would keep what does not pay any more.

use decisions::{Change, Permit};
use domain::CustomerId;
use domain::gateway::GatewayRequest;
use domain::operation::{Operation, Owner};
use domain::wallet::Head;
use store::StoreError;

use crate::Actor;

/// How often a head that others change at the same moment is read again.
const MOST_ATTEMPTS: u32 = 8;

/// What became of beginning an operation.
pub enum Begun {
    /// The token was saved again: it is not forgotten.
    Void,
    /// It goes on; with the head as it was read, where it forgets a token of a wallet.
    GoesOn(Option<Head>),
}

/// Says in the head that a token is being forgotten, before its gateway is told. Other operations begin
/// without more.
///
/// # Errors
/// The table does not answer; others are always first.
pub async fn begin(
    actor: &Actor<'_>,
    permit: &Permit,
    operation: &Operation,
) -> Result<Begun, StoreError> {
    let Some((customer, token)) = of_wallet(operation) else {
        return Ok(Begun::GoesOn(None));
    };
    let (store, tenant) = (&actor.context.store, actor.caller.tenant);
    let (gateway, lookup) = (operation.gateway, store.lookup());
    for _ in 0..MOST_ATTEMPTS {
        let mut head = store.wallet_head(tenant, customer).await?;
        if head.holds(gateway, token, lookup) {
            return Ok(Begun::Void);
        }
        if head.is_forgetting(gateway, token, lookup)
            || has_no_wallet(actor, &head, customer).await?
        {
            return Ok(Begun::GoesOn(Some(head)));
        }
        head.begin_forgetting(gateway, token, lookup);
        let begun = [Change::PutHead(customer, head.clone())];
        match store.commit(permit, tenant, &begun).await {
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(error),
            Ok(()) => {
                head.version = head.version.saturating_add(1);
                return Ok(Begun::GoesOn(Some(head)));
            }
        }
    }
    Err(StoreError::Conflict)
}

/// An operation is owed no more, and what it forgot is not being forgotten any more: whoever decided on
/// the head as it was decides anew, and hears from the gateway what became of the token. `read` is the
/// head, where it was just read.
///
/// # Errors
/// As [`begin`].
pub async fn end(
    actor: &Actor<'_>,
    permit: &Permit,
    operation: &Operation,
    mut read: Option<Head>,
) -> Result<(), StoreError> {
    let (store, tenant) = (&actor.context.store, actor.caller.tenant);
    for _ in 0..MOST_ATTEMPTS {
        let mut changes = vec![Change::Settle(operation.owner, operation.id)];
        if let Some((customer, token)) = of_wallet(operation) {
            let mut head = match read.take() {
                Some(head) => head,
                None => store.wallet_head(tenant, customer).await?,
            };
            if head.is_forgetting(operation.gateway, token, store.lookup()) {
                head.end_forgetting(operation.gateway, token, store.lookup());
                changes.push(Change::PutHead(customer, head));
                changes.push(Change::ReleaseToken {
                    customer,
                    gateway: operation.gateway,
                    token: token.clone(),
                });
            }
        }
        match store.commit(permit, tenant, &changes).await {
            Err(StoreError::Conflict) => {}
            written => return written,
        }
    }
    Err(StoreError::Conflict)
}

/// The customer and the token of an operation that forgets a saved source.
const fn of_wallet(operation: &Operation) -> Option<(CustomerId, &String)> {
    match (&operation.request, operation.owner) {
        (
            GatewayRequest::Forget {
                payment_source_token,
            },
            Owner::Customer(customer),
        ) => Some((customer, payment_source_token)),
        _ => None,
    }
}

/// Whether the customer was erased: nothing is saved for them any more.
async fn has_no_wallet(
    actor: &Actor<'_>,
    head: &Head,
    customer: CustomerId,
) -> Result<bool, StoreError> {
    let (store, tenant) = (&actor.context.store, actor.caller.tenant);
    Ok(head.version == 0 && !store.customer_exists(tenant, customer).await?)
}

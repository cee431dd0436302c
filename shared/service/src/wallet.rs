//! Changing a wallet itself. Each change is conditional on the wallet's head, and decided anew where
//! another request was first, three times at most.

use domain::commands::{Change, DropReused, delete_entry as decide_deletion};
use domain::wallet::Wallet;
use domain::{Id, Refusal};
use effects::Perform;
use store::StoreError;

use crate::load::{self, Wanted};
use crate::settle::{MOST_ATTEMPTS, settle};
use crate::{Actor, Failure, Precondition, debts};

/// Changes a customer's wallet by a decision about it alone. Returns the wallet as it was, and what was
/// decided.
///
/// # Errors
/// The precondition does not hold; the decision refuses; the table does not answer; other requests are always first.
pub async fn change_wallet<T>(
    actor: &Actor<'_>,
    customer: Id,
    precondition: Precondition<'_>,
    decide: impl Fn(&Wallet) -> Result<(Vec<Change>, T), Refusal>,
) -> Result<(Wallet, T), Failure> {
    let (store, tenant) = (&actor.context.store, actor.caller.tenant);
    for attempt in 1..=MOST_ATTEMPTS {
        let wallet = store.wallet(tenant, customer).await?;
        precondition.check_wallet(actor, &wallet).await?;
        let (changes, decided) = decide(&wallet)?;
        actor.admitted().await?;
        match store.commit(tenant, &changes).await {
            Ok(()) => return Ok((wallet, decided)),
            Err(StoreError::Conflict) => tracing::info!(attempt, "another request was first"),
            Err(error) => return Err(error.into()),
        }
    }
    Err(Failure::Contended)
}

/// Deletes a wallet entry. The open orders that it was put on lose the payment source first: whoever
/// puts it on another order meanwhile changes the head, and it begins again. An order that has lost it
/// by then does not get it back where the precondition holds no more: detaching is final, so that it
/// is not done to an entry that the caller has not seen.
///
/// # Errors
/// The precondition does not hold; there is no such entry; the table does not answer; other requests are always first.
pub async fn delete_entry(
    actor: &Actor<'_>,
    gateways: &dyn Perform,
    customer: Id,
    entry: Id,
    precondition: Precondition<'_>,
) -> Result<(), Failure> {
    let (store, tenant) = (&actor.context.store, actor.caller.tenant);
    for attempt in 1..=MOST_ATTEMPTS {
        let wallet = store.wallet(tenant, customer).await?;
        precondition.check_wallet(actor, &wallet).await?;
        let changes = decide_deletion(&wallet, entry, store.lookup(), actor.now)?;
        actor.admitted().await?;
        let line = wallet.head.line(entry);
        for order in line.map(|it| it.orders.as_slice()).unwrap_or_default() {
            drop_from(actor, gateways, *order, entry).await?;
        }
        match store.commit(tenant, &changes).await {
            Ok(()) => {
                debts::pay_new(actor, gateways, tenant, &changes).await;
                return Ok(());
            }
            Err(StoreError::Conflict) => tracing::info!(attempt, "another request was first"),
            Err(error) => return Err(error.into()),
        }
    }
    Err(Failure::Contended)
}

/// Takes a payment source that was made from the entry off an order. A gateway that does not answer
/// does not keep it there; a payment that was captured does.
async fn drop_from(
    actor: &Actor<'_>,
    gateways: &dyn Perform,
    order: Id,
    entry: Id,
) -> Result<(), Failure> {
    let wanted = Wanted::default().with_wallet();
    for ask in [true, false] {
        let purchase = match load::purchase(actor, order, wanted).await {
            // It is not this customer's order any more.
            Err(Failure::Refused(_)) => return Ok(()),
            read => read?,
        };
        let command = DropReused { entry, ask };
        let nothing = Precondition::NONE;
        match settle(actor, gateways, wanted, purchase, &command, nothing).await {
            Ok(_) => return Ok(()),
            Err(Failure::Gateway(unanswered)) if ask => {
                tracing::warn!(%unanswered, "dropped by what was last known");
            }
            Err(Failure::Refused(refusals)) => {
                let order = order.as_str();
                tracing::warn!(order, ?refusals, "a captured payment stays on its order");
                return Ok(());
            }
            Err(failure) => return Err(failure),
        }
    }
    Ok(())
}

//! What requests have carried out: commands about an order, and about a wallet.

use decisions::CallGateway;
use decisions::commands::{DeleteEntry, DropReused};
use decisions::{Answers, Command, Commit, Input, Permit, Step};
use domain::purchase::{OrderPartition, Purchase};
use domain::wallet::Wallet;
use domain::{CustomerId, EntryId, Id, OrderId, Refusal, ResourceType, Role, SourceId};
use futures_util::{TryStreamExt, future, stream};

use crate::load::{self, Wanted};
use crate::run::{Task, run};
use crate::{Actor, Failure, Precondition};

/// How many orders lose a deleted source at the same time.
const ORDERS_AT_ONCE: usize = 8;

/// A command about an order, and what is read for it.
pub struct OrderTask<'a, C> {
    /// The order.
    pub order: OrderOf,
    /// What is read beside order, source and catalogue.
    pub wanted: Wanted,
    /// The command.
    pub command: C,
    /// What the request demands of the state that is decided on.
    pub precondition: Precondition<'a>,
}

/// How the order is found that a command is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderOf {
    /// The order of this id.
    Id(OrderId),
    /// The order that the body names by its relationship `order`: one that is not there is missing in
    /// the body, not at the URL.
    Body(OrderId),
    /// The order that this payment source pays.
    Source(ResourceType, SourceId),
    /// The order that this record is a part of.
    Part(ResourceType, Id),
}

impl<C> Task for OrderTask<'_, C>
where
    C: Command<State = Purchase, Answer = Purchase> + Sync,
{
    type State = Purchase;
    type Answer = Purchase;

    async fn read(&self, actor: &Actor<'_>) -> Result<Purchase, Failure> {
        let purchase = async {
            match self.order {
                OrderOf::Id(order) => load::purchase(actor, order, self.wanted).await,
                OrderOf::Body(order) => {
                    let read = load::purchase(actor, order, self.wanted).await;
                    read.map_err(|failure| failure.at_relationship("order"))
                }
                OrderOf::Source(kind, source) => {
                    load::purchase_of_source(actor, kind, source, self.wanted).await
                }
                OrderOf::Part(kind, id) => {
                    load::purchase_of_part(actor, kind, id, self.wanted).await
                }
            }
        };
        // An order that is not there for this caller is told first.
        let (purchase, known) =
            future::join(purchase, self.refuse_erased_without_wallet(actor)).await;
        let purchase = purchase?;
        known?;
        Ok(without_wallet_of_erased(actor, purchase)?)
    }

    async fn check(&self, actor: &Actor<'_>, purchase: &Purchase) -> Result<(), Failure> {
        self.precondition.check_purchase(actor, purchase).await
    }

    fn decide(&self, purchase: &Purchase, answers: &Answers, input: Input<'_>) -> Step<Purchase> {
        self.command.next(purchase, answers, input)
    }
}

impl<C> OrderTask<'_, C> {
    /// Where the wallet is not read, the customer's own record says whether they were erased.
    async fn refuse_erased_without_wallet(&self, actor: &Actor<'_>) -> Result<(), Failure> {
        let Some(customer) = actor.caller.owner().filter(|_| !self.wanted.wallet) else {
            return Ok(());
        };
        let (store, tenant) = (&actor.context.store, actor.caller.tenant);
        match store.customer_exists(tenant, customer).await? {
            true => Ok(()),
            false => Err(Refusal::unauthorized().into()),
        }
    }
}

/// A customer who was erased has no wallet any more, and nothing is done with a token of theirs.
fn without_wallet_of_erased(
    actor: &Actor<'_>,
    mut purchase: Purchase,
) -> Result<Purchase, Refusal> {
    let is_erased = |wallet: &Wallet| wallet.profile.is_none();
    if purchase.wallet.as_ref().is_some_and(is_erased) {
        purchase.wallet = None;
        if let Role::Customer(_) = actor.caller.role {
            return Err(Refusal::unauthorized());
        }
    }
    Ok(purchase)
}

/// A command about a customer's wallet alone.
pub struct WalletTask<'a, C> {
    /// The customer.
    pub customer: CustomerId,
    /// The command.
    pub command: C,
    /// What the request demands of the state that is decided on.
    pub precondition: Precondition<'a>,
}

impl<C> Task for WalletTask<'_, C>
where
    C: Command<State = Wallet> + Sync,
    C::Answer: Send + Sync,
{
    type State = Wallet;
    type Answer = C::Answer;

    async fn read(&self, actor: &Actor<'_>) -> Result<Wallet, Failure> {
        let (store, tenant) = (&actor.context.store, actor.caller.tenant);
        Ok(store.wallet(tenant, self.customer).await?)
    }

    async fn check(&self, actor: &Actor<'_>, wallet: &Wallet) -> Result<(), Failure> {
        self.precondition.check_wallet(actor, wallet).await
    }

    fn decide(&self, wallet: &Wallet, answers: &Answers, input: Input<'_>) -> Step<C::Answer> {
        self.command.next(wallet, answers, input)
    }
}

/// A wallet entry is to be deleted. The open orders that it was put on lose the payment source first:
/// whoever puts it on another order meanwhile changes the head, and it begins again. An order that has
/// lost it by then does not get it back where what the request demands holds no more: detaching is
/// final, so that it is not done to an entry that the caller has not seen.
pub struct DeletionTask<'a> {
    /// The deletion from the wallet itself.
    pub of_wallet: WalletTask<'a, DeleteEntry>,
    /// The gateways, which are asked how far the orders' payments have come.
    pub gateways: &'a dyn CallGateway,
}

impl Task for DeletionTask<'_> {
    type State = Wallet;
    type Answer = ();

    async fn read(&self, actor: &Actor<'_>) -> Result<Wallet, Failure> {
        self.of_wallet.read(actor).await
    }

    async fn check(&self, actor: &Actor<'_>, wallet: &Wallet) -> Result<(), Failure> {
        self.of_wallet.check(actor, wallet).await
    }

    fn decide(&self, wallet: &Wallet, answers: &Answers, input: Input<'_>) -> Step<()> {
        self.of_wallet.decide(wallet, answers, input)
    }

    async fn before_commit(
        &self,
        actor: &Actor<'_>,
        _: &Permit,
        wallet: &Wallet,
        _: &Commit<()>,
    ) -> Result<(), Failure> {
        let entry = self.of_wallet.command.id;
        let tenant = &actor.on_behalf_of_tenant();
        let orders = orders_with(tenant, wallet, entry).await?;
        stream::iter(orders.into_iter().map(Ok))
            .try_for_each_concurrent(ORDERS_AT_ONCE, |order| {
                drop_from(tenant, self.gateways, order, entry)
            })
            .await
    }
}

/// The orders that an entry was put on. The head remembers the newest; where there may be others, the
/// open ones are found among all of the customer's.
async fn orders_with(
    actor: &Actor<'_>,
    wallet: &Wallet,
    entry: EntryId,
) -> Result<Vec<OrderId>, Failure> {
    let Some(line) = wallet.head.line(entry) else {
        return Ok(Vec::new());
    };
    if !line.may_have_lost_orders() {
        return Ok(line.orders.clone());
    }
    let (store, tenant) = (&actor.context.store, actor.caller.tenant);
    let all = store.orders_of(tenant, wallet.customer, usize::MAX).await?;
    let all = all.unwrap_or_default();
    let is_on = |it: &OrderPartition| {
        let source = it.source.as_ref();
        it.order.status.takes_payment() && source.is_some_and(|it| it.state.entry == Some(entry))
    };
    Ok(all
        .iter()
        .filter(|it| is_on(it))
        .map(|it| it.order.id())
        .collect())
}

/// Takes a payment source that was made from the entry off an order. A gateway that does not answer
/// does not keep it there; a payment that was captured does.
async fn drop_from(
    actor: &Actor<'_>,
    gateways: &dyn CallGateway,
    order: OrderId,
    entry: EntryId,
) -> Result<(), Failure> {
    for ask in [true, false] {
        let task = OrderTask {
            order: OrderOf::Id(order),
            wanted: Wanted::default().to_decide(),
            command: DropReused { entry, ask },
            precondition: Precondition::NONE,
        };
        match run(actor, Some(gateways), &task).await {
            Ok(_) => return Ok(()),
            Err(Failure::Gateway(failure)) if ask => {
                let gateway_failure = failure.kind();
                tracing::warn!(%failure, gateway_failure, "dropped by what was last known");
            }
            // The order is gone, or its payment was captured.
            Err(Failure::Refused(refusals)) => {
                let order = order.as_str();
                tracing::warn!(order, ?refusals, "the payment source stays on its order");
                return Ok(());
            }
            Err(failure) => return Err(failure),
        }
    }
    Ok(())
}

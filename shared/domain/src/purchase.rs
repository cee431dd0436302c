//! An order and those around it that decisions need: its payment sources, the wallet of its
//! customer, the catalogue.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::catalog::Catalog;
use crate::order::Order;
use crate::record::{Identifier, Record};
use crate::refusal::Refusal;
use crate::source::PaymentSource;
use crate::till::Till;
use crate::transaction::Status;
use crate::wallet::{Entry, Wallet};
use crate::{SourceId, Tenant, Timestamp};

/// What stands in an order's partition of the table.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderPartition {
    /// The order.
    pub order: Order,
    /// Its current payment source.
    pub source: Option<PaymentSource>,
    /// Those that it had before, as far as they were read.
    pub superseded: Vec<PaymentSource>,
    /// Line items, shipments, addresses; none where they were not read.
    pub children: Option<Vec<Record>>,
    /// Those of them that stand elsewhere: addresses that another order named first.
    pub elsewhere: BTreeSet<Identifier>,
}

/// An order and those around it.
#[derive(Debug, Clone, PartialEq)]
pub struct Purchase {
    /// The organization and mode.
    pub tenant: Tenant,
    /// The order and its payment sources.
    pub partition: OrderPartition,
    /// The wallet of the order's customer, where the caller may use it.
    pub wallet: Option<Wallet>,
    /// The address book of the order's customer, where the caller may use it and it was asked for.
    pub address_book: Option<Vec<Record>>,
    /// The catalogue.
    pub catalog: Arc<Catalog>,
}

impl OrderPartition {
    /// The payment source of that id, current or superseded.
    pub fn source(&self, id: SourceId) -> Option<&PaymentSource> {
        self.source
            .iter()
            .chain(&self.superseded)
            .find(|source| source.id() == id)
    }

    /// Whether the payment is for another amount than the order is now.
    pub fn mismatches(&self, source: &PaymentSource) -> bool {
        match self.order.amount_due() {
            Ok(due) => due != source.state.amount,
            Err(_) => true,
        }
    }
}

impl Purchase {
    /// The order.
    pub const fn order(&self) -> &Order {
        &self.partition.order
    }

    /// Whether a gateway is still to say what becomes of a transaction.
    pub fn has_undecided_transactions(&self) -> bool {
        let children = self.partition.children.as_deref().unwrap_or_default();
        let till = Till::of(children).unwrap_or_default();
        let mut transactions = till.transactions.iter();
        transactions.any(|it| it.state.status == Status::Pending)
    }

    /// The order's payment method.
    pub fn payment_method(&self) -> Option<&Record> {
        let id = self.order().payment_method()?;
        self.catalog
            .get(crate::resources::ResourceType::PaymentMethods, id.into())
    }

    /// The wallet entries that may pay this order now. Empty where the caller may not use the wallet.
    pub fn available_entries(&self, now: Timestamp) -> Vec<&Entry> {
        let available = |wallet| Wallet::entries_for(wallet, self.order(), &self.catalog, now);
        self.wallet.iter().flat_map(available).collect()
    }

    /// Refuses what may only be done while the order is draft or pending.
    ///
    /// # Errors
    /// The order is placed, or past that.
    pub fn require_open(&self) -> Result<(), Refusal> {
        match self.order().status.takes_payment() {
            true => Ok(()),
            false => Err(Refusal::invalid(
                "The payment of an order can change only while the order is draft or pending.",
            )),
        }
    }
}

//! Where a customer, their wallet and their address book lead.

use super::{Graph, Part};
use crate::order::Order;
use crate::record::Record;
use crate::resources::ResourceType;
use crate::source::PaymentSource;
use crate::wallet::{Entry, Wallet};
use crate::{CustomerId, EntryId, OrderId, Role, SourceId};

impl Graph {
    pub(super) fn addresses_of(&self, customer: CustomerId) -> Result<Vec<Record>, Part> {
        let book = self.address_book(customer)?.iter();
        let entries = book.filter(|it| it.kind == ResourceType::CustomerAddresses);
        Ok(entries.cloned().collect())
    }

    pub(super) fn address_book(&self, customer: CustomerId) -> Result<&Vec<Record>, Part> {
        let book = self.address_books.get(&customer);
        book.ok_or(Part::AddressBook(customer))
    }

    /// The address that an entry of an address book is about.
    pub(super) fn kept_address(&self, record: &Record) -> Result<Option<Record>, Part> {
        let named = record.relationships.get("address");
        let customer = record.related("customer").map(CustomerId::new);
        let (Some(customer), Some(address)) = (customer, named) else {
            return Ok(None);
        };
        let mut book = self.address_book(customer)?.iter();
        match book.find(|it| it.identifier() == *address) {
            Some(found) => Ok(Some(found.clone())),
            None => self.other(*address),
        }
    }

    pub(super) fn orders_of(&self, customer: CustomerId) -> Result<Vec<Record>, Part> {
        let ids = self.orders_of.get(&customer);
        let ids = ids.ok_or(Part::OrdersOf(customer))?;
        let orders = ids.iter().filter_map(|id| self.orders.get(id)?.as_ref());
        let orders = orders.map(|it| &it.order);
        let of_customer = orders.filter(|it| it.customer() == Some(customer));
        let seen = of_customer.filter(|it| self.viewer.sees(it));
        Ok(seen.map(Order::to_record).collect())
    }

    /// The wallet entry that a payment was saved as, for those who may use the wallet.
    pub(super) fn saved_as(&self, record: &Record) -> Result<Option<Record>, Part> {
        let Some(order) = record.related("order").map(OrderId::new) else {
            return Ok(None);
        };
        let partition = self.partition(order, false)?;
        let order = partition.map(|it| &it.order);
        let Some(customer) = order.and_then(|it| self.viewer.opens_wallet_of(it)) else {
            return Ok(None);
        };
        let source = partition.and_then(|it| it.source(SourceId::new(record.id)));
        let wallet = self.wallet(customer)?;
        let entry = source.and_then(|source| match source.state.entry {
            Some(entry) => Some(entry),
            None => wallet.head.saved_from(source.saved_as()).map(|it| it.entry),
        });
        let entry = entry.and_then(|it| wallet.entry(it));
        Ok(entry.map(Entry::to_record))
    }

    pub(super) fn wallet(&self, customer: CustomerId) -> Result<&Wallet, Part> {
        self.wallets.get(&customer).ok_or(Part::Wallet(customer))
    }

    /// A customer, for themselves and for integrations.
    pub(super) fn customer(&self, id: Option<CustomerId>) -> Result<Option<Record>, Part> {
        let allowed = |id: &CustomerId| match self.viewer.role {
            Role::Integration => true,
            Role::Customer(owner) => owner == *id,
            Role::Guest => false,
        };
        match id.filter(allowed) {
            None => Ok(None),
            Some(id) => Ok(self.wallet(id)?.profile.clone()),
        }
    }

    /// The payment source that an entry was saved from: as its order has it, while that pays with what
    /// was saved, with the card as it is now; else as far as the entry remembers it.
    pub(super) fn kept_source(&self, record: &Record) -> Result<Option<Record>, Part> {
        let Some(entry) = self.entry(record)? else {
            return Ok(None);
        };
        let Some(kept) = entry.source() else {
            return Ok(None);
        };
        let (Some(customer), Some(order)) = (record.related("customer"), kept.related("order"))
        else {
            return Ok(Some(kept));
        };
        let head = &self.wallet(CustomerId::new(customer))?.head;
        let partition = self.partition(OrderId::new(order), false)?;
        let seen = partition.filter(|it| self.viewer.sees(&it.order));
        let source = seen.and_then(|it| it.source(SourceId::new(kept.id)));
        let still_pays = source.filter(|source| {
            let line = head.saved_from(source.saved_as());
            line.is_some_and(|line| line.entry == entry.id())
        });
        let as_paid = still_pays.map(PaymentSource::to_record);
        Ok(Some(as_paid.map_or(kept, |it| entry.shown_in(it))))
    }

    pub(super) fn entry(&self, record: &Record) -> Result<Option<&Entry>, Part> {
        match record.related("customer") {
            None => Ok(None),
            Some(customer) => {
                let wallet = self.wallet(CustomerId::new(customer))?;
                Ok(wallet.entry(EntryId::new(record.id)))
            }
        }
    }
}

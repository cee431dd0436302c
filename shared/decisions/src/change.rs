use domain::catalog::Catalog;
use domain::operation::{Operation, Owner};
use domain::record::{Identifier, Place, Record};
use domain::resources::ResourceType;
use domain::wallet::{GatewayCustomer, Head};
use domain::{CustomerId, GatewayId, Id, KeptRequest, OperationId, OrderId, Timestamp};
use icu_normalizer::ComposingNormalizerBorrowed;

/// One write. Each carries what it depends on: that the record is as it was read, or that it is not
/// there yet. One without a condition cannot be expressed.
#[expect(
    clippy::large_enum_variant,
    reason = "a commit has a handful of changes, and they live no longer than it"
)]
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// The record is to be like this. One that is new claims its id.
    ///
    /// A record of the catalogue that others begin to name is written as it is: whoever deletes it at
    /// the same time has not seen them, and has to look again.
    Put {
        /// The record as it is to be.
        record: Record,
        /// The record's place.
        place: Place,
        /// What was read there.
        read: AsRead,
    },
    /// The record is to be gone for good, and its id with it.
    Delete {
        /// The record.
        of: Identifier,
        /// The record's place.
        place: Place,
        /// What was read there.
        read: AsRead,
    },
    /// The record is to stand elsewhere, where nothing stands yet; it carries the version that was read
    /// where it stood.
    Move {
        /// The record.
        record: Record,
        /// The record's place until now.
        from: Place,
        /// The record's place from now on.
        to: Place,
    },
    /// Nothing of the record, but that it is as it was read.
    Check {
        /// The record.
        of: Identifier,
        /// The record's place.
        place: Place,
        /// What was read there.
        read: AsRead,
    },
    /// Nothing of what the order is paid with, but that it is as it was read.
    CheckSlot(OrderId, AsRead),
    /// The wallet's head is to be like this; it carries the version that was read.
    PutHead(CustomerId, Head),
    /// Nothing of the wallet, but that its head is of this version, 0 where there is none.
    CheckHead(CustomerId, u64),
    /// The customer's wallet, empty, and records at gateways are to be gone.
    DeleteWallet {
        /// The customer.
        customer: CustomerId,
        /// The version of the wallet's head, 0 where there is none.
        version: u64,
        /// The gateways where the customer has a record.
        gateways: Vec<GatewayId>,
    },
    /// The customer's record at a gateway; it carries the version of the one that it takes the place of.
    PutGatewayCustomer(CustomerId, GatewayCustomer),
    /// A gateway step is owed, or under way. Its id follows from the step: what stands there is the
    /// same step.
    Owe(Operation),
    /// A gateway step is owed, or under way, no more.
    Settle(Owner, OperationId),
    /// A payment at a gateway is this order's, where it is no other's.
    ClaimPayment {
        /// The order.
        order: OrderId,
        /// The gateway.
        gateway: GatewayId,
        /// The gateway's reference of the payment.
        payment: String,
    },
    /// A token of a gateway's is in this customer's wallet, where it is in no other's.
    ClaimToken {
        /// The customer.
        customer: CustomerId,
        /// The gateway.
        gateway: GatewayId,
        /// The gateway's reference of the saved source.
        token: String,
    },
    /// A token, which was in this customer's wallet, is in nobody's any more.
    ReleaseToken {
        /// The customer.
        customer: CustomerId,
        /// The gateway.
        gateway: GatewayId,
        /// The gateway's reference of the saved source.
        token: String,
    },
    /// This record alone has the value, which no record has yet.
    Claim(Unique, Id),
    /// The value, which was this record's, is no record's any more.
    Release(Unique, Id),
    /// The order is among this customer's.
    ListOrder(CustomerId, OrderLine),
    /// The order is not among this customer's any more.
    UnlistOrder(CustomerId, OrderLine),
    /// The circuit of this external gateway is closed.
    CloseCircuit(GatewayId),
    /// This request, which no other of its key was before, is remembered until then at least.
    KeepRequest(KeptRequest, Timestamp),
}

/// The catalogue after these changes.
pub fn catalog_after(catalog: Catalog, changes: &[Change]) -> Catalog {
    changes
        .iter()
        .fold(catalog, |catalog, change| match change {
            Change::Put {
                record,
                place: Place::Catalog,
                ..
            } => catalog.with(record.clone()),
            Change::Delete {
                of,
                place: Place::Catalog,
                ..
            } => catalog.without(*of),
            Change::CloseCircuit(gateway) => catalog.with_closed(*gateway),
            _ => catalog,
        })
}

/// What was read in a place of the table: what a write there depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AsRead {
    /// No record.
    Nothing,
    /// A record that is there, of whatever version.
    There,
    /// This record, of this version.
    Version(Id, u64),
}

impl AsRead {
    /// This record, as it was read; nothing where it is new.
    pub const fn of(record: &Record) -> Self {
        match record.version {
            0 => Self::Nothing,
            version => Self::Version(record.id, version),
        }
    }
}

impl Change {
    /// The record is to be like this where it stands.
    pub const fn put(record: Record, place: Place) -> Self {
        let read = AsRead::of(&record);
        Self::Put {
            record,
            place,
            read,
        }
    }

    /// The record is to be gone from where it stands.
    pub const fn delete(record: &Record, place: Place) -> Self {
        Self::Delete {
            of: record.identifier(),
            place,
            read: AsRead::of(record),
        }
    }

    /// Nothing of the record, but that it is as it was read.
    pub const fn check(record: &Record, place: Place) -> Self {
        Self::Check {
            of: record.identifier(),
            place,
            read: AsRead::of(record),
        }
    }

    /// Nothing of the record, but that it is there.
    pub const fn require(of: Identifier, place: Place) -> Self {
        Self::Check {
            of,
            place,
            read: AsRead::There,
        }
    }

    /// Whether it is about this record where it stands in the table.
    pub fn is_of(&self, identifier: Identifier) -> bool {
        match self {
            Self::Put { record, .. } | Self::Move { record, .. } => {
                record.identifier() == identifier
            }
            Self::Delete { of, .. } | Self::Check { of, .. } => *of == identifier,
            _ => false,
        }
    }

    /// Whether what it depends on is the same item of the table as that of a check.
    pub(crate) fn implies(&self, check: &Self) -> bool {
        let slot = |place: &Place| match place {
            Place::Slot(order) => Some(*order),
            _ => None,
        };
        match check {
            Self::Check { of, .. } => self.is_of(*of),
            Self::CheckSlot(order, _) => match self {
                Self::Put { place, .. }
                | Self::Delete { place, .. }
                | Self::Move { from: place, .. } => slot(place) == Some(*order),
                Self::CheckSlot(other, _) => other == order,
                _ => false,
            },
            Self::CheckHead(customer, _) => match self {
                Self::PutHead(other, _) | Self::CheckHead(other, _) => other == customer,
                Self::DeleteWallet {
                    customer: other, ..
                } => other == customer,
                _ => false,
            },
            _ => false,
        }
    }

    /// Whether it changes the catalogue, which processes remember.
    pub const fn is_of_catalog(&self) -> bool {
        matches!(
            self,
            Self::Put {
                place: Place::Catalog,
                ..
            } | Self::Delete {
                place: Place::Catalog,
                ..
            } | Self::CloseCircuit(_)
        )
    }
}

/// A value that one record of its type alone may have: a customer's e-mail address, a sku's code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unique {
    /// The type.
    pub kind: ResourceType,
    /// The value, as it is compared.
    pub value: String,
}

impl Unique {
    /// The attribute of this type whose values are unique, if there is one.
    pub fn attribute(kind: ResourceType) -> Option<&'static str> {
        let mut attributes = kind.declaration().own_attributes();
        attributes.find(|it| it.is_unique).map(|it| it.name)
    }

    /// A value of the type's unique attribute. Neither the case of letters nor how they are composed tells
    /// e-mail addresses apart.
    pub fn new(kind: ResourceType, value: &str) -> Self {
        let value = match kind {
            ResourceType::Customers => {
                let composer = ComposingNormalizerBorrowed::new_nfc();
                let small = composer.normalize(value.trim()).to_lowercase();
                composer.normalize(&small).into_owned()
            }
            _ => value.to_owned(),
        };
        Self { kind, value }
    }

    /// What one record alone may have is this one's from here on, and what it had is not.
    pub fn changes(former: Option<Self>, record: &Record) -> impl Iterator<Item = Change> + use<> {
        let id = record.id;
        let now = Self::of(record);
        let differs = now != former;
        let claim = now.map(|it| Change::Claim(it, id));
        let release = former.map(|it| Change::Release(it, id));
        claim.into_iter().chain(release).filter(move |_| differs)
    }

    /// The record's; none where its type has no such attribute, or it has no value.
    pub fn of(record: &Record) -> Option<Self> {
        let value = record.text(Self::attribute(record.kind)?)?;
        Some(Self::new(record.kind, value))
    }
}

/// An order as its customer's list has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderLine {
    /// The order.
    pub order: OrderId,
    /// When it was made.
    pub created_at: Timestamp,
}

impl OrderLine {
    /// The line of this order.
    pub const fn of(order: &Record) -> Self {
        Self {
            order: OrderId::new(order.id),
            created_at: order.created_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_case_nor_composition_tells_e_mail_addresses_apart() {
        let customers = ResourceType::Customers;
        let composed = Unique::new(customers, "zo\u{eb}@example.com");
        assert_eq!(Unique::new(customers, " ZOE\u{308}@Example.com "), composed);
        assert_ne!(Unique::new(customers, "zoe@example.com"), composed);
        let skus = ResourceType::Skus;
        assert_ne!(Unique::new(skus, "A"), Unique::new(skus, "a"));
    }
}

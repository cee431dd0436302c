//! Keys of the table. Nothing else builds one; the functions' roles in `template.yaml` name how partitions begin.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::operation::Owner;
use domain::record::Place;
use domain::{
    CustomerId, EntryId, GatewayId, Id, Mode, OperationId, OrderId, ResourceType, Tenant, Timestamp,
};

use crate::table::{PK, SK};

/// In how many parts the index of owed operations is cut, so that no part runs hot.
pub const DUE_PARTS: u8 = 16;

/// The key of one item.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The partition key.
    pub pk: String,
    /// The sort key.
    pub sk: String,
}

impl Key {
    fn new(pk: String, sk: impl Into<String>) -> Self {
        Self { pk, sk: sk.into() }
    }

    /// The slot of the current payment source, beside the order that has this key.
    pub(crate) fn source(&self) -> Self {
        Self::new(self.pk.clone(), SOURCE_SLOT)
    }

    /// What is counted in this hour since 1970 of who has this key.
    pub(crate) fn of_hour(&self, hour: i64) -> Self {
        Self::new(self.pk.clone(), format!("hour#{hour}"))
    }

    /// As the SDK takes it.
    pub fn attributes(&self) -> HashMap<String, AttributeValue> {
        HashMap::from([
            (PK.to_owned(), AttributeValue::S(self.pk.clone())),
            (SK.to_owned(), AttributeValue::S(self.sk.clone())),
        ])
    }
}

/// Builds the keys of a tenant's records: each begins with organization and mode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keys {
    tenant: String,
}

impl Keys {
    /// The keys of this tenant.
    pub fn of(tenant: Tenant) -> Self {
        Self {
            tenant: format!("{}#{}", tenant.organization, tenant.mode.as_str()),
        }
    }

    /// How the partitions of all that is the tenant's begin.
    pub fn all(&self) -> String {
        format!("{}#", self.tenant)
    }

    /// The key of a record that stands there.
    pub fn at(&self, kind: ResourceType, id: Id, place: Place) -> Key {
        match place {
            Place::Order => self.order(OrderId::new(id)),
            Place::Slot(order) => self.current_source(order),
            Place::OfOrder(order) => self.child(order, kind, id),
            Place::Customer => self.customer(CustomerId::new(id)),
            Place::OfCustomer(customer) => self.of_customer(customer, kind, id),
            Place::Wallet(customer) => self.entry(customer, EntryId::new(id)),
            Place::Catalog => self.catalogued(kind, id),
            Place::Own => self.own(kind, id),
        }
    }

    /// The partition of an order.
    pub fn order_partition(&self, order: OrderId) -> String {
        format!("{}#order#{order}", self.tenant)
    }

    /// The partition of a customer.
    pub fn customer_partition(&self, customer: CustomerId) -> String {
        format!("{}#customer#{customer}", self.tenant)
    }

    /// The partition of markets, payment methods and gateways.
    pub fn catalog_partition(&self) -> String {
        format!("{}#catalog", self.tenant)
    }

    pub fn order(&self, order: OrderId) -> Key {
        Key::new(self.order_partition(order), ORDER)
    }

    /// The one slot of an order's current payment source.
    pub fn current_source(&self, order: OrderId) -> Key {
        Key::new(self.order_partition(order), SOURCE_SLOT)
    }

    /// A record in an order's partition beside the order itself: a superseded source, a line item.
    pub fn child(&self, order: OrderId, kind: ResourceType, id: Id) -> Key {
        Key::new(self.order_partition(order), format!("{kind}#{id}"))
    }

    pub fn customer(&self, customer: CustomerId) -> Key {
        Key::new(self.customer_partition(customer), CUSTOMER)
    }

    pub fn wallet_head(&self, customer: CustomerId) -> Key {
        Key::new(self.customer_partition(customer), "wallet")
    }

    pub fn entry(&self, customer: CustomerId, entry: EntryId) -> Key {
        Key::new(self.customer_partition(customer), format!("entry#{entry}"))
    }

    pub fn gateway_customer(&self, customer: CustomerId, gateway: GatewayId) -> Key {
        Key::new(
            self.customer_partition(customer),
            format!("{GATEWAY_CUSTOMER}{gateway}"),
        )
    }

    /// A record in a customer's address book: an entry of it, or an address.
    pub fn of_customer(&self, customer: CustomerId, kind: ResourceType, id: Id) -> Key {
        let sk = match kind {
            ResourceType::CustomerAddresses => format!("book#{id}"),
            kind => format!("{kind}#{id}"),
        };
        Key::new(self.customer_partition(customer), sk)
    }

    /// A record that stands by itself.
    pub fn own(&self, kind: ResourceType, id: Id) -> Key {
        Key {
            sk: OWN.to_owned(),
            ..self.locator(kind, id)
        }
    }

    /// An order's line in its customer's partition.
    pub fn order_of_customer(
        &self,
        customer: CustomerId,
        created_at: Timestamp,
        order: OrderId,
    ) -> Key {
        Key::new(
            self.customer_partition(customer),
            format!("order#{created_at}#{order}"),
        )
    }

    pub fn catalogued(&self, kind: ResourceType, id: Id) -> Key {
        Key::new(self.catalog_partition(), format!("{kind}#{id}"))
    }

    /// What is counted of an external gateway's failures, beside its record.
    pub fn circuit(&self, gateway: GatewayId) -> Key {
        Key::new(self.catalog_partition(), format!("{CIRCUIT}{gateway}"))
    }

    /// Where a record that lives in another's partition is found; makes its id unique.
    pub fn locator(&self, kind: ResourceType, id: Id) -> Key {
        Key::new(format!("{}#{kind}#{id}", self.tenant), "at")
    }

    /// A value that only one record may have, hashed.
    pub fn unique(&self, what: &str, hash: &str) -> Key {
        Key::new(format!("{}#key#{what}#{hash}", self.tenant), "at")
    }

    /// A session that refresh tokens carry on, by the hash of its id; an authorization code, by its own.
    pub fn token(&self, hash: &str) -> Key {
        Key::new(format!("{}#token#{hash}", self.tenant), "at")
    }

    /// What is remembered of a request, by the hash of who made it and its key.
    pub fn request(&self, hash: &str) -> Key {
        Key::new(format!("{}#request#{hash}", self.tenant), "at")
    }

    /// What is counted of a caller's requests, by the hash of who it is.
    pub fn throttle(&self, hash: &str) -> Key {
        Key::new(format!("{}#{THROTTLE}{hash}", self.tenant), "at")
    }

    /// What is counted of the tenant's, once and for all.
    pub fn counter(&self, what: &str) -> Key {
        Key::new(format!("{}#counter#{what}", self.tenant), "at")
    }

    pub fn operation(&self, owner: Owner, id: OperationId) -> Key {
        let partition = match owner {
            Owner::Order(order) => self.order_partition(order),
            Owner::Customer(customer) => self.customer_partition(customer),
        };
        Key::new(partition, format!("operation#{id}"))
    }

    /// Partition and sort key of the index by type.
    pub fn by_type(&self, kind: ResourceType, created_at: Timestamp, id: Id) -> (String, String) {
        (self.type_partition(kind), format!("{created_at}#{id}"))
    }

    /// The partition of the indexes by reference and by key: the records whose attribute has this hash.
    pub fn keyed(&self, kind: ResourceType, attribute: &str, hash: &str) -> String {
        format!("{}#{kind}#{attribute}#{hash}", self.tenant)
    }

    /// The partition of the index by type.
    pub fn type_partition(&self, kind: ResourceType) -> String {
        format!("{}#{kind}", self.tenant)
    }
}

/// The sort key of an order's own record.
pub const ORDER: &str = "order";
/// The sort key of a record that stands by itself.
pub const OWN: &str = "record";
/// The first sort key of a customer's address book, which ends with the customer.
pub const ADDRESS_BOOK: &str = "addresses#";
/// How the sort keys of a customer's orders begin.
pub const ORDER_LINE: &str = "order#";
/// The sort key of an order's current payment source.
pub const SOURCE_SLOT: &str = "source";
/// The sort key of a customer's own record; the first of those that make up a wallet.
pub const CUSTOMER: &str = "customer";
/// How the sort keys of external gateways' circuits begin.
pub const CIRCUIT: &str = "circuit#";
/// How the sort keys of a customer's records at gateways begin.
pub const GATEWAY_CUSTOMER: &str = "gateway#";
/// How the partitions of counted requests begin, after their tenant.
const THROTTLE: &str = "throttle#";
/// Sorts after everything that makes up a wallet but its head: entries and records at gateways.
pub const AFTER_GATEWAY_CUSTOMERS: &str = "gateway#~";

/// The key of a client of the API; none for a text that no `client_id` is. A `client_id` is unique
/// among all organizations, since a token is asked for before the organization is known.
pub fn api_client(client_id: &str) -> Option<Key> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let is_client_id = (1..=128).contains(&client_id.len()) && client_id.bytes().all(allowed);
    is_client_id.then(|| Key::new(format!("client#{client_id}"), "at"))
}

/// Whose the item of a key is; none for what is no tenant's.
pub fn tenant_of(key: &Key) -> Option<Tenant> {
    let mut parts = key.pk.split('#');
    let organization = parts.next()?.parse().ok()?;
    let mode = Mode::named(parts.next()?)?;
    Some(Tenant { organization, mode })
}

/// What is counted of the requests from an address that no tenant's caller has made, by the hash of it.
pub fn throttle(hash: &str) -> Key {
    Key::new(format!("{THROTTLE}{hash}"), "at")
}

/// The mark of the table itself, which is no tenant's.
pub fn mark() -> Key {
    Key::new("table".to_owned(), "at")
}

/// Partition and sort key of the index of owed operations.
pub fn due(due_at: Timestamp, id: OperationId) -> (String, String) {
    let part = id.as_str().bytes().fold(0_u8, u8::wrapping_add) % DUE_PARTS;
    (due_partition(part), format!("{due_at}#{id}"))
}

/// One partition of the index of owed operations.
pub fn due_partition(part: u8) -> String {
    format!("due#{part}")
}

#[cfg(test)]
mod tests {
    use domain::Mode;

    use super::*;

    fn tenant(mode: Mode) -> Tenant {
        Tenant {
            organization: "QvGbMhxJzD".parse().unwrap(),
            mode,
        }
    }

    #[test]
    fn organization_and_mode_are_in_every_key_of_a_tenant() {
        let id: Id = "eqkykhjlVw".parse().unwrap();
        let keys = |mode| {
            let keys = Keys::of(tenant(mode));
            let kind = ResourceType::StripePayments;
            [
                keys.order(OrderId::new(id)),
                keys.current_source(OrderId::new(id)),
                keys.child(OrderId::new(id), kind, id),
                keys.customer(CustomerId::new(id)),
                keys.wallet_head(CustomerId::new(id)),
                keys.entry(CustomerId::new(id), EntryId::new(id)),
                keys.gateway_customer(CustomerId::new(id), GatewayId::new(id)),
                keys.order_of_customer(
                    CustomerId::new(id),
                    Timestamp::from_unix_millis(0),
                    OrderId::new(id),
                ),
                keys.of_customer(CustomerId::new(id), kind, id),
                keys.own(kind, id),
                keys.catalogued(kind, id),
                keys.circuit(GatewayId::new(id)),
                keys.locator(kind, id),
                keys.unique("email", "ff"),
                keys.token("ff"),
                keys.throttle("ff"),
                keys.counter("orders"),
                keys.operation(Owner::Order(OrderId::new(id)), OperationId::new(id)),
            ]
        };
        for (test, live) in keys(Mode::Test).into_iter().zip(keys(Mode::Live)) {
            assert!(test.pk.starts_with("QvGbMhxJzD#test#"), "{test:?}");
            assert!(live.pk.starts_with("QvGbMhxJzD#live#"), "{live:?}");
        }
    }

    #[test]
    fn what_makes_up_a_wallet_is_one_range_of_sort_keys() {
        let id: Id = "zzzzzzzzzz".parse().unwrap();
        let keys = Keys::of(tenant(Mode::Test));
        for key in [
            keys.customer(CustomerId::new(id)),
            keys.entry(CustomerId::new(id), EntryId::new(id)),
            keys.gateway_customer(CustomerId::new(id), GatewayId::new(id)),
        ] {
            assert!(key.sk.as_str() >= CUSTOMER && key.sk.as_str() <= AFTER_GATEWAY_CUSTOMERS);
        }
        let order = keys.order_of_customer(
            CustomerId::new(id),
            Timestamp::from_unix_millis(0),
            OrderId::new(id),
        );
        assert!(order.sk.as_str() > AFTER_GATEWAY_CUSTOMERS);
        assert!(
            keys.operation(Owner::Customer(CustomerId::new(id)), OperationId::new(id))
                .sk
                .as_str()
                > AFTER_GATEWAY_CUSTOMERS
        );
        for kind in [ResourceType::Addresses, ResourceType::CustomerAddresses] {
            let key = keys.of_customer(CustomerId::new(id), kind, id);
            assert!(key.sk.as_str() > ADDRESS_BOOK && key.sk.as_str() < CUSTOMER);
        }
    }
}

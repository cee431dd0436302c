//! What Commerce Layer publishes of its resources, in tables: one line for each attribute and each
//! relationship. The first line of a table names its source, the second its columns.

use std::collections::BTreeMap;

use domain::ResourceType;

/// What is published of one resource type.
pub struct Published {
    /// What can be done with records of the type: `create`, `update` and so on.
    pub actions: Rights,
    pub attributes: BTreeMap<&'static str, Member>,
    pub relationships: BTreeMap<&'static str, Member>,
}

/// One attribute or relationship.
pub struct Member {
    /// The type of an attribute's values: `string`. `to_one` or `to_many` of a relationship.
    pub kind: &'static str,
    /// A record cannot be made without it; not said of what is only sometimes required.
    pub required: bool,
    pub rights: Rights,
    /// The texts that an attribute takes; any, where there are none.
    pub values: Vec<&'static str>,
}

/// What may be done, in words.
pub struct Rights(Vec<&'static str>);

impl Rights {
    pub fn has(&self, right: &str) -> bool {
        self.0.contains(&right)
    }

    fn of(text: &'static str) -> Self {
        Self(text.split_whitespace().collect())
    }
}

impl Published {
    /// What the type's table says; none for a type that Commerce Layer does not have.
    pub fn of(kind: ResourceType) -> Option<Self> {
        let lines = table(kind)?.lines().filter(|line| !line.starts_with('#'));
        let mut published = Self {
            actions: Rights(Vec::new()),
            attributes: BTreeMap::new(),
            relationships: BTreeMap::new(),
        };
        for line in lines {
            let mut cells = line.split('\t');
            let mut next = || cells.next().unwrap_or_default();
            let (name, kind, required) = (next(), next(), next());
            let member = Member {
                kind,
                required: required == "required",
                rights: Rights::of(next()),
                values: next().split_whitespace().collect(),
            };
            match kind {
                "resource" => published.actions = member.rights,
                "to_one" | "to_many" => drop(published.relationships.insert(name, member)),
                _ => drop(published.attributes.insert(name, member)),
            }
        }
        Some(published)
    }
}

fn table(kind: ResourceType) -> Option<&'static str> {
    macro_rules! table {
        ($name:literal) => {
            include_str!(concat!("tables/", $name, ".tsv"))
        };
    }
    Some(match kind {
        ResourceType::Operations => return None,
        ResourceType::Addresses => table!("addresses"),
        ResourceType::Applications => table!("applications"),
        ResourceType::CheckoutComGateways => table!("checkout_com_gateways"),
        ResourceType::CheckoutComPayments => table!("checkout_com_payments"),
        ResourceType::CustomerAddresses => table!("customer_addresses"),
        ResourceType::CustomerPasswordResets => table!("customer_password_resets"),
        ResourceType::CustomerPaymentSources => table!("customer_payment_sources"),
        ResourceType::Customers => table!("customers"),
        ResourceType::DeliveryLeadTimes => table!("delivery_lead_times"),
        ResourceType::ExternalGateways => table!("external_gateways"),
        ResourceType::ExternalPayments => table!("external_payments"),
        ResourceType::KlarnaGateways => table!("klarna_gateways"),
        ResourceType::KlarnaPayments => table!("klarna_payments"),
        ResourceType::LineItemOptions => table!("line_item_options"),
        ResourceType::LineItems => table!("line_items"),
        ResourceType::Markets => table!("markets"),
        ResourceType::Orders => table!("orders"),
        ResourceType::Organizations => table!("organizations"),
        ResourceType::PaymentGateways => table!("payment_gateways"),
        ResourceType::PaymentMethods => table!("payment_methods"),
        ResourceType::Shipments => table!("shipments"),
        ResourceType::ShippingMethods => table!("shipping_methods"),
        ResourceType::Skus => table!("skus"),
        ResourceType::StripeGateways => table!("stripe_gateways"),
        ResourceType::Authorizations => table!("authorizations"),
        ResourceType::Captures => table!("captures"),
        ResourceType::Voids => table!("voids"),
        ResourceType::Refunds => table!("refunds"),
        ResourceType::Transactions => table!("transactions"),
        ResourceType::StripePayments => table!("stripe_payments"),
    })
}

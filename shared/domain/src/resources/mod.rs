//! The resource types, one file each. Adding one is adding its file and its line here; a type of
//! payment source has a second line, with its gateway.

use crate::payment_rules::PaymentRules;
use crate::resource::{Partition, Resource};

mod addresses;
mod applications;
mod authorizations;
mod captures;
mod checkout_com_gateways;
mod checkout_com_payments;
mod customer_addresses;
mod customer_password_resets;
mod customer_payment_sources;
mod customers;
mod delivery_lead_times;
mod external_gateways;
mod external_payments;
mod klarna_gateways;
mod klarna_payments;
mod line_item_options;
mod line_items;
mod markets;
pub mod not_held;
mod operations;
mod orders;
mod organizations;
mod payment_gateways;
mod payment_methods;
mod refunds;
pub mod rules;
mod shipments;
mod shipping_methods;
mod skus;
mod stripe_gateways;
mod stripe_payments;
mod transactions;
mod voids;

macro_rules! resource_types {
    ($($variant:ident => $module:ident,)*) => {
        /// A resource type. Its declaration is the file of that name in `resources`.
        #[expect(missing_docs, reason = "each variant is documented in its file")]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum ResourceType {
            $($variant,)*
        }

        impl ResourceType {
            /// Every resource type.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// What it is made of.
            pub const fn declaration(self) -> &'static Resource {
                match self {
                    $(Self::$variant => &$module::RESOURCE,)*
                }
            }
        }
    };
}

resource_types! {
    Orders => orders,
    Customers => customers,
    CustomerPaymentSources => customer_payment_sources,
    CustomerAddresses => customer_addresses,
    CustomerPasswordResets => customer_password_resets,
    PaymentMethods => payment_methods,
    PaymentGateways => payment_gateways,
    StripeGateways => stripe_gateways,
    CheckoutComGateways => checkout_com_gateways,
    KlarnaGateways => klarna_gateways,
    ExternalGateways => external_gateways,
    StripePayments => stripe_payments,
    CheckoutComPayments => checkout_com_payments,
    KlarnaPayments => klarna_payments,
    ExternalPayments => external_payments,
    Markets => markets,
    Addresses => addresses,
    LineItems => line_items,
    LineItemOptions => line_item_options,
    Shipments => shipments,
    ShippingMethods => shipping_methods,
    DeliveryLeadTimes => delivery_lead_times,
    Skus => skus,
    Organizations => organizations,
    Applications => applications,
    Operations => operations,
    Authorizations => authorizations,
    Captures => captures,
    Voids => voids,
    Refunds => refunds,
    Transactions => transactions,
}

macro_rules! payment_kinds {
    ($($source:ident, $gateway:ident => $module:ident,)*) => {
        /// What can pay one order.
        pub const PAYMENT_SOURCES: &[ResourceType] = &[$(ResourceType::$source,)*];

        /// What a payment method may belong to.
        pub const PAYMENT_GATEWAYS: &[ResourceType] = &[$(ResourceType::$gateway,)*];

        impl ResourceType {
            /// What is particular to a type of payment source; none for other types.
            pub const fn payment_rules(self) -> Option<&'static PaymentRules> {
                match self {
                    $(Self::$source => Some(&$module::RULES),)*
                    _ => None,
                }
            }

            /// The type of payment source that gateways of this type take; none for other types.
            pub const fn source_kind(self) -> Option<Self> {
                match self {
                    $(Self::$gateway => Some(Self::$source),)*
                    _ => None,
                }
            }

            /// The type of gateway that takes payment sources of this type; none for other types.
            pub const fn gateway_kind(self) -> Option<Self> {
                match self {
                    $(Self::$source => Some(Self::$gateway),)*
                    _ => None,
                }
            }
        }
    };
}

payment_kinds! {
    StripePayments, StripeGateways => stripe_payments,
    CheckoutComPayments, CheckoutComGateways => checkout_com_payments,
    KlarnaPayments, KlarnaGateways => klarna_payments,
    ExternalPayments, ExternalGateways => external_payments,
}

/// Money of an order that was held, taken, let go of, or given back.
pub const TRANSACTIONS: &[ResourceType] = &[
    ResourceType::Authorizations,
    ResourceType::Captures,
    ResourceType::Voids,
    ResourceType::Refunds,
];

/// How many resource types live at one of these homes.
pub const fn count_at(homes: &[Partition]) -> usize {
    let (mut count, mut index) = (0, 0);
    while index < ResourceType::ALL.len() {
        count += lives_at(ResourceType::ALL[index], homes) as usize;
        index += 1;
    }
    count
}

/// The resource types that live at one of these homes, in the order of their declaration. `N` is
/// [`count_at`] these.
pub const fn types_at<const N: usize>(homes: &[Partition]) -> [ResourceType; N] {
    let mut types = [ResourceType::ALL[0]; N];
    let (mut found, mut index) = (0, 0);
    while index < ResourceType::ALL.len() {
        if lives_at(ResourceType::ALL[index], homes) {
            types[found] = ResourceType::ALL[index];
            found += 1;
        }
        index += 1;
    }
    types
}

const fn lives_at(kind: ResourceType, homes: &[Partition]) -> bool {
    let mut index = 0;
    while index < homes.len() {
        if kind.declaration().partition as u8 == homes[index] as u8 {
            return true;
        }
        index += 1;
    }
    false
}

/// How a payment method may name its gateway: as what it is, or as [`ResourceType::PaymentGateways`].
pub const NAMED_GATEWAYS: &[ResourceType] = &[
    ResourceType::StripeGateways,
    ResourceType::CheckoutComGateways,
    ResourceType::KlarnaGateways,
    ResourceType::ExternalGateways,
    ResourceType::PaymentGateways,
];

impl ResourceType {
    /// Its name in documents and paths: `orders`.
    pub const fn name(self) -> &'static str {
        self.declaration().name
    }

    /// Its name in paths: `orders`; in the singular where there is one for each caller.
    pub fn path(self) -> &'static str {
        match self.declaration().partition {
            Partition::Token => self.name().trim_end_matches('s'),
            _ => self.name(),
        }
    }

    /// The types that records of this one are of: itself, and those that it is a view of.
    pub const fn kinds(self) -> &'static [Self] {
        match self {
            Self::Transactions => TRANSACTIONS,
            _ => std::slice::from_ref(&Self::ALL[self as usize]),
        }
    }

    /// The type of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|it| it.name() == name)
    }
}

impl std::fmt::Display for ResourceType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::record::{Corrupt, Record};
use crate::resources::ResourceType;

/// The type of a payment gateway: whose API it speaks. Stored and written as the name of its resource
/// type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum GatewayKind {
    /// Stripe.
    #[serde(rename = "stripe_gateways")]
    Stripe,
    /// Checkout.com.
    #[serde(rename = "checkout_com_gateways")]
    CheckoutCom,
    /// Klarna.
    #[serde(rename = "klarna_gateways")]
    Klarna,
    /// A shop's own endpoints.
    #[serde(rename = "external_gateways")]
    External,
}

impl GatewayKind {
    /// Every type of gateway.
    pub const ALL: &[Self] = &[
        Self::Stripe,
        Self::CheckoutCom,
        Self::Klarna,
        Self::External,
    ];

    /// The resource type of the gateway's record.
    pub const fn resource_type(self) -> ResourceType {
        match self {
            Self::Stripe => ResourceType::StripeGateways,
            Self::CheckoutCom => ResourceType::CheckoutComGateways,
            Self::Klarna => ResourceType::KlarnaGateways,
            Self::External => ResourceType::ExternalGateways,
        }
    }

    /// The type of the payment sources that the gateway takes.
    pub const fn source_type(self) -> ResourceType {
        match self {
            Self::Stripe => ResourceType::StripePayments,
            Self::CheckoutCom => ResourceType::CheckoutComPayments,
            Self::Klarna => ResourceType::KlarnaPayments,
            Self::External => ResourceType::ExternalPayments,
        }
    }

    /// The vendor's name, as the log has it.
    pub const fn vendor(self) -> &'static str {
        match self {
            Self::Stripe => "stripe",
            Self::CheckoutCom => "checkout_com",
            Self::Klarna => "klarna",
            Self::External => "external",
        }
    }

    /// The type of gateway whose records are of this resource type; none for other records.
    pub fn from_resource_type(kind: ResourceType) -> Option<Self> {
        let mut all = Self::ALL.iter().copied();
        all.find(|it| it.resource_type() == kind)
    }

    /// The type of gateway that takes payment sources of this resource type; none for other records.
    pub fn from_source_type(kind: ResourceType) -> Option<Self> {
        let mut all = Self::ALL.iter().copied();
        all.find(|it| it.source_type() == kind)
    }

    /// The type of the gateway of this record.
    ///
    /// # Errors
    /// The record is no gateway's.
    pub fn of(gateway: &Record) -> Result<Self, Corrupt> {
        let kind = Self::from_resource_type(gateway.kind);
        kind.ok_or_else(|| gateway.corrupt("it is no payment gateway"))
    }
}

impl fmt::Display for GatewayKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.resource_type().name())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::resources::{PAYMENT_GATEWAYS, PAYMENT_SOURCES};
    use crate::{Id, Timestamp};

    #[test]
    fn a_gateway_is_stored_under_the_name_of_its_resource_type() {
        for kind in GatewayKind::ALL {
            let stored = json!(kind);
            assert_eq!(stored, kind.resource_type().name());
            assert_eq!(stored, kind.to_string());
            let read: GatewayKind = serde_json::from_value(stored).unwrap();
            assert_eq!(read, *kind);
        }
        for unknown in ["adyen_gateways", "payment_gateways", "Stripe", ""] {
            serde_json::from_value::<GatewayKind>(json!(unknown)).unwrap_err();
        }
    }

    #[test]
    fn every_type_of_gateway_and_of_payment_source_has_its_kind() {
        for kind in PAYMENT_GATEWAYS {
            let gateway = GatewayKind::from_resource_type(*kind).unwrap();
            assert_eq!(gateway.resource_type(), *kind);
            assert_eq!(Some(gateway.source_type()), kind.source_kind());
        }
        for kind in PAYMENT_SOURCES {
            let gateway = GatewayKind::from_source_type(*kind).unwrap();
            assert_eq!(Some(gateway.resource_type()), kind.gateway_kind());
        }
        assert_eq!(GatewayKind::ALL.len(), PAYMENT_GATEWAYS.len());
    }

    #[test]
    fn a_record_of_another_type_is_no_gateway() {
        let (id, now) = (Id::derived(&["record"]), Timestamp::from_unix_millis(0));
        let gateway = Record::new(ResourceType::KlarnaGateways, id, now);
        assert_eq!(GatewayKind::of(&gateway), Ok(GatewayKind::Klarna));
        let order = Record::new(ResourceType::Orders, id, now);
        let corrupt = GatewayKind::of(&order).unwrap_err();
        assert_eq!((corrupt.kind, corrupt.id), (ResourceType::Orders, id));
    }
}

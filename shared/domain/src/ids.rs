//! Ids that say whose they are, for wherever an id is passed with nothing beside it that says so: an
//! order's where a customer's is wanted does not compile. A record's own id is an [`Id`], since its
//! type stands beside it.
//!
//! ```
//! # use domain::{CustomerId, OrderId};
//! # fn orders_of(customer: CustomerId) {}
//! fn of_customer(order: OrderId, customer: CustomerId) {
//!     orders_of(customer)
//! }
//! ```
//!
//! ```compile_fail,E0308
//! # use domain::{CustomerId, OrderId};
//! # fn orders_of(customer: CustomerId) {}
//! fn of_customer(order: OrderId, customer: CustomerId) {
//!     orders_of(order)
//! }
//! ```

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{Id, NotAnId};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Id);

        impl $name {
            /// Says of an id whose it is: there is no silent way from an [`Id`].
            pub const fn new(id: Id) -> Self {
                Self(id)
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                self.0.as_str()
            }
        }

        impl From<$name> for Id {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;

            fn from_str(text: &str) -> Result<Self, NotAnId> {
                text.parse().map(Self)
            }
        }

        /// A record's own id, where the record's type is known.
        impl PartialEq<Id> for $name {
            fn eq(&self, other: &Id) -> bool {
                self.0 == *other
            }
        }

        impl PartialEq<$name> for Id {
            fn eq(&self, other: &$name) -> bool {
                *self == other.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }
    )*};
}

ids! {
    /// The id of an order.
    OrderId
    /// The id of a customer.
    CustomerId
    /// The id of a wallet entry, a customer's payment source.
    EntryId
    /// The id of an order's payment source; where another card was put on it, one that stands for the
    /// source with that card.
    SourceId
    /// The id of a payment gateway, of whichever type.
    GatewayId
    /// The id of a payment method.
    PaymentMethodId
    /// The id of a market.
    MarketId
    /// The id of an operation.
    OperationId
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_typed_id_is_written_and_read_as_the_id_alone() {
        let id = Id::derived(&["order"]);
        let order = OrderId::new(id);
        assert_eq!(json!(order), json!(id));
        assert_eq!(serde_json::from_value::<OrderId>(json!(id)).unwrap(), order);
        assert_eq!(order.to_string().parse::<OrderId>(), Ok(order));
        assert_eq!((order.as_str(), Id::from(order)), (id.as_str(), id));
        serde_json::from_value::<OrderId>(json!("no id")).unwrap_err();
    }
}

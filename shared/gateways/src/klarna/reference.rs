//! What a payment's reference stands for at Klarna. Sessions and orders both have UUIDs, so that an
//! order's is written with its path: `orders/{order_id}`. A session's stands alone.

use super::client::Reference;

const ORDERS: &str = "orders/";

/// What is asked about.
#[derive(Clone, Copy)]
pub(super) enum PaymentReference<'p> {
    /// What the shopper approves.
    Session(Reference<'p>),
    /// What was authorised.
    Order(Reference<'p>),
}

impl<'p> PaymentReference<'p> {
    /// None where Klarna makes no such ids.
    pub fn of(text: &'p str) -> Option<Self> {
        match text.strip_prefix(ORDERS) {
            Some(order) => Reference::of(order).map(Self::Order),
            None => Reference::of(text).map(Self::Session),
        }
    }

    /// The session, where it is one.
    pub fn session(self) -> Option<Reference<'p>> {
        match self {
            Self::Session(session) => Some(session),
            Self::Order(_) => None,
        }
    }

    /// The order, where it is one.
    pub fn order(self) -> Option<Reference<'p>> {
        match self {
            Self::Order(order) => Some(order),
            Self::Session(_) => None,
        }
    }
}

/// An order's reference.
pub(crate) fn of_order(order_id: &str) -> String {
    format!("{ORDERS}{order_id}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_and_sessions_are_told_apart() {
        let id = "0b1d9815-165e-42e2-8867-35bc03789e00";
        let order = of_order(id);
        let order = PaymentReference::of(&order).unwrap();
        assert!(order.order().is_some() && order.session().is_none());
        let session = PaymentReference::of(id).unwrap();
        assert!(session.session().is_some() && session.order().is_none());
        for text in ["", "orders/", "orders/../x", "orders/a/b", "captures/a"] {
            assert!(PaymentReference::of(text).is_none(), "{text}");
        }
    }
}

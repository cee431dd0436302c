//! What an order's amounts come to once its shopper chose how it is shipped or paid. All other amounts are the
//! shop's, and stay as it gave them.

use std::ops::ControlFlow::Continue;

use domain::shipping;

use super::paying::Paying;
use crate::Decided;

const SHIPPING: &str = "shipping_amount_cents";
const PAYMENT_METHOD: &str = "payment_method_amount_cents";

/// The totals that contain what shipping and the payment method cost.
const TOTALS: [&str; 2] = ["total_amount_cents", "total_amount_with_taxes_cents"];

impl Paying<'_> {
    /// The order costs what its shipping methods cost.
    pub(super) fn take_shipping_cost(&mut self) {
        let cost = shipping::cost(&self.purchase.partition, &self.purchase.catalog);
        self.take_cost(SHIPPING, cost);
    }

    /// The order costs what its payment method costs.
    pub(super) fn take_payment_method_cost(&mut self) {
        let method = self.purchase.payment_method();
        let price = method.and_then(|it| it.integer("price_amount_cents"));
        self.take_cost(PAYMENT_METHOD, price.unwrap_or_default());
    }

    /// What is paid of the order follows from the amount as well, once a transaction was made here.
    pub(super) fn tell_paid(&mut self) -> Decided<()> {
        if self.purchase.order().state.transactions > 0 {
            let till = self.till()?;
            self.put_till(till);
        }
        Continue(())
    }

    /// The totals move by what the cost is more than before, and never below 0. A total that nobody gave stays
    /// absent: what the order comes to is not known then.
    fn take_cost(&mut self, name: &str, cost: i64) {
        let order = &mut self.purchase.partition.order.record;
        let former = order.integer(name).unwrap_or_default();
        if cost == former {
            return;
        }
        order.set(name, cost);
        for total in TOTALS {
            if let Some(cents) = order.integer(total) {
                let moved = cents.saturating_add(cost.saturating_sub(former));
                order.set(total, moved.max(0));
            }
        }
    }
}

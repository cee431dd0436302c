//! How an order's payment moves its `fulfillment_status`. Goods go out elsewhere, and whoever sends them says so: here
//! begins what may be sent, and what was called off is not under way any more.

use domain::order::{Order, OrderStatus};
use domain::resources::ResourceType;
use domain::shipping;
use serde_json::Value;

use super::paying::Paying;

const FULFILLMENT: &str = "fulfillment_status";
const UNFULFILLED: &str = "unfulfilled";
const IN_PROGRESS: &str = "in_progress";

impl Paying<'_> {
    /// Moves it on with the order, unless the caller says what it is (Commerce Layer, "orders", the table of
    /// statuses). An order that is paid elsewhere is sent as its shop says.
    pub(super) fn follow_fulfillment(&mut self) {
        let (before, order) = (self.read.order(), self.purchase.order());
        let is_given = said(before) != said(order);
        let is_paid_here =
            order.state.transactions > 0 || order.record.text("payment_status") == Some("free");
        if is_given || !is_paid_here || payment_of(before) == payment_of(order) {
            return;
        }
        let is_placed = before.status != OrderStatus::Placed && order.status == OrderStatus::Placed;
        let next = match said(order) {
            UNFULFILLED if is_placed && self.sends_nothing() => "not_required",
            UNFULFILLED if self.may_be_sent() => IN_PROGRESS,
            IN_PROGRESS if order.status == OrderStatus::Cancelled => UNFULFILLED,
            _ => return,
        };
        let now = self.input.now.to_string();
        let record = &mut self.purchase.partition.order.record;
        record.set(FULFILLMENT, next);
        record.set("fulfillment_updated_at", now);
    }

    fn sends_nothing(&self) -> bool {
        let partition = &self.purchase.partition;
        partition.children.is_some() && !shipping::is_shipped(partition)
    }

    /// The shop has taken the order on, and has its money or does not wait for it: `require_capture` of the payment
    /// method.
    fn may_be_sent(&self) -> bool {
        let order = self.purchase.order();
        if order.status != OrderStatus::Approved {
            return false;
        }
        let method = order.payment_method();
        let catalog = &self.purchase.catalog;
        let method = method.and_then(|it| catalog.get(ResourceType::PaymentMethods, it.into()));
        let waits = method.is_none_or(|it| it.get("require_capture") != Some(&Value::Bool(false)));
        match order.record.text("payment_status") {
            Some("paid" | "free") => true,
            Some("authorized" | "partially_paid") => !waits,
            _ => false,
        }
    }
}

fn said(order: &Order) -> &str {
    order.record.text(FULFILLMENT).unwrap_or(UNFULFILLED)
}

fn payment_of(order: &Order) -> (OrderStatus, Option<&str>) {
    (order.status, order.record.text("payment_status"))
}

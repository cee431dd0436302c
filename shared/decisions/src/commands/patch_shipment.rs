//! `PATCH /api/shipments/{id}`: how a part of the order is shipped, which shoppers choose.

use std::ops::ControlFlow::{Break, Continue};

use domain::purchase::Purchase;
use domain::record::{Place, Placed, Record};
use domain::refusal::{Refusal, Refusals};
use domain::resources::ResourceType;
use domain::{Id, Role, Write};

use super::paying::Paying;
use crate::manage::{self, Basis, Named};
use crate::{Answers, Command, Decided, Input, OrStop, Step, stop};

const METHOD: &str = "shipping_method";

/// A shipment is to change. Another shipping method moves the order's amounts.
#[derive(Debug, Clone, PartialEq)]
pub struct PatchShipment {
    /// Which.
    pub id: Id,
    /// What is to be written of it.
    pub write: Write,
    /// The records beyond the catalogue that the request names.
    pub named: Named,
}

impl Command for PatchShipment {
    type State = Purchase;
    type Answer = Purchase;

    fn next(&self, purchase: &Purchase, answers: &Answers, input: Input<'_>) -> Step<Purchase> {
        Paying::decide(purchase, answers, input, |paying| self.decide(paying))
    }
}

impl PatchShipment {
    fn decide(&self, paying: &mut Paying<'_>) -> Decided<()> {
        let order = paying.purchase.order();
        let is_open = order.status.takes_payment();
        let by_shopper = paying.input.caller.role != Role::Integration;
        if by_shopper && !is_open {
            let detail =
                "How an order is shipped can be changed only while it is draft or pending.";
            return stop(Refusal::invalid(detail).at("/data"));
        }
        let place = Place::OfOrder(order.id());
        let Some(shipment) = self.found(paying) else {
            return stop(Refusal::not_found());
        };
        let chosen = self.write.relationship(METHOD);
        if let (true, Some(Some(method))) = (by_shopper, chosen) {
            require_available(paying, method.id).or_stop()?;
        }
        let former = shipment.related(METHOD);
        let record = shipment.clone();
        let basis = Basis {
            input: paying.input,
            catalog: &paying.purchase.catalog,
            named: &self.named,
            password_hash: None,
            order: None,
        };
        let decided = manage::change(Placed { record, place }, &self.write, basis);
        let decided = match decided.map_err(Refusals::from) {
            Ok(decided) => decided,
            Err(refusals) => return Break(Step::Refuse(refusals)),
        };
        paying.beside.extend(decided.changes);
        let is_other = decided.record.related(METHOD) != former;
        for child in paying.purchase.partition.children.iter_mut().flatten() {
            if child.identifier() == decided.record.identifier() {
                child.clone_from(&decided.record);
            }
        }
        if is_open && (is_other || chosen.is_some()) {
            paying.take_shipping_cost();
            paying.tell_paid()?;
        }
        Continue(())
    }

    fn found<'p>(&self, paying: &'p Paying<'_>) -> Option<&'p Record> {
        let mut shipments = domain::shipping::shipments(&paying.purchase.partition);
        shipments.find(|it| it.id == self.id)
    }
}

/// Shoppers choose among the methods that they are offered.
fn require_available(paying: &Paying<'_>, method: Id) -> Result<(), Refusal> {
    let purchase = &paying.purchase;
    let known = purchase
        .catalog
        .get(ResourceType::ShippingMethods, method)
        .ok_or_else(|| Refusal::not_found().at_relationship(METHOD))?;
    let available = purchase.catalog.shipping_methods(purchase.order());
    match available.iter().any(|it| it.id == known.id) {
        true => Ok(()),
        false => {
            let detail = "shipping_method - is not available for the order.";
            Err(Refusal::invalid(detail).at_relationship(METHOD))
        }
    }
}

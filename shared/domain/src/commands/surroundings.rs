//! The records around an order that an integration has it name: its market, its customer, its
//! addresses.

use super::patch_order::close_wallet_of_former_customer;
use super::paying::{Flow, Paying};
use crate::manage::{self, Named, OrderLine};
use crate::record::{Identifier, Place, Record};
use crate::refusal::Refusal;
use crate::resources::ResourceType;

/// Which records an order is to name.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Surroundings {
    /// By relationship: another record, or none.
    pub relationships: Vec<(&'static str, Option<Identifier>)>,
    /// Those of them that are beyond the catalogue, as far as they are there.
    pub named: Named,
}

impl Surroundings {
    /// Has the order name them. Another customer, or none, drops the payment source: it stands on the
    /// former's record at the gateway.
    pub(super) fn change(&self, paying: &mut Paying<'_>) -> Flow<()> {
        for (name, to) in &self.relationships {
            let changed = match *name {
                "customer" => self.set_customer(paying, *to),
                _ => self.set(paying, name, *to).map_err(Into::into),
            };
            changed.map_err(|step| match step {
                super::Step::Refuse(refusal) => refusal.at_relationship(name).into(),
                step => step,
            })?;
        }
        let order = paying.purchase.order().id();
        let record = paying.purchase.order().record.clone();
        manage::settle(
            &record,
            &self.named,
            Place::OfOrder(order),
            &mut paying.beside,
        );
        self.show_moved(paying, &record);
        Ok(())
    }

    fn set(
        &self,
        paying: &mut Paying<'_>,
        name: &str,
        to: Option<Identifier>,
    ) -> Result<(), Refusal> {
        if let Some(to) = to {
            let catalog = &paying.purchase.catalog;
            let is_catalogued = catalog.get(to.kind, to.id).is_some();
            match self.named.get(&to) {
                Some(placed) => {
                    let required = manage::Change::Require(to, placed.place);
                    paying.beside.push(required);
                }
                None if is_catalogued => {}
                None => return Err(Refusal::not_found()),
            }
        }
        paying.purchase.partition.order.record.relate(name, to);
        Ok(())
    }

    fn set_customer(&self, paying: &mut Paying<'_>, to: Option<Identifier>) -> Flow<()> {
        let former = paying.purchase.order().customer();
        if former == to.map(|it| it.id) {
            return Ok(());
        }
        if paying.purchase.partition.source.is_some() {
            paying.purchase.require_open()?;
            paying.drop_source()?;
        }
        self.set(paying, "customer", to)?;
        let line = OrderLine::of(&paying.purchase.order().record);
        let unlist = former.map(|it| manage::Change::UnlistOrder(it, line));
        let list = to.map(|it| manage::Change::ListOrder(it.id, line));
        paying.beside.extend(unlist.into_iter().chain(list));
        close_wallet_of_former_customer(paying);
        Ok(())
    }

    /// The addresses that move to the order are read with it from now on.
    fn show_moved(&self, paying: &mut Paying<'_>, order: &Record) {
        let Some(children) = &mut paying.purchase.partition.children else {
            return;
        };
        let named = order.relationships.values();
        for identifier in named.filter(|it| it.kind == ResourceType::Addresses) {
            let is_there = children.iter().any(|it| it.identifier() == *identifier);
            if let (false, Some(placed)) = (is_there, self.named.get(identifier)) {
                children.push(placed.record.clone());
            }
        }
    }
}

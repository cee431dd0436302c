//! Whose an order is: a guest's becomes the customer's who signs in, and an e-mail address names a customer, who
//! is made where there is none (Commerce Layer, orders, `customer_email`). Neither opens a wallet to a guest.

use std::ops::ControlFlow::{Break, Continue};

use domain::CustomerId;
use domain::record::{Identifier, Place};
use domain::refusal::{Refusal, Refusals};
use domain::resources::ResourceType;

use super::patch_order::close_wallet_of_former_customer;
use super::paying::Paying;
use crate::manage::{self, Basis, Named};
use crate::{Change, Decided, OrderLine, Step, Unique, stop};

/// The customer whom an order's e-mail address names, and who signs up with it.
#[derive(Debug, Clone, PartialEq)]
pub struct CustomerOfEmail {
    /// The e-mail address, as it was given.
    pub email: String,
    /// The customer who has it; none where they are to be made.
    pub known: Option<CustomerId>,
    /// The hash of `customer_password`.
    pub password_hash: Option<String>,
}

/// A guest's open order becomes the customer's who changes it, unless it names somebody else. What was opened to
/// pay it as a guest is dropped.
pub(super) fn claim(paying: &mut Paying<'_>) -> Decided<()> {
    let order = paying.purchase.order();
    let Some(owner) = paying.input.caller.owner() else {
        return Continue(());
    };
    if !order.is_guest() || !order.status.takes_payment() {
        return Continue(());
    }
    let profile = paying.purchase.wallet.as_ref();
    let profile = profile.filter(|it| it.customer == owner);
    let email = profile.and_then(|it| it.profile.as_ref()?.text("email"));
    let same = |given: &str, own: &str| {
        let unique = |email: &str| Unique::new(ResourceType::Customers, email);
        unique(given) == unique(own)
    };
    let is_theirs = match (email, order.record.text("customer_email")) {
        (Some(own), Some(given)) => same(given, own),
        (Some(_), None) => true,
        (None, _) => false,
    };
    let is_others = order.customer().is_some_and(|it| it != owner);
    let is_captured = match &paying.purchase.partition.source {
        Some(source) => paying.is_captured_with(source)?,
        None => false,
    };
    if !is_theirs || is_others || is_captured {
        close_wallet_of_former_customer(paying);
        return Continue(());
    }
    let email = email.unwrap_or_default().to_owned();
    paying.drop_source()?;
    name_customer(paying, Some(owner));
    let order = &mut paying.purchase.partition.order;
    order.record.set("guest", false);
    order.record.set("customer_email", email);
    Continue(())
}

impl CustomerOfEmail {
    /// Has the order name the customer, where it is nobody's or a guest's.
    pub(super) fn take(&self, paying: &mut Paying<'_>) -> Decided<()> {
        let order = paying.purchase.order();
        let is_open = order.customer().is_none() || order.is_guest();
        if !is_open && self.password_hash.is_none() {
            return Continue(());
        }
        if self.password_hash.is_some() && (self.known.is_some() || !is_open) {
            return stop(Refusal::taken("customer_email").at_attribute("customer_email"));
        }
        if self.known.is_some() && self.known == order.customer() {
            return Continue(());
        }
        let customer = match self.known {
            Some(customer) => {
                let required = Change::require(identifier(customer), Place::Customer);
                paying.beside.push(required);
                customer
            }
            None => self.make(paying)?,
        };
        name_customer(paying, Some(customer));
        let order = &mut paying.purchase.partition.order;
        if order.record.get("guest").is_none() {
            order.record.set("guest", true);
        }
        close_wallet_of_former_customer(paying);
        Continue(())
    }

    fn make(&self, paying: &mut Paying<'_>) -> Decided<CustomerId> {
        let basis = Basis {
            input: paying.input,
            catalog: &paying.purchase.catalog,
            named: &Named::new(),
            password_hash: self.password_hash.as_deref(),
            order: None,
        };
        match manage::customer_of_email(&self.email, basis) {
            Ok(made) => {
                paying.beside.extend(made.changes);
                Continue(CustomerId::new(made.record.id))
            }
            Err(refusals) => {
                let refusals = Refusals::from(refusals).at_attribute("customer_email");
                Break(Step::Refuse(refusals))
            }
        }
    }
}

fn identifier(customer: CustomerId) -> Identifier {
    Identifier {
        kind: ResourceType::Customers,
        id: customer.into(),
    }
}

/// The order is this customer's, and among theirs, or nobody's.
pub(super) fn name_customer(paying: &mut Paying<'_>, customer: Option<CustomerId>) {
    let order = &mut paying.purchase.partition.order;
    let former = order.customer();
    if former == customer {
        return;
    }
    order.record.relate("customer", customer.map(identifier));
    let line = OrderLine::of(&order.record);
    let unlist = former.map(|it| Change::UnlistOrder(it, line));
    let list = customer.map(|it| Change::ListOrder(it, line));
    paying.beside.extend(unlist.into_iter().chain(list));
}

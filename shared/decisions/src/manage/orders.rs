//! What orders go by beyond their declaration: what follows from the records that they name.

use domain::order::Order;
use domain::record::Identifier;
use domain::resources::ResourceType;
use domain::{CustomerId, Id, Refusal};

use super::draft::Draft;
use crate::commands::order_attributes;
use crate::{Change, OrderLine};

/// A new order. One that exists is changed by [`crate::commands::PatchOrder`].
pub(super) fn complete(draft: &mut Draft<'_>) {
    take_market(draft);
    take_currency(draft);
    take_customer(draft);
    take_country(draft);
    if draft.record.get("token").is_none() {
        draft.record.set("token", draft.basis.input.secret);
    }
    check_place_async(draft);
    check_method(draft);
}

fn check_place_async(draft: &mut Draft<'_>) {
    let Ok(order) = Order::parse(draft.record.clone()) else {
        return;
    };
    let checked = order_attributes::check_place_async(
        draft.record.get(order_attributes::PLACE_ASYNC),
        &order,
    );
    draft.refusals.extend(checked.err());
}

/// The market of a token that is held to one needs not be given.
fn take_market(draft: &mut Draft<'_>) {
    if draft.record.related("market").is_some() || draft.is_refused("market") {
        return;
    }
    match draft.basis.input.caller.markets.as_slice() {
        [market] => {
            let kind = ResourceType::Markets;
            let market = Identifier {
                kind,
                id: Id::from(*market),
            };
            draft.record.relate("market", Some(market));
        }
        _ => {
            let refusal = Refusal::blank("market").at_relationship("market");
            draft.refusals.push(refusal);
        }
    }
}

/// An order is in its market's currency, unless it says another.
fn take_currency(draft: &mut Draft<'_>) {
    if draft.record.get("currency_code").is_some() || draft.is_refused("currency_code") {
        return;
    }
    let market = draft.related("market");
    let currency = market
        .as_ref()
        .and_then(|it| it.record.text("currency_code"));
    if let Some(currency) = currency.map(str::to_owned) {
        draft.record.set("currency_code", currency);
    }
}

fn take_customer(draft: &mut Draft<'_>) {
    let customer = draft.related("customer");
    if draft.record.get("guest").is_none() {
        draft.record.set("guest", customer.is_none());
    }
    if let Some(customer) = customer {
        if let (None, Some(email)) = (
            draft.record.get("customer_email"),
            customer.record.text("email"),
        ) {
            draft.record.set("customer_email", email);
        }
        let line = OrderLine::of(&draft.record);
        let list = Change::ListOrder(CustomerId::new(customer.record.id), line);
        draft.beside.push(list);
    }
}

fn take_country(draft: &mut Draft<'_>) {
    if draft.record.get("country_code").is_some() {
        return;
    }
    let addresses = ["shipping_address", "billing_address"].map(|it| draft.related(it));
    let mut countries = addresses
        .iter()
        .flatten()
        .filter_map(|it| it.record.text("country_code"));
    if let Some(country) = countries.next() {
        let country = country.to_owned();
        draft.record.set("country_code", country);
    }
}

/// An order that is still to be paid has a payment method that is offered for it.
fn check_method(draft: &mut Draft<'_>) {
    let Some(method) = draft.related("payment_method") else {
        return;
    };
    let Ok(order) = Order::parse(draft.record.clone()) else {
        return;
    };
    let offered = draft.basis.catalog.require_offered(&method.record, &order);
    if let (true, Err(refusal)) = (order.status.takes_payment(), offered) {
        draft
            .refusals
            .push(refusal.at_relationship("payment_method"));
    }
}

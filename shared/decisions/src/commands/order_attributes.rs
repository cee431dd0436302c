//! What is written of an order beyond what its declaration says of each attribute.

use domain::order::Order;
use domain::refusal::Refusal;
use domain::resources::ResourceType;
use domain::{Caller, Role};
use serde_json::{Map, Value};

/// What takes an amount off. What they are worth the shop's order system knows, which prices the order.
const CODES: [&str; 3] = ["coupon_code", "gift_card_code", "gift_card_or_coupon_code"];

/// Refuses what may not be written of the order as it is.
pub(super) fn check(
    attributes: &Map<String, Value>,
    order: &Order,
    caller: &Caller,
) -> Result<(), Refusal> {
    if caller.role == Role::Integration {
        return Ok(());
    }
    for name in CODES {
        let kept = order.record.get(name).unwrap_or(&Value::Null);
        if attributes.get(name).is_some_and(|given| given != kept) {
            let detail = format!(
                "{name} - is not valid: codes are applied by the shop's order system alone."
            );
            return Err(Refusal::invalid(detail).at_attribute(name));
        }
    }
    if attributes.contains_key("guest") && order.customer().is_some() {
        let detail = "An order that has a customer stays as it is: a guest's, or the customer's.";
        return Err(Refusal::invalid(detail).at_attribute("guest"));
    }
    Ok(())
}

/// Whether an order is placed in the background.
pub(crate) const PLACE_ASYNC: &str = "place_async";

/// An order that is still to be paid is not to be placed in the background, which is not built. One that
/// was placed elsewhere says how that was done.
pub(crate) fn check_place_async(given: Option<&Value>, order: &Order) -> Result<(), Refusal> {
    if order.status.takes_payment() && given == Some(&Value::Bool(true)) {
        let detail = "Orders are not placed in the background here. Leave place_async at false.";
        return Err(Refusal::invalid(detail).at_attribute(PLACE_ASYNC));
    }
    Ok(())
}

/// The value as it is kept: the declaration says what is taken.
pub(super) fn kept(name: &str, value: &Value) -> Result<Value, Refusal> {
    let attribute = ResourceType::Orders.declaration().attribute(name);
    match attribute {
        Some(attribute) => attribute.kept(value).map_err(|it| it.at_attribute(name)),
        None => Ok(value.clone()),
    }
}

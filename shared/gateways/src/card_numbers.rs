//! Card numbers in gateways' answers: taken out before an answer goes on its way to the table.

use domain::gateway::{GatewayAnswer, Payment};
use gatehouse::pan::holds_card_number;
use serde_json::{Map, Value};

/// The answer without what looks like a card number. A gateway gives tokens, never numbers; should
/// it give one after all, it is dropped rather than refused, since what was asked has been done.
pub(crate) fn removed(answer: GatewayAnswer) -> GatewayAnswer {
    match answer {
        GatewayAnswer::Payment(payment) => GatewayAnswer::Payment(removed_from(payment)),
        GatewayAnswer::Payments(payments) => {
            GatewayAnswer::Payments(payments.into_iter().map(removed_from).collect())
        }
        GatewayAnswer::Reusable(mut reusable) => {
            remove_from_members(&mut reusable.snapshot);
            if holds_card_number(&reusable.name) {
                reusable.name = "Payment source".to_owned();
            }
            GatewayAnswer::Reusable(reusable)
        }
        GatewayAnswer::Moved(mut moved) => {
            remove_from_members(&mut moved.metadata);
            GatewayAnswer::Moved(moved)
        }
        // References, and sentences of our own.
        answer @ (GatewayAnswer::Customer(_)
        | GatewayAnswer::Done
        | GatewayAnswer::Kept(_)
        | GatewayAnswer::Lost(_)) => answer,
    }
}

fn removed_from(mut payment: Payment) -> Payment {
    remove_from_members(&mut payment.attributes);
    remove_from_members(&mut payment.metadata);
    remove(&mut payment.details);
    payment
}

fn remove(value: &mut Value) {
    match value {
        Value::String(text) if holds_card_number(text) => *value = Value::Null,
        Value::Number(number) if holds_card_number(&number.to_string()) => *value = Value::Null,
        Value::Array(items) => items.iter_mut().for_each(remove),
        Value::Object(members) => remove_from_members(members),
        _ => {}
    }
}

fn remove_from_members(members: &mut Map<String, Value>) {
    members.retain(|name, _| !holds_card_number(name));
    members.values_mut().for_each(remove);
}

#[cfg(test)]
mod tests {
    use domain::gateway::Reusable;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_card_number_is_gone_wherever_it_stood_and_all_else_stays() {
        let number = "4242".repeat(4);
        let mut snapshot = json!({
            "options": {"note": format!("card {number}"), "list": [number.parse::<u64>().unwrap(), 7]},
            "payment_method": {"id": "pm_1", "card": {"last4": "4242"}},
        });
        snapshot[&number] = json!(1);
        let answer = removed(GatewayAnswer::Reusable(Reusable {
            customer_token: "cus_1".to_owned(),
            payment_source_token: "pm_1".to_owned(),
            name: number.clone(),
            fingerprint: None,
            expiry: None,
            snapshot: snapshot.as_object().unwrap().clone(),
        }));
        let GatewayAnswer::Reusable(reusable) = answer else {
            panic!("{answer:?}");
        };
        assert_eq!(
            Value::Object(reusable.snapshot),
            json!({
                "options": {"note": null, "list": [null, 7]},
                "payment_method": {"id": "pm_1", "card": {"last4": "4242"}},
            })
        );
        assert_eq!(reusable.name, "Payment source");
    }
}

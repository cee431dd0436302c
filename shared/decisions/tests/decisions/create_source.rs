use decisions::Change;
use domain::gateway::{GatewayRequest, NewPayment};
use domain::record::Place;
use domain::refusal::Code;
use domain::{CustomerId, GatewayId, ResourceType, Role};
use serde_json::{Value, json};

use crate::asking::{pay, pay_with};
use crate::gateway::{Mishap, key};
use crate::world::{Ended, World, id, identifier, refusal};

const ORDER: &str = "/data/relationships/order";

fn at(pointer: &str) -> (Code, String) {
    (Code::ValidationError, pointer.to_owned())
}

/// The payments that the gateway was asked to open.
fn opened(world: &World) -> Vec<NewPayment> {
    let requests = world.gateway.calls.iter().map(|call| &call.request);
    let opened = requests.filter_map(|request| match request {
        GatewayRequest::CreatePayment(new) => Some(new.clone()),
        _ => None,
    });
    opened.collect()
}

#[test]
fn only_a_draft_or_pending_order_takes_a_payment_source() {
    for status in ["draft", "pending"] {
        let mut world = World::new();
        world.set("status", status);
        assert!(world.run(&pay("pm_visa")).is_ok(), "{status}");
    }
    for status in ["editing", "placing", "placed", "approved", "cancelled"] {
        for role in [
            Role::Customer(CustomerId::new(id("customer"))),
            Role::Integration,
        ] {
            let mut world = World::new().with_role(role);
            world.set("status", status);
            assert_eq!(world.refuses(&pay("pm_visa")), at(ORDER), "{status}");
        }
    }
}

#[test]
fn nothing_due_makes_no_payment() {
    for due in [json!(0), json!(-1), json!(i64::MIN), Value::Null] {
        let mut world = World::new();
        world.set("total_amount_with_taxes_cents", due.clone());
        assert_eq!(world.refuses(&pay("pm_visa")), at(ORDER), "{due}");
    }
}

#[test]
fn an_amount_out_of_range_makes_no_payment() {
    let mut world = World::new();
    world.set("total_amount_with_taxes_cents", Value::Null);
    world.set("total_amount_cents", i64::MAX);
    world.set("total_tax_amount_cents", 1);
    world.set("tax_included", false);
    assert_eq!(world.refuses(&pay("pm_visa")), at(ORDER));
}

#[test]
fn an_order_without_currency_makes_no_payment() {
    for currency in [Value::Null, json!("XXQ"), json!("eur")] {
        let mut world = World::new();
        world.set("currency_code", currency);
        assert_eq!(world.refuses(&pay("pm_visa")), at(ORDER));
    }
}

#[test]
fn the_method_must_be_one_that_the_order_may_be_paid_with() {
    type Spoil = fn(&mut World);
    let spoiled: [(&str, Spoil); 7] = [
        ("none selected", |world| {
            world.order.record.relate("payment_method", None);
        }),
        ("gone", |world| {
            let method = identifier(ResourceType::PaymentMethods, "card");
            world.catalog.remove(&method);
        }),
        ("of another type", |world| {
            world
                .method("card")
                .set("payment_source_type", "klarna_payments");
        }),
        ("disabled", |world| {
            world
                .method("card")
                .set("disabled_at", "2026-01-01T00:00:00.000Z");
        }),
        ("of another market", |world| {
            let market = identifier(ResourceType::Markets, "elsewhere");
            world.method("card").relate("market", Some(market));
        }),
        ("of another currency", |world| {
            world.method("card").set("currency_code", "USD");
        }),
        ("of a disabled gateway", |world| {
            let gateway = world.catalogued(ResourceType::StripeGateways, "stripe");
            gateway.set("disabled_at", "2026-01-01T00:00:00.000Z");
        }),
    ];
    for (what, spoil) in spoiled {
        let mut world = World::new();
        spoil(&mut world);
        assert_eq!(world.refuses(&pay("pm_visa")), at(ORDER), "{what}");
    }
}

#[test]
fn a_guest_order_never_carries_a_gateway_customer() {
    for role in [
        Role::Guest,
        Role::Customer(CustomerId::new(id("customer"))),
        Role::Integration,
    ] {
        for names_customer in [true, false] {
            let mut world = World::new().with_role(role);
            world.set("guest", true);
            if !names_customer {
                world.order.record.relate("customer", None);
            }
            world.run(&pay("pm_visa")).unwrap();
            assert_eq!(world.asked(), ["create payment"], "{role:?}");
            assert_eq!(opened(&world)[0].customer_token, None);
            assert_eq!(world.source.unwrap().state.customer, None);
        }
    }
}

#[test]
fn a_customers_order_carries_their_gateway_customer_for_integrations_too() {
    for role in [
        Role::Customer(CustomerId::new(id("customer"))),
        Role::Integration,
    ] {
        let mut world = World::new().with_role(role);
        world.run(&pay("pm_visa")).unwrap();
        assert_eq!(world.asked(), ["create customer", "create payment"]);
        assert_eq!(opened(&world)[0].customer_token.as_deref(), Some("cus_1"));
        assert_eq!(
            world.source.unwrap().state.customer,
            Some(CustomerId::new(id("customer")))
        );
    }
}

#[test]
fn the_amount_is_the_orders_and_options_that_say_otherwise_are_refused() {
    let mut world = World::new();
    for (name, value) in [
        ("amount", json!(1)),
        ("currency", json!("usd")),
        ("confirm", json!(true)),
        ("on_behalf_of", json!("acct_1")),
    ] {
        let options = json!({ "id": "pm_visa", name: value });
        let refused = world.refuses(&pay_with(json!({ "options": options })));
        let pointer = format!("/data/attributes/options/{name}");
        assert_eq!(refused, (Code::ValidationError, pointer));
    }
    let options = json!({ "id": "pm_visa", "amount": null, "return_url": "https://a.example" });
    world.run(&pay_with(json!({ "options": options }))).unwrap();
    let opened = opened(&world);
    assert_eq!(opened[0].amount.cents, 12_900);
    assert_eq!(opened[0].amount.currency.code(), "EUR");
}

#[test]
fn a_gateway_customer_is_made_once_whatever_comes_of_the_payment() {
    let mut world = World::new();
    world
        .gateway
        .mishaps
        .extend([Mishap::None, Mishap::Refused]);
    let declined = refusal(world.run(&pay("pm_bad")));
    assert_eq!(declined.0, Code::PaymentDeclined);
    assert_eq!(world.wallet().gateway_customers[0].token, "cus_1");

    world.run(&pay("pm_visa")).unwrap();
    let asked = ["create customer", "create payment", "create payment"];
    assert_eq!(world.asked(), asked);
    let attempts: Vec<_> = world.gateway.calls.iter().map(|it| it.attempt).collect();
    assert_eq!(attempts, [0, 0, 1]);
}

#[test]
fn a_customer_whose_answer_was_lost_is_asked_for_again_with_what_was_asked() {
    let mut world = World::new();
    world.order.state.payment_attempt = 7;
    world.gateway.mishaps.push_back(Mishap::AnswerLost);
    assert_eq!(world.run(&pay("pm_visa")), Err(Ended::Unanswered));
    world.run(&pay("pm_visa")).unwrap();
    let calls = &world.gateway.calls;
    assert_eq!(calls[0].attempt, 7);
    assert_eq!(key(&calls[0]), key(&calls[1]));
    assert_eq!(world.wallet().gateway_customers[0].token, "cus_1");
}

#[test]
fn two_orders_of_a_new_customer_at_once_share_one_gateway_customer() {
    let mut world = World::new();
    let made = world.run_while(&pay("pm_visa"), |meanwhile| {
        let customer = domain::wallet::GatewayCustomer {
            gateway: GatewayId::new(id("stripe")),
            token: "cus_1".to_owned(),
            version: 0,
        };
        let mut wallet = domain::wallet::Wallet::new(CustomerId::new(id("customer")));
        wallet.gateway_customers.push(customer);
        meanwhile
            .wallets
            .insert(CustomerId::new(id("customer")), wallet);
    });
    assert!(made.is_ok());
    assert_eq!(world.gateway.payments.len(), 1);
    assert_eq!(world.wallet().gateway_customers.len(), 1);
}

#[test]
fn a_double_click_makes_one_payment() {
    let mut world = World::new();
    let first = world.run(&pay("pm_visa")).unwrap();
    world.pass(1);
    assert_eq!(world.asked_by(&pay("pm_visa")), ["read payment"]);
    assert_eq!(world.commits.len(), 1);
    assert_eq!(world.source, first.partition.source.map(stored));
}

/// As the table gives it back.
fn stored(source: domain::source::PaymentSource) -> domain::source::PaymentSource {
    let mut record = source.to_record();
    record.version += 1;
    domain::source::PaymentSource::parse(record).unwrap()
}

#[test]
fn equal_requests_at_the_same_moment_make_one_payment_and_one_source() {
    let mut world = World::new();
    let mut other = None;
    let first = world.run_while(&pay("pm_visa"), |world| {
        other = Some(world.run(&pay("pm_visa")).unwrap());
    });
    let (first, other) = (first.unwrap(), other.unwrap());
    assert_eq!(
        first.partition.source.unwrap().id(),
        other.partition.source.unwrap().id()
    );
    assert_eq!(world.gateway.payments.len(), 1);
    assert_eq!(world.order.state.sources, 1);
    assert!(world.owed.is_empty() && world.superseded.is_empty());
}

#[test]
fn a_repeat_after_a_lost_answer_asks_for_the_same_source_with_the_same_key() {
    for mishap in [Mishap::AnswerLost, Mishap::NotReached] {
        let mut world = World::new();
        world.gateway.mishaps.extend([Mishap::None, mishap]);
        assert_eq!(world.run(&pay("pm_visa")), Err(Ended::Unanswered));
        assert!(world.commits.is_empty());

        world.pass(3600);
        world.run(&pay("pm_visa")).unwrap();
        let calls = &world.gateway.calls;
        assert_eq!(calls[1].subject, calls[3].subject);
        assert_eq!(key(&calls[1]), key(&calls[3]));
        assert_eq!(world.source.unwrap().id(), calls[3].subject);
        assert_eq!(world.gateway.payments.len(), 1);
    }
}

#[test]
fn another_body_or_a_new_attempt_asks_for_another_source() {
    let mut world = World::new();
    let before = world.clone();
    world.run(&pay("pm_visa")).unwrap();
    let mut other_body = before.clone();
    other_body.run(&pay("pm_master")).unwrap();
    let mut new_attempt = before;
    new_attempt.order.state.payment_attempt = 1;
    new_attempt.run(&pay("pm_visa")).unwrap();

    let asked = |world: &World| world.gateway.calls.last().unwrap().clone();
    let calls = [asked(&world), asked(&other_body), asked(&new_attempt)];
    for (one, other) in [(0, 1), (0, 2), (1, 2)] {
        assert_ne!(calls[one].subject, calls[other].subject);
        assert_ne!(key(&calls[one]), key(&calls[other]));
    }
}

#[test]
fn a_refusal_counts_the_attempt_and_changes_nothing_else() {
    let mut world = World::new();
    world.run(&pay("pm_visa")).unwrap();
    world.pass(60);
    let before = world.clone();
    // The old payment is read, the new one refused.
    world
        .gateway
        .mishaps
        .extend([Mishap::None, Mishap::Refused]);
    assert!(matches!(world.run(&pay("pm_bad")), Err(Ended::Refused(_))));
    let written = world.commits.last().unwrap();
    assert!(
        matches!(
            written[..],
            [Change::Put {
                place: Place::Order,
                ..
            }]
        ),
        "{written:?}"
    );
    assert_eq!(world.source, before.source);
    assert_eq!(world.owed, before.owed);
    let mut expected = before.order;
    expected.record.version += 1;
    expected.state.payment_attempt += 1;
    assert_eq!(world.order.state, expected.state);
    assert_eq!(world.order.to_record(), expected.to_record());
}

#[test]
fn a_sales_channel_names_no_other_gateway_customer() {
    let pointer = "/data/attributes/options/customer";
    let naming = |customer: Value| pay_with(json!({ "options": { "customer": customer } }));
    for role in [Role::Guest, Role::Customer(CustomerId::new(id("customer")))] {
        let mut world = World::new();
        world.run(&pay("pm_visa")).unwrap();
        world = world.with_role(role);
        if role == Role::Guest {
            world.set("guest", true);
        }
        for named in [json!("cus_2"), json!(""), json!(5), json!({})] {
            assert_eq!(world.refuses(&naming(named)), at(pointer), "{role:?}");
        }
    }

    let mut world = World::new();
    world.run(&pay("pm_visa")).unwrap();
    assert!(world.run(&naming(json!("cus_1"))).is_ok());
    assert!(world.run(&naming(Value::Null)).is_ok());
}

#[test]
fn an_integration_may_name_any_and_the_orders_own_is_used() {
    let mut world = World::new().with_role(Role::Integration);
    let naming = json!({ "options": { "customer": "cus_999" } });
    world.run(&pay_with(naming)).unwrap();
    assert_eq!(opened(&world)[0].customer_token.as_deref(), Some("cus_1"));
}

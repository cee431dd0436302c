//! How often each request goes to DynamoDB, against its budget. Parallel calls count as one. For a
//! customer's token; where the token does not name the customer, one more for the wallet. Counting the
//! request is left out: it takes no time of its own, which is tested too.
//!
//! | request | Stripe | Checkout.com | Klarna | external |
//! |---|---|---|---|---|
//! | create a payment source: read, and the lines after the order where the gateway is told what is bought; commit | 2 | 3 | 3 | 2 |
//! | PATCH it with `_authorize`, first hand or reused: locator, read, note, commit | | 4 | | |
//! | PATCH it with `auth_token`: locator, read, commit | | | 3 | |
//! | save: read, and the order's parts after it where the gateway is told of them; commit; a save that happens once is noted before; a circuit is read | 2 | 3 | 4 | 5 |
//! | save again | 1 | 2 | 2 | 2 |
//! | reuse | 2 | 2 | 2 | 2 |
//! | an order with its source and wallet | 1 | 1 | 1 | 1 |
//! | a payment source by its id: locator, read | 2 | 2 | 2 | 2 |
//! | an entry by its id | 1 | 1 | 1 | 1 |
//! | PATCH an entry: read, commit | 2 | 2 | 2 | 2 |
//! | DELETE an entry: read, commit; then a look whether the token was saved again, and the debt is paid | 4 | 4 | 4 | 4 |
//! | `_place`: read, note where it holds, commit; kept first at Klarna | 4 | 3 | 5 | 5 |
//! | `_capture`, `_refund`, `_cancel`: read, commit; the gateway is asked, what it says read and committed; the order is read again | 10 | 10 | 10 | 11 |
//! | with an open order: read it, commit; what is released there is a debt that is paid; what Checkout.com keeps with a payment is compared with what was known | +3 | +4 | +2 | +2 |

use serde_json::json;

use crate::app::{GUEST_ORDER, ORDER, SECOND_ORDER};
use crate::at_checkout_com;
use crate::budgets::Budgets;
use crate::calls::round_trips;
use crate::checkout::HOSTED;
use crate::ways::{CHECKOUT_COM, EXTERNAL, KLARNA, STRIPE, Saved, Way};

#[tokio::test]
async fn reading_stays_within_its_budgets() {
    let mut budgets = Budgets::start().await;
    let entry = budgets.app.saved_card("pm_card_visa").await;
    let (customer, integration) = (budgets.app.customer(), budgets.app.integration());
    let order = format!("/api/orders/{ORDER}");
    let source = {
        let path = format!("{order}?include=payment_source");
        let reply = budgets.app.get(&customer, &path).await;
        reply.payment_source()["id"].as_str().unwrap().to_owned()
    };
    for (include, of_customer, of_others) in [
        ("", 1, 1),
        ("?include=payment_source", 1, 1),
        ("?include=payment_method", 1, 1),
        (
            "?include=line_items,shipments,shipping_address,market",
            1,
            1,
        ),
        ("?include=available_customer_payment_sources", 1, 2),
        (
            "?include=available_customer_payment_sources.payment_source,payment_source",
            1,
            2,
        ),
        // What stands by itself, or with a customer, is a depth more.
        (
            "?include=line_items.item,line_items.line_item_options",
            2,
            2,
        ),
        ("?include=customer.customer_addresses.address", 2, 3),
        (
            "?include=shipments.shipping_method,default_shipping_method",
            1,
            1,
        ),
        ("?include=line_items.order.payment_method", 1, 1),
    ] {
        let path = format!("{order}{include}");
        budgets.get(&customer, &path, of_customer).await;
        budgets.get(&integration, &path, of_others).await;
    }
    // At each step of a checkout, by Commerce Layer's own components.
    let step = format!("{order}?include={},{}", HOSTED.order, HOSTED.wallet);
    budgets.get(&customer, &step, 2).await;
    for (list, of_customer, of_integration) in [
        ("/api/orders?page[size]=1", 2, 2),
        ("/api/customer_addresses?include=address", 1, 3),
    ] {
        budgets.get(&customer, list, of_customer).await;
        budgets.get(&integration, list, of_integration).await;
    }
    for list in [
        "/api/orders?filter[q][number_eq]=1",
        "/api/customers?filter[q][email_eq]=customer@example.com",
        "/api/skus?filter[q][code_in]=CAP-BLACK,NONE",
    ] {
        budgets.get(&integration, list, 2).await;
    }
    let wallet = "/api/customer_payment_sources";
    budgets.get(&customer, wallet, 1).await;
    budgets.get(&integration, wallet, 2).await;
    budgets
        .get(
            &customer,
            &format!("{wallet}?include=payment_source.order"),
            2,
        )
        .await;
    budgets
        .get(&customer, &format!("{wallet}/{entry}"), 1)
        .await;
    budgets
        .get(&integration, &format!("{wallet}/{entry}"), 2)
        .await;
    budgets
        .get(&customer, &format!("/api/stripe_payments/{source}"), 2)
        .await;
    budgets
        .get(
            &budgets.app.guest(),
            &format!("/api/orders/{GUEST_ORDER}"),
            1,
        )
        .await;
    // Integrations change the catalogue, and read it as it is; shoppers as it is remembered.
    let methods = "/api/payment_methods";
    let method = format!("{methods}/WmOodsVPmQ");
    for path in [methods, &method] {
        budgets.get(&integration, path, 1).await;
        budgets.get(&customer, path, 0).await;
    }
    assert!(budgets.over.is_empty(), "{:#?}", budgets.over);
}

/// Towards a limit this low each request is written down.
#[tokio::test]
async fn a_request_is_counted_while_it_is_carried_out() {
    let hundred = |name: &str| (name == "RATE_LIMIT").then(|| "100".to_owned());
    let budgets = Budgets::start_in(hundred).await;
    let (app, calls) = (&budgets.app, &budgets.calls);
    let customer = app.customer();
    let entry = app.saved_card("pm_card_visa").await;
    let entry = format!("/api/customer_payment_sources/{entry}");
    let refresh =
        json!({ "data": { "type": "orders", "id": ORDER, "attributes": { "_refresh": true } } });
    let note = json!({ "data": {
        "type": "customer_payment_sources",
        "id": entry.rsplit('/').next(),
        "attributes": { "reference": "A-1" },
    } });
    let order = format!("/api/orders/{ORDER}");
    for (path, change) in [
        (&order, None),
        (&entry, None),
        (&order, Some(refresh)),
        (&entry, Some(note)),
    ] {
        for _ in 0..2 {
            calls.take_events();
            let reply = match &change {
                None => app.get(&customer, path).await,
                Some(body) => app.patch(&customer, path, body).await,
            };
            assert_eq!(reply.status, 200, "{}", reply.body);
        }
        let events = calls.take_events();
        let begins = events.iter().position(|it| it.counts && it.began).unwrap();
        let first_end = events.iter().position(|it| !it.began).unwrap();
        assert!(begins < first_end, "{path}: {events:?}");
        let carried_out: Vec<_> = events.iter().filter(|it| !it.counts).copied().collect();
        let budget = round_trips(&carried_out);
        assert_eq!(round_trips(&events), budget, "{path}: {events:?}");
    }
}

/// A call that counts is a write unit, more than four fifths of what reading an order costs.
#[tokio::test]
async fn one_request_in_ten_is_counted_in_the_table_and_in_one_call() {
    let six_hundred = |name: &str| (name == "RATE_LIMIT").then(|| "600".to_owned());
    let budgets = Budgets::start_in(six_hundred).await;
    let customer = budgets.app.customer();
    let order = format!("/api/orders/{ORDER}");
    budgets.calls.take_events();
    for _ in 0..100 {
        let reply = budgets.app.get(&customer, &order).await;
        let remaining = reply.headers["x-ratelimit-remaining"].to_str().unwrap();
        assert!((490..600).contains(&remaining.parse::<u32>().unwrap()));
    }
    let events = budgets.calls.take_events();
    let written = events.iter().filter(|it| it.counts && it.began).count();
    // One more where an hour begins.
    assert!((10..=12).contains(&written), "{written}");
}

#[tokio::test]
async fn writing_stays_within_its_budgets() {
    let mut budgets = Budgets::start().await;
    let (customer, integration) = (budgets.app.customer(), budgets.app.integration());
    budgets.calls.take();

    let options =
        json!({ "options": { "id": "pm_card_visa", "setup_future_usage": "off_session" } });
    let created = budgets.app.create_payment(&customer, ORDER, options).await;
    budgets.check("create source, customer", &created, 2);
    let saved = budgets.app.save(&customer, ORDER).await;
    budgets.check("save, customer", &saved, 2);
    let again = budgets.app.save(&customer, ORDER).await;
    budgets.check("save again, customer: nothing to write", &again, 1);
    let entry = &saved.wallet()[0];
    let reused = budgets.app.reuse(&customer, SECOND_ORDER, entry).await;
    budgets.check("reuse, customer", &reused, 2);
    let patched = budgets
        .app
        .patch_order(&customer, ORDER, json!({ "_refresh": true }))
        .await;
    budgets.check("another patch, customer", &patched, 2);
    let noted = json!({ "metadata": { "gift": true } });
    let path = format!("/api/orders/{ORDER}");
    let noted = json!({ "data": { "type": "orders", "id": ORDER, "attributes": noted } });
    let noted = budgets.app.patch(&integration, &path, &noted).await;
    budgets.check("another patch, integration: no wallet is read", &noted, 2);
    let guest = budgets.app.guest();
    let of_guest = budgets
        .app
        .create_payment(&guest, GUEST_ORDER, json!({}))
        .await;
    budgets.check("create source, guest", &of_guest, 2);

    let nullify = json!({ "_nullify_payment_source": true });
    let dropped = budgets
        .app
        .patch_order(&customer, SECOND_ORDER, nullify)
        .await;
    budgets.check("drop, and note that the release was paid", &dropped, 3);
    let by_integration = budgets
        .app
        .create_payment(&integration, SECOND_ORDER, json!({}))
        .await;
    budgets.check("create source, integration", &by_integration, 3);

    let method = json!({ "data": { "type": "payment_methods", "id": "WmOodsVPmQ", "attributes": {
        "name": "Card",
    } } });
    let path = "/api/payment_methods/WmOodsVPmQ";
    let renamed = budgets.app.patch(&integration, path, &method).await;
    budgets.check("change a payment method", &renamed, 2);
    let deleted = budgets.app.delete(&integration, path).await;
    budgets.check("delete a payment method", &deleted, 2);
    assert!(budgets.over.is_empty(), "{:#?}", budgets.over);
}

/// The round trips that a gateway's payment takes from its order to the wallet and back, for a
/// customer's token.
struct OfWay {
    way: &'static Way,
    create: usize,
    /// `_authorize`, or what the shopper's browser brought.
    approve: Option<usize>,
    save: usize,
    save_again: usize,
    reuse: usize,
    /// `_authorize` of what was reused.
    authorize: Option<usize>,
    /// With an order to be taken off, and without.
    delete: [usize; 2],
}

const OF_WAYS: [OfWay; 4] = [
    OfWay {
        way: &STRIPE,
        create: 2,
        approve: None,
        save: 2,
        save_again: 1,
        reuse: 2,
        authorize: None,
        delete: [8, 4],
    },
    OfWay {
        way: &CHECKOUT_COM,
        create: 3,
        approve: Some(4),
        save: 3,
        save_again: 2,
        reuse: 2,
        authorize: Some(4),
        delete: [9, 4],
    },
    OfWay {
        way: &KLARNA,
        create: 3,
        approve: Some(3),
        save: 4,
        save_again: 2,
        reuse: 2,
        authorize: None,
        delete: [7, 4],
    },
    OfWay {
        way: &EXTERNAL,
        create: 2,
        approve: None,
        save: 5,
        save_again: 2,
        reuse: 2,
        authorize: None,
        delete: [7, 4],
    },
];

impl Budgets {
    /// Saves what pays the way's order, and gives the entry.
    async fn paid_and_saved(&mut self, of: &OfWay, card: usize) -> Saved {
        let (customer, way) = (self.app.customer(), of.way);
        self.calls.take();
        let attributes = way.attributes(card);
        let created = self
            .app
            .create_source(&customer, way.kind, way.order, attributes)
            .await;
        self.check(&format!("{}: create", way.kind), &created, of.create);
        if let Some(budget) = of.approve {
            let approved = match way.kind {
                "klarna_payments" => {
                    let approval = self.app.approve_in_browser(&created).await;
                    self.app.approve(&customer, &created.id(), &approval).await
                }
                _ => {
                    let token = at_checkout_com::token("visa", card);
                    self.app.authorize(&customer, &created.id(), &token).await
                }
            };
            self.check(&format!("{}: approve", way.kind), &approved, budget);
        }
        let saved = self.app.save(&customer, way.order).await;
        self.check(&format!("{}: save", way.kind), &saved, of.save);
        let again = self.app.save(&customer, way.order).await;
        self.check(&format!("{}: save again", way.kind), &again, of.save_again);
        let id = saved.wallet().pop().unwrap();
        Saved {
            token: crate::ways::token_of(saved.included(&id)),
            id,
        }
    }

    async fn delete(&mut self, entry: &Saved, budget: usize) {
        self.calls.take();
        let deleted = self.app.delete(&self.app.customer(), &entry.path()).await;
        self.check("delete entry", &deleted, budget);
    }
}

#[tokio::test]
async fn every_gateway_stays_within_its_budgets() {
    let mut over = Vec::new();
    for of in OF_WAYS {
        let mut budgets = Budgets::start().await;
        let (customer, integration) = (budgets.app.customer(), budgets.app.integration());
        let way = of.way;
        let entry = budgets.paid_and_saved(&of, 1).await;
        budgets.app.selected(SECOND_ORDER, way.method).await;
        budgets.calls.take();
        let reused = budgets.app.reuse(&customer, SECOND_ORDER, &entry.id).await;
        budgets.check(&format!("{}: reuse", way.kind), &reused, of.reuse);
        let source = reused.payment_source()["id"].as_str().unwrap().to_owned();
        if let Some(budget) = of.authorize {
            let authorize = json!({ "_authorize": true });
            let authorized = budgets
                .app
                .patch_source(&customer, way.kind, &source, authorize)
                .await;
            budgets.check("authorize what was reused", &authorized, budget);
        }

        let include = "payment_source,payment_method,available_customer_payment_sources";
        let order = format!("/api/orders/{SECOND_ORDER}?include={include}");
        let source = format!("/api/{}/{source}", way.kind);
        for (path, of_customer, of_others) in [
            (order.as_str(), 1, 2),
            (entry.path().as_str(), 1, 2),
            (source.as_str(), 2, 2),
        ] {
            budgets.get(&customer, path, of_customer).await;
            budgets.get(&integration, path, of_others).await;
        }
        for (caller, budget) in [(&customer, 2), (&integration, 3)] {
            let body = json!({ "data": {
                "type": "customer_payment_sources",
                "id": entry.id,
                "attributes": { "reference": budget.to_string() },
            } });
            let changed = budgets.app.patch(caller, &entry.path(), &body).await;
            budgets.check("patch entry", &changed, budget);
        }
        budgets.delete(&entry, of.delete[0]).await;

        let nullify = json!({ "_nullify_payment_source": true });
        budgets.app.patch_order(&customer, way.order, nullify).await;
        let entry = budgets.paid_and_saved(&of, 2).await;
        budgets.delete(&entry, of.delete[1]).await;
        let at = |over: String| format!("{}, {over}", way.kind);
        over.extend(budgets.over.into_iter().map(at));
    }
    assert!(over.is_empty(), "{over:#?}");
}

/// The round trips of an order's life at a gateway: it is placed, and its money moved on. Approving is a decision like
/// any other: three.
struct TillOfWay {
    way: &'static Way,
    place: usize,
    /// What is captured, given back or let go of is noted with the order; the gateway is asked; its answer is taken.
    move_on: usize,
}

const TILLS: [TillOfWay; 4] = [
    TillOfWay {
        way: &STRIPE,
        place: 4,
        move_on: 10,
    },
    TillOfWay {
        way: &CHECKOUT_COM,
        place: 3,
        move_on: 10,
    },
    TillOfWay {
        way: &KLARNA,
        place: 5,
        move_on: 10,
    },
    TillOfWay {
        way: &EXTERNAL,
        place: 5,
        move_on: 11,
    },
];

#[tokio::test]
async fn the_till_stays_within_its_budgets() {
    let mut over = Vec::new();
    for till in &TILLS {
        let way = till.way;
        for steps in [
            &[
                ("_place", till.place),
                ("_approve", 3),
                ("_capture", till.move_on),
                ("_refund", till.move_on),
            ][..],
            &[("_place", till.place), ("_cancel", till.move_on)],
        ] {
            let mut budgets = Budgets::start().await;
            let (customer, shop) = (budgets.app.customer(), budgets.app.integration());
            way.pay(&budgets.app, way.order, 1).await;
            for (trigger, budget) in steps {
                let caller = if *trigger == "_place" {
                    &customer
                } else {
                    &shop
                };
                budgets.calls.take();
                let asked = json!({ *trigger: true });
                let reply = budgets.app.patch_order(caller, way.order, asked).await;
                budgets.check(&format!("{} {trigger}", way.kind), &reply, *budget);
                // What Checkout.com has taken on is decided later.
                if way.kind == CHECKOUT_COM.kind && *trigger == "_capture" {
                    break;
                }
            }
            over.append(&mut budgets.over);
        }
    }
    assert!(over.is_empty(), "{over:#?}");
}

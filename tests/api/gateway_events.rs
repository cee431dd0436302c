//! What gateways send by themselves: hints that a payment is to be read again, duplicated, in any order, forged.

use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request};
use sandbox::Disorder;
use serde_json::{Value, json};

use crate::app::{App, Reply};
use crate::till::{PLACED, TOTAL, id, settled, start};
use crate::ways::{CHECKOUT_COM, KLARNA, STRIPE, Way};

const BOTH: [&Way; 2] = [&STRIPE, &CHECKOUT_COM];

impl App {
    /// Everything that happened is told once, and taken.
    pub async fn hear(&self) {
        self.hear_in(Disorder::NONE).await;
    }

    /// Everything that happened is told, and taken; gives how often something was told.
    pub async fn hear_in(&self, disorder: Disorder) -> usize {
        let deliveries = self.running.deliver_events(disorder).await;
        for delivery in &deliveries {
            let status = delivery.status.map(|it| it.as_u16());
            assert_eq!(status, Some(200), "{delivery:?}");
        }
        deliveries.len()
    }

    /// A payment that the shopper's browser confirms, and closes before saying so.
    async fn confirmed_in_browser(&self) -> Reply {
        let source = STRIPE.pay(self, STRIPE.order, 1).await;
        let path = format!("/api/stripe_payments/{source}");
        let source = self.get(&self.customer(), &path).await;
        self.confirm(&source).await;
        source
    }

    async fn set_method(&self, way: &Way, attributes: Value) {
        let body = json!({ "data": {
            "type": "payment_methods", "id": way.method, "attributes": attributes,
        } });
        let path = format!("/api/payment_methods/{}", way.method);
        let changed = self.patch(&self.integration(), &path, &body).await;
        assert_eq!(changed.status, 200, "{}", changed.body);
    }

    /// Where the demo's gateway of this type is to send its events, on this server.
    async fn hook(&self, gateways: &str) -> String {
        let path = format!("/api/{gateways}");
        let gateways = self.get(&self.integration(), &path).await;
        let attributes = &gateways.body["data"][0]["attributes"];
        assert!(attributes.get("webhook_endpoint_secret").is_none());
        attributes["webhook_endpoint_url"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    async fn send_event(&self, url: &str, signature: Option<(&str, &str)>, body: &str) -> Reply {
        let mut request = Request::builder().method(Method::POST).uri(url);
        if let Some((header, signature)) = signature {
            request = request.header(header, signature);
        }
        let body = Bytes::from(body.to_owned());
        self.request(request.body(body).unwrap()).await
    }
}

#[tokio::test]
async fn what_was_confirmed_before_the_tab_was_closed_shows_in_the_order() {
    let app = App::start().await;
    app.confirmed_in_browser().await;
    assert_eq!(
        app.books(STRIPE.order).await.status(),
        ("pending", "unpaid")
    );
    app.hear().await;
    let books = app.books(STRIPE.order).await;
    assert_eq!(books.status(), ("pending", "authorized"));
    assert_eq!(books.moved("authorizations"), [(TOTAL, true)]);
    let placed = app.place(&app.customer(), STRIPE.order).await;
    assert_eq!(placed.status, 200, "{}", placed.body);
    let books = app.books(STRIPE.order).await;
    assert_eq!(books.moved("authorizations"), [(TOTAL, true)]);
}

#[tokio::test]
async fn it_places_the_order_where_the_payment_method_says_so() {
    let app = App::start().await;
    app.set_method(&STRIPE, json!({ "auto_place": true })).await;
    app.confirmed_in_browser().await;
    app.hear().await;
    let books = app.books(STRIPE.order).await;
    assert_eq!(books.status(), PLACED);
    assert_eq!(books.moved("authorizations"), [(TOTAL, true)]);
}

#[tokio::test]
async fn what_is_missing_keeps_it_from_being_placed_by_itself() {
    let app = App::start().await;
    app.set_method(&STRIPE, json!({ "auto_place": true })).await;
    let body = json!({ "data": { "type": "orders", "id": STRIPE.order, "relationships": {
        "billing_address": { "data": null },
    } } });
    let path = format!("/api/orders/{}", STRIPE.order);
    app.patch(&app.integration(), &path, &body).await;
    app.confirmed_in_browser().await;
    app.hear().await;
    let books = app.books(STRIPE.order).await;
    assert_eq!(books.status(), ("pending", "authorized"));
}

#[tokio::test]
async fn what_happens_in_the_dashboard_is_taken_into_the_books() {
    let app = App::start().await;
    let source = app.confirmed_in_browser().await;
    let placed = app.place(&app.customer(), STRIPE.order).await;
    assert_eq!(placed.status, 200, "{}", placed.body);
    app.capture(&source).await;
    app.hear().await;
    let books = app.books(STRIPE.order).await;
    assert_eq!(books.status(), ("placed", "paid"));
    assert_eq!(books.moved("captures"), [(TOTAL, true)]);

    let intent = source.attribute("stripe_id").as_str().unwrap();
    let form = format!("payment_intent={intent}&amount=500");
    app.at_stripe("/v1/refunds", &form).await;
    app.hear().await;
    let books = app.books(STRIPE.order).await;
    assert_eq!(books.status(), ("placed", "partially_refunded"));
    assert_eq!(books.moved("refunds"), [(500, true)]);
}

#[tokio::test]
async fn duplicates_and_any_order_come_to_the_same() {
    for way in BOTH {
        for disorder in [
            Disorder::NONE,
            Disorder {
                newest_first: true,
                copies: 1,
            },
            Disorder {
                newest_first: false,
                copies: 3,
            },
            Disorder {
                newest_first: true,
                copies: 2,
            },
        ] {
            let (app, clock) = start().await;
            app.captured(way).await;
            clock.pass(Duration::from_secs(61));
            assert!(app.hear_in(disorder).await > 0, "nothing was told");
            let books = app.books(way.order).await;
            assert_eq!(books.status(), ("approved", "paid"), "told {disorder:?}");
            settled(&app, &clock).await;
            app.hear_in(disorder).await;
            let books = app.books(way.order).await;
            assert_eq!(
                books.status(),
                ("approved", "paid"),
                "{} {disorder:?}",
                way.kind
            );
            assert_eq!(
                books.moved("authorizations"),
                [(TOTAL, true)],
                "{}",
                way.kind
            );
            assert_eq!(books.moved("captures"), [(TOTAL, true)], "{}", way.kind);
        }
    }
}

#[tokio::test]
async fn three_at_the_same_moment_beside_placing_come_to_one_authorization() {
    let app = App::start().await;
    app.confirmed_in_browser().await;
    let customer = app.customer();
    let (placed, one, other) = futures_util::join!(
        app.place(&customer, STRIPE.order),
        app.running.deliver_events(Disorder {
            newest_first: false,
            copies: 3
        }),
        app.running.deliver_events(Disorder {
            newest_first: true,
            copies: 2
        }),
    );
    assert_eq!(placed.status, 200, "{}", placed.body);
    assert!(one.len() + other.len() > 1, "nothing was told");
    let books = app.books(STRIPE.order).await;
    assert_eq!(books.status(), PLACED);
    assert_eq!(books.moved("authorizations"), [(TOTAL, true)]);
}

#[tokio::test]
async fn a_refund_that_fails_later_is_taken_back_and_told_of() {
    let app = App::start().await;
    app.captured(&STRIPE).await;
    let capture = id(app.books(STRIPE.order).await.only("captures")).to_owned();
    let refund = json!({ "_refund": true, "_refund_amount_cents": 500 });
    app.patch_transaction("captures", &capture, refund).await;
    app.hear().await;
    let books = app.books(STRIPE.order).await;
    assert_eq!(books.status(), ("approved", "partially_refunded"));
    let refund = &books.only("refunds")["attributes"]["gateway_transaction_id"];
    let path = format!("/v1/refunds/{}/_settle", refund.as_str().unwrap());
    app.at_stripe(&path, "status=failed").await;
    app.hear().await;
    let books = app.books(STRIPE.order).await;
    assert_eq!(books.status(), ("approved", "paid"));
    assert_eq!(books.moved("refunds"), [(500, false)]);
    let stuck = app.get(&app.integration(), "/api/operations").await;
    assert_eq!(
        stuck.body["data"][0]["attributes"]["status"], "stuck",
        "{}",
        stuck.body
    );
}

#[tokio::test]
async fn a_hold_that_ran_out_is_over_in_the_books() {
    let app = App::start().await;
    let source = app.confirmed_in_browser().await;
    assert_eq!(app.place(&app.customer(), STRIPE.order).await.status, 200);
    let intent = source.attribute("stripe_id").as_str().unwrap();
    let path = format!("/v1/payment_intents/{intent}/_expire");
    app.at_stripe(&path, "").await;
    app.hear().await;
    let books = app.books(STRIPE.order).await;
    assert_eq!(books.status(), ("placed", "voided"));
    assert_eq!(books.moved("voids"), [(TOTAL, true)]);
}

#[tokio::test]
async fn a_hold_that_nobody_told_of_is_read_once_it_is_over() {
    for (way, days) in [(&STRIPE, 4), (&CHECKOUT_COM, 4), (&KLARNA, 15)] {
        let (app, clock) = start().await;
        app.placed(way).await;
        for _ in 0..3 {
            clock.pass(Duration::from_secs(days * 24 * 3600));
            settled(&app, &clock).await;
        }
        let books = app.books(way.order).await;
        assert_eq!(books.status(), ("placed", "voided"), "{}", way.kind);
    }
}

#[tokio::test]
async fn what_is_not_signed_or_forged_changes_nothing() {
    let app = App::start().await;
    app.confirmed_in_browser().await;
    CHECKOUT_COM.pay(&app, CHECKOUT_COM.order, 1).await;
    let asked = |app: &App| (app.asked_of_stripe(), app.asked_of_checkout_com());
    let (before, asked_before) = (app.table().await, asked(&app));
    let now = app.now().unix_millis() / 1000;
    let zeros = "0".repeat(64);
    let forged = format!("t={now},v1={zeros}");
    let event = app.stripe().stand_in.events().pop().unwrap();
    let of_checkout_com = app.checkout_com().stand_in.events().pop().unwrap();
    for (gateways, header, forged, body) in [
        (
            "stripe_gateways",
            "stripe-signature",
            forged.as_str(),
            &event.body,
        ),
        (
            "checkout_com_gateways",
            "cko-signature",
            zeros.as_str(),
            &of_checkout_com.body,
        ),
    ] {
        let url = app.hook(gateways).await;
        for signature in ["", "v1=00", "no hex", forged] {
            let reply = app.send_event(&url, Some((header, signature)), body).await;
            assert_eq!(reply.status, 401, "{header} {signature}: {}", reply.body);
        }
        let reply = app.send_event(&url, None, body).await;
        assert_eq!(reply.status, 401, "{header}: {}", reply.body);
    }
    let url = app.hook("stripe_gateways").await;
    let forged = Some(("stripe-signature", forged.as_str()));
    for path in [
        "/hooks/x/test/y",
        "/hooks/enWoxFMOnp/other/PxTsWkGgNl",
        "/hooks/enWoxFMOnp/test/aaaaaaaaaa",
    ] {
        let url = format!("{}{path}", app.running.url);
        let reply = app.send_event(&url, forged, &event.body).await;
        assert_eq!(reply.status, 404, "{path}: {}", reply.body);
    }
    let large = "x".repeat(300_000);
    assert_eq!(app.send_event(&url, forged, &large).await.status, 413);
    assert_eq!(app.table().await, before);
    assert_eq!(asked(&app), asked_before);
}

#[tokio::test]
async fn a_part_that_was_captured_before_anybody_noted_the_hold_is_a_part_in_the_books() {
    let app = App::start().await;
    let source = CHECKOUT_COM.pay(&app, CHECKOUT_COM.order, 1).await;
    let path = format!("/api/checkout_com_payments/{source}");
    let source = app.get(&app.customer(), &path).await;
    app.move_at_checkout_com(&source, "captures", 5_000).await;
    app.hear().await;
    let books = app.books(CHECKOUT_COM.order).await;
    assert_eq!(books.moved("captures"), [(5_000, true)]);
    assert_eq!(books.status(), ("pending", "partially_paid"));
}

#[tokio::test]
async fn what_was_given_back_in_the_dashboard_is_spread_over_the_captures() {
    let (app, clock) = start().await;
    let way = &CHECKOUT_COM;
    app.approved(way).await;
    let held = id(app.books(way.order).await.only("authorizations")).to_owned();
    let part = json!({ "_capture": true, "_capture_amount_cents": 5_000 });
    app.patch_transaction("authorizations", &held, part).await;
    settled(&app, &clock).await;
    app.patch_transaction("authorizations", &held, json!({ "_capture": true }))
        .await;
    settled(&app, &clock).await;
    let source = id(app.books(way.order).await.only(way.kind)).to_owned();
    let path = format!("/api/{}/{source}", way.kind);
    let source = app.get(&app.customer(), &path).await;
    app.move_at_checkout_com(&source, "refunds", 10_000).await;
    clock.pass(Duration::from_secs(61));
    app.hear().await;
    let books = app.books(way.order).await;
    assert_eq!(books.status(), ("approved", "partially_refunded"));
    assert_eq!(books.moved("refunds"), [(5_000, true), (5_000, true)]);
    let mut left: Vec<_> = books
        .of("captures")
        .iter()
        .map(|it| it["attributes"]["refund_balance_cents"].as_i64().unwrap())
        .collect();
    left.sort_unstable();
    assert_eq!(left, [0, 2_900]);
}

#[tokio::test]
async fn a_dispute_at_checkout_com_is_told_by_its_event_alone() {
    let (app, clock) = start().await;
    app.captured(&CHECKOUT_COM).await;
    settled(&app, &clock).await;
    app.hear().await;
    let books = app.books(CHECKOUT_COM.order).await;
    let source = id(books.only(CHECKOUT_COM.kind));
    let path = format!("/api/{}/{source}", CHECKOUT_COM.kind);
    let source = app.get(&app.customer(), &path).await;
    app.dispute_at_checkout_com(&source).await;
    app.hear_in(Disorder {
        newest_first: true,
        copies: 3,
    })
    .await;
    let all = app.get(&app.integration(), "/api/operations").await;
    let all = all.body["data"].as_array().unwrap();
    let problems = all.iter().map(|it| &it["attributes"]["problem"]);
    let problems: Vec<_> = problems.filter(|it| !it.is_null()).collect();
    assert_eq!(problems, ["disputed"]);
    let books = app.books(CHECKOUT_COM.order).await;
    assert_eq!(books.status(), ("approved", "paid"));
}

#[tokio::test]
async fn a_dispute_is_told_once_and_its_refund_is_refused_by_the_gateway() {
    let app = App::start().await;
    app.captured(&STRIPE).await;
    app.hear().await;
    let path = format!("/api/orders/{}?include=payment_source", STRIPE.order);
    let order = app.get(&app.integration(), &path).await;
    let charge = order.payment_source()["attributes"]["charge_id"].clone();
    let path = format!("/v1/charges/{}/_dispute", charge.as_str().unwrap());
    app.at_stripe(&path, "").await;
    let twice = Disorder {
        newest_first: false,
        copies: 2,
    };
    app.hear_in(twice).await;
    let told = async || {
        let all = app.get(&app.integration(), "/api/operations").await;
        let all = all.body["data"].as_array().unwrap().clone();
        let stuck = all.into_iter();
        stuck
            .filter(|it| it["attributes"]["status"] == "stuck")
            .collect::<Vec<_>>()
    };
    let [dispute] = &told().await[..] else {
        panic!("told otherwise than once");
    };
    assert_eq!(dispute["attributes"]["problem"], "disputed");
    let books = app.books(STRIPE.order).await;
    assert_eq!(books.status(), ("approved", "paid"));

    let capture = id(books.only("captures")).to_owned();
    let refund = json!({ "_refund": true, "_refund_amount_cents": 500 });
    app.patch_transaction("captures", &capture, refund).await;
    let books = app.books(STRIPE.order).await;
    assert_eq!(books.moved("refunds"), [(500, false)]);
    let code = &books.only("refunds")["attributes"]["error_code"];
    assert_eq!(code, "refund_disputed_payment");

    // What people have settled they are not told of again.
    let path = format!("/api/operations/{}", id(dispute));
    let settle = json!({ "data": {
        "type": "operations", "id": id(dispute), "attributes": { "_settle": true },
    } });
    let settled = app.patch(&app.integration(), &path, &settle).await;
    assert_eq!(settled.status, 200, "{}", settled.body);
    let url = format!("{}/_sandbox/events?secret=whsec_demo", app.stripe().url);
    let sent = Request::get(url).body(Bytes::new()).unwrap();
    let sent = app.request(sent).await.body["data"].clone();
    let disputed = sent.as_array().unwrap().iter().find(|it| {
        let body = it["body"].as_str().unwrap_or_default();
        body.contains("charge.dispute.created")
    });
    let (disputed, hook) = (disputed.unwrap(), app.hook("stripe_gateways").await);
    let signature = disputed["headers"]["stripe-signature"].as_str();
    let body = disputed["body"].as_str().unwrap();
    let again = app
        .send_event(&hook, Some(("stripe-signature", signature.unwrap())), body)
        .await;
    assert_eq!(again.status, 200, "{}", again.body);
    assert_eq!(told().await.len(), 0);
}

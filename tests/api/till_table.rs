//! The life of a payment at each gateway: `till.tsv` names the test of every case, or says why there is none. Here are
//! those of the bank that asks, of declines, and of answers that are lost on the way.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use domain::ResourceType;
use sandbox::{Fault, FaultOrder};
use serde_json::{Value, json};

use crate::app::{App, Reply};
use crate::at_checkout_com;
use crate::faults::TestClock;
use crate::refusals::is;
use crate::till::{PLACED, TOTAL, id, settled};
use crate::ways::{CHECKOUT_COM, EVERY, KLARNA, STRIPE, Way};

/// What money can do at a gateway.
const CASES: &[&str] = &[
    "place new",
    "place saved",
    "the bank asks, then place",
    "decline",
    "capture whole",
    "capture part",
    "capture twice",
    "void",
    "refund whole",
    "refund part",
    "refund two equal ones",
    "expiry",
    "event before the commit",
    "event after",
    "event twice",
    "event reordered",
    "event forged",
    "answer lost: hold",
    "answer lost: capture",
    "answer lost: void",
    "answer lost: refund",
    "save after placing",
    "not saved and forgotten",
];

#[test]
fn every_case_has_its_test_at_every_gateway() {
    let lines = include_str!("till.tsv").lines();
    let lines = lines.filter(|it| !it.starts_with('#'));
    let mut told = BTreeSet::new();
    for line in lines {
        let cells: Vec<_> = line.split('\t').collect();
        let &[case, gateways, test] = cells.as_slice() else {
            panic!("{line}: three columns");
        };
        assert!(CASES.contains(&case), "{case}");
        if let Some((file, name)) = test.split_once("::") {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/api");
            let source = std::fs::read_to_string(folder.join(format!("{file}.rs")));
            let source = source.unwrap_or_else(|it| panic!("{file}: {it}"));
            assert!(source.contains(&format!("fn {name}()")), "{test}");
        }
        for gateway in gateways.split(' ') {
            assert!(told.insert((case, gateway)), "{case} at {gateway}, again");
        }
    }
    let kinds = EVERY.map(|way| way.kind.trim_end_matches("_payments"));
    let all = CASES.iter().flat_map(|case| kinds.map(|it| (*case, it)));
    assert_eq!(told, all.collect());
}

impl App {
    async fn source(&self, way: &Way, id: &str) -> Reply {
        let path = format!("/api/{}/{id}", way.kind);
        let source = self.get(&self.customer(), &path).await;
        assert_eq!(source.status, 200, "{}", source.body);
        source
    }

    async fn change(&self, way: &Way, source: &str, attributes: Value) -> Reply {
        let customer = self.customer();
        self.patch_source(&customer, way.kind, source, attributes)
            .await
    }

    /// The shopper does what the bank, or Klarna, asks of them, with what the payment source shows.
    async fn answers(&self, way: &Way, source: &str) {
        let shown = self.source(way, source).await;
        match way.kind {
            "stripe_payments" => {
                assert_eq!(
                    self.authenticate(&shown).await["status"],
                    "requires_capture"
                );
            }
            "checkout_com_payments" => {
                assert!(shown.attribute("redirect_uri").is_string());
                let payment = shown.attribute("payment_response")["id"].as_str().unwrap();
                self.answer_bank(payment, true).await;
            }
            _ => {
                assert!(shown.attribute("client_token").is_string());
                let approval = self.approve_in_browser(&shown).await;
                let brought = json!({ "auth_token": approval });
                let brought = self.change(way, source, brought).await;
                assert_eq!(brought.status, 200, "{}", brought.body);
            }
        }
    }

    /// An order of which the bank asks the shopper when it is placed; gives it and its payment source.
    async fn to_be_asked_of(&self, way: &Way) -> (&'static str, String) {
        let customer = self.customer();
        match way.kind {
            "stripe_payments" => {
                let card = "pm_card_authenticationRequired";
                let source = self.create_reusable(&customer, way.order, card).await;
                (way.order, source.id())
            }
            "checkout_com_payments" => {
                let source = self.create_checkout_com(&customer, way.order).await.id();
                let token = at_checkout_com::token("redirect", 1);
                let asked = self.authorize(&customer, &source, &token).await;
                assert_eq!(asked.status, 200, "{}", asked.body);
                (way.order, source)
            }
            _ => {
                let (entry, _) = self.saved_with_klarna("step-up-1").await;
                let order = self.second_klarna_order().await;
                let reused = self.reuse(&customer, order, &entry).await;
                assert_eq!(reused.status, 200, "{}", reused.body);
                (order, id(reused.payment_source()).to_owned())
            }
        }
    }

    /// Something that the gateway declines is brought, and the order placed with it.
    async fn place_declined(&self, way: &Way) -> Reply {
        let customer = self.customer();
        match way.kind {
            "stripe_payments" => {
                let card = "pm_card_chargeDeclined";
                self.create_reusable(&customer, way.order, card).await;
            }
            "checkout_com_payments" => {
                let source = self.create_checkout_com(&customer, way.order).await.id();
                let token = at_checkout_com::token("declined", 1);
                let declined = self.authorize(&customer, &source, &token).await;
                let response = declined.attribute("payment_response");
                assert_eq!(response["status"], "Declined", "{}", declined.body);
            }
            "klarna_payments" => {
                let source = way.create(self, &customer, way.order).await;
                let approval = self.approve_in_browser(&source).await;
                let approval = format!("rejected-{approval}");
                self.approve(&customer, &source.id(), &approval).await;
            }
            _ => {
                self.create_external(&customer, way.order, "declined-1")
                    .await;
            }
        }
        self.place(&customer, way.order).await
    }
}

#[tokio::test]
async fn the_bank_asks_the_shopper_and_placing_again_goes_on() {
    for way in [&STRIPE, &CHECKOUT_COM, &KLARNA] {
        let app = App::start().await;
        let (order, source) = app.to_be_asked_of(way).await;
        let customer = app.customer();
        let asked = app.place(&customer, order).await;
        assert_eq!(
            is(&asked).1,
            "SHOPPER_REQUIRED",
            "{}: {}",
            way.kind,
            asked.body
        );
        assert_eq!(app.books(order).await.status(), ("pending", "unpaid"));
        app.answers(way, &source).await;
        let placed = app.place(&customer, order).await;
        assert_eq!(placed.status, 200, "{}: {}", way.kind, placed.body);
        app.is_placed_once(order, way).await;
    }
}

#[tokio::test]
async fn a_decline_is_kept_and_another_source_pays() {
    for way in EVERY {
        let app = App::start().await;
        let declined = app.place_declined(way).await;
        assert_eq!(declined.status, 422, "{}: {}", way.kind, declined.body);
        let books = app.books(way.order).await;
        assert_eq!(books.status(), ("pending", "unpaid"), "{}", way.kind);
        assert_eq!(
            books.moved("authorizations"),
            [(TOTAL, false)],
            "{}",
            way.kind
        );
        let failed = &books.only("authorizations")["attributes"];
        assert!(failed["error_code"].is_string(), "{}: {failed}", way.kind);

        app.placed(way).await;
        let books = app.books(way.order).await;
        assert_eq!(books.status(), PLACED, "{}", way.kind);
        let moved = [(TOTAL, false), (TOTAL, true)];
        assert_eq!(books.moved("authorizations"), moved, "{}", way.kind);
    }
}

/// A step whose answers are all lost, and what it leaves in the books.
struct Lost {
    trigger: &'static str,
    kind: ResourceType,
    ends: (&'static str, &'static str),
}

const STEPS: [Lost; 4] = [
    Lost {
        trigger: "_place",
        kind: ResourceType::Authorizations,
        ends: PLACED,
    },
    Lost {
        trigger: "_capture",
        kind: ResourceType::Captures,
        ends: ("approved", "paid"),
    },
    Lost {
        trigger: "_cancel",
        kind: ResourceType::Voids,
        ends: ("cancelled", "voided"),
    },
    Lost {
        trigger: "_refund",
        kind: ResourceType::Refunds,
        ends: ("cancelled", "refunded"),
    },
];

impl Lost {
    /// The order up to this step.
    async fn prepare(&self, app: &App, clock: &TestClock, way: &Way) {
        match self.kind {
            ResourceType::Authorizations => drop(way.pay(app, way.order, 1).await),
            ResourceType::Captures => app.approved(way).await,
            ResourceType::Voids => app.placed(way).await,
            _ => app.captured(way).await,
        }
        settled(app, clock).await;
    }

    /// The keys of the requests of this step that reached the gateway.
    fn keys(&self, app: &App, way: &Way) -> BTreeSet<String> {
        let key = match way.kind {
            "checkout_com_payments" => "cko-idempotency-key",
            "klarna_payments" => "klarna-idempotency-key",
            _ => "idempotency-key",
        };
        let requests = way.requests(app);
        let ends: &[&str] = match self.kind {
            ResourceType::Authorizations => &["/confirm", "/payments", "/order", "/authorize"],
            ResourceType::Captures => &["/capture", "/captures"],
            ResourceType::Voids => &["/cancel", "/voids", "/void"],
            _ => &["/refunds", "/refund"],
        };
        let is_step = |path: &str| ends.iter().any(|end| path.ends_with(end));
        let of_step = requests
            .iter()
            .filter(|it| it.method == "POST" && is_step(&it.path));
        let keyed = of_step.map(|it| {
            let header = it.headers.iter().find(|(name, _)| name == key);
            // An approval of Klarna's is ordered with once.
            header.map_or_else(|| it.path.clone(), |(_, key)| key.clone())
        });
        keyed.collect()
    }
}

#[tokio::test]
async fn an_answer_that_is_lost_at_any_step_moves_nothing_twice() {
    for way in EVERY {
        for step in &STEPS {
            let what = format!("{} {}", way.kind, step.trigger);
            let (app, clock) = App::start_timeless().await;
            step.prepare(&app, &clock, way).await;
            let before = step.keys(&app, way);
            let lost = FaultOrder::next(Fault::DropAfter).on("POST", "/*");
            way.order_fault(&app, lost.times(100));
            let asked = json!({ step.trigger: true });
            let shop = app.integration();
            let reply = app.patch_order(&shop, way.order, asked.clone()).await;
            way.withdraw_faults(&app);
            for _ in 0..4 {
                clock.pass(Duration::from_secs(180));
                settled(&app, &clock).await;
            }
            match reply.status {
                200 => {}
                _ => {
                    assert_eq!(
                        (reply.status, step.trigger),
                        (502, "_place"),
                        "{}",
                        reply.body
                    );
                    let again = app.patch_order(&app.integration(), way.order, asked).await;
                    assert_eq!(again.status, 200, "{what}: {}", again.body);
                }
            }
            let books = app.books(way.order).await;
            assert_eq!(books.status(), step.ends, "{what}");
            assert_eq!(books.moved(step.kind.name()), [(TOTAL, true)], "{what}");
            let asked: Vec<_> = step.keys(&app, way).difference(&before).cloned().collect();
            let is_held_before = way.kind == CHECKOUT_COM.kind && step.trigger == "_place";
            assert_eq!(
                asked.len(),
                usize::from(!is_held_before),
                "{what}: {asked:?}"
            );
            app.is_reconciled().await;
        }
    }
}

#[tokio::test]
async fn what_is_asked_for_twice_or_beyond_what_there_is_moves_once() {
    for way in EVERY {
        let (app, clock) = App::start_timeless().await;
        app.captured(way).await;
        settled(&app, &clock).await;
        let books = app.books(way.order).await;
        let held = id(books.only("authorizations")).to_owned();
        let again = app
            .patch_transaction("authorizations", &held, json!({ "_capture": true }))
            .await;
        assert_eq!(again.status, 422, "{}: {}", way.kind, again.body);
        let capture = id(books.only("captures")).to_owned();
        for cents in [0, -1, TOTAL + 1] {
            let more = json!({ "_refund": true, "_refund_amount_cents": cents });
            let refused = app.patch_transaction("captures", &capture, more).await;
            assert_eq!(refused.status, 422, "{}: {}", way.kind, refused.body);
        }
        app.moved_on(way.order, "_refund").await;
        settled(&app, &clock).await;
        let again = app
            .patch_transaction("captures", &capture, json!({ "_refund": true }))
            .await;
        assert_eq!(again.status, 422, "{}: {}", way.kind, again.body);
        let books = app.books(way.order).await;
        assert_eq!(books.moved("captures"), [(TOTAL, true)], "{}", way.kind);
        assert_eq!(books.moved("refunds"), [(TOTAL, true)], "{}", way.kind);
    }
}

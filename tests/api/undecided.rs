//! Gateways that take their time: Klarna decides on some orders hours later, a shop's own gateway on whatever it
//! answers with 202. The order waits, is placed once they say yes, and takes another payment once they say no.

use bytes::Bytes;
use http::{Method, Request};
use sandbox::external::Verdict;
use sandbox::klarna::Decision;
use sandbox::{Fault, FaultOrder};
use serde_json::json;

use crate::app::{App, Reply};
use crate::till::{PLACED, TOTAL, id, settled, start};
use crate::ways::{EXTERNAL, KLARNA, Way, money_moved};

const BOTH: [&Way; 2] = [&KLARNA, &EXTERNAL];

/// What an order shows while its gateway takes its time.
const PLACING: (&str, &str) = ("placing", "unpaid");

impl App {
    /// The shopper does their part, and the gateway does not decide.
    async fn pay_undecided(&self, way: &Way) {
        let customer = self.customer();
        if way.kind == EXTERNAL.kind {
            self.create_external(&customer, way.order, "pending-1")
                .await;
            return;
        }
        let source = way.create(self, &customer, way.order).await;
        let approval = format!("pending-{}", self.approve_in_browser(&source).await);
        let brought = self.approve(&customer, &source.id(), &approval).await;
        assert_eq!(brought.status, 200, "{}", brought.body);
    }

    /// The gateway decides, and says so.
    async fn decide(&self, way: &Way, is_fine: bool) {
        if way.kind == EXTERNAL.kind {
            let actions = self.external().stand_in.actions();
            for action in actions {
                self.decide_action(&action, is_fine).await;
            }
        } else {
            let books = self.books(way.order).await;
            let hold = books.only("authorizations");
            let reference = hold["attributes"]["gateway_transaction_id"].as_str();
            let order = reference.unwrap().strip_prefix("orders/").unwrap();
            let decision = match is_fine {
                true => Decision::Accepted,
                false => Decision::Rejected,
            };
            assert!(self.klarna().stand_in.decide(order, decision).unwrap());
        }
        self.called_back().await;
    }

    /// As somebody would at a terminal.
    async fn decide_action(&self, action: &str, is_fine: bool) {
        let url = format!("{}/actions/{action}/_decide", self.external().url);
        let body = json!({ "success": is_fine }).to_string();
        let request = Request::builder()
            .method(Method::POST)
            .uri(url)
            .header("content-type", "application/json");
        let decided = self.request(request.body(Bytes::from(body)).unwrap()).await;
        assert_eq!(decided.status, 200, "{}", decided.body);
    }

    async fn called_back(&self) {
        for delivery in self.running.call_back().await {
            let status = delivery.status.map(|it| it.as_u16());
            assert_eq!(status, Some(200), "{delivery:?}");
        }
    }

    /// Where the external gateway says what it decided.
    async fn external_hook(&self) -> String {
        let gateways = self
            .get(&self.integration(), "/api/external_gateways")
            .await;
        let url = &gateways.body["data"][0]["attributes"]["webhook_endpoint_url"];
        url.as_str().unwrap().to_owned()
    }

    async fn say(&self, url: &str, signature: Option<&str>, body: &str) -> Reply {
        let mut request = Request::builder().method(Method::POST).uri(url);
        if let Some(signature) = signature {
            request = request.header("x-commercelayer-signature", signature);
        }
        let body = Bytes::from(body.to_owned());
        self.request(request.body(body).unwrap()).await
    }
}

#[tokio::test]
async fn an_order_waits_while_its_gateway_takes_its_time_and_is_not_paid_twice() {
    for way in BOTH {
        let app = App::start().await;
        app.pay_undecided(way).await;
        let customer = app.customer();
        let placed = app.place(&customer, way.order).await;
        assert_eq!(placed.status, 200, "{}: {}", way.kind, placed.body);
        let books = app.books(way.order).await;
        assert_eq!(books.status(), PLACING, "{}", way.kind);
        assert_eq!(books.moved("authorizations"), [(TOTAL, false)]);
        assert!(books.0.attribute("placed_at").is_null());

        let moved = money_moved(&app);
        let again = app.place(&customer, way.order).await;
        assert_eq!(again.status, 200, "{}: {}", way.kind, again.body);
        assert_eq!(app.books(way.order).await.status(), PLACING);
        assert_eq!(money_moved(&app), moved, "{}: asked once", way.kind);
        let another = app
            .create_source(&customer, way.kind, way.order, way.attributes(2))
            .await;
        assert_eq!(another.status, 422, "{}: {}", way.kind, another.body);
    }
}

#[tokio::test]
async fn an_order_is_placed_once_its_gateway_says_yes() {
    for way in BOTH {
        let app = App::start().await;
        app.pay_undecided(way).await;
        app.place(&app.customer(), way.order).await;
        app.decide(way, true).await;
        let books = app.books(way.order).await;
        assert_eq!(books.status(), PLACED, "{}", way.kind);
        assert_eq!(books.moved("authorizations"), [(TOTAL, true)]);
        assert!(books.0.attribute("placed_at").is_string());
        assert_eq!(*books.0.attribute("place_total_amount_cents"), TOTAL);

        for trigger in ["_approve", "_capture"] {
            app.moved_on(way.order, trigger).await;
        }
        let books = app.books(way.order).await;
        assert_eq!(books.status(), ("approved", "paid"), "{}", way.kind);
    }
}

#[tokio::test]
async fn an_order_takes_another_payment_once_its_gateway_says_no() {
    for way in BOTH {
        let app = App::start().await;
        app.pay_undecided(way).await;
        app.place(&app.customer(), way.order).await;
        app.decide(way, false).await;
        let books = app.books(way.order).await;
        assert_eq!(books.status(), ("pending", "unpaid"), "{}", way.kind);
        let failed = books.only("authorizations");
        assert_eq!(failed["attributes"]["message"], "Failed", "{}", way.kind);
        app.placed(way).await;
        let books = app.books(way.order).await;
        assert_eq!(books.status(), PLACED, "{}", way.kind);
        assert_eq!(
            books.moved("authorizations"),
            [(TOTAL, false), (TOTAL, true)]
        );
    }
}

#[tokio::test]
async fn klarnas_word_is_read_where_its_notification_was_lost() {
    let (app, clock) = start().await;
    app.pay_undecided(&KLARNA).await;
    app.place(&app.customer(), KLARNA.order).await;
    settled(&app, &clock).await;
    assert_eq!(app.books(KLARNA.order).await.status(), PLACING);
    let books = app.books(KLARNA.order).await;
    let hold = books.only("authorizations");
    let order = hold["attributes"]["gateway_transaction_id"]
        .as_str()
        .unwrap();
    let order = order.strip_prefix("orders/").unwrap();
    let decided = app.klarna().stand_in.decide(order, Decision::Accepted);
    assert!(decided.unwrap());
    for _ in 0..4 {
        settled(&app, &clock).await;
    }
    assert_eq!(app.books(KLARNA.order).await.status(), PLACED);
}

#[tokio::test]
async fn a_hold_that_comes_too_late_is_let_go_of() {
    for way in BOTH {
        let (app, clock) = start().await;
        app.pay_undecided(way).await;
        let customer = app.customer();
        let held = app
            .patch_order(&customer, way.order, json!({ "_authorize": true }))
            .await;
        assert_eq!(held.status, 200, "{}: {}", way.kind, held.body);
        assert_eq!(app.books(way.order).await.status(), ("pending", "unpaid"));
        app.moved_on(way.order, "_cancel").await;
        if way.kind == EXTERNAL.kind {
            app.decide(way, true).await;
        }
        for _ in 0..3 {
            settled(&app, &clock).await;
        }
        let books = app.books(way.order).await;
        let (status, paid) = books.status();
        assert_eq!(status, "cancelled", "{}", way.kind);
        assert!(matches!(paid, "voided" | "unpaid"), "{}: {paid}", way.kind);
        let moved = |kind| books.moved(kind);
        match way.kind == EXTERNAL.kind {
            true => assert_eq!(moved("voids"), [(TOTAL, true)]),
            false => assert_eq!(moved("authorizations"), [(TOTAL, false)]),
        }
    }
}

#[tokio::test]
async fn captures_voids_and_refunds_are_decided_later_too() {
    for (token, trigger, kind, paid) in [
        ("capture-pending-1", "_capture", "captures", "paid"),
        ("refund-pending-1", "_refund", "refunds", "refunded"),
    ] {
        for is_fine in [true, false] {
            let (app, clock) = start().await;
            let customer = app.customer();
            app.create_external(&customer, EXTERNAL.order, token).await;
            app.place(&customer, EXTERNAL.order).await;
            app.moved_on(EXTERNAL.order, "_approve").await;
            if kind == "refunds" {
                app.moved_on(EXTERNAL.order, "_capture").await;
            }
            app.moved_on(EXTERNAL.order, trigger).await;
            let before = app.books(EXTERNAL.order).await;
            assert_eq!(before.moved(kind), [(TOTAL, false)], "{kind}");
            settled(&app, &clock).await;
            app.decide(&EXTERNAL, is_fine).await;
            let books = app.books(EXTERNAL.order).await;
            assert_eq!(books.moved(kind), [(TOTAL, is_fine)], "{kind}");
            match is_fine {
                true => assert_eq!(books.status().1, paid, "{kind}"),
                false => {
                    assert_eq!(books.status(), before.status(), "{kind}");
                    let code = &books.only(kind)["attributes"]["error_code"];
                    assert_eq!(*code, "CARD_DECLINED", "{kind}");
                }
            }
            assert_eq!(app.operations().await, [""; 0], "{kind}: nothing is owed");
        }
    }
}

#[tokio::test]
async fn what_is_said_twice_is_heard_once() {
    let app = App::start().await;
    app.pay_undecided(&EXTERNAL).await;
    app.place(&app.customer(), EXTERNAL.order).await;
    let url = app.external_hook().await;
    let (stand_in, actions) = (&app.external().stand_in, app.external().stand_in.actions());
    stand_in
        .settle(&actions[0], Verdict::Succeeded, &url)
        .unwrap();
    let [callback] = &stand_in.callbacks()[..] else {
        panic!("one callback");
    };
    let signature = callback.headers[0].1.as_str();
    let mut books = Vec::new();
    for _ in 0..2 {
        let heard = app.say(&url, Some(signature), &callback.body).await;
        assert_eq!(heard.status, 200, "{}", heard.body);
        let heard = app.books(EXTERNAL.order).await;
        books.push((heard.status().0.to_owned(), heard.moved("authorizations")));
    }
    assert_eq!(books[0], ("placed".to_owned(), vec![(TOTAL, true)]));
    assert_eq!(books[0], books[1]);
}

#[tokio::test]
async fn nobody_but_the_gateway_is_believed() {
    let app = App::start().await;
    app.pay_undecided(&EXTERNAL).await;
    app.place(&app.customer(), EXTERNAL.order).await;
    let url = app.external_hook().await;
    let action = app.external().stand_in.actions().remove(0);
    let said = json!({ "success": true, "data": { "action_id": action } }).to_string();
    let before = app.table().await;
    for (url, signature, status) in [
        (url.clone(), None, 401),
        (url.clone(), Some("AAAA"), 401),
        (url.clone(), Some("no base64"), 401),
        (format!("{url}/AAAA"), Some("AAAA"), 401),
        (url.replace("/test/", "/live/"), Some("AAAA"), 404),
    ] {
        let refused = app.say(&url, signature, &said).await;
        assert_eq!(refused.status, status, "{url}: {}", refused.body);
    }
    assert_eq!(app.table().await, before);
    assert_eq!(app.books(EXTERNAL.order).await.status(), PLACING);
}

#[tokio::test]
async fn what_is_said_before_the_answer_is_known_is_sent_again() {
    let (app, clock) = start().await;
    app.pay_undecided(&EXTERNAL).await;
    let lost = FaultOrder::next(Fault::DropAfter).on("POST", "/authorize");
    EXTERNAL.order_fault(&app, lost);
    let customer = app.customer();
    let placed = app.place(&customer, EXTERNAL.order).await;
    assert_eq!(placed.status, 502, "{}", placed.body);
    let action = app.external().stand_in.actions().remove(0);
    app.decide_action(&action, true).await;
    let told = app.running.call_back().await;
    let statuses: Vec<_> = told
        .iter()
        .map(|it| it.status.map(|it| it.as_u16()))
        .collect();
    assert_eq!(statuses, [Some(404)]);

    settled(&app, &clock).await;
    app.called_back().await;
    let books = app.books(EXTERNAL.order).await;
    assert_eq!(books.status(), ("pending", "authorized"));
    assert_eq!(books.moved("authorizations"), [(TOTAL, true)]);
    let placed = app.place(&customer, EXTERNAL.order).await;
    assert_eq!(placed.status, 200, "{}", placed.body);
    assert_eq!(app.books(EXTERNAL.order).await.status(), PLACED);
}

#[tokio::test]
async fn klarna_is_heard_under_its_own_path_alone() {
    let app = App::start().await;
    app.pay_undecided(&KLARNA).await;
    app.place(&app.customer(), KLARNA.order).await;
    let books = app.books(KLARNA.order).await;
    let hold = books.only("authorizations");
    let order = hold["attributes"]["gateway_transaction_id"]
        .as_str()
        .unwrap();
    let order = order.strip_prefix("orders/").unwrap();
    app.klarna()
        .stand_in
        .decide(order, Decision::Accepted)
        .unwrap();
    let callback = app.klarna().stand_in.callbacks().remove(0);
    let (path, secret) = callback.url.rsplit_once('/').unwrap();
    assert_eq!(secret.len(), 64);
    let of_another = secret.replace(
        &secret[..1],
        if secret.starts_with('0') { "1" } else { "0" },
    );
    for url in [
        path.to_owned(),
        format!("{path}/{of_another}"),
        format!("{path}/x"),
    ] {
        let refused = app.say(&url, None, &callback.body).await;
        assert_eq!(refused.status, 401, "{}", refused.body);
    }
    assert_eq!(app.books(KLARNA.order).await.status(), PLACING);
    let unknown = json!({ "order_id": "0b1d9815-165e-42e2-8867-35bc03789e00" }).to_string();
    assert_eq!(app.say(&callback.url, None, &unknown).await.status, 200);
    assert_eq!(app.say(&callback.url, None, "order_id=1").await.status, 400);
    for _ in 0..2 {
        let heard = app.say(&callback.url, None, &callback.body).await;
        assert_eq!(heard.status, 200, "{}", heard.body);
        assert_eq!(app.books(KLARNA.order).await.status(), PLACED);
    }
    assert_eq!(
        id(app.books(KLARNA.order).await.only("authorizations")),
        id(hold)
    );
}

//! `billfold export` and `billfold import`: a shop is moved to another table, which has other keys.

mod two_shops;

use std::fs;
use std::path::Path;
use std::time::Duration;

use billfold::demo;
use domain::GatewayId;
use serde_json::{Value, json};

use crate::app::{App, CHECKOUT_COM_ORDER, SECOND_ORDER};
use crate::earlier_data::{Earlier, Form};
use crate::tokens::TOKEN;
use crate::ways::{EVERY, KLARNA, STRIPE};
use two_shops::{Elsewhere, Shop};

const WALLET: &str = "/api/customer_payment_sources";

/// What an integration reads of a shop.
const EVERYTHING: &[&str] = &[
    "/api/customers?include=customer_addresses,customer_payment_sources,orders",
    "/api/orders?include=line_items,shipments,shipping_address,billing_address,payment_method",
    "/api/orders?include=payment_source,transactions,available_customer_payment_sources,customer,market",
    "/api/customer_payment_sources?include=payment_source,payment_method",
    "/api/stripe_payments?include=payment_gateway,order",
    "/api/checkout_com_payments",
    "/api/klarna_payments",
    "/api/external_payments",
    "/api/addresses",
    "/api/customer_addresses?include=address,customer",
    "/api/line_items",
    "/api/shipments",
    "/api/authorizations",
    "/api/captures",
    "/api/markets",
    "/api/payment_methods?include=payment_gateway",
    "/api/payment_gateways",
    "/api/stripe_gateways",
    "/api/shipping_methods",
    "/api/skus",
    "/api/orders?filter[q][number_eq]=3",
    "/api/customers?filter[q][email_eq]=customer@example.com",
];

fn lines(file: &Path) -> Vec<Value> {
    let text = fs::read_to_string(file).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
    lines.collect()
}

async fn reads_the_same(shop: &Shop, elsewhere: &Elsewhere, path: &str) {
    let (here, there) = (shop.reads(path).await, elsewhere.reads(path).await);
    assert_ne!(here["data"], json!([]), "{path}");
    assert_eq!(differing(&here, &there, path), [""; 0]);
}

/// Where two answers differ.
fn differing(one: &Value, other: &Value, at: &str) -> Vec<String> {
    match (one, other) {
        // Credentials stay.
        _ if at.ends_with("/shared_secret") => Vec::new(),
        (Value::Object(one), Value::Object(other)) if one.len() == other.len() => {
            let members = one.iter();
            let of = |(name, it): (&String, &Value)| {
                let other = other.get(name).unwrap_or(&Value::Null);
                differing(it, other, &format!("{at}/{name}"))
            };
            members.flat_map(of).collect()
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            let pairs = one.iter().zip(other).enumerate();
            let of = |(index, it): (usize, (&Value, &Value))| {
                differing(it.0, it.1, &format!("{at}/{index}"))
            };
            pairs.flat_map(of).collect()
        }
        (one, other) if one == other => Vec::new(),
        (one, other) => vec![format!("{at}: {one} and {other}")],
    }
}

async fn is_refused(elsewhere: &Elsewhere, file: &Path, more: &[&str], why: &str) {
    let before = elsewhere.app.table().await;
    let (done, _) = elsewhere.import(file, more).await;
    let (code, told) = done.unwrap_err();
    assert_eq!(code, 2, "{told}");
    assert!(told.contains(why), "{told}");
    assert_eq!(elsewhere.app.table().await, before, "{told}");
}

#[tokio::test]
async fn a_shop_reads_the_same_in_another_table() {
    let shop = Shop::busy().await;
    let (file, key) = shop.export_with_tokens().await;
    let elsewhere = shop.elsewhere().await;
    let done = elsewhere
        .imported(&file, &["--key", &key, "--take-over"])
        .await;
    assert_eq!((done.same, done.differ), (0, 0));
    for path in EVERYTHING {
        reads_the_same(&shop, &elsewhere, path).await;
    }
    let wallet = elsewhere.app.get(&elsewhere.customer(), WALLET).await;
    assert_eq!(wallet.body["data"].as_array().unwrap().len(), EVERY.len());
    let (orders, own) = (
        elsewhere
            .app
            .get(&elsewhere.customer(), "/api/orders")
            .await,
        shop.app.get(&shop.app.customer(), "/api/orders").await,
    );
    let count = |it: &Value| it["meta"]["record_count"].clone();
    assert_eq!(count(&orders.body), count(&own.body));

    let made = format!(
        "make-client moved --organization {} --mode test --kind sales-channel",
        elsewhere.organization
    );
    elsewhere.app.admin(&made).await.unwrap();
    let log_in = json!({
        "grant_type": "password", "client_id": "moved",
        "username": demo::CUSTOMER_EMAIL, "password": demo::CUSTOMER_PASSWORD,
    });
    let signed_in = elsewhere.app.oauth(TOKEN, &log_in).await;
    assert_eq!(signed_in.status, 200, "{}", signed_in.body);
}

#[tokio::test]
async fn a_saved_card_pays_another_order_and_is_saved_once() {
    let shop = Shop::busy().await;
    let (file, key) = shop.export_with_tokens().await;
    let elsewhere = shop.elsewhere().await;
    elsewhere.imported(&file, &["--key", &key]).await;
    elsewhere.give_credentials(&shop).await;
    let (app, customer) = (&elsewhere.app, elsewhere.customer());
    for (way, entry) in &shop.saved {
        let selected = app
            .select(&elsewhere.integration(), SECOND_ORDER, Some(way.method))
            .await;
        assert_eq!(selected.status, 200, "{}: {}", way.kind, selected.body);
        let reused = app.reuse(&customer, SECOND_ORDER, entry).await;
        assert_eq!(reused.status, 200, "{}: {}", way.kind, reused.body);
        let card = &reused.payment_source()["attributes"]["payment_instrument"];
        assert_eq!(card["card_last_digits"], way.last_digits, "{}", way.kind);
        let saved = app.save(&customer, SECOND_ORDER).await;
        assert_eq!(saved.status, 200, "{}: {}", way.kind, saved.body);
        assert_eq!(saved.wallet().len(), EVERY.len(), "{}", way.kind);
    }
}

#[tokio::test]
async fn a_card_that_is_entered_anew_is_known_by_the_lookup_key_that_was_moved() {
    let shop = Shop::busy().await;
    let (file, key) = shop.export_with_tokens().await;
    let anew = async |elsewhere: &Elsewhere| {
        elsewhere.imported(&file, &["--key", &key]).await;
        elsewhere.give_credentials(&shop).await;
        let (app, customer) = (&elsewhere.app, elsewhere.customer());
        let made = STRIPE.create(app, &customer, SECOND_ORDER).await;
        assert_eq!(made.status, 201, "{}", made.body);
        let saved = app.save(&customer, SECOND_ORDER).await;
        assert_eq!(saved.status, 200, "{}", saved.body);
        saved.wallet().len()
    };
    let same = shop.elsewhere_with_the_same_lookup_key().await;
    assert_eq!(anew(&same).await, EVERY.len());
    assert_eq!(anew(&shop.elsewhere().await).await, EVERY.len() + 1);
}

#[tokio::test]
async fn payments_stay_with_the_table_that_made_them_unless_another_takes_over() {
    let shop = Shop::busy().await;
    let (file, key) = shop.export_with_tokens().await;
    let capture = json!({ "_approve_and_capture": true });

    let beside = shop.elsewhere().await;
    beside.imported(&file, &["--key", &key]).await;
    beside.give_credentials(&shop).await;
    let asked = KLARNA.asked(&shop.app).len();
    let refused = beside
        .app
        .patch_order(&beside.integration(), KLARNA.order, capture.clone())
        .await;
    assert_eq!(refused.status, 422, "{}", refused.body);
    assert!(refused.detail().contains("payment of this transaction"));
    assert_eq!(KLARNA.asked(&shop.app).len(), asked, "nothing is asked");
    let dropped = json!({ "_nullify_payment_source": true });
    let dropped = beside
        .app
        .patch_order(&beside.customer(), CHECKOUT_COM_ORDER, dropped)
        .await;
    assert_eq!(dropped.status, 200, "{}", dropped.body);
    let source = shop
        .app
        .order(&shop.app.customer(), CHECKOUT_COM_ORDER)
        .await;
    let payment = &source.payment_source()["attributes"]["payment_response"]["id"];
    let path = format!("/payments/{}", payment.as_str().unwrap());
    let held = shop.app.checkout_com_object(&path).await;
    assert_eq!(held["status"], "Authorized", "it is the other table's");
    let customer = beside.customer();
    let refused = beside.app.place(&customer, SECOND_ORDER).await;
    assert_eq!(
        refused.code(),
        "PAYMENT_SOURCE_NOT_READY",
        "{}",
        refused.body
    );
    let own = beside.app.reuse(&customer, SECOND_ORDER, &shop.saved[0].1);
    assert_eq!(own.await.status, 200);
    let placed = beside.app.place(&customer, SECOND_ORDER).await;
    assert_eq!(placed.status, 200, "{}", placed.body);
    let (gateway, paid) = klarna_payment(&shop).await;
    let claimed = async |elsewhere: &Elsewhere| {
        let store = &elsewhere.app.running.context.store;
        let order = store.order_of_payment(elsewhere.tenant(), gateway, &paid);
        order.await.unwrap().map(|it| it.to_string())
    };
    assert_eq!(claimed(&beside).await, None);

    let instead = shop.elsewhere().await;
    instead
        .imported(&file, &["--key", &key, "--take-over"])
        .await;
    instead.give_credentials(&shop).await;
    let captured = instead
        .app
        .patch_order(&instead.integration(), KLARNA.order, capture)
        .await;
    assert_eq!(captured.status, 200, "{}", captured.body);
    assert_eq!(captured.attribute("payment_status"), "paid");
    let store = instead.app.running.context.store.afresh();
    let mark = shop.app.running.context.store.mark().await.unwrap();
    assert!(store.mark().await.unwrap().may_own(Some(&mark.id)));
    assert_eq!(claimed(&instead).await.as_deref(), Some(KLARNA.order));
    let instead = instead.restarted().await;
    let placed = instead
        .app
        .place(&instead.customer(), CHECKOUT_COM_ORDER)
        .await;
    assert_eq!(placed.status, 200, "{}", placed.body);
}

/// The gateway and the reference of the payment of the shop's order at Klarna.
async fn klarna_payment(shop: &Shop) -> (GatewayId, String) {
    let store = &shop.app.running.context.store;
    let order = store.order(demo::tenant(), KLARNA.order.parse().unwrap(), false);
    let source = order.await.unwrap().unwrap().source.unwrap();
    (source.state.gateway, source.state.payment.unwrap())
}

#[tokio::test]
async fn without_tokens_orders_read_and_the_wallet_says_why_it_does_not_pay() {
    let shop = Shop::busy().await;
    let file = shop.export("plain.ndjson", &[]).await;
    let elsewhere = shop.elsewhere().await;
    elsewhere.imported(&file, &[]).await;
    elsewhere.give_credentials(&shop).await;
    let (app, customer) = (&elsewhere.app, elsewhere.customer());
    for way in EVERY {
        let books = |it: Value| {
            let order = it["data"]["attributes"].clone();
            (order["payment_status"].clone(), order["status"].clone())
        };
        let path = format!(
            "/api/orders/{}?include=payment_source,transactions",
            way.order
        );
        let (there, here) = (elsewhere.reads(&path).await, shop.reads(&path).await);
        assert_eq!(books(there), books(here), "{}", way.kind);
    }
    let wallet = app
        .get(&customer, &format!("{WALLET}?include=payment_source"))
        .await;
    assert_eq!(wallet.status, 200, "{}", wallet.body);
    for (way, entry) in &shop.saved {
        let shown = wallet.body["data"].as_array().unwrap().iter();
        let shown = shown.clone().find(|it| it["id"] == **entry).unwrap();
        assert_eq!(shown["attributes"]["payment_source_token"], Value::Null);
        let source = shown["relationships"]["payment_source"]["data"]["id"].as_str();
        let source = source.unwrap();
        let path = format!("/api/{}/{source}", way.kind);
        let (there, here) = (elsewhere.reads(&path).await, shop.reads(&path).await);
        let card = |it: &Value| it["data"]["attributes"]["payment_instrument"].clone();
        assert_eq!(card(&there), card(&here), "{}", way.kind);
        app.select(&elsewhere.integration(), SECOND_ORDER, Some(way.method))
            .await;
        let refused = app.reuse(&customer, SECOND_ORDER, entry).await;
        assert_eq!(
            refused.code(),
            "PAYMENT_SOURCE_NOT_REUSABLE",
            "{}",
            refused.body
        );
        assert!(
            refused.detail().contains("Enter it anew"),
            "{}",
            refused.body
        );
    }
    let deleted = app
        .delete(&customer, &format!("{WALLET}/{}", shop.saved[0].1))
        .await;
    assert_eq!(deleted.status, 204, "{}", deleted.body);
}

#[tokio::test]
async fn no_token_is_in_a_file_in_clear() {
    let shop = Shop::busy().await;
    let (sealed, _) = shop.export_with_tokens().await;
    let left_out = shop.export("plain.ndjson", &[]).await;
    let wallet = shop.app.get(&shop.app.integration(), WALLET).await;
    let mut tokens: Vec<String> = Vec::new();
    for entry in wallet.body["data"].as_array().unwrap() {
        for name in ["payment_source_token", "customer_token"] {
            let token = entry["attributes"][name].as_str().unwrap();
            // The external gateway knows the customer by the id here.
            tokens.extend((token != demo::customer().as_str()).then(|| token.to_owned()));
        }
    }
    for way in EVERY {
        let order = shop.app.order(&shop.app.integration(), way.order).await;
        let source = &order.payment_source()["attributes"];
        for name in [
            "stripe_id",
            "client_secret",
            "auth_token",
            "client_token",
            "token",
        ] {
            tokens.extend(source[name].as_str().map(str::to_owned));
        }
    }
    assert!(tokens.len() > 8, "{tokens:?}");
    tokens.extend(["$argon2", "shared_secret", "sk_test_demo"].map(str::to_owned));
    for file in [sealed, left_out] {
        let text = fs::read_to_string(&file).unwrap();
        for token in tokens.iter().filter(|it| !it.is_empty()) {
            assert!(
                !text.contains(token.as_str()),
                "{token} in {}",
                file.display()
            );
        }
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(&file).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }
}

#[tokio::test]
async fn an_import_that_is_repeated_or_was_cut_short_makes_what_is_missing() {
    let shop = Shop::busy().await;
    let (file, key) = shop.export_with_tokens().await;
    let elsewhere = shop.elsewhere().await;
    let more = ["--key", key.as_str(), "--take-over"];
    let before = elsewhere.app.table().await.len();
    let some_are_written = async {
        while elsewhere.app.table().await.len() < before + 20 {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        done = elsewhere.import(&file, &more) => panic!("it was not cut short: {done:?}"),
        () = some_are_written => {}
    }
    let rest = elsewhere.imported(&file, &more).await;
    let made: u64 = rest.made.values().sum();
    assert!(made > 0 && rest.same > 0, "{rest}");
    let after = elsewhere.app.table().await;
    let again = elsewhere.imported(&file, &more).await;
    assert!(again.made.is_empty(), "{again}");
    assert_eq!(again.same, made + rest.same);
    assert_eq!(elsewhere.app.table().await, after);
    for path in EVERYTHING {
        reads_the_same(&shop, &elsewhere, path).await;
    }
}

#[tokio::test]
async fn a_dry_run_says_what_an_import_would_make_and_writes_nothing() {
    let shop = Shop::busy().await;
    let (file, key) = shop.export_with_tokens().await;
    let elsewhere = shop.elsewhere().await;
    let before = elsewhere.app.table().await;
    let dry = ["--key", key.as_str(), "--dry-run"];
    let would = elsewhere.imported(&file, &dry).await;
    assert_eq!(elsewhere.app.table().await, before);
    let done = elsewhere.imported(&file, &dry[..2]).await;
    assert_eq!(would.made, done.made);
    assert_eq!(done.made["customer_payment_sources"], 4);
    let again = elsewhere.imported(&file, &dry).await;
    assert!(again.made.is_empty(), "{again}");
}

#[tokio::test]
async fn what_differs_is_reported_and_left_alone() {
    let shop = Shop::busy().await;
    let (file, key) = shop.export_with_tokens().await;
    let elsewhere = shop.elsewhere().await;
    let more = ["--key", key.as_str()];
    let own =
        json!({ "data": { "type": "customers", "attributes": { "email": demo::CUSTOMER_EMAIL } } });
    let (app, integration) = (&elsewhere.app, elsewhere.integration());
    let own = app.post(&integration, "/api/customers", &own).await;
    assert_eq!(own.status, 201, "{}", own.body);
    for dry in [&["--dry-run"][..], &[]] {
        let (done, told) = elsewhere.import(&file, &[&more[..], dry].concat()).await;
        assert_eq!(done.unwrap_err().0, 1);
        let customer = demo::customer();
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].contains(customer.as_str()) && told[0].contains("may have"));
    }
    app.delete(&integration, &format!("/api/customers/{}", own.id()))
        .await;
    elsewhere.imported(&file, &more).await;

    let changed = json!({ "metadata": { "changed": "here" } });
    let patched = app
        .patch_order(&integration, CHECKOUT_COM_ORDER, changed)
        .await;
    assert_eq!(patched.status, 200, "{}", patched.body);
    let (done, told) = elsewhere.import(&file, &more).await;
    let (code, summary) = done.unwrap_err();
    assert!(code == 1 && summary.contains("1 differ"), "{summary}");
    assert!(told[0].starts_with(&format!("orders {CHECKOUT_COM_ORDER} differs")));
    let order = app.order(&integration, CHECKOUT_COM_ORDER).await;
    assert_eq!(order.attribute("metadata")["changed"], "here");
}

#[tokio::test]
async fn nothing_is_added_to_a_wallet_that_is_another_here() {
    let shop = Shop::open().await;
    shop.app.saved_card("pm_card_visa").await;
    let (file, key) = shop.export_with_tokens().await;
    let elsewhere = shop.elsewhere().await;
    let more = ["--key", key.as_str()];
    elsewhere.imported(&file, &more).await;
    let before = elsewhere.reads(WALLET).await;

    shop.app.saved_card("pm_card_mastercard").await;
    let public = format!("{key}.pub");
    let sealed = ["--with-tokens", "--to", public.as_str()];
    let newer = shop.export("newer.ndjson", &sealed).await;
    let (done, told) = elsewhere.import(&newer, &more).await;
    assert_eq!(done.unwrap_err().0, 1);
    assert!(told.iter().any(|it| it.starts_with("wallets ")), "{told:?}");
    assert!(
        !told
            .iter()
            .any(|it| it.starts_with("customer_payment_sources "))
    );
    assert_eq!(elsewhere.reads(WALLET).await, before);
}

#[tokio::test]
async fn a_file_that_is_cut_off_or_changed_is_refused_before_anything_is_written() {
    let shop = Shop::busy().await;
    let file = shop.export("plain.ndjson", &[]).await;
    let elsewhere = shop.elsewhere().await;
    let whole = fs::read_to_string(&file).unwrap();
    let all: Vec<_> = whole.split_inclusive('\n').collect();
    let but = |left_out: usize| {
        let kept = all.iter().enumerate().filter(|it| it.0 != left_out);
        kept.map(|it| *it.1).collect::<String>()
    };
    let last = all.len() - 1;
    for (changed, why) in [
        (whole[..whole.len() / 2].to_owned(), "cut off"),
        (whole[..whole.len() - 1].to_owned(), "cut off"),
        (but(last), "cut off"),
        (but(last / 2), "was changed"),
        (whole.replace("\"europe\"", "\"america\""), "was changed"),
        (format!("{whole}{}", all[1]), "more after the trailer"),
        (but(0), "no export"),
        (String::new(), "cut off"),
        (
            whole.replacen("\"format\":1", "\"format\":2", 1),
            "its format is 2",
        ),
        (
            all[..1].concat() + &all[0].replace("header", "wallet"),
            "line 2",
        ),
    ] {
        let path = shop.path("changed.ndjson");
        fs::write(&path, changed).unwrap();
        is_refused(&elsewhere, &path, &[], why).await;
    }
    is_refused(&elsewhere, &shop.path("nowhere"), &[], "cannot be read").await;
}

#[tokio::test]
async fn another_key_or_none_is_refused_before_anything_is_written() {
    let shop = Shop::busy().await;
    let (file, key) = shop.export_with_tokens().await;
    let plain = shop.export("plain.ndjson", &[]).await;
    let elsewhere = shop.elsewhere().await;
    let (another, public) = shop.key("another");
    is_refused(&elsewhere, &file, &["--key", &another], "another key").await;
    is_refused(&elsewhere, &file, &["--key", &public], "no private key").await;
    is_refused(&elsewhere, &file, &[], "--key").await;
    is_refused(&elsewhere, &plain, &["--key", &key], "has no tokens").await;
    let nowhere = shop
        .exported("none", &["--with-tokens", "--to", &another])
        .await;
    assert!(nowhere.unwrap_err().contains("no public key"));
    let untold = shop.exported("none", &["--with-tokens"]).await;
    assert!(untold.unwrap_err().contains("--to"));
    assert!(!shop.path("none").exists());
}

#[tokio::test]
async fn what_is_owed_stays_with_the_table_that_owes_it() {
    let (app, clock) = App::start_timeless().await;
    app.with_a_release_owed().await;
    let shop = Shop::of(app);
    let (_, public) = shop.key("key");
    let exported = shop
        .exported("file", &["--with-tokens", "--to", &public])
        .await;
    let exported = exported.unwrap();
    assert_eq!(exported.counts["operations"], 1);
    assert!(exported.to_string().contains("owed to gateways"));
    let file = shop.path("file");
    let is_owed = |it: &Value| it["operation"]["type"] == "operations";
    let owed: Vec<_> = lines(&file).into_iter().filter(is_owed).collect();
    assert_eq!(owed[0]["operation"]["attributes"]["payment"], Value::Null);

    let elsewhere = shop.elsewhere().await;
    let key = shop.path("key").display().to_string();
    let done = elsewhere.imported(&file, &["--key", &key]).await;
    assert_eq!(done.left, 1);
    assert_eq!(elsewhere.app.operations().await, [""; 0]);
    clock.pass(Duration::from_secs(3600));
    shop.app.sweep().await;
    assert_eq!(
        shop.app.operations().await,
        [""; 0],
        "its own sweep does it"
    );
}

#[tokio::test]
async fn earlier_data_is_moved() {
    let earlier = Earlier::open(Form::Folder).await;
    let records = earlier.records().count();
    let shop = Shop::of(earlier.app);
    let (file, key) = shop.export_with_tokens().await;
    let plain = shop.export("plain.ndjson", &[]).await;
    let elsewhere = shop.elsewhere().await;
    let done = elsewhere.imported(&file, &["--key", &key]).await;
    let made: u64 = done.made.values().sum();
    assert!(made as usize > records / 2, "{done}");
    let without = shop.elsewhere().await;
    without.imported(&plain, &[]).await;
    for path in ["/api/orders?page[size]=25", "/api/customers", WALLET] {
        reads_the_same(&shop, &elsewhere, path).await;
    }
}

#[tokio::test]
async fn an_organization_that_is_not_there_is_neither_exported_nor_imported_to() {
    let shop = Shop::open().await;
    let file = shop.export("plain.ndjson", &[]).await;
    let mut elsewhere = shop.elsewhere().await;
    elsewhere.organization = "NoBoDyHeRe".parse().unwrap();
    is_refused(&elsewhere, &file, &[], "make-organization").await;
    let wrong = shop.exported("none", &["--mode", "live"]).await;
    assert!(wrong.is_err());
}

//! What integrations keep around an order: gateways and payment methods.

mod gateways;
mod orders;

use std::sync::LazyLock;

use decisions::catalog_after;
use decisions::manage::{self, Basis, Credentials, Decision, Named};
use decisions::{Change, DocumentWriter, Input};
use domain::catalog::Catalog;
use domain::lookup::LookupKey;
use domain::purchase::Purchase;
use domain::record::{Identifier, Place, Placed, Record};
use domain::refusal::{self, Code};
use domain::resources::{NAMED_GATEWAYS, PAYMENT_GATEWAYS};
use domain::source::PaymentSource;
use domain::transaction::Transaction;
use domain::{
    Caller, CustomerId, MarketId, Refusal, ResourceType, Role, TableMark, Timestamp, Write,
};
use gatehouse::user_url::TrustedOrigins;
use serde_json::{Value, json};

use crate::world::{caller, id, identifier, lookup};

const METHODS: ResourceType = ResourceType::PaymentMethods;
const STRIPE: ResourceType = ResourceType::StripeGateways;
const EXTERNAL: ResourceType = ResourceType::ExternalGateways;

static NONE_TRUSTED: LazyLock<TrustedOrigins> = LazyLock::new(TrustedOrigins::default);
static LOOKUP: LazyLock<LookupKey> = LazyLock::new(lookup);
static NONE_NAMED: Named = Named::new();
static INTEGRATION: LazyLock<Caller> = LazyLock::new(|| caller(Role::Integration));

fn now() -> Timestamp {
    Timestamp::from_unix_millis(1_767_268_800_000)
}

/// A record that was stored before.
fn stored(kind: ResourceType, name: &str) -> Record {
    let mut record = Record::new(kind, id(name), Timestamp::from_unix_millis(0));
    record.version = 3;
    record.set("name", name);
    record
}

fn catalogued(record: Record) -> Placed {
    let place = Place::Catalog;
    Placed { record, place }
}

fn put(record: &Record) -> Change {
    Change::put(record.clone(), Place::Catalog)
}

fn catalog() -> Catalog {
    let mut method = stored(METHODS, "method");
    method.set("payment_source_type", "stripe_payments");
    method.set("currency_code", "EUR");
    method.set("price_amount_cents", 0);
    method.relate("payment_gateway", Some(identifier(STRIPE, "stripe")));
    Catalog::from_iter([
        stored(STRIPE, "stripe"),
        stored(STRIPE, "idle"),
        stored(ResourceType::KlarnaGateways, "klarna"),
        stored(EXTERNAL, "external"),
        stored(ResourceType::Markets, "market"),
        method,
    ])
}

/// No gateway is told anything here.
struct NoDocuments;

impl DocumentWriter for NoDocuments {
    fn document(&self, _: &Purchase, _: &PaymentSource, _: &[&str]) -> Value {
        Value::Null
    }

    fn transaction(&self, _: &Purchase, _: &Transaction) -> Value {
        Value::Null
    }
}

fn input() -> Input<'static> {
    Input {
        table: const { &TableMark::NONE },
        caller: &INTEGRATION,
        now: now(),
        lookup: &LOOKUP,
        fresh: id("fresh"),
        secret: "5ec4e7",
        documents: &NoDocuments,
        trusted_origins: &NONE_TRUSTED,
    }
}

fn basis(catalog: &Catalog) -> Basis<'_> {
    Basis {
        input: input(),
        catalog,
        named: &NONE_NAMED,
        password_hash: None,
        order: None,
    }
}

fn write(attributes: Value, related: &[(&'static str, Option<Identifier>)]) -> Write {
    let mut write = Write {
        relationships: related.to_vec(),
        ..Write::default()
    };
    for (name, value) in attributes.as_object().unwrap() {
        let part = match name.starts_with('_') {
            true => &mut write.triggers,
            false => &mut write.attributes,
        };
        part.insert(name.clone(), value.clone());
    }
    write
}

fn create(kind: ResourceType, write: &Write) -> Result<Decision, Vec<Refusal>> {
    manage::create(kind, write, basis(&catalog()))
}

fn change(
    kind: ResourceType,
    name: &str,
    attributes: Value,
    related: &[(&'static str, Option<Identifier>)],
) -> Result<Decision, Vec<Refusal>> {
    let catalog = catalog();
    let record = catalog.get(kind, id(name)).unwrap().clone();
    manage::change(
        catalogued(record),
        &write(attributes, related),
        basis(&catalog),
    )
}

fn method(attributes: Value, gateway: Identifier) -> Result<Decision, Vec<Refusal>> {
    let mut all = json!({
        "payment_source_type": "stripe_payments",
        "currency_code": "EUR",
        "price_amount_cents": 0,
    });
    for (name, value) in attributes.as_object().unwrap() {
        all[name] = value.clone();
    }
    create(METHODS, &write(all, &[("payment_gateway", Some(gateway))]))
}

fn stripe_keys() -> Value {
    json!({ "name": "Shop", "login": "sk_test_1", "publishable_key": "pk_test_1" })
}

/// Code and pointer of each refusal.
fn told(decided: Result<Decision, Vec<Refusal>>) -> Vec<(Code, String)> {
    let refusals = decided.expect_err("it is refused");
    let place = |it: Refusal| match it.error_source {
        Some(refusal::ErrorSource::Pointer(pointer)) => (it.code, pointer),
        _ => (it.code, String::new()),
    };
    refusals.into_iter().map(place).collect()
}

fn attribute(code: Code, name: &str) -> (Code, String) {
    (code, format!("/data/attributes/{name}"))
}

fn relationship(code: Code, name: &str) -> (Code, String) {
    (code, format!("/data/relationships/{name}"))
}

#[test]
fn a_method_has_what_it_was_not_given() {
    let made = method(json!({}), identifier(STRIPE, "idle")).unwrap();
    let expected = json!({
        "moto": false,
        "require_capture": true,
        "auto_place": false,
        "auto_capture": false,
        "payment_source_type": "stripe_payments",
        "currency_code": "EUR",
        "price_amount_cents": 0,
        "name": "Stripe Payment",
    });
    assert_eq!(json!(made.record.attributes), expected);
    assert_eq!(made.record.id, id("fresh"));
    assert_eq!(made.record.created_at, now());
    assert_eq!(made.credentials, Credentials::Unchanged);

    let taken_away = json!({ "require_capture": null });
    let changed = change(METHODS, "method", taken_away, &[]).unwrap().record;
    assert_eq!(changed.get("require_capture"), Some(&json!(true)));

    let given = json!({ "moto": true, "require_capture": false, "name": "Card" });
    let made = method(given, identifier(STRIPE, "idle")).unwrap().record;
    assert_eq!(made.get("moto"), Some(&json!(true)));
    assert_eq!(made.get("require_capture"), Some(&json!(false)));
    assert_eq!(made.text("name"), Some("Card"));
}

#[test]
fn everything_that_is_missing_is_told_at_once() {
    let refused = told(create(METHODS, &Write::default()));
    let expected = [
        attribute(Code::Blank, "currency_code"),
        attribute(Code::Blank, "payment_source_type"),
        attribute(Code::Blank, "price_amount_cents"),
        relationship(Code::Blank, "payment_gateway"),
    ];
    assert_eq!(refused, expected);

    for (kind, names) in [
        (STRIPE, ["login", "name"].as_slice()),
        (
            ResourceType::CheckoutComGateways,
            &["secret_key", "public_key", "name"],
        ),
        (
            ResourceType::KlarnaGateways,
            &["country_code", "api_key", "api_secret", "name"],
        ),
        (EXTERNAL, &["name"]),
    ] {
        let expected: Vec<_> = names.iter().map(|it| attribute(Code::Blank, it)).collect();
        assert_eq!(told(create(kind, &Write::default())), expected, "{kind}");
    }
}

#[test]
fn what_is_blank_is_told_once_and_cannot_be_made_blank_later() {
    for blank in [json!(null), json!(""), json!("  ")] {
        let mut keys = stripe_keys();
        keys["name"] = blank.clone();
        keys["login"] = blank.clone();
        let refused = told(create(STRIPE, &write(keys, &[])));
        let expected = ["login", "name"].map(|it| attribute(Code::Blank, it));
        assert_eq!(refused.len(), 2, "{refused:?}");
        assert!(expected.iter().all(|it| refused.contains(it)), "{blank}");

        let refused = told(change(STRIPE, "stripe", json!({ "name": blank }), &[]));
        assert_eq!(refused, [attribute(Code::Blank, "name")]);
    }
    let none = [("payment_gateway", None)];
    let refused = told(change(METHODS, "method", json!({}), &none));
    assert_eq!(refused, [relationship(Code::Blank, "payment_gateway")]);
}

#[test]
fn a_method_without_currency_needs_a_market() {
    let refused = told(change(
        METHODS,
        "method",
        json!({ "currency_code": null }),
        &[],
    ));
    assert_eq!(refused, [attribute(Code::Blank, "currency_code")]);
    let market = [("market", Some(identifier(ResourceType::Markets, "market")))];
    let open = change(METHODS, "method", json!({ "currency_code": null }), &market);
    assert_eq!(open.unwrap().record.get("currency_code"), None);
    let wrong = told(change(
        METHODS,
        "method",
        json!({ "currency_code": "eur" }),
        &[],
    ));
    assert_eq!(wrong, [attribute(Code::ValidationError, "currency_code")]);
    let refused = told(method(
        json!({ "currency_code": "XYZ" }),
        identifier(STRIPE, "idle"),
    ));
    assert_eq!(refused, [attribute(Code::ValidationError, "currency_code")]);
}

#[test]
fn the_sources_of_a_method_are_those_of_its_gateway() {
    let misfit = [attribute(Code::ValidationError, "payment_source_type")];
    let refused = method(
        json!({}),
        identifier(ResourceType::KlarnaGateways, "klarna"),
    );
    assert_eq!(told(refused), misfit);
    let by_class = json!({ "payment_source_type": "KlarnaPayment" });
    let klarna = identifier(ResourceType::KlarnaGateways, "klarna");
    let made = method(by_class.clone(), klarna).unwrap().record;
    assert_eq!(made.text("payment_source_type"), Some("klarna_payments"));
    assert_eq!(made.text("name"), Some("Klarna Payment"));

    let moved = [("payment_gateway", Some(klarna))];
    assert_eq!(told(change(METHODS, "method", json!({}), &moved)), misfit);
    assert_eq!(
        told(change(METHODS, "method", by_class.clone(), &[])),
        misfit
    );
    assert!(change(METHODS, "method", by_class, &moved).is_ok());
}

#[test]
fn a_gateway_is_named_as_what_it_is_or_as_a_gateway() {
    let parent = ResourceType::PaymentGateways;
    let made = method(json!({}), identifier(parent, "idle"))
        .unwrap()
        .record;
    let named = made.relationships["payment_gateway"];
    assert_eq!(named, identifier(STRIPE, "idle"));

    for wrong in [
        identifier(parent, "gone"),
        identifier(STRIPE, "gone"),
        identifier(EXTERNAL, "idle"),
    ] {
        let refused = told(method(json!({}), wrong));
        let expected = [relationship(Code::RecordNotFound, "payment_gateway")];
        assert_eq!(refused, expected, "{wrong:?}");
    }
    assert_eq!(NAMED_GATEWAYS.split_last().unwrap().1, PAYMENT_GATEWAYS);
}

#[test]
fn a_market_that_is_not_there_is_told_where_it_is_named() {
    let market = [("market", Some(identifier(ResourceType::Markets, "gone")))];
    let refused = told(change(METHODS, "method", json!({}), &market));
    assert_eq!(refused, [relationship(Code::RecordNotFound, "market")]);
}

/// Whoever deletes the gateway at the same time finds it changed, and looks again.
#[test]
fn a_record_that_others_begin_to_name_is_written_too() {
    let catalog = catalog();
    let idle = catalog.get(STRIPE, id("idle")).unwrap();
    let made = method(json!({}), identifier(STRIPE, "idle")).unwrap();
    let changes = [put(&made.record), put(idle)];
    assert_eq!(made.changes, changes);

    let same = [("payment_gateway", Some(identifier(STRIPE, "stripe")))];
    let changed = change(METHODS, "method", json!({}), &same).unwrap();
    assert_eq!(changed.changes.len(), 1, "it was named before");
}

#[test]
fn rules_of_values_hold_when_a_record_is_made_and_when_it_is_changed() {
    let url = json!({ "name": "Own", "token_url": "http://shop.example.com" });
    let expected = [attribute(Code::ValidationError, "token_url")];
    assert_eq!(told(create(EXTERNAL, &write(url.clone(), &[]))), expected);
    assert_eq!(told(change(EXTERNAL, "external", url, &[])), expected);
    let cleared = change(EXTERNAL, "external", json!({ "token_url": null }), &[]);
    assert!(cleared.is_ok());
    let negative = json!({ "price_amount_cents": -1 });
    let expected = [attribute(Code::ValidationError, "price_amount_cents")];
    assert_eq!(told(method(negative, identifier(STRIPE, "idle"))), expected);
}

#[test]
fn sales_channels_are_shown_methods_that_they_could_offer() {
    let shown = |catalog: &Catalog, caller: &Caller| {
        let method = catalog.get(METHODS, id("method")).unwrap();
        catalog.shows(method, caller)
    };
    let after = |kind, name, attributes, related: &[(&'static str, Option<Identifier>)]| {
        catalog_after(
            catalog(),
            &change(kind, name, attributes, related).unwrap().changes,
        )
    };
    let market = identifier(ResourceType::Markets, "market");
    let of_market = after(METHODS, "method", json!({}), &[("market", Some(market))]);
    let disabled = after(METHODS, "method", json!({ "_disable": true }), &[]);
    let gateway_disabled = after(STRIPE, "stripe", json!({ "_disable": true }), &[]);

    let mut elsewhere = caller(Role::Guest);
    elsewhere.markets = vec![MarketId::new(id("another market"))];
    for (catalog, caller, expected) in [
        (&catalog(), caller(Role::Guest), true),
        (&catalog(), elsewhere.clone(), true),
        (&of_market, elsewhere, false),
        (
            &of_market,
            caller(Role::Customer(CustomerId::new(id("customer")))),
            true,
        ),
        (&disabled, caller(Role::Guest), false),
        (&gateway_disabled, caller(Role::Guest), false),
        (&disabled, caller(Role::Integration), true),
    ] {
        assert_eq!(shown(catalog, &caller), expected, "{caller:?}");
    }
}

//! What is particular to gateways: credentials, secrets, and what depends on them.

use decisions::catalog_after;
use decisions::manage::{self, Basis, Credentials};
use decisions::{Change, Input};
use domain::record::{Place, Record};
use domain::refusal::Code;
use domain::{GatewayId, Mode, Refusal, ResourceType, Role, Timestamp, Write, retirement};
use gatehouse::user_url::{TrustedOrigins, UrlProblem};
use serde_json::{Value, json};

use super::{
    EXTERNAL, METHODS, STRIPE, attribute, basis, catalog, catalogued, change, create, input, now,
    stripe_keys, told, write,
};
use crate::world::{caller, id};

#[test]
fn credentials_are_never_part_of_the_record() {
    let made = create(STRIPE, &write(stripe_keys(), &[])).unwrap();
    let Credentials::New(credentials) = &made.credentials else {
        panic!("{:?}", made.credentials);
    };
    let expected = json!({ "login": "sk_test_1", "publishable_key": "pk_test_1" });
    assert_eq!(Value::Object(credentials.clone()), expected);
    let shown = format!("{:?} {:?}", made.record, made);
    assert!(!shown.contains("_test_1"), "{shown}");

    let kind = ResourceType::KlarnaGateways;
    let changed = change(kind, "klarna", json!({ "api_key": "new" }), &[]).unwrap();
    let Credentials::Merge(credentials) = &changed.credentials else {
        panic!("{:?}", changed.credentials);
    };
    let expected = json!({ "api_key": "new" });
    assert_eq!(Value::Object(credentials.clone()), expected);
    assert_eq!(changed.record.get("api_key"), None);

    let renamed = change(kind, "klarna", json!({ "name": "K" }), &[]).unwrap();
    assert_eq!(renamed.credentials, Credentials::Unchanged);
}

#[test]
fn stripes_keys_are_of_the_organizations_mode() {
    let wrong = |mode: Mode, keys: Value| {
        let catalog = catalog();
        let mut caller = caller(Role::Integration);
        caller.tenant.mode = mode;
        let basis = Basis {
            input: Input {
                caller: &caller,
                ..input()
            },
            ..basis(&catalog)
        };
        told(manage::create(STRIPE, &write(keys, &[]), basis))
    };
    let both = ["login", "publishable_key"].map(|it| attribute(Code::ValidationError, it));
    assert_eq!(wrong(Mode::Live, stripe_keys()), both);
    let live = json!({ "name": "Shop", "login": "rk_live_1", "publishable_key": "pk_test_1" });
    assert_eq!(wrong(Mode::Test, live), both[..1]);
}

#[test]
fn what_is_disabled_stays_so_since_then_until_it_is_enabled() {
    let mut write = write(stripe_keys(), &[]);
    write.triggers.insert("_disable".to_owned(), json!(true));
    let made = create(STRIPE, &write).unwrap().record;
    let since = now().to_string();
    assert_eq!(made.text("disabled_at"), Some(since.as_str()));

    let catalog = catalog();
    let later = Basis {
        input: Input {
            now: Timestamp::from_unix_millis(1_800_000_000_000),
            ..input()
        },
        ..basis(&catalog)
    };
    let ask = |record: &Record, triggers: Value| {
        manage::change(
            catalogued(record.clone()),
            &super::write(triggers, &[]),
            later,
        )
    };
    let again = ask(&made, json!({ "_disable": true })).unwrap().record;
    assert_eq!(again.text("disabled_at"), Some(since.as_str()));
    assert_eq!(again.updated_at, later.input.now);
    let enabled = ask(&again, json!({ "_enable": true })).unwrap().record;
    assert_eq!(enabled.get("disabled_at"), None);
    let both = told(ask(&enabled, json!({ "_enable": true, "_disable": true })));
    assert_eq!(both, [attribute(Code::ValidationError, "_disable")]);
}

#[test]
fn an_external_gateways_secret_is_made_with_it_and_anew_when_asked() {
    let made = create(EXTERNAL, &write(json!({ "name": "Own" }), &[])).unwrap();
    assert_eq!(made.record.text("shared_secret"), Some("5ec4e7"));
    assert_eq!(made.record.state["gateway"], json!(id("fresh")));

    let catalog = catalog();
    let mut record = catalog.get(EXTERNAL, id("external")).unwrap().clone();
    record.set("shared_secret", "old");
    let after = |write: Write| {
        let changed = manage::change(catalogued(record.clone()), &write, basis(&catalog)).unwrap();
        changed.record.text("shared_secret").unwrap().to_owned()
    };
    assert_eq!(after(write(json!({ "name": "N" }), &[])), "old");
    let anew = json!({ "_regenerate_shared_secret": true });
    assert_eq!(after(write(anew, &[])), "5ec4e7");
}

/// Where an external gateway is asked.
const URLS: [&str; 5] = [
    "authorize_url",
    "capture_url",
    "void_url",
    "refund_url",
    "token_url",
];

#[test]
fn an_external_gateway_leads_to_public_addresses_over_https() {
    for (url, problem) in [
        ("https://shop.example.com:8443/a?b=c", None),
        ("https://8.8.8.8/token", None),
        ("https://[2606:4700:4700::1111]/token", None),
        ("", Some(UrlProblem::NotAUrl)),
        ("shop.example.com", Some(UrlProblem::NotAUrl)),
        ("https:///token", Some(UrlProblem::NotAUrl)),
        ("https://bücher.example/", Some(UrlProblem::NotAUrl)),
        ("https://shop.example.com/#part", Some(UrlProblem::NotAUrl)),
        ("file:///etc/passwd", Some(UrlProblem::NotAUrl)),
        ("http://shop.example.com/", Some(UrlProblem::NotHttps)),
        ("http://127.0.0.1:9004/token", Some(UrlProblem::NotHttps)),
        ("https://user:hush@a.example/", Some(UrlProblem::UserInfo)),
        ("https://localhost/", Some(UrlProblem::NotPublic)),
        ("https://a.LOCALHOST./", Some(UrlProblem::NotPublic)),
        ("https://127.0.0.1/", Some(UrlProblem::NotPublic)),
        ("https://127.1/", Some(UrlProblem::NotPublic)),
        ("https://2130706433/", Some(UrlProblem::NotPublic)),
        ("https://0x7f000001/", Some(UrlProblem::NotPublic)),
        ("https://0177.0.0.1/", Some(UrlProblem::NotPublic)),
        ("https://0.0.0.0/", Some(UrlProblem::NotPublic)),
        ("https://10.0.0.1/", Some(UrlProblem::NotPublic)),
        ("https://169.254.169.254/", Some(UrlProblem::NotPublic)),
        ("https://[::1]/", Some(UrlProblem::NotPublic)),
        ("https://[::ffff:7f00:1]/", Some(UrlProblem::NotPublic)),
        ("https://[fd00:ec2::254]/", Some(UrlProblem::NotPublic)),
    ] {
        for name in URLS {
            let changed = change(EXTERNAL, "external", json!({ name: url }), &[]);
            let attributes = json!({ "name": "Own", name: url });
            let made = create(EXTERNAL, &write(attributes, &[]));
            let Some(problem) = problem else {
                assert_eq!(changed.unwrap().record.text(name), Some(url));
                assert_eq!(made.unwrap().record.text(name), Some(url));
                continue;
            };
            let expected = [Refusal::invalid(problem.to_string()).at_attribute(name)];
            assert_eq!(changed.unwrap_err(), expected, "{url}");
            assert_eq!(made.unwrap_err(), expected, "{url}");
        }
    }
}

#[test]
fn no_url_of_an_external_gateway_goes_unchecked() {
    let given = EXTERNAL.declaration().own_attributes();
    let given = given.filter(|it| it.creators.contains(Role::Integration));
    let urls = given.map(|it| it.name).filter(|it| it.ends_with("_url"));
    let urls: Vec<_> = urls.collect();
    assert_eq!(urls, URLS);
}

#[test]
fn an_external_gateway_may_be_at_a_trusted_origin_wherever_it_is() {
    let trusted_origins = TrustedOrigins::parse("http://127.0.0.1:9004").unwrap();
    let catalog = catalog();
    let basis = Basis {
        input: Input {
            trusted_origins: &trusted_origins,
            ..input()
        },
        ..basis(&catalog)
    };
    let external = catalog.get(EXTERNAL, id("external")).unwrap();
    let change = |url: &str| {
        let urls: Value = URLS.into_iter().map(|name| (name, url)).collect();
        manage::change(catalogued(external.clone()), &write(urls, &[]), basis)
    };

    let here = "http://127.0.0.1:9004/token";
    let changed = change(here).unwrap().record;
    assert!(URLS.iter().all(|name| changed.text(name) == Some(here)));
    let all = URLS.map(|name| attribute(Code::ValidationError, name));
    for elsewhere in [
        "http://127.0.0.1:9005/token",
        "https://127.0.0.1:9004/token",
        "http://localhost:9004/token",
        "http://user:hush@127.0.0.1:9004/token",
    ] {
        assert_eq!(told(change(elsewhere)), all, "{elsewhere}");
    }
}

#[test]
fn a_gateway_that_a_method_names_cannot_be_deleted() {
    let catalog = catalog();
    let delete = |kind, name: &str| {
        let record = catalog.get(kind, id(name)).unwrap().clone();
        manage::delete(catalogued(record), &catalog)
    };
    let refusal = delete(STRIPE, "stripe").unwrap_err();
    assert_eq!(refusal.code, Code::Locked);
    assert!(refusal.detail.contains(id("method").as_str()));

    let mut idle = catalog.get(STRIPE, id("idle")).unwrap().clone();
    retirement::begin(&mut idle);
    let deleted = manage::delete(catalogued(idle), &catalog).unwrap();
    assert_eq!(deleted.credentials, Credentials::Remove);
    assert_eq!(
        deleted.changes,
        [Change::delete(&deleted.record, Place::Catalog)]
    );
    let deleted = delete(METHODS, "method").unwrap();
    assert_eq!(deleted.credentials, Credentials::Unchanged);
    let after = catalog_after(catalog.clone(), &deleted.changes);
    let stripe = catalog.get(STRIPE, id("stripe")).unwrap().clone();
    assert!(manage::delete(catalogued(stripe), &after).is_ok());
}

#[test]
fn a_gateway_that_a_method_ever_named_is_retired_and_there_for_what_is_owed_alone() {
    let catalog = catalog();
    let stripe = write(
        json!({ "name": "S", "login": "sk_test_1", "publishable_key": "pk_test_1" }),
        &[],
    );
    let made = manage::create(STRIPE, &stripe, basis(&catalog)).unwrap();
    assert!(!retirement::may_hold(&made.record));
    let gateway = Record {
        version: 1,
        ..made.record
    };
    let method = write(
        json!({
            "payment_source_type": "stripe_payments",
            "currency_code": "EUR",
            "price_amount_cents": 0,
        }),
        &[("payment_gateway", Some(gateway.identifier()))],
    );
    let catalog = catalog.with(gateway.clone());
    let named = manage::create(METHODS, &method, basis(&catalog)).unwrap();
    let method = named.record.identifier();
    let catalog = catalog_after(catalog, &named.changes).without(method);

    let named = catalog.get(STRIPE, gateway.id).unwrap().clone();
    let deleted = manage::delete(catalogued(named), &catalog).unwrap();
    assert_eq!(deleted.credentials, Credentials::Unchanged);
    let after = catalog_after(catalog, &deleted.changes);
    let id = GatewayId::new(gateway.id);
    assert_eq!(after.find(STRIPE, gateway.id), None);
    assert_eq!(after.gateway(id), None);
    assert!(!after.list(STRIPE).iter().any(|it| it.id == gateway.id));
    assert!(after.gateway_or_retired(id).is_some());
}

#[test]
fn gateways_of_all_types_are_listed_as_what_they_have_in_common() {
    let catalog = catalog();
    let parent = ResourceType::PaymentGateways;
    let listed = catalog.list(parent);
    assert_eq!(listed.len(), 4);
    assert!(listed.iter().all(|it| it.kind == parent));
    let found = catalog.find(parent, id("klarna")).unwrap();
    assert_eq!(found.text("name"), Some("klarna"));
    assert_eq!(catalog.find(parent, id("method")), None);
    assert_eq!(catalog.find(STRIPE, id("klarna")), None);
}

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::catalog::Catalog;
use domain::refusal::ErrorSource;
use domain::{Caller, Id, Mode, Role, Tenant, Timestamp};
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::error::status;

const MANY_TYPES: &[ResourceType] = &[
    ResourceType::PaymentMethods,
    ResourceType::CustomerPaymentSources,
    ResourceType::Orders,
];

fn id(text: &str) -> Id {
    text.parse().unwrap()
}

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn graph() -> Graph {
    let caller = Caller {
        tenant: Tenant {
            organization: id("enWoxFMOnp"),
            mode: Mode::Test,
        },
        slug: "demo".to_owned(),
        client_id: "test".to_owned(),
        role: Role::Integration,
        markets: Vec::new(),
        token: id("tokenTOKEN"),
    };
    let catalog = Arc::new(Catalog::from_iter([]));
    Graph::new(caller, time("2026-01-01T00:00:00Z"), catalog)
}

fn record(kind: ResourceType, attributes: &[(&str, Value)]) -> Record {
    let created = time("2026-03-01T10:00:00.000Z");
    let mut record = Record::new(kind, id("aaaaaaaaaa"), created);
    for (name, value) in attributes {
        record.set(name, value.clone());
    }
    record
}

fn filter(name: &str, value: &str) -> Result<Filter, Refusal> {
    let mut filter = Filter::default();
    filter.add(name, value, MANY_TYPES)?;
    Ok(filter)
}

fn passes(record: &Record, name: &str, value: &str) -> bool {
    let filter =
        filter(name, value).unwrap_or_else(|refusal| panic!("{name}={value}: {refusal:?}"));
    let mut records = vec![record.clone()];
    filter.apply(&mut records, &graph()).unwrap();
    !records.is_empty()
}

#[test]
fn each_predicate_asks_what_its_name_says() {
    let method = record(
        ResourceType::PaymentMethods,
        &[
            ("name", json!("Visa Électron")),
            ("price_amount_cents", json!(900)),
            ("disabled_at", json!("2026-03-01T09:00:00.000Z")),
            ("metadata", json!({ "rank": 1 })),
        ],
    );
    for (name, passing, failing) in [
        ("name_eq", "Visa Électron", "visa électron"),
        ("name_not_eq", "x", "Visa Électron"),
        ("name_in", "a,Visa Électron", "a,b"),
        ("name_not_in", "a,b", "a,Visa Électron"),
        ("name_cont", "SA ÉL", "vs"),
        ("name_not_cont", "vs", "SA ÉL"),
        ("name_start", "visa", "isa"),
        ("name_not_start", "isa", "visa"),
        ("name_end", "TRON", "tro"),
        ("name_not_end", "tro", "TRON"),
        ("name_matches", "v%é_ec%", "v%é_"),
        ("name_matches", "visa électron", "visa"),
        ("name_cont", " ", "%"),
        ("name_lt", "W", "V"),
        ("name_present", "true", "false"),
        ("name_blank", "0", "1"),
        ("name_null", "false", "true"),
        ("name_not_null", "1", "0"),
        ("price_amount_cents_eq", "900", "90"),
        ("price_amount_cents_lt", "1000", "900"),
        ("price_amount_cents_lteq", "900", "-1"),
        ("price_amount_cents_gt", "89", "1000"),
        ("price_amount_cents_gteq", "900", "901"),
        ("price_amount_cents_in", "1, 900", "1,2"),
        ("created_at_eq", "2026-03-01T11:00:00+01:00", "2026-03-01"),
        ("created_at_gt", "2026-03-01", "2026-03-02"),
        (
            "disabled_at_lt",
            "2026-03-01T09:00:00.001Z",
            "2026-03-01T09:00:00Z",
        ),
        ("metadata_present", "true", "false"),
        ("id_in", "bbbbbbbbbb,aaaaaaaaaa", "bbbbbbbbbb"),
        ("reference_null", "true", "false"),
        ("reference_blank", "true", "false"),
    ] {
        assert!(passes(&method, name, passing), "{name}={passing}");
        assert!(!passes(&method, name, failing), "{name}={failing}");
    }

    let guest = record(ResourceType::Orders, &[("guest", json!(true))]);
    for (name, passing, failing) in [
        ("guest_true", "true", "false"),
        ("guest_false", "0", "1"),
        ("guest_eq", "true", "false"),
        ("guest_in", "true,false", "false"),
    ] {
        assert!(passes(&guest, name, passing), "{name}={passing}");
        assert!(!passes(&guest, name, failing), "{name}={failing}");
    }
}

#[test]
fn null_passes_nothing_but_null_and_blank() {
    let entry = record(ResourceType::CustomerPaymentSources, &[]);
    for predicate in Predicate::names() {
        let name = format!("reference_{predicate}");
        let Ok(_) = filter(&name, "true") else {
            continue;
        };
        let expected = matches!(predicate, "null" | "blank");
        assert_eq!(passes(&entry, &name, "true"), expected, "{name}");
    }
    assert!(passes(&entry, "metadata_blank", "true"), "shown as {{}}");
    assert!(!passes(&entry, "metadata_null", "true"));
}

#[test]
fn several_attributes_are_alternatives_and_several_filters_all_hold() {
    let entry = record(
        ResourceType::CustomerPaymentSources,
        &[("name", json!("Visa")), ("reference", json!("mine"))],
    );
    assert!(passes(&entry, "name_or_reference_eq", "mine"));
    assert!(passes(&entry, "name_or_reference_or_name_eq", "Visa"));
    assert!(!passes(&entry, "name_or_reference_eq", "other"));

    let mut both = filter("name_eq", "Visa").unwrap();
    both.add("reference_eq", "yours", MANY_TYPES).unwrap();
    let mut records = vec![entry];
    both.apply(&mut records, &graph()).unwrap();
    assert!(records.is_empty());
}

#[test]
fn what_a_list_cannot_be_filtered_by_is_refused_and_named() {
    for (name, value) in [
        ("unicorn_eq", "x"),
        ("name_eqq", "x"),
        ("name", "x"),
        ("_eq", "x"),
        ("", ""),
        ("name_or_unicorn_eq", "x"),
        ("name_or__eq", "x"),
        ("name_eq_or_null", "x"),
        ("moto_true", "true"),
        ("_disable_true", "true"),
        ("price_amount_cents_eq", "1.5"),
        ("price_amount_cents_eq", "99999999999999999999"),
        ("price_amount_cents_eq", ""),
        ("price_amount_cents_in", "1,"),
        ("price_amount_cents_cont", "1"),
        ("name_or_price_amount_cents_eq", "x"),
        ("created_at_gt", "yesterday"),
        ("created_at_start", "2026"),
        ("tax_rate_lt", "NaN"),
        ("guest_gt", "false"),
        ("guest_true", "yes"),
        ("name_true", "true"),
        ("name_null", ""),
        ("metadata_eq", "{}"),
        ("name_cont", &"x".repeat(257)),
    ] {
        let refusal = filter(name, value).unwrap_err();
        assert_eq!(status(refusal.code), 400, "{name}={value}");
        let parameter = format!("filter[q][{name}]");
        assert_eq!(
            refusal.error_source,
            Some(ErrorSource::Parameter(parameter))
        );
        assert!(refusal.detail.ends_with('.'), "{}", refusal.detail);
    }
}

#[test]
fn what_the_viewer_may_not_read_is_refused_as_what_is_not_there() {
    let filter = filter("payment_source_token_start", "pm_").unwrap();
    assert!(filter.check(|_| true, |_| true).is_ok());
    let hidden = filter.check(|it| it.name != "payment_source_token", |_| true);
    let parameter = "filter[q][payment_source_token_start]";
    let (code, detail) = not_filterable("payment_source_token");
    let expected = refuse(code, parameter, detail);
    assert_eq!(hidden, Err(expected));
    let by_id = self::filter("id_eq", "aaaaaaaaaa").unwrap();
    assert!(by_id.check(|_| false, |_| false).is_ok());
}

#[test]
fn filters_and_values_have_limits() {
    let mut many = Filter::default();
    for _ in 0..20 {
        many.add("name_eq", "x", MANY_TYPES).unwrap();
    }
    assert!(many.add("name_eq", "x", MANY_TYPES).is_err());
    let values = vec!["x"; 99].join(",");
    let mut filter = filter("name_in", &values).unwrap();
    filter.add("name_eq", "a,b,c", MANY_TYPES).unwrap();
    assert!(filter.add("name_eq", "x", MANY_TYPES).is_err());
}

#[test]
fn a_name_is_the_longest_attribute_that_fits() {
    for kind in ResourceType::ALL {
        let names: BTreeSet<_> = filterable(&[*kind]).map(|it| it.name).collect();
        for name in names {
            assert!(!name.contains("_or_"), "{kind}: {name} cannot be split");
            for predicate in Predicate::names() {
                let (attributes, found) = split(&format!("{name}_{predicate}"), &[*kind]).unwrap();
                assert_eq!(attributes.len(), 1);
                assert_eq!(attributes[0].0, name);
                assert_eq!(Some(found), Predicate::named(predicate));
            }
        }
    }
    let by_type = split("payment_source_type_eq", &[ResourceType::PaymentMethods]).unwrap();
    assert_eq!(by_type.0[0].0, "payment_source_type");
}

#[test]
fn conditions_about_creation_alone_are_a_period() {
    let mut filter = filter("created_at_gteq", "2026-01-02").unwrap();
    let kinds = [ResourceType::PaymentMethods];
    filter.add("created_at_lt", "2026-02-01", &kinds).unwrap();
    let january = Period {
        from: Some(time("2026-01-02T00:00:00.000Z")),
        to: Some(time("2026-01-31T23:59:59.999Z")),
    };
    assert_eq!(filter.created(), january);
    assert!(!filter.asks_for_more());
    for (name, value) in [
        ("name_eq", "x"),
        ("created_at_not_eq", "2026-01-03"),
        ("created_at_or_updated_at_gt", "2026-01-03"),
        ("updated_at_gt", "2026-01-03"),
    ] {
        let mut more = filter.clone();
        more.add(name, value, &kinds).unwrap();
        assert_eq!(more.created(), january, "{name}");
        assert!(more.asks_for_more(), "{name}");
    }
}

fn any_name() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        Just("name"),
        Just("reference"),
        Just("price_amount_cents"),
        Just("created_at"),
        Just("metadata"),
        Just("guest"),
        Just("or"),
        Just("not"),
        Just(""),
        proptest::sample::select(Predicate::names().collect::<Vec<_>>()),
    ];
    let words = proptest::collection::vec(word, 0..6).prop_map(|words| words.join("_"));
    prop_oneof![words, any::<String>()]
}

proptest! {
    #[test]
    fn no_filter_panics(name in any_name(), value in any::<String>(), text in any::<String>()) {
        if let Ok(filter) = filter(&name, &value) {
            let record = record(
                ResourceType::PaymentMethods,
                &[("name", json!(text)), ("reference", json!(value))],
            );
            let mut records = vec![record];
            prop_assert!(filter.apply(&mut records, &graph()).is_ok());
        }
    }

    #[test]
    fn a_text_passes_a_predicate_or_its_opposite(
        value in "[ab%_,]{0,3}", text in "[abAB%_]{0,5}",
    ) {
        let entry = record(ResourceType::PaymentMethods, &[("name", json!(text))]);
        for predicate in ["eq", "in", "cont", "start", "end"] {
            let plain = passes(&entry, &format!("name_{predicate}"), &value);
            let opposite = passes(&entry, &format!("name_not_{predicate}"), &value);
            prop_assert!(plain != opposite, "{}", predicate);
        }
    }

    #[test]
    fn parts_of_a_text_are_found_where_they_are(value in "[abAé%_\\\\]{0,3}", text in "[abAÉ%_\\\\]{0,6}") {
        let entry = record(ResourceType::PaymentMethods, &[("name", json!(text))]);
        let (low, part) = (text.to_lowercase(), value.to_lowercase());
        prop_assert_eq!(passes(&entry, "name_cont", &value), low.contains(&part));
        prop_assert_eq!(passes(&entry, "name_start", &value), low.starts_with(&part));
        prop_assert_eq!(passes(&entry, "name_end", &value), low.ends_with(&part));
    }

    #[test]
    fn a_pattern_fits_as_it_is_defined(pattern in "[ab%_]{0,6}", text in "[ab]{0,7}") {
        fn fits(text: &[u8], pattern: &[u8]) -> bool {
            match (text, pattern) {
                (_, []) => text.is_empty(),
                (_, [b'%', rest @ ..]) => (0..=text.len()).any(|at| fits(&text[at..], rest)),
                ([], _) => false,
                ([_, text @ ..], [b'_', rest @ ..]) => fits(text, rest),
                ([letter, text @ ..], [this, rest @ ..]) => letter == this && fits(text, rest),
            }
        }
        let entry = record(ResourceType::PaymentMethods, &[("name", json!(text))]);
        let expected = fits(text.as_bytes(), pattern.as_bytes());
        prop_assert_eq!(passes(&entry, "name_matches", &pattern), expected);
    }

    #[test]
    fn who_passes_was_created_within_the_period_and_nobody_else(
        created in -3_i64..3, given in -3_i64..3,
        predicate in proptest::sample::select(vec!["eq", "lt", "lteq", "gt", "gteq"]),
    ) {
        let given = Timestamp::from_unix_millis(given).to_string();
        let created = Timestamp::from_unix_millis(created);
        let name = format!("created_at_{predicate}");
        let record = Record::new(ResourceType::PaymentMethods, id("eqkykhjlVw"), created);
        let period = filter(&name, &given).unwrap().created();
        let within = period.and(Period { from: Some(created), to: Some(created) });
        prop_assert_eq!(passes(&record, &name, &given), !within.is_empty());
    }

    #[test]
    fn integers_are_compared_as_numbers(stored in any::<i64>(), given in any::<i64>()) {
        let method = record(ResourceType::PaymentMethods, &[("price_amount_cents", json!(stored))]);
        let passes = |predicate: &str| {
            passes(&method, &format!("price_amount_cents_{predicate}"), &given.to_string())
        };
        prop_assert_eq!(passes("lt"), stored < given);
        prop_assert_eq!(passes("lteq"), stored <= given);
        prop_assert_eq!(passes("gt"), stored > given);
        prop_assert_eq!(passes("gteq"), stored >= given);
        prop_assert_eq!(passes("eq"), stored == given);
    }
}

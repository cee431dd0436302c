use serde_json::{Value, json};

use super::*;
use domain::MarketId;

/// The claims of a customer's token, as Commerce Layer's documentation shows them.
fn customers() -> Value {
    json!({
        "organization": {"id": "enWoxFMOnp", "slug": "demo", "enterprise": false, "region": "eu-west-1"},
        "application": {
            "id": "iNXGEiPKVL", "client_id": "demo-sales-channel", "kind": "sales_channel",
            "public": true, "confidential": false,
        },
        "owner": {"id": "jqWerTyUio", "type": "Customer"},
        "market": {
            "id": ["dlQbPhNNop"], "stock_location_ids": ["okdYenqWxM"], "geocoder_id": null,
            "allows_external_prices": false,
        },
        "scope": "market:code:europe",
        "exp": 1_725_000_000, "iat": 1_724_985_600, "test": true, "rand": 0.123_456_789,
        "iss": "https://auth.localhost",
    })
}

fn caller(claims: Value) -> Result<Caller, InvalidToken> {
    serde_json::from_value::<Claims>(claims)
        .map_err(|_| InvalidToken::Malformed)?
        .caller(Id::derived(&["token"]))
}

/// [`customers`] with the members of `changes` in place of its own; null removes one.
fn changed(changes: Value) -> Result<Caller, InvalidToken> {
    let (mut claims, Value::Object(changes)) = (customers(), changes) else {
        panic!("changes are an object");
    };
    for (name, value) in changes {
        match value {
            Value::Null => claims.as_object_mut().unwrap().remove(&name),
            value => claims.as_object_mut().unwrap().insert(name, value),
        };
    }
    caller(claims)
}

#[test]
fn a_sales_channel_with_an_owner_is_that_customer() {
    let caller = caller(customers()).unwrap();
    assert_eq!(caller.role, Role::Customer("jqWerTyUio".parse().unwrap()));
    assert_eq!(
        caller.tenant,
        Tenant {
            organization: "enWoxFMOnp".parse().unwrap(),
            mode: Mode::Test,
        }
    );
    assert_eq!(caller.slug, "demo");
    assert_eq!(caller.client_id, "demo-sales-channel");
    assert_eq!(caller.markets, ["dlQbPhNNop".parse::<MarketId>().unwrap()]);
}

#[test]
fn without_an_owner_it_is_a_guest() {
    assert_eq!(changed(json!({"owner": null})).unwrap().role, Role::Guest);
}

#[test]
fn an_integration_is_the_shop_itself() {
    let application = json!({"id": "iNXGEiPKVL", "kind": "integration"});
    let changes = json!({"owner": null, "market": null, "scope": null, "application": application});
    let caller = changed(changes).unwrap();
    assert_eq!(caller.role, Role::Integration);
    assert_eq!(caller.client_id, "iNXGEiPKVL");
    assert!(caller.markets.is_empty());

    let owned = changed(json!({"application": application}));
    assert_eq!(owned, Err(InvalidToken::Owner));
}

#[test]
fn other_kinds_of_applications_are_refused() {
    for kind in ["webapp", "dashboard", "user", "zapier", "", "Integration"] {
        let application = json!({"id": "iNXGEiPKVL", "kind": kind});
        for owner in [Value::Null, json!({"id": "jqWerTyUio", "type": "Customer"})] {
            let result = changed(json!({"application": application, "owner": owner}));
            assert_eq!(result, Err(InvalidToken::ApplicationKind), "{kind}");
        }
    }
}

#[test]
fn an_owner_who_is_no_customer_is_refused() {
    let user = json!({"id": "jqWerTyUio", "type": "User"});
    assert_eq!(changed(json!({"owner": user})), Err(InvalidToken::Owner));
    let odd = json!({"id": "jqWer#yUio", "type": "Customer"});
    assert_eq!(changed(json!({"owner": odd})), Err(InvalidToken::Malformed));
}

#[test]
fn the_mode_is_what_the_token_says_and_never_guessed() {
    assert_eq!(
        changed(json!({"test": false})).unwrap().tenant.mode,
        Mode::Live
    );
    for test in [Value::Null, json!("true"), json!(1)] {
        assert_eq!(changed(json!({"test": test})), Err(InvalidToken::Malformed));
    }
}

#[test]
fn no_market_claim_or_the_scope_for_all_opens_all_markets() {
    assert!(changed(json!({"market": null})).unwrap().markets.is_empty());
    let all = changed(json!({"scope": "market:all store:id:abc"})).unwrap();
    assert!(all.markets.is_empty());
    let almost = changed(json!({"scope": "market:allied"})).unwrap();
    assert_eq!(almost.markets.len(), 1);
}

#[test]
fn a_market_claim_that_names_no_market_does_not_open_all() {
    let changes = json!({"market": {"id": []}});
    assert_eq!(changed(changes), Err(InvalidToken::Malformed));
}

#[test]
fn claims_of_the_wrong_shape_are_refused() {
    for changes in [
        json!({"organization": {"id": "short", "slug": "demo"}}),
        json!({"organization": {"id": "a#test#bcd", "slug": "demo"}}),
        json!({"organization": null}),
        json!({"application": null}),
        json!({"exp": null}),
        json!({"exp": "1725000000"}),
        json!({"iss": null}),
        json!({"iss": ["https://auth.localhost"]}),
        json!({"market": {"id": "dlQbPhNNop"}}),
        json!({"market": {"id": [1]}}),
    ] {
        assert_eq!(
            changed(changes.clone()),
            Err(InvalidToken::Malformed),
            "{changes}"
        );
    }
}

#[test]
fn claims_that_decide_nothing_may_be_odd() {
    let caller = changed(json!({
        "organization": {"id": "enWoxFMOnp", "slug": "demo", "enterprise": null, "region": null},
        "application": {"client_id": "c", "kind": "sales_channel", "public": "yes"},
        "market": {"id": ["dlQbPhNNop"], "stock_location_ids": null, "geocoder_id": 7},
        "scope": ["market:all"],
        "rand": "0.5",
        "custom_claim": {"exp": 0},
    }));
    let market: MarketId = "dlQbPhNNop".parse().unwrap();
    assert_eq!(caller.unwrap().markets, [market]);
}

#[test]
fn they_are_written_as_they_are_read() {
    let claims: Claims = serde_json::from_value(customers()).unwrap();
    assert_eq!(serde_json::to_value(&claims).unwrap(), customers());
}

#[test]
fn times_may_have_a_fraction() {
    let mut claims = customers();
    claims["exp"] = json!(1_725_000_000.9);
    claims["iat"] = json!(1e300);
    let claims: Claims = serde_json::from_value(claims).unwrap();
    assert_eq!(claims.exp, 1_725_000_000);
    assert_eq!(claims.iat, Some(i64::MAX));
}

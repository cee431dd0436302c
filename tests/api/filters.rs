//! Lists of those records that a filter lets through.

use serde_json::json;

use crate::app::{App, ORDER, Reply, SECOND_ORDER};
use crate::refusals::is;

const WALLET: &str = "/api/customer_payment_sources";
const STRIPE_GATEWAY: &str = "PxTsWkGgNl";
const STRIPE_METHOD: &str = "WmOodsVPmQ";

/// The ids of a list that is one page, which is to count as many.
fn ids(reply: &Reply) -> Vec<&str> {
    assert_eq!(reply.status, 200, "{}", reply.body);
    let data = reply.body["data"].as_array().unwrap();
    assert_eq!(reply.body["meta"]["record_count"], data.len());
    data.iter().map(|it| it["id"].as_str().unwrap()).collect()
}

/// The query parameter that an error is about.
fn parameter(reply: &Reply) -> &str {
    let source = &reply.body["errors"][0]["source"];
    source["parameter"].as_str().unwrap_or_default()
}

/// The demo customer's wallet with a Visa and a Mastercard in it: the ids of the two.
async fn two_cards(app: &App) -> (String, String) {
    let token = app.customer();
    let visa = app.saved_card("pm_card_visa").await;
    app.create_reusable(&token, SECOND_ORDER, "pm_card_mastercard")
        .await;
    let wallet = app.save(&token, SECOND_ORDER).await.wallet();
    let mastercard = wallet.into_iter().find(|it| *it != visa).unwrap();
    (visa, mastercard)
}

#[tokio::test]
async fn counts_pages_and_links_are_of_the_filtered_list() {
    let app = App::start().await;
    let integration = app.integration();
    for rank in 0..6 {
        let record = json!({ "data": {
            "type": "payment_methods",
            "attributes": {
                "name": format!("Rank, {}", rank % 2),
                "payment_source_type": "stripe_payments",
                "currency_code": "EUR",
                "price_amount_cents": rank * 100,
            },
            "relationships": { "payment_gateway": { "data": {
                "type": "payment_gateways", "id": STRIPE_GATEWAY,
            } } },
        } });
        let made = app
            .post(&integration, "/api/payment_methods", &record)
            .await;
        assert_eq!(made.status, 201, "{}", made.body);
    }
    let path = "/api/payment_methods?filter[q][name_start]=rank,%20&filter[q][price_amount_cents_gteq]=100\
                &sort=-price_amount_cents&page[size]=2";
    let mut page = app.get(&integration, path).await;
    let mut prices = Vec::new();
    loop {
        assert_eq!(page.status, 200, "{}", page.body);
        let meta = json!({ "record_count": 5, "page_count": 3 });
        assert_eq!(page.body["meta"], meta);
        let data = page.body["data"].as_array().unwrap();
        prices.extend(
            data.iter()
                .map(|it| it["attributes"]["price_amount_cents"].clone()),
        );
        let Some(next) = page.body["links"]["next"].as_str() else {
            break;
        };
        let next = next.strip_prefix(&app.running.url).unwrap();
        page = app.get(&integration, next).await;
    }
    assert_eq!(prices, [500, 400, 300, 200, 100]);

    let none = "/api/payment_methods?filter[q][name_eq]=rank";
    let none = app.get(&integration, none).await;
    assert_eq!(ids(&none), [""; 0]);
    assert_eq!(none.body["meta"]["page_count"], 1);
}

#[tokio::test]
async fn a_wallet_is_filtered_wherever_it_is_listed() {
    let app = App::start().await;
    let (visa, mastercard) = two_cards(&app).await;
    let customer = billfold::demo::customer();
    let (owner, integration) = (app.customer(), app.integration());
    let of_customer = format!("/api/customers/{customer}/customer_payment_sources");
    let of_order = format!("/api/orders/{ORDER}/available_customer_payment_sources");
    for (token, path) in [
        (&owner, WALLET),
        (&owner, &of_customer),
        (&owner, &of_order),
        (&integration, WALLET),
        (&integration, &of_customer),
        (&integration, &of_order),
    ] {
        let get = async |filter: &str| app.get(token, &format!("{path}?{filter}")).await;
        assert_eq!(ids(&get("filter[q][name_end]=4444").await), [&mastercard]);
        assert_eq!(
            ids(&get("filter[q][name_matches]=xxxx%25-42__").await),
            [&visa]
        );
        let both = format!("filter[q][id_in]={visa},{mastercard}");
        let found = get(&both).await;
        let mut found = ids(&found);
        found.sort_unstable();
        let mut expected = [visa.as_str(), mastercard.as_str()];
        expected.sort_unstable();
        assert_eq!(found, expected);
        assert_eq!(
            ids(&get(&format!("{both}&filter[q][name_end]=4242")).await),
            [&visa]
        );
        let page = get("filter[q][name_present]=1&page[size]=1&page[number]=2").await;
        let meta = json!({ "record_count": 2, "page_count": 2 });
        assert_eq!(page.body["meta"], meta, "{path}");
        assert_eq!(page.body["data"].as_array().unwrap().len(), 1);
        let included = get("filter[q][name_end]=4444&include=payment_source").await;
        assert_eq!(ids(&included), [&mastercard]);
        assert_eq!(included.body["included"].as_array().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_filter_is_asked_of_what_is_stored_now() {
    let app = App::start().await;
    let (visa, mastercard) = two_cards(&app).await;
    let token = app.customer();
    let get = async |filter: &str| app.get(&token, &format!("{WALLET}?{filter}")).await;
    let noted = json!({ "data": {
        "type": "customer_payment_sources", "id": visa,
        "attributes": { "reference": "Für daheim", "metadata": { "a": 1 } },
    } });
    let path = format!("{WALLET}/{visa}");
    assert_eq!(app.patch(&token, &path, &noted).await.status, 200);
    for (filter, expected) in [
        ("filter[q][reference_start]=f%C3%9Cr", &visa),
        ("filter[q][reference_eq]=F%C3%BCr+daheim", &visa),
        ("filter[q][reference_or_name_cont]=daheim", &visa),
        ("filter[q][reference_null]=true", &mastercard),
        ("filter[q][reference_present]=0", &mastercard),
        ("filter[q][metadata_present]=true", &visa),
        ("filter%5Bq%5D%5Bmetadata_blank%5D=true", &mastercard),
    ] {
        assert_eq!(ids(&get(filter).await), [expected], "{filter}");
    }
    let other = get("filter[q][reference_not_eq]=x").await;
    assert_eq!(ids(&other), [&visa], "null is unequal to nothing");

    let read = app.get(&token, &path).await;
    let (made, changed) = (read.attribute("created_at"), read.attribute("updated_at"));
    let (made, changed) = (made.as_str().unwrap(), changed.as_str().unwrap());
    for (filter, expected) in [
        (
            format!("id_eq]={visa}&filter[q][updated_at_lteq]={changed}"),
            1,
        ),
        (
            format!("id_eq]={visa}&filter[q][updated_at_lt]={changed}"),
            0,
        ),
        (format!("created_at_lt]={made}"), 0),
        (format!("created_at_gteq]={made}"), 2),
        ("created_at_gt]=2000-01-01".to_owned(), 2),
    ] {
        let found = get(&format!("filter[q][{filter}")).await;
        assert_eq!(ids(&found).len(), expected, "{filter}");
    }
}

#[tokio::test]
async fn a_filter_finds_nobody_elses_entries() {
    let app = App::start().await;
    app.make_stranger().await;
    let (visa, _) = two_cards(&app).await;
    let other_mode = app.token("integration", None, domain::Mode::Live);
    for token in [app.stranger(), other_mode] {
        for filter in [
            format!("filter[q][id_eq]={visa}"),
            "filter[q][name_present]=true".to_owned(),
            "filter[q][reference_null]=true".to_owned(),
        ] {
            let reply = app.get(&token, &format!("{WALLET}?{filter}")).await;
            assert_eq!(ids(&reply), [""; 0], "{filter}");
        }
    }
    let path = format!("{WALLET}?filter[q][unicorn_eq]=x");
    let guest = app.get(&app.guest(), &path).await;
    assert_eq!(is(&guest), (401, "UNAUTHORIZED", ""));
}

#[tokio::test]
async fn related_and_computed_lists_are_filtered() {
    let app = App::start().await;
    let integration = app.integration();
    let methods = format!("/api/payment_gateways/{STRIPE_GATEWAY}/payment_methods");
    let offered = format!("/api/orders/{ORDER}/available_payment_methods");
    for path in [&methods, &offered] {
        let filter = "filter[q][payment_source_type_eq]=stripe_payments";
        let found = app.get(&integration, &format!("{path}?{filter}")).await;
        assert_eq!(ids(&found), [STRIPE_METHOD], "{path}");
        let filter = "filter[q][disabled_at_not_null]=true";
        let found = app.get(&integration, &format!("{path}?{filter}")).await;
        assert_eq!(ids(&found), [""; 0], "{path}");
    }

    let path = format!("/api/orders/{ORDER}/line_items");
    let all = app.get(&integration, &path).await;
    let quantity = all.body["data"][0]["attributes"]["quantity"].clone();
    let equal = all.body["data"].as_array().unwrap().iter();
    let equal = equal.filter(|it| it["attributes"]["quantity"] == quantity);
    let found = format!("{path}?filter[q][quantity_eq]={quantity}");
    let found = app.get(&integration, &found).await;
    assert_eq!(ids(&found).len(), equal.count());
    let none = format!("{path}?filter[q][quantity_lt]=-1");
    assert_eq!(ids(&app.get(&integration, &none).await), [""; 0]);

    for (state, count) in [("closed", 1), ("open", 0)] {
        let path = format!("/api/external_gateways?filter[q][circuit_state_eq]={state}");
        assert_eq!(ids(&app.get(&integration, &path).await).len(), count);
    }
}

#[tokio::test]
async fn wrong_filters_are_refused_at_every_list() {
    let app = App::start().await;
    let integration = app.integration();
    let customer = billfold::demo::customer();
    let lists = [
        WALLET.to_owned(),
        format!("/api/customers/{customer}/customer_payment_sources"),
        format!("/api/orders/{ORDER}/available_customer_payment_sources"),
        "/api/external_gateways".to_owned(),
        format!("/api/payment_gateways/{STRIPE_GATEWAY}/payment_methods"),
    ];
    let refused = async |path: &str, code: &str, named: &str| {
        let reply = app.get(&integration, path).await;
        assert_eq!(is(&reply), (400, code, ""), "{path}: {}", reply.body);
        assert_eq!(parameter(&reply), named, "{path}");
        assert!(!reply.detail().is_empty());
    };
    for list in &lists {
        for (name, code) in [
            ("filter[q][unicorn_eq]", "FILTER_NOT_ALLOWED"),
            ("filter[q][reference_like]", "FILTER_NOT_ALLOWED"),
            ("filter[q][reference]", "FILTER_NOT_ALLOWED"),
            ("filter[q][shared_secret_eq]", "FILTER_NOT_ALLOWED"),
            ("filter[q][created_at_gt]", "INVALID_FILTER_VALUE"),
            ("filter[q][reference_null]", "INVALID_FILTER_VALUE"),
            ("filter[q][customer_email_eq]", "FILTER_NOT_ALLOWED"),
            ("filter[reference_eq]", "INVALID_FILTERS_SYNTAX"),
            ("filter[q]", "INVALID_FILTERS_SYNTAX"),
            ("filter", "INVALID_FILTERS_SYNTAX"),
        ] {
            refused(&format!("{list}?{name}=x"), code, name).await;
        }
        let many = vec!["filter[q][reference_eq]=x"; 21].join("&");
        let name = "filter[q][reference_eq]";
        refused(&format!("{list}?{many}"), "BAD_REQUEST", name).await;
        let values = vec!["x"; 101].join(",");
        let name = "filter[q][reference_in]";
        refused(&format!("{list}?{name}={values}"), "BAD_REQUEST", name).await;
    }
    let name = "filter[q][name_eq]";
    let one = format!("/api/payment_methods/{STRIPE_METHOD}?{name}=x");
    refused(&one, "PARAM_NOT_ALLOWED", name).await;
    let gateway = format!("/api/payment_methods/{STRIPE_METHOD}/payment_gateway");
    let one = format!("{gateway}?{name}=x");
    refused(&one, "PARAM_NOT_ALLOWED", name).await;
}

#[tokio::test]
async fn what_a_caller_may_not_see_is_not_found_out_by_filters() {
    let app = App::start().await;
    let path = |condition: &str| {
        format!("/api/payment_methods?filter[q][payment_gateway_id_{condition}]={STRIPE_GATEWAY}")
    };
    let found = app.get(&app.integration(), &path("eq")).await;
    assert_eq!(found.status, 200, "{}", found.body);
    assert!(!found.body["data"].as_array().unwrap().is_empty());
    for token in [app.guest(), app.customer()] {
        for condition in ["eq", "in"] {
            let reply = app.get(&token, &path(condition)).await;
            assert_eq!(reply.status, 400, "{condition}: {}", reply.body);
        }
    }
    for token in [app.guest(), app.integration()] {
        for condition in [
            "gteq", "lt", "not_eq", "not_in", "start", "cont", "null", "blank",
        ] {
            let reply = app.get(&token, &path(condition)).await;
            assert_eq!(reply.status, 400, "{condition}: {}", reply.body);
        }
    }
}

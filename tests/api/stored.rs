//! Records as the table has them, for what no endpoint writes.

use decisions::Change;
use domain::record::Place;
use domain::record::{Identifier, Record};
use domain::{Id, OrderId, ResourceType};
use serde_json::Value;
use store::aws_sdk_dynamodb::types::AttributeValue;

use crate::app::App;

/// The demo's external gateway.
pub const EXTERNAL_GATEWAY: &str = "MnBvCxZlKj";

impl App {
    /// Changes the demo's external gateway, as the shop does in its settings; the catalogue that the
    /// process remembers is read anew.
    pub async fn set_external_gateway(&self, attribute: &str, value: Option<&str>) {
        let value = match value {
            Some(text) => AttributeValue::S(text.to_owned()),
            None => AttributeValue::Null(true),
        };
        self.set_in_catalog(EXTERNAL_GATEWAY, attribute, value)
            .await;
        let (store, tenant) = (&self.running.context.store, billfold::demo::tenant());
        store.read_catalog(tenant, self.now()).await.unwrap();
    }

    /// Changes the demo's market.
    pub async fn set_market(&self, attribute: &str, value: &str) {
        let (store, tenant) = (&self.running.context.store, billfold::demo::tenant());
        let catalog = store.read_catalog(tenant, self.now()).await.unwrap();
        let mut market = catalog.of(ResourceType::Markets)[0].clone();
        market.set(attribute, value);
        let changed = store
            .commit(
                billfold::demo::OPERATOR,
                tenant,
                &[Change::put(market, Place::Catalog)],
            )
            .await;
        changed.unwrap();
    }

    /// Changes the country of an order's address.
    pub async fn set_country(&self, order: &str, country: &str) {
        let partition = format!("#order#{order}");
        let items = self.table().await;
        let found = items.values().find(|item| {
            let key = |name: &str| item[name].as_str().unwrap();
            key("pk").ends_with(&partition) && key("sk").starts_with("addresses#")
        });
        let key = |name: &str| AttributeValue::S(found.unwrap()[name].as_str().unwrap().to_owned());
        let (client, table) = self.running.table();
        client
            .update_item()
            .table_name(table)
            .key("pk", key("pk"))
            .key("sk", key("sk"))
            .update_expression("SET attributes.country_code = :country")
            .expression_attribute_values(":country", AttributeValue::S(country.to_owned()))
            .send()
            .await
            .unwrap();
    }

    /// Adds a line item to an order.
    pub async fn add_line_item(&self, order: &str, name: &str, attributes: &Value) {
        let order: OrderId = order.parse().unwrap();
        let id = Id::derived(&["test", order.as_str(), name]);
        let mut record = Record::new(ResourceType::LineItems, id, self.now());
        record.set("name", name);
        record.set("currency_code", "EUR");
        for (name, value) in attributes.as_object().unwrap() {
            record.set(name, value.clone());
        }
        let kind = ResourceType::Orders;
        record.relate(
            "order",
            Some(Identifier {
                kind,
                id: order.into(),
            }),
        );
        let store = &self.running.context.store;
        let placement = Place::OfOrder(order);
        let made = store.create(
            billfold::demo::OPERATOR,
            billfold::demo::tenant(),
            placement,
            &record,
        );
        made.await.unwrap();
    }
}

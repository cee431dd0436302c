//! The basket of an order, as it was read.

use super::{Basket, BasketLine, Buyer, PostalAddress};
use crate::purchase::OrderPartition;
use crate::record::Record;
use crate::resources::ResourceType;

impl Basket {
    /// The basket of an order; none where its line items and addresses were not read.
    pub fn of(partition: &OrderPartition) -> Option<Self> {
        let children = partition.children.as_ref()?;
        let order = &partition.order.record;
        let is_line = |it: &&Record| it.kind == ResourceType::LineItems;
        let taxes_included = order.get("tax_included").and_then(|it| it.as_bool());
        Some(Self {
            buyer: Buyer::of(partition)?,
            lines: children.iter().filter(is_line).map(line).collect(),
            taxes_on_top: match taxes_included {
                Some(false) => Some(order.integer("total_tax_amount_cents").unwrap_or(0)),
                _ => None,
            },
        })
    }
}

impl Buyer {
    /// Who buys an order; none where its addresses were not read.
    pub fn of(partition: &OrderPartition) -> Option<Self> {
        let children = partition.children.as_ref()?;
        let order = &partition.order.record;
        let text = |name: &str| order.text(name).map(str::to_owned);
        let address = |relationship: &str| {
            let id = order.related(relationship)?;
            let mut addresses = children
                .iter()
                .filter(|it| it.kind == ResourceType::Addresses);
            addresses.find(|it| it.id == id).map(PostalAddress::of)
        };
        Some(Self {
            email: text("customer_email"),
            language: text("language_code"),
            billing: address("billing_address"),
            shipping: address("shipping_address"),
        })
    }
}

impl PostalAddress {
    fn of(record: &Record) -> Self {
        let text = |name: &str| record.text(name).map(str::to_owned);
        Self {
            first_name: text("first_name"),
            last_name: text("last_name"),
            company: text("company"),
            line_1: text("line_1"),
            line_2: text("line_2"),
            city: text("city"),
            zip_code: text("zip_code"),
            state_code: text("state_code"),
            country_code: text("country_code"),
            phone: text("phone"),
        }
    }
}

fn line(record: &Record) -> BasketLine {
    let item_type = record.text("item_type").unwrap_or("skus");
    let sku_code = record.text("sku_code");
    let name = record.text("name").or(sku_code).unwrap_or(item_type);
    BasketLine {
        item_type: item_type.to_owned(),
        name: name.to_owned(),
        sku_code: sku_code.map(str::to_owned),
        quantity: record.integer("quantity").unwrap_or(1),
        total_cents: record.integer("total_amount_cents").unwrap_or(0),
        tax_cents: record.integer("tax_amount_cents").unwrap_or(0),
        tax_rate: record
            .get("tax_rate")
            .and_then(serde_json::Value::as_f64)
            .unwrap_or(0.0),
    }
}

//! What an order's basket holds, for gateways that want to know what they lend the money for.

use serde::{Deserialize, Serialize};

use crate::purchase::OrderPartition;
use crate::record::Record;
use crate::resources::ResourceType;

/// An order's lines, and who buys them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Basket {
    /// Who buys.
    pub buyer: Buyer,
    /// The lines, in order of creation. Shipping, fees, discounts and gift cards are lines too.
    pub lines: Vec<BasketLine>,
    /// Taxes that come on top of the lines, in minor units; none where the lines include them.
    pub taxes_on_top: Option<i64>,
}

/// One line item.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BasketLine {
    /// Commerce Layer's `item_type`: `skus`, `shipments`, `payment_methods`, `percentage_discount_promotions`, …
    pub item_type: String,
    /// What it is called.
    pub name: String,
    /// The stock keeping unit's code.
    pub sku_code: Option<String>,
    /// How many; 1 where the line does not say.
    pub quantity: i64,
    /// What all of them cost, in minor units; negative for what is taken off.
    pub total_cents: i64,
    /// The taxes within the total, in minor units.
    pub tax_cents: i64,
    /// The tax rate, 0.22 for 22 %; 0 where the line does not say.
    pub tax_rate: f64,
}

/// Who buys.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Buyer {
    /// Their e-mail.
    pub email: Option<String>,
    /// The language that they are spoken to in, `de`.
    pub language: Option<String>,
    /// Where the invoice goes.
    pub billing: Option<PostalAddress>,
    /// Where the goods go.
    pub shipping: Option<PostalAddress>,
}

/// An address, as Commerce Layer names its parts.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[expect(missing_docs, reason = "Commerce Layer's attributes of an address")]
pub struct PostalAddress {
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub company: Option<String>,
    pub line_1: Option<String>,
    pub line_2: Option<String>,
    pub city: Option<String>,
    pub zip_code: Option<String>,
    pub state_code: Option<String>,
    pub country_code: Option<String>,
    pub phone: Option<String>,
}

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

    /// The country that the order is billed to, or else shipped to.
    pub fn country(&self) -> Option<&str> {
        let mut addresses = self.billing.iter().chain(&self.shipping);
        addresses.find_map(|it| it.country_code.as_deref())
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

//! What an order's basket holds, for gateways that want to know what they lend the money for.

mod of_order;

use serde::{Deserialize, Serialize};

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

impl Buyer {
    /// The country that the order is billed to, or else shipped to.
    pub fn country(&self) -> Option<&str> {
        let mut addresses = self.billing.iter().chain(&self.shipping);
        addresses.find_map(|it| it.country_code.as_deref())
    }
}

//! A basket as Klarna's order lines (docs.klarna.com/api/payments, `order_lines`).
//!
//! Klarna checks the sums: a line is quantity · unit price − discount, its tax is what its rate says
//! give or take one unit, what is taken off is negative and all else is not, and the lines make up the
//! order. Here the sums hold whatever the basket says: a line whose total does not divide gets the
//! rest as a discount, and what the lines lack of the amount due is a line of its own.

use domain::basket::{Basket, BasketLine};
use domain::gateway::GatewayRefusal;
use serde::Serialize;

use super::text;
use crate::refusals::invalid;

/// Lines of one order.
const MOST_LINES: usize = 1_000;

/// A line's total, in minor units.
const LARGEST: i64 = 100_000_000;

const LONGEST_NAME: usize = 255;

const LONGEST_REFERENCE: usize = 64;

/// Tax rates have two implicit decimals: 2200 is 22 %.
const WHOLE: i64 = 10_000;

/// What is bought, for Klarna.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct OrderLines {
    /// They sum up to the amount due.
    pub lines: Vec<OrderLine>,
    /// The taxes within them, in minor units; not negative.
    pub tax: i64,
}

/// One line. Amounts are in minor units and include taxes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct OrderLine {
    #[serde(rename = "type")]
    kind: Kind,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    name: String,
    quantity: i64,
    unit_price: i64,
    total_discount_amount: i64,
    total_amount: i64,
    tax_rate: i64,
    total_tax_amount: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Physical,
    Digital,
    ShippingFee,
    Surcharge,
    SalesTax,
    Discount,
    GiftCard,
}

impl OrderLines {
    /// The lines of a basket for which `due` is to be paid.
    ///
    /// # Errors
    /// Klarna takes no order of so many lines, or no line of such an amount.
    pub fn of(basket: &Basket, due: i64) -> Result<Self, GatewayRefusal> {
        let has_taxes = basket.taxes_on_top.is_none();
        let mut lines = Vec::with_capacity(basket.lines.len() + 2);
        for line in &basket.lines {
            let rate = if has_taxes { rate(line.tax_rate) } else { 0 };
            lines.push(OrderLine::of(line, rate)?);
        }
        let on_top = basket.taxes_on_top.unwrap_or(0).max(0);
        if on_top > 0 {
            lines.push(OrderLine::single(Kind::SalesTax, "Taxes", on_top)?);
        }
        let sum: i64 = lines.iter().map(|it| it.total_amount).sum();
        let lacking = due.checked_sub(sum).ok_or_else(too_large)?;
        if lacking > 0 {
            lines.push(OrderLine::single(
                Kind::Surcharge,
                "Other charges",
                lacking,
            )?);
        } else if lacking < 0 {
            lines.push(OrderLine::single(
                Kind::Discount,
                "Other discounts",
                lacking,
            )?);
        }
        if lines.len() > MOST_LINES {
            return Err(invalid(format!(
                "Klarna takes orders of at most {MOST_LINES} lines."
            )));
        }
        let within: i64 = lines.iter().map(|it| it.total_tax_amount).sum();
        if within < 0 {
            // More tax is taken off than put on, which no order can say.
            lines.iter_mut().for_each(OrderLine::leave_out_tax);
        }
        Ok(Self {
            tax: on_top + within.max(0),
            lines,
        })
    }
}

impl OrderLine {
    fn of(line: &BasketLine, tax_rate: i64) -> Result<Self, GatewayRefusal> {
        let total = require_in_range(line.total_cents)?;
        let quantity = quantity(line);
        // Rounded up, so that the rest is a discount: Klarna takes no negative one.
        let unit_price = total.div_euclid(quantity) + i64::from(total.rem_euclid(quantity) > 0);
        let name = text::at_most(&line.name, LONGEST_NAME);
        let sku_code = line.sku_code.as_deref();
        Ok(Self {
            kind: Kind::of(&line.item_type, total),
            reference: sku_code.and_then(|it| text::at_most(it, LONGEST_REFERENCE)),
            name: name.unwrap_or_else(|| "Item".to_owned()),
            quantity,
            unit_price,
            total_discount_amount: quantity * unit_price - total,
            total_amount: total,
            tax_rate,
            total_tax_amount: tax_within(total, tax_rate),
        })
    }

    /// A line without taxes that stands for nothing in the basket.
    fn single(kind: Kind, name: &str, total: i64) -> Result<Self, GatewayRefusal> {
        let total = require_in_range(total)?;
        Ok(Self {
            kind,
            reference: None,
            name: name.to_owned(),
            quantity: 1,
            unit_price: total,
            total_discount_amount: 0,
            total_amount: total,
            tax_rate: 0,
            total_tax_amount: 0,
        })
    }

    const fn leave_out_tax(&mut self) {
        self.tax_rate = 0;
        self.total_tax_amount = 0;
    }
}

impl Kind {
    /// By Commerce Layer's `item_type`, as far as the sign allows it.
    fn of(item_type: &str, total: i64) -> Self {
        let takes_off = ["discounts", "promotions", "coupons"]
            .iter()
            .any(|it| item_type.ends_with(it));
        match item_type {
            "gift_cards" if total < 0 => Self::GiftCard,
            _ if total < 0 => Self::Discount,
            _ if takes_off && total == 0 => Self::Discount,
            _ if takes_off => Self::Surcharge,
            "gift_cards" => Self::Digital,
            "shipments" => Self::ShippingFee,
            "payment_methods" | "adjustments" => Self::Surcharge,
            _ => Self::Physical,
        }
    }
}

/// How many, where the total can be said as so many at a price: what is taken off is taken off once,
/// and nothing costs less than one minor unit.
fn quantity(line: &BasketLine) -> i64 {
    let most = match line.total_cents {
        0 => LARGEST,
        total => total,
    };
    match (1..=most).contains(&line.quantity) {
        true => line.quantity,
        false => 1,
    }
}

/// A rate beyond 100 % is none, and neither is a negative one.
fn rate(rate: f64) -> i64 {
    let rate = (rate * WHOLE as f64).round() as i64;
    match (0..=WHOLE).contains(&rate) {
        true => rate,
        false => 0,
    }
}

/// The tax within a total: total − total · 10000 / (10000 + rate), rounded half away from zero.
const fn tax_within(total: i64, rate: i64) -> i64 {
    let base = WHOLE + rate;
    let half = base * total.signum();
    (2 * total * rate + half) / (2 * base)
}

fn require_in_range(total: i64) -> Result<i64, GatewayRefusal> {
    match (-LARGEST..=LARGEST).contains(&total) {
        true => Ok(total),
        false => Err(too_large()),
    }
}

fn too_large() -> GatewayRefusal {
    invalid(format!(
        "Klarna takes no order line of more than {LARGEST} minor units."
    ))
}

//! Amounts of an order and of its lines.
//!
//! The rules are those of the field descriptions in Klarna's API and of
//! <https://docs.klarna.com/klarna-payments/additional-resources/error-handling-and-validations/tax-handling/>.

use serde_json::Value;

use crate::fields::Members;

/// Tax rates have two implicit decimals: 1900 is 19 %.
const WHOLE: i128 = 10_000;

/// The paths of amounts that don't add up. The members are as the schema says.
pub(super) fn bad_sums(order: &Members) -> Vec<String> {
    let lines: Vec<Line<'_>> = order
        .get("order_lines")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .map(Line::of)
        .collect();
    let bad: Vec<String> = lines
        .iter()
        .enumerate()
        .filter_map(|(place, line)| Some(format!("order_lines[{place}].{}", line.bad_amount()?)))
        .collect();
    if !bad.is_empty() {
        return bad;
    }
    bad_totals(order, &lines)
}

fn bad_totals(order: &Members, lines: &[Line<'_>]) -> Vec<String> {
    let total: i128 = lines.iter().map(|line| line.total).sum();
    let tax: i128 = lines.iter().map(Line::share_of_tax).sum();
    let mut bad = Vec::new();
    for (name, sum) in [("order_amount", total), ("order_tax_amount", tax)] {
        // Without order_tax_amount there is nothing to compare.
        let given = order.get(name).and_then(Value::as_i64);
        if given.is_some_and(|given| i128::from(given) != sum) {
            bad.push(name.to_owned());
        }
    }
    bad
}

/// An order line's amounts. What is absent counts as 0.
struct Line<'a> {
    kind: &'a str,
    quantity: i128,
    unit_price: i128,
    discount: i128,
    tax_rate: i128,
    tax: i128,
    total: i128,
}

impl<'a> Line<'a> {
    fn of(line: &'a Value) -> Self {
        let amount = |name: &str| line.get(name).and_then(Value::as_i64).map_or(0, i128::from);
        Self {
            kind: line
                .get("type")
                .and_then(Value::as_str)
                .unwrap_or("physical"),
            quantity: amount("quantity"),
            unit_price: amount("unit_price"),
            discount: amount("total_discount_amount"),
            tax_rate: amount("tax_rate"),
            tax: amount("total_tax_amount"),
            total: amount("total_amount"),
        }
    }

    /// The first amount that is wrong, if one is.
    fn bad_amount(&self) -> Option<&'static str> {
        if !self.has_sign_of_kind(self.unit_price) {
            Some("unit_price")
        } else if !self.has_sign_of_kind(self.total) || self.expected_total() != Some(self.total) {
            Some("total_amount")
        } else if !self.is_tax_within_one() {
            Some("total_tax_amount")
        } else {
            None
        }
    }

    /// Discounts, gift cards and store credit take away, all other lines add.
    fn has_sign_of_kind(&self, amount: i128) -> bool {
        match self.kind {
            "discount" | "gift_card" | "store_credit" => amount <= 0,
            _ => amount >= 0,
        }
    }

    fn expected_total(&self) -> Option<i128> {
        self.quantity
            .checked_mul(self.unit_price)?
            .checked_sub(self.discount)
    }

    /// True if the tax is within ±1 of total − total · 10000 / (10000 + rate), compared without a
    /// division. A line of sales tax is a tax, it carries none.
    fn is_tax_within_one(&self) -> bool {
        let base = WHOLE + self.tax_rate;
        self.kind == "sales_tax" || (self.tax * base - self.total * self.tax_rate).abs() <= base
    }

    /// The line's part of the order's tax.
    fn share_of_tax(&self) -> i128 {
        if self.kind == "sales_tax" {
            self.total
        } else {
            self.tax
        }
    }
}

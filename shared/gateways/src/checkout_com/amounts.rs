//! Amounts as Checkout.com counts them
//! (checkout.com/docs/payments/accept-payments/format-the-amount-value, of December 2025).

use domain::gateway::GatewayRefusal;
use domain::money::{Amount, Currency};
use domain::refusal::Code;

use crate::failure::GatewayFailure;

/// Counted in whole units.
const ZERO_DECIMAL: &[&str] = &[
    "BIF", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF",
    "XOF", "XPF",
];

/// Counted in thousandths, of which the last digit must be 0.
const THREE_DECIMAL: &[&str] = &["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"];

/// Has no minor unit, and is still counted in hundredths, of which the last two digits must be 00.
const HUNDREDTHS_OF_NOTHING: &[&str] = &["CLP"];

/// Nine digits.
const LARGEST: i64 = 999_999_999;

/// The amount in Checkout.com's units.
///
/// # Errors
/// Checkout.com has no such currency or amount.
pub(super) fn to_checkout_com(amount: Amount) -> Result<i64, GatewayRefusal> {
    let Amount { cents, currency } = amount;
    let decimals = decimals(currency)
        .ok_or_else(|| refusal(format!("Checkout.com takes no payments in {currency}.")))?;
    let units = match rescale(cents, currency.decimals(), decimals) {
        Some(units) => units,
        None if decimals < currency.decimals() => {
            return Err(refusal(format!(
                "Checkout.com takes {currency} only in whole units: the amount may have no fraction."
            )));
        }
        None => i64::MAX, // too large to be counted, and so too large to be taken
    };
    if decimals == 3 && units % 10 != 0 {
        let detail = format!(
            "Checkout.com takes {currency} only to the hundredth: the amount's last digit must be 0."
        );
        return Err(refusal(detail));
    }
    match (1..=LARGEST).contains(&units) {
        true => Ok(units),
        false => Err(refusal(format!(
            "Checkout.com takes amounts from 1 to {LARGEST} minor units of {currency}."
        ))),
    }
}

/// The amount that Checkout.com's units mean.
///
/// # Errors
/// The currency is unknown, or the amount is none in it.
pub(super) fn from_checkout_com(units: i64, currency: &str) -> Result<Amount, GatewayFailure> {
    let broken = || GatewayFailure::Broken("an amount that makes no sense".to_owned());
    let currency: Currency = currency
        .to_ascii_uppercase()
        .parse()
        .map_err(|_| broken())?;
    let decimals = decimals(currency).ok_or_else(broken)?;
    let cents = rescale(units, decimals, currency.decimals()).ok_or_else(broken)?;
    Ok(Amount { cents, currency })
}

/// How many decimals Checkout.com counts; none for currencies of which its documentation leaves that
/// open.
fn decimals(currency: Currency) -> Option<u32> {
    let code = currency.code();
    if ZERO_DECIMAL.contains(&code) {
        Some(0)
    } else if THREE_DECIMAL.contains(&code) {
        Some(3)
    } else if HUNDREDTHS_OF_NOTHING.contains(&code) || currency.decimals() == 2 {
        Some(2)
    } else {
        None
    }
}

/// The same amount counted with other decimals; none where it has a fraction there, or overflows.
fn rescale(count: i64, from: u32, to: u32) -> Option<i64> {
    if to >= from {
        return count.checked_mul(10_i64.checked_pow(to - from)?);
    }
    let divisor = 10_i64.checked_pow(from - to)?;
    (count % divisor == 0).then_some(count / divisor)
}

fn refusal(detail: String) -> GatewayRefusal {
    GatewayRefusal {
        code: Code::ValidationError,
        detail,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn amount(cents: i64, code: &str) -> Amount {
        Amount {
            cents,
            currency: code.parse().unwrap(),
        }
    }

    #[test]
    fn minor_units_are_the_vendors_own() {
        let cases = [
            (12_900, "EUR", 12_900),
            (500, "JPY", 500),
            (500, "ISK", 500),
            (500, "UGX", 500),
            (500, "CLP", 50_000), // counted in hundredths by Checkout.com alone
            (5120, "KWD", 5120),
            (5120, "IQD", 5120),
            (501, "MGA", 501),
            (999_999_999, "USD", 999_999_999),
        ];
        for (cents, code, units) in cases {
            assert_eq!(to_checkout_com(amount(cents, code)), Ok(units), "{code}");
            let back = from_checkout_com(units, code);
            assert_eq!(back, Ok(amount(cents, code)), "{code}");
        }
    }

    #[test]
    fn what_the_vendor_cannot_count_is_refused_with_a_reason() {
        let cases = [
            (5124, "KWD", "last digit"),
            (1_000_000_000, "USD", "999999999"),
            (10_000_000, "CLP", "999999999"),
            (i64::MAX, "CLP", "from 1"),
            (0, "USD", "from 1"),
            (-5, "USD", "from 1"),
            (1000, "CLF", "no payments in CLF"),
            (1000, "XAU", "no payments in XAU"),
        ];
        for (cents, code, reason) in cases {
            let refusal = to_checkout_com(amount(cents, code)).unwrap_err();
            assert!(
                refusal.detail.contains(reason),
                "{code}: {}",
                refusal.detail
            );
            assert_eq!(refusal.code, Code::ValidationError);
        }
    }

    #[test]
    fn amounts_that_make_no_sense_are_a_broken_answer() {
        for (units, currency) in [(550, "CLP"), (100, "xyz"), (100, ""), (100, "CLF")] {
            let failure = from_checkout_com(units, currency).unwrap_err();
            assert!(matches!(failure, GatewayFailure::Broken(_)), "{currency}");
        }
    }

    proptest! {
        #[test]
        fn no_amount_panics_and_what_goes_out_comes_back(cents: i64, index in 0_usize..6) {
            let code = ["EUR", "JPY", "CLP", "KWD", "MGA", "CLF"][index];
            if let Ok(units) = to_checkout_com(amount(cents, code)) {
                prop_assert_eq!(from_checkout_com(units, code), Ok(amount(cents, code)));
            }
        }
    }
}

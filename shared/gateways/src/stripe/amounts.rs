//! Amounts as Stripe counts them (docs.stripe.com/currencies): mostly ISO 4217's minor units, with
//! exceptions of its own. Smallest amounts are for Stripe to refuse; they depend on the account.

use domain::gateway::GatewayRefusal;
use domain::money::{Amount, Currency};
use domain::refusal::Code;

use crate::failure::GatewayFailure;

/// Stripe counts these in whole units.
const ZERO_DECIMAL: &[&str] = &[
    "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF",
    "XOF", "XPF",
];

/// Counted in thousandths, of which the last digit must be 0.
const THREE_DECIMAL: &[&str] = &["BHD", "JOD", "KWD", "OMR", "TND"];

/// Have no minor unit any more, and are still counted in hundredths, of which the last two digits
/// must be 00.
const HUNDREDTHS_OF_NOTHING: &[&str] = &["ISK", "UGX"];

/// Eight digits; twelve for IDR, whose smallest unit is worth so little.
const LARGEST: i64 = 99_999_999;
const LARGEST_IDR: i64 = 999_999_999_999;

/// The amount in Stripe's units.
///
/// # Errors
/// Stripe has no such currency or amount.
pub(super) fn to_stripe(amount: Amount) -> Result<i64, GatewayRefusal> {
    let Amount { cents, currency } = amount;
    let decimals = decimals(currency)
        .ok_or_else(|| refusal(format!("Stripe takes no payments in {currency}.")))?;
    let units = match rescale(cents, currency.decimals(), decimals) {
        Some(units) => units,
        None if decimals < currency.decimals() => {
            return Err(refusal(format!(
                "Stripe takes {currency} only in whole units: the amount may have no fraction."
            )));
        }
        None => i64::MAX, // too large to be counted, and so too large to be taken
    };
    if decimals == 3 && units % 10 != 0 {
        let detail = format!(
            "Stripe takes {currency} only to the hundredth: the amount's last digit must be 0."
        );
        return Err(refusal(detail));
    }
    let largest = match currency.code() {
        "IDR" => LARGEST_IDR,
        _ => LARGEST,
    };
    match (1..=largest).contains(&units) {
        true => Ok(units),
        false => Err(refusal(format!(
            "Stripe takes amounts from 1 to {largest} minor units of {currency}."
        ))),
    }
}

/// The amount that Stripe's units mean.
///
/// # Errors
/// The currency is unknown, or the amount is none in it.
pub(super) fn from_stripe(units: i64, currency: &str) -> Result<Amount, GatewayFailure> {
    let broken = || GatewayFailure::Broken("an amount that makes no sense".to_owned());
    let currency: Currency = currency
        .to_ascii_uppercase()
        .parse()
        .map_err(|_| broken())?;
    let decimals = decimals(currency).ok_or_else(broken)?;
    let cents = rescale(units, decimals, currency.decimals()).ok_or_else(broken)?;
    Ok(Amount { cents, currency })
}

/// How many decimals Stripe counts; none for currencies that it does not take.
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
    fn minor_units_are_stripes_own() {
        let cases = [
            (12_900, "EUR", 12_900),
            (500, "JPY", 500),
            (500, "KRW", 500),
            (5, "ISK", 500),     // counted in hundredths by Stripe alone
            (5, "UGX", 500),     // the same
            (500, "MGA", 5),     // hundredths in ISO 4217, whole at Stripe
            (5120, "KWD", 5120), // thousandths in both
            (1045, "HUF", 1045), // whole for payouts only
            (99_999_999, "USD", 99_999_999),
            (999_999_999_999, "IDR", 999_999_999_999),
        ];
        for (cents, code, units) in cases {
            assert_eq!(to_stripe(amount(cents, code)), Ok(units), "{code}");
            let back = from_stripe(units, &code.to_lowercase());
            assert_eq!(back, Ok(amount(cents, code)), "{code}");
        }
    }

    #[test]
    fn what_stripe_cannot_count_is_refused_with_a_reason() {
        let cases = [
            (5124, "KWD", "last digit"),
            (501, "MGA", "whole units"),
            (100_000_000, "USD", "99999999"),
            (1_000_000, "ISK", "99999999"),
            (1_000_000_000_000, "IDR", "999999999999"),
            (i64::MAX, "ISK", "from 1"),
            (i64::MAX, "USD", "99999999"),
            (0, "USD", "from 1"),
            (-5, "USD", "from 1"),
            (1000, "IQD", "no payments in IQD"),
            (1000, "XAU", "no payments in XAU"),
        ];
        for (cents, code, reason) in cases {
            let refusal = to_stripe(amount(cents, code)).unwrap_err();
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
        for (units, currency) in [(550, "isk"), (100, "xyz"), (100, ""), (100, "iqd")] {
            let failure = from_stripe(units, currency).unwrap_err();
            assert!(matches!(failure, GatewayFailure::Broken(_)), "{currency}");
        }
    }

    proptest! {
        #[test]
        fn no_amount_panics_and_what_goes_out_comes_back(cents: i64, index in 0_usize..8) {
            let code = ["EUR", "JPY", "ISK", "UGX", "MGA", "KWD", "IDR", "CLF"][index];
            if let Ok(units) = to_stripe(amount(cents, code)) {
                prop_assert_eq!(from_stripe(units, code), Ok(amount(cents, code)));
            }
        }
    }
}

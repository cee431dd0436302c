//! Amounts as vendors count them: in ISO 4217's minor units, with exceptions of each vendor's own.

use domain::gateway::GatewayRefusal;
use domain::money::{Amount, Currency};

use crate::failure::CallFailure;
use crate::refusals::invalid;

/// How a vendor counts: its exceptions and its limits. A currency that is in no list is counted in
/// hundredths where ISO 4217 has it so, and is not taken otherwise.
pub(crate) struct MinorUnits {
    /// The vendor's name, as callers read it.
    pub vendor: &'static str,
    /// Currencies that are counted in whole units.
    pub zero_decimal: &'static [&'static str],
    /// Counted in thousandths, of which the last digit must be 0.
    pub three_decimal: &'static [&'static str],
    /// Have no minor unit in ISO 4217, and are still counted in hundredths, of which the last two
    /// digits must be 00.
    pub hundredths_of_nothing: &'static [&'static str],
    /// The largest amount, in the vendor's units. The smallest is 1: a higher one depends on the
    /// account, so that it is for the vendor to refuse.
    pub largest: i64,
    /// Currencies with another largest amount.
    pub largest_in: &'static [(&'static str, i64)],
}

impl MinorUnits {
    /// The amount in the vendor's units.
    ///
    /// # Errors
    /// The vendor has no such currency or amount.
    pub fn of(&self, amount: Amount) -> Result<i64, GatewayRefusal> {
        let Self { vendor, .. } = self;
        let Amount { cents, currency } = amount;
        let decimals = self.require_decimals(currency)?;
        let units = rescale(cents, currency.decimals(), decimals);
        if units.is_none() && decimals < currency.decimals() {
            return Err(invalid(format!(
                "{vendor} takes {currency} only in whole units: the amount may have no fraction."
            )));
        }
        if decimals == 3 && units.is_some_and(|it| it % 10 != 0) {
            return Err(invalid(format!(
                "{vendor} takes {currency} only to the hundredth: the amount's last digit must be 0."
            )));
        }
        let largest = self.largest(currency);
        match units.filter(|it| (1..=largest).contains(it)) {
            Some(units) => Ok(units),
            None => Err(invalid(format!(
                "{vendor} takes amounts from 1 to {largest} minor units of {currency}."
            ))),
        }
    }

    /// The amount that the vendor's units mean. The currency's code may be in small letters.
    ///
    /// # Errors
    /// The currency is unknown, or the amount is none in it.
    pub fn amount(&self, units: i64, currency: &str) -> Result<Amount, CallFailure> {
        let broken = || CallFailure::NotUnderstood("an amount that makes no sense".to_owned());
        let currency: Currency = currency
            .to_ascii_uppercase()
            .parse()
            .map_err(|_| broken())?;
        let decimals = self.decimals(currency).ok_or_else(broken)?;
        let cents = rescale(units, decimals, currency.decimals()).ok_or_else(broken)?;
        Ok(Amount { cents, currency })
    }

    /// How many decimals the vendor counts.
    ///
    /// # Errors
    /// The vendor does not take the currency.
    pub fn require_decimals(&self, currency: Currency) -> Result<u32, GatewayRefusal> {
        let vendor = self.vendor;
        self.decimals(currency)
            .ok_or_else(|| invalid(format!("{vendor} takes no payments in {currency}.")))
    }

    fn decimals(&self, currency: Currency) -> Option<u32> {
        let is_in = |list: &[&str]| list.contains(&currency.code());
        if is_in(self.zero_decimal) {
            Some(0)
        } else if is_in(self.three_decimal) {
            Some(3)
        } else if is_in(self.hundredths_of_nothing) || currency.iso_decimals() == 2 {
            Some(2)
        } else {
            None
        }
    }

    fn largest(&self, currency: Currency) -> i64 {
        let mut others = self.largest_in.iter();
        let other = others.find(|(code, _)| *code == currency.code());
        other.map_or(self.largest, |(_, largest)| *largest)
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

#[cfg(test)]
mod tests {
    use domain::refusal::Code;
    use proptest::prelude::*;

    use super::*;
    use crate::{checkout_com, klarna, stripe};

    /// A vendor with an exception of each kind.
    const UNITS: MinorUnits = MinorUnits {
        vendor: "Acme",
        zero_decimal: &["JPY", "AMD"],
        three_decimal: &["KWD"],
        hundredths_of_nothing: &["ISK"],
        largest: 99_999_999,
        largest_in: &[("IDR", 999_999_999_999)],
    };

    fn amount(cents: i64, code: &str) -> Amount {
        Amount {
            cents,
            currency: code.parse().unwrap(),
        }
    }

    #[test]
    fn amounts_are_counted_as_the_vendor_counts_and_back() {
        let cases = [
            (12_900, "EUR", 12_900),
            (500, "JPY", 500),
            (5, "ISK", 500), // no minor unit in ISO 4217, hundredths at the vendor
            (500, "AMD", 5), // hundredths in ISO 4217, whole at the vendor
            (1045, "HUF", 104_500), // whole at Commerce Layer, hundredths in ISO 4217
            (5120, "KWD", 5120), // thousandths in both
            (99_999_999, "USD", 99_999_999),
            (999_999_999_999, "IDR", 999_999_999_999),
        ];
        for (cents, code, units) in cases {
            assert_eq!(UNITS.of(amount(cents, code)), Ok(units), "{code}");
            let back = UNITS.amount(units, &code.to_lowercase());
            assert_eq!(back, Ok(amount(cents, code)), "{code}");
        }
    }

    #[test]
    fn what_the_vendor_cannot_count_is_refused_with_a_reason() {
        let cases = [
            (5124, "KWD", "last digit"),
            (501, "AMD", "whole units"),
            (100_000_000, "USD", "99999999"),
            (1_000_000, "ISK", "99999999"),
            (1_000_000_000_000, "IDR", "999999999999"),
            (i64::MAX, "ISK", "from 1"),
            (i64::MAX, "USD", "99999999"),
            (0, "USD", "from 1"),
            (-5, "USD", "from 1"),
            (1000, "IQD", "Acme takes no payments in IQD"),
            (1000, "XAU", "Acme takes no payments in XAU"),
        ];
        for (cents, code, reason) in cases {
            let refusal = UNITS.of(amount(cents, code)).unwrap_err();
            let detail = refusal.detail;
            assert!(detail.contains(reason), "{code}: {detail}");
            assert_eq!(refusal.code, Code::ValidationError);
        }
    }

    #[test]
    fn amounts_that_make_no_sense_are_a_broken_answer() {
        for (units, currency) in [(550, "isk"), (100, "xyz"), (100, ""), (100, "iqd")] {
            let failure = UNITS.amount(units, currency).unwrap_err();
            assert!(
                matches!(failure, CallFailure::NotUnderstood(_)),
                "{currency}"
            );
        }
    }

    proptest! {
        #[test]
        fn no_amount_panics_and_what_goes_out_comes_back(
            cents in prop_oneof![any::<i64>(), 0..2_000_000_000_000_i64],
            vendor in 0_usize..4,
            index in 0_usize..9,
        ) {
            let vendors = [UNITS, stripe::UNITS, checkout_com::UNITS, klarna::UNITS];
            let units = &vendors[vendor];
            let code = ["EUR", "JPY", "ISK", "UGX", "CLP", "MGA", "KWD", "IDR", "CLF"][index];
            if let Ok(count) = units.of(amount(cents, code)) {
                prop_assert_eq!(units.amount(count, code), Ok(amount(cents, code)));
            }
        }
    }
}

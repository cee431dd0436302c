use crate::minor_units::MinorUnits;

/// How Checkout.com counts
/// (checkout.com/docs/payments/accept-payments/format-the-amount-value, of December 2025). Currencies of
/// which that leaves the decimals open are not taken.
pub(crate) const UNITS: MinorUnits = MinorUnits {
    vendor: "Checkout.com",
    zero_decimal: &[
        "BIF", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF",
        "XOF", "XPF",
    ],
    three_decimal: &["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"],
    hundredths_of_nothing: &["CLP"],
    // Nine digits.
    largest: 999_999_999,
    largest_in: &[],
};

#[cfg(test)]
mod tests {
    use domain::money::Amount;

    use super::*;

    #[test]
    fn minor_units_are_the_vendors_own() {
        let cases = [
            (12_900, "EUR", Some(12_900)),
            (500, "ISK", Some(500)),
            (500, "UGX", Some(500)),
            (500, "CLP", Some(50_000)), // counted in hundredths by Checkout.com alone
            (5120, "IQD", Some(5120)),
            (501, "MGA", Some(50_100)), // whole at Commerce Layer alone
            (999_999_999, "USD", Some(999_999_999)),
            (1_000_000_000, "USD", None),
            (1000, "CLF", None),
        ];
        for (cents, code, units) in cases {
            let currency = code.parse().unwrap();
            assert_eq!(UNITS.of(Amount { cents, currency }).ok(), units, "{code}");
        }
    }
}

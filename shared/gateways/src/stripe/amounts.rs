use crate::minor_units::MinorUnits;

/// How Stripe counts (docs.stripe.com/currencies).
pub(crate) const UNITS: MinorUnits = MinorUnits {
    vendor: "Stripe",
    zero_decimal: &[
        "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF",
        "XOF", "XPF",
    ],
    three_decimal: &["BHD", "JOD", "KWD", "OMR", "TND"],
    hundredths_of_nothing: &["ISK", "UGX"],
    // Eight digits; twelve for IDR, whose smallest unit is worth so little.
    largest: 99_999_999,
    largest_in: &[("IDR", 999_999_999_999)],
};

#[cfg(test)]
mod tests {
    use domain::money::Amount;

    use super::*;

    #[test]
    fn minor_units_are_stripes_own() {
        let cases = [
            (12_900, "EUR", Some(12_900)),
            (500, "KRW", Some(500)),
            (5, "UGX", Some(500)),   // counted in hundredths by Stripe alone
            (500, "MGA", Some(500)), // hundredths in ISO 4217, whole at Stripe and Commerce Layer
            (1045, "HUF", Some(104_500)), // whole at Commerce Layer, and for payouts
            (99_999_999, "USD", Some(99_999_999)),
            (100_000_000, "USD", None),
            (999_999_999_999, "IDR", Some(999_999_999_999)),
            (1000, "IQD", None),
        ];
        for (cents, code, units) in cases {
            let currency = code.parse().unwrap();
            assert_eq!(UNITS.of(Amount { cents, currency }).ok(), units, "{code}");
        }
    }
}

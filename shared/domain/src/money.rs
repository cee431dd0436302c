//! Money: integer minor units of a currency, never a fraction.

use std::fmt;
use std::str::FromStr;

use iso_currency::Currency as Iso;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A currency of ISO 4217, written in capitals: `EUR`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency(Iso);

/// A text that is no currency of ISO 4217.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a currency is an ISO 4217 code such as EUR")]
pub struct NotACurrency;

impl Currency {
    /// The code, in capitals.
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// How many decimals the currency's major unit has: 2 for EUR, 0 for JPY, 3 for KWD.
    pub fn decimals(self) -> u32 {
        self.0.exponent().map_or(0, u32::from)
    }

    /// Whether amounts are written with a decimal comma, as in the euro area, or with a point.
    fn has_decimal_comma(self) -> bool {
        const COMMA: &[&str] = &[
            "EUR", "BRL", "ARS", "CLP", "COP", "CZK", "DKK", "IDR", "ISK", "NOK", "PLN", "RON",
            "SEK", "TRY", "UYU", "VND",
        ];
        COMMA.contains(&self.code())
    }
}

impl FromStr for Currency {
    type Err = NotACurrency;

    fn from_str(code: &str) -> Result<Self, NotACurrency> {
        Iso::from_code(code).map(Self).ok_or(NotACurrency)
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        code.parse().map_err(serde::de::Error::custom)
    }
}

/// An amount of money: minor units (`cents`) of a currency. May be negative (a discount).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amount {
    /// Minor units: 12900 is 129.00 EUR, and 12900 JPY.
    pub cents: i64,
    /// Of which currency.
    pub currency: Currency,
}

impl Amount {
    /// In major units, for display alone: 12900 cents of EUR are 129.0.
    pub fn to_float(self) -> f64 {
        let divisor = 10_f64.powi(i32::try_from(self.currency.decimals()).unwrap_or(0));
        self.cents as f64 / divisor
    }
}

/// Written as Commerce Layer writes it: `€1.290,00`, `-$5.00`, `¥12,900`.
impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimals = self.currency.decimals();
        let unit = 10_u64.pow(decimals);
        let cents = self.cents.unsigned_abs();
        let (decimal_mark, group_mark) = match self.currency.has_decimal_comma() {
            true => (',', '.'),
            false => ('.', ','),
        };
        let sign = if self.cents < 0 { "-" } else { "" };
        write!(f, "{sign}{}", self.currency.0.symbol())?;
        let major = (cents / unit).to_string();
        for (index, digit) in major.chars().enumerate() {
            if index > 0 && (major.len() - index).is_multiple_of(3) {
                write!(f, "{group_mark}")?;
            }
            write!(f, "{digit}")?;
        }
        if decimals > 0 {
            let width = decimals as usize;
            write!(f, "{decimal_mark}{:0width$}", cents % unit)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(cents: i64, code: &str) -> Amount {
        Amount {
            cents,
            currency: code.parse().unwrap(),
        }
    }

    #[test]
    fn amounts_are_written_as_commerce_layer_writes_them() {
        assert_eq!(amount(5700, "EUR").to_string(), "€57,00");
        assert_eq!(amount(-500, "EUR").to_string(), "-€5,00");
        assert_eq!(amount(0, "EUR").to_string(), "€0,00");
        assert_eq!(amount(129_000_000, "USD").to_string(), "$1,290,000.00");
        assert_eq!(amount(12_900, "JPY").to_string(), "¥12,900");
        assert_eq!(
            amount(i64::MIN, "USD").to_string(),
            "-$92,233,720,368,547,758.08"
        );
    }

    #[test]
    fn major_units_follow_the_currency() {
        assert!((amount(12_900, "EUR").to_float() - 129.0).abs() < f64::EPSILON);
        assert!((amount(12_900, "JPY").to_float() - 12_900.0).abs() < f64::EPSILON);
        assert!((amount(12_900, "KWD").to_float() - 12.9).abs() < f64::EPSILON);
    }

    #[test]
    fn a_currency_is_an_iso_code() {
        assert_eq!("XYZ".parse::<Currency>(), Err(NotACurrency));
        assert_eq!("eur".parse::<Currency>(), Err(NotACurrency));
    }
}

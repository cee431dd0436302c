//! Money: integer minor units of a currency, never a fraction.

mod formats;

use std::fmt;
use std::str::FromStr;

use formats::{Format, Shape, format_of};
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

    /// How many decimals amounts are counted with: 2 for EUR, 0 for JPY, 3 for KWD. As Commerce Layer
    /// counts, which for HUF, MGA and MRU is in whole units.
    pub fn decimals(self) -> u32 {
        let format = format_of(self.code());
        format.map_or_else(|| self.iso_decimals(), |it| it.decimals)
    }

    /// How many decimals the currency's minor unit has in ISO 4217.
    pub fn iso_decimals(self) -> u32 {
        self.0.exponent().map_or(0, u32::from)
    }

    /// How amounts of it read; one that Commerce Layer does not know, with its code.
    fn format(self) -> Format {
        let of_none = Format {
            code: self.code(),
            decimals: self.iso_decimals(),
            symbol: self.code(),
            shape: Shape::After,
            group_mark: ',',
            decimal_mark: '.',
        };
        format_of(self.code()).copied().unwrap_or(of_none)
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

/// Written as Commerce Layer writes it: `€1.290,00`, `-$5.00`, `1 290,00 kr`.
impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let format = self.currency.format();
        let sign = if self.cents < 0 { "-" } else { "" };
        let (number, symbol) = (self.number(&format), format.symbol);
        match format.shape {
            _ if symbol.is_empty() => write!(f, "{sign}{number}"),
            Shape::Before => write!(f, "{sign}{symbol}{number}"),
            Shape::BeforeApart => write!(f, "{sign}{symbol} {number}"),
            Shape::After => write!(f, "{sign}{number} {symbol}"),
        }
    }
}

impl Amount {
    /// The amount in major units without its sign, in groups of three digits.
    fn number(self, format: &Format) -> String {
        let unit = 10_u64.pow(format.decimals);
        let cents = self.cents.unsigned_abs();
        let major = (cents / unit).to_string();
        let mut number = String::new();
        for (index, digit) in major.chars().enumerate() {
            if index > 0 && (major.len() - index).is_multiple_of(3) {
                number.push(format.group_mark);
            }
            number.push(digit);
        }
        if format.decimals > 0 {
            let minor = (cents % unit).to_string();
            let width = format.decimals as usize;
            number.push(format.decimal_mark);
            number.push_str(&format!("{minor:0>width$}"));
        }
        number
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
        for (cents, code, text) in [
            (1, "CHF", "CHF 0.01"),
            (123_456_789, "SEK", "1 234 567,89 kr"),
            (123_456_789, "PLN", "1 234 567,89 zł"),
            (123_456_789, "DKK", "1.234.567,89 kr."),
            (123_456_789, "NOK", "1.234.567,89 kr"),
            (12_900, "HUF", "12 900 Ft"),
            (-12_900, "CZK", "-129,00 Kč"),
            (123_456_789, "GBP", "£1,234,567.89"),
            (12_900, "BOV", "129.00 BOV"),
        ] {
            assert_eq!(amount(cents, code).to_string(), text);
        }
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

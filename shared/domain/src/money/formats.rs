//! How amounts read, by currency, as Commerce Layer prints them: facts of the Ruby gem `money`, which it
//! formats with (github.com/RubyMoney/money, config/currency_iso.json).

/// How amounts of a currency read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Format {
    pub code: &'static str,
    /// How many decimals are counted and shown.
    pub decimals: u32,
    pub symbol: &'static str,
    pub shape: Shape,
    pub group_mark: char,
    pub decimal_mark: char,
}

/// Where the symbol stands.
#[derive(Debug, Clone, Copy)]
pub(super) enum Shape {
    /// `€1`
    Before,
    /// `CHF 1`
    BeforeApart,
    /// `1 kr`
    After,
}

/// The format of this currency, where the gem has it.
pub(super) fn format_of(code: &str) -> Option<&'static Format> {
    let found = FORMATS.binary_search_by_key(&code, |it| it.code);
    found.ok().map(|index| &FORMATS[index])
}

use Shape::{After, Before, BeforeApart};

const fn format(
    code: &'static str,
    decimals: u32,
    symbol: &'static str,
    shape: Shape,
    group_mark: char,
    decimal_mark: char,
) -> Format {
    Format {
        code,
        decimals,
        symbol,
        shape,
        group_mark,
        decimal_mark,
    }
}

/// In the order of their codes.
#[rustfmt::skip]
static FORMATS: &[Format] = &[
    format("AED", 2, "د.إ", After, ',', '.'),
    format("AFN", 2, "؋", After, ',', '.'),
    format("ALL", 2, "L", After, ',', '.'),
    format("AMD", 2, "֏", After, ',', '.'),
    format("ANG", 2, "ƒ", Before, '.', ','),
    format("AOA", 2, "Kz", After, ',', '.'),
    format("ARS", 2, "$", Before, '.', ','),
    format("AUD", 2, "$", Before, ',', '.'),
    format("AWG", 2, "ƒ", After, ',', '.'),
    format("AZN", 2, "₼", Before, ',', '.'),
    format("BAM", 2, "КМ", Before, ',', '.'),
    format("BBD", 2, "$", Before, ',', '.'),
    format("BDT", 2, "৳", Before, ',', '.'),
    format("BGN", 2, "лв.", After, ',', '.'),
    format("BHD", 3, "د.ب", Before, ',', '.'),
    format("BIF", 0, "Fr", After, ',', '.'),
    format("BMD", 2, "$", Before, ',', '.'),
    format("BND", 2, "$", Before, ',', '.'),
    format("BOB", 2, "Bs.", Before, ',', '.'),
    format("BRL", 2, "R$", Before, '.', ','),
    format("BSD", 2, "$", Before, ',', '.'),
    format("BTN", 2, "Nu.", After, ',', '.'),
    format("BWP", 2, "P", Before, ',', '.'),
    format("BYN", 2, "Br", After, ' ', ','),
    format("BYR", 0, "Br", After, ' ', ','),
    format("BZD", 2, "$", Before, ',', '.'),
    format("CAD", 2, "$", Before, ',', '.'),
    format("CDF", 2, "Fr", After, ',', '.'),
    format("CHF", 2, "CHF", BeforeApart, '\'', '.'),
    format("CLF", 4, "UF", Before, '.', ','),
    format("CLP", 0, "$", Before, '.', ','),
    format("CNY", 2, "¥", Before, ',', '.'),
    format("COP", 2, "$", Before, '.', ','),
    format("CRC", 2, "₡", Before, '.', ','),
    format("CUC", 2, "$", After, ',', '.'),
    format("CUP", 2, "$", Before, ',', '.'),
    format("CVE", 2, "$", After, ',', '.'),
    format("CZK", 2, "Kč", After, ' ', ','),
    format("DJF", 0, "Fdj", After, ',', '.'),
    format("DKK", 2, "kr.", After, '.', ','),
    format("DOP", 2, "$", Before, ',', '.'),
    format("DZD", 2, "د.ج", After, ',', '.'),
    format("EGP", 2, "ج.م", Before, ',', '.'),
    format("ERN", 2, "Nfk", After, ',', '.'),
    format("ETB", 2, "Br", After, ',', '.'),
    format("EUR", 2, "€", Before, '.', ','),
    format("FJD", 2, "$", After, ',', '.'),
    format("FKP", 2, "£", After, ',', '.'),
    format("GBP", 2, "£", Before, ',', '.'),
    format("GEL", 2, "₾", After, ',', '.'),
    format("GHS", 2, "₵", Before, ',', '.'),
    format("GIP", 2, "£", Before, ',', '.'),
    format("GMD", 2, "D", After, ',', '.'),
    format("GNF", 0, "Fr", After, ',', '.'),
    format("GTQ", 2, "Q", Before, ',', '.'),
    format("GYD", 2, "$", After, ',', '.'),
    format("HKD", 2, "$", Before, ',', '.'),
    format("HNL", 2, "L", Before, ',', '.'),
    format("HTG", 2, "G", After, ',', '.'),
    format("HUF", 0, "Ft", After, ' ', ','),
    format("IDR", 2, "Rp", Before, '.', ','),
    format("ILS", 2, "₪", Before, ',', '.'),
    format("INR", 2, "₹", Before, ',', '.'),
    format("IQD", 3, "ع.د", After, ',', '.'),
    format("IRR", 2, "﷼", Before, ',', '.'),
    format("ISK", 0, "kr.", After, '.', ','),
    format("JMD", 2, "$", Before, ',', '.'),
    format("JOD", 3, "د.ا", Before, ',', '.'),
    format("JPY", 0, "¥", Before, ',', '.'),
    format("KES", 2, "KSh", Before, ',', '.'),
    format("KGS", 2, "som", After, ',', '.'),
    format("KHR", 2, "៛", After, ',', '.'),
    format("KMF", 0, "Fr", After, ',', '.'),
    format("KPW", 2, "₩", After, ',', '.'),
    format("KRW", 0, "₩", Before, ',', '.'),
    format("KWD", 3, "د.ك", Before, ',', '.'),
    format("KYD", 2, "$", Before, ',', '.'),
    format("KZT", 2, "₸", After, ',', '.'),
    format("LAK", 2, "₭", After, ',', '.'),
    format("LBP", 2, "ل.ل", Before, ',', '.'),
    format("LKR", 2, "₨", After, ',', '.'),
    format("LRD", 2, "$", After, ',', '.'),
    format("LSL", 2, "L", After, ',', '.'),
    format("LYD", 3, "ل.د", After, ',', '.'),
    format("MAD", 2, "د.م.", After, ',', '.'),
    format("MDL", 2, "L", After, ',', '.'),
    format("MGA", 0, "Ar", Before, ',', '.'),
    format("MKD", 2, "ден", After, ',', '.'),
    format("MMK", 2, "K", After, ',', '.'),
    format("MNT", 2, "₮", After, ',', '.'),
    format("MOP", 2, "P", After, ',', '.'),
    format("MRU", 0, "UM", After, ',', '.'),
    format("MUR", 2, "₨", Before, ',', '.'),
    format("MVR", 2, "MVR", After, ',', '.'),
    format("MWK", 2, "MK", After, ',', '.'),
    format("MXN", 2, "$", Before, ',', '.'),
    format("MYR", 2, "RM", Before, ',', '.'),
    format("MZN", 2, "MTn", Before, '.', ','),
    format("NAD", 2, "$", After, ',', '.'),
    format("NGN", 2, "₦", Before, ',', '.'),
    format("NIO", 2, "C$", Before, ',', '.'),
    format("NOK", 2, "kr", After, '.', ','),
    format("NPR", 2, "Rs.", Before, ',', '.'),
    format("NZD", 2, "$", Before, ',', '.'),
    format("OMR", 3, "ر.ع.", Before, ',', '.'),
    format("PAB", 2, "B/.", Before, ',', '.'),
    format("PEN", 2, "S/", Before, '.', ','),
    format("PGK", 2, "K", After, ',', '.'),
    format("PHP", 2, "₱", Before, ',', '.'),
    format("PKR", 2, "₨", Before, ',', '.'),
    format("PLN", 2, "zł", After, ' ', ','),
    format("PYG", 0, "₲", Before, ',', '.'),
    format("QAR", 2, "ر.ق", After, ',', '.'),
    format("RON", 2, "Lei", After, '.', ','),
    format("RSD", 2, "RSD", After, '.', ','),
    format("RUB", 2, "₽", After, '.', ','),
    format("RWF", 0, "FRw", After, ',', '.'),
    format("SAR", 2, "ر.س", Before, ',', '.'),
    format("SBD", 2, "$", After, ',', '.'),
    format("SCR", 2, "₨", After, ',', '.'),
    format("SDG", 2, "£", Before, ',', '.'),
    format("SEK", 2, "kr", After, ' ', ','),
    format("SGD", 2, "$", Before, ',', '.'),
    format("SHP", 2, "£", After, ',', '.'),
    format("SKK", 2, "Sk", Before, ',', '.'),
    format("SLE", 2, "Le", After, ',', '.'),
    format("SLL", 2, "Le", After, ',', '.'),
    format("SOS", 2, "Sh", After, ',', '.'),
    format("SRD", 2, "$", After, ',', '.'),
    format("SSP", 2, "£", After, ',', '.'),
    format("STD", 2, "Db", After, ',', '.'),
    format("STN", 2, "Db", After, ',', '.'),
    format("SVC", 2, "₡", Before, ',', '.'),
    format("SYP", 2, "£S", After, ',', '.'),
    format("SZL", 2, "E", Before, ',', '.'),
    format("THB", 2, "฿", Before, ',', '.'),
    format("TJS", 2, "ЅМ", After, ',', '.'),
    format("TMT", 2, "m", After, ',', '.'),
    format("TND", 3, "د.ت", After, ',', '.'),
    format("TOP", 2, "T$", Before, ',', '.'),
    format("TRY", 2, "₺", Before, '.', ','),
    format("TTD", 2, "$", After, ',', '.'),
    format("TWD", 2, "$", Before, ',', '.'),
    format("TZS", 2, "Sh", Before, ',', '.'),
    format("UAH", 2, "₴", After, ',', '.'),
    format("UGX", 0, "USh", After, ',', '.'),
    format("USD", 2, "$", Before, ',', '.'),
    format("UYU", 2, "$U", Before, '.', ','),
    format("UZS", 2, "so'm", After, ',', '.'),
    format("VES", 2, "Bs", Before, '.', ','),
    format("VND", 0, "₫", After, '.', ','),
    format("VUV", 0, "Vt", Before, ',', '.'),
    format("WST", 2, "T", After, ',', '.'),
    format("XAF", 0, "CFA", After, ',', '.'),
    format("XAG", 0, "oz t", After, ',', '.'),
    format("XAU", 0, "oz t", After, ',', '.'),
    format("XBA", 0, "", After, ',', '.'),
    format("XBB", 0, "", After, ',', '.'),
    format("XBC", 0, "", After, ',', '.'),
    format("XBD", 0, "", After, ',', '.'),
    format("XCD", 2, "$", Before, ',', '.'),
    format("XCG", 2, "Cg", Before, '.', ','),
    format("XDR", 0, "SDR", After, ',', '.'),
    format("XOF", 0, "Fr", After, ',', '.'),
    format("XPD", 0, "oz t", After, ',', '.'),
    format("XPF", 0, "₣", After, ',', '.'),
    format("XPT", 0, "oz t", After, ',', '.'),
    format("XTS", 0, "", After, ',', '.'),
    format("YER", 2, "﷼", After, ',', '.'),
    format("ZAR", 2, "R", Before, ' ', ','),
    format("ZMK", 2, "ZK", After, ',', '.'),
    format("ZMW", 2, "K", Before, ',', '.'),
    format("ZWG", 2, "ZiG", After, ',', '.'),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn currencies_stand_in_the_order_of_their_codes_and_once() {
        assert!(FORMATS.is_sorted_by(|one, next| one.code < next.code));
        for it in FORMATS {
            assert_eq!(format_of(it.code).map(|it| it.code), Some(it.code));
            assert!(
                it.decimals <= 4 && it.group_mark != it.decimal_mark,
                "{}",
                it.code
            );
        }
    }
}

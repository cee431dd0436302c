//! Which currencies Stripe takes and from which amount
//! (<https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts>).

use super::error::ApiError;

/// Presentment currencies, lower-case ISO 4217.
const CURRENCIES: &[&str] = &[
    "usd", "aed", "afn", "all", "amd", "ang", "aoa", "ars", "aud", "awg", "azn", "bam", "bbd",
    "bdt", "bgn", "bhd", "bif", "bmd", "bnd", "bob", "brl", "bsd", "bwp", "byn", "bzd", "cad",
    "cdf", "chf", "clp", "cny", "cop", "crc", "cve", "czk", "djf", "dkk", "dop", "dzd", "egp",
    "etb", "eur", "fjd", "fkp", "gbp", "gel", "gip", "gmd", "gnf", "gtq", "gyd", "hkd", "hnl",
    "htg", "huf", "idr", "ils", "inr", "isk", "jmd", "jod", "jpy", "kes", "kgs", "khr", "kmf",
    "krw", "kwd", "kyd", "kzt", "lak", "lbp", "lkr", "lrd", "lsl", "mad", "mdl", "mga", "mkd",
    "mmk", "mnt", "mop", "mur", "mvr", "mwk", "mxn", "myr", "mzn", "nad", "ngn", "nio", "nok",
    "npr", "nzd", "omr", "pab", "pen", "pgk", "php", "pkr", "pln", "pyg", "qar", "ron", "rsd",
    "rub", "rwf", "sar", "sbd", "scr", "sek", "sgd", "shp", "sle", "sos", "srd", "std", "szl",
    "thb", "tjs", "tnd", "top", "try", "ttd", "twd", "tzs", "uah", "ugx", "uyu", "uzs", "vnd",
    "vuv", "wst", "xaf", "xcd", "xof", "xpf", "yer", "zar", "zmw",
];

/// The smallest amount in minor units and how Stripe writes it.
const SMALLEST: &[(&str, i64, &str)] = &[
    ("usd", 50, "$0.50"),
    ("eur", 50, "€0.50"),
    ("gbp", 30, "£0.30"),
    ("chf", 50, "0.50 Fr"),
    ("aud", 50, "$0.50"),
    ("cad", 50, "$0.50"),
    ("nzd", 50, "$0.50"),
    ("sgd", 50, "$0.50"),
    ("sek", 300, "3.00 kr"),
    ("nok", 300, "3.00 kr"),
    ("dkk", 250, "2.50 kr"),
    ("pln", 200, "2.00 zł"),
    ("czk", 1_500, "15.00 Kč"),
    ("huf", 17_500, "175.00 Ft"),
    ("ron", 200, "2.00 lei"),
    ("jpy", 50, "¥50"),
];

/// Counted in thousandths, of which the last digit must be 0
/// (<https://docs.stripe.com/currencies#three-decimal>).
const THREE_DECIMAL: &[&str] = &["bhd", "jod", "kwd", "omr", "tnd"];

/// Counted in hundredths, which must be 00 (<https://docs.stripe.com/currencies#special-cases>).
const WHOLE_IN_HUNDREDTHS: &[&str] = &["isk", "ugx"];

/// Eight digits at most; twelve for IDR.
const LARGEST: i64 = 99_999_999;
const LARGEST_IN_IDR: i64 = 999_999_999_999;

/// Refuses a currency that Stripe doesn't have, or not in lower case.
pub(super) fn check_currency(currency: &str) -> Result<(), ApiError> {
    if CURRENCIES.contains(&currency) {
        return Ok(());
    }
    let list = CURRENCIES.join(", ");
    let message =
        format!("Invalid currency: {currency}. Stripe currently supports these currencies: {list}");
    Err(ApiError::parameter("currency", message))
}

/// Refuses an amount outside what Stripe takes in this currency.
pub(super) fn check_amount(amount: i64, currency: &str) -> Result<(), ApiError> {
    if amount <= 0 {
        let message = "The amount must be greater than or equal to the minimum charge amount \
             allowed for your account and the currency set \
             (https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts).  If you \
             want to save a Payment Method for future use without an immediate payment, use a \
             Setup Intent instead: https://docs.stripe.com/payments/setup-intents";
        return Err(ApiError::parameter("amount", message).code("parameter_invalid_integer"));
    }
    let step = match currency {
        it if THREE_DECIMAL.contains(&it) => 10,
        it if WHOLE_IN_HUNDREDTHS.contains(&it) => 100,
        _ => 1,
    };
    if amount % step != 0 {
        let message = format!("Invalid amount: {currency} amounts must be a multiple of {step}.");
        return Err(ApiError::parameter("amount", message).code("parameter_invalid_integer"));
    }
    let largest = match currency {
        "idr" => LARGEST_IN_IDR,
        _ => LARGEST,
    };
    if amount > largest {
        let message =
            format!("Amount must be no more than {largest} in the currency's smallest unit");
        return Err(ApiError::parameter("amount", message).code("amount_too_large"));
    }
    let smallest = SMALLEST.iter().find(|(name, _, _)| *name == currency);
    match smallest {
        Some((_, least, written)) if amount < *least => {
            let message = format!("Amount must be at least {written} {currency}");
            Err(ApiError::parameter("amount", message).code("amount_too_small"))
        }
        _ => Ok(()),
    }
}

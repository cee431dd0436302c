//! The bodies of Klarna's published OpenAPI descriptions of the Payments API (v1), of the Customer Token
//! API and of the Order Management API, as far as callers write them.

use serde_json::Value;
use time::Date;
use time::macros::format_description;

use crate::fields::{Field, Kind, optional, required};

/// The largest amount of an order line, in minor units.
const MOST: i64 = 100_000_000;

/// The largest amount that order management takes.
const MOST_OF_ORDER: i64 = 200_000_000;

/// Fields of a purchase: of sessions, and of orders for an authorization.
pub(super) const PURCHASE: &[Field] = &[
    required("order_amount", AMOUNT),
    required("order_lines", ORDER_LINES),
    required("purchase_country", COUNTRY),
    required("purchase_currency", CURRENCY),
    optional("order_tax_amount", AMOUNT),
    optional("locale", LOCALE),
    optional("billing_address", Kind::Object(ADDRESS)),
    optional("shipping_address", Kind::Object(ADDRESS)),
    optional("customer", Kind::Object(CUSTOMER)),
    optional("merchant_urls", Kind::Object(MERCHANT_URLS)),
    optional("merchant_reference1", Kind::Text(0, 255)),
    optional("merchant_reference2", Kind::Text(0, 255)),
    optional("merchant_data", Kind::Text(0, 6_000)),
    optional("custom_payment_method_ids", TEXTS),
];

/// The fields that sessions have beside.
pub(super) const SESSION: &[Field] = &[
    optional(
        "intent",
        Kind::OneOf(&["buy", "tokenize", "buy_and_tokenize"]),
    ),
    optional(
        "acquiring_channel",
        Kind::OneOf(&["ECOMMERCE", "IN_STORE", "TELESALES"]),
    ),
    optional("attachment", Kind::Object(ATTACHMENT)),
    optional("design", TEXT),
    optional("options", Kind::Object(OPTIONS)),
    optional("step_up_id", TEXT),
];

/// The fields that orders for an authorization have beside.
pub(super) const ORDER: &[Field] = &[optional("auto_capture", Kind::Flag)];

/// An order for a customer token.
pub(super) const TOKEN_ORDER: &[Field] = &[
    required("order_amount", AMOUNT),
    required("order_tax_amount", AMOUNT),
    required("order_lines", ORDER_LINES),
    required("purchase_currency", CURRENCY),
    optional("attachment", Kind::Object(ATTACHMENT)),
    optional("auto_capture", Kind::Flag),
    optional("merchant_data", Kind::Text(0, 6_000)),
    optional("merchant_reference1", Kind::Text(0, 255)),
    optional("merchant_reference2", Kind::Text(0, 255)),
    optional("merchant_urls", Kind::Object(TOKEN_ORDER_URLS)),
    optional("shipping_address", Kind::Object(ADDRESS)),
    optional("step_up", Kind::OneOf(&["SUPPORTED", "NOT_SUPPORTED"])),
];

/// The request for a customer token.
pub(super) const CUSTOMER_TOKEN: &[Field] = &[
    required("description", Kind::Text(1, 255)),
    required("intended_use", Kind::OneOf(&["SUBSCRIPTION"])),
    required("locale", LOCALE),
    required("purchase_country", COUNTRY),
    required("purchase_currency", CURRENCY),
    optional("billing_address", Kind::Object(ADDRESS)),
    optional("customer", Kind::Object(CUSTOMER)),
];

/// The end of a customer token.
pub(super) const TOKEN_STATUS: &[Field] = &[required("status", Kind::OneOf(&["CANCELLED"]))];

/// A capture.
pub(super) const CAPTURE: &[Field] = &[
    required("captured_amount", Kind::Whole(1, MOST_OF_ORDER)),
    optional("description", Kind::Text(0, 255)),
    optional("reference", Kind::Text(0, 255)),
    optional("order_lines", LINES_OF_PART),
    optional(
        "shipping_info",
        Kind::List(0, 500, &Kind::Such(Value::is_object)),
    ),
];

/// A refund.
pub(super) const REFUND: &[Field] = &[
    required("refunded_amount", Kind::Whole(0, MOST_OF_ORDER)),
    optional("description", Kind::Text(0, 255)),
    optional("reference", Kind::Text(0, 255)),
    optional("order_lines", LINES_OF_PART),
];

/// Another amount of an order.
pub(super) const UPDATE_AUTHORIZATION: &[Field] = &[
    required("order_amount", Kind::Whole(0, MOST_OF_ORDER)),
    optional("description", Kind::Text(0, 255)),
    optional("order_lines", LINES_OF_PART),
];

/// Other names of an order.
pub(super) const MERCHANT_REFERENCES: &[Field] = &[
    optional("merchant_reference1", Kind::Text(0, 255)),
    optional("merchant_reference2", Kind::Text(0, 255)),
];

/// Another address of an order; where the bill goes does not change.
pub(super) const CUSTOMER_DETAILS: &[Field] =
    &[optional("shipping_address", Kind::Object(ADDRESS))];

/// A decision of Klarna's on an order; the stand-in's own.
pub(super) const DECISION: &[Field] = &[required("event_type", TEXT)];

/// The words of a page once the shopper has agreed; the stand-in's own.
pub(super) const AUTHORIZE: &[Field] = &[
    required("client_token", TEXT),
    optional(
        "authorization_token",
        Kind::Like(super::names::may_be_authorization_token),
    ),
];

const ORDER_LINES: Kind = Kind::List(1, 1_000, &Kind::Object(ORDER_LINE));

const LINES_OF_PART: Kind = Kind::List(0, 1_000, &Kind::Object(ORDER_LINE));

const ORDER_LINE: &[Field] = &[
    required("name", Kind::Text(1, 255)),
    required("quantity", AMOUNT),
    required("unit_price", Kind::Whole(i64::MIN, MOST)),
    required("total_amount", Kind::Whole(i64::MIN, MOST)),
    optional("total_discount_amount", AMOUNT),
    optional("tax_rate", Kind::Whole(0, 10_000)),
    optional("total_tax_amount", Kind::Whole(i64::MIN, i64::MAX)),
    optional(
        "type",
        Kind::OneOf(&[
            "physical",
            "discount",
            "shipping_fee",
            "sales_tax",
            "digital",
            "gift_card",
            "store_credit",
            "surcharge",
        ]),
    ),
    optional("reference", Kind::Text(0, 256)),
    optional("quantity_unit", Kind::Text(1, 8)),
    optional("image_url", Kind::Text(0, 1_024)),
    optional("product_url", Kind::Text(0, 1_024)),
    optional("merchant_data", Kind::Text(0, 1_024)),
    optional("product_identifiers", Kind::Object(PRODUCT_IDENTIFIERS)),
    optional("subscription", Kind::Object(SUBSCRIPTION)),
];

const PRODUCT_IDENTIFIERS: &[Field] = &[
    optional("brand", Kind::Text(0, 70)),
    optional("category_path", Kind::Text(0, 750)),
    optional("color", Kind::Text(0, 64)),
    optional("global_trade_item_number", Kind::Text(0, 50)),
    optional("manufacturer_part_number", Kind::Text(0, 70)),
    optional("size", Kind::Text(0, 64)),
];

const SUBSCRIPTION: &[Field] = &[
    required("name", Kind::Text(1, 255)),
    required("interval", Kind::OneOf(&["DAY", "WEEK", "MONTH", "YEAR"])),
    required("interval_count", Kind::Whole(1, i64::MAX)),
];

const ADDRESS: &[Field] = &[
    optional("attention", Kind::Text(0, 99)),
    optional("city", Kind::Text(0, 99)),
    optional("country", COUNTRY),
    optional("email", Kind::Text(0, 99)),
    optional("family_name", Kind::Text(0, 99)),
    optional("given_name", Kind::Text(0, 99)),
    optional("organization_name", Kind::Text(0, 99)),
    optional("phone", Kind::Text(5, 99)),
    optional("postal_code", Kind::Text(0, 10)),
    optional("region", Kind::Text(0, 99)),
    optional("street_address", Kind::Text(0, 99)),
    optional("street_address2", Kind::Text(0, 99)),
    optional("title", Kind::Text(0, 20)),
];

const CUSTOMER: &[Field] = &[
    optional("date_of_birth", Kind::Like(is_date)),
    optional("gender", TEXT),
    optional("last_four_ssn", Kind::Like(is_social_security_number)),
    optional("national_identification_number", TEXT),
    optional(
        "organization_entity_type",
        Kind::OneOf(&[
            "LIMITED_COMPANY",
            "PUBLIC_LIMITED_COMPANY",
            "ENTREPRENEURIAL_COMPANY",
            "LIMITED_PARTNERSHIP_LIMITED_COMPANY",
            "LIMITED_PARTNERSHIP",
            "GENERAL_PARTNERSHIP",
            "REGISTERED_SOLE_TRADER",
            "SOLE_TRADER",
            "CIVIL_LAW_PARTNERSHIP",
            "PUBLIC_INSTITUTION",
            "OTHER",
        ]),
    ),
    optional("organization_registration_id", TEXT),
    optional("title", TEXT),
    optional("type", Kind::OneOf(&["person", "organization"])),
    optional("vat_id", TEXT),
];

const MERCHANT_URLS: &[Field] = &[
    optional("authorization", URL),
    optional("confirmation", URL),
    optional("notification", URL),
    optional("push", URL),
];

const TOKEN_ORDER_URLS: &[Field] = &[optional("confirmation", URL)];

const ATTACHMENT: &[Field] = &[required("body", TEXT), required("content_type", TEXT)];

const OPTIONS: &[Field] = &[
    optional("color_border", Kind::Like(is_color)),
    optional("color_border_selected", Kind::Like(is_color)),
    optional("color_details", Kind::Like(is_color)),
    optional("color_text", Kind::Like(is_color)),
    optional("radius_border", TEXT),
];

const AMOUNT: Kind = Kind::Whole(0, i64::MAX);
const COUNTRY: Kind = Kind::Like(|text| is_letters(text, 2));
const CURRENCY: Kind = Kind::Like(|text| is_letters(text, 3));
const LOCALE: Kind = Kind::Like(|text| text.split('-').all(|part| is_letters(part, 2)));
const TEXT: Kind = Kind::Text(0, usize::MAX);
const TEXTS: Kind = Kind::List(0, usize::MAX, &TEXT);
const URL: Kind = Kind::Text(0, 2_000);

fn is_letters(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| byte.is_ascii_alphabetic())
}

fn is_color(text: &str) -> bool {
    text.strip_prefix('#')
        .is_some_and(|digits| digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit()))
}

fn is_date(text: &str) -> bool {
    Date::parse(text, format_description!("[year]-[month]-[day]")).is_ok()
}

fn is_social_security_number(text: &str) -> bool {
    matches!(text.len(), 4 | 9) && text.bytes().all(|byte| byte.is_ascii_digit())
}

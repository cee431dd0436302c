//! `POST /payments`

use serde_json::{Map, Value};

use crate::vendor::{Asked, Reply};

use super::super::cards::Decline;
use super::super::customers;
use super::super::error::Refusal;
use super::super::events::Teller;
use super::super::fields::{
    self, AMOUNT, ANY_OBJECT, CHANNEL_ID, CURRENCY, FLAT, IP, SOURCE_ID, TOKEN_ID, URL, checked,
    is_id,
};
use super::super::state::{Account, Work};
use super::charge::{Means, Purchase, card_of, charge, settle};
use crate::fields::{Field, Kind, optional, required};

const PAYMENT: &[Field] = &[
    optional("source", ANY_OBJECT),
    optional("amount", AMOUNT),
    required("currency", CURRENCY),
    optional("payment_type", Kind::OneOf(PAYMENT_TYPES)),
    optional("merchant_initiated", Kind::Flag),
    optional("reference", fields::text(50)),
    optional("description", fields::text(100)),
    optional("capture", Kind::Flag),
    optional("customer", Kind::Object(customers::REFERENCE)),
    optional("3ds", Kind::Object(THREE_DS)),
    optional("processing_channel_id", CHANNEL_ID),
    optional("previous_payment_id", fields::text(100)),
    optional("success_url", URL),
    optional("failure_url", URL),
    optional("payment_ip", IP),
    optional("metadata", FLAT),
];

const PAYMENT_TYPES: &[&str] = &[
    "Regular",
    "Recurring",
    "MOTO",
    "Installment",
    "PayLater",
    "Unscheduled",
];

pub(in super::super) const THREE_DS: &[Field] = &[
    optional("enabled", Kind::Flag),
    optional("attempt_n3d", Kind::Flag),
    optional(
        "challenge_indicator",
        Kind::OneOf(&[
            "no_preference",
            "no_challenge_requested",
            "challenge_requested",
            "challenge_requested_mandate",
        ]),
    ),
];

const TOKEN: &[Field] = &[
    required("type", Kind::OneOf(&["token"])),
    required("token", TOKEN_ID),
    optional("billing_address", ANY_OBJECT),
    optional("phone", ANY_OBJECT),
    optional("store_for_future_use", Kind::Flag),
    optional("stored", Kind::Flag),
];

const STORED: &[Field] = &[
    required("type", Kind::OneOf(&["id"])),
    required("id", SOURCE_ID),
    optional("cvv", fields::text(4)),
    optional("billing_address", ANY_OBJECT),
    optional("phone", ANY_OBJECT),
    optional("stored", Kind::Flag),
];

/// The members that a payment gives back as they came.
const GIVEN: &[&str] = &[
    "reference",
    "description",
    "payment_type",
    "payment_ip",
    "metadata",
    "success_url",
    "failure_url",
    "previous_payment_id",
];

/// Makes a payment; `ordered` is a decline whatever the card's bank would say.
pub(in super::super) fn create(
    work: &mut Work<'_>,
    asked: &Asked<'_>,
    ordered: Option<Decline>,
) -> Result<Reply, Refusal> {
    let members = checked(asked.body.as_ref(), asked.raw, PAYMENT)?;
    let source = checked_source(members)?;
    let (ids, now) = (work.ids, work.now);
    let account = work.state.account(work.account);
    check_previous(account, members)?;

    let (means, owner) = means(account, source, now)?;
    let customer = match owner {
        Some(owner) => Some(same_customer(account, owner, members)?),
        None => customers::named(account, ids, members.get("customer"))?,
    };
    let delay_ms = means.delay_ms;
    let purchase = Purchase {
        means,
        amount: members.get("amount").and_then(Value::as_i64).unwrap_or(0),
        currency: text(members, "currency").unwrap_or_default().to_owned(),
        captures: flag(members, "capture", true),
        three_ds: members
            .get("3ds")
            .and_then(Value::as_object)
            .is_some_and(|three_ds| flag(three_ds, "enabled", false)),
        is_shopper_there: !flag(members, "merchant_initiated", false),
        customer,
        stores: flag(source, "store_for_future_use", true),
        given: given(members, source),
    };
    let mut payment = charge(account, ids, now, purchase, ordered);
    let status = payment.made_status();
    let body = payment.made_json(customers::of_payment(account, &payment), work.base_url);
    settle(&mut payment, ids, now);
    let teller = Teller {
        ids,
        account: work.account,
        now,
    };
    work.events.extend(teller.since(&payment, 0));
    account.payments.insert(payment.id.clone(), payment);
    Ok(Reply::json(status, body).late(delay_ms))
}

/// The source, if it is a token or a stored card.
fn checked_source(members: &Map<String, Value>) -> Result<&Map<String, Value>, Refusal> {
    let Some(source) = members.get("source").and_then(Value::as_object) else {
        return Err(Refusal::invalid("payment_source_required"));
    };
    match text(source, "type") {
        Some("token") => fields::check(source, TOKEN, "")?,
        Some("id") => fields::check(source, STORED, "source_")?,
        _ => return Err(Refusal::invalid("source_type_invalid")),
    }
    Ok(source)
}

/// The card that is charged, and the customer that a stored card belongs to.
fn means(
    account: &Account,
    source: &Map<String, Value>,
    now: i64,
) -> Result<(Means, Option<String>), Refusal> {
    if let Some(token) = text(source, "token") {
        return Ok((card_of(account, token, now)?, None));
    }
    let instrument = text(source, "id")
        .and_then(|id| account.instruments.get(id))
        .ok_or_else(|| Refusal::invalid("source_id_not_found"))?;
    let means = Means {
        card: instrument.card.clone(),
        token: None,
        instrument: Some(instrument.id.clone()),
        delay_ms: 0,
    };
    Ok((means, instrument.customer.clone()))
}

/// A stored card is its customer's alone, whom the request need not name.
fn same_customer(
    account: &Account,
    owner: String,
    members: &Map<String, Value>,
) -> Result<String, Refusal> {
    let Some(reference) = members.get("customer").and_then(Value::as_object) else {
        return Ok(owner);
    };
    if customers::known(account, reference)?.as_ref() == Some(&owner) {
        return Ok(owner);
    }
    Err(Refusal::invalid("source_id_customer_mismatch"))
}

/// A previous payment is one of this account's, or a card scheme's own id.
fn check_previous(account: &Account, members: &Map<String, Value>) -> Result<(), Refusal> {
    match text(members, "previous_payment_id") {
        Some(id) if is_id(id, "pay_") && !account.payments.contains_key(id) => {
            Err(Refusal::invalid("previous_payment_id_invalid"))
        }
        _ => Ok(()),
    }
}

fn given(members: &Map<String, Value>, source: &Map<String, Value>) -> Map<String, Value> {
    let of_source = ["billing_address", "phone"].map(|name| (name, source.get(name)));
    GIVEN
        .iter()
        .map(|name| (*name, members.get(*name)))
        .chain(of_source)
        .filter_map(|(name, value)| Some((name.to_owned(), value?.clone())))
        .filter(|(_, value)| !value.is_null())
        .collect()
}

fn text<'a>(members: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    members.get(name)?.as_str()
}

fn flag(members: &Map<String, Value>, name: &str, default: bool) -> bool {
    members
        .get(name)
        .and_then(Value::as_bool)
        .unwrap_or(default)
}

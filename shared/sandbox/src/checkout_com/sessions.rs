//! `/payment-sessions`: the payments that Flow, Checkout.com's form in the browser, makes
//! (<https://www.checkout.com/docs/payments/accept-payments/accept-a-payment-on-your-website>).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::vendor::{Asked, Reply};

use super::cards::Decline;
use super::customers;
use super::error::Refusal;
use super::events::Teller;
use super::fields::{
    self, AMOUNT, ANY_LIST, ANY_OBJECT, CHANNEL_ID, COUNTRY, CURRENCY, FLAT, IP, TOKEN_ID, URL,
    checked,
};
use super::objects::payment::Status;
use super::objects::session::Session;
use super::payments::{Purchase, THREE_DS, card_of, charge, settle};
use super::spelling::new_id;
use super::state::Work;
use crate::fields::{Field, Kind, optional, required};

const SESSION: &[Field] = &[
    required("amount", AMOUNT),
    required("currency", CURRENCY),
    required("billing", Kind::Object(BILLING)),
    required("success_url", URL),
    required("failure_url", URL),
    optional(
        "payment_type",
        Kind::OneOf(&["Regular", "Recurring", "MOTO", "Installment", "Unscheduled"]),
    ),
    optional("reference", fields::text(50)),
    optional("description", fields::text(100)),
    optional("customer", Kind::Object(customers::REFERENCE)),
    optional("capture", Kind::Flag),
    optional("processing_channel_id", CHANNEL_ID),
    optional("payment_method_configuration", Kind::Object(METHODS)),
    optional("enabled_payment_methods", ANY_LIST),
    optional("disabled_payment_methods", ANY_LIST),
    optional("3ds", Kind::Object(THREE_DS)),
    optional("locale", fields::text(10)),
    optional("expires_on", fields::text(50)),
    optional("ip_address", IP),
    optional("metadata", FLAT),
];

const BILLING: &[Field] = &[
    required("address", Kind::Object(ADDRESS)),
    optional("phone", ANY_OBJECT),
];

const ADDRESS: &[Field] = &[
    required("country", COUNTRY),
    optional("address_line1", fields::text(200)),
    optional("address_line2", fields::text(200)),
    optional("city", fields::text(50)),
    optional("state", fields::text(50)),
    optional("zip", fields::text(50)),
];

const METHODS: &[Field] = &[optional("card", Kind::Object(CARD))];

const CARD: &[Field] = &[optional(
    "store_payment_details",
    Kind::OneOf(&["enabled", "disabled", "collect_consent"]),
)];

const PAY: &[Field] = &[
    required("token", TOKEN_ID),
    optional("public_key", fields::text(255)),
    optional("consent", Kind::Flag),
];

/// `POST /payment-sessions`
pub(super) fn create(work: &mut Work<'_>, asked: &Asked<'_>) -> Result<Reply, Refusal> {
    let members = checked(asked.body.as_ref(), asked.raw, SESSION)?;
    let account = work.state.account(work.account);
    let customer = members
        .get("customer")
        .and_then(|customer| customer.get("id")?.as_str());
    if customer.is_some_and(|id| !account.customers.contains_key(id)) {
        return Err(Refusal::invalid("customer_not_found"));
    }
    let id = new_id(work.ids, "ps_");
    let token = STANDARD.encode(json!({ "id": id }).to_string());
    let body = json!({
        "id": id,
        "payment_session_token": token,
        "payment_session_secret": new_id(work.ids, "pss_"),
        "_links": {"self": {"href": format!("{}/payment-sessions/{id}", work.base_url)}},
    });
    let session = Session {
        asked: members.clone(),
        is_over: false,
    };
    account.sessions.insert(id, session);
    Ok(Reply::json(201, body))
}

/// `POST /payment-sessions/{id}/_pay`, the stand-in's own: what the shopper does in the form.
pub(super) fn pay(
    work: &mut Work<'_>,
    asked: &Asked<'_>,
    id: &str,
    ordered: Option<Decline>,
) -> Result<Reply, Refusal> {
    let members = checked(asked.body.as_ref(), asked.raw, PAY)?;
    let (ids, now) = (work.ids, work.now);
    let account = work.state.account(work.account);
    let session = account.sessions.get(id).ok_or(Refusal::NotFound)?.clone();
    if session.has_expired(now) {
        return Err(Refusal::invalid("payment_session_expired"));
    }
    if session.is_over {
        return Err(Refusal::invalid("payment_session_completed"));
    }
    let flag = |value: Option<&Value>| value.and_then(Value::as_bool);
    let token = members.get("token").and_then(Value::as_str);
    let means = card_of(account, token.unwrap_or_default(), now)?;
    let customer = customers::named(account, ids, session.asked.get("customer"))?;
    let delay_ms = means.delay_ms;
    let three_ds = session
        .asked
        .get("3ds")
        .and_then(|three_ds| three_ds.get("enabled"));
    let purchase = Purchase {
        means,
        amount: session
            .asked
            .get("amount")
            .and_then(Value::as_i64)
            .unwrap_or(0),
        currency: session.text("currency").to_owned(),
        captures: flag(session.asked.get("capture")).unwrap_or(true),
        three_ds: flag(three_ds).unwrap_or(false),
        is_shopper_there: true,
        customer,
        stores: session.stores(flag(members.get("consent")).unwrap_or(false)),
        given: session.given(),
    };
    let mut payment = charge(account, ids, now, purchase, ordered);
    let is_over = payment.status != Status::Declined;
    if let Some(session) = account.sessions.get_mut(id) {
        session.is_over = is_over;
    }
    let status = payment.made_status();
    let body = payment.page_json(work.base_url);
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

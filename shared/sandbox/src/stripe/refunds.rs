//! The endpoints below `/v1/refunds`, and `POST /v1/refunds/{id}/_settle`, the stand-in's own.

use serde_json::Value;

use super::call::Received;
use super::charges::refundable;
use super::error::{ApiError, NamedIn};
use super::fields::{Field, INTEGER, METADATA, TEXT, optional, required};
use super::lists::{LIMIT, STARTING_AFTER, page};
use super::objects::charge::Charge;
use super::objects::refund::{Refund, RefundStatus};
use super::params::Metadata;
use super::state::Work;
use crate::fields::Kind;

pub(super) const CREATE: &[Field] = &[
    optional("amount", INTEGER),
    optional("charge", TEXT),
    METADATA,
    optional("payment_intent", TEXT),
    optional(
        "reason",
        Kind::OneOf(&["duplicate", "fraudulent", "requested_by_customer"]),
    ),
];

pub(super) const LIST: &[Field] = &[
    optional("charge", TEXT),
    optional("payment_intent", TEXT),
    LIMIT,
    STARTING_AFTER,
];

pub(super) const SETTLE: &[Field] = &[required("status", Kind::OneOf(&["succeeded", "failed"]))];

/// When the refunds go on of the cards that are made for it (<https://docs.stripe.com/testing#refunds>).
const GOES_ON_AFTER_SECONDS: i64 = 60 * 60;

/// `POST /v1/refunds`
pub(super) fn create(work: &mut Work<'_>, call: &Received<'_>) -> Result<Value, ApiError> {
    let params = call.params;
    let (charge_id, amount) = refundable(work, call)?;
    let mut metadata = Metadata::new();
    params.merge_metadata(&mut metadata)?;
    let charge = work
        .account
        .charge(&charge_id, NamedIn::Parameter("charge"))?;
    let refund = Refund {
        id: work.ids.make("re_3", 23),
        created: work.seconds(),
        amount,
        currency: charge.currency.clone(),
        charge: charge_id.clone(),
        payment_intent: charge.payment_intent.clone(),
        reason: params.text("reason").map(str::to_owned),
        metadata,
        status: match card_name(work, charge) {
            Some("pendingRefund") => RefundStatus::Pending,
            _ => RefundStatus::Succeeded,
        },
        failure_reason: None,
        place: work.account.next_place(),
    };
    let answer = refund.to_json();
    work.account.refunds.insert(refund.id.clone(), refund);
    count(work, &charge_id);
    work.happened("refund.created", answer.clone());
    work.happened_to_charge("charge.refunded", &charge_id);
    Ok(answer)
}

/// `GET /v1/refunds/{id}`
pub(super) fn retrieve(work: &mut Work<'_>, call: &Received<'_>) -> Result<Value, ApiError> {
    Ok(refund(work, call.id)?.to_json())
}

/// `GET /v1/refunds`
pub(super) fn list(work: &mut Work<'_>, call: &Received<'_>) -> Result<Value, ApiError> {
    let charge = call.params.text("charge");
    let intent = call.params.text("payment_intent");
    if let Some(intent) = intent
        && !work.account.payment_intents.contains_key(intent)
    {
        let place = NamedIn::Parameter("payment_intent");
        return Err(ApiError::missing("payment_intent", intent, place));
    }
    let refunds = work.account.refunds.values();
    let mut refunds: Vec<&Refund> = refunds
        .filter(|it| charge.is_none_or(|charge| it.charge == charge))
        .filter(|it| intent.is_none_or(|intent| it.payment_intent == intent))
        .collect();
    refunds.sort_by_key(|it| std::cmp::Reverse(it.place));
    page(
        "/v1/refunds",
        call.params,
        &refunds,
        "refund",
        |it| &it.id,
        Refund::to_json,
    )
}

/// `POST /v1/refunds/{id}/_settle`: the bank takes the money, or sends it back.
pub(super) fn settle(work: &mut Work<'_>, call: &Received<'_>) -> Result<Value, ApiError> {
    let fails = call.params.text("status") == Some("failed");
    let status = refund(work, call.id)?.status;
    let has_ended = status == RefundStatus::Failed || status == RefundStatus::Succeeded && !fails;
    if has_ended {
        return Err(ApiError::invalid("The refund has ended."));
    }
    go_on(work, call.id, fails);
    retrieve(work, call)
}

/// Lets go on what is to go on by itself by now.
pub(super) fn go_on_due(work: &mut Work<'_>) {
    let begun_before = work.seconds() - GOES_ON_AFTER_SECONDS;
    let mut due = Vec::new();
    let refunds = work.account.refunds.values();
    for refund in refunds.filter(|it| it.created <= begun_before) {
        let charge = work.account.charges.get(&refund.charge);
        let card = charge.and_then(|it| card_name(work, it));
        match (card, refund.status) {
            (Some("pendingRefund"), RefundStatus::Pending) => due.push((refund.id.clone(), false)),
            (Some("refundFail"), RefundStatus::Succeeded) => due.push((refund.id.clone(), true)),
            _ => {}
        }
    }
    for (id, fails) in due {
        go_on(work, &id, fails);
    }
}

fn go_on(work: &mut Work<'_>, id: &str, fails: bool) {
    let Some(refund) = work.account.refunds.get_mut(id) else {
        return;
    };
    if fails {
        refund.status = RefundStatus::Failed;
        refund.failure_reason = Some("lost_or_stolen_card".to_owned());
    } else {
        refund.status = RefundStatus::Succeeded;
    }
    let (charge, object) = (refund.charge.clone(), refund.to_json());
    count(work, &charge);
    work.happened("refund.updated", object.clone());
    if fails {
        work.happened("refund.failed", object);
    }
}

/// Writes down on a charge what its refunds come to.
fn count(work: &mut Work<'_>, charge: &str) {
    let refunds = work.account.refunds.values();
    let refunds = refunds.filter(|it| it.charge == charge && it.counts());
    let refunded = refunds.map(|it| it.amount).sum();
    if let Some(charge) = work.account.charges.get_mut(charge) {
        charge.amount_refunded = refunded;
    }
}

fn card_name<'w>(work: &'w Work<'_>, charge: &Charge) -> Option<&'w str> {
    let method = work.account.payment_methods.get(&charge.payment_method)?;
    Some(method.card.as_str())
}

fn refund<'w>(work: &'w Work<'_>, id: &str) -> Result<&'w Refund, ApiError> {
    let found = work.account.refunds.get(id);
    found.ok_or_else(|| ApiError::missing("refund", id, NamedIn::Path("id")))
}

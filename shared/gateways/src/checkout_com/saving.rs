//! When what paid can be used again: read from the vendor's record of the payment, not from what a
//! caller once sent.

use domain::gateway::{GatewayRefusal, Progress};

use super::answers::{Instrument, PaymentAnswer};
use crate::refusals::{not_ready, not_reusable};

/// The card that `customer` may keep of this payment, by its id. Whether it was stored is the
/// instrument's to tell.
pub(super) fn kept<'p>(
    payment: &'p PaymentAnswer,
    customer: &str,
) -> Result<&'p str, GatewayRefusal> {
    match payment.customer() {
        Some(owner) if owner == customer => {}
        Some(_) => {
            return Err(not_reusable(
                "The payment belongs to another customer at the gateway.",
            ));
        }
        None => return Err(of_guest()),
    }
    match payment.progress() {
        Progress::Open => Err(not_ready(
            "The shopper still has to authenticate this payment. Save the payment source after that.",
        )),
        Progress::Declined => Err(not_reusable(
            "The payment was declined, so its card is not kept. Let the shopper pay with another card first.",
        )),
        Progress::Released => Err(not_reusable(
            "The payment was let go of at the gateway. Create a new payment source.",
        )),
        Progress::Authorized | Progress::Captured => {
            payment.approved_source().ok_or_else(not_stored)
        }
    }
}

/// Refuses an instrument that is not there, or not this customer's.
pub(super) fn require_own<'i>(
    instrument: Option<&'i Instrument>,
    customer: Option<&str>,
) -> Result<&'i Instrument, GatewayRefusal> {
    let instrument = instrument.ok_or_else(not_stored)?;
    let owner = instrument.customer.as_ref().map(|it| it.id.as_str());
    match owner.is_some() && owner == customer {
        true => Ok(instrument),
        false => Err(not_reusable(
            "The card belongs to another customer at the gateway. Let the shopper enter the card again.",
        )),
    }
}

/// Refuses a saved card whose last month has passed.
pub(super) fn require_valid(
    instrument: &Instrument,
    now: domain::Timestamp,
) -> Result<(), GatewayRefusal> {
    match instrument.card.expiry().is_some_and(|it| it.is_past(now)) {
        false => Ok(()),
        true => Err(not_reusable(
            "The saved card has expired. Let the shopper enter another card.",
        )),
    }
}

/// A payment source that nothing was paid with has no card yet.
pub(super) fn not_authorized() -> GatewayRefusal {
    not_ready(
        "Nothing was paid with this payment source yet. Authorise it first, with _authorize or in the payment session, and save it after that.",
    )
}

pub(super) fn of_guest() -> GatewayRefusal {
    not_reusable(
        "The payment has no customer at the gateway. Create the payment source with a token of the order's customer.",
    )
}

pub(super) fn not_stored() -> GatewayRefusal {
    not_reusable("The gateway does not keep this card. Let the shopper enter the card again.")
}

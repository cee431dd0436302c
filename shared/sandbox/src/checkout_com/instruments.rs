//! `/instruments` (<https://api-reference.checkout.com/#tag/Instruments>): cards that were stored
//! by an approved payment.

use serde_json::Value;

use crate::vendor::Reply;

use super::customers;
use super::error::Refusal;
use super::objects::instrument::Instrument;
use super::state::{Account, Work};

/// Keeps an instrument; the customer's first one is the default one.
pub(super) fn store(account: &mut Account, instrument: Instrument) {
    if let Some(customer) = &instrument.customer {
        customers::link(account, customer, &instrument.id);
    }
    account
        .instruments
        .insert(instrument.id.clone(), instrument);
}

/// `GET /instruments/{id}`
pub(super) fn read(work: &mut Work<'_>, id: &str) -> Result<Reply, Refusal> {
    let account = work.state.account(work.account);
    let instrument = account.instruments.get(id).ok_or(Refusal::NotFound)?;
    let customer = instrument.customer.as_deref().and_then(|customer| {
        let mut shown = customers::summary(account, customer)?;
        let is_default = customers::is_default(account, customer, id);
        shown
            .as_object_mut()?
            .insert("default".to_owned(), Value::from(is_default));
        Some(shown)
    });
    Ok(Reply::json(200, instrument.to_json(customer)))
}

/// `DELETE /instruments/{id}`
pub(super) fn delete(work: &mut Work<'_>, id: &str) -> Result<Reply, Refusal> {
    let account = work.state.account(work.account);
    let instrument = account.instruments.remove(id).ok_or(Refusal::NotFound)?;
    if let Some(customer) = &instrument.customer {
        customers::unlink(account, customer, id);
    }
    Ok(Reply::empty(204))
}

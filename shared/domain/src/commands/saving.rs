//! Saving an order's payment source to the wallet (how-tos "reusing the payment source").

use super::paying::{Flow, Paying, unfitting_answer};
use super::{Change, Step};
use crate::gateway::{GatewayAnswer, GatewayRequest, Reusable};
use crate::refusal::{Code, Refusal};
use crate::source::PaymentSource;
use crate::wallet::{CardKeys, Line, MOST_ENTRIES, Wallet, new_entry};

/// The trigger that asks for it.
pub const TRIGGER: &str = "_save_payment_source_to_customer_wallet";

/// Saves the order's payment source. Saving the same source again is the same entry, and no gateway
/// is asked; the same card entered anew is the same entry with its newest token.
pub fn save(paying: &mut Paying<'_>) -> Flow<()> {
    let order = paying.purchase.order();
    if !order.status.takes_save() {
        return Err(refuse(
            "A payment source can be saved while its order is draft, pending or placed.",
        ));
    }
    if order.customer().is_none() {
        return Err(refuse(
            "The order has no customer, so there is no wallet to save to.",
        ));
    }
    let Some(wallet) = paying.purchase.wallet.clone() else {
        return Err(Refusal::unauthorized().into());
    };
    let Some(source) = paying.purchase.partition.source.clone() else {
        return Err(refuse(
            "The order has no payment source. Create one before saving it.",
        ));
    };
    if is_saved(&wallet, &source)? {
        return Ok(());
    }
    let reusable = make_reusable(paying, &wallet, &source)?;
    keep(paying, wallet, &source, &reusable)
}

/// Whether the wallet's head knows the source already.
fn is_saved(wallet: &Wallet, source: &PaymentSource) -> Flow<bool> {
    let Some(entry) = source.state.entry else {
        return Ok(wallet.head.saved_from(source.saved_as()).is_some());
    };
    match wallet.head.line(entry) {
        Some(_) => Ok(true),
        None => Err(Step::from(
            Refusal::new(
                Code::PaymentSourceNotReusable,
                "The saved source was deleted from the wallet, which is final. Let the shopper enter the card again.",
            )
            .at_attribute(TRIGGER),
        )),
    }
}

fn make_reusable(paying: &Paying<'_>, wallet: &Wallet, source: &PaymentSource) -> Flow<Reusable> {
    let gateway = paying
        .purchase
        .catalog
        .gateway(source.state.gateway)
        .ok_or_else(|| refuse("The gateway of the order's payment source is gone."))?;
    let customer = wallet.gateway_customer(gateway.id);
    let customer = customer.filter(|_| source.state.customer == Some(wallet.customer));
    let Some(customer) = customer else {
        return Err(Refusal::new(
            Code::PaymentSourceNotReusable,
            "The payment source was created without the order's customer, so it cannot be used again. Create a new one with the customer's token.",
        )
        .at_attribute(TRIGGER)
        .into());
    };
    let request = GatewayRequest::MakeReusable {
        payment: source.state.payment.clone(),
        customer_token: customer.token.clone(),
    };
    match paying.ask(gateway, source.id(), request) {
        Ok(GatewayAnswer::Reusable(reusable)) => Ok(reusable),
        Ok(_) => Err(unfitting_answer()),
        Err(step) => Err(step.about(TRIGGER)),
    }
}

fn keep(
    paying: &mut Paying<'_>,
    mut wallet: Wallet,
    source: &PaymentSource,
    reusable: &Reusable,
) -> Flow<()> {
    let given = paying.given;
    let gateway = source.state.gateway;
    let keys = CardKeys::of(reusable, gateway, given.lookup);
    let entry = match wallet.head.line_of_card(&keys) {
        Some(index) => {
            let line = &mut wallet.head.lines[index];
            line.saved_again(keys, source.saved_as());
            let id = line.entry;
            let Some(entry) = wallet.entries.iter_mut().find(|entry| entry.id() == id) else {
                // Head and entries were read a moment apart: another request is at work.
                return Err(Refusal::new(Code::Conflict, "The wallet is being changed.").into());
            };
            entry
        }
        None if wallet.head.lines.len() >= MOST_ENTRIES => {
            let detail = format!("A wallet holds at most {MOST_ENTRIES} payment sources.");
            return Err(refuse(&detail));
        }
        None => {
            let line = Line::new(given.fresh, keys, source.saved_as());
            wallet.head.lines.push(line);
            let method = paying.purchase.order().payment_method();
            wallet.entries.push(new_entry(
                given.fresh,
                wallet.customer,
                gateway,
                method,
                given.now,
            ));
            match wallet.entries.last_mut() {
                Some(entry) => entry,
                None => return Err(unfitting_answer()),
            }
        }
    };
    entry.keep(reusable, &source.record, given.now);
    paying.change_wallet(Change::PutEntry(wallet.customer, entry.clone()));
    paying.change_wallet(Change::PutHead(wallet.customer, wallet.head.clone()));
    paying.purchase.wallet = Some(wallet);
    Ok(())
}

fn refuse(detail: &str) -> Step {
    Refusal::invalid(detail).at_attribute(TRIGGER).into()
}

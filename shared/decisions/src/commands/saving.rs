//! Saving an order's payment source to the wallet (how-tos "reusing the payment source").

use std::ops::ControlFlow::{Break, Continue};

use domain::basket::Buyer;
use domain::gateway::{GatewayAnswer, GatewayRequest, Reusable, ToKeep};
use domain::operation::{Operation, Owner};
use domain::payment_rules::PaymentRules;
use domain::record::{Place, Record};
use domain::refusal::{Code, Refusal};
use domain::source::PaymentSource;
use domain::wallet::{CardKeys, Line, MOST_ENTRIES, Wallet, new_entry};
use domain::{EntryId, Token};
use serde_json::Value;

use super::delete_entry::forget;
use super::paying::{Paying, unfitting_answer};
use crate::{Change, Decided, OrStop, Step, stop};

/// The trigger that asks for it.
pub const TRIGGER: &str = "_save_payment_source_to_customer_wallet";

/// The gateway's attribute that says whether payments of customers' orders are set up for later.
const SETTING: &str = "save_payment_sources";

/// Its value where they never are.
const NEVER: &str = "never";

/// Whether payments of customers' orders at this gateway may be set up for later.
pub(super) fn may_keep(gateway: &Record) -> bool {
    gateway.text(SETTING) != Some(NEVER)
}

/// What an external gateway is told beside the payment source, unless its `external_includes` says
/// otherwise (Commerce Layer, "external resources").
const TOLD_BY_DEFAULT: &[&str] = &[
    "order",
    "order.market",
    "order.line_items",
    "order.shipping_address",
    "order.billing_address",
    "order.customer",
];

/// Saves the order's payment source. Saving the same source again is the same entry, and no gateway
/// is asked; the same card entered anew is the same entry with its newest token.
pub fn save(paying: &mut Paying<'_>) -> Decided<()> {
    let order = paying.purchase.order();
    if !order.status.takes_save() {
        return stop(refuse(
            "A payment source can be saved while its order is draft, pending or placed.",
        ));
    }
    if order.customer().is_none() {
        return stop(refuse(
            "The order has no customer, so there is no wallet to save to.",
        ));
    }
    let Some(wallet) = paying.purchase.wallet.clone() else {
        return stop(Refusal::unauthorized());
    };
    let Some(source) = paying.purchase.partition.source.clone() else {
        return stop(refuse(
            "The order has no payment source. Create one before saving it.",
        ));
    };
    if is_saved(&wallet, &source).or_stop()? {
        return Continue(());
    }
    let reusable = make_reusable(paying, &wallet, &source)?;
    let customer = wallet.customer;
    match keep(paying, wallet, &source, &reusable) {
        Kept::Refused(refusal) => {
            let rules = source.record.kind.payment_rules();
            let minted = rules.is_some_and(|it| it.saves_once).then(|| {
                let state = &source.state;
                let token = &reusable.payment_source_token;
                let now = paying.input.now;
                Operation::forget(customer, state.gateway, state.gateway_kind, token, now)
            });
            Break(paying.counted_owing(refusal, minted))
        }
        Kept::Done => {
            show_saved(paying, &reusable);
            Continue(())
        }
        Kept::OfTwoMoments => Break(Step::ReadAgain),
    }
}

/// What the gateway said of what paid, the order's payment source shows from now on as the entry does: the
/// shopper's browser may have entered it since the source was last read.
fn show_saved(paying: &mut Paying<'_>, reusable: &Reusable) {
    let Some(source) = &mut paying.purchase.partition.source else {
        return;
    };
    let former = source.record.attributes.clone();
    for name in ["payment_instrument", "payment_method"] {
        if let Some(shown) = reusable.snapshot.get(name) {
            source.record.set(name, shown.clone());
        }
    }
    if source.record.attributes != former {
        source.record.updated_at = paying.input.now;
    }
}

/// Whether the wallet's head knows the source already. What the gateway keeps no more is not saved by that.
fn is_saved(wallet: &Wallet, source: &PaymentSource) -> Result<bool, Refusal> {
    let saved_as = source.saved_as();
    let line = match source.state.entry {
        Some(entry) => wallet.head.line(entry),
        None => wallet.head.saved_from(saved_as),
    };
    if let Some(entry) = line.and_then(|it| wallet.entry(it.entry)) {
        entry
            .require_kept()
            .map_err(|refusal| refusal.at_attribute(TRIGGER))?;
    }
    let is_saved = line.is_some();
    let was_deleted = source.state.entry.is_some() || wallet.head.deleted.contains(&saved_as);
    match !is_saved && was_deleted {
        false => Ok(is_saved),
        true => Err(not_reusable(
            "The saved source was deleted from the wallet, which is final. Let the shopper enter the card again.",
        )),
    }
}

fn make_reusable(
    paying: &mut Paying<'_>,
    wallet: &Wallet,
    source: &PaymentSource,
) -> Decided<Reusable> {
    let rules = source.record.kind.payment_rules();
    let rules = rules
        .ok_or_else(|| refuse("This type of payment source cannot be saved."))
        .or_stop()?;
    let gateway = paying
        .purchase
        .catalog
        .gateway(source.state.gateway)
        .cloned()
        .ok_or_else(|| refuse("The gateway of the order's payment source is gone."))
        .or_stop()?;
    if !may_keep(&gateway) {
        return stop(not_reusable(
            "This gateway keeps no payment sources for later.",
        ));
    }
    if source.may_be_forgotten(paying.input.now) {
        return stop(not_reusable(
            "Nobody saved this payment source in time, so that its gateway was told to forget it.",
        ));
    }
    if let Some(kept) = &source.state.kept {
        return Continue(kept.reusable());
    }
    let keep = to_keep(paying, rules, &gateway, wallet, source).or_stop()?;
    match paying.ask(
        &gateway,
        source.id().into(),
        GatewayRequest::MakeReusable(keep),
    ) {
        Continue(GatewayAnswer::Reusable(reusable)) => Continue(reusable),
        Continue(_) => Break(unfitting_answer()),
        Break(step) => Break(step.about(TRIGGER)),
    }
}

/// What is to be usable again.
fn to_keep(
    paying: &Paying<'_>,
    rules: &PaymentRules,
    gateway: &Record,
    wallet: &Wallet,
    source: &PaymentSource,
) -> Result<ToKeep, Refusal> {
    Ok(ToKeep {
        payment: source.state.payment.clone(),
        shopper_token: source.shopper_token().map(str::to_owned),
        customer: wallet.customer,
        customer_token: customer_token(wallet, source, rules)?,
        amount: source.state.amount,
        buyer: match rules.needs_basket {
            true => Buyer::of(&paying.purchase.partition),
            false => None,
        },
        once: rules.saves_once,
        for_later: false,
        document: document(paying, rules, gateway, source)?,
    })
}

/// What the shopper approved is good for one order: where the order's customer may save it later, its token is
/// minted before that. A gateway that does not let it be kept is no reason not to pay.
pub(super) fn keep_before_order(
    paying: &mut Paying<'_>,
    rules: &PaymentRules,
    gateway: &Record,
    source: &mut PaymentSource,
) -> Decided<()> {
    let Some(wallet) = paying.purchase.wallet.clone() else {
        return Continue(());
    };
    let is_asked = may_keep(gateway) && source.state.kept.is_none();
    let is_approval = rules.token_approves && source.approval().is_some();
    let is_saved = wallet.head.saved_from(source.saved_as()).is_some();
    if !is_asked || !is_approval || is_saved || source.state.customer != Some(wallet.customer) {
        return Continue(());
    }
    let keep = to_keep(paying, rules, gateway, &wallet, source).or_stop()?;
    let request = GatewayRequest::MakeReusable(ToKeep {
        for_later: true,
        ..keep
    });
    if let Some(reusable) = paying.ask_unless_refused(gateway, source.id().into(), request)? {
        let GatewayAnswer::Reusable(reusable) = reusable else {
            return Break(unfitting_answer());
        };
        source.keep_for_later(&reusable);
    }
    Continue(())
}

/// The gateway's reference of the customer that the payment was made with, where the gateway keeps
/// customers.
fn customer_token(
    wallet: &Wallet,
    source: &PaymentSource,
    rules: &PaymentRules,
) -> Result<Option<String>, Refusal> {
    if !rules.has_customers {
        return Ok(None);
    }
    let customer = wallet.gateway_customer(source.state.gateway);
    let customer = customer.filter(|_| source.state.customer == Some(wallet.customer));
    customer.map(|it| Some(it.token.clone())).ok_or_else(|| {
        not_reusable(
            "The payment source was created without the order's customer, so it cannot be used again. Create a new one with the customer's token.",
        )
    })
}

/// The document about the source, for gateways that are told with one.
pub fn document(
    paying: &Paying<'_>,
    rules: &PaymentRules,
    gateway: &Record,
    source: &PaymentSource,
) -> Result<Option<Value>, Refusal> {
    match rules.saved_at {
        Some(attribute) if gateway.text(attribute).is_none() => {
            let detail =
                format!("The payment gateway has no {attribute}, so it cannot save anything.");
            Err(not_reusable(&detail))
        }
        _ => Ok(told(paying, rules, gateway, source)),
    }
}

/// The document about a payment source, for a gateway that is told with one.
pub fn told(
    paying: &Paying<'_>,
    rules: &PaymentRules,
    gateway: &Record,
    source: &PaymentSource,
) -> Option<Value> {
    rules.saved_at?;
    let documents = paying.input.documents;
    let named = gateway.get("external_includes").and_then(Value::as_array);
    let include: Vec<&str> = match named {
        Some(paths) => paths.iter().filter_map(Value::as_str).collect(),
        None => TOLD_BY_DEFAULT.to_vec(),
    };
    Some(documents.document(&paying.purchase, source, &include))
}

/// What came of keeping something in the wallet.
pub enum Kept {
    /// It is kept.
    Done,
    /// The wallet does not take it.
    Refused(Refusal),
    /// Head and entries were read at two moments: another request is at work.
    OfTwoMoments,
}

/// Keeps in the wallet what a gateway made reusable.
pub fn keep(
    paying: &mut Paying<'_>,
    mut wallet: Wallet,
    source: &PaymentSource,
    reusable: &Reusable,
) -> Kept {
    let input = paying.input;
    let gateway = source.state.gateway;
    let keys = CardKeys::of(reusable, gateway, input.lookup);
    let token = &reusable.payment_source_token;
    if wallet.head.is_forgetting(gateway, token, input.lookup) {
        return Kept::Refused(not_reusable(
            "The saved source was deleted from the wallet, and its gateway is forgetting it. Let the shopper enter the card again.",
        ));
    }
    let entry = match wallet.head.line_of_card(&keys) {
        Some(index) => {
            let line = &mut wallet.head.lines[index];
            line.saved_again(keys, source.saved_as());
            let id = line.entry;
            let Some(entry) = wallet.entries.iter_mut().find(|entry| entry.id() == id) else {
                return Kept::OfTwoMoments;
            };
            entry
        }
        None if wallet.head.lines.len() >= MOST_ENTRIES => {
            let detail = format!("A wallet holds at most {MOST_ENTRIES} payment sources.");
            return Kept::Refused(refuse(&detail));
        }
        None => {
            let line = Line::new(EntryId::new(input.fresh), keys, source.saved_as());
            wallet.head.lines.push(line);
            let method = paying.purchase.order().payment_method();
            let customer = wallet.customer;
            let entry = new_entry(
                EntryId::new(input.fresh),
                customer,
                gateway,
                method,
                input.now,
            );
            wallet.entries.push_mut(entry)
        }
    };
    let surplus = entry.keep(reusable, &source.record, input.now);
    for token in surplus.iter().map(Token::expose) {
        let owed = forget(wallet.customer, entry, token, input.now);
        paying.owed.extend(owed);
        wallet.head.begin_forgetting(gateway, token, input.lookup);
    }
    wallet.head.note_write(&entry.record);
    let place = Place::Wallet(wallet.customer);
    paying.change_wallet(Change::put(entry.to_record(), place));
    paying.change_wallet(Change::ClaimToken {
        customer: wallet.customer,
        gateway,
        token: token.clone(),
    });
    // What is owed but was not begun is not to be forgotten any more.
    let forget = Operation::forget_id(gateway, token);
    let owner = Owner::Customer(wallet.customer);
    paying.change_wallet(Change::Settle(owner, forget));
    paying.purchase.wallet = Some(wallet);
    Kept::Done
}

fn not_reusable(detail: &str) -> Refusal {
    Refusal::new(Code::PaymentSourceNotReusable, detail).at_attribute(TRIGGER)
}

fn refuse(detail: &str) -> Refusal {
    Refusal::invalid(detail).at_attribute(TRIGGER)
}

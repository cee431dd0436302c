//! `PATCH /api/customer_payment_sources/{id}`.

use serde_json::{Map, Value};

use super::Change;
use super::delete_entry::forget;
use crate::lookup::LookupKey;
use crate::refusal::Refusal;
use crate::wallet::{Entry, Wallet};
use crate::{Id, Timestamp};

/// What changing an entry changes, and the entry as it will be.
///
/// An integration may give it another token, as after a move between accounts of a gateway: the former
/// stays with it until it is deleted.
///
/// # Errors
/// There is no such entry; a token is blank, or another entry's.
pub fn patch_entry(
    wallet: &Wallet,
    id: Id,
    attributes: &Map<String, Value>,
    lookup: &LookupKey,
    now: Timestamp,
) -> Result<(Vec<Change>, Entry), Refusal> {
    let mut entry = wallet.entry(id).ok_or_else(Refusal::not_found)?.clone();
    let mut head = wallet.head.clone();
    let mut owed = Vec::new();
    let former = entry.record.text("payment_source_token").map(str::to_owned);
    for (name, value) in attributes {
        let is_token = matches!(name.as_str(), "payment_source_token" | "customer_token");
        if is_token && value.as_str().is_none_or(str::is_empty) {
            return Err(Refusal::invalid(format!("{name} - can't be blank")).at_attribute(name));
        }
        entry.record.set(name, value.clone());
    }
    let token = entry.record.text("payment_source_token").map(str::to_owned);
    if let Some(token) = token.filter(|it| former.as_ref() != Some(it)) {
        let taken = !head.replace_token(id, &token, lookup);
        if taken {
            let refusal = Refusal::invalid("Another entry of this wallet has this token.");
            return Err(refusal.at_attribute("payment_source_token"));
        }
        entry.state.superseded_tokens.retain(|it| *it != token);
        entry.state.superseded_tokens.extend(former);
        let surplus = entry.cap_superseded();
        owed.extend(
            surplus
                .iter()
                .filter_map(|it| forget(wallet.customer, &entry, it, now)),
        );
    }
    entry.record.updated_at = now;
    let mut changes = vec![
        Change::PutHead(wallet.customer, head),
        Change::PutEntry(wallet.customer, entry.clone()),
    ];
    changes.extend(owed.into_iter().map(Change::Owe));
    Ok((changes, entry))
}

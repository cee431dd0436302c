//! `PATCH /api/customer_payment_sources/{id}`.

use domain::operation::Operation;
use domain::record::Place;
use domain::refusal::Refusal;
use domain::wallet::{Entry, Head, Wallet};
use domain::{CustomerId, EntryId, Token};
use serde_json::{Map, Value};

use super::delete_entry::forget;
use crate::{Answers, Change, Command, Input, Step};

/// A wallet entry is to change.
///
/// An integration may give it another token, as after a move between accounts of a gateway: the former
/// stays with it until it is deleted.
#[derive(Debug, Clone, PartialEq)]
pub struct PatchEntry {
    /// The entry.
    pub id: EntryId,
    /// The attributes that the caller gave.
    pub attributes: Map<String, Value>,
}

impl Command for PatchEntry {
    type State = Wallet;
    /// The wallet with the entry as it will be.
    type Answer = Wallet;

    fn next(&self, wallet: &Wallet, _: &Answers, input: Input<'_>) -> Step<Wallet> {
        match self.change(wallet, input) {
            Ok((changes, entry)) => Step::commit(changes, wallet.clone().with_entry(entry)),
            Err(refusal) => refusal.into(),
        }
    }
}

impl PatchEntry {
    fn change(&self, wallet: &Wallet, input: Input<'_>) -> Result<(Vec<Change>, Entry), Refusal> {
        let entry = wallet.entry(self.id).ok_or_else(Refusal::not_found)?;
        let mut entry = entry.clone();
        let mut head = wallet.head.clone();
        let former = entry.record.text("payment_source_token").map(str::to_owned);
        for (name, value) in &self.attributes {
            let is_token = matches!(name.as_str(), "payment_source_token" | "customer_token");
            if is_token && value.as_str().is_none_or(str::is_empty) {
                return Err(Refusal::invalid(format!("{name} - can't be blank")).at_attribute(name));
            }
            entry.record.set(name, value.clone());
        }
        let owed = self.replace_token(wallet.customer, &mut head, &mut entry, former, input)?;
        let token = entry.record.text("payment_source_token").map(str::to_owned);
        let claimed = token.map(|token| Change::ClaimToken {
            customer: wallet.customer,
            gateway: entry.state.gateway,
            token,
        });
        entry.record.updated_at = input.now;
        head.note_write(&entry.record);
        let place = Place::Wallet(wallet.customer);
        let mut changes = vec![
            Change::PutHead(wallet.customer, head),
            Change::put(entry.to_record(), place),
        ];
        changes.extend(claimed.filter(|_| self.attributes.contains_key("payment_source_token")));
        changes.extend(owed.into_iter().map(Change::Owe));
        Ok((changes, entry))
    }

    /// Where the entry has another token than the former, the head knows it from now on. Returns what
    /// the gateway is to forget, where too many tokens have been superseded.
    fn replace_token(
        &self,
        customer: CustomerId,
        head: &mut Head,
        entry: &mut Entry,
        former: Option<String>,
        input: Input<'_>,
    ) -> Result<Vec<Operation>, Refusal> {
        let token = entry.record.text("payment_source_token").map(str::to_owned);
        let Some(token) = token.filter(|it| former.as_ref() != Some(it)) else {
            return Ok(Vec::new());
        };
        if !head.replace_token(self.id, &token, input.lookup) {
            let refusal = Refusal::invalid("Another entry of this wallet has this token.");
            return Err(refusal.at_attribute("payment_source_token"));
        }
        let gateway = entry.state.gateway;
        if head.is_forgetting(gateway, &token, input.lookup) {
            let refusal = Refusal::invalid("The gateway is forgetting this token.");
            return Err(refusal.at_attribute("payment_source_token"));
        }
        entry.state.lost = None;
        entry.state.superseded_tokens.retain(|it| *it != *token);
        let former = former.map(Token::new);
        entry.state.superseded_tokens.extend(former);
        let surplus = entry.cap_superseded();
        for token in &surplus {
            head.begin_forgetting(gateway, token.expose(), input.lookup);
        }
        let owed = surplus
            .iter()
            .filter_map(|it| forget(customer, entry, it.expose(), input.now));
        Ok(owed.collect())
    }
}

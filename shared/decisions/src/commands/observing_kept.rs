//! What a gateway keeps for a wallet may change there without anybody's asking here: a bank gives the card another
//! number or expiry, somebody detaches it, or deletes the customer. It is read, and the entries that stand on it take
//! what is read.

use domain::gateway::{
    GatewayAnswer, GatewayCall, GatewayKind, GatewayRequest, KeptThere, Reusable, Settings,
};
use domain::record::{Place, Record};
use domain::refusal::{Code, Refusal};
use domain::wallet::{CardKeys, Entry, Lost, Wallet};
use domain::{GatewayId, Tenant};

use crate::{Answers, Ask, Change, Command, Input, Step};

/// What a gateway keeps for a wallet is to be read, and its state taken. An entry that is lost stays where it is: it
/// says why it cannot be used.
#[derive(Debug, Clone, PartialEq)]
pub struct ObserveKept {
    /// The organization and mode whose wallet it is.
    pub tenant: Tenant,
    /// The gateway's record.
    pub gateway: Record,
    /// What is read.
    pub kept: KeptThere,
}

impl Command for ObserveKept {
    type State = Wallet;
    type Answer = ();

    fn next(&self, wallet: &Wallet, answers: &Answers, input: Input<'_>) -> Step<()> {
        if !wallet.entries.iter().any(|it| self.is_on(it)) {
            return Step::Answer(Box::new(()));
        }
        let request = GatewayRequest::ReadKept {
            kept: self.kept.clone(),
        };
        match answers.to(&request) {
            None => self.ask(wallet, request, input),
            Some(Ok(GatewayAnswer::Reusable(shown))) => self.take(wallet, input, |entry| {
                let is_theirs = entry.record.text("customer_token") == Some(&shown.customer_token);
                if is_theirs {
                    entry.take_shown(shown);
                }
                Some(shown).filter(|_| is_theirs)
            }),
            Some(Ok(GatewayAnswer::Lost(detail))) => self.take(wallet, input, |entry| {
                entry.state.lost.get_or_insert_with(|| Lost {
                    detail: detail.clone(),
                    since: input.now,
                });
                None
            }),
            // A customer who is there says nothing of what is saved for them; and what a gateway knows nothing of it
            // has not lost.
            Some(Ok(GatewayAnswer::Customer(_)) | Err(_)) => Step::Answer(Box::new(())),
            Some(Ok(_)) => {
                Refusal::new(Code::InternalError, "The gateway's answer does not fit.").into()
            }
        }
    }
}

impl ObserveKept {
    /// Whether an entry stands on it. A token that a newer one has replaced shows in no entry.
    fn is_on(&self, entry: &Entry) -> bool {
        let (name, reference) = match &self.kept {
            KeptThere::Source(token) => ("payment_source_token", token),
            KeptThere::Customer(token) => ("customer_token", token),
        };
        entry.state.gateway == self.gateway.id && entry.record.text(name) == Some(reference)
    }

    fn ask(&self, wallet: &Wallet, request: GatewayRequest, input: Input<'_>) -> Step<()> {
        let kind = match GatewayKind::of(&self.gateway) {
            Ok(kind) => kind,
            Err(corrupt) => return corrupt.to_refusal().into(),
        };
        let call = GatewayCall {
            tenant: self.tenant,
            gateway: GatewayId::new(self.gateway.id),
            kind,
            settings: Settings::of(Some(&self.gateway)),
            subject: wallet.customer.into(),
            attempt: 0,
            request,
            noted: None,
            table: input.table.clone(),
        };
        let noted = Vec::new();
        Step::Ask(Box::new(Ask { call, noted }))
    }

    /// Has the entries that stand on it changed, and writes those that differ by it. `change` gives what the gateway
    /// shows of a card.
    fn take<'r>(
        &self,
        wallet: &Wallet,
        input: Input<'_>,
        change: impl Fn(&mut Entry) -> Option<&'r Reusable>,
    ) -> Step<()> {
        let mut head = wallet.head.clone();
        let mut written = Vec::new();
        for entry in wallet.entries.iter().filter(|it| self.is_on(it)) {
            let mut changed = entry.clone();
            let shown = change(&mut changed);
            if changed == *entry {
                continue;
            }
            if let Some(shown) = shown {
                let keys = CardKeys::of(shown, entry.state.gateway, input.lookup);
                head.renew_card(entry.id(), keys);
            }
            changed.record.updated_at = input.now;
            head.note_write(&changed.record);
            let place = Place::Wallet(wallet.customer);
            written.push(Change::put(changed.to_record(), place));
        }
        if written.is_empty() {
            return Step::Answer(Box::new(()));
        }
        written.insert(0, Change::PutHead(wallet.customer, head));
        Step::commit(written, ())
    }
}

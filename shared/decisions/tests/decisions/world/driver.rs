//! Carrying out commands as the service does: decide, note, call, decide again, commit.

use decisions::commands::{DeleteEntry, DropReused, PatchEntry};
use decisions::{Answers, Change, Command, DocumentWriter, Input, Step};
use domain::Id;
use domain::lookup::LookupKey;
use domain::purchase::Purchase;
use domain::refusal::{Code, Refusals};
use domain::source::PaymentSource;
use domain::transaction::Transaction;
use domain::wallet::{Entry, Wallet};
use domain::{EntryId, OrderId, Refusal, TableMark, Timestamp};
use gatehouse::user_url::TrustedOrigins;
use serde_json::{Value, json};

use super::{Asked, Ended, World, id, refusal};

/// How often a command that lost against another request is decided.
const MOST_ATTEMPTS: usize = 4;

/// Writes documents that are never twice the same.
struct Writer(Timestamp, usize);

impl DocumentWriter for Writer {
    fn document(&self, purchase: &Purchase, source: &PaymentSource, include: &[&str]) -> Value {
        json!({
            "source": source.id().as_str(),
            "order": purchase.order().id().as_str(),
            "token": source.shopper_token(),
            "include": include,
            "written_at": self.0.to_string(),
            "number": self.1,
        })
    }

    fn transaction(&self, purchase: &Purchase, transaction: &Transaction) -> Value {
        json!({
            "transaction": transaction.record.id.as_str(),
            "attributes": transaction.record.attributes,
            "order": purchase.order().id().as_str(),
            "written_at": self.0.to_string(),
            "number": self.1,
        })
    }
}

/// The key of the lookup hashes.
pub fn lookup() -> LookupKey {
    LookupKey::new([7; 32])
}

/// Why a decision came to no end.
enum Stopped {
    Conflict,
    Ended(Ended),
}

impl From<Refusal> for Stopped {
    fn from(refusal: Refusal) -> Self {
        Self::Ended(Ended::Refused(refusal))
    }
}

/// Most decisions refuse for one reason at a time; placing tells all that is missing.
fn refused(refusals: &Refusals) -> Ended {
    let refusals: Vec<_> = refusals.iter().cloned().collect();
    match &refusals[..] {
        [refusal] => Ended::Refused(refusal.clone()),
        _ => Ended::RefusedFor(refusals),
    }
}

fn only(refusals: &Refusals) -> Refusal {
    match refused(refusals) {
        Ended::Refused(refusal) => refusal,
        other => panic!("not one refusal: {other:?}"),
    }
}

impl World {
    /// Carries out a command.
    pub fn run(&mut self, command: &impl Asked) -> Result<Purchase, Ended> {
        self.run_while(command, |_| {})
    }

    /// Carries out a command; `meanwhile` happens before its first commit that ends it.
    pub fn run_while(
        &mut self,
        command: &impl Asked,
        meanwhile: impl FnOnce(&mut Self),
    ) -> Result<Purchase, Ended> {
        let read = self.read_for(command);
        self.run_on(read, command, meanwhile)
    }

    /// Carries out a command that has read this at first.
    pub fn run_on(
        &mut self,
        mut read: Purchase,
        command: &impl Asked,
        meanwhile: impl FnOnce(&mut Self),
    ) -> Result<Purchase, Ended> {
        self.fresh += 1;
        let fresh = id(&format!("fresh {}", self.fresh));
        let mut meanwhile = Some(meanwhile);
        let mut answers = Answers::default();
        for _ in 0..MOST_ATTEMPTS {
            match self.attempt(&read, command, fresh, &mut answers, &mut meanwhile) {
                Ok(purchase) => return Ok(purchase),
                Err(Stopped::Ended(ended)) => return Err(ended),
                Err(Stopped::Conflict) => answers = answers.into_noted(),
            }
            read = self.read_for(command);
        }
        Err(Ended::Contended)
    }

    fn attempt(
        &mut self,
        read: &Purchase,
        command: &impl Asked,
        fresh: Id,
        answers: &mut Answers,
        meanwhile: &mut Option<impl FnOnce(&mut Self)>,
    ) -> Result<Purchase, Stopped> {
        for _ in 0..8 {
            match self.decide(command, read, answers, fresh) {
                Step::Answer(purchase) => return Ok(*purchase),
                Step::Refuse(refusals) => return Err(Stopped::Ended(refused(&refusals))),
                Step::ReadAgain => return Err(Stopped::Conflict),
                Step::Ask(ask) => {
                    if !ask.noted.is_empty() && !self.commit(&ask.noted) {
                        return Err(Stopped::Conflict);
                    }
                    let answer = self.gateway.perform(&ask.call);
                    let answer = answer.map_err(|_| Stopped::Ended(Ended::Unanswered))?;
                    answers.keep(ask.call.request, answer);
                }
                Step::Commit(commit) => {
                    if let Some(meanwhile) = meanwhile.take() {
                        meanwhile(self);
                    }
                    if !self.commit(&commit.changes) {
                        return Err(Stopped::Conflict);
                    }
                    self.move_at_once(&commit.changes);
                    return commit.answer.map(|it| *it).map_err(Stopped::from);
                }
            }
        }
        panic!("eight steps and no end")
    }

    /// The next step of a command.
    pub fn decide(
        &mut self,
        command: &impl Asked,
        read: &Purchase,
        answers: &Answers,
        fresh: Id,
    ) -> Step<Purchase> {
        self.fresh += 1;
        let writer = Writer(self.now, self.fresh);
        let input = Input {
            caller: &self.caller,
            now: self.now,
            lookup: &lookup(),
            table: &TableMark::NONE,
            fresh,
            secret: "5ec4e7",
            documents: &writer,
            trusted_origins: &TrustedOrigins::default(),
        };
        command.next(read, answers, input).resting_on(read)
    }

    /// What the service reads for a command.
    pub fn read_for(&self, command: &impl Asked) -> Purchase {
        let has_transactions = self.order.state.transactions > 0;
        let mut read = match command.children(self) || has_transactions {
            true => self.read_whole(),
            false => self.read(command.source()),
        };
        read.wallet = read.wallet.filter(|_| command.wallet());
        read
    }

    /// The order's whole partition, and those around it.
    pub fn read_whole(&self) -> Purchase {
        let mut read = self.read(None);
        read.partition.superseded.clone_from(&self.superseded);
        let children = self.children.iter().chain(&self.transactions);
        read.partition.children = Some(children.cloned().collect());
        read
    }

    /// What decisions that are no commands are given.
    pub fn with_input<T>(&mut self, decide: impl FnOnce(Input<'_>) -> T) -> T {
        self.fresh += 1;
        let writer = Writer(self.now, self.fresh);
        decide(Input {
            caller: &self.caller,
            now: self.now,
            lookup: &lookup(),
            table: &TableMark::NONE,
            fresh: id(&format!("fresh {}", self.fresh)),
            secret: "5ec4e7",
            documents: &writer,
            trusted_origins: &TrustedOrigins::default(),
        })
    }

    /// The requests of `command` alone, by name.
    pub fn asked_by(&mut self, command: &impl Asked) -> Vec<&'static str> {
        let before = self.gateway.calls.len();
        self.run(command).unwrap();
        self.asked().split_off(before)
    }

    /// Runs a command that is refused, and tells with which code and where. Nothing was written, and
    /// no gateway was asked.
    pub fn refuses(&mut self, command: &impl Asked) -> (Code, String) {
        let (commits, calls) = (self.commits.len(), self.gateway.calls.len());
        let refusal = refusal(self.run(command));
        assert_eq!(self.commits.len(), commits, "written: {refusal:?}");
        assert_eq!(self.gateway.calls.len(), calls, "asked: {refusal:?}");
        refusal
    }

    /// Deletes a saved source: open orders lose what was made from it first.
    pub fn delete(&mut self, entry: EntryId) -> Result<(), Ended> {
        self.delete_while(entry, |_| {})
    }

    /// Deletes a saved source; `meanwhile` happens before the commit that deletes it.
    pub fn delete_while(
        &mut self,
        entry: EntryId,
        meanwhile: impl FnOnce(&mut Self),
    ) -> Result<(), Ended> {
        let read = self.wallet().clone();
        self.delete_on(read, entry, meanwhile)
    }

    /// Deletes a saved source, having read this at first.
    pub fn delete_on(
        &mut self,
        mut wallet: Wallet,
        entry: EntryId,
        meanwhile: impl FnOnce(&mut Self),
    ) -> Result<(), Ended> {
        let mut meanwhile = Some(meanwhile);
        for _ in 0..MOST_ATTEMPTS {
            let (changes, ()) = self
                .of_wallet(&wallet, &DeleteEntry { id: entry })
                .map_err(Ended::Refused)?;
            let orders = wallet.head.line(entry).map(|it| it.orders.clone());
            for order in orders.unwrap_or_default() {
                self.drop_from(order, entry)?;
            }
            if let Some(meanwhile) = meanwhile.take() {
                meanwhile(self);
            }
            if self.commit(&changes) {
                return Ok(());
            }
            wallet = self.wallet().clone();
        }
        Err(Ended::Contended)
    }

    fn drop_from(&mut self, order: OrderId, entry: EntryId) -> Result<(), Ended> {
        let here = self.order.id();
        self.visit(order);
        let mut dropped = self.run(&DropReused { entry, ask: true });
        if dropped == Err(Ended::Unanswered) {
            dropped = self.run(&DropReused { entry, ask: false });
        }
        self.visit(here);
        match dropped {
            // A captured payment stays on its order.
            Ok(_) | Err(Ended::Refused(_)) => Ok(()),
            Err(ended) => Err(ended),
        }
    }

    /// Changes a saved source.
    pub fn patch(&mut self, entry: EntryId, attributes: &Value) -> Result<Entry, Refusal> {
        let read = self.wallet().clone();
        self.patch_on(read, entry, attributes)
    }

    /// Changes a saved source, having read this at first.
    pub fn patch_on(
        &mut self,
        mut wallet: Wallet,
        entry: EntryId,
        attributes: &Value,
    ) -> Result<Entry, Refusal> {
        let command = PatchEntry {
            id: entry,
            attributes: attributes.as_object().unwrap().clone(),
        };
        for _ in 0..MOST_ATTEMPTS {
            let (changes, patched) = self.of_wallet(&wallet, &command)?;
            assert!(matches!(changes[0], Change::PutHead(..)), "unguarded");
            if self.commit(&changes) {
                return Ok(patched.entry(entry).unwrap().clone());
            }
            wallet = self.wallet().clone();
        }
        panic!("contended")
    }

    /// What deleting a saved source writes.
    pub fn deletion(&mut self, entry: EntryId) -> Vec<Change> {
        let read = self.wallet().clone();
        self.of_wallet(&read, &DeleteEntry { id: entry }).unwrap().0
    }

    /// What a command about the wallet alone writes, and its answer.
    fn of_wallet<C: Command<State = Wallet>>(
        &mut self,
        wallet: &Wallet,
        command: &C,
    ) -> Result<(Vec<Change>, C::Answer), Refusal> {
        let answers = Answers::default();
        let step = self.with_input(|input| command.next(wallet, &answers, input));
        match step.resting_on(wallet) {
            Step::Commit(commit) => Ok((commit.changes, *commit.answer?)),
            Step::Refuse(refusals) => Err(only(&refusals)),
            _ => panic!("neither written nor refused"),
        }
    }
}

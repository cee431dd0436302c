//! Carrying out commands as the service does: decide, note, call, decide again, commit.

use domain::Id;
use domain::commands::{Change, DropReused, Given, Present, Step, delete_entry, patch_entry};
use domain::gateway::Answers;
use domain::lookup::LookupKey;
use domain::purchase::Purchase;
use domain::refusal::Code;
use domain::source::PaymentSource;
use domain::wallet::Entry;
use domain::{Refusal, Timestamp};
use serde_json::{Value, json};

use super::{Asked, Ended, World, id, refusal};

/// How often a command that lost against another request is decided.
const MOST_ATTEMPTS: usize = 4;

/// Writes documents that are never twice the same.
struct Presenter(Timestamp, usize);

impl Present for Presenter {
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
        match refusal.code {
            Code::Conflict => Self::Conflict,
            _ => Self::Ended(Ended::Refused(refusal)),
        }
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
        self.fresh += 1;
        let fresh = id(&format!("fresh {}", self.fresh));
        let mut meanwhile = Some(meanwhile);
        let mut answers = Answers::default();
        for _ in 0..MOST_ATTEMPTS {
            match self.attempt(command, fresh, &mut answers, &mut meanwhile) {
                Ok(purchase) => return Ok(purchase),
                Err(Stopped::Ended(ended)) => return Err(ended),
                Err(Stopped::Conflict) => answers = answers.into_noted(),
            }
        }
        Err(Ended::Contended)
    }

    fn attempt(
        &mut self,
        command: &impl Asked,
        fresh: Id,
        answers: &mut Answers,
        meanwhile: &mut Option<impl FnOnce(&mut Self)>,
    ) -> Result<Purchase, Stopped> {
        let read = self.read_for(command);
        for _ in 0..8 {
            match self.decide(command, &read, answers, fresh) {
                Step::Answer(purchase) => return Ok(*purchase),
                Step::Refuse(refusal) => return Err(refusal.into()),
                Step::Call(ask) => {
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
    ) -> Step {
        self.fresh += 1;
        let presenter = Presenter(self.now, self.fresh);
        let given = Given {
            caller: &self.caller,
            now: self.now,
            lookup: &lookup(),
            fresh,
            present: &presenter,
        };
        command.next(read, answers, given)
    }

    /// What the service reads for a command.
    pub fn read_for(&self, command: &impl Asked) -> Purchase {
        match command.children(self) {
            true => self.read_whole(),
            false => self.read(command.source()),
        }
    }

    /// The order's whole partition, and those around it.
    pub fn read_whole(&self) -> Purchase {
        let mut read = self.read(None);
        read.partition.superseded.clone_from(&self.superseded);
        read.partition.children = Some(self.children.clone());
        read
    }

    /// What decisions that are no commands are given.
    pub fn with_given<T>(&mut self, decide: impl FnOnce(Given<'_>) -> T) -> T {
        self.fresh += 1;
        let presenter = Presenter(self.now, self.fresh);
        decide(Given {
            caller: &self.caller,
            now: self.now,
            lookup: &lookup(),
            fresh: id(&format!("fresh {}", self.fresh)),
            present: &presenter,
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
    pub fn delete(&mut self, entry: Id) -> Result<(), Ended> {
        self.delete_while(entry, |_| {})
    }

    /// Deletes a saved source; `meanwhile` happens before the commit that deletes it.
    pub fn delete_while(
        &mut self,
        entry: Id,
        meanwhile: impl FnOnce(&mut Self),
    ) -> Result<(), Ended> {
        let mut meanwhile = Some(meanwhile);
        for _ in 0..MOST_ATTEMPTS {
            let wallet = self.wallet().clone();
            let changes = delete_entry(&wallet, entry, &lookup(), self.now);
            let changes = changes.map_err(Ended::Refused)?;
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
        }
        Err(Ended::Contended)
    }

    fn drop_from(&mut self, order: Id, entry: Id) -> Result<(), Ended> {
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
    pub fn patch(&mut self, entry: Id, attributes: &Value) -> Result<Entry, Refusal> {
        let attributes = attributes.as_object().unwrap();
        let (changes, entry) = patch_entry(self.wallet(), entry, attributes, &lookup(), self.now)?;
        assert!(matches!(changes[0], Change::PutHead(..)), "unguarded");
        assert!(self.commit(&changes));
        Ok(entry)
    }
}

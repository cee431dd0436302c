//! Asking the card's bank.

use serde_json::{Map, Value};

use crate::ids::Ids;

use super::super::cards::{Behaviour, Card, Decline, Token, token};
use super::super::error::Refusal;
use super::super::instruments;
use super::super::objects::instrument::Instrument;
use super::super::objects::payment::{Action, ActionKind, Payment, Status};
use super::super::spelling::new_id;
use super::super::state::Account;

/// The delay of the answer to a slow token.
const SLOW_MS: u64 = 60_000;

/// The card that is charged, and how it was named.
pub(in super::super) struct Means {
    pub(in super::super) card: Card,
    /// `tok_…`, where the card is a new one.
    pub(in super::super) token: Option<String>,
    /// `src_…`, where the card is a stored one.
    pub(in super::super) instrument: Option<String>,
    pub(in super::super) delay_ms: u64,
}

/// A payment to be made.
pub(in super::super) struct Purchase {
    pub(in super::super) means: Means,
    pub(in super::super) amount: i64,
    pub(in super::super) currency: String,
    pub(in super::super) captures: bool,
    pub(in super::super) three_ds: bool,
    /// False for payments that the merchant makes on its own.
    pub(in super::super) is_shopper_there: bool,
    pub(in super::super) customer: Option<String>,
    /// True if a new card is stored.
    pub(in super::super) stores: bool,
    pub(in super::super) given: Map<String, Value>,
}

enum Verdict {
    Approved,
    Declined(Decline),
    /// The bank asks its customer.
    Asks,
}

/// The card of a token. The payment uses the token up, approved or not.
pub(in super::super) fn card_of(account: &Account, text: &str, now: i64) -> Result<Means, Refusal> {
    let (card, delay_ms) = match token(text, now) {
        Token::Card(card) => (card, 0),
        Token::SlowCard(card) => (card, SLOW_MS),
        Token::Expired => return Err(Refusal::invalid("token_expired")),
        Token::Invalid => return Err(Refusal::invalid("token_invalid")),
    };
    if account.used_tokens.contains(text) {
        return Err(Refusal::invalid("token_used"));
    }
    Ok(Means {
        card,
        token: Some(text.to_owned()),
        instrument: None,
        delay_ms,
    })
}

/// Makes the payment; `ordered` is a decline whatever the card's bank would say.
pub(in super::super) fn charge(
    account: &mut Account,
    ids: &Ids,
    now: i64,
    purchase: Purchase,
    ordered: Option<Decline>,
) -> Payment {
    let verdict = match ordered {
        Some(decline) => Verdict::Declined(decline),
        None => ask_bank(&purchase, now),
    };
    account.used_tokens.extend(purchase.means.token.clone());
    let asks = matches!(verdict, Verdict::Asks);
    let mut payment = Payment {
        id: new_id(ids, "pay_"),
        authentication: asks.then(|| new_id(ids, "sid_")),
        status: Status::Pending,
        amount: purchase.amount,
        currency: purchase.currency,
        captures: purchase.captures,
        three_ds: purchase.three_ds,
        customer: purchase.customer,
        card: purchase.means.card,
        stores: purchase.stores && purchase.means.instrument.is_none(),
        instrument: purchase.means.instrument,
        captured: 0,
        voided: 0,
        refunded: 0,
        is_final: false,
        requested_on: now,
        actions: Vec::new(),
        accepted: Vec::new(),
        given: purchase.given,
    };
    match verdict {
        Verdict::Approved => payment.approve(account, ids, now),
        Verdict::Declined(decline) => payment.decline(ids, now, decline),
        Verdict::Asks => {}
    }
    payment
}

/// Takes the money of an approved payment that is to be captured.
pub(in super::super) fn settle(payment: &mut Payment, ids: &Ids, now: i64) {
    if payment.captures && payment.status == Status::Authorized {
        payment.captured = payment.amount;
        payment.is_final = true;
        payment.status = Status::Captured;
        payment.note(ids, now, ActionKind::Capture, None);
    }
}

fn ask_bank(purchase: &Purchase, now: i64) -> Verdict {
    let card = &purchase.means.card;
    let is_stored = purchase.means.instrument.is_some();
    if card.has_expired(now) {
        return Verdict::Declined(Decline::ExpiredCard);
    }
    match card.behaviour {
        Behaviour::Declines(decline) => Verdict::Declined(decline),
        Behaviour::DeclinesStored(decline) if is_stored => Verdict::Declined(decline),
        Behaviour::Approves | Behaviour::DeclinesStored(_) => Verdict::Approved,
        Behaviour::Authenticates if is_stored && !purchase.is_shopper_there => Verdict::Approved,
        Behaviour::Authenticates if purchase.three_ds => Verdict::Asks,
        Behaviour::Authenticates => Verdict::Declined(Decline::AuthenticationRequired),
    }
}

impl Payment {
    pub(super) fn approve(&mut self, account: &mut Account, ids: &Ids, now: i64) {
        self.note(ids, now, self.first_action(), None);
        self.status = match self.amount {
            0 => Status::CardVerified,
            _ => Status::Authorized,
        };
        if self.instrument.is_some() {
            return;
        }
        let id = new_id(ids, "src_");
        if self.stores {
            let instrument = Instrument {
                id: id.clone(),
                card: self.card.clone(),
                customer: self.customer.clone(),
                billing_address: self.given("billing_address").cloned(),
                phone: self.given("phone").cloned(),
            };
            instruments::store(account, instrument);
        }
        self.instrument = Some(id);
    }

    pub(super) fn decline(&mut self, ids: &Ids, now: i64, decline: Decline) {
        self.note(ids, now, self.first_action(), Some(decline));
        self.status = Status::Declined;
    }

    fn first_action(&self) -> ActionKind {
        match self.amount {
            0 => ActionKind::CardVerification,
            _ => ActionKind::Authorization,
        }
    }

    fn note(&mut self, ids: &Ids, now: i64, kind: ActionKind, decline: Option<Decline>) {
        self.actions.push(Action {
            id: new_id(ids, "act_"),
            kind,
            amount: self.amount,
            decline,
            at: now,
            reference: None,
            metadata: None,
        });
    }
}

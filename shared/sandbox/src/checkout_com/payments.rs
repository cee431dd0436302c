//! `/payments` (<https://api-reference.checkout.com/#tag/Payments>).

mod authenticate;
mod charge;
mod create;
mod follow_up;
mod read;
mod settle;

pub(super) use authenticate::{authenticate, challenge};
pub(super) use charge::{Purchase, card_of, charge, settle};
pub(super) use create::{THREE_DS, create};
pub(super) use follow_up::{capture, refund, void};
pub(super) use read::{actions, list, read};

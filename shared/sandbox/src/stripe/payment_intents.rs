//! The endpoints below `/v1/payment_intents`.

mod attempt;
mod authenticate;
mod bank;
mod browser;
mod confirm;
mod create;
mod expire;
mod finish;
mod read;
mod terms;
mod update;

pub(super) use authenticate::{AUTHENTICATE, authenticate};
pub(super) use bank::Visit;
pub(super) use browser::{RETRIEVE, for_browsers};
pub(super) use confirm::{CONFIRM, confirm};
pub(super) use create::{CREATE, create};
pub(super) use expire::{expire, expire_due};
pub(super) use finish::{CANCEL, CAPTURE, cancel, capture};
pub(super) use read::{LIST, list, retrieve};
pub(super) use update::{UPDATE, update};

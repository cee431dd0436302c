use domain::lookup::LookupKey;
use domain::purchase::Purchase;
use domain::source::PaymentSource;
use domain::transaction::Transaction;
use domain::{Caller, Id, TableMark, Timestamp};
use gatehouse::user_url::TrustedOrigins;
use serde_json::Value;

/// What a decision is given beside the command and the state that it rests on: the same however often
/// it is made anew.
#[derive(Clone, Copy)]
pub struct Input<'a> {
    /// Who asks.
    pub caller: &'a Caller,
    /// When the request arrived.
    pub now: Timestamp,
    /// The key of the lookup hashes.
    pub lookup: &'a LookupKey,
    /// The table that is decided about.
    pub table: &'a TableMark,
    /// An id that no record has yet.
    pub fresh: Id,
    /// A secret that nobody knows yet, 32 hexadecimal digits.
    pub secret: &'a str,
    /// Writes documents, for gateways that are told with one.
    pub documents: &'a dyn DocumentWriter,
    /// Origins that an external gateway's URLs may lead to at any address.
    pub trusted_origins: &'a TrustedOrigins,
}

/// Writes documents about payment sources.
pub trait DocumentWriter: Sync {
    /// The JSON:API document of a payment source, with what `include` names beside it.
    fn document(&self, purchase: &Purchase, source: &PaymentSource, include: &[&str]) -> Value;

    /// The JSON:API document of a transaction of the order, with the order beside it.
    fn transaction(&self, purchase: &Purchase, transaction: &Transaction) -> Value;
}

//! A customer as it is remembered.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A customer. E-mail addresses are unique, in any case of letters.
#[derive(Deserialize, Serialize)]
pub(crate) struct Customer {
    pub(crate) id: String,
    pub(crate) email: String,
    pub(crate) name: Option<Value>,
    pub(crate) phone: Option<Value>,
    pub(crate) metadata: Option<Value>,
    /// The instrument that is charged where a payment names the customer alone.
    pub(crate) default: Option<String>,
}

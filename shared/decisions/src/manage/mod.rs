//! The records that surround payments, made, changed and deleted by integrations: what a request does
//! to them, by the declarations of their types. What goes beyond a declaration is in the file of its
//! type.

mod addresses;
mod customers;
mod deleting;
mod draft;
mod gateways;
mod line_items;
mod markets;
mod orders;
mod password_resets;
mod payment_methods;

use std::collections::BTreeMap;

use domain::catalog::Catalog;
use domain::order::Order;
use domain::record::{Identifier, Placed, Record};
use domain::resource::{Attribute, Source};
use domain::resources::PAYMENT_GATEWAYS;
use domain::{Refusal, ResourceType, Write};
use serde_json::{Map, Value};

use crate::{Change, Input};

pub use addresses::{lead_country, move_addresses, require_unlocked};
pub use customers::customer_of_email;
pub use deleting::{delete, delete_customer, delete_of_order, delete_order, require_unnamed};
use draft::Draft;
pub use password_resets::{require_reset_token, reset_password};

/// What a decision about a record rests on.
#[derive(Clone, Copy)]
pub struct Basis<'a> {
    /// What every decision is given.
    pub input: Input<'a>,
    /// The catalogue as it is in the table.
    pub catalog: &'a Catalog,
    /// The records beyond the catalogue that the request names, those of them that are there.
    pub named: &'a Named,
    /// The hash of the password that the request gives.
    pub password_hash: Option<&'a str>,
    /// The order that the record is with, where what it says follows from the record.
    pub order: Option<&'a Order>,
}

/// Records that a request names, by what it calls them.
pub type Named = BTreeMap<Identifier, Placed>;

/// What a request does.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// The record as it is then.
    pub record: Record,
    /// What is to be written, all of it or nothing.
    pub changes: Vec<Change>,
    /// What becomes of the record's credentials.
    pub credentials: Credentials,
}

/// What becomes of a gateway's credentials: its write-only attributes, which are kept with the
/// secrets and never with the record.
#[derive(Clone, PartialEq)]
pub enum Credentials {
    /// They stay as they are.
    Unchanged,
    /// These are all of a new record's.
    New(Map<String, Value>),
    /// These are to be among them, in place of those of the same name.
    Merge(Map<String, Value>),
    /// They are to be gone.
    Remove,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Unchanged => "Unchanged",
            Self::New(_) => "New([secret])",
            Self::Merge(_) => "Merge([secret])",
            Self::Remove => "Remove",
        })
    }
}

/// Makes a record of type `kind`.
///
/// # Errors
/// Everything about the request that breaks a rule.
pub fn create(
    kind: ResourceType,
    write: &Write,
    basis: Basis<'_>,
) -> Result<Decision, Vec<Refusal>> {
    let record = Record::new(kind, basis.input.fresh, basis.input.now);
    let mut draft = Draft::new(record, None, basis);
    draft.require_credentials(write);
    decide(draft, write)
}

/// Changes a record.
///
/// # Errors
/// Everything about the request that breaks a rule.
pub fn change(placed: Placed, write: &Write, basis: Basis<'_>) -> Result<Decision, Vec<Refusal>> {
    let mut draft = Draft::new(placed.record, Some(placed.place), basis);
    draft.record.updated_at = basis.input.now;
    decide(draft, write)
}

/// Takes what the request gives, then what goes beyond the declaration of the record's type.
fn decide(mut draft: Draft<'_>, write: &Write) -> Result<Decision, Vec<Refusal>> {
    draft.take(write);
    match draft.record.kind {
        ResourceType::PaymentMethods => payment_methods::complete(&mut draft),
        ResourceType::StripeGateways => gateways::check_mode(&mut draft),
        ResourceType::ExternalGateways => {
            gateways::check_urls(&mut draft, write);
            gateways::give_secret(&mut draft, write);
        }
        ResourceType::Markets => markets::check_code(&mut draft),
        ResourceType::Orders => orders::complete(&mut draft),
        ResourceType::Customers => customers::complete(&mut draft),
        ResourceType::CustomerPasswordResets => password_resets::complete(&mut draft),
        ResourceType::Addresses => addresses::complete(&mut draft),
        ResourceType::LineItems | ResourceType::LineItemOptions | ResourceType::Shipments => {
            line_items::complete(&mut draft);
        }
        _ => {}
    }
    if PAYMENT_GATEWAYS.contains(&draft.record.kind) {
        gateways::begin(&mut draft);
    }
    let place = draft.place()?;
    addresses::move_in(&mut draft, place);
    Ok(draft.finish(place))
}

fn is_credential(kind: ResourceType, attribute: Attribute) -> bool {
    PAYMENT_GATEWAYS.contains(&kind) && attribute.source == Source::WriteOnly
}

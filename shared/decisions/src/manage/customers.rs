//! What customers go by beyond their declaration.

use domain::record::Record;
use domain::{Id, Refusal, ResourceType, Timestamp, Write};

use super::draft::Draft;
use super::{Basis, Decision, create};
use crate::Input;

/// Makes the customer of this e-mail address, beside what names them by it.
///
/// # Errors
/// It is no e-mail address.
pub fn customer_of_email(email: &str, basis: Basis<'_>) -> Result<Decision, Vec<Refusal>> {
    let mut write = Write::default();
    write.attributes.insert("email".to_owned(), email.into());
    let fresh = Id::derived(&["customer", basis.input.fresh.as_str()]);
    let input = Input {
        fresh,
        ..basis.input
    };
    create(ResourceType::Customers, &write, Basis { input, ..basis })
}

/// Has the customer sign in with the password of this hash from now on. Sessions that began before end with it.
pub(super) fn take_password(customer: &mut Record, hash: &str, now: Timestamp) {
    let mut state = customer.state.as_object().cloned().unwrap_or_default();
    state.insert("password_hash".to_owned(), hash.into());
    state.insert("password_set_at".to_owned(), now.to_string().into());
    customer.state = state.into();
}

pub(super) fn complete(draft: &mut Draft<'_>) {
    let record = &mut draft.record;
    if let Some(hash) = draft.basis.password_hash {
        take_password(record, hash, draft.basis.input.now);
    }
    for name in ["shopper_reference", "profile_id"] {
        if record.get(name).is_none() {
            let id = record.id.to_string();
            record.set(name, id);
        }
    }
}

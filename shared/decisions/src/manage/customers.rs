//! What customers go by beyond their declaration.

use domain::Timestamp;
use domain::record::Record;

use super::draft::Draft;

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

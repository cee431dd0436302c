//! What customers go by beyond their declaration.

use super::draft::Draft;

pub(super) fn complete(draft: &mut Draft<'_>) {
    let record = &mut draft.record;
    if let Some(hash) = draft.basis.password_hash {
        let mut state = record.state.as_object().cloned().unwrap_or_default();
        state.insert("password_hash".to_owned(), hash.into());
        // Sessions that began before end with it.
        let now = draft.basis.input.now.to_string();
        state.insert("password_set_at".to_owned(), now.into());
        record.state = state.into();
    }
    for name in ["shopper_reference", "profile_id"] {
        if record.get(name).is_none() {
            let id = record.id.to_string();
            record.set(name, id);
        }
    }
}

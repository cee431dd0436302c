//! What customers go by beyond their declaration.

use serde_json::{Value, json};

use super::draft::Draft;

pub(super) fn complete(draft: &mut Draft<'_>) {
    let record = &mut draft.record;
    if let Some(hash) = draft.basis.password_hash {
        match &mut record.state {
            Value::Object(state) => {
                state.insert("password_hash".to_owned(), hash.into());
            }
            state => *state = json!({ "password_hash": hash }),
        }
    }
    for name in ["shopper_reference", "profile_id"] {
        if record.get(name).is_none() {
            let id = record.id.to_string();
            record.set(name, id);
        }
    }
}

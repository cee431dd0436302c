//! What customers go by beyond their declaration: one e-mail address is one customer's.

use serde_json::{Value, json};

use super::Change;
use super::draft::Draft;

pub(super) fn complete(draft: &mut Draft<'_>) {
    let record = &mut draft.record;
    if let Some(hash) = draft.given.password_hash {
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
    let email = record.text("email").map(str::to_owned);
    let former = draft.former.as_ref().and_then(|it| it.text("email"));
    let former = former.map(str::to_owned);
    // The case of letters does not tell addresses apart.
    let folded = |it: &Option<String>| it.as_ref().map(|it| it.trim().to_lowercase());
    if folded(&email) == folded(&former) {
        return;
    }
    let id = draft.record.id;
    draft.beside.extend(former.map(Change::ReleaseEmail));
    let claim = email.map(|email| Change::ClaimEmail(email, id));
    draft.beside.extend(claim);
}

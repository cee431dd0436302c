//! What markets go by beyond their declaration.

use domain::Refusal;
use domain::record::Record;
use domain::resources::ResourceType;

use super::draft::Draft;

/// A token's scope names a market by its code, so that a code is one market's.
pub(super) fn check_code(draft: &mut Draft<'_>) {
    let Some(code) = draft.record.text("code") else {
        return;
    };
    let is_another = |it: &&Record| it.id != draft.record.id && it.text("code") == Some(code);
    let markets = draft.basis.catalog.of(ResourceType::Markets);
    if markets.iter().any(is_another) {
        let refusal = Refusal::taken("code").at_attribute("code");
        draft.refusals.push(refusal);
    }
}

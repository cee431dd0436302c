//! What payment methods go by beyond their declaration.

use domain::resources::rules::title;
use domain::{Refusal, ResourceType};

use super::draft::Draft;

/// The payment sources of a method are those of its gateway; its name is theirs unless it has one of
/// its own; its currency may stay open where it has a market.
pub(super) fn complete(draft: &mut Draft<'_>) {
    let record = &mut draft.record;
    let source = record.text("payment_source_type");
    let source = source.and_then(ResourceType::named);
    if let (Some(source), None) = (source, record.get("name")) {
        record.set("name", title(source));
    }
    let gateway = record.relationships.get("payment_gateway");
    if let (Some(source), Some(gateway)) = (source, gateway)
        && gateway.kind.source_kind() != Some(source)
    {
        let detail = format!("{source} do not pay through {}.", gateway.kind);
        let refusal = Refusal::invalid(detail).at_attribute("payment_source_type");
        draft.refusals.push(refusal);
    }
    let is_open = draft.record.get("currency_code").is_none();
    let has_market = draft.record.related("market").is_some();
    if is_open && !has_market && !draft.is_refused("currency_code") {
        draft.refuse_blank("currency_code");
    }
}

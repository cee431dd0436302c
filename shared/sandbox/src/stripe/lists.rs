//! Lists and their pages (<https://docs.stripe.com/api/pagination>): newest first, a cursor is an
//! object's id.

use serde_json::{Value, json};

use super::error::ApiError;
use super::fields::{Field, INTEGER, TEXT, optional};
use super::params::Params;

pub(super) const LIMIT: Field = optional("limit", INTEGER);
pub(super) const STARTING_AFTER: Field = optional("starting_after", TEXT);

/// The page that the parameters ask for, of items that are sorted newest first.
pub(super) fn page<T>(
    url: &str,
    params: Params<'_>,
    items: &[&T],
    noun: &str,
    id: impl Fn(&T) -> &str,
    render: impl Fn(&T) -> Value,
) -> Result<Value, ApiError> {
    let limit = limit(params)?;
    let place = |cursor: &str| {
        items
            .iter()
            .position(|item| id(item) == cursor)
            .ok_or_else(|| {
                let message = format!("No such {noun}: '{cursor}'");
                ApiError::parameter("starting_after", message).code("resource_missing")
            })
    };
    let from = match params.text("starting_after") {
        Some(cursor) => place(cursor)? + 1,
        None => 0,
    };
    let to = items.len().min(from + limit);
    let has_more = to < items.len();
    let data: Vec<Value> = items
        .get(from..to)
        .unwrap_or_default()
        .iter()
        .map(|item| render(item))
        .collect();
    Ok(json!({"object": "list", "data": data, "has_more": has_more, "url": url}))
}

fn limit(params: Params<'_>) -> Result<usize, ApiError> {
    let refuse = |message: &str| {
        Err(ApiError::parameter("limit", message).code("parameter_invalid_integer"))
    };
    match params.integer("limit") {
        None => Ok(10),
        Some(limit) if limit > 100 => refuse("This value must be less than or equal to 100."),
        Some(limit) => match usize::try_from(limit) {
            Ok(limit) if limit > 0 => Ok(limit),
            _ => refuse("This value must be greater than or equal to 1."),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::Form;

    fn ids(text: &str) -> (Vec<String>, bool) {
        let form = Form::parse(text.as_bytes()).unwrap();
        let items: Vec<String> = (1..=5).map(|n| format!("cus_{n}")).collect();
        let items: Vec<&String> = items.iter().collect();
        let page = page(
            "/",
            Params(&form),
            &items,
            "customer",
            |id| id.as_str(),
            |id| json!(id),
        );
        let page = page.unwrap();
        let data = serde_json::from_value(page["data"].clone()).unwrap();
        (data, page["has_more"].as_bool().unwrap())
    }

    #[test]
    fn a_cursor_leads_to_the_next_page() {
        assert_eq!(ids("limit=2"), (vec!["cus_1".into(), "cus_2".into()], true));
        let next = ids("limit=2&starting_after=cus_2");
        assert_eq!(next, (vec!["cus_3".into(), "cus_4".into()], true));
        assert_eq!(ids("starting_after=cus_4"), (vec!["cus_5".into()], false));
        assert_eq!(ids("starting_after=cus_5"), (vec![], false));
    }
}

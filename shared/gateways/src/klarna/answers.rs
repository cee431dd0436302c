//! What is used of Klarna's answers. Members that are not named here are ignored, so that a newer API
//! may add some.

use domain::TableMark;
use domain::gateway::Progress;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Of `POST /payments/v1/sessions`.
#[derive(Debug, Deserialize)]
pub(super) struct NewSession {
    pub session_id: String,
    pub client_token: String,
    pub payment_method_categories: Option<Vec<Category>>,
}

/// Of `GET /payments/v1/sessions/{id}`.
#[derive(Debug, Deserialize)]
pub(super) struct Session {
    pub order_amount: i64,
    pub purchase_currency: String,
    pub status: Option<SessionStatus>,
    pub client_token: Option<String>,
    pub payment_method_categories: Option<Vec<Category>>,
    pub merchant_reference1: Option<String>,
    pub merchant_data: Option<String>,
}

impl Session {
    /// Whether it may be this table's: no other's mark is on it.
    pub fn may_be_of(&self, table: &TableMark) -> bool {
        !is_marked_by_another(self.merchant_data.as_deref(), table)
    }
}

/// Whether the data that Klarna passes through bears another table's mark. Whoever else passes data
/// through has no mark in it.
pub(super) fn is_marked_by_another(merchant_data: Option<&str>, table: &TableMark) -> bool {
    let data: Value = serde_json::from_str(merchant_data.unwrap_or_default()).unwrap_or_default();
    !table.may_own(data[TableMark::METADATA].as_str())
}

/// Of `POST /payments/v1/authorizations/{token}/order` and `POST /customer-token/v1/tokens/{token}/order`.
#[derive(Debug, Deserialize)]
pub(super) struct PlacedOrder {
    pub order_id: String,
    /// `ACCEPTED`, `PENDING`, `REJECTED`
    pub fraud_status: Option<String>,
    pub authorized_payment_method: Option<AuthorizedPaymentMethod>,
}

/// How the shopper pays Klarna.
#[derive(Debug, Deserialize)]
pub(super) struct AuthorizedPaymentMethod {
    /// `invoice`, `card`, `direct_debit` and others.
    #[serde(rename = "type")]
    pub kind: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum SessionStatus {
    Incomplete,
    Complete,
}

/// A way to pay that the page shows. What is named here is shown, and nothing else.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub(super) struct Category {
    #[serde(skip_serializing_if = "Option::is_none")]
    identifier: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    asset_urls: Option<AssetUrls>,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
struct AssetUrls {
    #[serde(skip_serializing_if = "Option::is_none")]
    descriptive: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    standard: Option<String>,
}

/// Of `POST /payments/v1/authorizations/{token}/customer-token`.
#[derive(Debug, Deserialize)]
pub(super) struct MintedToken {
    pub token_id: String,
}

/// Of `GET /customer-token/v1/tokens/{token}`.
#[derive(Debug, Deserialize)]
pub(super) struct CustomerToken {
    pub status: TokenStatus,
    /// `INVOICE`, `CARD`, `DIRECT_DEBIT`, …
    pub payment_method_type: Option<String>,
    pub card: Option<Card>,
    pub direct_debit: Option<DirectDebit>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum TokenStatus {
    Active,
    #[serde(alias = "CANCELED")]
    Cancelled,
    Suspended,
}

#[derive(Debug, Deserialize)]
pub(super) struct Card {
    pub brand: Option<String>,
    /// `12/2030`
    pub expiry_date: Option<String>,
    /// `************1234`
    pub masked_number: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct DirectDebit {
    pub masked_number: Option<String>,
}

impl Session {
    /// A session is complete once an order was placed with it: the money is held then. Whether it was
    /// taken since is for Klarna's order management to say, not for the session.
    pub const fn progress(&self) -> Progress {
        match self.status {
            Some(SessionStatus::Complete) => Progress::Authorized,
            Some(SessionStatus::Incomplete) | None => Progress::Open,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn unknown_members_are_ignored_and_not_shown() {
        let body = json!({
            "session_id": "s", "client_token": "c", "hologram": 1,
            "payment_method_categories": [{
                "identifier": "klarna", "asset_urls": {"standard": "https://x", "huge": "y"}, "z": 1,
            }],
        });
        let session: NewSession = serde_json::from_value(body).unwrap();
        assert_eq!(
            json!(session.payment_method_categories),
            json!([{"identifier": "klarna", "asset_urls": {"standard": "https://x"}}])
        );
    }

    #[test]
    fn a_token_whose_status_is_not_known_does_not_read() {
        let token = json!({"status": "LOST"});
        assert!(serde_json::from_value::<CustomerToken>(token).is_err());
    }

    #[test]
    fn a_session_that_another_tables_mark_is_on_is_not_ours() {
        let table = TableMark {
            id: "WmOodsVPmQ".to_owned(),
            ..TableMark::NONE
        };
        for (data, is_ours) in [
            (json!(null), true),
            (json!("the shop's own"), true),
            (json!(r#"{"billfold_table":"WmOodsVPmQ"}"#), true),
            (json!(r#"{"billfold_table":"eqRZMSaNqM"}"#), false),
        ] {
            let session = json!({
                "order_amount": 100, "purchase_currency": "EUR", "merchant_data": data,
            });
            let session: Session = serde_json::from_value(session).unwrap();
            assert_eq!(session.may_be_of(&table), is_ours, "{data}");
        }
    }
}

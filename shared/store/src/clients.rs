//! Clients of the API and customers' passwords: what a token is issued for.

use decisions::Unique;
use domain::{CustomerId, Id, MarketId, ResourceType, Tenant, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::item::{from_raw, to_raw};
use crate::keys::{self, Keys};
use crate::transaction::Condition;
use crate::{Store, StoreError};

/// A client of the API: an application of the shop's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiClient {
    /// Its public id, unique among all organizations: letters, digits, `-`, `_`, `.`.
    pub client_id: String,
    /// Its record's id.
    pub id: Id,
    /// The organization and mode that it is for.
    pub tenant: Tenant,
    /// The organization's slug.
    pub slug: String,
    /// What it may do.
    pub kind: ClientKind,
    /// The hash of its secret. A sales channel in a storefront has none; one of a server's may, which
    /// then can ask for customers' tokens by assertion.
    pub secret_hash: Option<String>,
    /// The markets that it may ask for, by code; none for one that is not held to markets.
    pub markets: Vec<(String, MarketId)>,
    /// Where customers who have signed in may be sent back to with an authorization code, compared to
    /// the letter; none for one that signs in nobody.
    #[serde(default)]
    pub redirect_uris: Vec<String>,
}

/// What a client of the API may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientKind {
    /// The shop's own back end.
    Integration,
    /// A storefront.
    SalesChannel,
}

/// What a customer proves who they are with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The customer.
    pub customer: CustomerId,
    /// The hash of their password; none where they have not set one.
    pub password_hash: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct ClientItem {
    pk: String,
    sk: String,
    #[serde(rename = "type")]
    kind: String,
    version: u64,
    client: String,
}

impl Store {
    /// The client of that `client_id`. One round trip.
    ///
    /// # Errors
    /// The table does not answer, or the client does not read.
    pub async fn api_client(&self, client_id: &str) -> Result<Option<ApiClient>, StoreError> {
        let Some(key) = keys::api_client(client_id) else {
            return Ok(None);
        };
        let Some(item) = self.item(key).await? else {
            return Ok(None);
        };
        let item: ClientItem = from_raw(item)?;
        let client = serde_json::from_str(&item.client);
        client.map(Some).map_err(|error| StoreError::CorruptItem {
            pk: item.pk,
            sk: item.sk,
            problem: error.to_string(),
        })
    }

    /// Writes a new client. One round trip.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where there is one of that `client_id`; a `client_id` of other
    /// characters than it takes; the table does not answer.
    pub async fn create_api_client(&self, client: &ApiClient) -> Result<(), StoreError> {
        let key = keys::api_client(&client.client_id).ok_or_else(|| {
            StoreError::Unavailable(format!("{} is no client_id", client.client_id))
        })?;
        let text = serde_json::to_string(client)
            .map_err(|error| StoreError::Unavailable(error.to_string()))?;
        let item = to_raw(&ClientItem {
            pk: key.pk,
            sk: key.sk,
            kind: "client".to_owned(),
            version: 1,
            client: text,
        })?;
        self.transact(vec![self.put(item, Condition::Absent)?])
            .await
    }

    /// Whether there is a customer of that id. One round trip.
    ///
    /// # Errors
    /// The table does not answer.
    pub async fn customer_exists(
        &self,
        tenant: Tenant,
        id: CustomerId,
    ) -> Result<bool, StoreError> {
        let item = self.item(Keys::of(tenant).customer(id)).await?;
        Ok(item.is_some())
    }

    /// Since when the customer signs in as they do now: since their password was set last, or for ever. None
    /// where there is no customer of that id. One round trip.
    ///
    /// # Errors
    /// The table does not answer, or the customer does not read.
    pub async fn signs_in_since(
        &self,
        tenant: Tenant,
        id: CustomerId,
    ) -> Result<Option<Timestamp>, StoreError> {
        let item = self.item(Keys::of(tenant).customer(id)).await?;
        let customer = item.map(|item| self.to_record(tenant, item)).transpose()?;
        Ok(customer.map(|it| {
            let set_at = it.state.get("password_set_at").and_then(Value::as_str);
            let set_at = set_at.and_then(|text| text.parse().ok());
            set_at.unwrap_or(Timestamp::from_unix_millis(0))
        }))
    }

    /// How the customer of that e-mail proves who they are. Two round trips.
    ///
    /// # Errors
    /// The table does not answer, or the customer does not read.
    pub async fn credentials(
        &self,
        tenant: Tenant,
        email: &str,
    ) -> Result<Option<Credentials>, StoreError> {
        let keys = Keys::of(tenant);
        let unique = Unique::new(ResourceType::Customers, email);
        let Some(owner) = self.owner_of_unique(tenant, &unique).await? else {
            return Ok(None);
        };
        let Some(item) = self.item(keys.customer(CustomerId::new(owner))).await? else {
            return Ok(None);
        };
        let record = self.to_record(tenant, item)?;
        let hash = record.state.get("password_hash").and_then(|it| it.as_str());
        Ok(Some(Credentials {
            customer: CustomerId::new(owner),
            password_hash: hash.map(str::to_owned),
        }))
    }
}

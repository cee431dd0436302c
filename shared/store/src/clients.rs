//! Clients of the API and customers' passwords: what a token is issued for.

use aws_sdk_dynamodb::types::AttributeValue;
use decisions::{Permit, Unique};
use domain::record::Record;
use domain::{CustomerId, Id, MarketId, ResourceType, Tenant, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::item::{RawItem, from_raw, to_raw};
use crate::keys::{self, Key, Keys};
use crate::listing::key_of;
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

/// Whether a text can be a `client_id`: up to 128 letters, digits, `-`, `_` and `.`.
pub fn is_client_id(text: &str) -> bool {
    keys::api_client(text).is_some()
}

/// The type of a client's item.
const CLIENT: &str = "client";

fn key_of_client(client_id: &str) -> Result<Key, StoreError> {
    keys::api_client(client_id)
        .ok_or_else(|| StoreError::Unavailable(format!("{client_id} is no client_id")))
}

fn client_item(client: &ApiClient) -> Result<RawItem, StoreError> {
    let key = key_of_client(&client.client_id)?;
    let text = serde_json::to_string(client)
        .map_err(|error| StoreError::Unavailable(error.to_string()))?;
    to_raw(&ClientItem {
        pk: key.pk,
        sk: key.sk,
        kind: CLIENT.to_owned(),
        version: 1,
        client: text,
    })
}

fn client_of(item: ClientItem) -> Result<ApiClient, StoreError> {
    let client = serde_json::from_str(&item.client);
    client.map_err(|error| StoreError::CorruptItem {
        pk: item.pk,
        sk: item.sk,
        problem: error.to_string(),
    })
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
        client_of(from_raw(item)?).map(Some)
    }

    /// Writes a new client. One round trip.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where there is one of that `client_id`; a `client_id` of other
    /// characters than it takes; the table does not answer.
    pub async fn create_api_client(&self, client: &ApiClient) -> Result<(), StoreError> {
        let item = client_item(client)?;
        self.transact(vec![self.put(item, Condition::Absent)?])
            .await
    }

    /// Writes a client anew that is there. One round trip.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where there is none of that `client_id`; the table does not answer.
    pub async fn change_api_client(
        &self,
        _: &Permit,
        client: &ApiClient,
    ) -> Result<(), StoreError> {
        let item = client_item(client)?;
        self.transact(vec![self.put(item, Condition::Present)?])
            .await
    }

    /// Deletes a client: no token is issued to it any more. One round trip.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where there is none of that `client_id`; the table does not answer.
    pub async fn delete_api_client(&self, _: &Permit, client_id: &str) -> Result<(), StoreError> {
        let key = key_of_client(client_id)?;
        self.transact(vec![self.delete(&key, Condition::Present)?])
            .await
    }

    /// All clients, by `client_id`. It reads the whole table: an operator's affair, and no request's.
    ///
    /// # Errors
    /// The table does not answer, or a client does not read.
    pub async fn api_clients(&self, _: &Permit) -> Result<Vec<ApiClient>, StoreError> {
        let items = self.all_of(CLIENT).await?;
        let clients = items.into_iter().map(|item| client_of(from_raw(item)?));
        let mut clients: Vec<_> = clients.collect::<Result<_, _>>()?;
        clients.sort_by(|one, other| one.client_id.cmp(&other.client_id));
        Ok(clients)
    }

    /// All organizations, in each mode that they are made in. It reads the whole table: an operator's affair, and no
    /// request's.
    ///
    /// # Errors
    /// The table does not answer, or a record does not read.
    pub async fn organizations(&self, _: &Permit) -> Result<Vec<(Tenant, Record)>, StoreError> {
        let items = self.all_of(ResourceType::Organizations.name()).await?;
        let mut organizations = Vec::new();
        for item in items {
            let Some(tenant) = keys::tenant_of(&key_of(&item)) else {
                continue;
            };
            organizations.push((tenant, self.to_record(tenant, item)?));
        }
        organizations.sort_by_key(|(tenant, record)| (record.created_at, *tenant));
        Ok(organizations)
    }

    async fn all_of(&self, kind: &str) -> Result<Vec<RawItem>, StoreError> {
        let mut all = Vec::new();
        let mut after = None;
        loop {
            let request = self
                .client
                .scan()
                .table_name(&self.table)
                .consistent_read(true)
                .filter_expression("#type = :type")
                .expression_attribute_names("#type", "type")
                .expression_attribute_values(":type", AttributeValue::S(kind.to_owned()))
                .set_exclusive_start_key(after);
            let page = Box::pin(request.send()).await?;
            all.extend(page.items.unwrap_or_default());
            after = page.last_evaluated_key;
            if after.is_none() {
                return Ok(all);
            }
        }
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

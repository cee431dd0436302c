//! Sessions that refresh tokens carry on: one item each, which keeps a hash of the newest refresh
//! token's secret. Renewing writes the next hash in its place, so that a refresh token is good once;
//! deleting the item ends all of them.

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::{CustomerId, Tenant, Timestamp};
use serde::{Deserialize, Serialize};

use crate::item::{from_raw, to_raw};
use crate::keys::{Key, Keys};
use crate::transaction::Condition;
use crate::{Store, StoreError};

/// What a session's tokens are issued for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its id, which its refresh tokens name.
    pub id: String,
    /// The customer.
    pub owner: CustomerId,
    /// The client that alone may renew it.
    pub client_id: String,
    /// The scope that was granted.
    pub scope: String,
    /// What its access tokens carry as `custom_claim`, JSON text.
    pub custom_claim: Option<String>,
    /// When the session began.
    pub created_at: Timestamp,
}

/// The type of the items that store sessions and codes.
pub(crate) const TOKEN: &str = "token";

/// A session as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSession {
    /// What its tokens are issued for.
    pub session: Session,
    /// From when on its newest refresh token is no longer good.
    pub expires_at: Timestamp,
    secret_hash: String,
    version: u64,
}

#[derive(Serialize, Deserialize)]
struct SessionItem {
    pk: String,
    sk: String,
    #[serde(rename = "type")]
    kind: String,
    version: u64,
    owner: CustomerId,
    client_id: String,
    scope: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    custom_claim: Option<String>,
    secret_hash: String,
    created_at: Timestamp,
    expires_at: Timestamp,
    ttl: i64,
}

impl Store {
    /// Writes a new session, whose first refresh token has this secret and is good until
    /// `expires_at`. One round trip.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where there is one of that id; the table does not answer.
    pub async fn begin_session(
        &self,
        tenant: Tenant,
        session: &Session,
        secret: &str,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        let put = self.put_session(tenant, session, secret, expires_at)?;
        self.transact(vec![put]).await
    }

    pub(crate) fn put_session(
        &self,
        tenant: Tenant,
        session: &Session,
        secret: &str,
        expires_at: Timestamp,
    ) -> Result<TransactWriteItem, StoreError> {
        let item = self.session_item(tenant, session, secret, expires_at, 1);
        self.put(to_raw(&item)?, Condition::Absent)
    }

    /// The session of that id, which may have expired. One round trip.
    ///
    /// # Errors
    /// The table does not answer, or the session does not read.
    pub async fn session(
        &self,
        tenant: Tenant,
        id: &str,
    ) -> Result<Option<StoredSession>, StoreError> {
        let Some(item) = self.item(self.session_key(tenant, id)).await? else {
            return Ok(None);
        };
        let item: SessionItem = from_raw(item)?;
        Ok(Some(StoredSession {
            session: Session {
                id: id.to_owned(),
                owner: item.owner,
                client_id: item.client_id,
                scope: item.scope,
                custom_claim: item.custom_claim,
                created_at: item.created_at,
            },
            expires_at: item.expires_at,
            secret_hash: item.secret_hash,
            version: item.version,
        }))
    }

    /// Whether this is the secret of the session's newest refresh token. That of an earlier one is
    /// not.
    pub fn is_newest(&self, stored: &StoredSession, secret: &str) -> bool {
        self.secret_hash(&stored.session.id, secret) == stored.secret_hash
    }

    /// Puts a refresh token with this secret in the place of the newest. One round trip.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where the session was renewed or ended since it was read; the table
    /// does not answer.
    pub async fn renew_session(
        &self,
        tenant: Tenant,
        stored: &StoredSession,
        secret: &str,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        let version = stored.version.saturating_add(1);
        let item = self.session_item(tenant, &stored.session, secret, expires_at, version);
        let put = self.put(to_raw(&item)?, Condition::of_version(stored.version))?;
        self.transact(vec![put]).await
    }

    /// Ends a session, whichever its newest refresh token is; one that is gone stays so. One round
    /// trip.
    ///
    /// # Errors
    /// The table does not answer.
    pub async fn end_session(&self, tenant: Tenant, id: &str) -> Result<(), StoreError> {
        let delete = self.delete(
            &self.session_key(tenant, id),
            Condition::AbsentOrOfType(TOKEN),
        )?;
        self.transact(vec![delete]).await
    }

    fn session_item(
        &self,
        tenant: Tenant,
        session: &Session,
        secret: &str,
        expires_at: Timestamp,
        version: u64,
    ) -> SessionItem {
        let Key { pk, sk } = self.session_key(tenant, &session.id);
        SessionItem {
            pk,
            sk,
            kind: TOKEN.to_owned(),
            version,
            owner: session.owner,
            client_id: session.client_id.clone(),
            scope: session.scope.clone(),
            custom_claim: session.custom_claim.clone(),
            secret_hash: self.secret_hash(&session.id, secret),
            created_at: session.created_at,
            expires_at,
            ttl: expires_at.unix_seconds(),
        }
    }

    fn session_key(&self, tenant: Tenant, id: &str) -> Key {
        Keys::of(tenant).token(&self.lookup.hash(&["session", id]))
    }

    fn secret_hash(&self, id: &str, secret: &str) -> String {
        self.lookup.hash(&["refresh_token", id, secret])
    }
}

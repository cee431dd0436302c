//! Authorization codes: one item each, under a hash of the code, until it is used. The session that it
//! begins is written by the transaction that deletes it, so that a code is good once.

use domain::{CustomerId, Tenant, Timestamp};
use serde::{Deserialize, Serialize};

use crate::item::{from_raw, to_raw};
use crate::keys::{Key, Keys};
use crate::sessions::{Session, TOKEN};
use crate::transaction::Condition;
use crate::{Store, StoreError};

/// What a customer's sign-in authorized a client to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorization {
    /// The customer.
    pub owner: CustomerId,
    /// The client that alone may use the code.
    pub client_id: String,
    /// Where the code was sent to.
    pub redirect_uri: String,
    /// The scope that was granted.
    pub scope: String,
    /// The code challenge that the client's verifier has to meet.
    pub challenge: Option<String>,
}

/// A code that was not used yet, as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCode {
    /// What it stands for.
    pub authorization: Authorization,
    /// From when on it is no longer good.
    pub expires_at: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct CodeItem {
    pk: String,
    sk: String,
    #[serde(rename = "type")]
    kind: String,
    version: u64,
    owner: CustomerId,
    client_id: String,
    redirect_uri: String,
    scope: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    challenge: Option<String>,
    expires_at: Timestamp,
    ttl: i64,
}

impl Store {
    /// Keeps a new code, which is good until `expires_at`. One round trip.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where that code is kept already; the table does not answer.
    pub async fn keep_code(
        &self,
        tenant: Tenant,
        code: &str,
        authorization: &Authorization,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        let Key { pk, sk } = self.code_key(tenant, code);
        let authorization = authorization.clone();
        let item = CodeItem {
            pk,
            sk,
            kind: TOKEN.to_owned(),
            version: 1,
            owner: authorization.owner,
            client_id: authorization.client_id,
            redirect_uri: authorization.redirect_uri,
            scope: authorization.scope,
            challenge: authorization.challenge,
            expires_at,
            ttl: expires_at.unix_seconds(),
        };
        let put = self.put(to_raw(&item)?, Condition::Absent)?;
        self.transact(vec![put]).await
    }

    /// What a code stands for, which may have expired; none for one that was used. One round trip.
    ///
    /// # Errors
    /// The table does not answer, or the code does not read.
    pub async fn code(&self, tenant: Tenant, code: &str) -> Result<Option<StoredCode>, StoreError> {
        let Some(item) = self.item(self.code_key(tenant, code)).await? else {
            return Ok(None);
        };
        let item: CodeItem = from_raw(item)?;
        Ok(Some(StoredCode {
            authorization: Authorization {
                owner: item.owner,
                client_id: item.client_id,
                redirect_uri: item.redirect_uri,
                scope: item.scope,
                challenge: item.challenge,
            },
            expires_at: item.expires_at,
        }))
    }

    /// Uses a code up and writes the session that it begins, whose first refresh token has this secret
    /// and is good until `expires_at`. One round trip.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where the code was used before, or there is a session of that id; the
    /// table does not answer.
    pub async fn begin_session_by_code(
        &self,
        tenant: Tenant,
        code: &str,
        session: &Session,
        secret: &str,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        let used_up = self.delete(&self.code_key(tenant, code), Condition::Present)?;
        let begun = self.put_session(tenant, session, secret, expires_at)?;
        self.transact(vec![used_up, begun]).await
    }

    fn code_key(&self, tenant: Tenant, code: &str) -> Key {
        Keys::of(tenant).token(&self.lookup.hash(&["authorization_code", code]))
    }
}

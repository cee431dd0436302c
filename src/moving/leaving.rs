//! What is written of what leaves a table.

use domain::moving::{is_token, without_tokens};
use domain::record::{Corrupt, Record};
use domain::resources::PAYMENT_GATEWAYS;
use domain::{Tenant, Timestamp};
use serde_json::{Value, json};
use store::{Moved, Store, StoreError};

use super::file::{FORMAT, Header, Line, TokensFor, WrittenRecord};
use super::keys::{CannotOpen, PublicKey};
use super::sealed::{change_tokens, place_of, seal};

/// What becomes of tokens.
#[derive(Debug, Clone)]
pub enum Tokens {
    /// They are left out.
    Left,
    /// They are sealed for this key.
    For(PublicKey),
}

/// Why something is not written.
#[derive(Debug, thiserror::Error)]
pub enum LeavingError {
    /// A record does not read.
    #[error(transparent)]
    Corrupt(#[from] Corrupt),
    /// The key does not seal.
    #[error("tokens cannot be sealed for this key")]
    Key,
    /// The table.
    #[error(transparent)]
    Table(#[from] StoreError),
}

/// What leaves a table.
pub struct Leaving {
    tenant: Tenant,
    now: Timestamp,
    tokens: Tokens,
}

impl Leaving {
    /// What is the tenant's leaves at `now`.
    pub const fn new(tenant: Tenant, now: Timestamp, tokens: Tokens) -> Self {
        Self {
            tenant,
            now,
            tokens,
        }
    }

    /// The header of the file.
    ///
    /// # Errors
    /// The table does not answer; the key does not seal.
    pub async fn header(&self, store: &Store) -> Result<Header, LeavingError> {
        let text = Header::lookup_text(self.tenant.organization, self.now);
        let tokens = match &self.tokens {
            Tokens::Left => None,
            Tokens::For(key) => Some(TokensFor {
                key: key.text(),
                check: self.sealed(&json!("billfold"), key, "header", "check", "")?,
            }),
        };
        Ok(Header {
            format: FORMAT,
            organization: self.tenant.organization,
            mode: self.tenant.mode,
            exported_at: self.now,
            billfold: env!("CARGO_PKG_VERSION").to_owned(),
            table: store.mark().await?.id,
            lookup: store.lookup().hash(&text.each_ref().map(String::as_str)),
            tokens,
        })
    }

    /// The line of what is moved; none for what is not without tokens.
    ///
    /// # Errors
    /// A record does not read; the key does not seal.
    pub fn line(&self, moved: Moved) -> Result<Option<Line>, LeavingError> {
        Ok(Some(match moved {
            Moved::Record(placed) => {
                let record = self.record(placed.record)?;
                Line::Record(Box::new(WrittenRecord::of(record, Some(placed.place))))
            }
            Moved::GatewayCustomer { customer, made } => {
                let Tokens::For(key) = &self.tokens else {
                    return Ok(None);
                };
                let gateway = made.gateway;
                let at = (customer.to_string(), gateway.to_string());
                let token = Value::from(made.token);
                Line::GatewayCustomer {
                    customer,
                    gateway,
                    version: made.version,
                    token: self.sealed(&token, key, "gateway_customer", &at.0, &at.1)?,
                }
            }
            Moved::Head { customer, head } => Line::Wallet {
                customer,
                version: head.version,
                head,
            },
            Moved::Operation(mut record) => {
                // Whoever knows the payment can release it.
                record.set("payment", Value::Null);
                Line::Operation(Box::new(WrittenRecord::of(*record, None)))
            }
            Moved::OrderNumber(number) => Line::OrderNumber(number),
        }))
    }

    /// The record without credentials, and without tokens or with sealed ones.
    fn record(&self, mut record: Record) -> Result<Record, LeavingError> {
        let kind = record.kind;
        if PAYMENT_GATEWAYS.contains(&kind) {
            record.attributes.retain(|name, _| !is_token(kind, name));
        }
        let key = match &self.tokens {
            Tokens::Left => return Ok(without_tokens(record, self.now)?),
            Tokens::For(key) => key,
        };
        let id = record.id;
        let sealed = change_tokens(&mut record, &|value, path| {
            seal(
                value,
                key,
                &place_of(self.tenant, kind.name(), id.as_str(), path),
            )
        });
        sealed.map_err(|CannotOpen| LeavingError::Key)?;
        Ok(record)
    }

    fn sealed(
        &self,
        value: &Value,
        key: &PublicKey,
        name: &str,
        id: &str,
        path: &str,
    ) -> Result<Value, LeavingError> {
        let place = place_of(self.tenant, name, id, path);
        seal(value, key, &place).map_err(|CannotOpen| LeavingError::Key)
    }
}

//! What gateways send by themselves: signed as each vendor signs, over the raw bytes. An event is read for what it
//! is about; how the payment stands is read at the gateway. A shop's own gateway alone is believed what it says.

mod checkout_com;
mod external;
pub(crate) mod klarna;
mod stripe;

use aws_lc_rs::{constant_time, hmac};
use decisions::{GatewayEvent, NotAnEvent, ReadEvent, SentEvent};
use domain::gateway::GatewayKind;
use domain::record::Record;
use domain::{BoxFuture, GatewayId, Tenant, Timestamp};
use secrecy::ExposeSecret;
use secrets::{SecretError, credentials_name};
use serde::Deserialize;

use crate::Gateways;

/// The part of a gateway's credentials that its events are known by.
#[derive(Deserialize)]
struct Kept {
    /// What they are signed with. During a rotation there are two, with a space between them.
    #[serde(default)]
    webhook_endpoint_secret: String,
    /// Klarna's.
    #[serde(default)]
    api_secret: String,
}

impl ReadEvent for Gateways {
    fn read_event<'a>(
        &'a self,
        tenant: Tenant,
        gateway: &'a Record,
        sent: SentEvent<'a>,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<GatewayEvent, NotAnEvent>> {
        Box::pin(async move {
            let kind = GatewayKind::of(gateway);
            let kind = kind.map_err(|it| NotAnEvent::NotUnderstood(it.to_string()))?;
            let is_sent = match kind {
                GatewayKind::Stripe => {
                    let secrets = self.event_secrets(tenant, gateway).await?;
                    secrets.any(|secret| stripe::is_signed(secret, sent, now))
                }
                GatewayKind::CheckoutCom => {
                    let secrets = self.event_secrets(tenant, gateway).await?;
                    secrets.any(|secret| checkout_com::is_signed(secret, sent))
                }
                GatewayKind::Klarna => {
                    let path = tenant.events_path(GatewayId::new(gateway.id));
                    let kept = self.kept(tenant, gateway).await?;
                    !kept.api_secret.is_empty() && klarna::is_told(&kept.api_secret, &path, sent)
                }
                GatewayKind::External => {
                    let secret = gateway.text("shared_secret").unwrap_or_default();
                    !secret.is_empty() && external::is_signed(secret, sent)
                }
            };
            if !is_sent {
                return Err(NotAnEvent::Forged);
            }
            match kind {
                GatewayKind::Stripe => stripe::read(sent.body),
                GatewayKind::CheckoutCom => checkout_com::read(sent.body),
                GatewayKind::Klarna => klarna::read(sent.body),
                GatewayKind::External => external::read(sent.body),
            }
        })
    }
}

impl Gateways {
    async fn kept(&self, tenant: Tenant, gateway: &Record) -> Result<Kept, NotAnEvent> {
        let name = credentials_name(tenant, gateway.id);
        let secret = match self.secrets.get(&name).await {
            Ok(secret) => secret,
            Err(SecretError::Missing(_)) => return Err(NotAnEvent::NoSecret),
            Err(error) => return Err(NotAnEvent::Unavailable(error.to_string())),
        };
        serde_json::from_str(secret.expose_secret()).map_err(|_| NotAnEvent::NoSecret)
    }

    async fn event_secrets(&self, tenant: Tenant, gateway: &Record) -> Result<Secrets, NotAnEvent> {
        let kept = self.kept(tenant, gateway).await?.webhook_endpoint_secret;
        match kept.trim().is_empty() {
            true => Err(NotAnEvent::NoSecret),
            false => Ok(Secrets(kept)),
        }
    }
}

/// The secrets that a vendor may have signed with.
struct Secrets(String);

impl Secrets {
    fn any(&self, is_signed_with: impl FnMut(&str) -> bool) -> bool {
        self.0.split_whitespace().any(is_signed_with)
    }
}

/// HMAC-SHA-256 of these parts.
fn mac(secret: &str, parts: &[&[u8]]) -> hmac::Tag {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let mut mac = hmac::Context::with_key(&key);
    for part in parts {
        mac.update(part);
    }
    mac.sign()
}

/// Whether these bytes are HMAC-SHA-256 of these parts. Takes as long for wrong ones as for the right ones.
fn is_mac(secret: &str, parts: &[&[u8]], bytes: &[u8]) -> bool {
    constant_time::verify_slices_are_equal(mac(secret, parts).as_ref(), bytes).is_ok()
}

/// The same, of bytes that are written as hexadecimal digits.
fn is_hex_mac(secret: &str, parts: &[&[u8]], hex: &str) -> bool {
    let digits = hex.as_bytes().chunks(2);
    let bytes = digits.map(|two| {
        let two = std::str::from_utf8(two).ok().filter(|it| it.len() == 2)?;
        u8::from_str_radix(two, 16).ok()
    });
    let bytes: Option<Vec<u8>> = bytes.collect();
    bytes.is_some_and(|it| is_mac(secret, parts, &it))
}

/// The text of an event's member, by its path.
fn text<'a>(event: &'a serde_json::Value, path: &str) -> Option<&'a str> {
    event.pointer(path)?.as_str()
}

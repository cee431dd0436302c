//! What gateways send by themselves: signed as each vendor signs, over the raw bytes. An event is read for what it
//! is about; how the payment stands is read at the gateway.

mod checkout_com;
mod stripe;

use aws_lc_rs::{constant_time, hmac};
use decisions::{GatewayEvent, NotAnEvent, ReadEvent, SentEvent};
use domain::gateway::GatewayKind;
use domain::record::Record;
use domain::{BoxFuture, Tenant, Timestamp};
use secrecy::ExposeSecret;
use secrets::{SecretError, credentials_name};
use serde::Deserialize;

use crate::Gateways;

/// The part of a gateway's credentials that its events are signed with. During a rotation there are two, with a
/// space between them.
#[derive(Deserialize)]
struct EventSecrets {
    #[serde(default)]
    webhook_endpoint_secret: String,
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
            let name = credentials_name(tenant, gateway.id);
            let secret = match self.secrets.get(&name).await {
                Ok(secret) => secret,
                Err(SecretError::Missing(_)) => return Err(NotAnEvent::NoSecret),
                Err(error) => return Err(NotAnEvent::Unavailable(error.to_string())),
            };
            let kept: EventSecrets =
                serde_json::from_str(secret.expose_secret()).map_err(|_| NotAnEvent::NoSecret)?;
            let mut secrets = kept.webhook_endpoint_secret.split_whitespace().peekable();
            if secrets.peek().is_none() {
                return Err(NotAnEvent::NoSecret);
            }
            let is_signed = secrets.any(|secret| match kind {
                GatewayKind::Stripe => stripe::is_signed(secret, sent, now),
                GatewayKind::CheckoutCom => checkout_com::is_signed(secret, sent),
                GatewayKind::Klarna | GatewayKind::External => false,
            });
            match (is_signed, kind) {
                (false, _) => Err(NotAnEvent::Forged),
                (true, GatewayKind::Stripe) => stripe::read(sent.body),
                (true, _) => checkout_com::read(sent.body),
            }
        })
    }
}

/// Whether this is the HMAC-SHA-256 of these parts, in hexadecimal digits. Takes as long for a wrong one as for a
/// right one.
fn is_mac(secret: &str, parts: &[&[u8]], hex: &str) -> bool {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let mut mac = hmac::Context::with_key(&key);
    for part in parts {
        mac.update(part);
    }
    let mac = mac.sign();
    let digits = hex.as_bytes().chunks(2);
    let bytes = digits.map(|two| {
        let two = std::str::from_utf8(two).ok().filter(|it| it.len() == 2)?;
        u8::from_str_radix(two, 16).ok()
    });
    let bytes: Option<Vec<u8>> = bytes.collect();
    bytes.is_some_and(|it| constant_time::verify_slices_are_equal(mac.as_ref(), &it).is_ok())
}

/// The text of an event's member, by its path.
fn text<'a>(event: &'a serde_json::Value, path: &str) -> Option<&'a str> {
    event.pointer(path)?.as_str()
}

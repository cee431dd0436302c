//! Payment gateways: whether each takes its credentials, and can tell what happens there.

use std::time::Duration;

use ::gateways::{Gateways, credentials_name};
use bytes::Bytes;
use decisions::{CallGateway, Permit, PermittedTo};
use domain::catalog::Catalog;
use domain::gateway::{CallFailure, GatewayCall, GatewayKind, GatewayRequest, Settings};
use domain::record::Record;
use domain::{Clock, Deadline, GatewayId, TableMark, Tenant};
use http::Request;
use outbound::{Limits, Transport, TransportError};
use secrecy::ExposeSecret;
use serde_json::Value;
use system::SystemClock;

use super::finding::Finding;

/// How long a gateway may take, and what is kept of that for a commit, which there is none of.
const WITHIN: Duration = Duration::from_secs(12);

/// From when on a shop's gateway is slow: shoppers wait for it as they place their orders.
const SLOW: Duration = Duration::from_secs(2);

/// The attributes that name a shop's endpoints.
const ENDPOINTS: [&str; 5] = [
    "authorize_url",
    "capture_url",
    "void_url",
    "refund_url",
    "token_url",
];

/// Looks at each gateway of a tenant. Vendors are asked for a payment that is not there, and nothing is made, moved or
/// changed anywhere.
pub async fn gateways(gateways: &Gateways, tenant: Tenant, catalog: &Catalog) -> Vec<Finding> {
    let mut findings = Vec::new();
    for kind in GatewayKind::ALL.iter().copied() {
        for record in catalog.of(kind.resource_type()) {
            let about = format!(
                "{kind} {} ({}, {})",
                record.id,
                tenant.organization,
                tenant.mode.as_str()
            );
            match unknown_payment(kind) {
                Some(payment) => {
                    findings
                        .push(takes_keys(gateways, tenant, record, kind, payment, &about).await);
                    findings.extend(hears(gateways, tenant, record, kind, &about).await);
                }
                None => findings.extend(endpoints(gateways, record, &about).await),
            }
        }
    }
    findings
}

/// The reference of a payment that no vendor has made; nothing for a shop's gateway, which cannot be asked.
const fn unknown_payment(kind: GatewayKind) -> Option<&'static str> {
    match kind {
        GatewayKind::Stripe => Some("pi_billfolddoctor"),
        GatewayKind::CheckoutCom => Some("pay_aaaaaaaaaaaaaaaaaaaaaaaaaa"),
        GatewayKind::Klarna => Some("00000000-0000-4000-8000-000000000000"),
        GatewayKind::External => None,
    }
}

async fn takes_keys(
    gateways: &Gateways,
    tenant: Tenant,
    record: &Record,
    kind: GatewayKind,
    payment: &str,
    about: &str,
) -> Finding {
    let call = GatewayCall {
        tenant,
        gateway: GatewayId::new(record.id),
        kind,
        settings: Settings::of(Some(record)),
        subject: record.id,
        attempt: 0,
        request: GatewayRequest::ReadPayment {
            payment: payment.to_owned(),
        },
        noted: None,
        table: TableMark::NONE,
    };
    let permit = Permit::grant(PermittedTo::Operator);
    let begun = SystemClock.now();
    let answer = gateways.call(&permit, &call, Deadline::after(begun, WITHIN));
    match answer.await {
        // That it knows of no such payment is the answer that is expected.
        Ok(_) => {
            let took = SystemClock.now().since(begun).as_millis();
            Finding::good(about, format!("takes the keys, answers in {took} ms"))
        }
        Err(failure) => Finding::problem(about, failure.to_string(), advice(&failure)),
    }
}

const fn advice(failure: &CallFailure) -> &'static str {
    match failure {
        CallFailure::CredentialsRefused(_) | CallFailure::CredentialsUnusable { .. } => {
            "give it the vendor's current keys, of this mode (docs/operating.md, A gateway's keys)"
        }
        CallFailure::NotReached(_) | CallFailure::TimedOut | CallFailure::Unavailable(_) => {
            "see the vendor's status page, and the way out of this network"
        }
        CallFailure::Throttled => "run this again later",
        CallFailure::NotWritable(_) => "see to the gateway's attributes",
        _ => "see where the variable of the vendor's API base leads",
    }
}

/// Whether events of the gateway's can be told from forged ones. Klarna's are known by its key.
async fn hears(
    gateways: &Gateways,
    tenant: Tenant,
    record: &Record,
    kind: GatewayKind,
    about: &str,
) -> Option<Finding> {
    if !matches!(kind, GatewayKind::Stripe | GatewayKind::CheckoutCom) {
        return None;
    }
    // Where there are no credentials, that is said already.
    let name = credentials_name(tenant, record.id);
    let kept = gateways.secrets.get(&name).await.ok()?;
    let kept: Value = serde_json::from_str(kept.expose_secret()).ok()?;
    let secret = kept.get("webhook_endpoint_secret").and_then(Value::as_str);
    let is_set = secret.is_some_and(|it| !it.trim().is_empty());
    Some(match is_set {
        true => Finding::good(about, "has a secret that its events are signed with"),
        false => Finding::warning(
            about,
            "has no webhook_endpoint_secret: its events are refused",
            "make a webhook at the vendor that leads to webhook_endpoint_url, and PATCH the gateway with its secret",
        ),
    })
}

/// Whether a shop's endpoints are reached, with a request that asks for nothing: what would be refused for its
/// signature might move money where it is not.
async fn endpoints(gateways: &Gateways, record: &Record, about: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    for name in ENDPOINTS {
        if let Some(url) = record.text(name).filter(|it| !it.is_empty()) {
            findings.push(reached(gateways.guarded.as_ref(), name, url, about).await);
        }
    }
    if record.text("shared_secret").unwrap_or_default().is_empty() {
        let advice = "PATCH the gateway with _regenerate_shared_secret";
        findings.push(Finding::problem(about, "has no shared_secret", advice));
    }
    findings
}

async fn reached(guarded: &dyn Transport, name: &str, url: &str, about: &str) -> Finding {
    let said = |problem: &str| format!("{name}: {problem}");
    let request = match Request::head(url).body(Bytes::new()) {
        Ok(request) => request,
        Err(error) => return Finding::problem(about, said(&error.to_string()), "mend the URL"),
    };
    let begun = SystemClock.now();
    let answer = guarded.send(request, Limits::for_user_urls()).await;
    let took = SystemClock.now().since(begun);
    match answer {
        Ok(answer) if answer.status().is_redirection() => {
            let advice = "give the URL that it leads to: redirects are not followed";
            Finding::problem(about, said("leads to another URL"), advice)
        }
        Ok(_) if took > SLOW => {
            let slow = said(&format!("answers in {} ms", took.as_millis()));
            Finding::warning(about, slow, "see why: shoppers wait for it")
        }
        Ok(_) => Finding::good(about, said(&format!("answers in {} ms", took.as_millis()))),
        Err(error @ TransportError::Forbidden(_)) => {
            let advice = "give an https URL of a public host, or trust its origin (EXTERNAL_GATEWAY_TRUSTED_ORIGINS)";
            Finding::problem(about, said(&error.to_string()), advice)
        }
        Err(error) => {
            let advice = "see to the shop's host and its certificate";
            Finding::problem(about, said(&error.to_string()), advice)
        }
    }
}

//! What the shops of these tests are made of, whichever gateway they have.
#![allow(dead_code, reason = "not every test binary uses every part")]

#[path = "../circuits/mod.rs"]
pub mod circuits;
#[path = "../performed/mod.rs"]
pub mod performed;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use decisions::CallGateway;
use decisions::{Permit, PermittedTo};
use domain::gateway::{GatewayCall, GatewayKind, GatewayRequest, Move, Moving, Payment, Settings};
use domain::money::Amount;
use domain::{Clock, Deadline, GatewayId, Mode, Sleep, TableMark, Tenant, Timestamp};
use futures_util::future::BoxFuture;
use gateways::{BaseUrls, CallFailure, Gateways, credentials_name};
use http::{Request, Response};
use outbound::{Limits, Transport, TransportError};
use sandbox::{Answer, Fault, FaultOrder, Options, StandIn};
use secrecy::SecretString;
use secrets::{SecretsFile, WritableSecrets};
use serde_json::Value;
use tokio::time::timeout;

use circuits::CircuitsInMemory;

pub type Performed = performed::Performed<CallFailure>;

/// 2027-01-15, when a test begins, in Unix milliseconds.
pub const NOW: i64 = 1_800_000_000_000;

/// Time that moves only when somebody sleeps, or a test lets it pass.
pub struct HeldTime(AtomicI64);

impl HeldTime {
    pub fn begin() -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(NOW)))
    }

    pub fn unix_millis(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }

    pub fn pass(&self, duration: Duration) {
        let millis = i64::try_from(duration.as_millis()).unwrap();
        self.0.fetch_add(millis, Ordering::Relaxed);
    }
}

impl Clock for HeldTime {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix_millis(self.unix_millis())
    }
}

impl Sleep for HeldTime {
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        self.pass(duration);
        Box::pin(std::future::ready(()))
    }
}

/// A stand-in's options: this time, and no chance.
pub fn options(unix_millis: impl Fn() -> i64 + Send + Sync + 'static) -> Options {
    Options {
        clock: Arc::new(unix_millis),
        random: Arc::new(|bytes| bytes.fill(7)),
        state_file: None,
    }
}

/// A stand-in without a socket.
pub struct Direct<S>(pub S);

impl<S: StandIn> Transport for Direct<S> {
    fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        Box::pin(async move {
            let answer = timeout(limits.timeout, self.0.answer(request)).await;
            received(answer.map_err(|_| TransportError::Timeout)?, limits)
        })
    }
}

/// What arrives of an answer.
pub fn received(answer: Answer, limits: Limits) -> Result<Response<Bytes>, TransportError> {
    let response = answer.response();
    let response = response.ok_or_else(|| TransportError::Broken("closed".to_owned()))?;
    match response.body().len() > limits.max_body {
        true => Err(TransportError::TooLarge {
            limit: limits.max_body,
        }),
        false => Ok(response),
    }
}

/// The next request with this method and path goes wrong in this way; what is late is too late.
pub fn next_fault(method: &str, path: &str, fault: Fault) -> FaultOrder {
    let order = FaultOrder::next(fault).on(method, path);
    match fault {
        Fault::Delay => order.delay_ms(60_000),
        _ => order,
    }
}

/// One gateway, whose API is reached in this way with these credentials. URLs that users type are
/// reached by the same way.
pub async fn gateways(
    transport: impl Transport + 'static,
    credentials: Value,
    clock: Arc<dyn Clock>,
    sleep: Arc<dyn Sleep>,
) -> Gateways {
    let secrets = SecretsFile::in_memory();
    let name = credentials_name(tenant(), gateway().into());
    let secret = SecretString::from(credentials.to_string());
    secrets.put(&name, secret).await.unwrap();
    let transport = Arc::new(transport);
    Gateways {
        transport: transport.clone(),
        guarded: transport,
        circuits: Arc::new(CircuitsInMemory::default()),
        secrets: Arc::new(secrets),
        clock,
        sleep,
        bases: BaseUrls::default(),
        public_url: None,
    }
}

/// A call to a gateway of this type.
pub fn call(
    kind: GatewayKind,
    subject: &str,
    attempt: u32,
    request: GatewayRequest,
) -> GatewayCall {
    GatewayCall {
        tenant: tenant(),
        gateway: gateway(),
        kind,
        settings: Settings::default(),
        subject: subject.parse().unwrap(),
        attempt,
        request,
        noted: None,
        table: TableMark::NONE,
    }
}

/// Makes the call in the time that a request has.
pub async fn perform(gateways: &Gateways, call: &GatewayCall) -> Performed {
    let deadline = Deadline::after(gateways.clock.now(), Duration::from_secs(12));
    gateways
        .call(&Permit::grant(PermittedTo::Sweeper), call, deadline)
        .await
}

/// So many cents of a payment, in euros, that are to move.
pub fn moving(kind: Moving, payment: &Payment, cents: i64) -> Move {
    Move {
        kind,
        order: "qaMAhZkZvd".parse().unwrap(),
        order_number: Some("1234".to_owned()),
        payment: reference(payment).to_owned(),
        capture: None,
        amount: euros(cents),
        is_last: true,
        document: None,
    }
}

pub fn tenant() -> Tenant {
    Tenant {
        organization: "enWoxFMOnp".parse().unwrap(),
        mode: Mode::Test,
    }
}

pub fn gateway() -> GatewayId {
    "WmOodsVPmQ".parse().unwrap()
}

pub fn euros(cents: i64) -> Amount {
    Amount {
        cents,
        currency: "EUR".parse().unwrap(),
    }
}

pub fn reference(payment: &Payment) -> &str {
    payment.reference.as_deref().unwrap()
}

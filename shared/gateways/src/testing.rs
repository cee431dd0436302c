//! A gateway that plays prepared answers, and a world that holds still, for the tests beside the
//! code.

mod log;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use decisions::CallGateway;
use decisions::{Permit, PermittedTo};
use domain::gateway::{GatewayCall, GatewayKind, GatewayRequest, Settings};
use domain::{Clock, Deadline, Mode, Sleep, TableMark, Tenant, Timestamp};
use futures_util::future::BoxFuture;
use http::{HeaderMap, Request, Response};
use outbound::{Limits, Transport, TransportError};
use secrecy::SecretString;
use secrets::{SecretsFile, WritableSecrets};
use serde_json::Value;

use crate::circuits::CircuitsInMemory;
use crate::{BaseUrls, CallFailure, Gateways, credentials_name};

pub(crate) use crate::performed::{
    decline_of, done, failure_of, moved_of, payment_of, refusal_of, reusable_of,
};
pub(crate) use log::{Log, assert_hides, tries};

pub(crate) type Performed = crate::performed::Performed<CallFailure>;

/// What a request has of its deadline in these tests.
pub(crate) const BUDGET: Duration = Duration::from_secs(12);

/// The world of a test: its time moves only when something waits.
#[derive(Clone, Default)]
pub(crate) struct World(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    /// Unix milliseconds.
    now: i64,
    answers: VecDeque<Played>,
    sent: Vec<Sent>,
    pauses: Vec<Duration>,
    credentials: Option<Value>,
    circuits: Arc<CircuitsInMemory>,
}

enum Played {
    Answer(u16, Vec<(String, String)>, String),
    Error(TransportError),
    Silence,
}

/// A request as it was sent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Sent {
    pub method: String,
    pub target: String,
    pub key: Option<String>,
    pub version: String,
    pub authorization: String,
    pub body: String,
    pub timeout: Duration,
    pub headers: HeaderMap,
    pub max_body: usize,
    /// Whether it went through the guard for URLs that users type.
    pub is_guarded: bool,
}

impl Sent {
    /// A header, where it was sent.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body, where it is JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    /// The form's fields, in the order in which they were sent.
    pub fn fields(&self) -> Vec<(String, String)> {
        form_urlencoded::parse(self.body.as_bytes())
            .into_owned()
            .collect()
    }
}

impl World {
    /// Plays this answer next.
    pub fn answer(&self, status: u16, body: Value) -> &Self {
        self.answer_with(status, &[], &body.to_string())
    }

    pub fn answer_with(&self, status: u16, headers: &[(&str, &str)], body: &str) -> &Self {
        let owned = headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        self.play(Played::Answer(status, owned.collect(), body.to_owned()))
    }

    /// Fails like this next.
    pub fn fail(&self, error: TransportError) -> &Self {
        self.play(Played::Error(error))
    }

    /// Says nothing next until the try's time is up.
    pub fn silence(&self) -> &Self {
        self.play(Played::Silence)
    }

    fn play(&self, played: Played) -> &Self {
        self.0.lock().unwrap().answers.push_back(played);
        self
    }

    pub fn credentials(&self, credentials: Value) -> &Self {
        self.0.lock().unwrap().credentials = Some(credentials);
        self
    }

    pub fn sent(&self) -> Vec<Sent> {
        self.0.lock().unwrap().sent.clone()
    }

    pub fn pauses(&self) -> Vec<Duration> {
        self.0.lock().unwrap().pauses.clone()
    }

    /// How many prepared answers were not asked for.
    pub fn left(&self) -> usize {
        self.0.lock().unwrap().answers.len()
    }

    pub async fn perform(&self, request: GatewayRequest) -> Performed {
        self.perform_call(&call(request), BUDGET).await
    }

    pub async fn perform_call(&self, call: &GatewayCall, budget: Duration) -> Performed {
        let secrets = SecretsFile::in_memory();
        let credentials = self.0.lock().unwrap().credentials.clone().unwrap_or_else(
            || serde_json::json!({"login": "sk_test_hush", "publishable_key": "pk_test_1"}),
        );
        if !credentials.is_null() {
            let name = credentials_name(call.tenant, call.gateway.into());
            let secret = SecretString::from(credentials.to_string());
            secrets.put(&name, secret).await.unwrap();
        }
        let gateways = Gateways {
            transport: Arc::new(self.clone()),
            guarded: Arc::new(Guarded(self.clone())),
            circuits: self.circuits(),
            secrets: Arc::new(secrets),
            clock: Arc::new(self.clone()),
            sleep: Arc::new(self.clone()),
            bases: BaseUrls::default(),
            public_url: Some("https://billfold.test".to_owned()),
        };
        let deadline = Deadline::after(self.now(), budget);
        gateways
            .call(&Permit::grant(PermittedTo::Sweeper), call, deadline)
            .await
    }

    pub fn circuits(&self) -> Arc<CircuitsInMemory> {
        Arc::clone(&self.0.lock().unwrap().circuits)
    }

    fn pass(&self, duration: Duration) {
        self.0.lock().unwrap().now += i64::try_from(duration.as_millis()).unwrap();
    }
}

impl Clock for World {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix_millis(self.0.lock().unwrap().now)
    }
}

impl Sleep for World {
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        self.0.lock().unwrap().pauses.push(duration);
        self.pass(duration);
        Box::pin(std::future::ready(()))
    }
}

impl Transport for World {
    fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        let header = |name: &str| {
            let value = request.headers().get(name)?;
            Some(value.to_str().unwrap().to_owned())
        };
        let sent = Sent {
            method: request.method().to_string(),
            target: request.uri().to_string(),
            key: header("idempotency-key"),
            version: header("stripe-version").unwrap_or_default(),
            authorization: header("authorization").unwrap_or_default(),
            body: String::from_utf8(request.body().to_vec()).unwrap(),
            timeout: limits.timeout,
            headers: request.headers().clone(),
            max_body: limits.max_body,
            is_guarded: false,
        };
        let played = {
            let mut state = self.0.lock().unwrap();
            state.sent.push(sent);
            state.answers.pop_front().expect("a prepared answer")
        };
        let outcome = match played {
            Played::Answer(status, headers, body) => {
                let mut response = Response::builder().status(status);
                for (name, value) in headers {
                    response = response.header(name, value);
                }
                Ok(response.body(Bytes::from(body)).unwrap())
            }
            Played::Error(error) => Err(error),
            Played::Silence => {
                self.pass(limits.timeout);
                Err(TransportError::Timeout)
            }
        };
        Box::pin(std::future::ready(outcome))
    }
}

/// The way through the guard to the same world.
struct Guarded(World);

impl Transport for Guarded {
    fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        let outcome = self.0.send(request, limits);
        if let Some(sent) = self.0.0.lock().unwrap().sent.last_mut() {
            sent.is_guarded = true;
        }
        outcome
    }
}

/// A call to Stripe, in test mode, for the payment source or customer `eqRZMSaNqM`.
pub(crate) fn call(request: GatewayRequest) -> GatewayCall {
    call_to(GatewayKind::Stripe, Settings::default(), request)
}

/// A call to a gateway of this type, in test mode, for the payment source or customer `eqRZMSaNqM`.
pub(crate) fn call_to(
    kind: GatewayKind,
    settings: Settings,
    request: GatewayRequest,
) -> GatewayCall {
    GatewayCall {
        tenant: Tenant {
            organization: "enWoxFMOnp".parse().unwrap(),
            mode: Mode::Test,
        },
        gateway: "WmOodsVPmQ".parse().unwrap(),
        kind,
        settings,
        subject: "eqRZMSaNqM".parse().unwrap(),
        attempt: 0,
        request,
        noted: None,
        table: TableMark::NONE,
    }
}

pub(crate) fn create_customer() -> GatewayRequest {
    GatewayRequest::CreateCustomer {
        email: Some("joan@example.com".to_owned()),
        replaces: None,
    }
}

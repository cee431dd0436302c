use std::sync::Arc;
use std::time::Duration;

use decisions::CallGateway;
use domain::catalog::Circuit;
use domain::gateway::{
    GatewayCall, GatewayKind, GatewayRequest, Move, Moving, NewPayment, Settings, ToKeep,
};
use domain::record::Record;
use domain::{ResourceType, Timestamp};
use gateways::{BaseUrls, Gateways};
use outbound::Transport;
use sandbox::external::{Api, External};
use sandbox::{Fault, FaultOrder};
use secrets::SecretsFile;
use serde_json::{Map, Value, json};

use crate::shop_parts::circuits::CircuitsInMemory;
use crate::shop_parts::{self, Direct, HeldTime, NOW, Performed, euros, gateway, options, tenant};
use crate::world::{Nowhere, Passing};

pub const SECRET: &str = "reference-shared-secret";

/// A shop with a gateway of its own, and that gateway.
pub struct Shop {
    pub gateway: External,
    gateways: Gateways,
    circuits: Arc<CircuitsInMemory>,
    token_url: String,
    shared_secret: String,
}

impl Shop {
    pub fn open() -> Self {
        Self::with(|_| {})
    }

    /// The shop, with this happening to its requests.
    pub fn with(
        on_the_way: impl Fn(&mut http::Request<bytes::Bytes>) + Send + Sync + 'static,
    ) -> Self {
        let gateway = reference_gateway();
        let direct = Passing {
            on_the_way: Box::new(on_the_way),
            direct: Direct(gateway.clone()),
        };
        Self::reaching(gateway, direct, "https://shop.example.com/token")
    }

    /// The shop, which reaches its gateway in this way and under this URL.
    pub fn reaching(gateway: External, guarded: impl Transport + 'static, token_url: &str) -> Self {
        let time = HeldTime::begin();
        let circuits = Arc::new(CircuitsInMemory::default());
        let gateways = Gateways {
            transport: Arc::new(Nowhere),
            guarded: Arc::new(guarded),
            circuits: circuits.clone(),
            secrets: Arc::new(SecretsFile::in_memory()),
            clock: time.clone(),
            sleep: time,
            bases: BaseUrls::default(),
            public_url: None,
        };
        Self {
            gateway,
            gateways,
            circuits,
            token_url: token_url.to_owned(),
            shared_secret: SECRET.to_owned(),
        }
    }

    /// The gateway's record has this secret, whatever the shop verifies with.
    pub fn signing_with(self, shared_secret: &str) -> Self {
        let shared_secret = shared_secret.to_owned();
        Self {
            shared_secret,
            ..self
        }
    }

    /// The next requests go wrong.
    pub fn break_next(&self, fault: Fault, times: u32) {
        let order = FaultOrder::next(fault).on("POST", "/token").times(times);
        self.gateway.order_fault(order).unwrap();
    }

    /// The next answer comes late.
    pub fn delay_next(&self, delay: Duration) {
        let millis = u64::try_from(delay.as_millis()).unwrap();
        let order = FaultOrder::next(Fault::Delay).delay_ms(millis);
        self.gateway.order_fault(order).unwrap();
    }

    /// Saves the payment source with this token for a customer.
    pub async fn save(&self, payment_source_token: &str) -> Performed {
        self.save_at(payment_source_token, "2027-01-15T08:00:00.000Z")
            .await
    }

    /// The same, with a document that tells this time.
    pub async fn save_at(&self, payment_source_token: &str, time: &str) -> Performed {
        let request = GatewayRequest::MakeReusable(ToKeep {
            payment: None,
            shopper_token: Some(payment_source_token.to_owned()),
            customer: "customerAA".parse().unwrap(),
            customer_token: None,
            amount: euros(12_900),
            buyer: None,
            once: true,
            for_later: false,
            document: Some(document(payment_source_token, time)),
        });
        let call = GatewayCall {
            settings: self.settings(),
            ..shop_parts::call(GatewayKind::External, "eqRZMSaNqM", 0, request)
        };
        shop_parts::perform(&self.gateways, &call).await
    }

    /// Asks for an order of 129.00 EUR to be authorised with this payment source.
    pub async fn authorize(&self, payment_source_token: &str) -> Performed {
        let document = document(payment_source_token, "2027-01-15T08:00:00.000Z");
        let request = GatewayRequest::AuthorizePayment(NewPayment {
            order: "gYzLhKcMxp".parse().unwrap(),
            order_number: None,
            amount: euros(12_900),
            customer: None,
            customer_token: None,
            saved: None,
            shopper_token: Some(payment_source_token.to_owned()),
            given: Map::new(),
            basket: None,
            payment: None,
            document: Some(document),
        });
        self.perform("eqRZMSaNqM", request).await
    }

    /// Moves so many cents of the transaction with this token.
    pub async fn move_money(
        &self,
        transaction: &str,
        kind: Moving,
        token: &str,
        cents: i64,
    ) -> Performed {
        let (resource_type, amount) = match kind {
            Moving::Capture => ("authorizations", "capture_amount_cents"),
            Moving::Void => ("authorizations", "amount_cents"),
            Moving::Refund => ("captures", "refund_amount_cents"),
        };
        let document = json!({"data": {
            "type": resource_type, "id": "AbCdEfGhIj", "attributes": {"token": token, amount: cents},
        }});
        let request = GatewayRequest::Move(Move {
            kind,
            order: "gYzLhKcMxp".parse().unwrap(),
            order_number: None,
            payment: token.to_owned(),
            capture: None,
            amount: euros(cents),
            is_last: false,
            document: Some(document),
        });
        self.perform(transaction, request).await
    }

    /// Makes the call, noted as the rules note it.
    async fn perform(&self, subject: &str, request: GatewayRequest) -> Performed {
        let mut call = GatewayCall {
            settings: self.settings(),
            ..shop_parts::call(GatewayKind::External, subject, 0, request)
        };
        call.noted = self.gateways.written(&call);
        shop_parts::perform(&self.gateways, &call).await
    }

    /// The next requests to this path go wrong.
    pub fn break_path(&self, path: &str, fault: Fault) {
        let order = FaultOrder::next(fault).on("POST", path);
        self.gateway.order_fault(order).unwrap();
    }

    fn settings(&self) -> Settings {
        let at = Timestamp::from_unix_millis(0);
        let mut record = Record::new(ResourceType::ExternalGateways, gateway().into(), at);
        record.set("token_url", self.token_url.clone());
        record.set("shared_secret", self.shared_secret.clone());
        for (name, path) in [
            ("authorize_url", "/authorize"),
            ("capture_url", "/capture"),
            ("void_url", "/void"),
            ("refund_url", "/refund"),
        ] {
            record.set(name, self.token_url.replace("/token", path));
        }
        Settings::of(Some(&record))
    }

    pub async fn circuit(&self) -> Circuit {
        let state = self.gateways.circuits.state(tenant(), gateway()).await;
        state.unwrap()
    }

    /// What `_reset_circuit` asks for.
    pub fn reset_circuit(&self) {
        self.circuits.close(tenant(), gateway());
    }

    /// How many requests the gateway has had.
    pub fn requests(&self) -> usize {
        self.gateway.requests().len()
    }
}

pub fn reference_gateway() -> External {
    External::with(Api::new(SECRET), options(|| NOW)).unwrap()
}

/// What the shop is told, as JSON:API with the customer beside.
fn document(payment_source_token: &str, time: &str) -> Value {
    json!({
        "data": {
            "type": "external_payments",
            "id": "eqRZMSaNqM",
            "attributes": {
                "payment_source_token": payment_source_token,
                "options": {"note": "ünïcode \u{2028} / \" 1.0", "weight": 1.0},
                "updated_at": time,
            },
        },
        "included": [
            {"type": "orders", "id": "gYzLhKcMxp", "attributes": {"total_amount_cents": 12_900}},
            {"type": "customers", "id": "customerAA", "attributes": {"email": "joan@example.com"}},
        ],
    })
}

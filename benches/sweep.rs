//! How long it takes until what is owed to ten gateways is done, by one function that sweeps every minute.
//!
//!     cargo bench --bench sweep [-- OPERATIONS [CALLS_PER_SECOND]]
//!
//! 10,000 releases of payments are owed, a tenth to each of ten gateways that answer in 200 ms; then the same
//! beside an eleventh that never answers and a twelfth that takes three seconds. A rate that is not given is what
//! gateways have in live mode. The table is the embedded engine's; loopback only; it takes real time, as a sweep
//! does, and ends by itself.

#![allow(
    clippy::unwrap_used,
    reason = "a measurement that cannot be made fails"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use billfold::{Options, demo};
use decisions::{AsRead, CallGateway, Change, Permit, PermittedTo};
use domain::gateway::{
    CallFailure, GatewayAnswer, GatewayCall, GatewayKind, GatewayRefusal, GatewayRequest,
    NotedRequest,
};
use domain::operation::{Operation, Owner};
use domain::record::{Place, Record};
use domain::{
    BoxFuture, Clock, Deadline, GatewayId, Id, Mode, OperationId, OrderId, ResourceType, Tenant,
    Timestamp,
};
use futures_util::future;
use service::Context;
use system::SystemClock;

const GATEWAYS: usize = 10;
const A_CALL: Duration = Duration::from_millis(200);
const A_SLOW_CALL: Duration = Duration::from_secs(3);
const SWEEP_EVERY: Duration = Duration::from_secs(60);
const OWED_TO_THE_OTHERS: usize = 1_000;

/// Gateways that release whatever they are asked to.
struct InTime {
    hangs: GatewayId,
    is_slow: GatewayId,
    calls: AtomicUsize,
}

impl CallGateway for InTime {
    fn call<'a>(
        &'a self,
        _: &'a Permit,
        call: &'a GatewayCall,
        _: Deadline,
    ) -> BoxFuture<'a, Result<Result<GatewayAnswer, GatewayRefusal>, CallFailure>> {
        Box::pin(async move {
            if call.gateway == self.hangs {
                tokio::time::sleep(Duration::from_secs(10)).await;
                return Err(CallFailure::TimedOut);
            }
            if call.gateway == self.is_slow {
                tokio::time::sleep(A_SLOW_CALL).await;
                return Ok(Ok(GatewayAnswer::Done));
            }
            tokio::time::sleep(A_CALL).await;
            self.calls.fetch_add(1, Ordering::Relaxed);
            Ok(Ok(GatewayAnswer::Done))
        })
    }

    fn written(&self, _: &GatewayCall) -> Option<NotedRequest> {
        None
    }
}

/// The time of a server whose own sweeper finds nothing due yet.
struct Yesterday;

impl Clock for Yesterday {
    fn now(&self) -> Timestamp {
        let day = 24 * 3_600_000;
        Timestamp::from_unix_millis(SystemClock.now().unix_millis() - day)
    }
}

fn tenant() -> Tenant {
    Tenant {
        mode: Mode::Live,
        ..demo::tenant()
    }
}

fn gateway(number: usize) -> GatewayId {
    GatewayId::new(Id::derived(&["gateway", &number.to_string()]))
}

fn release(number: usize, of: GatewayId, now: Timestamp) -> Operation {
    let id = |what: &str| Id::derived(&[what, of.as_str(), &number.to_string()]);
    Operation {
        id: OperationId::new(id("operation")),
        owner: Owner::Order(OrderId::new(id("order"))),
        gateway: of,
        gateway_kind: GatewayKind::Stripe,
        subject: id("source"),
        attempt: 0,
        tries: 0,
        due_at: now,
        request: GatewayRequest::Release {
            payment: Some(format!("pi_{number}")),
            shopper_token: None,
        },
        noted: None,
        since: Some(now),
        stuck: None,
    }
}

/// Has so many releases be owed to a gateway.
async fn owe(context: &Context, of: GatewayId, count: usize) {
    let permit = Permit::grant(PermittedTo::Operator);
    let now = context.now();
    let numbers: Vec<_> = (0..count).collect();
    for some in numbers.chunks(25) {
        let owed = some.iter().map(|it| Change::Owe(release(*it, of, now)));
        let owed: Vec<_> = owed.collect();
        context
            .store
            .commit(&permit, tenant(), &owed)
            .await
            .unwrap();
    }
}

/// Says of each gateway how fast it may be called.
async fn set_rates(context: &Context, calls_per_second: u32) {
    let permit = Permit::grant(PermittedTo::Operator);
    let kind = ResourceType::StripeGateways;
    let records = (0..GATEWAYS + 2).map(|number| {
        let mut record = Record::new(kind, gateway(number).into(), context.now());
        record.set("name", "Gateway");
        record.set("sweep_calls_per_second", calls_per_second);
        Change::Put {
            record,
            place: Place::Catalog,
            read: AsRead::Nothing,
        }
    });
    let records: Vec<_> = records.collect();
    context
        .store
        .commit(&permit, tenant(), &records)
        .await
        .unwrap();
}

async fn measure(operations: usize, calls_per_second: Option<u32>, with_others: bool) {
    let options = Options {
        clock: Arc::new(Yesterday),
        ..Options::in_memory(0)
    };
    let running = billfold::start(options).await.unwrap();
    let mut context = running.context.clone();
    context.clock = Arc::new(SystemClock);
    let context = &context;
    let (hangs, is_slow) = (gateway(GATEWAYS), gateway(GATEWAYS + 1));
    if let Some(rate) = calls_per_second {
        set_rates(context, rate).await;
    }
    if with_others {
        owe(context, hangs, OWED_TO_THE_OTHERS).await;
        owe(context, is_slow, OWED_TO_THE_OTHERS).await;
    }
    let each = operations / GATEWAYS;
    future::join_all((0..GATEWAYS).map(|it| owe(context, gateway(it), each))).await;

    let gateways = InTime {
        hangs,
        is_slow,
        calls: AtomicUsize::new(0),
    };
    let begun = Instant::now();
    let (mut minute, mut settled) = (0, 0);
    let all_are_done = || gateways.calls.load(Ordering::Relaxed) >= each * GATEWAYS;
    let mut done_after = None;
    while done_after.is_none() {
        let begins = SWEEP_EVERY * minute;
        tokio::time::sleep(begins.saturating_sub(begun.elapsed())).await;
        minute += 1;
        let sweep = sweep::run(context, &gateways);
        let watch = async {
            loop {
                tokio::time::sleep(Duration::from_millis(50)).await;
                if all_are_done() {
                    return begun.elapsed();
                }
            }
        };
        tokio::pin!(sweep, watch);
        let swept = match future::select(sweep, watch).await {
            future::Either::Left((swept, _)) => {
                done_after = all_are_done().then(|| begun.elapsed());
                swept
            }
            future::Either::Right((elapsed, sweep)) => {
                done_after = Some(elapsed);
                sweep.await
            }
        };
        settled += swept.unwrap().settled;
    }
    let rate = calls_per_second.map_or("as by default".to_owned(), |it| format!("{it} calls/s"));
    let others = if with_others {
        "with others that hang"
    } else {
        "alone"
    };
    let took = done_after.unwrap_or_default().as_secs_f64();
    println!(
        "{operations:>6} operations, {GATEWAYS} gateways, {rate}, {others}: done after {took:.1} s, \
         {minute} sweeps, {settled} settled"
    );
    running.stop().await;
}

#[tokio::main]
async fn main() {
    let numbers: Vec<u32> = std::env::args().filter_map(|it| it.parse().ok()).collect();
    let operations = numbers.first().map_or(10_000, |it| *it as usize);
    let rate = numbers.get(1).copied();
    for with_others in [false, true] {
        measure(operations, rate, with_others).await;
    }
}

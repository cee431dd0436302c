//! Circuits in a test's memory.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::catalog::Circuit;
use domain::gateway::{CircuitUnavailable, Circuits};
use domain::{GatewayId, Tenant};
use futures_util::future::BoxFuture;

#[derive(Default)]
pub struct CircuitsInMemory {
    circuits: Mutex<HashMap<(Tenant, GatewayId), Circuit>>,
    /// How often something was written.
    pub writes: AtomicUsize,
}

impl CircuitsInMemory {
    fn lock(&self) -> MutexGuard<'_, HashMap<(Tenant, GatewayId), Circuit>> {
        self.circuits.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Closes a circuit.
    #[allow(dead_code, reason = "not every test binary does")]
    pub fn close(&self, tenant: Tenant, gateway: GatewayId) {
        self.lock().remove(&(tenant, gateway));
    }

    fn write(
        &self,
        tenant: Tenant,
        gateway: GatewayId,
        write: impl Fn(u32) -> u32,
    ) -> Counted<'_, ()> {
        self.writes.fetch_add(1, Ordering::Relaxed);
        let mut circuits = self.lock();
        let circuit = circuits.entry((tenant, gateway)).or_default();
        circuit.failures = write(circuit.failures);
        Box::pin(std::future::ready(Ok(())))
    }
}

type Counted<'a, T> = BoxFuture<'a, Result<T, CircuitUnavailable>>;

impl Circuits for CircuitsInMemory {
    fn state(&self, tenant: Tenant, gateway: GatewayId) -> Counted<'_, Circuit> {
        let circuit = self.lock().get(&(tenant, gateway)).copied();
        Box::pin(std::future::ready(Ok(circuit.unwrap_or_default())))
    }

    fn failed(&self, tenant: Tenant, gateway: GatewayId) -> Counted<'_, ()> {
        self.write(tenant, gateway, |failures| {
            (failures + 1).min(Circuit::OPENS_AT)
        })
    }

    fn succeeded(&self, tenant: Tenant, gateway: GatewayId) -> Counted<'_, ()> {
        self.write(tenant, gateway, |failures| match failures {
            Circuit::OPENS_AT.. => failures,
            _ => 0,
        })
    }
}

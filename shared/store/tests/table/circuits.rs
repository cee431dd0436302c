use decisions::Change;
use domain::catalog::Circuit;
use domain::gateway::Circuits;
use domain::record::Place;
use domain::record::Record;
use domain::{GatewayId, ResourceType, Tenant};
use store::Store;
use store::aws_sdk_dynamodb::types::AttributeValue;

use crate::engine::{PERMIT, Table, at, id, live, other_organization, tenant};

const KIND: ResourceType = ResourceType::ExternalGateways;

async fn failures(store: &Store, tenant: Tenant, gateway: GatewayId) -> u32 {
    store.state(tenant, gateway).await.unwrap().failures
}

async fn fail(store: &Store, times: u32) {
    for _ in 0..times {
        store
            .failed(tenant(), GatewayId::new(id("gateway")))
            .await
            .unwrap();
    }
}

async fn is_open(store: &Store) -> bool {
    let circuit = store
        .state(tenant(), GatewayId::new(id("gateway")))
        .await
        .unwrap();
    circuit.is_open()
}

/// The sort key of the circuit of `gateway`.
fn sk() -> String {
    format!("circuit#{}", id("gateway"))
}

fn catalog_pk() -> String {
    format!("{}#test#catalog", id("organization"))
}

async fn close(table: &Table, tenant: Tenant, gateway: GatewayId) {
    let change = Change::CloseCircuit(gateway);
    let closed = table.store.commit(PERMIT, tenant, &[change]).await;
    closed.unwrap();
}

#[tokio::test]
async fn the_thirtieth_failure_in_a_row_opens_a_circuit() {
    let table = Table::start().await;
    fail(&table.store, 29).await;
    assert!(!is_open(&table.store).await);
    fail(&table.store, 1).await;
    assert!(is_open(&table.store).await);
    assert!(is_open(&table.other_process()).await);
}

#[tokio::test]
async fn a_success_begins_the_count_anew() {
    let table = Table::start().await;
    let gateway = id("gateway");
    fail(&table.store, 29).await;
    table
        .store
        .succeeded(tenant(), GatewayId::new(gateway))
        .await
        .unwrap();
    assert_eq!(
        failures(&table.store, tenant(), GatewayId::new(gateway)).await,
        0
    );
    fail(&table.store, 29).await;
    assert!(!is_open(&table.store).await);
}

#[tokio::test]
async fn nothing_but_a_reset_closes_an_open_circuit() {
    let table = Table::start().await;
    let gateway = id("gateway");
    fail(&table.store, 31).await;
    table
        .store
        .succeeded(tenant(), GatewayId::new(gateway))
        .await
        .unwrap();
    assert_eq!(
        failures(&table.store, tenant(), GatewayId::new(gateway)).await,
        30
    );

    for _ in 0..2 {
        close(&table, tenant(), GatewayId::new(gateway)).await;
        assert_eq!(
            failures(&table.store, tenant(), GatewayId::new(gateway)).await,
            0
        );
    }
    fail(&table.store, 1).await;
    assert_eq!(
        failures(&table.store, tenant(), GatewayId::new(gateway)).await,
        1
    );
}

#[tokio::test]
async fn failures_at_once_are_all_counted() {
    let table = Table::start().await;
    let other = table.other_process();
    let both = futures_util::future::join_all((0..20).map(|n| match n % 2 {
        0 => table.store.failed(tenant(), GatewayId::new(id("gateway"))),
        _ => other.failed(tenant(), GatewayId::new(id("gateway"))),
    }));
    assert!(both.await.iter().all(Result::is_ok));
    assert_eq!(
        failures(&table.store, tenant(), GatewayId::new(id("gateway"))).await,
        20
    );
}

#[tokio::test]
async fn a_circuit_is_of_one_gateway_of_one_tenant() {
    let table = Table::start().await;
    fail(&table.store, 3).await;
    for (tenant, gateway) in [
        (live(), id("gateway")),
        (other_organization(), id("gateway")),
        (tenant(), id("other gateway")),
    ] {
        assert_eq!(
            failures(&table.store, tenant, GatewayId::new(gateway)).await,
            0
        );
        close(&table, tenant, GatewayId::new(gateway)).await;
        table
            .store
            .succeeded(tenant, GatewayId::new(gateway))
            .await
            .unwrap();
    }
    assert_eq!(
        failures(&table.store, tenant(), GatewayId::new(id("gateway"))).await,
        3
    );
}

#[tokio::test]
async fn a_gateway_that_never_failed_costs_no_item() {
    let table = Table::start().await;
    let succeeded = table
        .store
        .succeeded(tenant(), GatewayId::new(id("gateway")))
        .await;
    assert_eq!(succeeded, Ok(()));
    assert!(table.items().await.is_empty());
}

#[tokio::test]
async fn the_catalogue_tells_of_circuits_and_leaves_the_gateways_as_they_are() {
    let table = Table::start().await;
    let record = Record::new(KIND, id("gateway"), at(0));
    let created = table
        .store
        .create(PERMIT, tenant(), Place::Catalog, &record);
    created.await.unwrap();
    let before = table.store.catalog(tenant(), at(0)).await.unwrap();
    assert_eq!(
        before.circuit(GatewayId::new(id("gateway"))),
        Circuit::default()
    );

    fail(&table.store, 30).await;
    let after = table.store.read_catalog(tenant(), at(0)).await.unwrap();
    assert_eq!(after.circuit(GatewayId::new(id("gateway"))).state(), "open");
    assert_eq!(
        after.circuit(GatewayId::new(id("other gateway"))).state(),
        "closed"
    );
    assert_eq!(after.of(KIND), before.of(KIND));

    close(&table, tenant(), GatewayId::new(id("gateway"))).await;
    let reset = table.store.catalog(tenant(), at(0)).await.unwrap();
    assert_eq!(
        reset.circuit(GatewayId::new(id("gateway"))),
        Circuit::default()
    );
}

#[tokio::test]
async fn a_circuit_that_does_not_read_is_named() {
    let table = Table::start().await;
    fail(&table.store, 1).await;
    let wrong = AttributeValue::N("-1".to_owned());
    let (pk, sk) = (catalog_pk(), sk());
    table.spoil((&pk, &sk), "failures", wrong).await;
    let error = table
        .store
        .state(tenant(), GatewayId::new(id("gateway")))
        .await;
    assert!(error.unwrap_err().0.contains(&sk));
    let error = table.store.catalog(tenant(), at(0)).await.unwrap_err();
    assert!(error.to_string().contains(&sk), "{error}");
}

//! The circuits of external gateways: an item each beside the gateway's record, which counting must not
//! change. An `UpdateItem` with a condition instead of the transaction that writes records: counts made
//! at once add up and do not conflict. One that the SDK repeats after a lost answer may count twice,
//! which opens a circuit a failure early.

use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::catalog::Circuit;
use domain::gateway::{CircuitUnavailable, Circuits};
use domain::{GatewayId, Tenant};
use futures_util::future::BoxFuture;
use serde::Deserialize;

use crate::item::{RawItem, from_raw};
use crate::keys::Keys;
use crate::{Store, StoreError};

/// The type of the items that store circuits.
pub(crate) const CIRCUIT: &str = "circuit";

/// A circuit as it is stored.
#[derive(Deserialize)]
struct CircuitItem {
    gateway: GatewayId,
    failures: u32,
}

/// The circuit that an item stores, and its gateway.
pub(crate) fn read(item: RawItem) -> Result<(GatewayId, Circuit), StoreError> {
    let CircuitItem { gateway, failures } = from_raw(item)?;
    Ok((gateway, Circuit { failures }))
}

impl Circuits for Store {
    /// One round trip.
    fn state(
        &self,
        tenant: Tenant,
        gateway: GatewayId,
    ) -> BoxFuture<'_, Result<Circuit, CircuitUnavailable>> {
        Box::pin(async move {
            let item = self.item(Keys::of(tenant).circuit(gateway)).await?;
            let circuit = item.map(read).transpose()?;
            Ok(circuit.map_or_else(Circuit::default, |(_, circuit)| circuit))
        })
    }

    /// One round trip.
    fn failed(
        &self,
        tenant: Tenant,
        gateway: GatewayId,
    ) -> BoxFuture<'_, Result<(), CircuitUnavailable>> {
        Box::pin(async move {
            let text = |text: &str| AttributeValue::S(text.to_owned());
            let update = self
                .update_closed(tenant, gateway)
                .update_expression(
                    "SET #type = :type, #gateway = :gateway ADD #failures :one, #version :one",
                )
                .condition_expression("attribute_not_exists(#failures) OR #failures < :opens_at")
                .expression_attribute_names("#type", "type")
                .expression_attribute_names("#gateway", "gateway")
                .expression_attribute_values(":type", text(CIRCUIT))
                .expression_attribute_values(":gateway", text(gateway.as_str()));
            Ok(send(update).await?)
        })
    }

    /// One round trip.
    fn succeeded(
        &self,
        tenant: Tenant,
        gateway: GatewayId,
    ) -> BoxFuture<'_, Result<(), CircuitUnavailable>> {
        Box::pin(async move {
            let update = self
                .update_closed(tenant, gateway)
                .update_expression("SET #failures = :none ADD #version :one")
                .condition_expression("#failures < :opens_at")
                .expression_attribute_values(":none", number(0));
            Ok(send(update).await?)
        })
    }
}

impl Store {
    /// An update of a circuit's count, with the names and values that its condition takes.
    fn update_closed(&self, tenant: Tenant, gateway: GatewayId) -> UpdateItemFluentBuilder {
        self.client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(Keys::of(tenant).circuit(gateway).attributes()))
            .expression_attribute_names("#failures", "failures")
            .expression_attribute_names("#version", "version")
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":opens_at", number(Circuit::OPENS_AT))
    }
}

/// Makes the update. One whose condition fails is of an open circuit, or of one that never failed:
/// there is nothing to count.
async fn send(update: UpdateItemFluentBuilder) -> Result<(), StoreError> {
    match Box::pin(update.send()).await {
        Ok(_) => Ok(()),
        Err(error) => match error.as_service_error() {
            Some(refused) if refused.is_conditional_check_failed_exception() => Ok(()),
            _ => Err(error.into()),
        },
    }
}

fn number(number: u32) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

impl From<StoreError> for CircuitUnavailable {
    fn from(error: StoreError) -> Self {
        Self(error.to_string())
    }
}

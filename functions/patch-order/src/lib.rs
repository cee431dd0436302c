//! `PATCH /api/orders/{id}`: changes an order, selects its payment method, saves its payment source
//! to the customer's wallet, and puts a saved source on it.

use bytes::Bytes;
use decisions::commands::{
    AddressTriggers, CustomerOfEmail, Lifecycle, MethodChoice, OrderAddresses, OrderRelations,
    PatchOrder,
};
use decisions::{CallGateway, Unique};
use domain::record::Record;
use domain::resources::rules;
use domain::{CustomerId, OrderId, PaymentMethodId, Refusal, ResourceType};
use futures_util::future;
use http::{Request, Response};
use json_api::{QueryFor, Verb, Write};
use serde_json::Value;
use service::load::{self, Wanted};
use service::{Action, Body, Call, Context, Failure, OrderOf, OrderTask, Route};

const METHOD: &str = "payment_method";

/// What this function answers.
pub const ROUTES: &[Route] = &[Route::patch("/api/orders/{id}")];

/// Answers a request.
pub async fn handle(
    context: &Context,
    gateways: &dyn CallGateway,
    request: Request<Bytes>,
) -> Response<Bytes> {
    service::answer(context, request, ROUTES, |call| patch_order(call, gateways)).await
}

async fn patch_order(call: Call<'_>, gateways: &dyn CallGateway) -> Result<Body, Failure> {
    call.require(Action::PatchOrder)?;
    let id = call.id()?;
    let query = call.query(&[ResourceType::Orders], QueryFor::One)?;
    let document = call.document(ResourceType::Orders, Verb::Update(id))?;

    let write = document.write(&call.caller)?;
    load::require_unique(&call, ResourceType::Orders, Some(id), &write).await?;
    let command = command(&call, write).await?;
    let wanted = Wanted::for_order(&query.include);
    let wanted = match (command.needs_wallet(), command.save) {
        (_, true) => wanted.to_decide().to_save(),
        (true, false) => wanted.to_decide(),
        (false, false) => wanted.to_decide_without_wallet(),
    };
    let wanted = match command.addresses.saves() {
        true => wanted.with_address_book(),
        false => wanted,
    };
    let wanted = match command.lifecycle.is_asked() || command.needs_addresses() {
        true => wanted.with_parts(),
        false => wanted.to_pend(),
    };
    let wanted = wanted.to_claim();
    let task = OrderTask {
        order: OrderOf::Id(OrderId::new(id)),
        wanted,
        command,
        precondition: call.precondition(ResourceType::Orders, id, &query),
    };
    let purchase = service::run(&call, Some(gateways), &task).await?;
    let purchase = match purchase.has_undecided_transactions() {
        false => purchase,
        // The gateway was asked once they were written: what came of it is read again.
        true => load::purchase(&call, OrderId::new(id), wanted).await?,
    };

    let order = purchase.order().to_record();
    let graph = call.around(purchase);
    let document = call.render(&order, graph, &query).await?;
    Ok(Body::Document(document))
}

async fn command(call: &Call<'_>, write: Write) -> Result<PatchOrder, Failure> {
    let others = write.relationships.iter().copied();
    let relationships: Vec<_> = others.filter(|(name, _)| *name != METHOD).collect();
    let named = relationships.iter().filter_map(|(_, to)| *to);
    let relations = OrderRelations {
        named: load::named(call, named).await?,
        relationships,
    };
    let (billing, shipping) = future::try_join(
        copied(call, &write, "_billing_address_clone_id"),
        copied(call, &write, "_shipping_address_clone_id"),
    )
    .await?;
    let addresses = OrderAddresses {
        billing: AddressTriggers {
            copied: billing,
            same_as_other: write.is_triggered("_billing_address_same_as_shipping"),
            save: write.is_triggered("_save_billing_address_to_customer_address_book"),
        },
        shipping: AddressTriggers {
            copied: shipping,
            same_as_other: write.is_triggered("_shipping_address_same_as_billing"),
            save: write.is_triggered("_save_shipping_address_to_customer_address_book"),
        },
    };
    Ok(PatchOrder {
        customer: customer_of_email(call, &write).await?,
        relations,
        addresses,
        refresh: write.is_triggered("_refresh"),
        payment_method: match write.relationship(METHOD) {
            None => MethodChoice::Unchanged,
            Some(None) => MethodChoice::None,
            Some(Some(method)) => MethodChoice::Method(PaymentMethodId::new(method.id)),
        },
        nullify: write.is_triggered("_nullify_payment_source"),
        reuse: write
            .trigger_text("_customer_payment_source_id")
            .map(str::to_owned),
        save: write.is_triggered("_save_payment_source_to_customer_wallet"),
        lifecycle: lifecycle(&write),
        attributes: write.attributes,
    })
}

/// The customer whom the e-mail address names that an order is given, and who signs up with the password.
async fn customer_of_email(
    call: &Call<'_>,
    write: &Write,
) -> Result<Option<CustomerOfEmail>, Failure> {
    let password = write.trigger_text("customer_password");
    let email = write.attributes.get("customer_email");
    let Some(email) = email.and_then(Value::as_str) else {
        return match password {
            Some(_) => {
                let missing = Refusal::blank("customer_email").at_attribute("customer_email");
                Err(missing.into())
            }
            None => Ok(None),
        };
    };
    let (store, tenant) = (&call.context.store, call.caller.tenant);
    let unique = Unique::new(ResourceType::Customers, email);
    let known = store.holder_of_unique(tenant, &unique).await?;
    let password_hash = match password.filter(|_| known.is_none()) {
        Some(password) => {
            rules::password("customer_password", &password.into())
                .map_err(|refusal| refusal.at_attribute("customer_password"))?;
            Some(call.hash_password(password).await?)
        }
        None => password.map(|_| String::new()),
    };
    Ok(Some(CustomerOfEmail {
        email: email.to_owned(),
        known: known.map(CustomerId::new),
        password_hash,
    }))
}

/// The address that is to be copied: any that the caller may read.
async fn copied(
    call: &Call<'_>,
    write: &Write,
    trigger: &'static str,
) -> Result<Option<Record>, Failure> {
    let Some(id) = write.trigger_text(trigger) else {
        return Ok(None);
    };
    let kind = ResourceType::Addresses;
    let read = match id.parse() {
        Ok(id) => load::record(call, kind, id).await,
        Err(_) => Err(Refusal::not_found().into()),
    };
    match read {
        Ok((address, _)) => Ok(Some(address)),
        Err(failure) => Err(failure.at_attribute(trigger)),
    }
}

fn lifecycle(write: &Write) -> Lifecycle {
    Lifecycle {
        pend: write.is_triggered("_pending"),
        authorize: write.is_triggered("_authorize"),
        place: write.is_triggered("_place"),
        approve: write.is_triggered("_approve"),
        capture: write.is_triggered("_capture"),
        approve_and_capture: write.is_triggered("_approve_and_capture"),
        refund: write.is_triggered("_refund"),
        cancel: write.is_triggered("_cancel"),
        archive: write.is_triggered("_archive"),
        unarchive: write.is_triggered("_unarchive"),
    }
}

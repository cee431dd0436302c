//! Which function answers a request, as API Gateway decides it in the cloud: the one with the most
//! specific route.

use std::future::Future;

use bytes::Bytes;
use decisions::{CallGateway, ReadEvent};
use domain::BoxFuture;
use http::{Request, Response};
use issue_token::Issuing;
use routing::Route;
use secrets::WritableSecrets;
use serde_json::Value;
use service::{Context, Failure, Swept};

tokio::task_local! {
    static RUNNING: &'static str;
}

/// What functions need beside a request.
#[derive(Clone, Copy)]
pub struct Services<'a> {
    /// What every endpoint needs.
    pub context: &'a Context,
    /// What endpoints that pay need.
    pub gateways: &'a dyn CallGateway,
    /// Reads what gateways send by themselves.
    pub events: &'a dyn ReadEvent,
    /// Where credentials are kept.
    pub secrets: &'a dyn WritableSecrets,
    /// What tokens are issued with.
    pub issuing: &'a Issuing,
}

/// Has a request answered.
pub type Handler = for<'a> fn(Services<'a>, Request<Bytes>) -> BoxFuture<'a, Response<Bytes>>;

/// A function that is called over HTTP.
#[derive(Debug, Clone, Copy)]
pub struct Function {
    /// Its name: its crate's, its binary's and, in the template, its resource's.
    pub name: &'static str,
    /// What it answers.
    pub routes: &'static [Route],
    /// How.
    pub handle: Handler,
}

impl Function {
    /// Has a request answered, as [this function](running)'s work.
    pub async fn answer(&self, services: Services<'_>, request: Request<Bytes>) -> Response<Bytes> {
        run_as(self.name, (self.handle)(services, request)).await
    }
}

impl PartialEq for Function {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

/// What no function has a route for goes to this one: a path that nobody takes should reach none that
/// may change something or knows a secret, and this one reads whatever a link leads to. Its answer is
/// [`routing::no_route`], as every function's is.
pub const OF_NO_ROUTE: &Function = &GET_RELATED;

const GET_RELATED: Function = Function {
    name: "get-related",
    routes: get_related::ROUTES,
    handle: |to, request| Box::pin(get_related::handle(to.context, request)),
};

/// Every function that is called over HTTP.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "get-order",
        routes: get_order::ROUTES,
        handle: |to, request| Box::pin(get_order::handle(to.context, request)),
    },
    Function {
        name: "patch-order",
        routes: patch_order::ROUTES,
        handle: |to, request| Box::pin(patch_order::handle(to.context, to.gateways, request)),
    },
    Function {
        name: "create-payment-source",
        routes: create_payment_source::ROUTES,
        handle: |to, request| {
            Box::pin(create_payment_source::handle(
                to.context,
                to.gateways,
                request,
            ))
        },
    },
    Function {
        name: "get-payment-source",
        routes: get_payment_source::ROUTES,
        handle: |to, request| Box::pin(get_payment_source::handle(to.context, request)),
    },
    Function {
        name: "patch-payment-source",
        routes: patch_payment_source::ROUTES,
        handle: |to, request| {
            Box::pin(patch_payment_source::handle(
                to.context,
                to.gateways,
                request,
            ))
        },
    },
    Function {
        name: "patch-transaction",
        routes: patch_transaction::ROUTES,
        handle: |to, request| Box::pin(patch_transaction::handle(to.context, to.gateways, request)),
    },
    Function {
        name: "delete-payment-source",
        routes: delete_payment_source::ROUTES,
        handle: |to, request| {
            Box::pin(delete_payment_source::handle(
                to.context,
                to.gateways,
                request,
            ))
        },
    },
    Function {
        name: "list-customer-payment-sources",
        routes: list_customer_payment_sources::ROUTES,
        handle: |to, request| Box::pin(list_customer_payment_sources::handle(to.context, request)),
    },
    Function {
        name: "get-customer-payment-source",
        routes: get_customer_payment_source::ROUTES,
        handle: |to, request| Box::pin(get_customer_payment_source::handle(to.context, request)),
    },
    Function {
        name: "patch-customer-payment-source",
        routes: patch_customer_payment_source::ROUTES,
        handle: |to, request| Box::pin(patch_customer_payment_source::handle(to.context, request)),
    },
    Function {
        name: "delete-customer-payment-source",
        routes: delete_customer_payment_source::ROUTES,
        handle: |to, request| {
            Box::pin(delete_customer_payment_source::handle(
                to.context,
                to.gateways,
                request,
            ))
        },
    },
    GET_RELATED,
    Function {
        name: "get-openapi",
        routes: get_openapi::ROUTES,
        handle: |to, request| {
            Box::pin(async move { get_openapi::handle(to.context.random.as_ref(), &request).await })
        },
    },
    Function {
        name: "manage-resources",
        routes: manage_resources::ROUTES,
        handle: |to, request| Box::pin(manage_resources::handle(to.context, to.secrets, request)),
    },
    Function {
        name: "receive-gateway-event",
        routes: receive_gateway_event::ROUTES,
        handle: |to, request| {
            Box::pin(receive_gateway_event::handle(
                to.context,
                to.gateways,
                to.events,
                request,
            ))
        },
    },
    Function {
        name: "issue-token",
        routes: issue_token::ROUTES,
        handle: |to, request| Box::pin(issue_token::handle(to.context, to.issuing, request)),
    },
];

/// The routes of all functions.
pub fn routes() -> Vec<Route> {
    FUNCTIONS.iter().flat_map(|it| it.routes).copied().collect()
}

/// The OpenAPI document about all of them.
pub fn description() -> Value {
    openapi::document(&routes())
}

/// Has a request answered by its function.
pub async fn dispatch(services: Services<'_>, request: Request<Bytes>) -> Response<Bytes> {
    let function = function_for(request.method().as_str(), request.uri().path());
    function.answer(services, request).await
}

/// The function that has no route: a schedule calls it.
pub const SWEEP: &str = "sweep";

/// Carries on what is owed, as the function does.
///
/// # Errors
/// The table does not answer.
pub async fn sweep(context: &Context, gateways: &dyn CallGateway) -> Result<Swept, Failure> {
    run_as(SWEEP, sweep::run(context, gateways)).await
}

/// Does the work of the function of this name.
pub async fn run_as<F: Future>(function: &'static str, work: F) -> F::Output {
    RUNNING.scope(function, work).await
}

/// The name of the function whose work the current task does, none outside of any. In the cloud each has a process
/// and a role of its own; here they share one process, and a client of the table that is asked by all of them.
pub fn running() -> Option<&'static str> {
    RUNNING.try_with(|name| *name).ok()
}

/// The function with the most specific route.
pub fn function_for(method: &str, path: &str) -> &'static Function {
    let matching = FUNCTIONS.iter().filter_map(|function| {
        let (route, _) = routing::find(function.routes, method, path)?;
        Some((literal_segments(route.path), function))
    });
    let most_specific = matching.max_by_key(|(specificity, _)| *specificity);
    most_specific.map_or(OF_NO_ROUTE, |(_, function)| function)
}

/// How many segments of a path are given: what has more of them is more specific.
pub fn literal_segments(path: &str) -> usize {
    let segments = path.split('/');
    segments.filter(|segment| !segment.starts_with('{')).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_specific_route_is_taken() {
        let function = |path: &str| function_for("GET", path).name;
        assert_eq!(function("/api/orders/eqkykhjlVw"), "get-order");
        assert_eq!(function("/api/orders/eqkykhjlVw/market"), "get-related");
        assert_eq!(
            function("/api/orders/eqkykhjlVw/available_customer_payment_sources"),
            "list-customer-payment-sources"
        );
        assert_eq!(function("/api/payment_methods/WmOodsVPmQ"), "get-related");
        assert_eq!(function("/api/payment_methods"), "manage-resources");
        assert_eq!(
            function("/api/customer_payment_sources"),
            "list-customer-payment-sources"
        );
    }

    #[test]
    fn what_nobody_has_a_route_for_goes_to_the_one_that_answers_that() {
        for (method, path, takes) in [
            ("GET", "/nothing", ""),
            ("GET", "/api/unicorns", ""),
            ("PUT", "/api/orders/eqkykhjlVw", "GET, HEAD, PATCH, DELETE"),
            ("POST", "/api/payment_gateways", "GET, HEAD"),
        ] {
            assert_eq!(function_for(method, path), OF_NO_ROUTE, "{method} {path}");
            let answer = routing::no_route(method, path);
            let allow = answer.headers().get("allow");
            let allow = allow.map_or("", |it| it.to_str().unwrap());
            assert_eq!(allow, takes, "{method} {path}");
        }
    }
}

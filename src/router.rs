//! Which function answers a request, as API Gateway decides it in the cloud: the most specific route.

use bytes::Bytes;
use domain::gateway::CallGateway;
use http::{Request, Response};
use issue_token::Issuing;
use routing::{Found, Method, Route};
use secrets::Secrets;
use serde_json::Value;
use service::Context;

/// A function that is called over HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Function {
    /// Its name: its crate's, its binary's and, in the template, its resource's.
    pub name: &'static str,
    /// What it answers.
    pub routes: &'static [Route],
}

/// Every function that is called over HTTP.
pub const FUNCTIONS: &[Function] = &[
    function("get-order", get_order::ROUTES),
    function("patch-order", patch_order::ROUTES),
    function("create-payment-source", create_payment_source::ROUTES),
    function("get-payment-source", get_payment_source::ROUTES),
    function("patch-payment-source", patch_payment_source::ROUTES),
    function("delete-payment-source", delete_payment_source::ROUTES),
    function(
        "list-customer-payment-sources",
        list_customer_payment_sources::ROUTES,
    ),
    function(
        "get-customer-payment-source",
        get_customer_payment_source::ROUTES,
    ),
    function(
        "patch-customer-payment-source",
        patch_customer_payment_source::ROUTES,
    ),
    function(
        "delete-customer-payment-source",
        delete_customer_payment_source::ROUTES,
    ),
    function("get-related", get_related::ROUTES),
    function("get-openapi", get_openapi::ROUTES),
    function("manage-resources", manage_resources::ROUTES),
    function("issue-token", issue_token::ROUTES),
];

const fn function(name: &'static str, routes: &'static [Route]) -> Function {
    Function { name, routes }
}

/// The OpenAPI document about all of them.
pub fn description() -> Value {
    let routes: Vec<_> = FUNCTIONS.iter().flat_map(|it| it.routes).copied().collect();
    openapi::document(&routes)
}

/// What functions need beside a request.
#[derive(Clone, Copy)]
pub struct Services<'a> {
    /// What every endpoint needs.
    pub context: &'a Context,
    /// What endpoints that pay need.
    pub gateways: &'a dyn CallGateway,
    /// Where credentials are kept.
    pub secrets: &'a dyn Secrets,
    /// What tokens are issued with.
    pub issuing: &'a Issuing,
}

/// Has a request answered by its function.
pub async fn dispatch(services: Services<'_>, request: Request<Bytes>) -> Response<Bytes> {
    let method = request.method().as_str().to_owned();
    match function_for(&method, request.uri().path()) {
        Ok(name) => invoke(name, services, request).await,
        Err(methods) => service::answer_no_route(services.context, request, &methods).await,
    }
}

/// Has a request answered by the function of that name.
pub async fn invoke(
    name: &str,
    services: Services<'_>,
    request: Request<Bytes>,
) -> Response<Bytes> {
    let Services {
        context,
        gateways,
        secrets,
        issuing,
    } = services;
    match name {
        "get-order" => get_order::handle(context, request).await,
        "patch-order" => patch_order::handle(context, gateways, request).await,
        "create-payment-source" => create_payment_source::handle(context, gateways, request).await,
        "get-payment-source" => get_payment_source::handle(context, request).await,
        "patch-payment-source" => patch_payment_source::handle(context, gateways, request).await,
        "delete-payment-source" => delete_payment_source::handle(context, gateways, request).await,
        "list-customer-payment-sources" => {
            list_customer_payment_sources::handle(context, request).await
        }
        "get-customer-payment-source" => {
            get_customer_payment_source::handle(context, request).await
        }
        "patch-customer-payment-source" => {
            patch_customer_payment_source::handle(context, request).await
        }
        "delete-customer-payment-source" => {
            delete_customer_payment_source::handle(context, gateways, request).await
        }
        "get-related" => get_related::handle(context, request).await,
        "get-openapi" => get_openapi::handle(context.random.as_ref(), &request).await,
        "manage-resources" => manage_resources::handle(context, secrets, request).await,
        "issue-token" => issue_token::handle(context, issuing, request).await,
        _ => service::answer_no_route(context, request, &[]).await,
    }
}

/// The function with the most specific route, or the methods that the path takes.
fn function_for(method: &str, path: &str) -> Result<&'static str, Vec<Method>> {
    let mut best: Option<(usize, &'static str)> = None;
    let mut other_methods = Vec::new();
    for function in FUNCTIONS {
        match routing::find(function.routes, method, path) {
            Found::Route(route, _) => {
                let specificity = literal_segments(&route);
                if best.is_none_or(|(most, _)| specificity > most) {
                    best = Some((specificity, function.name));
                }
            }
            Found::OtherMethods(mut methods) => other_methods.append(&mut methods),
            Found::Nothing => {}
        }
    }
    other_methods.sort_unstable();
    other_methods.dedup();
    best.map(|(_, name)| name).ok_or(other_methods)
}

fn literal_segments(route: &Route) -> usize {
    let segments = route.path.split('/');
    segments.filter(|segment| !segment.starts_with('{')).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_specific_route_is_taken() {
        let function = |path: &str| function_for("GET", path).unwrap();
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
        assert_eq!(function_for("GET", "/nothing"), Err(vec![]));
        assert_eq!(function_for("GET", "/api/unicorns"), Err(vec![]));
        let methods = function_for("PUT", "/api/orders/eqkykhjlVw").unwrap_err();
        assert_eq!(methods, [Method::Get, Method::Patch, Method::Delete]);
        let methods = function_for("POST", "/api/payment_gateways").unwrap_err();
        assert_eq!(methods, [Method::Get]);
    }
}

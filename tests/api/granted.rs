//! Every function asks DynamoDB for nothing but what the template grants to its role: each call of the suite is
//! looked at before it is made.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use billfold::{Options, router};
use serde_json::Value;
use store::aws_sdk_dynamodb::config::interceptors::BeforeTransmitInterceptorContextRef;
use store::aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use store::aws_sdk_dynamodb::error::BoxError;

use crate::policies::{Asked, Grant, ROLES, TABLE_ARN, asked, roles};

/// Those that decide about orders and wallets, and ask gateways.
const THAT_PAY: [&str; 8] = [
    "create-payment-source",
    "delete-customer-payment-source",
    "delete-payment-source",
    "patch-order",
    "patch-payment-source",
    "patch-transaction",
    "receive-gateway-event",
    "sweep",
];

/// The functions' roles, which a running app is held to. Once it is done with, the test fails where a function was
/// refused: one that goes on without an answer would not tell.
#[derive(Default)]
pub struct Roles(Arc<Mutex<Seen>>);

/// Refuses what a function is not granted, as IAM would.
#[derive(Debug, Clone)]
struct Refuse(Arc<Mutex<Seen>>);

#[derive(Debug, Default)]
struct Seen {
    /// What was asked for, and by which function.
    asked: BTreeSet<(&'static str, Asked)>,
    refused: Vec<String>,
}

impl Roles {
    /// The same options, with the calls held to the roles.
    pub fn hold(&self, options: Options) -> Options {
        let (refuse, configure) = (Refuse(self.0.clone()), options.engine_client);
        Options {
            engine_client: Arc::new(move |builder| configure(builder).interceptor(refuse.clone())),
            ..options
        }
    }

    /// The functions' grants that none of their calls has used yet, and the policies that a function shares of which
    /// it has used nothing: what others share with it has to be used by one of them.
    pub fn unused(&self) -> BTreeSet<String> {
        let seen = self.0.lock().unwrap();
        let of_call = |(function, asked): &(&'static str, Asked)| {
            let grants = ROLES[*function].used_by(asked);
            grants.map(|it| (*function, it)).collect::<Vec<_>>()
        };
        let used: BTreeSet<_> = seen.asked.iter().flat_map(of_call).collect();
        let is_used = |function: &str, wanted: &Grant| {
            let mut used = used.iter().filter(|(_, it)| it == wanted);
            used.any(|(by, _)| *by == function || wanted.shared.is_some())
        };
        let uses = |function: &str, policy: &str| {
            let mut used = used.iter().filter(|(by, _)| *by == function);
            used.any(|(_, it)| it.shared.as_deref() == Some(policy))
        };
        let mut unused = BTreeSet::new();
        for (function, role) in ROLES.iter() {
            for grant in role.grants() {
                // Credentials are what it is for, which the table has not.
                let shared = grant.shared.as_deref().filter(|it| *it != "CallGateways");
                if let Some(policy) = shared.filter(|it| !uses(function, it)) {
                    unused.insert(format!("{function}: {policy}"));
                }
                if !is_used(function, &grant) {
                    let of = grant.shared.as_deref().unwrap_or(function);
                    let partitions = grant.partitions.as_deref().unwrap_or("any");
                    unused.insert(format!("{of}: {} {partitions}", grant.action));
                }
            }
        }
        unused
    }
}

impl Refuse {
    fn look_at(&self, function: &'static str, asked: Asked) -> Result<(), BoxError> {
        let mut seen = self.0.lock().unwrap();
        if ROLES[function].allows(&asked) {
            seen.asked.insert((function, asked));
            return Ok(());
        }
        let Asked {
            action,
            resource,
            partitions,
        } = asked;
        let refused = format!(
            "AccessDeniedException: {function} is not authorized to perform {action} on {resource} in the \
             partitions {partitions:?}: template.yaml has no such grant"
        );
        seen.refused.push(refused.clone());
        Err(refused.into())
    }
}

impl Intercept for Refuse {
    fn name(&self) -> &'static str {
        "Refuse"
    }

    fn read_after_serialization(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        // What the tests themselves and an operator's commands ask for is nobody's role.
        let Some(function) = router::running() else {
            return Ok(());
        };
        let request = context.request();
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default();
        let body: Value = serde_json::from_slice(request.body().bytes().unwrap_or_default())?;
        for asked in asked(operation, &body) {
            self.look_at(function, asked)?;
        }
        Ok(())
    }
}

impl Drop for Roles {
    fn drop(&mut self) {
        let refused = std::mem::take(&mut self.0.lock().unwrap().refused);
        match (refused.is_empty(), std::thread::panicking()) {
            (true, _) => {}
            (false, true) => eprintln!("{refused:#?}"),
            (false, false) => panic!("{refused:#?}"),
        }
    }
}

/// What of the table is worth most, and who may ask for it.
const WHO: &[(&str, &str, &[&str])] = &[
    // Secrets of clients, as hashes: of the application that asks, its kind is shown.
    ("GetItem", "client#shop", &["get-related", "issue-token"]),
    ("PutItem", "client#shop", &[]),
    // Whoever writes a session has its tokens.
    ("GetItem", "#token#ff", &["issue-token"]),
    ("PutItem", "#token#ff", &["issue-token"]),
    ("GetItem", "#throttle#ff", &["issue-token"]),
    // Whoever writes a request for another password sets it.
    (
        "PutItem",
        "#customer_password_resets#RRRRRRRRRR",
        &["manage-resources"],
    ),
    (
        "Query",
        "#customer_password_resets#RRRRRRRRRR",
        &["get-related", "manage-resources"],
    ),
    // Where gateways are, and what they are asked with.
    ("PutItem", "#catalog", &["manage-resources"]),
    ("UpdateItem", "#catalog", &THAT_PAY),
    ("UpdateItem", "#counter#orders", &["manage-resources"]),
    ("UpdateItem", "#order#RRRRRRRRRR", &[]),
    ("BatchWriteItem", "#order#RRRRRRRRRR", &[]),
];

#[test]
fn what_is_worth_most_is_few_functions_to_ask_for() {
    for (action, partition, functions) in WHO {
        for mode in ["test", "live"] {
            let partition = match partition.starts_with('#') {
                true => format!("OOOOOOOOOO#{mode}{partition}"),
                false => (*partition).to_owned(),
            };
            let asked = Asked {
                action: format!("dynamodb:{action}"),
                resource: TABLE_ARN.to_owned(),
                partitions: BTreeSet::from([partition]),
            };
            let may = ROLES.iter().filter(|(_, it)| it.allows(&asked));
            let may: Vec<_> = may.map(|(function, _)| function.as_str()).collect();
            assert_eq!(may, *functions, "{asked:?}");
        }
    }
}

#[test]
fn nothing_is_asked_of_the_table_as_a_whole_but_by_the_sweeper() {
    for (function, role) in ROLES.iter() {
        for action in ["Scan", "Query", "PutItem", "DeleteTable", "DescribeTable"] {
            let asked = Asked {
                action: format!("dynamodb:{action}"),
                resource: TABLE_ARN.to_owned(),
                partitions: BTreeSet::new(),
            };
            let is_allowed = role.allows(&asked);
            let is_sweepers = (function.as_str(), action) == ("sweep", "DescribeTable");
            assert_eq!(is_allowed, is_sweepers, "{function}: {asked:?}");
        }
    }
}

#[test]
fn a_restored_table_is_granted_as_the_stacks_own() {
    assert_eq!(roles(true), *ROLES);
}

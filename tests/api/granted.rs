//! Every function asks DynamoDB for nothing but what the template grants to its role: each call of the suite is
//! looked at before it is made.

use std::sync::{Arc, Mutex};

use billfold::{Options, router};
use serde_json::Value;
use store::aws_sdk_dynamodb::config::interceptors::BeforeTransmitInterceptorContextRef;
use store::aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use store::aws_sdk_dynamodb::error::BoxError;

use crate::policies::{Asked, ROLES, asked, roles};

/// The functions' roles, which a running app is held to. Once it is done with, the test fails where a function was
/// refused: one that goes on without an answer would not tell.
#[derive(Default)]
pub struct Roles(Refused);

/// Refuses what a function is not granted, as IAM would.
#[derive(Debug, Clone)]
struct Refuse(Refused);

type Refused = Arc<Mutex<Vec<String>>>;

impl Roles {
    /// The same options, with the calls held to the roles.
    pub fn hold(&self, options: Options) -> Options {
        let (refuse, configure) = (Refuse(self.0.clone()), options.engine_client);
        Options {
            engine_client: Arc::new(move |builder| configure(builder).interceptor(refuse.clone())),
            ..options
        }
    }
}

impl Refuse {
    fn look_at(&self, function: &str, asked: &Asked) -> Result<(), BoxError> {
        if ROLES[function].allows(asked) {
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
        self.0.lock().unwrap().push(refused.clone());
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
            self.look_at(function, &asked)?;
        }
        Ok(())
    }
}

impl Drop for Roles {
    fn drop(&mut self) {
        let refused = std::mem::take(&mut *self.0.lock().unwrap());
        match (refused.is_empty(), std::thread::panicking()) {
            (true, _) => {}
            (false, true) => eprintln!("{refused:#?}"),
            (false, false) => panic!("{refused:#?}"),
        }
    }
}

#[test]
fn a_restored_table_is_granted_as_the_stacks_own() {
    assert_eq!(roles(true), *ROLES);
}

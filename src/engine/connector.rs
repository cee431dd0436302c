//! How the store reaches the embedded engine.

use std::fmt;
use std::sync::Arc;

use aws_smithy_http_client::Connector;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;

use super::write_ahead_log::WriteAheadLog;

/// What changes nothing; whatever else there is may.
const READS: [&str; 5] = [
    "BatchGetItem",
    "GetItem",
    "Query",
    "Scan",
    "TransactGetItems",
];

/// A client of the engine, whose writes are answered once they are on the disk.
///
/// The engine holds up everybody for as long as it writes, and would for as long as the disk takes, too.
pub fn client(log: Option<WriteAheadLog>) -> SharedHttpClient {
    let connector = SharedHttpConnector::new(Durable {
        engine: SharedHttpConnector::new(Connector::builder().build_http()),
        log: log.map(Arc::new),
    });
    http_client_fn(move |_, _| connector.clone())
}

struct Durable {
    engine: SharedHttpConnector,
    log: Option<Arc<WriteAheadLog>>,
}

impl HttpConnector for Durable {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let log = self.log.clone().filter(|_| !is_read(&request));
        let answer = self.engine.call(request);
        let Some(log) = log else {
            return answer;
        };
        HttpConnectorFuture::new(async move {
            let answer = answer.await?;
            let on_disk = log.on_disk().await;
            on_disk.map_err(|error| ConnectorError::io(error.into()))?;
            Ok(answer)
        })
    }
}

impl fmt::Debug for Durable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Durable").finish_non_exhaustive()
    }
}

fn is_read(request: &HttpRequest) -> bool {
    let target = request.headers().get("x-amz-target").unwrap_or_default();
    let operation = target.rsplit('.').next().unwrap_or_default();
    READS.contains(&operation)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_reads_does_not_wait_for_the_disk() {
        let asked = |target: &str| {
            let mut request = HttpRequest::empty();
            let target = format!("DynamoDB_20120810.{target}");
            request.headers_mut().insert("x-amz-target", target);
            is_read(&request)
        };
        assert!(READS.iter().all(|it| asked(it)));
        for write in [
            "BatchWriteItem",
            "CreateTable",
            "DeleteItem",
            "ExecuteStatement",
            "PutItem",
            "TransactWriteItems",
            "UpdateItem",
        ] {
            assert!(!asked(write), "{write}");
        }
        assert!(!is_read(&HttpRequest::empty()));
    }
}

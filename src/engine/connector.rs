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

/// A client of the engine, whose calls are answered once what they have written, and what they may have read of others,
/// is on the disk.
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
        let Some(log) = self.log.clone() else {
            return self.engine.call(request);
        };
        let ahead = (!is_read(&request)).then(|| log.ahead());
        let answer = self.engine.call(request);
        let settled = async move {
            let answer = answer.await;
            if log.is_behind() {
                let on_disk = log.on_disk().await;
                on_disk.map_err(|error| ConnectorError::io(error.into()))?;
            }
            answer
        };
        let Some(ahead) = ahead else {
            return HttpConnectorFuture::new(settled);
        };
        // Whoever stops waiting for it, the engine may have written it by then.
        let carried = tokio::spawn(async move {
            let settled = settled.await;
            drop(ahead);
            settled
        });
        HttpConnectorFuture::new(async move {
            let ended = carried.await;
            ended.unwrap_or_else(|error| Err(ConnectorError::other(error.into(), None)))
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
    use std::io;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::Duration;

    use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
    use aws_smithy_runtime_api::http::StatusCode;

    use super::*;

    /// An engine that has done what it is asked for at once.
    #[derive(Debug)]
    struct Prompt;

    impl HttpConnector for Prompt {
        fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
            let ok = StatusCode::try_from(200).unwrap();
            HttpConnectorFuture::ready(Ok(HttpResponse::new(ok, "{}".into())))
        }
    }

    fn over(log: WriteAheadLog) -> Durable {
        Durable {
            engine: SharedHttpConnector::new(Prompt),
            log: Some(Arc::new(log)),
        }
    }

    fn to(operation: &str) -> HttpRequest {
        let mut request = HttpRequest::empty();
        let target = format!("DynamoDB_20120810.{operation}");
        request.headers_mut().insert("x-amz-target", target);
        request
    }

    #[tokio::test]
    async fn what_the_disk_refuses_is_not_answered_as_written() {
        let durable = over(WriteAheadLog::with(|| {
            Err(io::ErrorKind::StorageFull.into())
        }));
        assert!(durable.call(to("PutItem")).await.unwrap_err().is_io());
        assert!(durable.call(to("PutItem")).await.unwrap_err().is_io());
        durable.call(to("Query")).await.unwrap();
    }

    #[tokio::test]
    async fn what_is_not_on_the_disk_is_neither_acknowledged_nor_shown() {
        let is_slow = Arc::new(AtomicBool::new(true));
        let slow = Arc::clone(&is_slow);
        let durable = over(WriteAheadLog::with(move || {
            while slow.load(Ordering::SeqCst) {
                std::thread::sleep(Duration::from_millis(1));
            }
            Ok(())
        }));
        durable.call(to("Query")).await.unwrap();
        let write = durable.call(to("PutItem"));
        let read = durable.call(to("Query"));
        let unheard = durable.call(to("PutItem"));
        drop(unheard);
        let (mut write, mut read) = (tokio::spawn(write), tokio::spawn(read));
        let moment = Duration::from_millis(20);
        assert!(tokio::time::timeout(moment, &mut write).await.is_err());
        assert!(tokio::time::timeout(moment, &mut read).await.is_err());
        is_slow.store(false, Ordering::SeqCst);
        write.await.unwrap().unwrap();
        read.await.unwrap().unwrap();
        let log = durable.log.unwrap();
        while log.is_behind() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    #[test]
    fn what_only_reads_is_known() {
        let asked = |operation: &str| is_read(&to(operation));
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

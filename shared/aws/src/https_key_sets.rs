use std::sync::{Arc, OnceLock};
use std::time::Duration;

use access::JwksUri;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext};
use aws_smithy_http_client::{Connector, ConnectorBuilder};
use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use domain::BoxFuture;
use service::{FetchError, FetchKeySet};

/// How long an issuer's host may take, from the first packet to the end of its answer: a request with a token of the
/// issuer's waits for it, and has twelve seconds for everything.
const WITHIN: Duration = Duration::from_secs(2);

/// The longest key set that is read, in bytes: some four hundred RSA keys.
const LONGEST: usize = 256 * 1024;

/// Reads issuers' key sets over HTTPS, with the client that the SDK has in any case: the authorities are those of the
/// system, no redirect is followed, and nothing is sent that identifies the account.
#[derive(Debug, Default)]
pub struct HttpsKeySets {
    /// Made when it is first needed, since it reads the system's authorities.
    connector: OnceLock<Arc<Connector>>,
}

impl HttpsKeySets {
    fn connector(&self) -> Arc<Connector> {
        let made = || Arc::new(connector(TlsContext::default()));
        Arc::clone(self.connector.get_or_init(made))
    }
}

impl FetchKeySet for HttpsKeySets {
    fn fetch(&self, uri: JwksUri) -> BoxFuture<'static, Result<Vec<u8>, FetchError>> {
        let connector = self.connector();
        Box::pin(async move {
            let answer = tokio::time::timeout(WITHIN, answer(connector.as_ref(), &uri));
            answer.await.unwrap_or(Err(FetchError::TooSlow(WITHIN)))
        })
    }
}

fn connector(trusted: TlsContext) -> Connector {
    let builder = ConnectorBuilder::default().tls_provider(Provider::Rustls(CryptoMode::AwsLc));
    builder.tls_context(trusted).build()
}

async fn answer(connector: &dyn HttpConnector, uri: &JwksUri) -> Result<Vec<u8>, FetchError> {
    let mut request = HttpRequest::get(uri.as_str()).map_err(no_answer)?;
    request.headers_mut().insert("accept", "application/json");
    request.headers_mut().insert("user-agent", "billfold");
    let response = connector.call(request).await.map_err(no_answer)?;
    match response.status().as_u16() {
        200 => text(response.into_body()).await,
        status => Err(FetchError::Status(status)),
    }
}

async fn text(body: SdkBody) -> Result<Vec<u8>, FetchError> {
    let (mut body, mut text) = (ByteStream::new(body), Vec::new());
    while let Some(part) = body.next().await {
        let part = part.map_err(no_answer)?;
        if text.len() + part.len() > LONGEST {
            return Err(FetchError::TooLong(LONGEST));
        }
        text.extend_from_slice(&part);
    }
    Ok(text)
}

/// With its causes: the outermost says no more than that it failed.
fn no_answer(error: impl std::error::Error) -> FetchError {
    let mut said = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        said = format!("{said}: {error}");
        cause = error.source();
    }
    FetchError::NoAnswer(said)
}

#[cfg(test)]
mod tests;

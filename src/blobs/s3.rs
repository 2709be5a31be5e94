//! An S3-compatible store, reached by the client for what the operator configured.

use std::sync::Arc;

use async_trait::async_trait;
use http_body_util::BodyExt as _;
use object_store::aws::AmazonS3Builder;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpResponseBody, HttpService,
};
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{ClientOptions, ObjectStore, RetryConfig};

use crate::base::Fault;
use crate::config::{Archive, Outbound as OutboundSettings};
use crate::outbound::Operated;

/// How long a store may be away before a request gives up on it.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(10);

/// The bucket that `store` names: `s3://BUCKET` or `s3://BUCKET/PREFIX`.
pub(super) fn open(settings: &Archive, outbound: &OutboundSettings) -> Result<Arc<dyn ObjectStore>, Fault> {
    let named = settings.store.trim_start_matches("s3://");
    let (bucket, prefix) = named.split_once('/').unwrap_or((named, ""));
    let mut builder = AmazonS3Builder::new()
        .with_http_connector(Connector(Operated::new(outbound)?))
        .with_bucket_name(bucket)
        .with_region(&settings.s3_region)
        .with_access_key_id(&settings.s3_access_key)
        .with_secret_access_key(settings.s3_secret_key.expose())
        // One by one: not every store knows how to delete many at once.
        .with_disable_bulk_delete(true)
        .with_retry(RetryConfig { max_retries: 3, retry_timeout: PATIENCE, ..RetryConfig::default() });
    if !settings.s3_endpoint.is_empty() {
        let plain = settings.s3_endpoint.starts_with("http://");
        builder = builder.with_endpoint(settings.s3_endpoint.trim_end_matches('/')).with_allow_http(plain);
    }
    let store = builder.build()?;
    Ok(if prefix.is_empty() { Arc::new(store) } else { Arc::new(PrefixStore::new(store, Path::from(prefix))) })
}

/// Lets `object_store` speak through the house's client.
#[derive(Debug)]
struct Connector(Operated);

impl HttpConnector for Connector {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(Service(self.0.clone())))
    }
}

#[derive(Debug)]
struct Service(Operated);

#[async_trait]
impl HttpService for Service {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let answer = self.0.send(request).await.map_err(|error| HttpError::new(HttpErrorKind::Connect, error))?;
        let (parts, body) = answer.into_parts();
        let body = body.map_err(|error| HttpError::new(HttpErrorKind::Interrupted, error));
        Ok(http::Response::from_parts(parts, HttpResponseBody::new(body)))
    }
}

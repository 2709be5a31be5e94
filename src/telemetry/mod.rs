//! Traces leave by OTLP over HTTP in its JSON form ([decision](../../docs/decisions/0035-traces-without-a-library.md)):
//! in batches, beside the requests, and at most once: a collector that is away costs spans and nobody's time.

mod otlp;

use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::base::Fault;
use crate::base::trace::{self, Span};
use crate::config::Config;
use crate::outbound::Operated;

use otlp::Resource;

/// Most spans in one message.
const BATCH: usize = 512;
/// How long spans are gathered.
const GATHERED: Duration = Duration::from_secs(2);
/// How long the collector may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Traces that are recorded and on their way.
#[derive(Debug)]
pub struct Traces {
    end: oneshot::Sender<()>,
    sending: JoinHandle<()>,
}

impl Traces {
    /// Sends what is left, once nothing happens any more.
    pub async fn end(self) {
        drop(self.end);
        drop(self.sending.await);
    }
}

/// Begins to record traces, if they are to go anywhere.
///
/// # Errors
/// The endpoint is no URL, or a certificate cannot be read.
pub fn start(config: &Config) -> Result<Option<Traces>, Fault> {
    let settings = &config.telemetry;
    if settings.otlp_endpoint.is_empty() {
        return Ok(None);
    }
    let collector = Collector::new(config)?;
    let Some(mut spans) = trace::record(settings.sampling) else { return Ok(None) };
    let (end, mut ended) = oneshot::channel::<()>();
    let sending = tokio::spawn(async move {
        let mut gathered = Vec::with_capacity(BATCH);
        loop {
            let over = tokio::select! {
                _ = &mut ended => true,
                () = gather(&mut spans, &mut gathered) => false,
            };
            if over {
                break;
            }
            collector.send(&mut gathered).await;
        }
        while let Ok(span) = spans.try_recv() {
            gathered.push(span);
        }
        collector.send(&mut gathered).await;
    });
    Ok(Some(Traces { end, sending }))
}

/// Until there are many, or until the first has waited long enough.
async fn gather(spans: &mut mpsc::Receiver<Span>, gathered: &mut Vec<Span>) {
    if spans.recv_many(gathered, BATCH).await == 0 {
        // Nobody makes any more.
        std::future::pending::<()>().await;
    }
    let more = async {
        while gathered.len() < BATCH {
            let room = BATCH - gathered.len();
            spans.recv_many(gathered, room).await;
        }
    };
    drop(tokio::time::timeout(GATHERED, more).await);
}

/// Who takes spans.
struct Collector {
    client: Operated,
    url: http::Uri,
    authorization: Option<http::HeaderValue>,
    resource: Resource,
}

impl Collector {
    fn new(config: &Config) -> Result<Self, Fault> {
        let settings = &config.telemetry;
        let url = format!("{}/v1/traces", settings.otlp_endpoint.trim_end_matches('/'));
        let url = url.parse().map_err(|_| Fault::new("telemetry.otlp_endpoint is not a URL"))?;
        let given = Some(settings.otlp_authorization.expose()).filter(|text| !text.is_empty());
        let authorization = given.map(|text| {
            let mut value = http::HeaderValue::from_str(text)?;
            value.set_sensitive(true);
            Ok::<_, http::header::InvalidHeaderValue>(value)
        });
        let resource = Resource { service: settings.service_name.clone(), instance: uuid::Uuid::now_v7().to_string() };
        let client = Operated::new(&config.outbound)?;
        Ok(Self { client, url, authorization: authorization.transpose()?, resource })
    }

    /// Sends what was gathered, once.
    async fn send(&self, gathered: &mut Vec<Span>) {
        let count = gathered.len() as u64;
        if count == 0 {
            return;
        }
        let body = otlp::message(&self.resource, gathered).to_string();
        gathered.clear();
        let mut request = http::Request::post(self.url.clone()).header("content-type", "application/json");
        if let Some(authorization) = &self.authorization {
            request = request.header("authorization", authorization.clone());
        }
        let Ok(request) = request.body(http_body_util::Full::new(bytes::Bytes::from(body))) else { return };
        let taken = match tokio::time::timeout(PATIENCE, self.client.send(request)).await {
            Ok(Ok(answer)) => answer.status().is_success(),
            _ => false,
        };
        let outcome = if taken { "sent" } else { "lost" };
        metrics::counter!("chancery_spans_total", "outcome" => outcome).increment(count);
        if !taken {
            tracing::debug!(count, "the collector of traces did not take them");
        }
    }
}

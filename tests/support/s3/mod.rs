//! A store that speaks as much of S3 as files need: objects with ranges, multipart uploads, lists. It takes only
//! requests that are signed by its one key, and it can be away.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse as _, Response};

/// A bucket named `bucket`.
#[derive(Clone)]
pub struct S3Server {
    /// Where it listens.
    pub url: String,
    shelf: Arc<Shelf>,
}

#[derive(Default)]
struct Shelf {
    objects: Mutex<BTreeMap<String, Bytes>>,
    uploads: Mutex<BTreeMap<String, BTreeMap<u32, Bytes>>>,
    away: AtomicBool,
}

impl S3Server {
    /// An empty one.
    pub async fn start() -> Self {
        let shelf = Arc::new(Shelf::default());
        let router = Router::new().fallback(answer).with_state(Arc::clone(&shelf));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, shelf }
    }

    /// The keys and sizes of what lies in it.
    pub fn objects(&self) -> Vec<(String, usize)> {
        self.shelf.objects.lock().unwrap().iter().map(|(key, bytes)| (key.clone(), bytes.len())).collect()
    }

    /// How many uploads are not finished.
    pub fn unfinished(&self) -> usize {
        self.shelf.uploads.lock().unwrap().len()
    }

    /// Lets it answer nothing but 503 from here on, or lets it come back.
    pub fn is_away(&self, away: bool) {
        self.shelf.away.store(away, Ordering::SeqCst);
    }
}

async fn answer(State(shelf): State<Arc<Shelf>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if shelf.away.load(Ordering::SeqCst) {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    if !header("authorization").starts_with("AWS4-HMAC-SHA256 Credential=test-key/") {
        return StatusCode::FORBIDDEN.into_response();
    }
    let Some(key) = parts.uri.path().strip_prefix("/bucket").map(|key| key.trim_start_matches('/').to_owned()) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let query: BTreeMap<String, String> =
        url::form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
    let range = header("range").to_owned();
    let body = axum::body::to_bytes(body, 64 << 20).await.unwrap();
    match query.get("uploadId") {
        Some(upload) => part(&shelf, &parts.method, &key, upload, &query, body),
        None if query.contains_key("uploads") => begin(&shelf, &key),
        None if query.contains_key("list-type") => list(&shelf, query.get("prefix").map_or("", String::as_str)),
        None => object(&shelf, &parts.method, &key, &range, body),
    }
}

fn object(shelf: &Shelf, method: &Method, key: &str, range: &str, body: Bytes) -> Response {
    let mut objects = shelf.objects.lock().unwrap();
    match (method.as_str(), objects.get(key)) {
        ("PUT", _) => {
            objects.insert(key.to_owned(), body);
            (StatusCode::OK, [("etag", "\"tag\"")]).into_response()
        }
        ("DELETE", _) => {
            objects.remove(key);
            StatusCode::NO_CONTENT.into_response()
        }
        ("GET" | "HEAD", Some(found)) => sent(found, range, method == Method::HEAD),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

fn sent(whole: &Bytes, range: &str, head: bool) -> Response {
    let (mut from, mut to, mut status) = (0, whole.len(), StatusCode::OK);
    if let Some((first, last)) = range.strip_prefix("bytes=").and_then(|range| range.split_once('-')) {
        from = first.parse().unwrap();
        to = last.parse::<usize>().map_or(to, |last| to.min(last + 1));
        status = StatusCode::PARTIAL_CONTENT;
    }
    let part = whole.slice(from..to);
    let headers = [
        ("etag", "\"tag\"".to_owned()),
        ("last-modified", "Thu, 01 Jan 2026 00:00:00 GMT".to_owned()),
        ("content-length", part.len().to_string()),
        ("content-range", format!("bytes {from}-{}/{}", to.saturating_sub(1), whole.len())),
    ];
    (status, headers, if head { Body::empty() } else { Body::from(part) }).into_response()
}

fn begin(shelf: &Shelf, key: &str) -> Response {
    let id = uuid::Uuid::now_v7().simple().to_string();
    shelf.uploads.lock().unwrap().insert(id.clone(), BTreeMap::new());
    xml(format!(
        "<InitiateMultipartUploadResult><Bucket>bucket</Bucket><Key>{key}</Key><UploadId>{id}</UploadId>\
         </InitiateMultipartUploadResult>"
    ))
}

fn part(
    shelf: &Shelf,
    method: &Method,
    key: &str,
    upload: &str,
    query: &BTreeMap<String, String>,
    body: Bytes,
) -> Response {
    let mut uploads = shelf.uploads.lock().unwrap();
    let Some(parts) = uploads.get_mut(upload) else { return StatusCode::NOT_FOUND.into_response() };
    match method.as_str() {
        "PUT" => {
            let number: u32 = query["partNumber"].parse().unwrap();
            parts.insert(number, body);
            (StatusCode::OK, [("etag", format!("\"{number}\""))]).into_response()
        }
        "POST" => {
            let small = parts.values().rev().skip(1).any(|part| part.len() < 5 << 20);
            assert!(!small, "every part but the last has 5 MiB");
            let whole: Vec<u8> = parts.values().flat_map(|part| part.to_vec()).collect();
            shelf.objects.lock().unwrap().insert(key.to_owned(), whole.into());
            uploads.remove(upload);
            xml(format!(
                "<CompleteMultipartUploadResult><Bucket>bucket</Bucket><Key>{key}</Key><ETag>\"tag\"</ETag>\
                 </CompleteMultipartUploadResult>"
            ))
        }
        _ => {
            uploads.remove(upload);
            StatusCode::NO_CONTENT.into_response()
        }
    }
}

fn list(shelf: &Shelf, prefix: &str) -> Response {
    let objects = shelf.objects.lock().unwrap();
    let rows = objects.iter().filter(|(key, _)| key.starts_with(prefix)).map(|(key, bytes)| {
        let size = bytes.len();
        format!(
            "<Contents><Key>{key}</Key><Size>{size}</Size><LastModified>2026-01-01T00:00:00.000Z</LastModified>\
             <ETag>\"tag\"</ETag></Contents>"
        )
    });
    xml(format!("<ListBucketResult>{}</ListBucketResult>", rows.collect::<String>()))
}

fn xml(body: String) -> Response {
    ([("content-type", "application/xml")], body).into_response()
}

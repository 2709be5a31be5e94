//! The whole audit trail as a file, NDJSON or CSV (RFC 4180), written while it is read.

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde_json::json;

use super::audit::{AuditRead, read};
use crate::app::App;
use crate::audit::{Asked, Place, Shown};
use crate::base::{Code, Refusal, Result, Stop, TenantId};
use crate::http::context::origin;
use crate::http::{Bearer, Problem, Query};
use crate::store::audit::{self, Event};

/// Rows that are read together.
const TOGETHER: i64 = 500;
/// The columns of the CSV.
const COLUMNS: &str = "id,seq,at,action,actor,target,result,ip,user_agent,request_id,detail,hash\r\n";

/// How a row is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Ndjson,
    Csv,
}

/// `GET {T}/api/v1/audit-events:export`: what the filters take, the newest first. That it was read is an event, too.
pub async fn get(State(app): State<App>, caller: Bearer<AuditRead>, Query(query): Query) -> Result<Response, Problem> {
    let asked = read(&query, &["format"])?;
    let (format, kind, name) = match query.get("format") {
        None | Some("ndjson") => (Format::Ndjson, "application/x-ndjson", "audit-events.ndjson"),
        Some("csv") => (Format::Csv, "text/csv; charset=utf-8", "audit-events.csv"),
        Some(_) => return Err(Refusal::new(Code::InvalidParameter, "format is ndjson or csv").into()),
    };
    let tenant = caller.tenant.id.clone();
    let event = Event::new(&tenant, app.clock.now(), "audit.exported").by(caller.principal.subject());
    let query: Vec<_> = query.iter().map(|(name, value)| format!("{name}={value}")).collect();
    audit::record(&app.db, event.detail(json!({ "query": query })).from(&origin())).await?;
    let export = Export { app, tenant, asked, format, after: None, begun: false, over: false };
    let headers = [
        (CONTENT_TYPE, kind.to_owned()),
        (CACHE_CONTROL, "no-store".to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    Ok((headers, Body::from_stream(stream::unfold(export, Export::next))).into_response())
}

/// An export under way.
struct Export {
    app: App,
    tenant: TenantId,
    asked: Asked,
    format: Format,
    after: Option<Place>,
    begun: bool,
    over: bool,
}

impl Export {
    async fn next(mut self) -> Option<(std::io::Result<Bytes>, Self)> {
        if self.over {
            return None;
        }
        let mut text = String::new();
        if !self.begun && self.format == Format::Csv {
            text.push_str(COLUMNS);
        }
        self.begun = true;
        let written = self.some(&mut text).await.map(|()| Bytes::from(text)).map_err(cut_off);
        self.over |= written.is_err();
        Some((written, self))
    }

    /// Writes the next rows.
    async fn some(&mut self, text: &mut String) -> Result<()> {
        let rows = self.app.audit.page(&self.tenant, &self.asked, self.after.take(), TOGETHER).await?;
        self.over = i64::try_from(rows.len()).is_ok_and(|count| count < TOGETHER);
        self.after = rows.last().map(Shown::place);
        for row in rows {
            match self.format {
                Format::Ndjson => text.push_str(&serde_json::to_string(&row)?),
                Format::Csv => text.push_str(&record(row)),
            }
            text.push_str(if self.format == Format::Csv { "\r\n" } else { "\n" });
        }
        Ok(())
    }
}

/// A row as a record of the CSV.
fn record(row: Shown) -> String {
    let (seq, hash) = row.seal.map(|seal| (seal.seq.to_string(), seal.hash)).unwrap_or_default();
    let detail = if row.detail.is_null() { String::new() } else { row.detail.to_string() };
    let or_empty = Option::unwrap_or_default;
    let fields: [String; 12] = [
        row.id.as_str().to_owned(),
        seq,
        row.at,
        row.action,
        or_empty(row.actor),
        or_empty(row.target),
        row.result,
        or_empty(row.ip),
        or_empty(row.user_agent),
        or_empty(row.request_id),
        detail,
        hash,
    ];
    fields.map(|field| quoted(&field)).join(",")
}

/// A field as RFC 4180 §2 writes it. What a table would take for a formula is text: strangers choose some of these.
fn quoted(field: &str) -> String {
    let formula = field.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if formula { format!("'{field}") } else { field.to_owned() };
    if formula || text.contains([',', '"', '\r', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

/// The answer has begun: all that can be said is that it does not end well.
fn cut_off(stop: Stop) -> std::io::Error {
    let why = match stop {
        Stop::Refused(refusal) => refusal.description.into_owned(),
        Stop::Failed(fault) => fault.chain(),
    };
    tracing::error!(%why, "an export of the audit trail ended early");
    std::io::Error::other("the export ended early")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_of_a_table_is_text_and_nothing_else() {
        for (field, written) in [
            ("plain", "plain"),
            ("a,b", "\"a,b\""),
            ("say \"x\"", "\"say \"\"x\"\"\""),
            ("a\nb", "\"a\nb\""),
            ("=HYPERLINK(1)", "\"'=HYPERLINK(1)\""),
            ("@SUM", "\"'@SUM\""),
            ("", ""),
        ] {
            assert_eq!(quoted(field), written);
        }
    }
}

//! What is fed with bytes, by `cargo fuzz` and by the suite. Whatever bytes come in: reading them as a filter, sort, projection, update, pipeline or index ends with an answer,
//! and what was read can be evaluated and becomes a statement of bounded size.

use chancery::base::strict_value;
use chancery::query::index::{Index, Kept};
use chancery::query::sql::{Dialect, Find};
use chancery::query::update::Applying;
use chancery::query::{Filter, Meter, Pipeline, Projection, Scope, Sort, Update, limits, pipeline};
use serde_json::{Value, json};

/// Takes the first line as a text of the language, and the second as a document. Answers whether they were JSON.
pub fn fed(bytes: &[u8]) -> bool {
    let mut lines = bytes.splitn(2, |byte| *byte == b'\n');
    let Some(Ok(text)) = lines.next().map(strict_value) else { return false };
    let document = lines.next().and_then(|line| strict_value(line).ok()).unwrap_or_else(|| json!({}));
    let meter = Meter::new(100_000);
    let scope = Scope { now: "2026-01-02T03:04:05.000Z", meter: &meter };
    let indexes = indexes(&text, &document);
    if let Ok(filter) = Filter::parse(&text) {
        let _ = filter.takes(&document, &scope);
        let sort = Sort::parse(&text).unwrap_or_default();
        let find =
            Find { collection: 1, filter: &filter, sort: &sort, after: None, skip: 0, limit: Some(1), now: scope.now };
        for dialect in [Dialect::Sqlite, Dialect::Postgres] {
            if let Ok(query) = find.with(&indexes).documents(dialect) {
                assert!(query.text.len() <= limits::SQL_LENGTH);
            }
        }
    }
    let _ = Projection::parse(&text).map(|projection| projection.apply(&document, &scope));
    if let (Ok(update), Some(body)) = (Update::parse(&text), document.as_object()) {
        let _ = update.apply(body, Applying { now: scope.now, inserting: true });
    }
    if let Ok(pipeline) = Pipeline::parse(&text) {
        let mut run = pipeline::Run::new(&pipeline.stages, 1);
        if run.push(document, &scope).is_ok() {
            let _ = run.finish(&scope);
        }
    }
    true
}

fn indexes(text: &Value, document: &Value) -> Vec<Kept> {
    let read = Index::list(text).or_else(|_| Index::list(&json!([{"name": "i", "fields": text}]))).unwrap_or_default();
    for index in &read {
        let _ = (index.entries(document), index.claims(document));
    }
    read.into_iter().map(|index| Kept { number: 1, index, single: true }).collect()
}

//! The one place that writes to the terminal: results to standard output, reasons to standard error.

use std::io::{self, Write as _};
use std::process::ExitCode;

use serde::Serialize;
use serde_json::Value;

use crate::base::{Result, Stop};

/// How results are written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Out {
    /// As JSON, or for eyes.
    pub(super) json: bool,
}

impl Out {
    /// One record: its members line by line, or a JSON object.
    pub(super) fn record(self, record: &impl Serialize) -> Result<()> {
        let value = serde_json::to_value(record)?;
        let text = if self.json { serde_json::to_string_pretty(&value)? } else { lines(&value) };
        Ok(say(&text)?)
    }

    /// Many records: a table with these columns, or a JSON array with everything.
    pub(super) fn list(self, records: &[impl Serialize], columns: &[&str]) -> Result<()> {
        let values = records.iter().map(serde_json::to_value).collect::<serde_json::Result<Vec<_>>>()?;
        let text = if self.json { serde_json::to_string_pretty(&values)? } else { table(&values, columns) };
        Ok(say(&text)?)
    }

    /// One record as JSON, or this text for eyes.
    pub(super) fn told(self, record: &impl Serialize, text: &str) -> Result<()> {
        let text = if self.json {
            serde_json::to_string_pretty(record)?
        } else {
            text.lines().map(|line| plain(&line.into())).collect::<Vec<_>>().join("\n")
        };
        Ok(say(&text)?)
    }

    /// A sentence for eyes; nothing in JSON but an object that says it was done.
    pub(super) fn done(self, sentence: &str) -> Result<()> {
        let done = serde_json::json!({ "done": true }).to_string();
        Ok(say(if self.json { &done } else { sentence })?)
    }
}

/// Writes a line to standard output.
///
/// # Errors
/// Nobody reads it any more.
pub fn say(line: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{line}")?;
    stdout.flush()
}

/// Tells on standard error why it was not done.
pub(super) fn failed(stop: &Stop) -> ExitCode {
    let reason = match stop {
        Stop::Refused(refusal) => match &refusal.hint {
            Some(hint) => format!("{} ({hint})", refusal.description),
            None => refusal.description.to_string(),
        },
        Stop::Failed(fault) => fault.chain(),
    };
    // There is nobody left to tell when even this cannot be written.
    drop(writeln!(io::stderr().lock(), "chancery: {reason}"));
    ExitCode::FAILURE
}

fn lines(record: &Value) -> String {
    let Some(members) = record.as_object() else { return plain(record) };
    let width = members.keys().map(String::len).max().unwrap_or_default();
    let line = |(name, value): (&String, &Value)| format!("{name:width$}  {}", plain(value));
    members.iter().filter(|(_, value)| !value.is_null()).map(line).collect::<Vec<_>>().join("\n")
}

fn table(records: &[Value], columns: &[&str]) -> String {
    let cell = |record: &Value, column: &&str| plain(record.get(column).unwrap_or(&Value::Null));
    let head = columns.iter().map(|column| column.to_uppercase().replace('_', " ")).collect::<Vec<_>>();
    let body = records.iter().map(|record| columns.iter().map(|column| cell(record, column)).collect());
    let rows: Vec<Vec<String>> = std::iter::once(head).chain(body).collect();
    let width = |at: usize| rows.iter().map(|row| row[at].chars().count()).max().unwrap_or_default();
    let widths: Vec<usize> = (0..columns.len()).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// A value on one line. Control characters, which somebody else may have put into a name, do not reach the terminal.
fn plain(value: &Value) -> String {
    let text = match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) if items.iter().all(Value::is_string) => {
            items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" ")
        }
        other => other.to_string(),
    };
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_record_is_read_line_by_line_and_a_list_as_a_table() {
        let record = json!({ "slug": "demo", "n": 1, "none": null, "list": ["a", "b"] });
        assert_eq!(lines(&record), "slug  demo\nn     1\nlist  a b");
        let rows = [json!({ "id": "1", "name": "Ada" }), json!({ "id": "22" })];
        assert_eq!(table(&rows, &["id", "name"]), "ID  NAME\n1   Ada\n22");
    }

    #[test]
    fn w098_a_name_cannot_move_the_cursor() {
        assert_eq!(plain(&json!("a\u{1b}[2Jb\r\n")), "a\u{fffd}[2Jb\u{fffd}\u{fffd}");
    }
}

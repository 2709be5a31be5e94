//! The report: server and limit side by side, as a Markdown table.

use std::fmt::Write as _;
use std::io::Write as _;

use crate::Failed;
use crate::load::Seen;

/// One measure, with what it is held against.
pub struct Line {
    /// What was asked.
    pub what: &'static str,
    /// Which one.
    pub database: &'static str,
    /// What was seen.
    pub seen: Seen,
    /// The limit's name and its operations per core, and the share of it that is wanted.
    pub against: Option<(&'static str, f64, f64)>,
}

/// Collects lines, and prints each as soon as it is known.
#[derive(Default)]
pub struct Report(String);

impl Report {
    /// Begins a table.
    pub fn table(&mut self) -> Result<(), Failed> {
        self.say(
            "\n| measure | database | req/s | req per core-second | p50 ms | p99 ms | limit | share | wanted |\n\
             |---|---|--:|--:|--:|--:|---|--:|--:|",
        )
    }

    /// Adds a measure.
    pub fn line(&mut self, line: &Line) -> Result<(), Failed> {
        let Line { what, database, seen, against } = line;
        let ms = |time: std::time::Duration| time.as_secs_f64() * 1e3;
        let mut text = format!(
            "| {what} | {database} | {:.0} | {:.0} | {:.2} | {:.2} |",
            seen.per_second,
            seen.per_core,
            ms(seen.p50),
            ms(seen.p99)
        );
        match against {
            Some((name, limit, wanted)) => {
                let share = 100.0 * seen.per_core / limit;
                write!(text, " {name} | {share:.0} % | {:.0} % |", wanted * 100.0)?;
            }
            None => text.push_str(" | | |"),
        }
        self.say(&text)
    }

    /// Adds a sentence.
    pub fn say(&mut self, text: &str) -> Result<(), Failed> {
        writeln!(self.0, "{text}")?;
        let mut out = std::io::stdout().lock();
        writeln!(out, "{text}")?;
        out.flush()?;
        Ok(())
    }

    /// All of it.
    pub fn text(&self) -> &str {
        &self.0
    }
}

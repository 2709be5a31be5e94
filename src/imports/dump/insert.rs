//! `INSERT` statements of a dump (`pg_dump --inserts`, `--column-inserts`), and the `CREATE TABLE` that says what the
//! columns are where an `INSERT` does not.

use super::broken;
use super::copy::escaped;
use super::tables::{Tables, plain};
use crate::base::Result;

/// Words of a table's definition that begin no column.
const NO_COLUMNS: [&str; 6] = ["CONSTRAINT", "PRIMARY", "UNIQUE", "FOREIGN", "CHECK", "EXCLUDE"];

/// Notes the columns of a table, one of which stands on each line; answers what comes after it.
pub(super) fn definition<'a>(text: &'a str, tables: &mut Tables) -> &'a str {
    let (head, mut rest) = text.split_once('\n').unwrap_or((text, ""));
    let named = head.trim_start_matches("CREATE TABLE ").trim_start_matches("IF NOT EXISTS ");
    let mut columns = Vec::new();
    while let Some((line, after)) = rest.split_once('\n') {
        rest = after;
        if line.starts_with(')') {
            break;
        }
        let line = line.trim_start();
        let name = match line.strip_prefix('"').and_then(|open| open.split_once('"')) {
            Some((name, _)) => name,
            None => line.split(' ').next().unwrap_or_default(),
        };
        if !name.is_empty() && !name.starts_with("--") && !NO_COLUMNS.contains(&name) {
            columns.push(name.to_owned());
        }
    }
    tables.table(named.trim_end().trim_end_matches('(').trim_end(), columns);
    rest
}

/// Reads one statement; answers what comes after it.
pub(super) fn statement<'a>(text: &'a str, tables: &mut Tables) -> Result<&'a str> {
    let first = text.lines().next().unwrap_or_default();
    let shown: String = first.chars().take_while(|letter| *letter != '(').collect();
    let cannot = || broken(format!("`{}` cannot be read", shown.trim_end()));
    let mut reading = Reading(text.strip_prefix("INSERT INTO ").unwrap_or(text));
    let named = reading.until([' ', '(']).ok_or_else(cannot)?;
    let columns = if reading.take("(") { reading.names().ok_or_else(cannot)? } else { Vec::new() };
    // Values that are given for generated columns as well.
    reading.take("OVERRIDING SYSTEM VALUE");
    if !reading.take("VALUES") {
        return Err(cannot());
    }
    let table = tables.table(&named, columns.clone());
    loop {
        let fields = reading.values().ok_or_else(cannot)?;
        table.add(&columns, fields)?;
        if !reading.take(",") {
            break;
        }
    }
    // What else a statement may say is about rows that are there already.
    reading.0.split_once(';').map(|(_, rest)| rest.trim_start_matches(['\r', '\n'])).ok_or_else(cannot)
}

/// The rest of a statement.
struct Reading<'a>(&'a str);

impl Reading<'_> {
    fn take(&mut self, word: &str) -> bool {
        self.0 = self.0.trim_start();
        match self.0.strip_prefix(word) {
            Some(rest) => {
                self.0 = rest;
                true
            }
            None => false,
        }
    }

    /// A word, quotes included, before one of these letters.
    fn until(&mut self, ends: [char; 2]) -> Option<String> {
        let mut quoted = false;
        let end = self.0.find(|letter| {
            quoted ^= letter == '"';
            !quoted && ends.contains(&letter)
        })?;
        let (word, rest) = self.0.split_at(end);
        self.0 = rest;
        Some(word.to_owned())
    }

    fn names(&mut self) -> Option<Vec<String>> {
        let mut names = Vec::new();
        loop {
            self.0 = self.0.trim_start();
            names.push(plain(self.until([',', ')'])?.trim()));
            if self.take(")") {
                return Some(names);
            }
            self.take(",").then_some(())?;
        }
    }

    fn values(&mut self) -> Option<Vec<Option<String>>> {
        let mut values = Vec::new();
        self.take("(").then_some(())?;
        loop {
            values.push(self.value()?);
            if self.take(")") {
                return Some(values);
            }
            self.take(",").then_some(())?;
        }
    }

    #[expect(clippy::option_option, reason = "NULL is a value that can be read")]
    fn value(&mut self) -> Option<Option<String>> {
        let read = if self.take("E'") {
            Some(self.string(true)?)
        } else if self.take("'") {
            Some(self.string(false)?)
        } else {
            let bare = self.0.split([',', ')', ':']).next()?;
            self.0 = &self.0[bare.len()..];
            let bare = bare.trim();
            (!bare.is_empty()).then_some(())?;
            (!bare.eq_ignore_ascii_case("NULL")).then(|| bare.to_owned())
        };
        // The type of a literal says nothing that its text does not.
        while self.take("::") {
            let end = self.0.find([',', ')', ':'])?;
            self.0 = &self.0[end..];
        }
        Some(read)
    }

    /// The rest of a string whose quote was taken.
    fn string(&mut self, escapes: bool) -> Option<String> {
        let (mut read, mut letters) = (String::new(), self.0.char_indices().peekable());
        while let Some((at, letter)) = letters.next() {
            match letter {
                '\'' if letters.peek().is_some_and(|(_, next)| *next == '\'') => {
                    letters.next();
                    read.push('\'');
                }
                '\'' => {
                    self.0 = &self.0[at + 1..];
                    return Some(read);
                }
                '\\' if escapes => read.push(letters.next().map_or('\\', |(_, next)| escaped(next))),
                other => read.push(other),
            }
        }
        None
    }
}

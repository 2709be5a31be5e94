//! The blocks `COPY … FROM stdin;` of a dump, in PostgreSQL's text format.

use super::broken;
use super::tables::{Tables, plain};
use crate::base::Result;

/// What ends a block.
const END: &str = "\\.";

/// Whether rows follow this `COPY`.
pub(super) fn is_block(text: &str) -> bool {
    text.lines().next().is_some_and(|line| line.trim_end().ends_with(" FROM stdin;"))
}

/// Reads one block; answers what comes after it.
pub(super) fn block<'a>(text: &'a str, tables: &mut Tables) -> Result<&'a str> {
    let (head, mut rest) = text.split_once('\n').unwrap_or((text, ""));
    let cannot = || broken(format!("`{head}` cannot be read"));
    let named = head.strip_prefix("COPY ").and_then(|head| head.split_once(" (")).ok_or_else(cannot)?;
    let columns = named.1.rsplit_once(')').ok_or_else(cannot)?.0;
    let columns: Vec<String> = columns.split(", ").map(plain).collect();
    let table = tables.table(named.0, columns.clone());
    loop {
        let Some((line, after)) = rest.split_once('\n') else {
            return Err(broken(format!("the dump ends in the middle of the table `{}`", named.0)));
        };
        rest = after;
        let line = line.strip_suffix('\r').unwrap_or(line);
        if line == END {
            return Ok(rest);
        }
        table.add(&columns, line.split('\t').map(field).collect())?;
    }
}

fn field(text: &str) -> Option<String> {
    if text == "\\N" {
        return None;
    }
    if !text.contains('\\') {
        return Some(text.to_owned());
    }
    let (mut read, mut letters) = (String::with_capacity(text.len()), text.chars());
    while let Some(letter) = letters.next() {
        read.push(if letter == '\\' { letters.next().map_or('\\', escaped) } else { letter });
    }
    Some(read)
}

/// What a letter after a backslash stands for; all others stand for themselves.
pub(super) const fn escaped(letter: char) -> char {
    match letter {
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\u{b}',
        other => other,
    }
}

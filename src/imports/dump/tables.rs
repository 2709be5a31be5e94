//! Tables out of a dump that `pg_dump` wrote as text: the blocks `COPY … FROM stdin`, and `INSERT` statements.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{broken, copy, insert};
use crate::base::{Result, Timestamp};

/// All tables of a dump, by their names without schema.
#[derive(Debug, Default)]
pub struct Tables(BTreeMap<String, Table>);

/// A table as it was.
#[derive(Debug, Default)]
pub struct Table {
    name: String,
    columns: Vec<String>,
    rows: Vec<Vec<Option<String>>>,
}

/// One row of a table.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    table: &'a Table,
    fields: &'a [Option<String>],
}

/// Reads a dump.
///
/// # Errors
/// It is of another format, or is damaged.
pub fn read(bytes: &[u8]) -> Result<Tables> {
    if bytes.starts_with(b"PGDMP") {
        return Err(broken("this dump is in pg_dump's own format; make text of it: pg_restore -f dump.sql FILE"));
    }
    if bytes.starts_with(&[0x1f, 0x8b]) {
        return Err(broken("this dump is compressed; decompress it first"));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| broken("the dump is no UTF-8 text"))?;
    let mut tables = Tables::default();
    let mut rest = text;
    while !rest.is_empty() {
        rest = if rest.starts_with("COPY ") && copy::is_block(rest) {
            copy::block(rest, &mut tables)?
        } else if rest.starts_with("INSERT INTO ") {
            insert::statement(rest, &mut tables)?
        } else if rest.starts_with("CREATE TABLE ") {
            insert::definition(rest, &mut tables)
        } else {
            rest.split_once('\n').map_or("", |(_, rest)| rest)
        };
    }
    Ok(tables)
}

impl Tables {
    /// A table that has to be there, with these columns.
    ///
    /// # Errors
    /// It is not, or a column is missing: the dump is of something else.
    pub fn need(&self, name: &str, columns: &[&str]) -> Result<&Table> {
        let table = self.0.get(name).ok_or_else(|| broken(format!("the dump has no table `{name}`")))?;
        match columns.iter().find(|column| !table.has(column)) {
            Some(column) => Err(broken(format!("the table `{name}` of the dump has no column `{column}`"))),
            None => Ok(table),
        }
    }

    /// The rows of a table, or none where there is no such table.
    pub fn rows(&self, name: &str) -> impl Iterator<Item = Row<'_>> {
        self.0.get(name).into_iter().flat_map(Table::rows)
    }

    /// The table of this name, with these columns where it was not known before.
    pub(super) fn table(&mut self, name: &str, columns: Vec<String>) -> &mut Table {
        let name = plain(name);
        let table = self.0.entry(name.clone()).or_insert_with(|| Table { name, ..Table::default() });
        if table.columns.is_empty() {
            table.columns = columns;
        }
        table
    }
}

impl Table {
    /// Whether it has this column.
    #[must_use]
    pub fn has(&self, column: &str) -> bool {
        self.columns.iter().any(|known| known == column)
    }

    /// All rows, in the order of the dump.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().map(|fields| Row { table: self, fields })
    }

    /// Adds a row whose fields are of these columns; without any named, of all of them in order.
    pub(super) fn add(&mut self, columns: &[String], fields: Vec<Option<String>>) -> Result<()> {
        let expected = if columns.is_empty() { self.columns.len() } else { columns.len() };
        if fields.len() != expected {
            let (name, n) = (&self.name, self.rows.len() + 1);
            return Err(broken(format!("row {n} of the table `{name}` has not as many fields as columns")));
        }
        if columns.is_empty() || columns == self.columns {
            self.rows.push(fields);
            return Ok(());
        }
        let place = |column: &String| columns.iter().position(|named| named == column);
        let ordered = self.columns.iter().map(|column| place(column).and_then(|at| fields[at].clone())).collect();
        self.rows.push(ordered);
        Ok(())
    }
}

impl<'a> Row<'a> {
    /// What stands in a column; `None`: NULL, or no such column.
    #[must_use]
    pub fn text(&self, column: &str) -> Option<&'a str> {
        let at = self.table.columns.iter().position(|known| known == column)?;
        self.fields.get(at)?.as_deref()
    }

    /// As [`Row::text`], where something has to stand.
    ///
    /// # Errors
    /// Nothing does.
    pub fn required(&self, column: &str) -> Result<&'a str> {
        let name = &self.table.name;
        self.text(column).ok_or_else(|| broken(format!("a row of the table `{name}` has no `{column}`")))
    }

    /// A boolean; NULL is no.
    #[must_use]
    pub fn is(&self, column: &str) -> bool {
        matches!(self.text(column), Some("t" | "true" | "TRUE" | "1"))
    }

    /// A whole number.
    #[must_use]
    pub fn number(&self, column: &str) -> Option<i64> {
        self.text(column)?.parse().ok()
    }

    /// A time: seconds since 1970, or as PostgreSQL writes it, which without a zone is UTC.
    #[must_use]
    pub fn instant(&self, column: &str) -> Option<Timestamp> {
        let text = self.text(column)?;
        match text.parse() {
            Ok(seconds) => Some(Timestamp(seconds)),
            Err(_) => instant(text),
        }
    }

    /// JSON; what is none counts as absent.
    #[must_use]
    pub fn json(&self, column: &str) -> Value {
        self.text(column).and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
    }

    /// Words that spaces or line ends part.
    #[must_use]
    pub fn words(&self, column: &str) -> Vec<String> {
        self.text(column).unwrap_or_default().split_whitespace().map(str::to_owned).collect()
    }

    /// Texts of a JSON array.
    #[must_use]
    pub fn list(&self, column: &str) -> Vec<String> {
        let list = self.json(column);
        let texts = list.as_array().into_iter().flatten().filter_map(Value::as_str);
        texts.map(str::to_owned).collect()
    }
}

/// `2025-11-03 10:15:00.123456+00`, where fraction and zone may be absent.
fn instant(text: &str) -> Option<Timestamp> {
    let (day, clock) = text.split_once(' ')?;
    let zone = clock.find(['+', '-']).unwrap_or(clock.len());
    let (clock, zone) = clock.split_at(zone);
    let zone = match zone.len() {
        0 => "Z".to_owned(),
        3 => format!("{zone}:00"),
        _ => zone.to_owned(),
    };
    Timestamp::of_rfc3339(&format!("{day}T{clock}{zone}"))
}

/// The name of a table or column without schema and quotes.
pub(super) fn plain(name: &str) -> String {
    let last = match name.strip_suffix('"').and_then(|open| open.rfind('"').map(|at| &open[at + 1..])) {
        Some(quoted) => quoted,
        None => name.rsplit('.').next().unwrap_or(name),
    };
    last.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DUMP: &str = "--\n-- PostgreSQL database dump\n--\nSET client_encoding = 'UTF8';\n
CREATE TABLE public.people (\n    id integer NOT NULL,\n    name text,\n    \"odd one\" jsonb,\n    CONSTRAINT x CHECK (true)\n);\n
COPY public.people (id, name, \"odd one\") FROM stdin;
1\tAda\\tL\\\\.\\n\t{\"a\": \"b\\\\\\\\\"}
2\t\\N\t\\N
\\.\n
INSERT INTO public.people VALUES (3, 'it''s; (x)', '[\"a\", \"b\"]'::jsonb);
INSERT INTO public.people (name, id) VALUES ('line\none', 4), (NULL, 5);\n";

    #[test]
    fn blocks_and_statements_are_read_alike() {
        let tables = read(DUMP.as_bytes()).unwrap();
        let people = tables.need("people", &["id", "name", "odd one"]).unwrap();
        let names: Vec<_> = people.rows().map(|row| (row.number("id").unwrap(), row.text("name"))).collect();
        let expected = [(1, Some("Ada\tL\\.\n")), (2, None), (3, Some("it's; (x)")), (4, Some("line\none")), (5, None)];
        assert_eq!(names, expected);
        let odd: Vec<_> = people.rows().map(|row| row.json("odd one")).collect();
        assert_eq!(odd[0]["a"], "b\\");
        assert_eq!(people.rows().nth(2).unwrap().list("odd one"), ["a", "b"]);
        assert_eq!(tables.rows("nobody").count(), 0);
        assert!(people.rows().nth(1).unwrap().required("name").is_err());
        assert!(tables.need("people", &["email"]).is_err() && tables.need("users", &[]).is_err());
    }

    #[test]
    fn times_are_seconds_or_as_postgresql_writes_them() {
        for (text, seconds) in [
            ("1762164900", 1_762_164_900),
            ("2025-11-03 10:15:00", 1_762_164_900),
            ("2025-11-03 10:15:00.123456", 1_762_164_900),
            ("2025-11-03 11:15:00+01", 1_762_164_900),
            ("2025-11-03 15:45:00.5+05:30", 1_762_164_900),
        ] {
            let mut tables = Tables::default();
            tables.table("t", vec!["at".to_owned()]).add(&[], vec![Some(text.to_owned())]).unwrap();
            assert_eq!(tables.rows("t").next().unwrap().instant("at"), Some(Timestamp(seconds)), "{text}");
        }
        assert_eq!(instant("yesterday at noon"), None);
    }

    #[test]
    fn what_is_damaged_or_of_another_format_is_refused() {
        for (bad, said) in [
            (&b"PGDMP\x01"[..], "pg_restore"),
            (&[0x1f, 0x8b, 8], "compressed"),
            (&[0xff, 0xfe], "UTF-8"),
            (b"COPY public.a (b) FROM stdin;\n1\n", "ends in the middle"),
            (b"COPY public.a (b) FROM stdin;\n1\t2\n\\.\n", "row 1"),
            (b"INSERT INTO a (b) VALUES ('x", "cannot be read"),
            (b"INSERT INTO a (b) VALUES (1, 2);\n", "row 1"),
            (b"INSERT INTO a SELECT 1;\n", "cannot be read"),
        ] {
            let refused = format!("{:?}", read(bad).unwrap_err());
            assert!(refused.contains(said), "{said}: {refused}");
        }
    }
}

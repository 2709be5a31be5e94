//! How one file of a declaration is read: every member with the line that it stands on.

use std::ops::Range;

use serde_json::{Map, Value};
use toml_edit::{ImDocument, Item, TableLike, Value as Toml};

use super::kinds::Kind;
use super::source::{AS_JSON, FORMAT, Source};
use crate::base::{Code, Result, Stop, strict_value};

/// Takes the text of one file into a declaration.
///
/// # Errors
/// It is no TOML, names what there is not, or what is named already.
pub(super) fn take(source: &mut Source, file: &str, text: &str) -> Result<()> {
    let document = ImDocument::parse(text).map_err(|error| {
        let line = error.span().map_or(1, |span| line_of(text, &span));
        let why = error.message().trim().replace('\n', ", ");
        Stop::refuse(Code::Unprocessable, format!("{file}:{line}: this is no TOML: {why}"))
    })?;
    let mut reader = Reader { file, text, source };
    for (name, item) in document.as_table() {
        reader.place(document.as_table(), &[], name);
        reader.section(name, item)?;
    }
    Ok(())
}

fn line_of(text: &str, span: &Range<usize>) -> usize {
    text.bytes().take(span.start).filter(|byte| *byte == b'\n').count() + 1
}

/// Reads one file into the source.
struct Reader<'a> {
    file: &'a str,
    text: &'a str,
    source: &'a mut Source,
}

impl Reader<'_> {
    fn place(&mut self, table: &dyn TableLike, above: &[String], name: &str) {
        // The heading of a table is a later line than the first dotted name that leads to it.
        let of_value = table.get(name).and_then(Item::span);
        let of_key = table.key(name).and_then(toml_edit::Key::span);
        if let Some(span) = of_key.or(of_value) {
            let path = [above, &[name.to_owned()]].concat();
            self.source.places.entry(path).or_insert((self.file.to_owned(), line_of(self.text, &span)));
        }
    }

    fn section(&mut self, name: &str, item: &Item) -> Result<()> {
        let path = vec![name.to_owned()];
        if name == "format" {
            let known = item.as_integer() == Some(FORMAT);
            return if known { Ok(()) } else { Err(self.refuse(&path, "this program reads the format 1")) };
        }
        let Some(kind) = Kind::named(name) else { return Err(self.refuse(&path, "there is no such section")) };
        let Some(table) = item.as_table_like() else { return Err(self.refuse(&path, "this is a table")) };
        if kind.is_single() {
            return self.thing((kind, ""), table, &path);
        }
        for (key, item) in table.iter() {
            self.place(table, &path, key);
            let path = vec![name.to_owned(), key.to_owned()];
            let Some(members) = item.as_table_like() else { return Err(self.refuse(&path, "this is a table")) };
            self.thing((kind, key), members, &path)?;
        }
        Ok(())
    }

    fn thing(&mut self, (kind, key): (Kind, &str), table: &dyn TableLike, path: &[String]) -> Result<()> {
        let mut members = Map::new();
        for (name, item) in table.iter() {
            self.place(table, path, name);
            let path = [path, &[name.to_owned()]].concat();
            let mut value = self.item(item, &path)?;
            let mut name = name;
            if let (Some(plain), Value::String(text)) = (name.strip_suffix(AS_JSON), &value) {
                let read = strict_value(text.as_bytes()).map_err(|_| self.refuse(&path, "this is no JSON"))?;
                (name, value) = (plain, read);
            }
            if members.insert(name.to_owned(), value).is_some() {
                return Err(self.refuse(&path, "this is written twice"));
            }
        }
        if self.source.things.insert((kind, key.to_owned()), members).is_some() {
            return Err(self.refuse(path, "another file declares this, too"));
        }
        Ok(())
    }

    fn item(&mut self, item: &Item, path: &[String]) -> Result<Value> {
        match item {
            Item::Value(value) => self.value(value, path),
            Item::Table(table) => self.members(table, path),
            Item::ArrayOfTables(tables) => {
                tables.iter().map(|table| self.members(table, path)).collect::<Result<Vec<_>>>().map(Value::from)
            }
            Item::None => Ok(Value::Null),
        }
    }

    fn members(&mut self, table: &dyn TableLike, path: &[String]) -> Result<Value> {
        let mut members = Map::new();
        for (name, item) in table.iter() {
            self.place(table, path, name);
            let path = [path, &[name.to_owned()]].concat();
            members.insert(name.to_owned(), self.item(item, &path)?);
        }
        Ok(Value::Object(members))
    }

    fn value(&mut self, value: &Toml, path: &[String]) -> Result<Value> {
        Ok(match value {
            Toml::String(text) => Value::from(text.value().as_str()),
            Toml::Integer(number) => Value::from(*number.value()),
            Toml::Float(number) if number.value().is_finite() => Value::from(*number.value()),
            Toml::Boolean(truth) => Value::from(*truth.value()),
            Toml::Array(items) => {
                items.iter().map(|item| self.value(item, path)).collect::<Result<Vec<_>>>().map(Value::from)?
            }
            Toml::InlineTable(table) => self.members(table, path)?,
            Toml::Float(_) => return Err(self.refuse(path, "this is no number")),
            Toml::Datetime(_) => return Err(self.refuse(path, "a time is written as a text, in quotes")),
        })
    }

    fn refuse(&self, path: &[String], why: &str) -> Stop {
        self.source.blame(path, why).into()
    }
}

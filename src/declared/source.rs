//! How a declaration is read: one file or a folder of them, each member with its line, so that whoever made a mistake is
//! told where. What is written is TOML; JSON stands in texts under `NAME_json` where TOML has no word.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::kinds::Kind;
use crate::base::{Code, Refusal, Result, Stop};

/// Largest file, in bytes.
const LARGEST: u64 = 16 << 20;
/// What the name of a member ends with whose text is JSON.
pub(super) const AS_JSON: &str = "_json";
/// Marks a refusal that names its place.
pub(super) const PLACED: &str = "placed";
/// The form that is written and read.
pub(super) const FORMAT: i64 = 1;

/// A declaration as it was written.
#[derive(Debug, Default)]
pub struct Source {
    /// The members of things by kind and key.
    pub(super) things: BTreeMap<(Kind, String), Map<String, Value>>,
    /// Where each member stands: file and line.
    pub(super) places: BTreeMap<Vec<String>, (String, usize)>,
}

impl Source {
    /// Reads a file, or all files of a folder that end with `.toml`, in the order of their names; `-` is standard input.
    ///
    /// # Errors
    /// One cannot be read, is no TOML, names what there is not, or two name the same.
    pub fn read(path: &Path) -> Result<Self> {
        let mut source = Self::default();
        if path == Path::new("-") {
            let text = std::io::read_to_string(std::io::Read::take(std::io::stdin().lock(), LARGEST))?;
            source.take("standard input", &text)?;
            return Ok(source);
        }
        for file in files(path)? {
            let name = file.display().to_string();
            let cannot =
                |error: std::io::Error| Stop::refuse(Code::NotFound, format!("{name} cannot be read: {error}"));
            let length = std::fs::metadata(&file).map_err(cannot)?.len();
            if length > LARGEST {
                return Err(Stop::refuse(Code::Unprocessable, format!("{name} is larger than 16 MiB")));
            }
            source.take(&name, &std::fs::read_to_string(&file).map_err(cannot)?)?;
        }
        Ok(source)
    }

    /// Takes the text of one file.
    ///
    /// # Errors
    /// As [`Source::read`].
    pub fn take(&mut self, file: &str, text: &str) -> Result<()> {
        super::reader::take(self, file, text)
    }

    /// A refusal that names the member and where it stands.
    pub(super) fn blame(&self, path: &[String], why: &str) -> Refusal {
        let known = (0..=path.len()).rev().find_map(|length| self.places.get(&path[..length]));
        let place = known.map(|(file, line)| format!("{file}:{line}: ")).unwrap_or_default();
        let path: Vec<String> = path.iter().map(|name| super::text::key(name)).collect();
        Refusal::new(Code::Unprocessable, format!("{place}{}: {why}", path.join("."))).member(PLACED, true)
    }
}

fn files(path: &Path) -> Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut found = Vec::new();
    for entry in std::fs::read_dir(path)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            found.push(path);
        }
    }
    found.sort();
    if found.is_empty() {
        return Err(Stop::refuse(Code::NotFound, format!("there is no file *.toml in {}", path.display())));
    }
    Ok(found)
}

/// A member as it is written: under its name, or as JSON.
pub(super) fn as_written(name: &str, value: &Value) -> (String, Value) {
    if super::text::can_write(value) {
        return (name.to_owned(), value.clone());
    }
    (format!("{name}{AS_JSON}"), Value::String(value.to_string()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(text: &str) -> Result<Source, String> {
        let mut source = Source::default();
        match source.take("acme.toml", text) {
            Ok(()) => Ok(source),
            Err(Stop::Refused(refusal)) => Err(refusal.description.into_owned()),
            Err(Stop::Failed(fault)) => panic!("{}", fault.chain()),
        }
    }

    #[test]
    fn every_form_of_toml_is_the_same_declaration() {
        let one = read("format = 1\n[clients.web]\nredirect_uris = ['https://a.test/']\n[clients.web.policy]\nx = 1")
            .unwrap();
        let two = read("clients = { web = { redirect_uris = [\"https://a.test/\"], policy.x = 1 } }").unwrap();
        let key = (Kind::Client, "web".to_owned());
        assert_eq!(one.things[&key], two.things[&key]);
        assert_eq!(
            Value::from(one.things[&key].clone()),
            json!({"redirect_uris": ["https://a.test/"], "policy": {"x": 1}})
        );
    }

    #[test]
    fn whoever_made_a_mistake_is_told_where() {
        for (text, said) in [
            ("a = 1", "acme.toml:1: a: there is no such section"),
            ("format = 2", "acme.toml:1: format: this program reads the format 1"),
            ("\n\n[clients.web]\nx = 2026-01-01", "acme.toml:4: clients.web.x: a time is written as a text, in quotes"),
            ("[clients]\nweb = 1", "acme.toml:2: clients.web: this is a table"),
            ("settings = 3", "acme.toml:1: settings: this is a table"),
            ("[collections.x]\nrules_json = '{'", "acme.toml:2: collections.x.rules_json: this is no JSON"),
            ("[settings]\nx = nan", "acme.toml:2: settings.x: this is no number"),
        ] {
            assert_eq!(read(text).unwrap_err(), said);
        }
        let twice = read("[settings]\nlanguage = 'de'\nlanguage = 'en'").unwrap_err();
        assert!(twice.starts_with("acme.toml:3: this is no TOML: "), "{twice}");
    }

    #[test]
    fn two_files_make_one_declaration_unless_both_declare_the_same() {
        let mut source = read("[clients.web]\ntype = 'public'").unwrap();
        source.take("more.toml", "[clients.robot]\ntype = 'service'").unwrap();
        assert_eq!(source.things.len(), 2);
        assert!(source.take("again.toml", "[clients.web]\ntype = 'public'").is_err());
    }

    #[test]
    fn null_travels_as_json() {
        let (name, value) = as_written("rules", &json!({"read": {"a": null}}));
        assert_eq!((name.as_str(), &value), ("rules_json", &json!(r#"{"read":{"a":null}}"#)));
        let source = read(&format!("[collections.x]\n{name} = {}", super::super::text::line(&value))).unwrap();
        let thing = &source.things[&(Kind::Collection, "x".to_owned())];
        assert_eq!(thing["rules"], json!({"read": {"a": null}}));
    }
}

//! A folder that `mongodump` wrote: one file of documents per collection, and one that describes it. The documents are
//! read as they are asked for, so that their number does not matter.

use std::fs::{self, File};
use std::io::{BufReader, Read as _};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::bson::{self, Problem};
use super::{broken, unreadable};
use crate::base::Result;

/// Databases that are MongoDB's own.
const ITS_OWN: [&str; 3] = ["admin", "config", "local"];
/// The database that an application of this kind has unless somebody chose another.
const USUAL: &str = "coglex";
/// Largest document that MongoDB keeps, in bytes, and some for its own.
const LARGEST: usize = (16 << 20) + (16 << 10);

/// A collection of the dump.
#[derive(Clone, Debug)]
pub struct Collection {
    /// Its name.
    pub name: String,
    /// The names of its indexes, but for the one of the ids.
    pub indexes: Vec<String>,
    file: PathBuf,
}

/// A document, or what it holds that JSON has no word for.
pub type Found = Result<Map<String, Value>, String>;

/// The documents of a collection. One that JSON has no words for is told as the reason.
#[derive(Debug)]
pub struct Documents {
    name: String,
    file: BufReader<File>,
}

/// The collections of a dump, by name.
///
/// # Errors
/// There are none, or of several databases; or the files are compressed.
pub fn read(folder: &Path) -> Result<Vec<Collection>> {
    let database = database(folder)?;
    let mut found = Vec::new();
    for file in entries(&database)? {
        let Some(stem) = stem(&file) else { continue };
        let (name, indexes) = described(&database.join(format!("{stem}.metadata.json")), stem)?;
        if !name.starts_with("system.") {
            found.push(Collection { name, indexes, file });
        }
    }
    Ok(found)
}

impl Collection {
    /// Its documents, in the order of the dump.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn documents(&self) -> Result<Documents> {
        Ok(Documents { name: self.name.clone(), file: BufReader::new(File::open(&self.file)?) })
    }
}

impl Documents {
    fn next_document(&mut self) -> Result<Option<Found>> {
        let damaged = || broken(format!("the collection `{}` of the dump is damaged", self.name));
        let mut head = [0; 4];
        match self.file.read(&mut head[..1])? {
            0 => return Ok(None),
            _ => self.file.read_exact(&mut head[1..]).map_err(|_| damaged())?,
        }
        let length = usize::try_from(i32::from_le_bytes(head)).ok();
        let length = length.filter(|length| (5..=LARGEST).contains(length)).ok_or_else(damaged)?;
        let mut bytes = vec![0; length];
        bytes[..4].copy_from_slice(&head);
        self.file.read_exact(&mut bytes[4..]).map_err(|_| damaged())?;
        match bson::document(&bytes) {
            Ok(document) => Ok(Some(Ok(document))),
            Err(Problem::Unknown(what)) => Ok(Some(Err(what))),
            Err(Problem::Damaged) => Err(damaged()),
        }
    }
}

impl Iterator for Documents {
    type Item = Result<Found>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_document().transpose()
    }
}

/// The folder of the one database that is meant.
fn database(folder: &Path) -> Result<PathBuf> {
    if entries(folder)?.iter().any(|file| stem(file).is_some_and(|stem| stem != "oplog")) {
        return Ok(folder.to_owned());
    }
    let is_its_own = |folder: &Path| folder.file_name().is_some_and(|name| ITS_OWN.iter().any(|own| name == *own));
    let mut found: Vec<_> = entries(folder)?.into_iter().filter(|one| one.is_dir() && !is_its_own(one)).collect();
    let is_usual = |folder: &PathBuf| folder.file_name().is_some_and(|name| name == USUAL);
    if found.len() > 1 && found.iter().any(is_usual) {
        found.retain(is_usual);
    }
    match found.as_slice() {
        [one] if entries(one)?.iter().any(|file| stem(file).is_some()) => Ok(one.clone()),
        [one] if entries(one)?.iter().any(|file| file.extension().is_some_and(|end| end == "gz")) => {
            Err(broken("this dump is compressed; decompress its files first (gunzip -r)"))
        }
        [] | [_] => Err(broken("there are no collections in this folder; mongodump writes FOLDER/DATABASE/*.bson")),
        _ => Err(broken("the dump is of several databases; name the folder of one")),
    }
}

/// What is in a folder, by name.
fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let read = fs::read_dir(folder).map_err(|error| unreadable(folder, &error))?;
    let mut found = read.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
    found.sort();
    Ok(found)
}

fn stem(file: &Path) -> Option<&str> {
    file.file_name()?.to_str()?.strip_suffix(".bson")
}

/// The real name of a collection, which that of its file may only resemble, and its indexes.
fn described(file: &Path, stem: &str) -> Result<(String, Vec<String>)> {
    if !file.exists() {
        return Ok((stem.to_owned(), Vec::new()));
    }
    let text = fs::read(file)?;
    let told: Value = serde_json::from_slice(&text).map_err(|_| broken(format!("{} is no JSON", file.display())))?;
    let name = told["collectionName"].as_str().unwrap_or(stem).to_owned();
    let indexes = told["indexes"].as_array().into_iter().flatten().filter_map(|index| index["name"].as_str());
    Ok((name, indexes.filter(|name| *name != "_id_").map(str::to_owned).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> PathBuf {
        let folder = std::env::temp_dir().join(format!("chancery-mongo-{}", uuid::Uuid::now_v7().simple()));
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    /// `{n: true}`.
    const ONE: &[u8] = &[9, 0, 0, 0, 8, b'n', 0, 1, 0];

    fn with(folder: &Path, database: &str, files: &[(&str, &[u8])]) {
        fs::create_dir_all(folder.join(database)).unwrap();
        for (name, bytes) in files {
            fs::write(folder.join(database).join(name), bytes).unwrap();
        }
    }

    #[test]
    fn a_dump_is_found_whether_its_folder_or_that_of_the_database_is_named() {
        let dump = folder();
        let told = br#"{"collectionName": "or.ders", "indexes": [{"name": "_id_"}, {"name": "at_1"}]}"#;
        with(&dump, "coglex", &[("or%2Eders.bson", &[ONE, ONE].concat()), ("or%2Eders.metadata.json", told)]);
        with(&dump, "coglex", &[("_USERS.bson", b""), ("system.views.bson", b"")]);
        with(&dump, "admin", &[("system.version.bson", ONE)]);
        for named in [dump.clone(), dump.join("coglex")] {
            let found = read(&named).unwrap();
            let names: Vec<_> = found.iter().map(|one| one.name.as_str()).collect();
            assert_eq!(names, ["_USERS", "or.ders"]);
            assert_eq!(found[1].indexes, ["at_1"]);
            let documents: Vec<_> = found[1].documents().unwrap().map(|one| one.unwrap().unwrap()).collect();
            assert_eq!((documents.len(), &documents[1]["n"]), (2, &Value::Bool(true)));
            assert_eq!(found[0].documents().unwrap().count(), 0);
        }
        with(&dump, "shop", &[("a.bson", b"")]);
        assert_eq!(read(&dump).unwrap().len(), 2, "the usual database is meant");
        fs::rename(dump.join("coglex"), dump.join("other")).unwrap();
        assert!(format!("{:?}", read(&dump).unwrap_err()).contains("several databases"));
    }

    #[test]
    fn what_is_cut_off_compressed_or_empty_is_refused() {
        let dump = folder();
        assert!(format!("{:?}", read(&dump).unwrap_err()).contains("no collections"));
        with(&dump, "one", &[("a.bson.gz", b"\x1f\x8b")]);
        assert!(format!("{:?}", read(&dump).unwrap_err()).contains("compressed"));
        for bad in [&ONE[..8], &ONE[..2], &[ONE, &[0, 0, 0, 0]].concat(), &[255; 16]] {
            with(&dump, "one", &[("a.bson", bad)]);
            let found = read(&dump).unwrap();
            assert!(found[0].documents().unwrap().any(|one| one.is_err()), "{bad:?}");
        }
    }
}

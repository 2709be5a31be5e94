//! Coglex: a database of MongoDB with people in `_USERS`, what is said of files in `_ARCHIVE`, and everything else in
//! collections. All of it becomes one tenant.

use std::collections::HashSet;
use std::path::Path;

use serde_json::{Map, Value};

use super::coglex_person::person;
use crate::base::Result;
use crate::imports::dump::{Collection, read_mongodump};
use crate::imports::record::{File, Tenant};
use crate::imports::report::{Kind, Named, Outcome, Report};
use crate::imports::{Choices, named};
use crate::store::users::Role;

/// People.
const USERS: &str = "_USERS";
/// What is said of files.
const ARCHIVE: &str = "_ARCHIVE";

/// Reads what `mongodump` wrote.
///
/// # Errors
/// It is of something else or damaged, or nobody said which tenant it becomes.
pub fn read(folder: &Path, choices: &Choices, report: &mut Report) -> Result<Vec<Tenant>> {
    let mut tenant = named(choices)?;
    let called = tenant.called.clone();
    // Nobody's address was ever proven there, and everybody signed in.
    tenant.settings.unverified_sign_in = true;
    for collection in read_mongodump(folder)? {
        let name = collection.name.clone();
        let role = choices.roles.get(&name).copied().or_else(|| (name == USERS).then_some(Role::User));
        if let Some(role) = role {
            people(&collection, role, &mut tenant, report)?;
        } else if name == ARCHIVE {
            files(&collection, choices, &mut tenant, report)?;
        } else if name.starts_with('_') {
            let why = "names that start with `_` are ours; if people are in it, say so: --role COLLECTION=ROLE";
            let named = Named { tenant: &called, kind: Kind::Collection, name: &name, old_id: "" };
            report.leave_out(named, Outcome::Refused, why);
        } else {
            if !collection.indexes.is_empty() {
                let told =
                    format!("had indexes, which are said anew in its definition: {}", collection.indexes.join(", "));
                report.review(&called, &name, told);
            }
            tenant.collections.push(collection);
        }
    }
    report.warn("", "", "everybody signs in again: Coglex's tokens are not accepted");
    report.review(&called, "", "nobody administers this tenant by being imported: `chancery user set-role`");
    Ok(vec![tenant])
}

fn people(collection: &Collection, role: Role, tenant: &mut Tenant, report: &mut Report) -> Result<()> {
    for (n, document) in collection.documents()?.enumerate() {
        match document? {
            Ok(document) => {
                let person = person(document, (role, &collection.name), &tenant.called, report);
                tenant.people.extend(person);
            }
            Err(what) => {
                let name = format!("{}: document {}", collection.name, n + 1);
                let named = Named { tenant: &tenant.called, kind: Kind::Person, name: &name, old_id: "" };
                report.leave_out(named, Outcome::Refused, format!("holds what JSON has no word for: {what}"));
            }
        }
    }
    Ok(())
}

/// The bytes lay beside the database, by the name alone: of two files of one name the first was overwritten there.
fn files(collection: &Collection, choices: &Choices, tenant: &mut Tenant, report: &mut Report) -> Result<()> {
    let mut seen = HashSet::new();
    for document in collection.documents()? {
        let document = document?.unwrap_or_default();
        let text = |name: &str| document.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (old_id, name) = (text("_id"), text("_filename"));
        let named = Named { tenant: &tenant.called, kind: Kind::File, name: &name, old_id: &old_id };
        let Some(folder) = &choices.files else {
            report.leave_out(
                named,
                Outcome::Skipped,
                "its bytes are not in the dump; name the folder of them: --files",
            );
            continue;
        };
        if name.is_empty() || name.contains(['/', '\\', '\0']) || name.starts_with("..") {
            report.leave_out(named, Outcome::Refused, "it has no name that a file has");
            continue;
        }
        let path = folder.join(&name);
        if !path.is_file() {
            report.leave_out(named, Outcome::Refused, "its bytes are not in the folder");
            continue;
        }
        if !seen.insert(name.clone()) {
            report.warn(
                &tenant.called,
                &name,
                "there were several files of this name, and the last one's bytes are all that is left",
            );
        }
        tenant.files.push(File { old_id, name, path });
    }
    Ok(())
}

/// A document as it is stored here: what it said of its times becomes what we say of them.
pub fn renamed(mut document: Map<String, Value>) -> Map<String, Value> {
    let inserted = document.shift_remove("_inserted").filter(Value::is_string);
    let patched = document.shift_remove("_patched").filter(Value::is_string).or_else(|| inserted.clone());
    document.extend(inserted.map(|at| ("_created".to_owned(), at)));
    document.extend(patched.map(|at| ("_updated".to_owned(), at)));
    document.insert("_owner".to_owned(), Value::Null);
    document
}

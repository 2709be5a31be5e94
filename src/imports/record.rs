//! What an older system held, in our words: what each reader makes, and what is planned and written in one way for all.

use std::path::PathBuf;

use sha2::{Digest as _, Sha256};

use super::System;
use super::dump::Collection;
use crate::base::{OrganizationId, Secret, Slug, Stop, TenantId, Timestamp, UserId};
use crate::clients::Registration;
use crate::people::Travelling;
use crate::store::organizations::OrganizationStatus;
use crate::store::tenants::{self as store, Settings};
use crate::tenants::check_whole;

/// A tenant with everything in it.
#[derive(Debug)]
pub struct Tenant {
    /// What it is called in the report.
    pub called: String,
    /// The id that it keeps or that follows from what it was; absent where somebody says which tenant it is.
    pub id: Option<TenantId>,
    /// Its slug, if it can be one.
    pub slug: String,
    /// Its name for people.
    pub name: String,
    /// Whether it answers.
    pub active: bool,
    /// Whether it cannot be deleted.
    pub protected: bool,
    /// Since when it is; absent: now.
    pub created_at: Option<Timestamp>,
    /// What it is set to, if it is made.
    pub settings: Settings,
    /// Its plan, if there is one of this key.
    pub plan: Option<String>,
    /// Its people.
    pub people: Vec<Person>,
    /// Its clients.
    pub clients: Vec<Client>,
    /// Its organizations.
    pub organizations: Vec<Organization>,
    /// Its documents.
    pub collections: Vec<Collection>,
    /// Its files.
    pub files: Vec<File>,
    /// Who is told what happens in it.
    pub webhook: Option<Webhook>,
}

/// A receiver of what happens, with the secret it knows.
#[derive(Debug)]
pub struct Webhook {
    /// Where it listens.
    pub url: String,
    /// What messages are signed with.
    pub secret: Secret,
}

impl Person {
    /// Somebody with this account, who proves themselves by its password alone.
    #[must_use]
    pub fn new(called: &str, old_id: &str, account: Travelling) -> Self {
        let (called, old_id) = (called.to_owned(), old_id.to_owned());
        Self { called, old_id, account, clear: None, totp: None, identities: Vec::new() }
    }
}

impl Tenant {
    /// One in which there is nothing yet.
    #[must_use]
    pub fn new(called: &str, slug: &str, name: &str) -> Self {
        Self {
            called: called.to_owned(),
            id: None,
            slug: slug.to_owned(),
            name: name.to_owned(),
            active: true,
            protected: false,
            created_at: None,
            settings: Settings::default(),
            plan: None,
            people: Vec::new(),
            clients: Vec::new(),
            organizations: Vec::new(),
            collections: Vec::new(),
            files: Vec::new(),
            webhook: None,
        }
    }

    /// Sets something, if it can be that.
    ///
    /// # Errors
    /// The sentence that says why not; then nothing is changed.
    pub fn set(&mut self, change: impl FnOnce(&mut Settings)) -> Result<(), String> {
        let mut settings = self.settings.clone();
        change(&mut settings);
        // Whether the rest of it can be is asked when it is planned.
        let slug: Slug = "any".parse()?;
        let tried = store::Tenant::new(slug, "any", settings.clone(), Timestamp::default());
        match check_whole(&tried) {
            Ok(()) => {
                self.settings = settings;
                Ok(())
            }
            Err(stop) => Err(why(&stop)),
        }
    }
}

/// The sentence of a refusal.
#[must_use]
pub fn why(stop: &Stop) -> String {
    match stop {
        Stop::Refused(refusal) => refusal.description.to_string(),
        Stop::Failed(fault) => fault.chain(),
    }
}

/// Somebody.
#[derive(Debug)]
pub struct Person {
    /// How people know them.
    pub called: String,
    /// The id there.
    pub old_id: String,
    /// The account; its id is given.
    pub account: Travelling,
    /// A password that was kept in the clear. It is hashed, and has to be replaced by its owner.
    pub clear: Option<Secret>,
    /// The seed of an authenticator app.
    pub totp: Option<Vec<u8>>,
    /// Accounts elsewhere that sign them in.
    pub identities: Vec<Identity>,
}

/// An account elsewhere.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The slug of the provider.
    pub provider: String,
    /// The `sub` there.
    pub subject: String,
    /// What it is called there.
    pub name: Option<String>,
}

/// A client.
#[derive(Debug)]
pub struct Client {
    /// As it is to be registered; its id is given.
    pub wish: Registration,
    /// The secret it has.
    pub secret: Option<Secret>,
    /// Whether it may do anything.
    pub active: bool,
}

/// An organization.
#[derive(Debug)]
pub struct Organization {
    /// Its id, which it keeps.
    pub id: OrganizationId,
    /// Its slug, if it can be one.
    pub slug: String,
    /// Its name for people.
    pub name: String,
    /// Whether anything can be done in it.
    pub status: OrganizationStatus,
    /// Whether its applications ask for a second factor.
    pub second_factor: bool,
    /// What is kept with it.
    pub metadata: serde_json::Map<String, serde_json::Value>,
    /// Since when it is.
    pub created_at: Option<Timestamp>,
    /// Who is in it, as what and since when.
    pub members: Vec<(UserId, String, Option<Timestamp>)>,
}

/// A file.
#[derive(Clone, Debug)]
pub struct File {
    /// The id there.
    pub old_id: String,
    /// Its name.
    pub name: String,
    /// Where its bytes are.
    pub path: PathBuf,
}

/// An id that follows from what something was, so that an import that is repeated finds it again (RFC 9562 §5.8).
#[must_use]
pub fn id_of(system: System, parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in std::iter::once(&system.as_str()).chain(parts) {
        hash.update(part.len().to_be_bytes());
        hash.update(part.as_bytes());
    }
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.finalize()[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid().to_string()
}

/// A slug made of a name: what of it a slug can hold.
#[must_use]
pub fn slug_of(name: &str) -> String {
    let mut made = String::new();
    for letter in name.to_lowercase().chars() {
        if letter.is_ascii_alphanumeric() {
            made.push(letter);
        } else if !made.is_empty() && !made.ends_with('-') {
            made.push('-');
        }
    }
    let short: String = made.chars().take(63).collect();
    short.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_follow_from_what_something_was_and_from_nothing_else() {
        let one = id_of(System::BackendFramework, &["acme", "user", "7"]);
        assert_eq!(one, id_of(System::BackendFramework, &["acme", "user", "7"]));
        assert_eq!(uuid::Uuid::parse_str(&one).unwrap().get_version_num(), 8);
        for other in [&["acme", "user7", ""][..], &["acme", "user", "8"], &["acm", "euser", "7"]] {
            assert_ne!(one, id_of(System::BackendFramework, other));
        }
        assert_ne!(one, id_of(System::Coglex, &["acme", "user", "7"]));
    }

    #[test]
    fn slugs_are_made_of_names() {
        assert_eq!(slug_of("Acme & Söhne, Ltd."), "acme-s-hne-ltd");
        assert_eq!(slug_of(&"x".repeat(90)).len(), 63);
    }
}

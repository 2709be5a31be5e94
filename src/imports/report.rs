//! What an import comes to: how many of each kind were made, what was left out and why, and what somebody should look
//! at. It names people and never holds a secret.

use std::collections::BTreeMap;

use serde::Serialize;

use super::System;

/// What something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A tenant.
    Tenant,
    /// Somebody's account.
    Person,
    /// An OAuth client.
    Client,
    /// An organization.
    Organization,
    /// Somebody's membership in one.
    Member,
    /// An account elsewhere that signs somebody in.
    Identity,
    /// A passkey.
    Passkey,
    /// A collection of documents.
    Collection,
    /// A document.
    Document,
    /// A file.
    File,
}

/// What became of something, or would become.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It is here now.
    Created,
    /// It was here before, and stays as it is.
    Exists,
    /// It is not brought along, on purpose.
    Skipped,
    /// It gets in the way of something else, and somebody has to decide.
    Collision,
    /// It cannot be that here.
    Refused,
}

/// How many of a kind came to what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "each member counts the outcome of its name")]
pub struct Counts {
    pub created: u64,
    pub exists: u64,
    pub skipped: u64,
    pub collisions: u64,
    pub refused: u64,
}

/// Something that was left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    /// The tenant it belongs to, as the older system calls it.
    pub tenant: String,
    /// What it is.
    pub kind: Kind,
    /// How people know it.
    pub name: String,
    /// Its id there.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub old_id: String,
    /// What became of it.
    pub outcome: Outcome,
    /// Why.
    pub reason: String,
}

/// Something that somebody should know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Note {
    /// The tenant it is about, as the older system calls it.
    pub tenant: String,
    /// Who or what in it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub about: String,
    /// What there is to know.
    pub text: String,
}

/// What something is called, for its line in the report.
#[derive(Clone, Copy, Debug)]
pub struct Named<'a> {
    /// The tenant.
    pub tenant: &'a str,
    /// What it is.
    pub kind: Kind,
    /// How people know it.
    pub name: &'a str,
    /// Its id there.
    pub old_id: &'a str,
}

/// The whole report.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Where everything comes from.
    pub system: System,
    /// Whether it was done, and not only tried.
    pub applied: bool,
    /// How many of each kind came to what.
    pub counts: BTreeMap<Kind, Counts>,
    /// What was left out.
    pub left_out: Vec<Line>,
    /// What somebody has to decide or do.
    pub review: Vec<Note>,
    /// What is not as it was.
    pub warnings: Vec<Note>,
}

impl Report {
    /// An empty one.
    #[must_use]
    pub const fn new(system: System, applied: bool) -> Self {
        Self {
            system,
            applied,
            counts: BTreeMap::new(),
            left_out: Vec::new(),
            review: Vec::new(),
            warnings: Vec::new(),
        }
    }

    /// Counts what needs no reason.
    pub fn count(&mut self, kind: Kind, outcome: Outcome, many: u64) {
        if many == 0 {
            return;
        }
        let counts = self.counts.entry(kind).or_default();
        let place = match outcome {
            Outcome::Created => &mut counts.created,
            Outcome::Exists => &mut counts.exists,
            Outcome::Skipped => &mut counts.skipped,
            Outcome::Collision => &mut counts.collisions,
            Outcome::Refused => &mut counts.refused,
        };
        *place += many;
    }

    /// Counts what was left out, and says why.
    pub fn leave_out(&mut self, named: Named<'_>, outcome: Outcome, reason: impl Into<String>) {
        self.count(named.kind, outcome, 1);
        self.left_out.push(Line {
            tenant: named.tenant.to_owned(),
            kind: named.kind,
            name: named.name.to_owned(),
            old_id: named.old_id.to_owned(),
            outcome,
            reason: reason.into(),
        });
    }

    /// Notes what somebody has to decide or do.
    pub fn review(&mut self, tenant: &str, about: &str, text: impl Into<String>) {
        self.review.push(Note { tenant: tenant.to_owned(), about: about.to_owned(), text: text.into() });
    }

    /// Notes what is not as it was.
    pub fn warn(&mut self, tenant: &str, about: &str, text: impl Into<String>) {
        self.warnings.push(Note { tenant: tenant.to_owned(), about: about.to_owned(), text: text.into() });
    }

    /// How many of a kind came to what.
    #[must_use]
    pub fn of(&self, kind: Kind) -> Counts {
        self.counts.get(&kind).copied().unwrap_or_default()
    }

    /// Whether something was left out that somebody did not mean to leave out.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.counts.values().all(|counts| counts.collisions == 0 && counts.refused == 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_left_out_on_purpose_leaves_the_import_whole() {
        let mut report = Report::new(System::Aegis, false);
        let named = Named { tenant: "t", kind: Kind::Person, name: "ada@one.test", old_id: "7" };
        report.count(Kind::Person, Outcome::Created, 2);
        report.leave_out(named, Outcome::Skipped, "deleted there");
        assert!(report.is_whole());
        report.leave_out(named, Outcome::Collision, "two of them");
        assert!(!report.is_whole());
        let expected = Counts { created: 2, skipped: 1, collisions: 1, ..Counts::default() };
        assert_eq!((report.of(Kind::Person), report.left_out.len()), (expected, 2));
        assert_eq!(report.of(Kind::File), Counts::default());
    }
}

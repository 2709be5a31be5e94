//! What is wrong with a text of the language, and where: one shape for filters, sorts, projections, updates and
//! pipelines, so that an answer can point into the request (RFC 6901, RFC 9457).

use std::fmt;

/// Which part of the language was meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// Which documents.
    Filter,
    /// In which order.
    Sort,
    /// Which of their fields.
    Projection,
    /// What becomes of them.
    Update,
    /// What is made of them.
    Pipeline,
    /// A pattern within one of the others.
    Regex,
    /// A document itself.
    Document,
    /// An index of a collection.
    Index,
}

impl Subject {
    /// The word in problem types.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Filter => "invalid-filter",
            Self::Sort => "invalid-sort",
            Self::Projection => "invalid-projection",
            Self::Update => "invalid-update",
            Self::Pipeline => "invalid-pipeline",
            Self::Regex => "invalid-regex",
            Self::Document => "invalid-document",
            Self::Index => "invalid-index",
        }
    }
}

/// A text that is JSON but says nothing in the language.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct Invalid {
    /// What was meant.
    pub subject: Subject,
    /// The kind of mistake, for programs.
    pub code: &'static str,
    /// Where it stands, as a JSON pointer.
    pub pointer: String,
    /// One sentence about it.
    pub detail: String,
}

/// Results of parsing.
pub type Result<T, E = Invalid> = std::result::Result<T, E>;

/// A place in the text that is being read.
#[derive(Clone, Debug)]
pub struct At {
    subject: Subject,
    pointer: String,
}

impl At {
    /// The beginning of a text.
    #[must_use]
    pub const fn start(subject: Subject) -> Self {
        Self { subject, pointer: String::new() }
    }

    /// The member or element below this place.
    #[must_use]
    pub fn child(&self, name: impl fmt::Display) -> Self {
        let name = name.to_string().replace('~', "~0").replace('/', "~1");
        Self { subject: self.subject, pointer: format!("{}/{name}", self.pointer) }
    }

    /// The same place, read as another part of the language.
    #[must_use]
    pub fn of(&self, subject: Subject) -> Self {
        Self { subject, pointer: self.pointer.clone() }
    }

    /// What is read here.
    #[must_use]
    pub const fn subject(&self) -> Subject {
        self.subject
    }

    /// A mistake at this place.
    pub fn wrong(&self, code: &'static str, detail: impl Into<String>) -> Invalid {
        Invalid { subject: self.subject, code, pointer: self.pointer.clone(), detail: detail.into() }
    }

    /// The mistake as a result.
    ///
    /// # Errors
    /// Always.
    pub fn refuse<T>(&self, code: &'static str, detail: impl Into<String>) -> Result<T> {
        Err(self.wrong(code, detail))
    }
}

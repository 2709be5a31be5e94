//! Paths into documents: names joined by dots, as in `items.0.price`.

use std::fmt;

use super::invalid::{At, Result};
use super::limits::{NAME_LENGTH, PATH_STEPS};

/// One component of a path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Step {
    /// The name of a member.
    pub name: String,
    /// In an array, the element; only names that are plain numbers have one.
    pub index: Option<u32>,
}

impl Step {
    fn new(name: &str) -> Self {
        let plain = name == "0" || (!name.starts_with('0') && name.len() < 10);
        let index = Some(name).filter(|_| plain && name.bytes().all(|byte| byte.is_ascii_digit()));
        Self { name: name.to_owned(), index: index.and_then(|name| name.parse::<u32>().ok()) }
    }
}

/// What the server keeps beside each document and shows as its fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Server {
    /// `_id`.
    Id,
    /// `_rev`.
    Rev,
    /// `_owner`.
    Owner,
    /// `_created`.
    Created,
    /// `_updated`.
    Updated,
}

impl Server {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Id, Self::Rev, Self::Owner, Self::Created, Self::Updated];

    /// The field's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Id => "_id",
            Self::Rev => "_rev",
            Self::Owner => "_owner",
            Self::Created => "_created",
            Self::Updated => "_updated",
        }
    }

    /// The field of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.name() == name)
    }
}

/// Where a path leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Root {
    /// Into stored documents: what starts with `_` is the server's.
    Stored,
    /// Into anything: an element of an array, a document that a pipeline made.
    Any,
}

/// A path of one to eight components.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path(Vec<Step>);

impl Path {
    /// Reads a path.
    ///
    /// # Errors
    /// A component is empty, too long, starts with `$`; there are too many; or there is no such server field.
    pub fn parse(text: &str, root: Root, at: &At) -> Result<Self> {
        let steps: Vec<Step> = text.split('.').map(Step::new).collect();
        if steps.len() > PATH_STEPS {
            return at.refuse("path-too-long", format!("a path has at most {PATH_STEPS} components"));
        }
        for step in &steps {
            name(&step.name, at)?;
        }
        let path = Self(steps);
        if root == Root::Stored && path.head().starts_with('_') && path.server().is_none() {
            return at.refuse("unknown-field", "names that start with `_` are the server's, and this is none of them");
        }
        Ok(path)
    }

    /// The components.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    /// The first component's name.
    #[must_use]
    pub fn head(&self) -> &str {
        self.0.first().map_or("", |step| &step.name)
    }

    /// The server's field that this path is, in stored documents.
    #[must_use]
    pub fn server(&self) -> Option<Server> {
        Server::named(self.head()).filter(|_| self.0.len() == 1)
    }

    /// Whether one of the two leads to the other or into it.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).all(|(a, b)| a.name == b.name)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, step) in self.0.iter().enumerate() {
            write!(f, "{}{}", if n == 0 { "" } else { "." }, step.name)?;
        }
        Ok(())
    }
}

/// Whether a field may have this name.
///
/// # Errors
/// It is empty, too long, starts with `$`, or holds NUL.
pub fn name(name: &str, at: &At) -> Result<()> {
    if name.is_empty() {
        at.refuse("empty-name", "a field's name is empty")
    } else if name.starts_with('$') {
        at.refuse("unknown-operator", format!("`{name}` cannot stand here"))
    } else if name.len() > NAME_LENGTH {
        at.refuse("name-too-long", format!("a field's name has at most {NAME_LENGTH} bytes"))
    } else if name.contains('\0') {
        at.refuse("nul", "a field's name holds NUL")
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::invalid::Subject;
    use super::*;

    fn parse(text: &str) -> Result<Path> {
        Path::parse(text, Root::Stored, &At::start(Subject::Filter))
    }

    #[test]
    fn a_path_has_one_to_eight_named_components() {
        assert!(parse("a.b.c.d.e.f.g.h").is_ok());
        for bad in ["a.b.c.d.e.f.g.h.i", "", ".", "a.", ".a", "a..b", "$a", "a.$b", "a.$[]", "a\0"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
        assert!(parse(&"x".repeat(256)).is_ok());
        assert!(parse(&"x".repeat(257)).is_err());
    }

    #[test]
    fn d6_only_the_servers_own_fields_start_with_an_underscore() {
        assert_eq!(parse("_owner").unwrap().server(), Some(Server::Owner));
        for bad in ["_x", "_id.a", "__proto__", "_owner.0"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
        assert_eq!(parse("a._id").unwrap().server(), None);
    }

    #[test]
    fn only_plain_numbers_are_indexes() {
        let index = |text: &str| parse(text).unwrap().steps()[0].index;
        assert_eq!(
            [index("0"), index("17"), index("01"), index("9999999999"), index("-1")],
            [Some(0), Some(17), None, None, None]
        );
    }
}

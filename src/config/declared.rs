//! `[declared]`: files that say how tenants are to be configured; and where the secrets are that such a file names.

use std::path::PathBuf;

use serde::Deserialize;

/// `[declared.<slug>]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Declared {
    /// The file, or a folder of files.
    pub file: PathBuf,
    /// Whether what no file names is a difference, too.
    #[serde(default)]
    pub prune: bool,
}

/// Where a secret is: `env:NAME` or `file:PATH`. A declaration holds these in place of secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reference {
    /// A variable of the environment.
    Variable(String),
    /// A file, whose last end of line is no part of the secret.
    File(PathBuf),
}

impl Reference {
    /// Reads a reference.
    ///
    /// # Errors
    /// It is none; the sentence does not repeat it, because it may be a secret.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        match text.split_once(':') {
            Some(("env", name)) if !name.is_empty() && name.bytes().all(plain) => Ok(Self::Variable(name.to_owned())),
            Some(("file", path)) if !path.is_empty() => Ok(Self::File(PathBuf::from(path))),
            _ => Err("a secret is named by where it is, env:NAME or file:PATH, and never written out"),
        }
    }

    /// What is there; absent or empty: nothing.
    ///
    /// # Errors
    /// The file is there and cannot be read as text.
    #[expect(clippy::disallowed_methods, reason = "this is the configuration that reads the environment")]
    pub fn find(&self) -> std::io::Result<Option<String>> {
        let found = match self {
            Self::Variable(name) => std::env::var(name).ok(),
            Self::File(path) => match std::fs::read_to_string(path) {
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
                read => Some(read?),
            },
        };
        let line = |text: String| text.trim_end_matches(['\r', '\n']).to_owned();
        Ok(found.map(line).filter(|text| !text.is_empty()))
    }
}

impl std::fmt::Display for Reference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Variable(name) => write!(f, "env:{name}"),
            Self::File(path) => write!(f, "file:{}", path.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn w005_a_secret_that_is_written_out_is_refused_and_not_repeated() {
        for bad in ["", "hunter2-hunter2", "env:", "env:A B", "file:", "vault:x", "ENV:NAME"] {
            let why = Reference::parse(bad).unwrap_err();
            assert!(!why.contains("hunter2"), "{why}");
        }
        for good in ["env:ACME_WEB_SECRET", "file:/run/secrets/web"] {
            assert_eq!(Reference::parse(good).unwrap().to_string(), good);
        }
    }

    #[test]
    fn a_file_is_read_without_its_last_line_end_and_may_be_missing() {
        let path = std::env::temp_dir().join(format!("chancery-{}", uuid::Uuid::now_v7()));
        let reference = Reference::parse(&format!("file:{}", path.display())).unwrap();
        assert_eq!(reference.find().unwrap(), None);
        std::fs::write(&path, "a secret of many words\n").unwrap();
        assert_eq!(reference.find().unwrap().as_deref(), Some("a secret of many words"));
        std::fs::write(&path, "\n").unwrap();
        assert_eq!(reference.find().unwrap(), None);
        assert_eq!(Reference::Variable("CHANCERY_NO_SUCH_VARIABLE".to_owned()).find().unwrap(), None);
    }
}

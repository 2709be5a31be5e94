//! Secrets of what is declared: named by where they are, looked up when a declaration is compared, never written.

use serde_json::{Map, Value};

use super::kinds::Kind;
use super::source::Source;
use crate::base::{Digest, Result, Secret};
use crate::config::Reference;

/// Longest readable part of the name of a variable.
const READABLE: usize = 40;
/// How much of a digest tells names apart that read alike.
const TOLD_APART: usize = 6;

/// A secret that is wanted.
#[derive(Clone, Debug)]
pub(super) struct Want {
    /// The member that names it.
    pub(super) member: &'static [&'static str],
    /// Where it is; absent where nobody says.
    pub(super) reference: Option<Reference>,
    /// What becomes of it.
    pub(super) state: State,
}

/// What becomes of a secret.
#[derive(Clone, Debug)]
pub(super) enum State {
    /// It is the one that is there.
    Same,
    /// It is not to be found, so the one that is there stays.
    Kept,
    /// It is set.
    New(Secret),
    /// One is made and shown once.
    Made(Secret),
    /// It is needed and not to be found.
    Missing,
    /// It is taken away.
    Gone,
}

impl Want {
    /// Whether something is done about it.
    pub(super) const fn changes(&self) -> bool {
        !matches!(self.state, State::Same | State::Kept)
    }

    /// The secret that is to be set.
    pub(super) const fn secret(&self) -> Option<&Secret> {
        match &self.state {
            State::New(secret) | State::Made(secret) => Some(secret),
            _ => None,
        }
    }
}

/// What is known of a secret before it is looked up.
pub(super) struct Sought<'a> {
    /// The member that names it.
    pub(super) member: &'static [&'static str],
    /// Where it is said to be.
    pub(super) reference: Option<Reference>,
    /// Whether there is one already.
    pub(super) held: bool,
    /// Makes one, where that may be.
    pub(super) make: Option<&'a dyn Fn() -> Secret>,
}

impl Sought<'_> {
    /// What becomes of it. `is_same` compares with what is there, `check` says whether it can be one.
    ///
    /// # Errors
    /// The file of the secret cannot be read, or it cannot be that.
    pub(super) fn settle(
        self,
        (source, path): (&Source, &[String]),
        is_same: impl FnOnce(&Secret) -> Result<bool>,
        check: impl FnOnce(Secret) -> Result<Secret>,
    ) -> Result<Want> {
        let path = below(path, self.member);
        let found = match &self.reference {
            Some(reference) => reference
                .find()
                .map_err(|error| source.blame(&path, &format!("{reference} cannot be read: {}", error.kind())))?,
            None => None,
        };
        let state = match (found, self.make) {
            (Some(text), _) => {
                let secret = Secret::new(text);
                if self.held && is_same(&secret)? {
                    State::Same
                } else {
                    State::New(check(secret).map_err(|stop| super::members::placed(source, &path, stop))?)
                }
            }
            (None, _) if self.held => State::Kept,
            (None, Some(make)) => State::Made(make()),
            (None, None) => State::Missing,
        };
        Ok(Want { member: self.member, reference: self.reference, state })
    }
}

/// Where a member stands.
pub(super) fn below(path: &[String], member: &[&str]) -> Vec<String> {
    path.iter().cloned().chain(member.iter().map(|name| (*name).to_owned())).collect()
}

/// Takes the reference of a secret out of the members, which names it last in its path.
///
/// # Errors
/// It is none.
pub(super) fn named(source: &Source, path: &[String], given: &mut Map<String, Value>) -> Result<Option<Reference>> {
    let parse = |text: String| Reference::parse(&text).map_err(|why| source.blame(path, why));
    Ok(super::members::text(source, path, given)?.map(parse).transpose()?)
}

/// The reference that an export writes: a variable that is called after what it is of, the same whenever it is asked.
pub(super) fn variable(slug: &str, (kind, key): (Kind, &str), member: &[&str]) -> String {
    let of_what = match kind {
        Kind::Client => Some("CLIENT"),
        Kind::Provider => Some("PROVIDER"),
        Kind::Webhook => Some("WEBHOOK"),
        _ => None,
    };
    let key = (!kind.is_single()).then(|| word(key));
    let member = member.iter().map(|name| upper(name.trim_start_matches("client_")));
    let words = [Some(upper(slug)), of_what.map(str::to_owned), key].into_iter().flatten().chain(member);
    format!("env:{}", words.collect::<Vec<_>>().join("_"))
}

/// A key in letters that a variable can have. What would be lost is made up for by a digest.
fn word(key: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if key.bytes().all(plain) {
        return upper(key);
    }
    let bare = key.split_once("://").map_or(key, |(_, rest)| rest);
    let readable: String = upper(bare).chars().take(READABLE).collect();
    let digest: String = upper(Digest::of(key.as_bytes()).as_str()).chars().take(TOLD_APART).collect();
    format!("{}_{digest}", readable.trim_end_matches('_'))
}

fn upper(text: &str) -> String {
    text.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter.to_ascii_uppercase() } else { '_' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_is_called_after_what_it_is_of_and_nothing_else_is_called_so() {
        let of = |key: &str| variable("acme", (Kind::Client, key), &["client_secret"]);
        assert_eq!(of("web"), "env:ACME_CLIENT_WEB_SECRET");
        assert_eq!(variable("a-b", (Kind::Settings, ""), &["mail", "http_key"]), "env:A_B_MAIL_HTTP_KEY");
        let all = ["a-b", "a_b", "a.b", "A-B", "https://a.b/", "http://a.b/", "https://a.b/#2"];
        let mut names = all.map(of).to_vec();
        for name in &names {
            assert!(Reference::parse(name).is_ok(), "{name}");
        }
        names.sort();
        names.dedup();
        assert_eq!(names.len(), all.len(), "{names:?}");
    }
}

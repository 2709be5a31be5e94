//! What a trial of many people remembers from one part to the next.

use std::collections::{HashMap, HashSet};

use super::transfer::{Arrived, Travelling, taken};
use crate::base::{Email, Result, UserId};
use crate::store::users::UserStatus;

/// Who would be here by now, had a trial kept anybody: each part of it is undone, and the next one would not know.
#[derive(Clone, Debug, Default)]
pub struct Trial {
    ids: HashSet<UserId>,
    names: HashMap<String, UserId>,
    pub(super) active: u64,
}

impl Trial {
    /// What becomes of somebody because of those who came before.
    pub(super) fn meets(&self, line: &Travelling) -> Option<Result<Arrived>> {
        let id = line.id.as_deref().map(UserId::from);
        if let Some(id) = id.as_ref().filter(|id| self.ids.contains(id)) {
            return Some(Ok(Arrived::Exists(id.clone())));
        }
        let by_email = line.email.as_ref().and_then(|email| self.names.get(&email.key()));
        let by_name = line.username.as_deref().and_then(|name| self.names.get(&Email::key_of(name)));
        match (by_email, by_name) {
            (Some(found), _) if id.is_none() => Some(Ok(Arrived::Exists(found.clone()))),
            (None, None) => None,
            _ => Some(Err(taken())),
        }
    }

    pub(super) fn note(&mut self, (keys, active): (Vec<String>, bool), id: &UserId) {
        self.ids.insert(id.clone());
        self.names.extend(keys.into_iter().map(|key| (key, id.clone())));
        self.active += u64::from(active);
    }
}

/// What makes two of them the same account, and whether it counts as one that is used.
pub(super) fn keys(line: &Travelling) -> (Vec<String>, bool) {
    let email = line.email.as_ref().map(Email::key);
    let username = line.username.as_deref().map(Email::key_of);
    (email.into_iter().chain(username).collect(), line.status == UserStatus::Active)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(id: Option<&str>, email: Option<&str>, username: Option<&str>) -> Travelling {
        let mut line = Travelling::of("");
        line.id = id.map(str::to_owned);
        line.email = email.map(|email| email.parse().unwrap());
        line.username = username.map(str::to_owned);
        line
    }

    #[test]
    fn who_came_before_is_met_by_id_address_or_name_in_any_case() {
        let mut trial = Trial::default();
        let first = line(Some("7"), Some("Ada@one.test"), Some("ada"));
        assert!(trial.meets(&first).is_none());
        trial.note(keys(&first), &UserId::from("7"));
        assert_eq!(trial.active, 1);
        for same in [line(Some("7"), None, Some("other")), line(None, Some("ADA@one.test"), None)] {
            assert!(matches!(trial.meets(&same), Some(Ok(Arrived::Exists(id))) if id.as_str() == "7"));
        }
        for other in [line(Some("8"), Some("ada@one.test"), None), line(None, None, Some("Ada"))] {
            assert!(matches!(trial.meets(&other), Some(Err(_))));
        }
        assert!(trial.meets(&line(None, Some("grace@one.test"), Some("grace"))).is_none());
    }
}

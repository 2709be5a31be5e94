//! `authorization_details` (RFC 9396) of type `storage`: which rows and fields of which collections a token opens,
//! within its scope.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Code, Refusal};

/// Longest accepted text in bytes.
const MAX_BYTES: usize = 8192;
/// Most objects in one list.
const MAX_OBJECTS: usize = 20;

/// What may be done to the documents that a detail names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DetailAction {
    /// To look.
    Read,
    /// To change.
    Write,
}

/// The types we know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Storage,
}

/// One object of the list. No two of a list name the same collection for the same action, so that what a token opens
/// is never the product of two wishes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Detail {
    #[serde(rename = "type")]
    kind: Kind,
    /// For which actions.
    pub actions: Vec<DetailAction>,
    /// In which collections.
    pub collections: Vec<String>,
    /// Which documents, in the language of queries; absent: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<Map<String, Value>>,
    /// Which of their fields; absent: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fields: Option<Vec<String>>,
}

/// The list. An empty one narrows nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AuthorizationDetails(Vec<Detail>);

impl AuthorizationDetails {
    /// Reads the parameter.
    ///
    /// # Errors
    /// `invalid_authorization_details`: it is no list of objects of a type that we know, in the form of that type
    /// (RFC 9396 §5).
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let refuse = |why: &'static str| Refusal::new(Code::InvalidAuthorizationDetails, why);
        if text.len() > MAX_BYTES {
            return Err(refuse("authorization_details is too long"));
        }
        let unreadable = "authorization_details is not a list of objects of the type storage";
        let Ok(Self(list)) = serde_json::from_str(text) else { return Err(refuse(unreadable)) };
        if list.is_empty() || list.len() > MAX_OBJECTS {
            return Err(refuse("authorization_details has no object, or too many"));
        }
        let is_empty = |detail: &Detail| detail.actions.is_empty() || detail.collections.is_empty();
        if list.iter().any(is_empty) {
            return Err(refuse("an object of authorization_details needs actions and collections"));
        }
        let mut named: Vec<_> = list.iter().flat_map(Detail::pairs).collect();
        let all = named.len();
        named.sort_unstable();
        named.dedup();
        if named.len() < all {
            return Err(refuse("authorization_details names a collection twice for one action"));
        }
        Ok(Self(list))
    }

    /// Whether nothing is narrowed.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The objects.
    #[must_use]
    pub fn list(&self) -> &[Detail] {
        &self.0
    }

    /// Whether everything in it stands in `other` as it is.
    #[must_use]
    pub fn is_within(&self, other: &Self) -> bool {
        self.0.iter().all(|detail| other.0.contains(detail))
    }

    /// What narrows this action in this collection. `Err`: it is not among what the token is for.
    ///
    /// # Errors
    /// The list is not empty and names neither.
    pub fn of(&self, action: DetailAction, collection: &str) -> Result<Option<&Detail>, NotNamed> {
        if self.is_empty() {
            return Ok(None);
        }
        let names = |detail: &&Detail| {
            detail.actions.contains(&action) && detail.collections.iter().any(|one| one == collection)
        };
        self.0.iter().find(names).map(Some).ok_or(NotNamed)
    }
}

/// A collection or an action that the details of a token leave out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotNamed;

impl Detail {
    fn pairs(&self) -> impl Iterator<Item = (bool, &str)> {
        let one = |action: &DetailAction| *action == DetailAction::Read;
        self.actions
            .iter()
            .flat_map(move |action| self.collections.iter().map(move |name| (one(action), name.as_str())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORDERS: &str =
        r#"[{"type":"storage","actions":["read"],"collections":["orders"],"filter":{"region":"eu"},"fields":["n"]}]"#;

    #[test]
    fn a_list_says_what_it_opens_and_nothing_else() {
        let details = AuthorizationDetails::parse(ORDERS).unwrap();
        let found = details.of(DetailAction::Read, "orders").unwrap().unwrap();
        assert_eq!(found.filter.as_ref().unwrap()["region"], "eu");
        assert_eq!(details.of(DetailAction::Write, "orders"), Err(NotNamed));
        assert_eq!(details.of(DetailAction::Read, "order"), Err(NotNamed));
        assert_eq!(AuthorizationDetails::default().of(DetailAction::Write, "any"), Ok(None));
        assert_eq!(serde_json::to_string(&details).unwrap(), ORDERS);
        assert!(details.is_within(&details) && !details.is_within(&AuthorizationDetails::default()));
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for bad in [
            "",
            "null",
            "{}",
            "[]",
            "[1]",
            r#"[{"type":"payment_initiation"}]"#,
            r#"[{"type":"storage","actions":["read"]}]"#,
            r#"[{"type":"storage","actions":[],"collections":["a"]}]"#,
            r#"[{"type":"storage","actions":["admin"],"collections":["a"]}]"#,
            r#"[{"type":"storage","actions":["read"],"collections":["a"],"locations":["x"]}]"#,
            r#"[{"type":"storage","actions":["read"],"collections":["a","a"]}]"#,
            r#"[{"type":"storage","actions":["read"],"collections":["a"],"filter":[]}]"#,
        ] {
            let refusal = AuthorizationDetails::parse(bad).unwrap_err();
            assert_eq!(refusal.code, Code::InvalidAuthorizationDetails, "{bad}");
        }
        assert!(AuthorizationDetails::parse(&" ".repeat(MAX_BYTES + 1)).is_err());
    }
}

//! What can be allowed in an organization, and what the built-in roles hold. Whoever gives a role holds all that it
//! holds, and holds what they take (W-070): so nobody rises by what they give, and nobody brings down who is above them.

use std::collections::BTreeSet;

use crate::base::{Code, Refusal};
use crate::store::organization_members::OWNER;
use crate::store::organizations::is_permission;

/// To change name, slug, metadata and settings.
pub const ORG_WRITE: &str = "org:write";
/// To delete the organization, and to protect it from that.
pub const ORG_DELETE: &str = "org:delete";
/// To see what happened in it.
pub const ORG_AUDIT: &str = "org:audit";
/// To see who its members are.
pub const MEMBERS_READ: &str = "members:read";
/// To invite and remove members and to give them roles.
pub const MEMBERS_WRITE: &str = "members:write";
/// To define roles.
pub const ROLES_WRITE: &str = "roles:write";
/// To make and unmake owners.
pub const OWNERS_WRITE: &str = "owners:write";

/// What is built in.
pub const BUILT_IN: [&str; 7] =
    [MEMBERS_READ, MEMBERS_WRITE, ORG_AUDIT, ORG_DELETE, ORG_WRITE, OWNERS_WRITE, ROLES_WRITE];
/// What only owners hold; no other role can have it.
const OF_OWNERS: [&str; 2] = [ORG_DELETE, OWNERS_WRITE];
/// What somebody becomes who joins by the domain of their address.
pub const JOINS_AS: &str = "member";
/// What an owner becomes who gives the organization to somebody else.
pub const STEPS_DOWN_TO: &str = "admin";
/// Longest name of a permission.
const LONGEST: usize = 64;

/// A set of permissions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Permissions(BTreeSet<String>);

impl Permissions {
    /// Everything there is, in a tenant that has these besides what is built in.
    #[must_use]
    pub fn all(catalogue: &[String]) -> Self {
        let own = catalogue.iter().filter(|name| is_permission(name)).cloned();
        Self(BUILT_IN.iter().map(|name| (*name).to_owned()).chain(own).collect())
    }

    /// What a role holds; `stored` is what one of the organization's own was given. What the tenant has struck from its
    /// catalogue since is not among it.
    #[must_use]
    pub fn of_role(role: &str, stored: Option<&[String]>, catalogue: &[String]) -> Self {
        let all = Self::all(catalogue);
        match (role, stored) {
            (OWNER, _) => all,
            ("admin", _) => all.without(&OF_OWNERS),
            ("member", _) => Self::of([MEMBERS_READ]),
            ("guest", _) | (_, None) => Self::default(),
            (_, Some(stored)) => {
                let held = stored.iter().filter(|name| all.has(name)).map(String::as_str);
                Self::of(held).without(&OF_OWNERS)
            }
        }
    }

    /// Those of these names.
    #[must_use]
    pub fn of<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        Self(names.into_iter().map(str::to_owned).collect())
    }

    /// What a role of an organization's own may be given.
    ///
    /// # Errors
    /// One of them does not exist, or is for owners alone.
    pub fn grantable(names: &[String], catalogue: &[String]) -> Result<Self, Refusal> {
        let all = Self::all(catalogue);
        let refuse = |name: &str, why| {
            let shown: String = name.chars().filter(char::is_ascii_graphic).take(LONGEST).collect();
            Err(Refusal::new(Code::Unprocessable, format!("the permission `{shown}` {why}")))
        };
        for name in names {
            if !all.has(name) {
                return refuse(name, "does not exist in this tenant");
            }
            if OF_OWNERS.contains(&name.as_str()) {
                return refuse(name, "is for owners alone");
            }
        }
        Ok(Self::of(names.iter().map(String::as_str)))
    }

    /// Whether this one is among them.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.0.contains(name)
    }

    /// Whether all of the others are among them.
    #[must_use]
    pub fn cover(&self, others: &Self) -> bool {
        self.0.is_superset(&others.0)
    }

    /// Their names in alphabetical order.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.0.iter().cloned().collect()
    }

    fn without(mut self, names: &[&str]) -> Self {
        self.0.retain(|held| !names.contains(&held.as_str()));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::organization_members::BUILT_IN_ROLES;

    fn catalogue() -> Vec<String> {
        ["billing:read", "billing:write", "Not a name", "x"].map(str::to_owned).to_vec()
    }

    fn role(name: &str) -> Permissions {
        Permissions::of_role(name, None, &catalogue())
    }

    #[test]
    fn each_built_in_role_holds_what_the_one_below_holds() {
        for pair in BUILT_IN_ROLES.windows(2) {
            assert!(role(pair[0]).cover(&role(pair[1])) && !role(pair[1]).cover(&role(pair[0])), "{pair:?}");
        }
        assert_eq!(role(OWNER).names().len(), BUILT_IN.len() + 2, "a name that is none is none");
        assert_eq!(role("nobody"), Permissions::default());
    }

    #[test]
    fn w070_no_role_but_owner_holds_what_makes_an_owner_whatever_is_stored() {
        let stored = Permissions::all(&catalogue()).names();
        let custom = Permissions::of_role("custom", Some(&stored), &catalogue());
        assert!(!custom.has(OWNERS_WRITE) && !custom.has(ORG_DELETE) && !custom.cover(&role(OWNER)));
        assert!(custom.cover(&role("admin")));
        for name in OF_OWNERS {
            assert!(Permissions::grantable(&[name.to_owned()], &catalogue()).is_err());
        }
    }

    #[test]
    fn what_is_struck_from_the_catalogue_is_held_no_more() {
        let stored = vec!["billing:read".to_owned(), "members:read".to_owned()];
        assert_eq!(Permissions::of_role("custom", Some(&stored), &catalogue()).names(), stored);
        assert_eq!(Permissions::of_role("custom", Some(&stored), &[]).names(), ["members:read"]);
        assert!(Permissions::grantable(&stored, &[]).is_err());
    }
}

//! Who asks for files, and how much they may keep.

#[cfg(test)]
use crate::base::Origin;
use crate::base::{Actor, ApiKeyId, Proven, TenantId, UserId};
use crate::query::Variables;
use crate::store::archive_usage::Ceiling;
use crate::store::tenants::ArchiveSettings;

/// Somebody who asks.
#[derive(Clone, Debug)]
pub struct Asker {
    /// Whose tenant.
    pub tenant: TenantId,
    /// Which files that tenant takes.
    pub settings: ArchiveSettings,
    /// What names them; files they bring are theirs.
    pub subject: String,
    /// How they proved who they are, where they are a person.
    pub proven: Option<Proven>,
    /// The key, where it is a program that proves itself with one.
    pub key: Option<ApiKeyId>,
    /// Whether the rules are not for them.
    pub admin: bool,
    /// What the rules know of them.
    pub variables: Variables,
    /// How much the tenant may keep.
    pub of_tenant: Ceiling,
    /// How much they may keep.
    pub own: Ceiling,
    /// What they have paid for, for who wants more.
    pub plans: Vec<String>,
    /// Who stands in the audit trail.
    pub by: Actor,
}

impl Asker {
    /// The person, where it is one.
    #[must_use]
    pub fn person(&self) -> Option<UserId> {
        self.proven.map(|_| UserId::from(self.subject.as_str()))
    }
}

#[cfg(test)]
impl Asker {
    /// Nobody, with nothing.
    pub(super) fn nobody() -> Self {
        Self {
            tenant: TenantId::from("t"),
            settings: ArchiveSettings::default(),
            subject: String::new(),
            proven: None,
            key: None,
            admin: false,
            variables: Variables::default(),
            of_tenant: Ceiling::default(),
            own: Ceiling::default(),
            plans: Vec::new(),
            by: Actor { id: "test".to_owned(), origin: Origin::default() },
        }
    }

    /// The same, as somebody.
    pub(super) fn called(mut self, sub: &str, roles: &[&str]) -> Self {
        sub.clone_into(&mut self.subject);
        self.variables = self.variables.with("$$auth.sub", sub).with("$$auth.roles", roles.to_vec());
        self
    }
}

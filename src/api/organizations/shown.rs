//! How organizations stand in the answers of the API.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::base::{AuditId, Email, OrganizationId, Slug, Timestamp, UserId};
use crate::organizations::{Inside, MEMBERS_WRITE};
use crate::store::invitations::Invitation;
use crate::store::organization_events::Told;
use crate::store::organization_members::Member;
use crate::store::organization_roles::CustomRole;
use crate::store::organizations::{OrganizationSettings, OrganizationStatus};
use crate::store::users::UserStatus;

/// An organization, and what the caller is and may do in it.
#[derive(Debug, Serialize)]
pub(super) struct Shown {
    id: OrganizationId,
    slug: Slug,
    name: String,
    status: OrganizationStatus,
    metadata: Map<String, Value>,
    settings: OrganizationSettings,
    protected: bool,
    role: Option<String>,
    permissions: Vec<String>,
    created_at: String,
    updated_at: String,
}

impl Shown {
    pub(super) fn of(inside: &Inside) -> Self {
        let shown = inside.organization.clone();
        Self {
            id: shown.id,
            slug: shown.slug,
            name: shown.name,
            status: shown.status,
            metadata: shown.metadata.0,
            settings: shown.settings.0,
            protected: shown.protected.0,
            role: inside.role.clone(),
            permissions: inside.may.names(),
            created_at: shown.created_at.rfc3339(),
            updated_at: shown.updated_at.rfc3339(),
        }
    }
}

/// A member: address and status only for those who manage members (W-073).
#[derive(Debug, Serialize)]
pub(super) struct ShownMember {
    user_id: UserId,
    name: Option<String>,
    picture: Option<String>,
    role: String,
    joined_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[expect(clippy::option_option, reason = "null is told, and is not the same as not to be told")]
    email: Option<Option<Email>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<UserStatus>,
}

impl ShownMember {
    pub(super) fn of(member: Member, to: &Inside) -> Self {
        let manages = to.may.has(MEMBERS_WRITE);
        Self {
            user_id: member.user_id,
            name: member.profile.0.name,
            picture: member.profile.0.picture,
            role: member.role,
            joined_at: member.joined_at.rfc3339(),
            email: manages.then_some(member.email),
            status: manages.then_some(member.status),
        }
    }
}

/// An invitation, without its link, which is the mailbox's alone (W-022).
#[derive(Debug, Serialize)]
pub(super) struct Offer {
    id: String,
    email: Email,
    role: String,
    status: &'static str,
    invited_by: String,
    created_at: String,
    sent_at: String,
    expires_at: String,
}

impl Offer {
    pub(super) fn of(invitation: &Invitation, now: Timestamp) -> Self {
        Self {
            id: invitation.id.clone(),
            email: invitation.email.clone(),
            role: invitation.organization_role.clone(),
            status: invitation.state(now),
            invited_by: invitation.invited_by.clone(),
            created_at: invitation.created_at.rfc3339(),
            sent_at: invitation.sent_at.rfc3339(),
            expires_at: invitation.expires_at.rfc3339(),
        }
    }
}

/// A role, built in or the organization's own.
#[derive(Debug, Serialize)]
pub(super) struct ShownRole {
    name: String,
    description: String,
    permissions: Vec<String>,
    built_in: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated_at: Option<String>,
}

impl ShownRole {
    pub(super) fn built_in(name: &str, permissions: Vec<String>) -> Self {
        let (name, description) = (name.to_owned(), String::new());
        Self { name, description, permissions, built_in: true, created_at: None, updated_at: None }
    }

    pub(super) fn of(role: &CustomRole) -> Self {
        Self {
            name: role.name.clone(),
            description: role.description.clone(),
            permissions: role.permissions.0.clone(),
            built_in: false,
            created_at: Some(role.created_at.rfc3339()),
            updated_at: Some(role.updated_at.rfc3339()),
        }
    }
}

/// Something that happened.
#[derive(Debug, Serialize)]
pub(super) struct Happened {
    id: AuditId,
    at: String,
    action: String,
    actor: Option<String>,
    target: Option<String>,
    result: String,
    detail: Value,
}

impl Happened {
    pub(super) fn of(told: Told) -> Self {
        Self {
            id: told.id,
            at: told.at.rfc3339(),
            action: told.action,
            actor: told.actor,
            target: told.target,
            result: told.result,
            detail: told.detail.0,
        }
    }
}

//! How people stand in the answers of the API.

use serde::Serialize;

use crate::base::{Email, UserId};
use crate::http::Data;
use crate::store::users::{Profile, Role, User, UserStatus};

/// A person.
#[derive(Debug, Serialize)]
pub struct Shown {
    id: UserId,
    email: Option<Email>,
    email_verified: bool,
    username: Option<String>,
    status: UserStatus,
    role: Role,
    profile: Profile,
    created_at: String,
    updated_at: String,
    last_login_at: Option<String>,
}

impl Shown {
    /// As the record says.
    #[must_use]
    pub fn of(user: &User) -> Self {
        Self {
            id: user.id.clone(),
            email: user.email.clone(),
            email_verified: user.email_verified.0,
            username: user.username.clone(),
            status: user.status,
            role: user.role,
            profile: user.profile.0.clone(),
            created_at: user.created_at.rfc3339(),
            updated_at: user.updated_at.rfc3339(),
            last_login_at: user.last_login_at.map(crate::base::Timestamp::rfc3339),
        }
    }
}

/// What everybody hears who asks for a mail: if there is something to send, it is on its way.
#[derive(Debug, Serialize)]
pub struct Mailed {
    status: &'static str,
}

impl Mailed {
    /// 202, the same for everybody.
    #[must_use]
    pub const fn answer() -> Data<Self> {
        Data::accepted(Self { status: "accepted" })
    }
}

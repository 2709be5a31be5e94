//! Whom of a provider's people we know as whom, and which sign-ins here rest on one there.

use super::db::Run;
use super::sql::sql;
use crate::base::{IdentityId, ProviderId, SessionId, TenantId, Timestamp, UserId};

/// An account at a provider that signs in an account here.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Identity {
    /// Whose tenant.
    pub tenant_id: TenantId,
    /// Its id here.
    pub id: IdentityId,
    /// Whose person it is.
    pub provider_id: ProviderId,
    /// The `sub` there.
    pub subject: String,
    /// The person here.
    pub user_id: UserId,
    /// What the account is called there; for people to recognise it by, never to find anybody by.
    pub name: Option<String>,
    /// Since when.
    pub created_at: Timestamp,
    /// When it was last used to sign in.
    pub last_used_at: Option<Timestamp>,
}

/// A sign-in here that rests on one at a provider.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct UpstreamSession {
    /// Whose tenant.
    pub tenant_id: TenantId,
    /// The sign-in here.
    pub session_id: SessionId,
    /// The provider.
    pub provider_id: ProviderId,
    /// Who it is there.
    pub subject: String,
    /// Which sign-in it is there, where the provider tells.
    pub sid: Option<String>,
    /// The ID token, sealed.
    pub hint: Option<String>,
    /// When the sign-in here is over in any case.
    pub expires_at: Timestamp,
}

sql! {
    tenant INSERT(7) = "INSERT INTO identities (tenant_id, id, provider_id, subject, user_id, name, created_at,
            last_used_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $7) ON CONFLICT DO NOTHING";
    tenant BY_SUBJECT(3) = "SELECT tenant_id, id, provider_id, subject, user_id, name, created_at, last_used_at
        FROM identities WHERE tenant_id = $1 AND provider_id = $2 AND subject = $3";
    tenant OF_USER(2) = "SELECT tenant_id, id, provider_id, subject, user_id, name, created_at, last_used_at
        FROM identities WHERE tenant_id = $1 AND user_id = $2 ORDER BY id";
    tenant USED(4) = "UPDATE identities SET last_used_at = $3, name = $4 WHERE tenant_id = $1 AND id = $2";
    tenant DELETE(3) = "DELETE FROM identities WHERE tenant_id = $1 AND user_id = $2 AND id = $3";
    tenant DELETE_OF_PROVIDER(2) = "DELETE FROM identities WHERE tenant_id = $1 AND provider_id = $2";
    tenant DELETE_OF_USER(2) = "DELETE FROM identities WHERE tenant_id = $1 AND user_id = $2";
    tenant REST_ON(7) = "INSERT INTO upstream_sessions (tenant_id, session_id, provider_id, subject, sid, hint,
            expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (tenant_id, session_id) DO UPDATE SET provider_id = excluded.provider_id,
            subject = excluded.subject, sid = excluded.sid, hint = excluded.hint";
    tenant RESTS_ON(2) = "SELECT tenant_id, session_id, provider_id, subject, sid, hint, expires_at
        FROM upstream_sessions WHERE tenant_id = $1 AND session_id = $2";
    tenant RESTING(4) = "SELECT u.tenant_id, u.session_id, u.provider_id, u.subject, u.sid, u.hint, u.expires_at
        FROM upstream_sessions u JOIN sessions s ON s.tenant_id = u.tenant_id AND s.id = u.session_id
        WHERE u.tenant_id = $1 AND u.provider_id = $2 AND s.ended_at IS NULL
            AND ($3 = '' OR u.subject = $3) AND ($4 = '' OR u.sid = $4)";
}

/// Stores a new one. `false`: somebody here is linked to it already, nothing was stored.
///
/// # Errors
/// The database failed.
pub async fn insert(run: impl Run, identity: &Identity) -> sqlx::Result<bool> {
    let i = identity.clone();
    let values = (i.tenant_id, i.id, i.provider_id, i.subject, i.user_id, i.name, i.created_at);
    Ok(run.execute(INSERT, values).await? == 1)
}

/// The one of this person of a provider.
///
/// # Errors
/// The database failed.
pub async fn by_subject(
    run: impl Run,
    tenant: &TenantId,
    provider: &ProviderId,
    subject: &str,
) -> sqlx::Result<Option<Identity>> {
    run.one(BY_SUBJECT, (tenant.clone(), provider.clone(), subject.to_owned())).await
}

/// Those of a person here, oldest first.
///
/// # Errors
/// The database failed.
pub async fn of_user(run: impl Run, tenant: &TenantId, user: &UserId) -> sqlx::Result<Vec<Identity>> {
    run.all(OF_USER, (tenant.clone(), user.clone())).await
}

/// Remembers that it was used, and what it is called now.
///
/// # Errors
/// The database failed.
pub async fn used(run: impl Run, identity: &Identity, now: Timestamp) -> sqlx::Result<()> {
    let i = identity.clone();
    run.execute(USED, (i.tenant_id, i.id, now, i.name)).await.map(drop)
}

/// Removes one of this person. `false`: there was none.
///
/// # Errors
/// The database failed.
pub async fn delete(run: impl Run, tenant: &TenantId, user: &UserId, id: &IdentityId) -> sqlx::Result<bool> {
    Ok(run.execute(DELETE, (tenant.clone(), user.clone(), id.clone())).await? == 1)
}

/// Removes all of a provider, which is removed itself.
///
/// # Errors
/// The database failed.
pub async fn delete_of_provider(run: impl Run, tenant: &TenantId, provider: &ProviderId) -> sqlx::Result<u64> {
    run.execute(DELETE_OF_PROVIDER, (tenant.clone(), provider.clone())).await
}

/// Removes all of a person, who is removed for good.
///
/// # Errors
/// The database failed.
pub async fn delete_of_user(run: impl Run, tenant: &TenantId, user: &UserId) -> sqlx::Result<u64> {
    run.execute(DELETE_OF_USER, (tenant.clone(), user.clone())).await
}

/// Remembers what a sign-in here rests on.
///
/// # Errors
/// The database failed.
pub async fn rest_on(run: impl Run, session: &UpstreamSession) -> sqlx::Result<()> {
    let s = session.clone();
    let values = (s.tenant_id, s.session_id, s.provider_id, s.subject, s.sid, s.hint, s.expires_at);
    run.execute(REST_ON, values).await.map(drop)
}

/// What a sign-in here rests on.
///
/// # Errors
/// The database failed.
pub async fn rests_on(run: impl Run, tenant: &TenantId, session: &SessionId) -> sqlx::Result<Option<UpstreamSession>> {
    run.one(RESTS_ON, (tenant.clone(), session.clone())).await
}

/// The live sign-ins here that rest on this person of a provider, on this sign-in there, or on both when both are
/// named.
///
/// # Errors
/// The database failed.
pub async fn resting(
    run: impl Run,
    tenant: &TenantId,
    provider: &ProviderId,
    (subject, sid): (Option<&str>, Option<&str>),
) -> sqlx::Result<Vec<UpstreamSession>> {
    if subject.is_none() && sid.is_none() {
        return Ok(Vec::new());
    }
    let text = |part: Option<&str>| part.unwrap_or_default().to_owned();
    run.all(RESTING, (tenant.clone(), provider.clone(), text(subject), text(sid))).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{databases, tenant};

    fn identity(tenant: &TenantId, subject: &str, user: &str) -> Identity {
        Identity {
            tenant_id: tenant.clone(),
            id: IdentityId::generate(),
            provider_id: ProviderId::from("other"),
            subject: subject.to_owned(),
            user_id: UserId::from(user),
            name: None,
            created_at: Timestamp(1),
            last_used_at: Some(Timestamp(1)),
        }
    }

    #[tokio::test]
    async fn an_account_there_is_one_person_here_in_one_tenant() {
        for db in databases().await {
            let (one, two) = (tenant(&db, "one").await, tenant(&db, "two").await);
            let ada = identity(&one, "s1", "ada");
            assert!(insert(&db, &ada).await.unwrap());
            assert!(!insert(&db, &identity(&one, "s1", "grace")).await.unwrap(), "it is somebody's");
            assert!(insert(&db, &identity(&one, "s2", "ada")).await.unwrap());
            let found = by_subject(&db, &one, &ada.provider_id, "s1").await.unwrap();
            assert_eq!(found, Some(ada.clone()));
            assert_eq!(by_subject(&db, &two, &ada.provider_id, "s1").await.unwrap(), None, "X2");
            assert!(!delete(&db, &one, &UserId::from("grace"), &ada.id).await.unwrap(), "it is not hers");
            assert!(delete(&db, &one, &ada.user_id, &ada.id).await.unwrap());
            assert_eq!(of_user(&db, &one, &ada.user_id).await.unwrap().len(), 1);
            assert_eq!(delete_of_user(&db, &one, &ada.user_id).await.unwrap(), 1);
        }
    }

    #[tokio::test]
    async fn sign_ins_that_rest_on_another_are_found_by_what_is_named() {
        use crate::store::sessions::{self, Session};
        use crate::store::{Flag, Json};
        for db in databases().await {
            let one = tenant(&db, "one").await;
            for (id, subject, sid) in [("a", "s1", "x"), ("b", "s1", "y"), ("c", "s2", "z")] {
                let session = Session {
                    tenant_id: one.clone(),
                    id: SessionId::from(id),
                    user_id: UserId::from("ada"),
                    auth_time: Timestamp(1),
                    amr: Json(Vec::new()),
                    acr: String::new(),
                    ip: None,
                    user_agent: None,
                    created_at: Timestamp(1),
                    last_seen_at: Timestamp(1),
                    expires_at: Timestamp(99),
                    ended_at: None,
                    remembered: Flag(false),
                };
                sessions::insert(&db, &session).await.unwrap();
                let upstream = UpstreamSession {
                    tenant_id: one.clone(),
                    session_id: session.id,
                    provider_id: ProviderId::from("other"),
                    subject: subject.to_owned(),
                    sid: Some(sid.to_owned()),
                    hint: None,
                    expires_at: Timestamp(99),
                };
                rest_on(&db, &upstream).await.unwrap();
            }
            let found = async |subject: Option<&str>, sid: Option<&str>| {
                let all = resting(&db, &one, &ProviderId::from("other"), (subject, sid)).await.unwrap();
                let mut all: Vec<_> = all.into_iter().map(|session| session.session_id.to_string()).collect();
                all.sort();
                all.join("")
            };
            assert_eq!(found(Some("s1"), None).await, "ab");
            assert_eq!(found(Some("s1"), Some("y")).await, "b");
            assert_eq!(found(None, Some("z")).await, "c");
            assert_eq!(found(Some("s2"), Some("x")).await, "", "both have to fit");
            assert_eq!(found(None, None).await, "");
            sessions::end(&db, &one, &SessionId::from("a"), Timestamp(5)).await.unwrap();
            assert_eq!(found(Some("s1"), None).await, "b", "an ended one is not ended again");
        }
    }
}

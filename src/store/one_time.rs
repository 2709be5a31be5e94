//! What is good for one use: mailed links, codes, ceremonies that somebody has begun. Kinds do not mix (U4), only
//! digests are kept, and using one is a single statement, so that of many who try at once one succeeds (W-018).

use serde_json::Value;

use super::db::Run;
use super::sql::sql;
use super::values::{Json, words};
use crate::base::{Digest, TenantId, Timestamp};

words! {
    /// What a one-time secret is for.
    Kind {
        /// Proves the address of an account.
        VerifyEmail = "verify_email",
        /// Sets a new password.
        ResetPassword = "reset_password",
        /// Makes another address the account's.
        ConfirmEmail = "confirm_email",
        /// Gives an account its old address back.
        UndoEmail = "undo_email",
        /// Makes an account, or joins one to something.
        Invitation = "invitation",
        /// Signs in, typed by hand.
        EmailCode = "email_code",
        /// Signs in, by a click.
        MagicLink = "magic_link",
        /// Stands for a first factor that was proven.
        Mfa = "mfa",
        /// An authenticator app that has not shown its first code yet.
        TotpEnrolment = "totp_enrolment",
        /// A passkey that is being made or shown.
        PasskeyCeremony = "passkey_ceremony",
        /// A sign-in that another provider is asked for.
        Federation = "federation",
        /// What another provider said, until the sign-in here is done.
        Upstream = "upstream",
    }
}

/// One of them.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct OneTime {
    /// Whose tenant.
    pub tenant_id: TenantId,
    /// What it is for.
    pub kind: Kind,
    /// The digest of what its holder shows.
    pub digest: Digest,
    /// Whom it is about: a user id, or whatever else its kind says.
    pub subject: String,
    /// The browser that alone may use it.
    pub browser: Option<String>,
    /// What has to be remembered with it; never a secret.
    pub data: Json<Value>,
    /// Wrong guesses so far.
    pub attempts: i64,
    /// Since when.
    pub created_at: Timestamp,
    /// From when on it is worth nothing.
    pub expires_at: Timestamp,
    /// When it was used or withdrawn.
    pub used_at: Option<Timestamp>,
}

sql! {
    tenant INSERT(8) = "INSERT INTO one_time_secrets (tenant_id, kind, digest, subject, browser, data, attempts,
            created_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8)";
    tenant SPEND(5) = "INSERT INTO one_time_secrets (tenant_id, kind, digest, subject, browser, data, attempts,
            created_at, expires_at, used_at)
        VALUES ($1, $2, $3, 'anybody', NULL, 'null', 0, $4, $5, $4) ON CONFLICT (tenant_id, kind, digest) DO NOTHING";
    tenant WITHDRAW(4) = "UPDATE one_time_secrets SET used_at = $4
        WHERE tenant_id = $1 AND kind = $2 AND subject = $3 AND used_at IS NULL";
    tenant WITHDRAW_ALL(3) = "UPDATE one_time_secrets SET used_at = $3
        WHERE tenant_id = $1 AND subject = $2 AND used_at IS NULL";
    tenant FIND(4) = "SELECT tenant_id, kind, digest, subject, browser, data, attempts, created_at, expires_at, used_at
        FROM one_time_secrets
        WHERE tenant_id = $1 AND kind = $2 AND digest = $3 AND used_at IS NULL AND expires_at > $4";
    tenant OF_SUBJECT(4) = "SELECT tenant_id, kind, digest, subject, browser, data, attempts, created_at, expires_at,
            used_at
        FROM one_time_secrets
        WHERE tenant_id = $1 AND kind = $2 AND subject = $3 AND used_at IS NULL AND expires_at > $4
        ORDER BY created_at DESC";
    tenant TAKE(4) = "UPDATE one_time_secrets SET used_at = $4
        WHERE tenant_id = $1 AND kind = $2 AND digest = $3 AND used_at IS NULL AND expires_at > $4
        RETURNING tenant_id, kind, digest, subject, browser, data, attempts, created_at, expires_at, used_at";
    tenant ATTEMPT(5) = "UPDATE one_time_secrets SET attempts = attempts + 1
        WHERE tenant_id = $1 AND kind = $2 AND digest = $3 AND used_at IS NULL AND expires_at > $4 AND attempts < $5
        RETURNING tenant_id, kind, digest, subject, browser, data, attempts, created_at, expires_at, used_at";
    tenant FAIL(5) = "UPDATE one_time_secrets SET attempts = attempts + 1,
            used_at = CASE WHEN attempts + 1 >= $5 THEN $4 ELSE NULL END
        WHERE tenant_id = $1 AND kind = $2 AND digest = $3 AND used_at IS NULL AND expires_at > $4
        RETURNING attempts";
}

/// Stores a new one.
///
/// # Errors
/// The database failed.
pub async fn insert(run: impl Run, secret: &OneTime) -> sqlx::Result<()> {
    let s = secret.clone();
    let values = (s.tenant_id, s.kind, s.digest, s.subject, s.browser, s.data, s.created_at, s.expires_at);
    run.execute(INSERT, values).await.map(drop)
}

/// Uses up what nobody stored because its holder carries it, sealed; until `expires_at` it is remembered that it was
/// used. Of many at once one gets `true`.
///
/// # Errors
/// The database failed.
pub async fn spend(
    run: impl Run,
    tenant: &TenantId,
    (kind, digest): (Kind, &Digest),
    expires_at: Timestamp,
    now: Timestamp,
) -> sqlx::Result<bool> {
    Ok(run.execute(SPEND, (tenant.clone(), kind, digest.clone(), now, expires_at)).await? == 1)
}

/// Withdraws what this subject has of this kind: only the newest link works (W-114).
///
/// # Errors
/// The database failed.
pub async fn withdraw(
    run: impl Run,
    tenant: &TenantId,
    kind: Kind,
    subject: &str,
    now: Timestamp,
) -> sqlx::Result<u64> {
    run.execute(WITHDRAW, (tenant.clone(), kind, subject.to_owned(), now)).await
}

/// Withdraws whatever this subject has, of any kind.
///
/// # Errors
/// The database failed.
pub async fn withdraw_all(run: impl Run, tenant: &TenantId, subject: &str, now: Timestamp) -> sqlx::Result<u64> {
    run.execute(WITHDRAW_ALL, (tenant.clone(), subject.to_owned(), now)).await
}

/// The live one of this digest. Looking at it uses nothing up (W-134).
///
/// # Errors
/// The database failed.
pub async fn find(
    run: impl Run,
    tenant: &TenantId,
    kind: Kind,
    digest: &Digest,
    now: Timestamp,
) -> sqlx::Result<Option<OneTime>> {
    run.one(FIND, (tenant.clone(), kind, digest.clone(), now)).await
}

/// The live ones of this subject, newest first.
///
/// # Errors
/// The database failed.
pub async fn of_subject(
    run: impl Run,
    tenant: &TenantId,
    kind: Kind,
    subject: &str,
    now: Timestamp,
) -> sqlx::Result<Vec<OneTime>> {
    run.all(OF_SUBJECT, (tenant.clone(), kind, subject.to_owned(), now)).await
}

/// Uses it up. Of many at once one gets it.
///
/// # Errors
/// The database failed.
pub async fn take(
    run: impl Run,
    tenant: &TenantId,
    kind: Kind,
    digest: &Digest,
    now: Timestamp,
) -> sqlx::Result<Option<OneTime>> {
    run.one(TAKE, (tenant.clone(), kind, digest.clone(), now)).await
}

/// The live one of this digest, for one guess at what goes with it. The guess is counted before it is looked at, so that
/// many at once are not more than `most` (U2); none is left after those.
///
/// # Errors
/// The database failed.
pub async fn attempt(
    run: impl Run,
    tenant: &TenantId,
    (kind, digest): (Kind, &Digest),
    most: i64,
    now: Timestamp,
) -> sqlx::Result<Option<OneTime>> {
    run.one(ATTEMPT, (tenant.clone(), kind, digest.clone(), now, most)).await
}

/// Counts a wrong guess; with the `most`th it is withdrawn. How many there were, if it was still alive.
///
/// # Errors
/// The database failed.
pub async fn fail(
    run: impl Run,
    tenant: &TenantId,
    (kind, digest): (Kind, &Digest),
    most: i64,
    now: Timestamp,
) -> sqlx::Result<Option<i64>> {
    let counted: Option<(i64,)> = run.one(FAIL, (tenant.clone(), kind, digest.clone(), now, most)).await?;
    Ok(counted.map(|(attempts,)| attempts))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Db;
    use crate::store::testing::{databases, tenant};

    fn secret(tenant: &TenantId, kind: Kind, text: &str) -> OneTime {
        OneTime {
            tenant_id: tenant.clone(),
            kind,
            digest: Digest::of(text.as_bytes()),
            subject: "ada".to_owned(),
            browser: Some("here".to_owned()),
            data: Json(serde_json::json!({ "to": "x" })),
            attempts: 0,
            created_at: Timestamp(1),
            expires_at: Timestamp(100),
            used_at: None,
        }
    }

    async fn places() -> Vec<(Db, TenantId, OneTime)> {
        let mut places = Vec::new();
        for db in databases().await {
            let id = tenant(&db, "one").await;
            let link = secret(&id, Kind::ResetPassword, "link");
            insert(&db, &link).await.unwrap();
            places.push((db, id, link));
        }
        places
    }

    #[tokio::test]
    async fn w018_of_twenty_uses_at_once_one_succeeds() {
        for (db, id, link) in places().await {
            let mut all = tokio::task::JoinSet::new();
            for _ in 0..20 {
                let (db, id, digest) = (db.clone(), id.clone(), link.digest.clone());
                all.spawn(async move { take(&db, &id, Kind::ResetPassword, &digest, Timestamp(5)).await.unwrap() });
            }
            let won: Vec<_> = all.join_all().await.into_iter().flatten().collect();
            assert_eq!(won, [OneTime { used_at: Some(Timestamp(5)), ..link }]);
        }
    }

    #[tokio::test]
    async fn w030_of_twenty_who_spend_what_was_never_stored_one_succeeds() {
        for (db, id, _) in places().await {
            let mut all = tokio::task::JoinSet::new();
            for _ in 0..20 {
                let (db, id) = (db.clone(), id.clone());
                all.spawn(async move {
                    let sealed = Digest::of(b"sealed");
                    let at = (Kind::PasskeyCeremony, &sealed);
                    spend(&db, &id, at, Timestamp(9), Timestamp(5)).await.unwrap()
                });
            }
            assert_eq!(all.join_all().await.into_iter().filter(|won| *won).count(), 1);
        }
    }

    #[tokio::test]
    async fn u4_kinds_tenants_and_times_do_not_mix() {
        for (db, id, link) in places().await {
            let other = tenant(&db, "two").await;
            let found = async |tenant: &TenantId, kind, at| {
                find(&db, tenant, kind, &link.digest, Timestamp(at)).await.unwrap().is_some()
            };
            assert!(found(&id, Kind::ResetPassword, 99).await);
            assert!(!found(&id, Kind::VerifyEmail, 99).await);
            assert!(!found(&other, Kind::ResetPassword, 99).await);
            assert!(!found(&id, Kind::ResetPassword, 100).await);
            assert_eq!(take(&db, &id, Kind::ResetPassword, &link.digest, Timestamp(100)).await.unwrap(), None);
        }
    }

    #[tokio::test]
    async fn w114_what_is_withdrawn_is_worth_nothing() {
        for (db, id, link) in places().await {
            insert(&db, &secret(&id, Kind::VerifyEmail, "other")).await.unwrap();
            assert_eq!(withdraw(&db, &id, Kind::ResetPassword, "ada", Timestamp(2)).await.unwrap(), 1);
            assert_eq!(take(&db, &id, Kind::ResetPassword, &link.digest, Timestamp(3)).await.unwrap(), None);
            assert_eq!(of_subject(&db, &id, Kind::VerifyEmail, "ada", Timestamp(3)).await.unwrap().len(), 1);
            assert_eq!(withdraw_all(&db, &id, "ada", Timestamp(3)).await.unwrap(), 1);
            assert_eq!(of_subject(&db, &id, Kind::VerifyEmail, "ada", Timestamp(3)).await.unwrap(), []);
        }
    }

    #[tokio::test]
    async fn u2_guesses_at_once_are_not_more_than_are_allowed() {
        for (db, id, link) in places().await {
            let mut all = tokio::task::JoinSet::new();
            for _ in 0..20 {
                let (db, id, digest) = (db.clone(), id.clone(), link.digest.clone());
                all.spawn(
                    async move { attempt(&db, &id, (Kind::ResetPassword, &digest), 5, Timestamp(5)).await.unwrap() },
                );
            }
            assert_eq!(all.join_all().await.into_iter().flatten().count(), 5);
        }
    }

    #[tokio::test]
    async fn w027_the_last_wrong_guess_ends_it() {
        for (db, id, link) in places().await {
            let at = (Kind::ResetPassword, &link.digest);
            for expected in [Some(1), Some(2), Some(3), None] {
                assert_eq!(fail(&db, &id, at, 3, Timestamp(5)).await.unwrap(), expected);
            }
            assert_eq!(take(&db, &id, Kind::ResetPassword, &link.digest, Timestamp(6)).await.unwrap(), None);
        }
    }
}

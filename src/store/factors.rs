//! Second factors: seeds of authenticator apps (RFC 6238), sealed; recovery codes, as digests; and since when a person
//! without any is asked for one.

use super::db::Run;
use super::sql::sql;
use crate::base::{Digest, TenantId, Timestamp, UserId};

/// The seed of a person's authenticator app.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct TotpFactor {
    /// The sealed seed.
    pub sealed: String,
    /// The last time step whose code was accepted.
    pub last_step: i64,
    /// Since when.
    pub created_at: Timestamp,
}

/// How many factors of each kind a person has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Held {
    /// Authenticator apps: 0 or 1.
    pub totp: i64,
    /// Recovery codes that are left.
    pub recovery_codes: i64,
    /// Passkeys.
    pub passkeys: i64,
}

sql! {
    tenant HELD(2) = "SELECT
        (SELECT COUNT(*) FROM totp_factors WHERE tenant_id = $1 AND user_id = $2) AS totp,
        (SELECT COUNT(*) FROM recovery_codes WHERE tenant_id = $1 AND user_id = $2 AND used_at IS NULL)
            AS recovery_codes,
        (SELECT COUNT(*) FROM passkeys WHERE tenant_id = $1 AND user_id = $2) AS passkeys";
    tenant TOTP(2) = "SELECT sealed, last_step, created_at FROM totp_factors WHERE tenant_id = $1 AND user_id = $2";
    tenant SET_TOTP(5) = "INSERT INTO totp_factors (tenant_id, user_id, sealed, last_step, created_at)
        VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (tenant_id, user_id)
        DO UPDATE SET sealed = excluded.sealed, last_step = excluded.last_step, created_at = excluded.created_at";
    tenant SPEND_STEP(3) = "UPDATE totp_factors SET last_step = $3
        WHERE tenant_id = $1 AND user_id = $2 AND last_step < $3";
    tenant REMOVE_TOTP(2) = "DELETE FROM totp_factors WHERE tenant_id = $1 AND user_id = $2";
    tenant ADD_CODE(4) = "INSERT INTO recovery_codes (tenant_id, user_id, digest, created_at) VALUES ($1, $2, $3, $4)";
    tenant REMOVE_CODES(2) = "DELETE FROM recovery_codes WHERE tenant_id = $1 AND user_id = $2";
    tenant SPEND_CODE(4) = "UPDATE recovery_codes SET used_at = $4
        WHERE tenant_id = $1 AND user_id = $2 AND digest = $3 AND used_at IS NULL";
    tenant BEGIN_GRACE(3) = "INSERT INTO factor_grace (tenant_id, user_id, since) VALUES ($1, $2, $3)
        ON CONFLICT (tenant_id, user_id) DO NOTHING";
    tenant GRACE(2) = "SELECT since FROM factor_grace WHERE tenant_id = $1 AND user_id = $2";
    tenant END_GRACE(2) = "DELETE FROM factor_grace WHERE tenant_id = $1 AND user_id = $2";
}

/// What a person has.
///
/// # Errors
/// The database failed.
pub async fn held(run: impl Run, tenant: &TenantId, user: &UserId) -> sqlx::Result<Held> {
    Ok(run.one(HELD, (tenant.clone(), user.clone())).await?.unwrap_or_default())
}

/// The person's authenticator app.
///
/// # Errors
/// The database failed.
pub async fn totp(run: impl Run, tenant: &TenantId, user: &UserId) -> sqlx::Result<Option<TotpFactor>> {
    run.one(TOTP, (tenant.clone(), user.clone())).await
}

/// Gives the person this authenticator app instead of the one before.
///
/// # Errors
/// The database failed.
pub async fn set_totp(run: impl Run, tenant: &TenantId, user: &UserId, factor: &TotpFactor) -> sqlx::Result<()> {
    let factor = factor.clone();
    let values = (tenant.clone(), user.clone(), factor.sealed, factor.last_step, factor.created_at);
    run.execute(SET_TOTP, values).await.map(drop)
}

/// Uses up a time step and all before it. `false`: it was used before (W-033).
///
/// # Errors
/// The database failed.
pub async fn spend_step(run: impl Run, tenant: &TenantId, user: &UserId, step: i64) -> sqlx::Result<bool> {
    Ok(run.execute(SPEND_STEP, (tenant.clone(), user.clone(), step)).await? == 1)
}

/// Takes the authenticator app away. `false`: there was none.
///
/// # Errors
/// The database failed.
pub async fn remove_totp(run: impl Run, tenant: &TenantId, user: &UserId) -> sqlx::Result<bool> {
    Ok(run.execute(REMOVE_TOTP, (tenant.clone(), user.clone())).await? == 1)
}

/// Adds a recovery code.
///
/// # Errors
/// The database failed.
pub async fn add_code(
    run: impl Run,
    tenant: &TenantId,
    user: &UserId,
    digest: &Digest,
    now: Timestamp,
) -> sqlx::Result<()> {
    run.execute(ADD_CODE, (tenant.clone(), user.clone(), digest.clone(), now)).await.map(drop)
}

/// Takes all recovery codes away.
///
/// # Errors
/// The database failed.
pub async fn remove_codes(run: impl Run, tenant: &TenantId, user: &UserId) -> sqlx::Result<()> {
    run.execute(REMOVE_CODES, (tenant.clone(), user.clone())).await.map(drop)
}

/// Uses up a recovery code. `false`: it is none, or was used before; either costs one statement (W-035).
///
/// # Errors
/// The database failed.
pub async fn spend_code(
    run: impl Run,
    tenant: &TenantId,
    user: &UserId,
    digest: &Digest,
    now: Timestamp,
) -> sqlx::Result<bool> {
    Ok(run.execute(SPEND_CODE, (tenant.clone(), user.clone(), digest.clone(), now)).await? == 1)
}

/// Begins the time that a person has to get a second factor, unless it has begun.
///
/// # Errors
/// The database failed.
pub async fn begin_grace(run: impl Run, tenant: &TenantId, user: &UserId, now: Timestamp) -> sqlx::Result<()> {
    run.execute(BEGIN_GRACE, (tenant.clone(), user.clone(), now)).await.map(drop)
}

/// When that time began.
///
/// # Errors
/// The database failed.
pub async fn grace(run: impl Run, tenant: &TenantId, user: &UserId) -> sqlx::Result<Option<Timestamp>> {
    let row: Option<(Timestamp,)> = run.one(GRACE, (tenant.clone(), user.clone())).await?;
    Ok(row.map(|(since,)| since))
}

/// Forgets that it began: the person has a second factor.
///
/// # Errors
/// The database failed.
pub async fn end_grace(run: impl Run, tenant: &TenantId, user: &UserId) -> sqlx::Result<()> {
    run.execute(END_GRACE, (tenant.clone(), user.clone())).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Db;
    use crate::store::testing::{databases, tenant};

    async fn places() -> Vec<(Db, TenantId, UserId)> {
        let mut places = Vec::new();
        for db in databases().await {
            let id = tenant(&db, "one").await;
            places.push((db, id, UserId::from("ada")));
        }
        places
    }

    #[tokio::test]
    async fn w033_of_twenty_uses_of_one_step_at_once_one_succeeds_and_no_earlier_step_after_it() {
        for (db, id, ada) in places().await {
            let factor = TotpFactor { sealed: "x".to_owned(), last_step: 9, created_at: Timestamp(1) };
            set_totp(&db, &id, &ada, &factor).await.unwrap();
            let mut all = tokio::task::JoinSet::new();
            for _ in 0..20 {
                let (db, id, ada) = (db.clone(), id.clone(), ada.clone());
                all.spawn(async move { spend_step(&db, &id, &ada, 11).await.unwrap() });
            }
            assert_eq!(all.join_all().await.into_iter().filter(|won| *won).count(), 1);
            assert!(!spend_step(&db, &id, &ada, 10).await.unwrap());
            assert!(spend_step(&db, &id, &ada, 12).await.unwrap());
            assert_eq!(totp(&db, &id, &ada).await.unwrap(), Some(TotpFactor { last_step: 12, ..factor }));
            assert!(remove_totp(&db, &id, &ada).await.unwrap() && !remove_totp(&db, &id, &ada).await.unwrap());
        }
    }

    #[tokio::test]
    async fn w035_a_recovery_code_works_once_and_for_its_owner_only() {
        for (db, id, ada) in places().await {
            let (code, grace) = (Digest::of(b"code"), UserId::from("grace"));
            add_code(&db, &id, &ada, &code, Timestamp(1)).await.unwrap();
            assert_eq!(held(&db, &id, &ada).await.unwrap(), Held { recovery_codes: 1, ..Held::default() });
            assert!(!spend_code(&db, &id, &grace, &code, Timestamp(2)).await.unwrap());
            let mut all = tokio::task::JoinSet::new();
            for _ in 0..20 {
                let (db, id, ada, code) = (db.clone(), id.clone(), ada.clone(), code.clone());
                all.spawn(async move { spend_code(&db, &id, &ada, &code, Timestamp(3)).await.unwrap() });
            }
            assert_eq!(all.join_all().await.into_iter().filter(|won| *won).count(), 1);
            assert_eq!(held(&db, &id, &ada).await.unwrap(), Held::default());
            remove_codes(&db, &id, &ada).await.unwrap();
        }
    }

    #[tokio::test]
    async fn the_time_to_get_a_factor_begins_once() {
        for (db, id, ada) in places().await {
            assert_eq!(grace(&db, &id, &ada).await.unwrap(), None);
            for at in [5, 6] {
                begin_grace(&db, &id, &ada, Timestamp(at)).await.unwrap();
            }
            assert_eq!(grace(&db, &id, &ada).await.unwrap(), Some(Timestamp(5)));
            end_grace(&db, &id, &ada).await.unwrap();
            assert_eq!(grace(&db, &id, &ada).await.unwrap(), None);
        }
    }
}

//! What went on in a tenant by day, of its newest rows alone: a look at a tenant costs the same however much has
//! happened in it.

use super::db::Run;
use super::sql::sql;
use crate::base::{TenantId, Timestamp};

/// Rows that are looked at.
pub const LOOKED_AT: i64 = 10_000;

/// So much of one kind on one day.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct OfDay {
    /// Which day, counted from 1970-01-01.
    pub day: i64,
    /// What.
    pub kind: String,
    /// How often.
    pub count: i64,
}

sql! {
    tenant SIGN_INS(4) = "SELECT day, kind, COUNT(*) AS count
        FROM (SELECT at / 86400 AS day, action AS kind FROM audit_events WHERE tenant_id = $1 ORDER BY id DESC LIMIT $4)
            AS newest
        WHERE day >= $2 AND day <= $3 AND kind IN ('user.login', 'user.login_failed') GROUP BY day, kind";
    tenant GRANTS(4) = "SELECT day, 'grant' AS kind, COUNT(*) AS count
        FROM (SELECT created_at / 86400 AS day FROM grants WHERE tenant_id = $1 ORDER BY id DESC LIMIT $4) AS newest
        WHERE day >= $2 AND day <= $3 GROUP BY day";
}

/// Sign-ins (`user.login`), those that failed (`user.login_failed`) and authorizations (`grant`) of these days.
///
/// # Errors
/// The database failed.
pub async fn by_day(
    run: impl Run + Copy,
    tenant: &TenantId,
    (first, last): (Timestamp, Timestamp),
) -> sqlx::Result<Vec<OfDay>> {
    let values = || (tenant.clone(), first.0.div_euclid(86_400), last.0.div_euclid(86_400), LOOKED_AT);
    let mut found: Vec<OfDay> = run.all(SIGN_INS, values()).await?;
    found.extend(run.all(GRANTS, values()).await?);
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::audit::{Event, record};
    use crate::store::testing::{databases, tenant};

    #[tokio::test]
    async fn each_day_and_kind_is_counted_of_ones_own_tenant_only() {
        const DAY: i64 = 86_400;
        for db in databases().await {
            let (one, two) = (tenant(&db, "one").await, tenant(&db, "two").await);
            for (whose, day, action) in [
                (&one, 100, "user.login"),
                (&one, 100, "user.login"),
                (&one, 101, "user.login_failed"),
                (&one, 101, "client.created"),
                (&one, 80, "user.login"),
                (&two, 100, "user.login"),
            ] {
                record(&db, Event::new(whose, Timestamp(day * DAY + 7), action)).await.unwrap();
            }
            let mut found = by_day(&db, &one, (Timestamp(90 * DAY), Timestamp(101 * DAY))).await.unwrap();
            found.sort_by_key(|row| row.day);
            let told: Vec<_> = found.iter().map(|row| (row.day, row.kind.as_str(), row.count)).collect();
            assert_eq!(told, [(100, "user.login", 2), (101, "user.login_failed", 1)]);
        }
    }
}

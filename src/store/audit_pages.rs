//! Looking through the audit trail, the newest first. Each filter has an index of its own; one of those that are asked
//! for leads, and the others leave out of what it finds.

use super::audit_chain::Kept;
use super::db::{Db, Run as _};
use super::sql::{Sql, sql};
use crate::base::{AuditId, TenantId, Timestamp};

/// So many kinds of events are looked up one by one; of more, most rows are of one of them.
const KINDS_BY_ONE: usize = 40;

/// Which rows are wanted; absent: all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Of one of these actions.
    pub actions: Option<Vec<String>>,
    /// By whom.
    pub actor: Option<String>,
    /// To whom or what.
    pub target: Option<String>,
    /// How it ended.
    pub result: Option<String>,
    /// In which request.
    pub request_id: Option<String>,
    /// Not before.
    pub from: Timestamp,
}

/// A place in time: rows before it come next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Before {
    /// When.
    pub at: Timestamp,
    /// Of the rows at that time, those of lesser ids.
    pub id: String,
}

sql! {
    tenant ALL(10) = "SELECT tenant_id, id, at, action, actor, target, result, detail, ip, user_agent, request_id,
            seq, salt, personal, hash
        FROM audit_events WHERE tenant_id = $1 AND (at, id) < ($2, $3) AND at >= $4
            AND (actor = $5 OR $5 IS NULL) AND (target = $6 OR $6 IS NULL) AND (result = $7 OR $7 IS NULL)
            AND (request_id = $8 OR $8 IS NULL)
            AND ($9 LIKE '%,' || REPLACE(action, '_', '\\_') || ',%' ESCAPE '\\' OR $9 IS NULL)
        ORDER BY at DESC, id DESC LIMIT $10";
    tenant OF_ACTOR(10) = "SELECT tenant_id, id, at, action, actor, target, result, detail, ip, user_agent, request_id,
            seq, salt, personal, hash
        FROM audit_events WHERE tenant_id = $1 AND (at, id) < ($2, $3) AND at >= $4
            AND actor = $5 AND (target = $6 OR $6 IS NULL) AND (result = $7 OR $7 IS NULL)
            AND (request_id = $8 OR $8 IS NULL)
            AND ($9 LIKE '%,' || REPLACE(action, '_', '\\_') || ',%' ESCAPE '\\' OR $9 IS NULL)
        ORDER BY at DESC, id DESC LIMIT $10";
    tenant OF_TARGET(10) = "SELECT tenant_id, id, at, action, actor, target, result, detail, ip, user_agent, request_id,
            seq, salt, personal, hash
        FROM audit_events WHERE tenant_id = $1 AND (at, id) < ($2, $3) AND at >= $4
            AND (actor = $5 OR $5 IS NULL) AND target = $6 AND (result = $7 OR $7 IS NULL)
            AND (request_id = $8 OR $8 IS NULL)
            AND ($9 LIKE '%,' || REPLACE(action, '_', '\\_') || ',%' ESCAPE '\\' OR $9 IS NULL)
        ORDER BY at DESC, id DESC LIMIT $10";
    tenant OF_RESULT(10) = "SELECT tenant_id, id, at, action, actor, target, result, detail, ip, user_agent, request_id,
            seq, salt, personal, hash
        FROM audit_events WHERE tenant_id = $1 AND (at, id) < ($2, $3) AND at >= $4
            AND (actor = $5 OR $5 IS NULL) AND (target = $6 OR $6 IS NULL) AND result = $7
            AND (request_id = $8 OR $8 IS NULL)
            AND ($9 LIKE '%,' || REPLACE(action, '_', '\\_') || ',%' ESCAPE '\\' OR $9 IS NULL)
        ORDER BY at DESC, id DESC LIMIT $10";
    tenant OF_REQUEST(10) = "SELECT tenant_id, id, at, action, actor, target, result, detail, ip, user_agent, request_id,
            seq, salt, personal, hash
        FROM audit_events WHERE tenant_id = $1 AND (at, id) < ($2, $3) AND at >= $4
            AND (actor = $5 OR $5 IS NULL) AND (target = $6 OR $6 IS NULL) AND (result = $7 OR $7 IS NULL)
            AND request_id = $8
            AND ($9 LIKE '%,' || REPLACE(action, '_', '\\_') || ',%' ESCAPE '\\' OR $9 IS NULL)
        ORDER BY at DESC, id DESC LIMIT $10";
    tenant OF_ACTION(10) = "SELECT tenant_id, id, at, action, actor, target, result, detail, ip, user_agent, request_id,
            seq, salt, personal, hash
        FROM audit_events WHERE tenant_id = $1 AND (at, id) < ($2, $3) AND at >= $4
            AND (actor = $5 OR $5 IS NULL) AND (target = $6 OR $6 IS NULL) AND (result = $7 OR $7 IS NULL)
            AND (request_id = $8 OR $8 IS NULL)
            AND action = $9
        ORDER BY at DESC, id DESC LIMIT $10";
    tenant ONE(2) = "SELECT tenant_id, id, at, action, actor, target, result, detail, ip, user_agent, request_id,
            seq, salt, personal, hash
        FROM audit_events WHERE tenant_id = $1 AND id = $2";
    // From one kind to the next by the index, however many rows there are of each.
    tenant KINDS(1) = "SELECT action FROM (WITH RECURSIVE kinds(action) AS (
                SELECT MIN(action) FROM audit_events WHERE tenant_id = $1
                UNION ALL SELECT (SELECT MIN(e.action) FROM audit_events e WHERE e.tenant_id = $1
                    AND e.action > kinds.action) FROM kinds WHERE kinds.action IS NOT NULL)
            SELECT action FROM kinds WHERE action IS NOT NULL) all_kinds";
}

/// Up to `limit` rows, the newest first.
///
/// # Errors
/// The database failed.
pub async fn page(db: &Db, tenant: &TenantId, wanted: &Wanted, before: &Before, limit: i64) -> sqlx::Result<Vec<Kept>> {
    let lead = match wanted {
        Wanted { request_id: Some(_), .. } => OF_REQUEST,
        Wanted { target: Some(_), .. } => OF_TARGET,
        Wanted { actor: Some(_), .. } => OF_ACTOR,
        Wanted { actions: Some(actions), .. } if actions.len() <= KINDS_BY_ONE => {
            return by_kind(db, tenant, (wanted, actions), before, limit).await;
        }
        Wanted { result: Some(_), .. } => OF_RESULT,
        _ => ALL,
    };
    let actions = wanted.actions.as_ref().map(|actions| format!(",{},", actions.join(",")));
    led_by(db, lead, tenant, (wanted, actions), (before, limit)).await
}

async fn led_by(
    db: &Db,
    lead: Sql<10>,
    tenant: &TenantId,
    (wanted, actions): (&Wanted, Option<String>),
    (before, limit): (&Before, i64),
) -> sqlx::Result<Vec<Kept>> {
    let Wanted { actor, target, result, request_id, from, .. } = wanted.clone();
    let (at, id) = (before.at, before.id.clone());
    db.all(lead, (tenant.clone(), at, id, from, actor, target, result, request_id, actions, limit)).await
}

/// The newest of each kind, and of these the newest.
async fn by_kind(
    db: &Db,
    tenant: &TenantId,
    (wanted, actions): (&Wanted, &[String]),
    before: &Before,
    limit: i64,
) -> sqlx::Result<Vec<Kept>> {
    let mut all = Vec::new();
    for action in actions {
        all.extend(led_by(db, OF_ACTION, tenant, (wanted, Some(action.clone())), (before, limit)).await?);
    }
    all.sort_by(|one, other| (other.event.at, &other.event.id).cmp(&(one.event.at, &one.event.id)));
    all.truncate(usize::try_from(limit).unwrap_or_default());
    Ok(all)
}

/// The row of this id.
///
/// # Errors
/// The database failed.
pub async fn by_id(db: &Db, tenant: &TenantId, id: &AuditId) -> sqlx::Result<Option<Kept>> {
    db.one(ONE, (tenant.clone(), id.clone())).await
}

/// Every action that occurs, by name.
///
/// # Errors
/// The database failed.
pub async fn kinds(db: &Db, tenant: &TenantId) -> sqlx::Result<Vec<String>> {
    let rows: Vec<(String,)> = db.all(KINDS, (tenant.clone(),)).await?;
    let mut kinds: Vec<_> = rows.into_iter().map(|(action,)| action).collect();
    kinds.sort();
    Ok(kinds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::audit::{Event, record};
    use crate::store::testing::{databases, tenant};

    const NOW: Timestamp = Timestamp(1_000);

    fn wanted(change: impl FnOnce(&mut Wanted)) -> Wanted {
        let mut wanted = Wanted::default();
        change(&mut wanted);
        wanted
    }

    async fn times(db: &Db, tenant: &TenantId, wanted: &Wanted) -> Vec<i64> {
        let before = Before { at: NOW, id: String::new() };
        page(db, tenant, wanted, &before, 50).await.unwrap().into_iter().map(|row| row.event.at.0).collect()
    }

    #[tokio::test]
    async fn each_filter_finds_its_rows_the_newest_first() {
        for db in databases().await {
            let (one, two) = (tenant(&db, "one").await, tenant(&db, "two").await);
            for at in 0..20 {
                let action = ["user.login", "user.login_failed", "userXlogin", "key.created"][at % 4];
                let mut event = Event::new(&one, Timestamp(i64::try_from(at).unwrap()), action);
                event = event.by(format!("actor {}", at % 2)).on(format!("target {}", at % 5));
                event.request_id = (at == 7).then(|| "request".to_owned());
                let event = if at % 4 == 1 { event.result("invalid_credentials") } else { event };
                record(&db, event).await.unwrap();
                record(&db, Event::new(&two, Timestamp(5), action)).await.unwrap();
            }
            assert_eq!(
                kinds(&db, &one).await.unwrap(),
                ["key.created", "user.login", "user.login_failed", "userXlogin"]
            );
            let failed = || Some(vec!["user.login_failed".to_owned()]);
            for (wanted, expected) in [
                (wanted(|w| w.from = Timestamp(17)), vec![19, 18, 17]),
                (wanted(|w| w.actor = Some("actor 1".to_owned())), vec![19, 17, 15, 13, 11, 9, 7, 5, 3, 1]),
                (wanted(|w| w.target = Some("target 3".to_owned())), vec![18, 13, 8, 3]),
                (wanted(|w| w.result = Some("invalid_credentials".to_owned())), vec![17, 13, 9, 5, 1]),
                (wanted(|w| w.request_id = Some("request".to_owned())), vec![7]),
                (wanted(|w| w.actions = failed()), vec![17, 13, 9, 5, 1]),
                (wanted(|w| (w.actions, w.target) = (failed(), Some("target 3".to_owned()))), vec![13]),
                (
                    wanted(|w| w.actions = Some(vec!["key.created".to_owned(), "user.login".to_owned()])),
                    vec![19, 16, 15, 12, 11, 8, 7, 4, 3, 0],
                ),
                (wanted(|w| w.actions = Some(Vec::new())), vec![]),
            ] {
                assert_eq!(times(&db, &one, &wanted).await, expected, "{wanted:?}");
            }
            let many: Vec<_> = (0..50).map(|n| format!("nothing.{n}")).chain(["user.login".to_owned()]).collect();
            assert_eq!(times(&db, &one, &wanted(|w| w.actions = Some(many))).await, [16, 12, 8, 4, 0]);
            let first = page(&db, &one, &Wanted::default(), &Before { at: NOW, id: String::new() }, 7).await.unwrap();
            let last = &first.last().unwrap().event;
            let before = Before { at: last.at, id: last.id.as_str().to_owned() };
            let next = page(&db, &one, &Wanted::default(), &before, 1).await.unwrap();
            assert_eq!(next[0].event.at, Timestamp(12));
            assert!(by_id(&db, &one, &last.id).await.unwrap().is_some());
            assert!(by_id(&db, &two, &last.id).await.unwrap().is_none());
        }
    }
}

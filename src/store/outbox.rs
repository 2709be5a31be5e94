//! What becomes of mails: taken up under a lease, sent, tried again, given up, sent after all.

use super::db::Run;
use super::mails::{Mail, MailState};
use super::sql::sql;
use crate::base::{TenantId, Timestamp};

/// Most due mails that are looked at to choose the next ones.
const LOOKED_AT: i64 = 1_000;
/// Most mails removed by one statement.
const BATCH: i64 = 1_000;

/// How many tenants can be left out of a claim.
pub const BUSY: usize = 3;

sql! {
    // The outer conditions are asked again when another process was faster (READ COMMITTED): it moved `due_at`.
    tenant CLAIM(8) = "UPDATE mails SET attempts = attempts + 1, due_at = $2
        WHERE state = 'waiting' AND due_at <= $1 AND (tenant_id, id) IN
            (SELECT tenant_id, id FROM
                (SELECT tenant_id, id, due_at, ROW_NUMBER() OVER (PARTITION BY tenant_id ORDER BY due_at, id) AS place
                    FROM (SELECT tenant_id, id, due_at FROM mails
                        WHERE state = 'waiting' AND due_at <= $1 AND tenant_id NOT IN ($5, $6, $7)
                        ORDER BY due_at, id LIMIT $8) AS oldest) AS due
                WHERE place <= $4 ORDER BY due_at, id LIMIT $3)
        RETURNING tenant_id, id, kind, recipient, recipient_key, subject, content, message_id, requested, requested_by,
            state, attempts, due_at, last_error, created_at, sent_at";
    tenant SENT(5) = "UPDATE mails SET state = 'sent', sent_at = $4, content = $5, last_error = NULL
        WHERE tenant_id = $1 AND id = $2 AND attempts = $3 AND state = 'waiting'";
    tenant FAILED(6) = "UPDATE mails SET state = $4, due_at = $5, last_error = $6
        WHERE tenant_id = $1 AND id = $2 AND attempts = $3 AND state = 'waiting'";
    tenant AGAIN(3) = "UPDATE mails SET state = 'waiting', due_at = $3, attempts = 0
        WHERE tenant_id = $1 AND id = $2 AND content <> '' AND (state = 'dead' OR (state = 'waiting' AND attempts > 0))";
    tenant PAGE(4) = "SELECT tenant_id, id, kind, recipient, recipient_key, subject, content, message_id, requested,
            requested_by, state, attempts, due_at, last_error, created_at, sent_at
        FROM mails WHERE tenant_id = $1 AND ($2 = '' OR state = $2) AND ($3 = '' OR id < $3) ORDER BY id DESC LIMIT $4";
    tenant DEAD(3) = "SELECT tenant_id, id, kind, recipient, recipient_key, subject, content, message_id, requested,
            requested_by, state, attempts, due_at, last_error, created_at, sent_at
        FROM mails WHERE state = 'dead' AND due_at <= $1 AND (due_at < $1 OR id < $2)
        ORDER BY due_at DESC, id DESC LIMIT $3";
    global UP_TO(2) = "SELECT COUNT(*) FROM (SELECT 1 FROM mails WHERE state = $1 LIMIT $2) AS counted";
    tenant FORGET(2) = "DELETE FROM mails WHERE (tenant_id, id) IN
        (SELECT tenant_id, id FROM mails WHERE created_at < $1 AND state <> 'waiting' LIMIT $2)";
    global STATES(0) = "SELECT state, COUNT(*) FROM mails GROUP BY state";
}

/// Which mails are taken up.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The present.
    pub now: Timestamp,
    /// When somebody else takes them up, should this process die.
    pub until: Timestamp,
    /// Most of them.
    pub most: i64,
    /// Most of one tenant.
    pub most_of_one: i64,
    /// Tenants that have enough on the way.
    pub busy: [Option<TenantId>; BUSY],
}

/// Takes up mails that are due. Each goes to one process; the oldest first, but of no tenant too many.
///
/// # Errors
/// The database failed.
pub async fn claim(run: impl Run, claim: Claim) -> sqlx::Result<Vec<Mail>> {
    let [one, two, three] = claim.busy.map(|tenant| tenant.map_or_else(String::new, |tenant| tenant.to_string()));
    let values = (claim.now, claim.until, claim.most, claim.most_of_one, one, two, three, LOOKED_AT);
    run.all(CLAIM, values).await
}

/// Notes that a mail server took it; `content` is what is kept of it. `false`: somebody else has it by now.
///
/// # Errors
/// The database failed.
pub async fn sent(run: impl Run, mail: &Mail, now: Timestamp, content: &str) -> sqlx::Result<bool> {
    let values = (mail.tenant_id.clone(), mail.id.clone(), mail.attempts, now, content.to_owned());
    Ok(run.execute(SENT, values).await? == 1)
}

/// Notes why an attempt failed, and what is next: another at `due_at`, or nothing.
///
/// # Errors
/// The database failed.
pub async fn failed(
    run: impl Run,
    mail: &Mail,
    (state, due_at): (MailState, Timestamp),
    why: &str,
) -> sqlx::Result<bool> {
    let values = (mail.tenant_id.clone(), mail.id.clone(), mail.attempts, state, due_at, why.to_owned());
    Ok(run.execute(FAILED, values).await? == 1)
}

/// Lets a mail that was given up, or that waits for another attempt, be sent now. `false`: there is none like that.
///
/// # Errors
/// The database failed.
pub async fn again(run: impl Run, tenant: &TenantId, id: &str, now: Timestamp) -> sqlx::Result<bool> {
    Ok(run.execute(AGAIN, (tenant.clone(), id.to_owned(), now)).await? == 1)
}

/// Up to `limit` mails of a tenant, the newest first: those before `before`, of this state.
///
/// # Errors
/// The database failed.
pub async fn page(
    run: impl Run,
    tenant: &TenantId,
    state: Option<MailState>,
    (before, limit): (&str, i64),
) -> sqlx::Result<Vec<Mail>> {
    let state = state.map_or_else(String::new, |state| state.as_str().to_owned());
    run.all(PAGE, (tenant.clone(), state, before.to_owned(), limit)).await
}

/// Up to `limit` mails of any tenant that were given up, the latest first: those before this time and id.
///
/// # Errors
/// The database failed.
pub async fn dead(run: impl Run, (due_at, id): (Timestamp, &str), limit: i64) -> sqlx::Result<Vec<Mail>> {
    run.all(DEAD, (due_at, id.to_owned(), limit)).await
}

/// How many mails there are in a state, counted no further than `most`.
///
/// # Errors
/// The database failed.
pub async fn up_to(run: impl Run, state: MailState, most: i64) -> sqlx::Result<i64> {
    let found: Option<(i64,)> = run.one(UP_TO, (state.as_str().to_owned(), most)).await?;
    Ok(found.map_or(0, |(count,)| count))
}

/// How many mails there are in each state.
///
/// # Errors
/// The database failed.
pub async fn states(run: impl Run) -> sqlx::Result<Vec<(MailState, i64)>> {
    run.all(STATES, ()).await
}

/// Removes mails that are over and were written before then; answers how many.
///
/// # Errors
/// The database failed.
pub async fn forget(run: impl Run, before: Timestamp) -> sqlx::Result<u64> {
    run.execute(FORGET, (before, BATCH)).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Db;
    use crate::store::mails::{by_id, insert, sample};
    use crate::store::testing::{databases, tenant};

    async fn fill(db: &Db, tenant: &TenantId, count: usize) {
        for number in 0..count {
            insert(db, &sample(tenant, &format!("{tenant}-{number:03}"))).await.unwrap();
        }
    }

    fn at(now: i64) -> Claim {
        Claim { now: Timestamp(now), until: Timestamp(now + 90), most: 100, most_of_one: 100, busy: [None, None, None] }
    }

    #[tokio::test]
    async fn w113_each_mail_is_taken_up_by_one_and_by_another_when_that_one_died() {
        for db in databases().await {
            let one = tenant(&db, "one").await;
            fill(&db, &one, 20).await;
            let claims = (0..8).map(|_| {
                let db = db.clone();
                tokio::spawn(async move { claim(&db, Claim { most: 5, ..at(100) }).await.unwrap() })
            });
            let mut ids = Vec::new();
            for taken in claims.collect::<Vec<_>>() {
                ids.extend(taken.await.unwrap().into_iter().map(|mail| mail.id));
            }
            ids.extend(claim(&db, at(100)).await.unwrap().into_iter().map(|mail| mail.id));
            let count = ids.len();
            ids.sort();
            ids.dedup();
            assert_eq!((count, ids.len()), (20, 20), "none twice, none left");
            assert!(claim(&db, at(189)).await.unwrap().is_empty(), "their lease holds");
            let again = claim(&db, at(190)).await.unwrap();
            assert_eq!(again.len(), 20);
            assert!(again.iter().all(|mail| mail.attempts == 2));
        }
    }

    #[tokio::test]
    async fn w113_what_comes_too_late_changes_nothing() {
        for db in databases().await {
            let one = tenant(&db, "one").await;
            fill(&db, &one, 1).await;
            let late = claim(&db, at(100)).await.unwrap().remove(0);
            let next = claim(&db, at(190)).await.unwrap().remove(0);
            let dead = (MailState::Dead, Timestamp(300));
            assert!(!failed(&db, &late, dead, "slow").await.unwrap());
            assert!(sent(&db, &next, Timestamp(200), "").await.unwrap());
            assert!(!sent(&db, &next, Timestamp(201), "").await.unwrap());
            let row = by_id(&db, &one, &next.id).await.unwrap().unwrap();
            assert_eq!((row.state, row.sent_at, row.content.as_str()), (MailState::Sent, Some(Timestamp(200)), ""));
            assert!(!again(&db, &one, &next.id, Timestamp(300)).await.unwrap(), "it is sent and forgotten");
        }
    }

    #[tokio::test]
    async fn w123_one_tenants_mails_do_not_hold_up_anothers() {
        for db in databases().await {
            let (one, two) = (tenant(&db, "one").await, tenant(&db, "two").await);
            fill(&db, &one, 50).await;
            insert(&db, &Mail { due_at: Timestamp(90), ..sample(&two, "late") }).await.unwrap();
            let taken = claim(&db, Claim { most: 8, most_of_one: 4, ..at(100) }).await.unwrap();
            assert_eq!(taken.iter().filter(|mail| mail.tenant_id == one).count(), 4);
            assert_eq!(taken.iter().filter(|mail| mail.tenant_id == two).count(), 1);
            let busy = Claim { busy: [Some(one.clone()), None, None], ..at(100) };
            assert!(claim(&db, busy).await.unwrap().is_empty());
        }
    }

    #[tokio::test]
    async fn w113_a_mail_that_was_given_up_is_seen_and_can_be_sent_after_all() {
        for db in databases().await {
            let (one, two) = (tenant(&db, "one").await, tenant(&db, "two").await);
            fill(&db, &one, 3).await;
            let taken = claim(&db, Claim { most: 1, ..at(100) }).await.unwrap().remove(0);
            assert!(failed(&db, &taken, (MailState::Dead, Timestamp(100)), "550 no").await.unwrap());
            let dead = page(&db, &one, Some(MailState::Dead), ("", 9)).await.unwrap();
            assert_eq!(dead.iter().map(|mail| mail.last_error.as_deref()).collect::<Vec<_>>(), [Some("550 no")]);
            assert_eq!(page(&db, &two, None, ("", 9)).await.unwrap(), [], "X2: another tenant's");
            let given_up = super::dead(&db, (Timestamp(100), "~"), 9).await.unwrap();
            assert_eq!(given_up.iter().map(|mail| &mail.id).collect::<Vec<_>>(), [&taken.id]);
            assert!(super::dead(&db, (Timestamp(100), &taken.id), 9).await.unwrap().is_empty());
            assert_eq!(up_to(&db, MailState::Dead, 9).await.unwrap(), 1);
            assert_eq!(up_to(&db, MailState::Waiting, 1).await.unwrap(), 1, "no further than asked");
            let all = page(&db, &one, None, ("", 2)).await.unwrap();
            let rest = page(&db, &one, None, (&all[1].id, 2)).await.unwrap();
            assert_eq!((all.len(), rest.len()), (2, 1));
            assert_eq!(states(&db).await.unwrap().iter().map(|(_, count)| count).sum::<i64>(), 3);
            assert!(!again(&db, &two, &taken.id, Timestamp(200)).await.unwrap(), "X2");
            assert!(again(&db, &one, &taken.id, Timestamp(200)).await.unwrap());
            let next = claim(&db, at(200)).await.unwrap();
            assert!(next.iter().any(|mail| mail.id == taken.id && mail.attempts == 1));
            assert_eq!(forget(&db, Timestamp(1_000)).await.unwrap(), 0, "what waits stays");
        }
    }
}

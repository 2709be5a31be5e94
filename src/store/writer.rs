//! Group commit for the hot path: writes that wait together are committed together, rows of one kind in one
//! statement. The writer never waits for company; it takes what is there. An answer is given only after the commit,
//! so an acknowledged write survives the death of the process.

use std::collections::HashMap;

use serde::Serialize;
use tokio::sync::{mpsc, oneshot};

use super::db::{Db, Run as _, Tx};
use super::grants::{CodeRequest, Grant};
use super::sql::{Sql, sql};
use crate::base::{Digest, GrantId, TenantId, Timestamp};

/// Most writes committed together.
const MOST: usize = 256;

/// One unit of work: all of it becomes true, or none. When `spend` finds its token spent already, nothing is written.
#[derive(Clone, Debug, Default)]
pub struct Write {
    /// A one-time token that has to be unspent, and is spent by this.
    pub spend: Option<Spend>,
    /// A new grant.
    pub grant: Option<Grant>,
    /// A new code.
    pub code: Option<NewCode>,
    /// A new refresh token.
    pub refresh: Option<NewRefresh>,
    /// A new opaque access token.
    pub access: Option<NewAccess>,
}

/// Which kind of one-time token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SpendKind {
    /// An authorization code.
    Code,
    /// A refresh token.
    Refresh,
}

/// A one-time token to spend.
#[derive(Clone, Debug)]
pub struct Spend {
    /// Its kind.
    pub kind: SpendKind,
    /// Whose tenant.
    pub tenant_id: TenantId,
    /// Its digest.
    pub digest: Digest,
    /// The present, which has to be before its end.
    pub now: Timestamp,
}

/// A code to be stored.
#[derive(Clone, Debug, Serialize)]
pub struct NewCode {
    /// Whose tenant.
    pub tenant_id: TenantId,
    /// SHA-256 of the code.
    pub digest: String,
    /// The grant it stands for.
    pub grant_id: GrantId,
    /// What it is bound to, as JSON text.
    pub request: String,
    /// When it ends.
    pub expires_at: Timestamp,
}

impl NewCode {
    /// A code for this grant.
    ///
    /// # Errors
    /// `request` cannot be written as JSON.
    pub fn new(
        grant: &Grant,
        digest: &Digest,
        request: &CodeRequest,
        expires_at: Timestamp,
    ) -> serde_json::Result<Self> {
        Ok(Self {
            tenant_id: grant.tenant_id.clone(),
            digest: digest.as_str().to_owned(),
            grant_id: grant.id.clone(),
            request: serde_json::to_string(request)?,
            expires_at,
        })
    }
}

/// A refresh token to be stored.
#[derive(Clone, Debug, Serialize)]
pub struct NewRefresh {
    /// Whose tenant.
    pub tenant_id: TenantId,
    /// SHA-256 of the token.
    pub digest: String,
    /// Its family.
    pub grant_id: GrantId,
    /// When it was issued.
    pub created_at: Timestamp,
    /// When it ends without use.
    pub expires_at: Timestamp,
}

/// An opaque access token to be stored.
#[derive(Clone, Debug, Serialize)]
pub struct NewAccess {
    /// Whose tenant.
    pub tenant_id: TenantId,
    /// SHA-256 of the token.
    pub digest: String,
    /// Its claims, as JSON text.
    pub claims: String,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// A grant as the batch statement reads it.
#[derive(Serialize)]
struct GrantItem<'a> {
    #[serde(flatten)]
    grant: &'a Grant,
    context_text: String,
}

#[derive(Serialize)]
struct SpendItem<'a> {
    tenant_id: &'a TenantId,
    digest: &'a str,
    now: Timestamp,
}

// Each statement takes one JSON array of rows; an index-friendly join finds the rows to spend. PostgreSQL's rows are
// locked in the order of their digests, so that two nodes cannot wait for each other.
sql! {
    tenant SPEND_CODES(1) =
        "UPDATE authorization_codes SET used_at = j.value ->> 'now' FROM json_each($1) j
            WHERE authorization_codes.tenant_id = j.value ->> 'tenant_id'
                AND authorization_codes.digest = j.value ->> 'digest'
                AND used_at IS NULL AND expires_at > (j.value ->> 'now')
            RETURNING authorization_codes.tenant_id, authorization_codes.digest"
        | "UPDATE authorization_codes c SET used_at = j.now
            FROM jsonb_to_recordset(CAST($1 AS jsonb)) AS j(tenant_id text, digest text, now bigint)
            WHERE c.tenant_id = j.tenant_id AND c.digest = j.digest AND c.used_at IS NULL AND c.expires_at > j.now
            RETURNING c.tenant_id, c.digest";
    tenant SPEND_REFRESH(1) =
        "UPDATE refresh_tokens SET used_at = j.value ->> 'now' FROM json_each($1) j
            WHERE refresh_tokens.tenant_id = j.value ->> 'tenant_id'
                AND refresh_tokens.digest = j.value ->> 'digest'
                AND used_at IS NULL AND expires_at > (j.value ->> 'now')
            RETURNING refresh_tokens.tenant_id, refresh_tokens.digest"
        | "UPDATE refresh_tokens r SET used_at = j.now
            FROM jsonb_to_recordset(CAST($1 AS jsonb)) AS j(tenant_id text, digest text, now bigint)
            WHERE r.tenant_id = j.tenant_id AND r.digest = j.digest AND r.used_at IS NULL AND r.expires_at > j.now
            RETURNING r.tenant_id, r.digest";
    tenant INSERT_GRANTS(1) =
        "INSERT INTO grants (tenant_id, id, client_id, user_id, session_id, scope, context, created_at, expires_at)
            SELECT value ->> 'tenant_id', value ->> 'id', value ->> 'client_id', value ->> 'user_id',
                value ->> 'session_id', value ->> 'scope', value ->> 'context_text', value ->> 'created_at',
                value ->> 'expires_at' FROM json_each($1)"
        | "INSERT INTO grants (tenant_id, id, client_id, user_id, session_id, scope, context, created_at, expires_at)
            SELECT tenant_id, id, client_id, user_id, session_id, scope, context_text, created_at, expires_at
            FROM jsonb_to_recordset(CAST($1 AS jsonb)) AS j(tenant_id text, id text, client_id text, user_id text,
                session_id text, scope text, context_text text, created_at bigint, expires_at bigint)";
    tenant INSERT_CODES(1) =
        "INSERT INTO authorization_codes (tenant_id, digest, grant_id, request, expires_at)
            SELECT value ->> 'tenant_id', value ->> 'digest', value ->> 'grant_id', value ->> 'request',
                value ->> 'expires_at' FROM json_each($1)"
        | "INSERT INTO authorization_codes (tenant_id, digest, grant_id, request, expires_at)
            SELECT tenant_id, digest, grant_id, request, expires_at
            FROM jsonb_to_recordset(CAST($1 AS jsonb)) AS j(tenant_id text, digest text, grant_id text, request text,
                expires_at bigint)";
    tenant INSERT_REFRESH(1) =
        "INSERT INTO refresh_tokens (tenant_id, digest, grant_id, created_at, expires_at)
            SELECT value ->> 'tenant_id', value ->> 'digest', value ->> 'grant_id', value ->> 'created_at',
                value ->> 'expires_at' FROM json_each($1)"
        | "INSERT INTO refresh_tokens (tenant_id, digest, grant_id, created_at, expires_at)
            SELECT tenant_id, digest, grant_id, created_at, expires_at
            FROM jsonb_to_recordset(CAST($1 AS jsonb)) AS j(tenant_id text, digest text, grant_id text,
                created_at bigint, expires_at bigint)";
    tenant INSERT_ACCESS(1) =
        "INSERT INTO access_tokens (tenant_id, digest, claims, expires_at)
            SELECT value ->> 'tenant_id', value ->> 'digest', value ->> 'claims', value ->> 'expires_at'
            FROM json_each($1)"
        | "INSERT INTO access_tokens (tenant_id, digest, claims, expires_at)
            SELECT tenant_id, digest, claims, expires_at
            FROM jsonb_to_recordset(CAST($1 AS jsonb)) AS j(tenant_id text, digest text, claims text,
                expires_at bigint)";
}

/// The write was not made.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the write was not committed: {0}")]
pub struct WriteError(String);

struct Job {
    write: Write,
    answer: oneshot::Sender<Result<bool, WriteError>>,
}

/// A handle to the writer's task. The task ends when the last handle is dropped and all writes are done.
#[derive(Clone, Debug)]
pub struct Writer {
    jobs: mpsc::Sender<Job>,
}

impl Writer {
    /// Starts the writer.
    #[must_use]
    pub fn start(db: Db) -> Self {
        let (jobs, waiting) = mpsc::channel(4 * MOST);
        tokio::spawn(serve(db, waiting));
        Self { jobs }
    }

    /// Commits `write`. `false`: the token to spend was spent before (or has ended), and nothing was written.
    ///
    /// # Errors
    /// The database failed; nothing of `write` is true unless a lost connection hid that it is.
    pub async fn write(&self, write: Write) -> Result<bool, WriteError> {
        let (answer, outcome) = oneshot::channel();
        let stopped = |_| WriteError("the writer has stopped".to_owned());
        self.jobs.send(Job { write, answer }).await.map_err(|_| WriteError("the writer has stopped".to_owned()))?;
        outcome.await.map_err(stopped)?
    }
}

async fn serve(db: Db, mut waiting: mpsc::Receiver<Job>) {
    let mut jobs = Vec::with_capacity(MOST);
    while waiting.recv_many(&mut jobs, MOST).await > 0 {
        let (writes, answers): (Vec<_>, Vec<_>) = jobs.drain(..).map(|job| (job.write, job.answer)).unzip();
        match commit(&db, &writes).await {
            Ok(outcomes) => {
                for (answer, outcome) in answers.into_iter().zip(outcomes) {
                    drop(answer.send(Ok(outcome)));
                }
            }
            Err(_) if writes.len() > 1 => one_by_one(&db, writes, answers).await,
            Err(error) => {
                for answer in answers {
                    drop(answer.send(Err(WriteError(error.to_string()))));
                }
            }
        }
    }
}

/// After a failed batch: each write by itself, so that one that cannot be made spoils no other.
async fn one_by_one(db: &Db, writes: Vec<Write>, answers: Vec<oneshot::Sender<Result<bool, WriteError>>>) {
    for (write, answer) in writes.into_iter().zip(answers) {
        let outcome = commit(db, std::slice::from_ref(&write)).await;
        let outcome = outcome
            .map(|outcomes| outcomes.first().copied().unwrap_or(false))
            .map_err(|error| WriteError(error.to_string()));
        drop(answer.send(outcome));
    }
}

async fn commit(db: &Db, writes: &[Write]) -> sqlx::Result<Vec<bool>> {
    let mut tx = db.begin().await?;
    let outcomes = spend_all(&mut tx, writes).await?;
    let made: Vec<&Write> = writes.iter().zip(&outcomes).filter(|(_, won)| **won).map(|(write, _)| write).collect();
    let grants = made.iter().filter_map(|write| write.grant.as_ref()).map(grant_item).collect::<Result<Vec<_>, _>>()?;
    put(&mut tx, INSERT_GRANTS, grants).await?;
    put(&mut tx, INSERT_CODES, made.iter().filter_map(|write| write.code.as_ref()).collect()).await?;
    put(&mut tx, INSERT_REFRESH, made.iter().filter_map(|write| write.refresh.as_ref()).collect()).await?;
    put(&mut tx, INSERT_ACCESS, made.iter().filter_map(|write| write.access.as_ref()).collect()).await?;
    tx.commit().await?;
    Ok(outcomes)
}

fn grant_item(grant: &Grant) -> sqlx::Result<GrantItem<'_>> {
    Ok(GrantItem { grant, context_text: to_json(&grant.context.0)? })
}

fn to_json(value: &impl Serialize) -> sqlx::Result<String> {
    serde_json::to_string(value).map_err(|error| sqlx::Error::Encode(error.into()))
}

async fn put<T: Serialize + Sync + Send>(tx: &mut Tx, sql: Sql<1>, rows: Vec<T>) -> sqlx::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    tx.execute(sql, (to_json(&rows)?,)).await.map(drop)
}

/// Spends what is to be spent; tells for each write whether it may go on. Of two writes with the same token in one
/// batch the first wins.
async fn spend_all(tx: &mut Tx, writes: &[Write]) -> sqlx::Result<Vec<bool>> {
    let mut spent: HashMap<(SpendKind, String, String), bool> = HashMap::new();
    for (kind, sql) in [(SpendKind::Code, SPEND_CODES), (SpendKind::Refresh, SPEND_REFRESH)] {
        let mut items: Vec<SpendItem<'_>> = writes
            .iter()
            .filter_map(|write| write.spend.as_ref())
            .filter(|spend| spend.kind == kind)
            .map(|spend| SpendItem { tenant_id: &spend.tenant_id, digest: spend.digest.as_str(), now: spend.now })
            .collect();
        if items.is_empty() {
            continue;
        }
        items.sort_by(|one, other| one.digest.cmp(other.digest));
        items.dedup_by(|one, other| one.digest == other.digest && one.tenant_id == other.tenant_id);
        let rows: Vec<(String, String)> = tx.all(sql, (to_json(&items)?,)).await?;
        spent.extend(rows.into_iter().map(|(tenant, digest)| ((kind, tenant, digest), true)));
    }
    Ok(writes
        .iter()
        .map(|write| match &write.spend {
            None => true,
            Some(Spend { kind, tenant_id, digest, .. }) => {
                spent.remove(&(*kind, tenant_id.to_string(), digest.as_str().to_owned())).unwrap_or(false)
            }
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{ClientId, Scope, Secret, Slug};
    use crate::store::values::Json;
    use crate::store::{grants, tenants, testing};

    const NOW: Timestamp = Timestamp(1_000);

    fn grant(tenant: &TenantId) -> Grant {
        Grant {
            tenant_id: tenant.clone(),
            id: GrantId::generate(),
            client_id: ClientId::from("app"),
            user_id: None,
            session_id: None,
            scope: Scope::of(["openid"]),
            context: Json(grants::Context { nonce: Some("n".to_owned()), ..grants::Context::default() }),
            created_at: NOW,
            expires_at: NOW.plus(crate::base::Seconds(60)),
            revoked_at: None,
        }
    }

    fn refresh(grant: &Grant, digest: &Digest) -> NewRefresh {
        NewRefresh {
            tenant_id: grant.tenant_id.clone(),
            digest: digest.as_str().to_owned(),
            grant_id: grant.id.clone(),
            created_at: NOW,
            expires_at: grant.expires_at,
        }
    }

    #[tokio::test]
    async fn w049_of_many_parallel_rotations_one_wins_on_every_database() {
        for db in testing::databases().await {
            let tenant = testing::tenant(&db, Slug::SYSTEM).await;
            let writer = Writer::start(db.clone());
            let grant = grant(&tenant);
            let first = Secret::generate().digest();
            let new = Write { grant: Some(grant.clone()), refresh: Some(refresh(&grant, &first)), ..Write::default() };
            assert!(writer.write(new).await.unwrap());
            let mut rotations = tokio::task::JoinSet::new();
            for _ in 0..50 {
                let (writer, grant, first) = (writer.clone(), grant.clone(), first.clone());
                rotations.spawn(async move {
                    let next = Secret::generate().digest();
                    let spend =
                        Spend { kind: SpendKind::Refresh, tenant_id: grant.tenant_id.clone(), digest: first, now: NOW };
                    let refresh = Some(refresh(&grant, &next));
                    let won = writer.write(Write { spend: Some(spend), refresh, ..Write::default() }).await.unwrap();
                    (won, next)
                });
            }
            let outcomes = rotations.join_all().await;
            assert_eq!(outcomes.iter().filter(|(won, _)| *won).count(), 1);
            for (won, next) in outcomes {
                let stored = grants::refresh_token(&db, &tenant, &next).await.unwrap();
                assert_eq!(stored.is_some(), won);
            }
            let spent = grants::refresh_token(&db, &tenant, &first).await.unwrap().unwrap();
            assert_eq!(spent.used_at, Some(NOW));
            assert_eq!(spent.grant.context.nonce.as_deref(), Some("n"));
        }
    }

    #[tokio::test]
    async fn one_write_that_cannot_be_made_spoils_no_other() {
        for db in testing::databases().await {
            let tenant = testing::tenant(&db, Slug::SYSTEM).await;
            let good = grant(&tenant);
            let twice = Write { grant: Some(good.clone()), ..Write::default() };
            let other = Write { grant: Some(grant(&tenant)), ..Write::default() };
            let writer = Writer::start(db.clone());
            let all = tokio::join!(writer.write(twice.clone()), writer.write(twice), writer.write(other));
            assert_eq!([all.0.is_ok(), all.1.is_ok(), all.2.is_ok()].iter().filter(|ok| **ok).count(), 2);
            assert!(tenants::by_id(&db, &tenant).await.unwrap().is_some());
            assert!(grants::by_id(&db, &tenant, &good.id).await.unwrap().is_some());
        }
    }
}

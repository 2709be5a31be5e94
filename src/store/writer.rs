//! Group commit for the hot path: writes that wait together are committed together, rows of one kind in one
//! statement. The writer never waits for company; it takes what is there. An answer is given only after the commit,
//! so an acknowledged write survives the death of the process.

use serde::Serialize;
use tokio::sync::{mpsc, oneshot};

use super::batch::Batches;
use super::db::Db;
use super::grants::{CodeRequest, Grant};
use super::own::is_away;
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
        tokio::spawn(serve(Batches::new(db), waiting));
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

async fn serve(mut batches: Batches, mut waiting: mpsc::Receiver<Job>) {
    let mut jobs = Vec::with_capacity(MOST);
    while waiting.recv_many(&mut jobs, MOST).await > 0 {
        let (writes, answers): (Vec<_>, Vec<_>) = jobs.drain(..).map(|job| (job.write, job.answer)).unzip();
        match batches.commit(&writes).await {
            Ok(outcomes) => {
                for (answer, outcome) in answers.into_iter().zip(outcomes) {
                    drop(answer.send(Ok(outcome)));
                }
            }
            Err(error) if writes.len() > 1 && !is_away(&error) => one_by_one(&mut batches, writes, answers).await,
            Err(error) => {
                for answer in answers {
                    drop(answer.send(Err(WriteError(error.to_string()))));
                }
            }
        }
    }
}

/// After a failed batch: each write by itself, so that one that cannot be made spoils no other.
async fn one_by_one(
    batches: &mut Batches,
    writes: Vec<Write>,
    answers: Vec<oneshot::Sender<Result<bool, WriteError>>>,
) {
    for (write, answer) in writes.into_iter().zip(answers) {
        let outcome = batches.commit(std::slice::from_ref(&write)).await;
        let outcome = outcome
            .map(|outcomes| outcomes.first().copied().unwrap_or(false))
            .map_err(|error| WriteError(error.to_string()));
        drop(answer.send(outcome));
    }
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
            organization_id: None,
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

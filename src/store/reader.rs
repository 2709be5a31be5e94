//! Group reading for the hot path: look-ups that wait together are answered together, those of one kind by one
//! statement. The reader never waits for company; it takes what is there. What it tells is as fresh as if each had
//! asked alone, because nothing is read before it is asked for.

use serde::Serialize;
use tokio::sync::{mpsc, oneshot};

use super::db::Db;
use super::grants::{CodeRow, RefreshRow};
use super::own::{Own, is_away};
use super::sessions::{BrowserRow, WithPerson};
use super::sql::{Record, Sql};
use super::users::User;
use crate::base::{ClientId, Digest, Scope, SessionId, TenantId, UserId};

/// Most look-ups answered together.
const MOST: usize = 256;

/// A look-up was not answered.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the look-up failed: {0}")]
pub struct ReadError(String);

/// What is looked up; on the wire to the database `n` is its place among those that wait.
#[derive(Clone, Debug, Serialize)]
struct Key {
    tenant_id: TenantId,
    id: String,
    of: Option<String>,
}

/// A key and where its answer goes.
struct Waiting<R> {
    key: Key,
    answer: oneshot::Sender<Result<Option<R>, ReadError>>,
}

#[derive(Serialize)]
struct Placed<'a> {
    n: usize,
    #[serde(flatten)]
    key: &'a Key,
}

#[derive(sqlx::FromRow)]
struct Found<T> {
    n: i64,
    #[sqlx(flatten)]
    row: T,
}

#[derive(sqlx::FromRow)]
struct ConsentRow {
    scope: Scope,
}

/// Declares the kinds of look-ups: what is asked, where it waits, what is found and how. The statements take one JSON
/// array of keys `j` and answer with their places.
macro_rules! kinds {
    ($($ask:ident $waiting:ident: $row:ty = $sql:ident $columns:literal $from:literal;)*) => {
        $(const $sql: Sql<1> = Sql::tenant(
            concat!(
                "SELECT j.n, ", $columns, " FROM (SELECT key AS n, value ->> 'tenant_id' AS tenant_id, \
                value ->> 'id' AS id, value ->> 'of' AS of FROM json_each($1)) j ", $from
            ),
            concat!(
                "SELECT j.n, ", $columns, " FROM jsonb_to_recordset(CAST($1 AS jsonb)) \
                AS j(n bigint, tenant_id text, id text, of text) ", $from
            ),
        );)*

        #[cfg(test)]
        pub(super) const STATEMENTS: &[super::sql::Text] = &[$($sql.text(stringify!($sql))),*];

        enum Ask {
            $($ask(Waiting<$row>),)*
        }

        #[derive(Default)]
        struct Asks {
            $($waiting: Vec<Waiting<$row>>,)*
        }

        impl Asks {
            fn take(&mut self, ask: Ask) {
                match ask {
                    $(Ask::$ask(waiting) => self.$waiting.push(waiting),)*
                }
            }

            async fn answer(&mut self, own: &mut Own) {
                $(answer(own, $sql, std::mem::take(&mut self.$waiting)).await;)*
            }
        }
    };
}

kinds! {
    Code codes: CodeRow = CODES
        "g.tenant_id, g.id, g.client_id, g.user_id, g.session_id, g.scope, g.context, g.created_at, g.expires_at, \
            g.revoked_at, g.organization_id, c.request, c.expires_at AS code_expires_at, c.used_at, u.status AS user_status, \
            u.role AS user_role, s.ended_at AS session_ended_at"
        "JOIN authorization_codes c ON c.tenant_id = j.tenant_id AND c.digest = j.id
            JOIN grants g ON g.tenant_id = c.tenant_id AND g.id = c.grant_id
            LEFT JOIN users u ON u.tenant_id = g.tenant_id AND u.id = g.user_id
            LEFT JOIN sessions s ON s.tenant_id = g.tenant_id AND s.id = g.session_id";
    Refresh refresh: RefreshRow = REFRESH
        "g.tenant_id, g.id, g.client_id, g.user_id, g.session_id, g.scope, g.context, g.created_at, g.expires_at, \
            g.revoked_at, g.organization_id, r.created_at AS token_created_at, r.expires_at AS token_expires_at, r.used_at, \
            u.status AS user_status, u.role AS user_role, s.ended_at AS session_ended_at"
        "JOIN refresh_tokens r ON r.tenant_id = j.tenant_id AND r.digest = j.id
            JOIN grants g ON g.tenant_id = r.tenant_id AND g.id = r.grant_id
            LEFT JOIN users u ON u.tenant_id = g.tenant_id AND u.id = g.user_id
            LEFT JOIN sessions s ON s.tenant_id = g.tenant_id AND s.id = g.session_id";
    Browser browsers: BrowserRow = BROWSERS
        "b.data, b.expires_at, s.id AS session_id, s.auth_time, s.amr, s.acr, s.ip, s.user_agent, \
            s.created_at AS session_created_at, s.last_seen_at, s.expires_at AS session_expires_at, s.ended_at, \
            s.remembered, u.tenant_id, u.id, u.email, u.email_verified, u.username, u.status, u.role, u.profile, \
            u.created_at, u.updated_at, u.last_login_at, u.user_metadata, u.app_metadata, u.deletion_protected, \
            CAST(CASE WHEN p.user_id IS NULL THEN 0 ELSE 1 END AS BIGINT) AS has_password"
        "JOIN browser_sessions b ON b.tenant_id = j.tenant_id AND b.digest = j.id
            LEFT JOIN sessions s ON s.tenant_id = b.tenant_id AND s.id = b.session_id
            LEFT JOIN users u ON u.tenant_id = s.tenant_id AND u.id = s.user_id AND u.status <> 'deleted'
            LEFT JOIN passwords p ON p.tenant_id = u.tenant_id AND p.user_id = u.id";
    Session sessions: WithPerson = SESSIONS
        "s.id AS session_id, s.auth_time, s.amr, s.acr, s.ip, s.user_agent, \
            s.created_at AS session_created_at, s.last_seen_at, s.expires_at AS session_expires_at, s.ended_at, \
            s.remembered, u.tenant_id, u.id, u.email, u.email_verified, u.username, u.status, u.role, u.profile, \
            u.created_at, u.updated_at, u.last_login_at, u.user_metadata, u.app_metadata, u.deletion_protected, \
            CAST(CASE WHEN p.user_id IS NULL THEN 0 ELSE 1 END AS BIGINT) AS has_password"
        "JOIN sessions s ON s.tenant_id = j.tenant_id AND s.id = j.id
            JOIN users u ON u.tenant_id = s.tenant_id AND u.id = s.user_id AND u.status <> 'deleted'
            LEFT JOIN passwords p ON p.tenant_id = u.tenant_id AND p.user_id = u.id";
    User users: User = USERS
        "u.tenant_id, u.id, u.email, u.email_verified, u.username, u.status, u.role, u.profile, u.created_at, \
            u.updated_at, u.last_login_at"
        "JOIN users u ON u.tenant_id = j.tenant_id AND u.id = j.id AND u.status <> 'deleted'";
    Consent consents: ConsentRow = CONSENTS
        "c.scope"
        "JOIN consents c ON c.tenant_id = j.tenant_id AND c.user_id = j.id AND c.client_id = j.of";
}

/// A handle to the reader's task, which ends when the last handle is dropped.
#[derive(Clone, Debug)]
pub struct Reader {
    asks: mpsc::Sender<Ask>,
}

impl Reader {
    /// Starts the reader.
    #[must_use]
    pub fn start(db: Db) -> Self {
        let (asks, waiting) = mpsc::channel(4 * MOST);
        tokio::spawn(serve(Own::new(db), waiting));
        Self { asks }
    }

    /// The code of this digest with its grant, used and expired ones included.
    ///
    /// # Errors
    /// The database failed; so for all look-ups.
    pub async fn code(&self, tenant: &TenantId, digest: &Digest) -> Result<Option<CodeRow>, ReadError> {
        self.ask(Ask::Code, tenant, digest.as_str(), None).await
    }

    /// The refresh token of this digest with its grant, used and expired ones included.
    ///
    /// # Errors
    /// The database failed.
    pub async fn refresh_token(&self, tenant: &TenantId, digest: &Digest) -> Result<Option<RefreshRow>, ReadError> {
        self.ask(Ask::Refresh, tenant, digest.as_str(), None).await
    }

    /// A browser's data and sign-in, forgotten ones included that have not been swept away.
    ///
    /// # Errors
    /// The database failed.
    pub async fn browser(&self, tenant: &TenantId, digest: &Digest) -> Result<Option<BrowserRow>, ReadError> {
        self.ask(Ask::Browser, tenant, digest.as_str(), None).await
    }

    /// The session of this id with its person, ended and expired ones included.
    ///
    /// # Errors
    /// The database failed.
    pub async fn session(&self, tenant: &TenantId, id: &SessionId) -> Result<Option<WithPerson>, ReadError> {
        self.ask(Ask::Session, tenant, id.as_str(), None).await
    }

    /// The person of this id, suspended ones included.
    ///
    /// # Errors
    /// The database failed.
    pub async fn user(&self, tenant: &TenantId, id: &UserId) -> Result<Option<User>, ReadError> {
        self.ask(Ask::User, tenant, id.as_str(), None).await
    }

    /// What the person has allowed this client so far.
    ///
    /// # Errors
    /// The database failed.
    pub async fn consent(
        &self,
        tenant: &TenantId,
        user: &UserId,
        client: &ClientId,
    ) -> Result<Option<Scope>, ReadError> {
        let found = self.ask(Ask::Consent, tenant, user.as_str(), Some(client.as_str())).await?;
        Ok(found.map(|row| row.scope))
    }

    async fn ask<R>(
        &self,
        kind: fn(Waiting<R>) -> Ask,
        tenant: &TenantId,
        id: &str,
        of: Option<&str>,
    ) -> Result<Option<R>, ReadError> {
        let stopped = || ReadError("the reader has stopped".to_owned());
        let (answer, found) = oneshot::channel();
        let key = Key { tenant_id: tenant.clone(), id: id.to_owned(), of: of.map(str::to_owned) };
        self.asks.send(kind(Waiting { key, answer })).await.map_err(|_| stopped())?;
        found.await.map_err(|_| stopped())?
    }
}

async fn serve(mut own: Own, mut waiting: mpsc::Receiver<Ask>) {
    let (mut asked, mut asks) = (Vec::with_capacity(MOST), Asks::default());
    while waiting.recv_many(&mut asked, MOST).await > 0 {
        asked.drain(..).for_each(|ask| asks.take(ask));
        asks.answer(&mut own).await;
    }
}

/// Answers all of one kind. When they cannot be answered together, each is tried by itself, so that a row that cannot
/// be read spoils no other look-up.
async fn answer<R: Record>(own: &mut Own, sql: Sql<1>, waiting: Vec<Waiting<R>>) {
    if waiting.is_empty() {
        return;
    }
    let (keys, answers): (Vec<_>, Vec<_>) = waiting.into_iter().map(|one| (one.key, one.answer)).unzip();
    let found = match look_up(own, sql, &keys).await {
        Ok(found) => found.into_iter().map(Ok).collect(),
        Err(error) if keys.len() == 1 || is_away(&error) => {
            let told = ReadError(error.to_string());
            for answer in answers {
                drop(answer.send(Err(told.clone())));
            }
            return;
        }
        Err(_) => {
            let mut found = Vec::with_capacity(keys.len());
            for key in &keys {
                found.push(
                    look_up(own, sql, std::slice::from_ref(key)).await.map(|found| found.into_iter().next().flatten()),
                );
            }
            found
        }
    };
    for (answer, found) in answers.into_iter().zip(found) {
        drop(answer.send(found.map_err(|error| ReadError(error.to_string()))));
    }
}

/// What is found of each key, in the order of the keys.
async fn look_up<R: Record>(own: &mut Own, sql: Sql<1>, keys: &[Key]) -> sqlx::Result<Vec<Option<R>>> {
    let placed: Vec<_> = keys.iter().enumerate().map(|(n, key)| Placed { n, key }).collect();
    let json = serde_json::to_string(&placed).map_err(|error| sqlx::Error::Encode(error.into()))?;
    let rows: Vec<Found<R>> = own.all(sql, (json,)).await?;
    let mut found: Vec<Option<R>> = keys.iter().map(|_| None).collect();
    for Found { n, row } in rows {
        if let Some(place) = usize::try_from(n).ok().and_then(|n| found.get_mut(n)) {
            *place = Some(row);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests;

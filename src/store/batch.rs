//! How writes that wait together are committed together: on SQLite as one transaction with a statement per kind of
//! row, on PostgreSQL, where each statement is a journey, by one statement that does it all.

use std::collections::{BTreeMap, HashSet};

use serde::Serialize;

use super::db::{Db, Run as _, Tx};
use super::grants::Grant;
use super::own::Own;
use super::sql::sql;
use super::writer::{SpendKind, Write};
use crate::base::{TenantId, Timestamp};

// Each parameter is one JSON array of rows; an index-friendly join finds the rows to spend. `n` is the place of a row's
// write in the batch. PostgreSQL's rows are locked in the order of their digests, so that two nodes cannot wait for each
// other; a row goes with a token (`n` is not null) only if that token was spent by this statement.
sql! {
    sqlite SPEND_CODES(1) = "UPDATE authorization_codes SET used_at = j.value ->> 'now' FROM json_each($1) j
        WHERE authorization_codes.tenant_id = j.value ->> 'tenant_id'
            AND authorization_codes.digest = j.value ->> 'digest'
            AND used_at IS NULL AND expires_at > (j.value ->> 'now')
        RETURNING authorization_codes.tenant_id, authorization_codes.digest";
    sqlite SPEND_REFRESH(1) = "UPDATE refresh_tokens SET used_at = j.value ->> 'now' FROM json_each($1) j
        WHERE refresh_tokens.tenant_id = j.value ->> 'tenant_id'
            AND refresh_tokens.digest = j.value ->> 'digest'
            AND used_at IS NULL AND expires_at > (j.value ->> 'now')
        RETURNING refresh_tokens.tenant_id, refresh_tokens.digest";
    sqlite INSERT_GRANTS(1) = "INSERT INTO grants (tenant_id, id, client_id, user_id, session_id, scope, context,
            created_at, expires_at, organization_id)
        SELECT value ->> 'tenant_id', value ->> 'id', value ->> 'client_id', value ->> 'user_id',
            value ->> 'session_id', value ->> 'scope', value ->> 'context_text', value ->> 'created_at',
            value ->> 'expires_at', value ->> 'organization_id' FROM json_each($1)";
    sqlite INSERT_CODES(1) = "INSERT INTO authorization_codes (tenant_id, digest, grant_id, request, expires_at)
        SELECT value ->> 'tenant_id', value ->> 'digest', value ->> 'grant_id', value ->> 'request',
            value ->> 'expires_at' FROM json_each($1)";
    sqlite INSERT_REFRESH(1) = "INSERT INTO refresh_tokens (tenant_id, digest, grant_id, created_at, expires_at)
        SELECT value ->> 'tenant_id', value ->> 'digest', value ->> 'grant_id', value ->> 'created_at',
            value ->> 'expires_at' FROM json_each($1)";
    sqlite INSERT_ACCESS(1) = "INSERT INTO access_tokens (tenant_id, digest, claims, expires_at)
        SELECT value ->> 'tenant_id', value ->> 'digest', value ->> 'claims', value ->> 'expires_at'
        FROM json_each($1)";
    postgres COMMIT(6) = "WITH spent_codes AS (
            UPDATE authorization_codes c SET used_at = j.now
            FROM jsonb_to_recordset(CAST($1 AS jsonb)) AS j(n bigint, tenant_id text, digest text, now bigint)
            WHERE c.tenant_id = j.tenant_id AND c.digest = j.digest AND c.used_at IS NULL AND c.expires_at > j.now
            RETURNING j.n
        ), spent_refresh AS (
            UPDATE refresh_tokens r SET used_at = j.now
            FROM jsonb_to_recordset(CAST($2 AS jsonb)) AS j(n bigint, tenant_id text, digest text, now bigint)
            WHERE r.tenant_id = j.tenant_id AND r.digest = j.digest AND r.used_at IS NULL AND r.expires_at > j.now
            RETURNING j.n
        ), spent AS (
            SELECT n FROM spent_codes UNION ALL SELECT n FROM spent_refresh
        ), new_grants AS (
            INSERT INTO grants (tenant_id, id, client_id, user_id, session_id, scope, context, created_at, expires_at,
                organization_id)
            SELECT tenant_id, id, client_id, user_id, session_id, scope, context_text, created_at, expires_at,
                organization_id
            FROM jsonb_to_recordset(CAST($3 AS jsonb)) AS j(n bigint, tenant_id text, id text, client_id text,
                user_id text, session_id text, scope text, context_text text, created_at bigint, expires_at bigint,
                organization_id text)
            WHERE n IS NULL OR n IN (SELECT n FROM spent)
        ), new_codes AS (
            INSERT INTO authorization_codes (tenant_id, digest, grant_id, request, expires_at)
            SELECT tenant_id, digest, grant_id, request, expires_at
            FROM jsonb_to_recordset(CAST($4 AS jsonb)) AS j(n bigint, tenant_id text, digest text, grant_id text,
                request text, expires_at bigint)
            WHERE n IS NULL OR n IN (SELECT n FROM spent)
        ), new_refresh AS (
            INSERT INTO refresh_tokens (tenant_id, digest, grant_id, created_at, expires_at)
            SELECT tenant_id, digest, grant_id, created_at, expires_at
            FROM jsonb_to_recordset(CAST($5 AS jsonb)) AS j(n bigint, tenant_id text, digest text, grant_id text,
                created_at bigint, expires_at bigint)
            WHERE n IS NULL OR n IN (SELECT n FROM spent)
        ), new_access AS (
            INSERT INTO access_tokens (tenant_id, digest, claims, expires_at)
            SELECT tenant_id, digest, claims, expires_at
            FROM jsonb_to_recordset(CAST($6 AS jsonb)) AS j(n bigint, tenant_id text, digest text, claims text,
                expires_at bigint)
            WHERE n IS NULL OR n IN (SELECT n FROM spent)
        ) SELECT n FROM spent";
}

/// Commits batches, one after the other.
#[derive(Debug)]
pub(super) struct Batches {
    db: Db,
    own: Own,
}

/// A row of a batch.
#[derive(Serialize)]
struct Item<T> {
    n: Option<usize>,
    #[serde(flatten)]
    row: T,
}

/// A token to spend, as the statements read it.
#[derive(Serialize)]
struct SpendItem<'a> {
    tenant_id: &'a TenantId,
    digest: &'a str,
    now: Timestamp,
}

/// A grant as the statements read it.
#[derive(Serialize)]
struct GrantItem<'a> {
    #[serde(flatten)]
    grant: &'a Grant,
    context_text: String,
}

impl Batches {
    pub(super) fn new(db: Db) -> Self {
        Self { own: Own::new(db.clone()), db }
    }

    /// Makes all of them true at once; tells for each whether its token was there to be spent, without which nothing of
    /// it is written. Of two writes with the same token the first wins.
    ///
    /// # Errors
    /// The database failed. Nothing of them is true unless a lost connection hid that it is.
    pub(super) async fn commit(&mut self, writes: &[Write]) -> sqlx::Result<Vec<bool>> {
        match &self.db {
            Db::Sqlite { .. } => {
                let mut tx = self.db.begin().await?;
                let outcomes = in_turn(&mut tx, writes).await?;
                tx.commit().await?;
                Ok(outcomes)
            }
            Db::Postgres(_) => {
                let (codes, refresh) = (spends(writes, SpendKind::Code)?, spends(writes, SpendKind::Refresh)?);
                let [grants, new_codes, new_refresh, access] = rows(writes, |_| true)?;
                let values = (codes, refresh, grants, new_codes, new_refresh, access);
                let spent: Vec<(i64,)> = self.own.all(COMMIT, values).await?;
                let spent: HashSet<usize> = spent.iter().filter_map(|(n,)| usize::try_from(*n).ok()).collect();
                Ok(writes.iter().enumerate().map(|(n, write)| write.spend.is_none() || spent.contains(&n)).collect())
            }
        }
    }
}

/// One statement after the other.
async fn in_turn(tx: &mut Tx, writes: &[Write]) -> sqlx::Result<Vec<bool>> {
    let mut spent: HashSet<(SpendKind, String, String)> = HashSet::new();
    for (kind, sql) in [(SpendKind::Code, SPEND_CODES), (SpendKind::Refresh, SPEND_REFRESH)] {
        let items = spends(writes, kind)?;
        if items != NONE {
            let rows: Vec<(String, String)> = tx.all(sql, (items,)).await?;
            spent.extend(rows.into_iter().map(|(tenant, digest)| (kind, tenant, digest)));
        }
    }
    let mut won = |write: &Write| {
        write.spend.as_ref().is_none_or(|spend| {
            spent.remove(&(spend.kind, spend.tenant_id.to_string(), spend.digest.as_str().to_owned()))
        })
    };
    let outcomes: Vec<bool> = writes.iter().map(&mut won).collect();
    let statements = [INSERT_GRANTS, INSERT_CODES, INSERT_REFRESH, INSERT_ACCESS];
    for (sql, rows) in statements.into_iter().zip(rows(writes, |n| outcomes.get(n) == Some(&true))?) {
        if rows != NONE {
            tx.execute(sql, (rows,)).await?;
        }
    }
    Ok(outcomes)
}

/// An array of nothing.
const NONE: &str = "[]";

/// The tokens of a kind that are to be spent, each once, in the order of their digests.
fn spends(writes: &[Write], kind: SpendKind) -> sqlx::Result<String> {
    let mut items: BTreeMap<(&str, &str), Item<SpendItem<'_>>> = BTreeMap::new();
    for (n, spend) in writes.iter().enumerate().filter_map(|(n, write)| Some((n, write.spend.as_ref()?))) {
        if spend.kind == kind {
            let row = SpendItem { tenant_id: &spend.tenant_id, digest: spend.digest.as_str(), now: spend.now };
            items.entry((row.digest, spend.tenant_id.as_str())).or_insert(Item { n: Some(n), row });
        }
    }
    to_json(&items.values().collect::<Vec<_>>())
}

/// The new rows of those writes that may go on: grants, codes, refresh tokens, access tokens.
fn rows(writes: &[Write], goes_on: impl Fn(usize) -> bool) -> sqlx::Result<[String; 4]> {
    let places = || writes.iter().enumerate().filter(|(n, _)| goes_on(*n));
    let n = |n: usize, write: &Write| write.spend.is_some().then_some(n);
    let mut grants = Vec::new();
    for (place, write) in places() {
        if let Some(grant) = &write.grant {
            let row = GrantItem { grant, context_text: to_json(&grant.context.0)? };
            grants.push(Item { n: n(place, write), row });
        }
    }
    let codes = places().filter_map(|(place, write)| Some(Item { n: n(place, write), row: write.code.as_ref()? }));
    let refresh = places().filter_map(|(place, write)| Some(Item { n: n(place, write), row: write.refresh.as_ref()? }));
    let access = places().filter_map(|(place, write)| Some(Item { n: n(place, write), row: write.access.as_ref()? }));
    Ok([
        to_json(&grants)?,
        to_json(&codes.collect::<Vec<_>>())?,
        to_json(&refresh.collect::<Vec<_>>())?,
        to_json(&access.collect::<Vec<_>>())?,
    ])
}

fn to_json(value: &impl Serialize) -> sqlx::Result<String> {
    serde_json::to_string(value).map_err(|error| sqlx::Error::Encode(error.into()))
}

#[cfg(test)]
mod tests;

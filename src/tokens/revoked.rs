//! What is revoked, in memory, so that a JWT can be refused without asking the database (W-051). Every node follows
//! the table, a second behind at most; what is revoked here is known here at once. When the set cannot tell, because
//! the table could not be read for a while or is too large, it says so, and the database is asked.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock, Weak};
use std::time::Duration;

use super::LiveToken;
use crate::base::{Clock, Fault, Seconds, TenantId, Timestamp};
use crate::store::Db;
use crate::store::grants::{self, Revocation, RevocationKind};

/// How often the table is read.
const EVERY: Duration = Duration::from_secs(1);
/// How far back each reading goes, for transactions that took their time and clocks that differ.
const OVERLAP: Seconds = Seconds(30);
/// For how long the set is trusted without a reading.
const TRUSTED: Seconds = Seconds(60);
/// Most revocations kept, some hundred bytes each.
const MOST: usize = 200_000;

/// What the set knows of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is revoked.
    Revoked,
    /// It is not.
    Alive,
    /// The set is not complete.
    Unknown,
}

#[derive(Clone, Copy, Debug)]
struct Mark {
    revoked_at: Timestamp,
    expires_at: Timestamp,
}

type Marks = HashMap<RevocationKind, HashMap<String, Mark>>;

#[derive(Debug, Default)]
struct Set {
    tenants: HashMap<TenantId, Marks>,
    size: usize,
    overflowed: bool,
    read_at: Timestamp,
}

/// The set, shared by all who ask.
#[derive(Debug, Default)]
pub(super) struct Revoked(RwLock<Set>);

/// Whether a revocation of one of the token's names ends it. A person's later tokens are new, as a tenant's are; what is said of a
/// token, grant or session holds for good, but a session takes no `offline_access` with it (OIDC Back-Channel Logout
/// §2.7).
pub(super) fn concerns(kind: RevocationKind, revoked_at: Timestamp, token: &LiveToken) -> bool {
    match kind {
        RevocationKind::Token | RevocationKind::Grant => true,
        RevocationKind::Session => !token.scope().contains("offline_access"),
        RevocationKind::User | RevocationKind::Tenant => token.issued_at() <= revoked_at,
    }
}

impl Revoked {
    /// Reads the table, and goes on reading it for as long as anybody holds the set.
    ///
    /// # Errors
    /// The database failed.
    pub(super) async fn follow(db: Db, clock: Clock) -> Result<Arc<Self>, Fault> {
        let revoked = Arc::new(Self::default());
        revoked.read(&db, &clock, Timestamp(0)).await?;
        tokio::spawn(keep_reading(Arc::downgrade(&revoked), db, clock));
        Ok(revoked)
    }

    pub(super) async fn read(&self, db: &Db, clock: &Clock, since: Timestamp) -> Result<(), Fault> {
        let now = clock.now();
        let found = grants::revoked_since(db, since, now).await?;
        let mut set = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if since == Timestamp(0) {
            *set = Set::default();
        }
        set.forget(now);
        for revocation in found {
            set.add(revocation);
        }
        set.read_at = now;
        Ok(())
    }

    /// Adds what has just been committed here.
    pub(super) fn add(&self, revocation: Revocation) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).add(revocation);
    }

    /// Whether the token is in it.
    pub(super) fn verdict(&self, tenant: &TenantId, token: &LiveToken, now: Timestamp) -> Verdict {
        let set = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if set.tenants.get(tenant).is_some_and(|marks| is_marked(marks, tenant, token)) {
            return Verdict::Revoked;
        }
        let complete = !set.overflowed && now.since(set.read_at) <= TRUSTED;
        if complete { Verdict::Alive } else { Verdict::Unknown }
    }

    /// Where the next reading begins: at the beginning, when the set was too large and no longer is.
    pub(super) fn next(&self, now: Timestamp) -> Timestamp {
        let mut set = self.0.write().unwrap_or_else(PoisonError::into_inner);
        set.forget(now);
        if set.overflowed && set.size < MOST / 2 { Timestamp(0) } else { set.read_at.minus(OVERLAP) }
    }
}

async fn keep_reading(revoked: Weak<Revoked>, db: Db, clock: Clock) {
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let Some(revoked) = revoked.upgrade() else { return };
        let since = revoked.next(clock.now());
        if revoked.read(&db, &clock, since).await.is_err() {
            tracing::warn!("the revocations cannot be read; the database is asked about each token in a minute");
        }
    }
}

fn is_marked(marks: &Marks, tenant: &TenantId, token: &LiveToken) -> bool {
    let names = token.names();
    [
        (RevocationKind::Token, names.token),
        (RevocationKind::Grant, names.grant),
        (RevocationKind::Session, names.session),
        (RevocationKind::User, names.user),
        (RevocationKind::Tenant, Some(tenant.as_str())),
    ]
    .into_iter()
    .any(|(kind, name)| {
        let mark = name.and_then(|name| marks.get(&kind)?.get(name));
        mark.is_some_and(|mark| concerns(kind, mark.revoked_at, token))
    })
}

impl Set {
    fn add(&mut self, revocation: Revocation) {
        let Revocation { tenant_id, kind, id, revoked_at, expires_at } = revocation;
        let marks = self.tenants.entry(tenant_id).or_default().entry(kind).or_default();
        if !marks.contains_key(&id) {
            if self.size == MOST {
                self.overflowed = true;
                return;
            }
            self.size += 1;
        }
        let mark = marks.entry(id).or_insert(Mark { revoked_at, expires_at });
        mark.revoked_at = mark.revoked_at.max(revoked_at);
        mark.expires_at = mark.expires_at.max(expires_at);
    }

    /// Drops what can concern nothing alive any more.
    fn forget(&mut self, now: Timestamp) {
        for kinds in self.tenants.values_mut() {
            for marks in kinds.values_mut() {
                marks.retain(|_, mark| mark.expires_at > now);
            }
            kinds.retain(|_, marks| !marks.is_empty());
        }
        self.tenants.retain(|_, kinds| !kinds.is_empty());
        self.size = self.tenants.values().flat_map(HashMap::values).map(HashMap::len).sum();
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::keys::Claims;
    use crate::tokens::Kind;

    const NOW: Timestamp = Timestamp(1_000);

    fn token() -> LiveToken {
        let claims = json!({
            "iss": "i", "sub": "u", "aud": "a", "iat": 900, "exp": 5_000, "jti": "j", "client_id": "c", "gid": "g",
        });
        LiveToken::read(Kind::Access, Claims(claims.as_object().unwrap().clone()), "i", NOW).unwrap()
    }

    fn revocation(tenant: &str, kind: RevocationKind, id: &str) -> Revocation {
        let (revoked_at, expires_at) = (NOW, NOW.plus(Seconds(100)));
        Revocation { tenant_id: TenantId::from(tenant), kind, id: id.to_owned(), revoked_at, expires_at }
    }

    fn fresh() -> Revoked {
        let revoked = Revoked::default();
        revoked.0.write().unwrap().read_at = NOW;
        revoked
    }

    fn verdict(revoked: &Revoked, now: Timestamp) -> Verdict {
        revoked.verdict(&TenantId::from("t"), &token(), now)
    }

    #[test]
    fn each_name_of_a_token_ends_it_in_its_tenant_alone() {
        for (kind, id) in [(RevocationKind::Token, "j"), (RevocationKind::Grant, "g"), (RevocationKind::User, "u")] {
            let revoked = fresh();
            revoked.add(revocation("other", kind, id));
            assert_eq!(verdict(&revoked, NOW), Verdict::Alive, "x2");
            revoked.add(revocation("t", kind, id));
            assert_eq!(verdict(&revoked, NOW), Verdict::Revoked);
        }
    }

    #[test]
    fn the_end_of_a_tenant_ends_what_was_issued_until_then_and_nothing_later() {
        let revoked = fresh();
        let mut end = revocation("t", RevocationKind::Tenant, "t");
        end.revoked_at = Timestamp(899);
        revoked.add(end.clone());
        assert_eq!(verdict(&revoked, NOW), Verdict::Alive, "it is new");
        end.revoked_at = Timestamp(900);
        revoked.add(end);
        assert_eq!(verdict(&revoked, NOW), Verdict::Revoked);
    }

    #[test]
    fn a_set_that_was_not_read_for_a_while_says_so_but_knows_what_it_knows() {
        let revoked = fresh();
        assert_eq!(verdict(&revoked, NOW.plus(Seconds(61))), Verdict::Unknown);
        revoked.add(revocation("t", RevocationKind::Token, "j"));
        assert_eq!(verdict(&revoked, NOW.plus(Seconds(61))), Verdict::Revoked);
    }

    #[test]
    fn z1_the_set_is_bounded_says_so_and_recovers() {
        let revoked = fresh();
        for n in 0..=MOST {
            revoked.add(revocation("other", RevocationKind::Token, &n.to_string()));
        }
        assert_eq!(revoked.0.read().unwrap().size, MOST);
        assert_eq!(verdict(&revoked, NOW), Verdict::Unknown);
        assert_ne!(revoked.next(NOW), Timestamp(0), "still full");
        assert_eq!(revoked.next(NOW.plus(Seconds(100))), Timestamp(0), "what is over is dropped, all is read again");
        assert_eq!(revoked.0.read().unwrap().size, 0);
    }
}

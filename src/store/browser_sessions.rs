//! Where tower-sessions keeps what belongs to a browser: in Redis when there is one, else in the database. Kept under
//! the digest of the cookie, so that a copy of the store opens no session.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use redis::AsyncCommands as _;
use redis::aio::ConnectionManager;
use serde_json::Value;
use tower_sessions::SessionStore;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result};

use super::Db;
use super::reader::Reader;
use super::sessions::{self, BrowserData as Data, SIGN_IN, WithPerson};
use crate::base::{Clock, Digest, Seconds, SessionId, TenantId, Timestamp};

/// The member of a browser's data that says until when it is kept, where its person asked for that.
pub const KEPT_UNTIL: &str = "kept_until";

/// The place.
#[derive(Clone)]
pub enum Shelf {
    /// Table `browser_sessions`.
    Database(Db, Reader),
    /// Keys `chancery:browser:{tenant}:{digest}`.
    Redis(ConnectionManager),
}

impl fmt::Debug for Shelf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Database(..) => "Shelf::Database",
            Self::Redis(_) => "Shelf::Redis",
        })
    }
}

impl Shelf {
    /// Redis at this URL, or the database when it is empty.
    ///
    /// # Errors
    /// Redis does not answer.
    pub async fn open(redis_url: &str, db: Db, reader: Reader) -> redis::RedisResult<Self> {
        if redis_url.is_empty() {
            return Ok(Self::Database(db, reader));
        }
        Ok(Self::Redis(ConnectionManager::new(redis::Client::open(redis_url)?).await?))
    }

    /// Asks Redis at this URL whether it is there, once.
    ///
    /// # Errors
    /// It does not answer, or does not let us in.
    pub async fn redis_answers(redis_url: &str) -> redis::RedisResult<()> {
        let mut connection = redis::Client::open(redis_url)?.get_multiplexed_async_connection().await?;
        redis::cmd("PING").exec_async(&mut connection).await
    }
}

/// What a look-up of a browser found besides it, kept for whoever asks next in the same request.
#[derive(Clone, Debug, Default)]
pub struct FoundBeside(Arc<Mutex<Option<WithPerson>>>);

impl FoundBeside {
    /// This sign-in, if it was found. It is told once: whoever asks again wants to know how it is by then.
    #[must_use]
    pub fn take(&self, id: &SessionId) -> Option<WithPerson> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take().filter(|found| found.id() == id)
    }

    fn put(&self, found: Option<WithPerson>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = found;
    }
}

/// One tenant's browsers. A cookie of one tenant finds nothing at another (X2).
#[derive(Clone, Debug)]
pub struct BrowserSessions {
    /// The place.
    pub shelf: Shelf,
    /// The tenant.
    pub tenant: TenantId,
    /// What time it is.
    pub clock: Clock,
    /// How long a browser is remembered in which nobody has signed in.
    pub anonymous: Seconds,
    /// How long one is remembered in which somebody has.
    pub signed_in: Seconds,
    /// What is found besides a browser.
    pub beside: FoundBeside,
}

impl BrowserSessions {
    fn lifetime(&self, record: &Record) -> Seconds {
        let kept = record.data.get(KEPT_UNTIL).and_then(Value::as_i64);
        match kept.map(|until| Timestamp(until).since(self.clock.now())) {
            Some(left) => Seconds(left.0.max(1)),
            None if record.data.contains_key(SIGN_IN) => self.signed_in,
            None => self.anonymous,
        }
    }

    fn redis_key(&self, id: &Id) -> String {
        format!("chancery:browser:{}:{}", self.tenant, digest(id).as_str())
    }

    async fn put(&self, record: &Record, only_new: bool) -> Result<bool> {
        let lifetime = self.lifetime(record);
        match &self.shelf {
            Shelf::Database(db, _) => {
                let (digest, ends) = (digest(&record.id), self.clock.now().plus(lifetime));
                let data = record.data.clone();
                if only_new {
                    return sessions::create_browser(db, &self.tenant, &digest, data, ends).await.map_err(failed);
                }
                sessions::save_browser(db, &self.tenant, &digest, data, ends).await.map_err(failed)?;
                Ok(true)
            }
            Shelf::Redis(redis) => {
                let text = serde_json::to_string(&record.data).map_err(|error| Error::Encode(error.to_string()))?;
                let ends = redis::SetExpiry::EX(lifetime.0.max(1).unsigned_abs());
                let mut options = redis::SetOptions::default().with_expiration(ends);
                if only_new {
                    options = options.conditional_set(redis::ExistenceCheck::NX);
                }
                let key = self.redis_key(&record.id);
                let done: Option<String> = redis.clone().set_options(key, text, options).await.map_err(failed)?;
                Ok(done.is_some())
            }
        }
    }
}

#[async_trait]
impl SessionStore for BrowserSessions {
    async fn create(&self, record: &mut Record) -> Result<()> {
        while !self.put(record, true).await? {
            record.id = Id::default();
        }
        Ok(())
    }

    async fn save(&self, record: &Record) -> Result<()> {
        self.put(record, false).await.map(drop)
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let data: Option<Data> = match &self.shelf {
            Shelf::Database(_, reader) => {
                let row = reader.browser(&self.tenant, &digest(id)).await.map_err(failed)?;
                row.filter(|row| row.expires_at > self.clock.now()).map(|row| {
                    self.beside.put(row.sign_in.0);
                    row.data.0
                })
            }
            Shelf::Redis(redis) => {
                let text: Option<String> = redis.clone().get(self.redis_key(id)).await.map_err(failed)?;
                text.and_then(|text| serde_json::from_str(&text).ok())
            }
        };
        let ends = time::OffsetDateTime::from_unix_timestamp(self.clock.now().plus(self.signed_in).0);
        Ok(data.map(|data| Record { id: *id, data, expiry_date: ends.unwrap_or(time::OffsetDateTime::UNIX_EPOCH) }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        match &self.shelf {
            Shelf::Database(db, _) => sessions::delete_browser(db, &self.tenant, &digest(id)).await.map_err(failed),
            Shelf::Redis(redis) => redis.clone().del(self.redis_key(id)).await.map_err(failed),
        }
    }
}

fn digest(id: &Id) -> Digest {
    Digest::of(id.to_string().as_bytes())
}

fn failed(error: impl fmt::Display) -> Error {
    Error::Backend(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{databases, tenant};

    async fn shelves() -> Vec<(Db, Shelf)> {
        let mut shelves = Vec::new();
        for db in databases().await {
            shelves.push((db.clone(), Shelf::Database(db.clone(), Reader::start(db))));
        }
        #[expect(clippy::disallowed_methods, reason = "a switch of the tests is not configuration")]
        if let (Ok(url), Some((db, _))) = (std::env::var("TEST_REDIS"), shelves.first().cloned()) {
            shelves.push((db.clone(), Shelf::open(&url, db.clone(), Reader::start(db)).await.unwrap()));
        }
        shelves
    }

    fn record(member: &str) -> Record {
        let data = Data::from([(member.to_owned(), Value::from("value"))]);
        Record { id: Id::default(), data, expiry_date: time::OffsetDateTime::UNIX_EPOCH }
    }

    #[tokio::test]
    async fn what_is_saved_is_found_by_the_same_tenant_only_and_until_deleted() {
        for (number, (db, shelf)) in shelves().await.into_iter().enumerate() {
            let clock = Clock::fixed(Timestamp(1_000));
            let (one, two) = (tenant(&db, &format!("one-{number}")).await, tenant(&db, &format!("two-{number}")).await);
            let store = |tenant| BrowserSessions {
                shelf: shelf.clone(),
                tenant,
                clock: clock.clone(),
                anonymous: Seconds(60),
                signed_in: Seconds(600),
                beside: FoundBeside::default(),
            };
            let (one, two) = (store(one), store(two));
            let mut kept = record(SIGN_IN);
            one.create(&mut kept).await.unwrap();
            assert_eq!(one.load(&kept.id).await.unwrap().unwrap().data, kept.data, "{shelf:?}");
            assert!(two.load(&kept.id).await.unwrap().is_none(), "X2: another tenant found it in {shelf:?}");
            let mut clash = Record { data: Data::new(), ..kept.clone() };
            one.create(&mut clash).await.unwrap();
            assert_ne!(clash.id, kept.id, "a new browser never takes over another's data");
            one.delete(&kept.id).await.unwrap();
            assert!(one.load(&kept.id).await.unwrap().is_none());
        }
    }

    #[tokio::test]
    async fn a_browser_without_a_sign_in_is_forgotten_sooner() {
        for db in databases().await {
            let clock = Clock::fixed(Timestamp(1_000));
            let store = BrowserSessions {
                shelf: Shelf::Database(db.clone(), Reader::start(db.clone())),
                tenant: tenant(&db, "demo").await,
                clock: clock.clone(),
                anonymous: Seconds(60),
                signed_in: Seconds(600),
                beside: FoundBeside::default(),
            };
            let mut kept = record(SIGN_IN);
            kept.data.insert(KEPT_UNTIL.to_owned(), 9_000.into());
            store.save(&kept).await.unwrap();
            let (anonymous, signed_in) = (record("csrf"), record(SIGN_IN));
            store.save(&anonymous).await.unwrap();
            store.save(&signed_in).await.unwrap();
            clock.advance(Seconds(61));
            assert!(store.load(&anonymous.id).await.unwrap().is_none());
            assert!(store.load(&signed_in.id).await.unwrap().is_some());
            clock.advance(Seconds(600));
            assert!(store.load(&signed_in.id).await.unwrap().is_none());
            assert!(store.load(&kept.id).await.unwrap().is_some(), "as long as its person asked for");
        }
    }
}

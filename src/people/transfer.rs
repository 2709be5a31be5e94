//! Everybody out, and many in: one JSON object per person, the same in both directions.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::trial::{Trial, keys};
use super::{People, metadata};
use crate::accounts::{Giver, Passwords, StoredHash, check_names};
use crate::base::{Actor, Code, Email, Refusal, Result, Stop, Timestamp, UserId};
use crate::store::audit::{self, Event};
use crate::store::people::{self, Described};
use crate::store::tenants::Tenant;
use crate::store::user_lists::{self, Whole};
use crate::store::users::{self as store, Profile, Role, User, UserStatus};
use crate::store::{Flag, Json, Tx};
use crate::tenants::{Counted, make_room_for};

/// Longest id that is kept.
const LONGEST_ID: usize = 64;

/// A person as they travel.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each member is the one of the same name of the person")]
#[expect(clippy::struct_excessive_bools, reason = "each is a member by the name that people write")]
pub struct Travelling {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Email>,
    #[serde(default)]
    pub email_verified: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    #[serde(default = "active")]
    pub status: UserStatus,
    #[serde(default = "user")]
    pub role: Role,
    #[serde(default)]
    pub profile: Profile,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub user_metadata: Map<String, Value>,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub app_metadata: Map<String, Value>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deletion_protected: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_hash: Option<String>,
    /// Whether whoever made a bcrypt hash refused passwords of more than 72 bytes, instead of cutting them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub password_never_cut: bool,
    /// Whether the person has to choose another password before they come in.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub password_must_change: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
}

impl Travelling {
    /// Somebody of whom only the id is known.
    #[must_use]
    pub fn of(id: &str) -> Self {
        Self {
            id: Some(id.to_owned()),
            email: None,
            email_verified: false,
            username: None,
            status: UserStatus::Active,
            role: Role::User,
            profile: Profile::default(),
            user_metadata: Map::new(),
            app_metadata: Map::new(),
            deletion_protected: false,
            password_hash: None,
            password_never_cut: false,
            password_must_change: false,
            created_at: None,
        }
    }
}

const fn active() -> UserStatus {
    UserStatus::Active
}

const fn user() -> Role {
    Role::User
}

/// What became of a person.
#[derive(Debug)]
pub enum Arrived {
    /// There is an account now, or would be.
    Created(UserId),
    /// There was one already, of this id or address; it stays as it is.
    Exists(UserId),
    /// Not taken.
    Refused(Refusal),
}

impl People {
    /// Takes people in, all of them together with their audit rows. What one line cannot be keeps no other out. In a
    /// trial nothing stays but what the trial remembers for its next part.
    ///
    /// # Errors
    /// The database failed; nobody of these was taken in.
    pub async fn take_in(
        &self,
        tenant: &Tenant,
        lines: Vec<Result<Travelling, Refusal>>,
        mut trial: Option<&mut Trial>,
        by: &Giver,
    ) -> Result<Vec<Arrived>> {
        let mut tx = self.db.begin().await?;
        let mut arrived = Vec::with_capacity(lines.len());
        let ahead = trial.as_deref().map_or(0, |trial| trial.active);
        for line in lines {
            let outcome = match line {
                Ok(line) => {
                    if let Some(met) = trial.as_deref().and_then(|trial| trial.meets(&line)) {
                        met
                    } else {
                        let keys = keys(&line);
                        let outcome = self.arrive(&mut tx, (tenant, ahead), line, by).await;
                        if let (Ok(Arrived::Created(id)), Some(trial)) = (&outcome, trial.as_deref_mut()) {
                            trial.note(keys, id);
                        }
                        outcome
                    }
                }
                Err(refusal) => Err(refusal.into()),
            };
            arrived.push(match outcome {
                Ok(arrived) => arrived,
                Err(Stop::Refused(refusal)) => Arrived::Refused(refusal),
                Err(failed) => return Err(failed),
            });
        }
        if trial.is_none() {
            tx.commit().await?;
        }
        Ok(arrived)
    }

    /// Takes one person in, in the caller's transaction and with an audit row.
    ///
    /// # Errors
    /// It cannot be that person, or the id, address or user name is another account's.
    pub async fn take_in_one(&self, tx: &mut Tx, tenant: &Tenant, line: Travelling, by: &Giver) -> Result<Arrived> {
        self.arrive(tx, (tenant, 0), line, by).await
    }

    /// Whether somebody could be taken in, were nobody here.
    ///
    /// # Errors
    /// It cannot be that person.
    pub fn check(&self, tenant: &Tenant, line: &Travelling) -> Result<()> {
        read(tenant, line.clone(), self.clock.now()).map(drop)
    }

    /// `ahead`: how many more there would be, had a trial kept them.
    async fn arrive(
        &self,
        tx: &mut Tx,
        (tenant, ahead): (&Tenant, u64),
        line: Travelling,
        by: &Giver,
    ) -> Result<Arrived> {
        let now = self.clock.now();
        by.check(line.role)?;
        let has_id = line.id.is_some();
        let (person, hash) = read(tenant, line, now)?;
        let user = &person.user;
        let room = match user.status {
            UserStatus::Active => make_room_for(&mut *tx, tenant, (Counted::Users, 1 + ahead), now).await,
            UserStatus::Suspended | UserStatus::Deleted => Ok(()),
        };
        if let Err(full) = room {
            return known(tx, tenant, user, has_id).await.map_err(|_| full);
        }
        if !store::insert(&mut *tx, user).await? {
            return known(tx, tenant, user, has_id).await;
        }
        if let Some(hash) = hash {
            store::set_password(&mut *tx, &tenant.id, &user.id, hash.as_str(), now).await?;
        }
        people::describe(tx, &person, now).await?;
        let event = Event::new(&tenant.id, now, "user.created").by(&by.actor.id).on(user.id.as_str());
        audit::record(tx, event.from(&by.actor.origin).detail(json!({ "imported": true }))).await?;
        Ok(Arrived::Created(person.user.id))
    }

    /// Notes that everybody is taken elsewhere, before anybody is.
    ///
    /// # Errors
    /// The database failed.
    pub async fn note_export(&self, tenant: &Tenant, hashes: bool, by: &Actor) -> Result<()> {
        let event = Event::new(&tenant.id, self.clock.now(), "users.exported").by(&by.id).from(&by.origin);
        Ok(audit::record(&self.db, event.detail(json!({ "hashes": hashes }))).await?)
    }

    /// Up to `limit` people after this id, as they travel.
    ///
    /// # Errors
    /// The database failed.
    pub async fn everybody(
        &self,
        tenant: &Tenant,
        after: &UserId,
        hashes: bool,
        limit: i64,
    ) -> Result<Vec<Travelling>> {
        let found = user_lists::whole(&self.db, &tenant.id, after, limit).await?;
        Ok(found.into_iter().map(|whole| written(whole, hashes)).collect())
    }
}

/// An account that is there already, if it is this person's.
async fn known(tx: &mut Tx, tenant: &Tenant, user: &User, has_id: bool) -> Result<Arrived> {
    if store::by_id(&mut *tx, &tenant.id, &user.id).await?.is_some() {
        return Ok(Arrived::Exists(user.id.clone()));
    }
    let address = user.email.as_ref().filter(|_| !has_id).map(Email::as_str);
    if let Some(address) = address
        && let Some(found) = store::by_email(tx, &tenant.id, address).await?
    {
        return Ok(Arrived::Exists(found.id));
    }
    Err(taken())
}

pub(super) fn taken() -> Stop {
    Stop::refuse(Code::Conflict, "the id, the e-mail address or the user name is another account's")
}

fn read(tenant: &Tenant, line: Travelling, now: Timestamp) -> Result<(Described, Option<StoredHash>)> {
    let refuse = |sentence: &'static str| Stop::refuse(Code::Unprocessable, sentence);
    let plain = |id: &String| {
        (1..=LONGEST_ID).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
    };
    if line.id.as_ref().is_some_and(|id| !plain(id)) {
        return Err(refuse("an id has 1 to 64 characters of A-Z, a-z, 0-9, -, . and _"));
    }
    if line.status == UserStatus::Deleted {
        return Err(refuse("nobody arrives deleted"));
    }
    let created_at = match &line.created_at {
        Some(text) => Timestamp::of_rfc3339(text).filter(|at| *at <= now && at.0 >= 0),
        None => Some(now),
    };
    let hash = line.password_hash.as_deref().map(Passwords::accept_foreign).transpose()?;
    let hash = hash.map(|hash| if line.password_never_cut { hash.never_cut() } else { hash });
    let hash = hash.map(|hash| if line.password_must_change { hash.must_change() } else { hash });
    let user = User {
        tenant_id: tenant.id.clone(),
        id: line.id.map_or_else(UserId::generate, UserId::from),
        email: line.email,
        email_verified: Flag(line.email_verified),
        username: line.username,
        status: line.status,
        role: line.role,
        profile: Json(line.profile),
        created_at: created_at.ok_or_else(|| refuse("created_at is a time of RFC 3339 that is past"))?,
        updated_at: now,
        last_login_at: None,
    };
    check_names(&user)?;
    let person = Described {
        user,
        user_metadata: Json(metadata::first(&line.user_metadata)?),
        app_metadata: Json(metadata::first(&line.app_metadata)?),
        has_password: Flag(hash.is_some()),
        deletion_protected: Flag(line.deletion_protected),
    };
    Ok((person, hash))
}

fn written(whole: Whole, hashes: bool) -> Travelling {
    let Described { user, user_metadata, app_metadata, deletion_protected, .. } = whole.person;
    Travelling {
        id: Some(user.id.to_string()),
        email: user.email,
        email_verified: user.email_verified.0,
        username: user.username,
        status: user.status,
        role: user.role,
        profile: user.profile.0,
        user_metadata: user_metadata.0,
        app_metadata: app_metadata.0,
        deletion_protected: deletion_protected.0,
        password_hash: whole.hash.filter(|_| hashes),
        password_never_cut: false,
        password_must_change: false,
        created_at: Some(user.created_at.rfc3339()),
    }
}

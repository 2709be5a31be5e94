//! What becomes of a file: other words about it, its deletion, and its way back.

use serde_json::{Map, Value, json};

use super::describe::permitted;
use super::{Asker, Deed, Files, changed_meanwhile, denied, moment, not_found, whole};
use crate::base::{Actor, Code, FileId, Result, Seconds, Stop, TenantId};
use crate::store::archive_usage::{Amount, Ceiling};
use crate::store::files::{self as store, File, Visibility};
use crate::store::{Tx, archive_rules, audit, blobs};

/// Over which revision something is to be changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Match {
    /// Over any.
    Any,
    /// Over one of these.
    Revisions(Vec<i64>),
}

impl Match {
    /// Whether it is over this one.
    #[must_use]
    pub fn takes(&self, rev: i64) -> bool {
        match self {
            Self::Any => true,
            Self::Revisions(revisions) => revisions.contains(&rev),
        }
    }
}

/// What is to be said of a file from now on; what is absent stays.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// Another name.
    pub name: Option<String>,
    /// Another folder, or none.
    pub path: Option<Option<String>>,
    /// For somebody else.
    pub visibility: Option<Visibility>,
    /// Other metadata, as a merge patch (RFC 7396).
    pub metadata: Option<Map<String, Value>>,
    /// Whether all signed links shall lead nowhere.
    pub withdraw_links: bool,
}

impl Files {
    /// Says something else about a file.
    ///
    /// # Errors
    /// It is not there, has changed meanwhile, or the rules do not allow it.
    pub async fn change(&self, asker: &Asker, id: &FileId, given: &Match, changes: Changes) -> Result<File> {
        let mut file = self.find_for(Deed::Update, asker, id).await?;
        if !given.takes(file.rev) {
            return Err(changed_meanwhile());
        }
        if let Some(visibility) = changes.visibility {
            permitted(asker, visibility)?;
        }
        let changed = apply(&mut file, changes);
        file.updated = moment(self.clock.now());
        if !self.allowed(Deed::Update, asker, &file).await? {
            return Err(denied());
        }
        let mut tx = self.db.begin().await?;
        if !store::write(&mut tx, &file).await? {
            return Err(changed_meanwhile());
        }
        self.note(&mut tx, asker, "file.updated", &file, json!({ "fields": changed })).await?;
        tx.commit().await?;
        file.rev += 1;
        Ok(file)
    }

    /// Deletes a file. It can be restored for a while, unless it is to go at once.
    ///
    /// # Errors
    /// As [`Files::change`].
    pub async fn delete(&self, asker: &Asker, id: &FileId, given: &Match, at_once: bool) -> Result<()> {
        let file = self.find_for(Deed::Delete, asker, id).await?;
        if !given.takes(file.rev) {
            return Err(changed_meanwhile());
        }
        let now = self.clock.now();
        let kept = if at_once { 0 } else { self.settings.keep_deleted_days.saturating_mul(86_400) };
        let mut tx = self.db.begin().await?;
        if !store::bury(&mut tx, &file, now, now.plus(Seconds(kept))).await? {
            return Err(changed_meanwhile());
        }
        self.note(&mut tx, asker, "file.deleted", &file, json!({ "name": file.view.name })).await?;
        tx.commit().await?;
        if kept == 0 {
            self.purge_file(&asker.tenant, id).await?;
        }
        Ok(())
    }

    /// Brings a deleted file back.
    ///
    /// # Errors
    /// There is none that could come back.
    pub async fn restore(&self, asker: &Asker, id: &FileId) -> Result<File> {
        let (rules, now) = (self.rules(asker).await?, self.clock.now());
        rules.filter(Deed::Read, asker, now)?;
        let file = store::get(&self.db, &asker.tenant, id).await?.filter(|file| file.deleted_at.is_some());
        let file = file.ok_or_else(not_found)?;
        let seen = whole(&file);
        if !rules.allow(Deed::Read, asker, &seen, now)? {
            return Err(not_found());
        }
        if !rules.allow(Deed::Delete, asker, &seen, now)? {
            return Err(denied());
        }
        let mut tx = self.db.begin().await?;
        if !store::raise(&mut tx, &file, now).await? {
            return Err(not_found());
        }
        self.note(&mut tx, asker, "file.restored", &file, Value::Null).await?;
        tx.commit().await?;
        store::get(&self.db, &asker.tenant, id).await?.ok_or_else(not_found)
    }

    /// Replaces the tenant's rules.
    ///
    /// # Errors
    /// They say nothing in the language. `insufficient_user_authentication`: whoever lifts a step-up proves as much as it
    /// asks.
    pub async fn set_rules(&self, asker: &Asker, text: Value) -> Result<super::Rules> {
        self.rules(asker).await?.step_up.most().demand(asker.proven, self.clock.now())?;
        let mut tx = self.db.begin().await?;
        let rules = self.set_rules_in(&mut tx, &asker.tenant, text, &asker.by).await?;
        tx.commit().await?;
        Ok(rules)
    }

    /// Replaces the tenant's rules within the caller's transaction.
    ///
    /// # Errors
    /// They say nothing in the language.
    pub async fn set_rules_in(&self, tx: &mut Tx, tenant: &TenantId, text: Value, by: &Actor) -> Result<super::Rules> {
        let rules = super::Rules::parse(&text)?;
        let now = self.clock.now();
        archive_rules::put(&mut *tx, tenant, text, now).await?;
        let event = audit::Event::new(tenant, now, "archive.rules_changed").by(&by.id);
        audit::record(tx, event.from(&by.origin).detail(rules.shown())).await?;
        Ok(rules)
    }

    /// What somebody has, and with [`Asker::admin`] what the whole tenant has.
    ///
    /// # Errors
    /// The database failed.
    pub async fn usage(&self, asker: &Asker) -> Result<(Amount, Amount)> {
        let own = crate::store::archive_usage::get(&self.db, &asker.tenant, &asker.subject).await?;
        let all = crate::store::archive_usage::get(&self.db, &asker.tenant, "").await?;
        Ok((own, all))
    }

    /// What a whole tenant has.
    ///
    /// # Errors
    /// The database failed.
    pub async fn usage_of(&self, tenant: &TenantId) -> Result<Amount> {
        Ok(crate::store::archive_usage::get(&self.db, tenant, "").await?)
    }

    pub(super) async fn note(&self, tx: &mut Tx, asker: &Asker, what: &str, file: &File, detail: Value) -> Result<()> {
        let event = audit::Event::new(&asker.tenant, self.clock.now(), what).by(&asker.by.id).on(file.id.as_str());
        Ok(audit::record(tx, event.from(&asker.by.origin).detail(detail)).await?)
    }

    /// Removes a deleted file for good; its bytes go with the last file that is made of them.
    pub(super) async fn purge(&self, file: &File) -> Result<bool> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        // What takes up room comes first, as where files are made: two that meet wait in one order.
        let amount = Amount { files: 1, bytes: file.size }.less();
        let none = Ceiling::default();
        let given = crate::store::archive_usage::add(&mut tx, (&file.tenant_id, &file.owner), amount, (none, none));
        given.await?.map_err(|_| Stop::refuse(Code::ServerError, "giving back was refused"))?;
        if !store::erase(&mut tx, file).await? {
            return Ok(false);
        }
        let mut gone = self.forget_thumbnails(&mut tx, file).await?;
        if blobs::release(&mut tx, &file.tenant_id, &file.blob_id, now).await? {
            gone.push(file.blob_id.clone());
        }
        audit::record(&mut tx, audit::Event::new(&file.tenant_id, now, "file.purged").on(file.id.as_str())).await?;
        tx.commit().await?;
        self.discard_all(&file.tenant_id, &gone).await;
        Ok(true)
    }

    async fn purge_file(&self, tenant: &crate::base::TenantId, id: &FileId) -> Result<()> {
        match store::get(&self.db, tenant, id).await?.filter(|file| file.purge_at.is_some()) {
            Some(file) => self.purge(&file).await.map(drop),
            None => Ok(()),
        }
    }
}

/// Changes what is said; answers what that was.
fn apply(file: &mut File, changes: Changes) -> Vec<&'static str> {
    let mut changed = Vec::new();
    let view = &mut file.view.0;
    if let Some(name) = changes.name {
        view.name = name;
        changed.push("name");
    }
    if let Some(path) = changes.path {
        view.path = path;
        changed.push("path");
    }
    if let Some(visibility) = changes.visibility {
        view.visibility = visibility;
        changed.push("visibility");
    }
    if let Some(patch) = changes.metadata {
        merge(&mut view.metadata, patch);
        changed.push("metadata");
    }
    if changes.withdraw_links {
        file.links += 1;
        changed.push("links");
    }
    changed
}

/// Merge patch (RFC 7396 §2).
fn merge(into: &mut Map<String, Value>, patch: Map<String, Value>) {
    for (name, value) in patch {
        match (value, into.get_mut(&name)) {
            (Value::Null, _) => drop(into.remove(&name)),
            (Value::Object(patch), Some(Value::Object(known))) => merge(known, patch),
            (Value::Object(patch), _) => {
                let mut fresh = Map::new();
                merge(&mut fresh, patch);
                into.insert(name, Value::Object(fresh));
            }
            (value, _) => drop(into.insert(name, value)),
        }
    }
}

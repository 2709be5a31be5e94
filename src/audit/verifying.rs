//! Whether a tenant's audit trail is as it was written: every row is hung on the one before it again, from where the
//! chain begins to its end, which this server has signed.

use serde::Serialize;

use super::{Audit, chain};
use crate::base::{AuditId, Result, TenantId};
use crate::store::audit_chain::{self as store, Head, Kept};

/// Rows that are read together.
const BATCH: i64 = 1_000;

/// What came of it.
#[derive(Clone, Debug, Serialize)]
pub struct Verdict {
    /// Whether everything fits.
    pub ok: bool,
    /// Rows that were looked at.
    pub rows: u64,
    /// The last place of the chain.
    pub seq: i64,
    /// The hash there. Whoever keeps it elsewhere can tell later that nothing before it was made anew.
    pub hash: String,
    /// Up to which place rows were removed because they were kept long enough.
    pub removed_up_to: i64,
    /// Rows whose personal part was erased with a person.
    pub erased: u64,
    /// Rows that have no place yet: what happened within the last second.
    pub waiting: i64,
    /// The first row that does not fit.
    pub misfit: Option<Misfit>,
}

/// A place where the chain does not fit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Misfit {
    /// Which.
    pub seq: i64,
    /// The row there, if there is one.
    pub id: Option<AuditId>,
    /// What is wrong with it.
    pub what: &'static str,
}

impl Misfit {
    const fn at(seq: i64, what: &'static str) -> Self {
        Self { seq, id: None, what }
    }
}

impl Audit {
    /// Looks at every row of a tenant.
    pub async fn verify(&self, tenant: &TenantId) -> Result<Verdict> {
        let mut before = self.head(tenant).await?;
        loop {
            let verdict = self.walk(&before).await?;
            let now = self.head(tenant).await?;
            // What was removed meanwhile, because it was kept long enough, is not missing.
            if verdict.ok || now.cut_seq == before.cut_seq {
                return Ok(verdict);
            }
            before = now;
        }
    }

    /// The hash at a place, also where the chain was cut.
    pub async fn hash_at(&self, tenant: &TenantId, seq: i64) -> Result<Option<String>> {
        let head = self.head(tenant).await?;
        if seq == head.cut_seq {
            return Ok(Some(head.cut_hash));
        }
        let found = store::sealed_after(&self.db, tenant, seq.saturating_sub(1), 1).await?;
        Ok(found.into_iter().next().filter(|row| row.seq == Some(seq)).and_then(|row| row.hash))
    }

    async fn head(&self, tenant: &TenantId) -> Result<Head> {
        let none = || Head {
            tenant_id: tenant.clone(),
            seq: 0,
            hash: String::new(),
            cut_seq: 0,
            cut_hash: String::new(),
            mac: String::new(),
        };
        Ok(store::head(&self.db, tenant).await?.unwrap_or_else(none))
    }

    async fn walk(&self, head: &Head) -> Result<Verdict> {
        let tenant = &head.tenant_id;
        let mut walk = Walk { seq: head.cut_seq, hash: head.cut_hash.clone(), rows: 0, erased: 0 };
        let signed = head.seq == 0 || head.mac == self.mac(head)?;
        let mut misfit = (!signed).then(|| Misfit::at(head.seq, "the end of the chain is not signed by this server"));
        while misfit.is_none() && walk.seq < head.seq {
            let rows = store::sealed_after(&self.db, tenant, walk.seq, BATCH).await?;
            let rows = rows.into_iter().take_while(|row| row.seq.is_some_and(|seq| seq <= head.seq));
            let rows: Vec<_> = rows.collect();
            if rows.is_empty() {
                misfit = Some(Misfit::at(walk.seq + 1, "a row was removed"));
            }
            misfit = misfit.or_else(|| rows.iter().find_map(|row| walk.step(row)));
        }
        if misfit.is_none() && walk.hash != head.hash {
            misfit = Some(Misfit::at(walk.seq, "the chain ends in another hash"));
        }
        if misfit.is_none() {
            misfit = self.beyond(tenant).await?;
        }
        let waiting = store::waiting(&self.db, tenant).await?;
        Ok(Verdict {
            ok: misfit.is_none(),
            rows: walk.rows,
            seq: head.seq,
            hash: head.hash.clone(),
            removed_up_to: head.cut_seq,
            erased: walk.erased,
            waiting,
            misfit,
        })
    }

    /// A row with a place after the end.
    async fn beyond(&self, tenant: &TenantId) -> Result<Option<Misfit>> {
        // The end as it is now: the chain may have grown since the walk began.
        let mut tx = self.db.begin().await?;
        let end = store::lock(&mut tx, vec![tenant]).await?.first().map_or(0, |head| head.seq);
        let found = store::sealed_after(&mut tx, tenant, end, 1).await?;
        Ok(found.into_iter().next().map(|row| Misfit {
            seq: row.seq.unwrap_or_default(),
            id: Some(row.event.id),
            what: "a row was inserted after the end of the chain",
        }))
    }
}

/// How far it is right.
struct Walk {
    seq: i64,
    hash: String,
    rows: u64,
    erased: u64,
}

impl Walk {
    /// The next row, or what is wrong with it.
    fn step(&mut self, row: &Kept) -> Option<Misfit> {
        let (seq, event) = (row.seq.unwrap_or_default(), &row.event);
        if seq != self.seq + 1 {
            return Some(Misfit::at(self.seq + 1, "a row was removed"));
        }
        let misfit = |what| Some(Misfit { seq, id: Some(event.id.clone()), what });
        let personal = row.personal.as_deref().unwrap_or_default();
        match &row.salt {
            Some(salt) if chain::personal(salt, event) != personal => {
                return misfit("address, program or detail of this row was changed");
            }
            None if !chain::is_erased(event) => return misfit("address, program or detail of this row was changed"),
            Some(_) => {}
            None => self.erased += 1,
        }
        let hash = chain::hash(&self.hash, seq, event, personal);
        if row.hash.as_deref() != Some(&hash) {
            return misfit("this row was changed or inserted");
        }
        (self.seq, self.hash, self.rows) = (seq, hash, self.rows + 1);
        None
    }
}

//! What is known of all files of one owner.

use serde_json::{Value, json};

use super::{Files, moment, refused, shown};
use crate::base::{Result, TenantId};
use crate::query::sql::Find;
use crate::query::{Filter, Sort};

/// Files that are told at most.
const TOLD: usize = 10_000;

impl Files {
    /// What is known of each file of an owner, and whether these are all.
    ///
    /// # Errors
    /// The database failed.
    pub async fn owned(&self, tenant: &TenantId, owner: &str) -> Result<(Vec<Value>, bool)> {
        let filter = Filter::parse(&json!({ "_owner": owner })).map_err(|invalid| refused(&invalid))?;
        let (sort, now) = (Sort::default(), moment(self.clock.now()));
        let limit = Some(TOLD as u64 + 1);
        let find = Find { collection: 0, filter: &filter, sort: &sort, after: None, skip: 0, limit, now: &now };
        let mut rows = self.lists.page(tenant, &find).await.map_err(super::list::unlisted)?;
        let complete = rows.len() <= TOLD;
        rows.truncate(TOLD);
        Ok((rows.into_iter().map(shown::listed).collect(), complete))
    }
}

//! What those who govern a collection ask about it: whether its documents are as a schema says, and who changed them.

use serde_json::{Value, json};

use super::definition::Verb;
use super::find::filter_of;
use super::{Asking, Documents, schema};
use crate::base::{Code, Refusal, Result};
use crate::query::sql::Find;
use crate::query::{Filter, Sort};
use crate::store::document_audits::{self as audits, Audited};

/// Documents that one answer names.
const NAMED: usize = 100;

impl Documents {
    /// Holds the documents that a filter takes against a schema: the given one, or that of the collection.
    ///
    /// # Errors
    /// There is no schema, or it is none.
    pub async fn validate(
        &self,
        asking: &Asking,
        name: &str,
        filter: Option<&Value>,
        text: Option<&Value>,
    ) -> Result<Value> {
        let sight = self.sight(asking, name).await?;
        let of_collection = sight.definition.upkeep.schema.as_ref();
        let Some(text) = text.or(of_collection) else {
            return Err(Refusal::new(Code::InvalidRequest, "the collection has no schema, and none was given").into());
        };
        let schema = schema::read(text)?;
        let asked = filter.map_or_else(|| Ok(Filter::everything()), |text| filter_of(&sight, text, "/filter"))?;
        let filter = sight.filter(Verb::Read)?.clone().and(asked);
        let (sort, now) = (Sort::default(), self.now());
        let find =
            Find { collection: sight.coll, filter: &filter, sort: &sort, after: None, skip: 0, limit: None, now: &now };
        let _turn = self.slots.take(&asking.tenant).await?;
        let (mut checked, mut invalid, mut named) = (0_u64, 0_u64, Vec::new());
        self.each(&find, &mut |document| {
            checked += 1;
            let violations = schema::violations(&schema, &Value::Object(document.body), "");
            if !violations.is_empty() {
                invalid += 1;
                if named.len() < NAMED {
                    named.push(json!({ "_id": document.id, "errors": violations }));
                }
            }
        })
        .await?;
        Ok(json!({ "checked": checked, "invalid": invalid, "documents": named }))
    }

    /// Who changed documents of a collection, after this row, oldest first.
    ///
    /// # Errors
    /// The database failed.
    pub async fn audit_trail(&self, asking: &Asking, name: &str, after: &str, limit: i64) -> Result<Vec<Audited>> {
        Ok(audits::page(&self.db, &asking.tenant, name, after, limit).await?)
    }
}

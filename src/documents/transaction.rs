//! Several changes in several collections, all or nothing.

use serde_json::{Map, Value, json};

use super::edit::Edit;
use super::{Condition, Work};
use crate::base::{Refusal, Result, Stop};

/// One change of a transaction.
#[derive(Clone, Debug)]
pub enum Operation {
    /// A new document.
    Insert(Map<String, Value>),
    /// A document in place of another one, or new.
    Replace(String, Map<String, Value>, Condition),
    /// A document changed.
    Update(String, Edit, Condition),
    /// All documents changed that a filter takes.
    UpdateMany(Value, Edit),
    /// A document removed.
    Delete(String, Condition),
    /// All documents removed that a filter takes.
    DeleteMany(Value),
    /// Nothing, if the document is of this revision.
    Check(String, Condition),
}

impl Work<'_> {
    /// Makes the changes one after the other; answers what each did.
    ///
    /// # Errors
    /// That of the first that cannot be made, with its number.
    pub async fn operations(&mut self, operations: Vec<(String, Operation)>) -> Result<Vec<Value>> {
        let mut results = Vec::with_capacity(operations.len());
        for (n, (collection, operation)) in operations.into_iter().enumerate() {
            results.push(self.operation(&collection, operation).await.map_err(|stop| numbered(n, stop))?);
        }
        Ok(results)
    }

    async fn operation(&mut self, name: &str, operation: Operation) -> Result<Value> {
        Ok(match operation {
            Operation::Insert(body) => self.insert(name, vec![body]).await?.pop().unwrap_or_default(),
            Operation::Replace(id, body, condition) => self.put(name, &id, body, &condition).await?.0,
            Operation::Update(id, edit, condition) => self.edit(name, &id, &edit, &condition).await?.0,
            Operation::UpdateMany(filter, edit) => {
                let counts = self.edit_many(name, &filter, &edit).await?;
                json!({ "matched": counts.matched, "modified": counts.modified })
            }
            Operation::Delete(id, condition) => {
                self.remove(name, &id, &condition).await?;
                json!({ "deleted": 1 })
            }
            Operation::DeleteMany(filter) => json!({ "deleted": self.remove_many(name, &filter).await? }),
            Operation::Check(id, condition) => {
                let rev = self.revision(name, &id).await?;
                condition.check(rev, false)?;
                json!({ "_id": id, "_rev": rev })
            }
        })
    }
}

/// Says which operation was refused.
fn numbered(n: usize, stop: Stop) -> Stop {
    match stop {
        Stop::Refused(refusal) => Stop::Refused(Refusal::member(refusal, "operation", n)),
        failed @ Stop::Failed(_) => failed,
    }
}

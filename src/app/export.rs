//! All that is kept about a person: the account, and what they keep in the services.

use serde_json::{Value, json};

use super::App;
use crate::base::{Actor, Result, UserId};
use crate::store::tenants::Tenant;

impl App {
    /// One document about the person, made now. Of files it has what is known of each, and their bytes are read one by
    /// one; what is too much for one document is said to be left out.
    ///
    /// # Errors
    /// There is no such person.
    pub async fn export(&self, tenant: &Tenant, user: &UserId, by: &Actor) -> Result<Value> {
        let mut document = self.people.export(tenant, user, by).await?;
        let (files, all_files) = self.files.owned(&tenant.id, user.as_str()).await?;
        let (documents, all_documents) = self.documents.owned(&tenant.id, user.as_str()).await?;
        document["files"] = json!({ "complete": all_files, "list": files });
        document["documents"] = json!({ "complete": all_documents, "collections": documents });
        Ok(document)
    }
}

//! Who buys, and what Stripe calls them: one customer per person or client.

use serde_json::json;

use super::{Opened, Payments, not_found, refused};
use crate::base::{Digest, Email, Fault, Result, UserId};
use crate::store::payment_accounts as accounts;
use crate::store::tenants::Tenant;
use crate::store::users::{self, User};
use crate::stripe::Customer;

/// Who asks for something, and how much they may say themselves.
#[derive(Clone, Debug)]
pub struct Buyer {
    /// The person's, client's or key's id.
    pub subject: String,
    /// The client that holds the token.
    pub client_id: Option<String>,
    /// The client's redirect URIs: people come back to where these are.
    pub redirect_uris: Vec<String>,
    /// A program of the tenant's with `payments:admin`: it may act for others and make prices up.
    pub governs: bool,
}

impl Payments {
    /// What Stripe calls somebody; they are introduced when it does not know them.
    pub(super) async fn customer(&self, opened: &Opened, tenant: &Tenant, subject: &str) -> Result<String> {
        if let Some(known) = accounts::customer(&self.db, &tenant.id, subject).await? {
            return Ok(known);
        }
        let person = users::by_id(&self.db, &tenant.id, &UserId::from(subject)).await?;
        let email = person.filter(|person| person.email_verified.0).and_then(|person| person.email);
        let form = json!({
            "email": email.as_ref().map(Email::as_str),
            "metadata": { "chancery_tenant": tenant.slug.to_string(), "chancery_subject": subject },
        });
        // The same person with another address is another request to Stripe.
        let key = Digest::of(format!("{} {subject} {form}", tenant.id).as_bytes());
        let key = format!("customer-{}", key.as_str());
        let made: Customer = self.at(opened).post("/v1/customers", &form, &key).await.map_err(refused)?;
        let now = self.clock.now();
        accounts::add_customer(&self.db, &tenant.id, (subject, &made.id), now).await?;
        let known = accounts::customer(&self.db, &tenant.id, subject).await?;
        Ok(known.ok_or_else(|| Fault::new("a customer of the provider is somebody else's here"))?)
    }

    /// The person of this id, or who has proven this address; for those who act for others.
    pub(super) async fn somebody(
        &self,
        tenant: &Tenant,
        (id, email): (Option<&str>, Option<&Email>),
    ) -> Result<Option<User>> {
        let found = match (id, email) {
            (Some(id), _) => {
                let found = users::by_id(&self.db, &tenant.id, &UserId::from(id)).await?;
                Some(found.ok_or_else(|| not_found("there is no such person"))?)
            }
            (None, Some(email)) => {
                let found = users::by_email(&self.db, &tenant.id, &email.key()).await?;
                found.filter(|user| user.email_verified.0)
            }
            (None, None) => None,
        };
        Ok(found)
    }
}

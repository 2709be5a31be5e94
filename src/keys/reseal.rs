//! From under one master key to under another: what the former sealed is opened and sealed by the latter.

use serde_json::Value;

use super::{Keys, MasterKey, Purpose, Sealer};
use crate::base::{Fault, TenantId};
use crate::store::sealed::{Place, Row};

/// Both of them.
#[derive(Debug)]
pub struct Resealer {
    old: Sealer,
    new: Sealer,
}

impl Keys {
    /// On the way to this master key.
    ///
    /// # Errors
    /// It is the present one.
    pub fn resealing(&self, to: MasterKey) -> Result<Resealer, Fault> {
        let (old, new) = (self.sealer.clone(), Sealer::new(to)?);
        let probe = |sealer: &Sealer| sealer.mac("same", &TenantId::from(""), &[]);
        if probe(&old)? == probe(&new)? {
            return Err(Fault::new("this is the master key that is used already"));
        }
        Ok(Resealer { old, new })
    }
}

impl Resealer {
    /// The value of a place, or all in its list, sealed anew.
    ///
    /// # Errors
    /// The former key does not open it.
    pub fn row(&self, place: Place, row: Row) -> Result<Row, Fault> {
        let tenant = &row.tenant_id;
        let sealed = match place {
            Place::SigningKeys => self.one(Purpose::SigningKey, tenant, &row.sealed)?,
            Place::Totp => self.one(Purpose::TotpSecret, tenant, &row.sealed)?,
            Place::MailSecrets | Place::Providers | Place::PaymentKeys => {
                self.one(Purpose::UpstreamSecret, tenant, &row.sealed)?
            }
            Place::SignInsElsewhere | Place::Mails => self.one(Purpose::Record, tenant, &row.sealed)?,
            Place::PaymentSecrets | Place::WebhookSecrets => {
                let mut list: Value = serde_json::from_str(&row.sealed)?;
                for member in list.as_array_mut().into_iter().flatten() {
                    let place = if member.is_string() { member } else { &mut member["sealed"] };
                    let sealed = self.one(Purpose::WebhookSecret, tenant, place.as_str().unwrap_or_default())?;
                    *place = sealed.into();
                }
                list.to_string()
            }
        };
        Ok(Row { sealed, ..row })
    }

    /// What [`Keys::mac`] made under the former key, made under the new one; where it was not genuine, nothing.
    ///
    /// # Errors
    /// A key cannot be used.
    pub fn mac(&self, purpose: &str, tenant: &TenantId, parts: &[&str], was: &str) -> Result<Option<String>, Fault> {
        let genuine = self.old.mac(purpose, tenant, parts)? == was;
        genuine.then(|| self.new.mac(purpose, tenant, parts)).transpose()
    }

    fn one(&self, purpose: Purpose, tenant: &TenantId, sealed: &str) -> Result<String, Fault> {
        let opened = self.old.open(purpose, tenant, sealed)?;
        self.new.seal(purpose, tenant, &opened)
    }
}

//! What of a tenant's rows is another where it arrives.

use serde_json::{Value, json};

use super::seals::Named;
use crate::audit::Audit;
use crate::base::{Fault, Result, Seconds, Secret, Slug, TenantId, Timestamp};
use crate::store::audit_chain::Head;

/// How long what did not arrive lies there at most, should nobody remove it before.
const STRANDED: Seconds = Seconds(86_400);

/// What arrives, and as what.
pub(super) struct Wanted {
    /// Its id.
    pub(super) id: TenantId,
    /// Its name in URLs, once it is there.
    pub(super) slug: Slug,
    /// The present instant.
    pub(super) now: Timestamp,
    /// How.
    pub(super) how: How,
}

/// How it comes.
pub(super) enum How {
    /// It moves; whether its trail was as it had been written.
    Moves {
        /// Then this server signs it.
        trail: bool,
    },
    /// It is a copy.
    Copied {
        /// By this name for people, if not by the original's.
        name: Option<String>,
        /// When it ends.
        until: Option<Timestamp>,
    },
}

impl Wanted {
    /// Makes the tenant's own row one of nobody; answers what it is to be later.
    pub(super) fn hide(&self, row: &mut Named<'_>) -> Result<String> {
        let status = row.get("status").as_str().ok_or_else(|| Fault::new("a tenant without a status"))?.to_owned();
        let random = Secret::generate().digest();
        let slug: String =
            random.as_str().chars().filter(char::is_ascii_alphanumeric).take(20).collect::<String>().to_lowercase();
        row.set("slug", format!("arriving-{slug}"));
        row.set("status", "deleted");
        row.set("deleted_at", self.now.0);
        row.set("purge_at", self.now.plus(STRANDED).0);
        Ok(status)
    }

    /// Changes a row of this table.
    pub(super) fn edit(&self, table: &str, row: &mut Named<'_>, audit: &Audit) -> Result<()> {
        match (table, &self.how) {
            ("audit_chains", How::Moves { trail }) => {
                row.set("mac", if *trail { self.mac(row, audit)? } else { String::new() });
            }
            // Who follows revocations asks for those since a moment ago.
            ("revocations", _) => row.set("revoked_at", self.now.0),
            ("tenants", How::Copied { name, until }) => self.copy(row, name.as_deref(), *until)?,
            ("webhook_endpoints", How::Copied { .. }) => row.set("status", "disabled"),
            _ => {}
        }
        Ok(())
    }

    fn mac(&self, row: &Named<'_>, audit: &Audit) -> Result<String> {
        let text = |name| row.get(name).as_str().unwrap_or_default().to_owned();
        let number = |name| row.get(name).as_i64().unwrap_or_default();
        Ok(audit.mac(&Head {
            tenant_id: self.id.clone(),
            seq: number("seq"),
            hash: text("hash"),
            cut_seq: number("cut_seq"),
            cut_hash: text("cut_hash"),
            mac: String::new(),
        })?)
    }

    /// A copy is nobody's public face: no domain leads to it, and no stranger finds it.
    fn copy(&self, row: &mut Named<'_>, name: Option<&str>, until: Option<Timestamp>) -> Result<()> {
        let mut settings: Value = serde_json::from_str(row.get("settings").as_str().unwrap_or("{}"))?;
        if let Some(settings) = settings.as_object_mut() {
            settings.shift_remove("domain");
            settings.insert("discoverable".to_owned(), json!(false));
        }
        row.set("settings", settings.to_string());
        if let Some(name) = name {
            row.set("name", name);
        }
        for (column, value) in
            [("discoverable", json!(0)), ("deletion_protected", json!(0)), ("owner_due", Value::Null)]
        {
            row.set(column, value);
        }
        row.set("expires_at", until.map_or(Value::Null, |until| until.0.into()));
        row.set("version", 1);
        row.set("created_at", self.now.0);
        row.set("updated_at", self.now.0);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(how: How) -> Wanted {
        Wanted { id: TenantId::from("t"), slug: "copy".parse().unwrap(), now: Timestamp(100), how }
    }

    #[test]
    fn what_has_not_arrived_is_nobody_and_ends_by_itself() {
        let columns = ["slug", "status", "deleted_at", "purge_at"].map(str::to_owned);
        let mut row = [json!("acme"), json!("suspended"), Value::Null, Value::Null];
        let mut named = Named { columns: &columns, row: &mut row };
        assert_eq!(wanted(How::Moves { trail: true }).hide(&mut named).unwrap(), "suspended");
        assert!(row[0].as_str().unwrap().parse::<Slug>().is_ok(), "{row:?}");
        assert_eq!(row[1..], [json!("deleted"), json!(100), json!(86_500)]);
    }

    #[test]
    fn a_copy_has_no_domain_is_not_found_and_ends_when_it_shall() {
        let columns = ["settings", "name", "discoverable", "deletion_protected", "expires_at", "version"];
        let columns = columns.map(str::to_owned);
        let settings = json!({ "domain": "id.acme.test", "password_grant": true, "discoverable": true }).to_string();
        let mut row = [json!(settings), json!("Acme"), json!(1), json!(1), Value::Null, json!(7)];
        let how = How::Copied { name: Some("Preview".to_owned()), until: Some(Timestamp(200)) };
        let wanted = wanted(how);
        let How::Copied { name, until } = &wanted.how else { unreachable!() };
        wanted.copy(&mut Named { columns: &columns, row: &mut row }, name.as_deref(), *until).unwrap();
        let settings = json!({ "password_grant": true, "discoverable": false }).to_string();
        assert_eq!(row, [json!(settings), json!("Preview"), json!(0), json!(0), json!(200), json!(1)]);
    }
}

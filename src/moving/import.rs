//! A file becomes a tenant: as a whole, or not at all.

use std::path::Path;

use serde::Serialize;
use serde_json::json;
use tokio::fs::File;

use super::Moving;
use super::edits::{How, Wanted};
use super::envelope::Reader;
use super::item::{Carried, Nowhere};
use super::lines::{self, Head};
use crate::base::{Actor, Code, Fault, Result, Secret, Slug, Stop, TenantId};
use crate::store::audit::Event;
use crate::store::migrations;

/// How a tenant shall arrive.
#[derive(Clone, Debug, Default)]
pub struct Importing {
    /// Under another slug than it had.
    pub slug: Option<Slug>,
    /// Not at all: the file is only looked at.
    pub dry_run: bool,
}

/// What arrived, or would.
#[derive(Clone, Debug, Serialize)]
pub struct Imported {
    /// The tenant.
    pub id: TenantId,
    /// Its slug here.
    pub slug: Slug,
    /// Its name for people.
    pub name: String,
    /// Its issuer here.
    pub issuer: String,
    /// Whether its old tokens are good here: its issuer is the one that it was.
    pub same_issuer: bool,
    /// Whether it answers: `active` or `suspended`, as it left. None where it was only looked at.
    pub status: Option<&'static str>,
    /// Whether its audit trail is as it was written.
    pub trail: bool,
    /// How much arrived.
    pub carried: Carried,
}

impl Moving {
    /// Reads a file twice: first to see that it is whole and fits here, then to let the tenant arrive.
    ///
    /// # Errors
    /// The file does not open, is not whole, or is of another version; id, slug or a domain is taken here. Nothing of it
    /// is here then.
    pub async fn import(&self, file: &Path, passphrase: &Secret, how: Importing, by: &Actor) -> Result<Imported> {
        let mut reader = open(file, passphrase).await?;
        let head = lines::head(&mut reader).await?;
        check(&head)?;
        let slug = how.slug.unwrap_or_else(|| head.slug.clone());
        let collisions = self.collisions(&head.id, &slug, &head.domains).await?;
        if !collisions.is_empty() {
            return Err(Stop::refuse(Code::Conflict, collisions.join("; ")));
        }
        let carried = lines::pour(&mut reader, &mut Nowhere).await?;
        let mut imported = Imported {
            id: head.id.clone(),
            issuer: head.issuer.clone(),
            slug: slug.clone(),
            name: head.name.clone(),
            same_issuer: head.slug == slug,
            status: None,
            trail: head.trail,
            carried,
        };
        if how.dry_run {
            return Ok(imported);
        }
        let wanted = Wanted { id: head.id.clone(), slug, now: self.clock.now(), how: How::Moves { trail: head.trail } };
        let tenant = self.arrive(file, passphrase, (&wanted, &head), by).await?;
        imported.status = Some(tenant.status.as_str());
        imported.issuer = self.tenants.context(tenant).issuer;
        imported.same_issuer = imported.issuer == head.issuer;
        Ok(imported)
    }

    async fn arrive(
        &self,
        file: &Path,
        passphrase: &Secret,
        (wanted, head): (&Wanted, &Head),
        by: &Actor,
    ) -> Result<crate::store::tenants::Tenant> {
        let mut arriving = self.receive(wanted).await?;
        let poured = async {
            let mut reader = open(file, passphrase).await?;
            if lines::head(&mut reader).await? != *head {
                return Err(Stop::refuse(Code::Conflict, "the file was changed while it was read"));
            }
            lines::pour(&mut reader, &mut arriving).await?;
            arriving.flush().await?;
            if head.trail && !self.audit.verify(&wanted.id).await?.ok {
                return Err(Fault::new("the audit trail did not arrive as it left").into());
            }
            Ok(())
        };
        let poured = poured.await;
        let begun = arriving.begun;
        let landed = match poured {
            Ok(()) => self.land(arriving, wanted, imported(wanted, head, by)).await,
            Err(stop) => Err(stop),
        };
        if landed.is_err() && begun {
            self.sweep(&wanted.id).await;
        }
        landed
    }
}

fn imported(wanted: &Wanted, head: &Head, by: &Actor) -> Event {
    let detail = json!({ "issuer": head.issuer, "written_at": head.written_at });
    let event = Event::new(&wanted.id, wanted.now, "tenant.imported").by(&by.id).on(wanted.id.as_str());
    event.from(&by.origin).detail(detail)
}

async fn open(file: &Path, passphrase: &Secret) -> Result<Reader<File>> {
    let source = File::open(file).await;
    let source =
        source.map_err(|error| Stop::refuse(Code::NotFound, format!("{} cannot be read: {error}", file.display())))?;
    Reader::open(source, passphrase).await
}

/// Whether what the file is about can be here at all.
fn check(head: &Head) -> Result<()> {
    let known = migrations::newest();
    if head.schema != known {
        let why = format!(
            "the file was written by chancery {} (schema {}), and this is {} (schema {known}): bring both servers to one version",
            head.program,
            head.schema,
            env!("CARGO_PKG_VERSION")
        );
        return Err(Stop::refuse(Code::Unprocessable, why));
    }
    // It becomes a path.
    if head.slug.as_str() == Slug::SYSTEM || uuid::Uuid::parse_str(head.id.as_str()).is_err() {
        return Err(Stop::refuse(Code::Unprocessable, "this is no tenant that can move"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(schema: i64, id: &str, slug: &str) -> Head {
        Head {
            schema,
            program: "9.9.9".to_owned(),
            written_at: String::new(),
            id: TenantId::from(id),
            slug: slug.parse().unwrap(),
            name: String::new(),
            issuer: String::new(),
            domains: Vec::new(),
            trail: true,
        }
    }

    #[test]
    fn a_file_of_another_version_or_of_what_is_no_tenant_is_refused() {
        let (known, id) = (migrations::newest(), TenantId::generate());
        assert!(check(&head(known, id.as_str(), "acme")).is_ok());
        let older = check(&head(known - 1, id.as_str(), "acme"));
        assert!(format!("{older:?}").contains("9.9.9"), "{older:?}");
        assert!(check(&head(known, "../../etc", "acme")).is_err());
        assert!(check(&head(known, id.as_str(), "system")).is_err());
    }
}

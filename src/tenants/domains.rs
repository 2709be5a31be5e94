//! Domains of a tenant's own. A claim is nothing until the domain shows what was given to that tenant alone: a TXT record
//! beside it, or a page on it, which we never serve ourselves, so that a name which merely leads here proves nothing
//! (W-068). The issuer moves to a domain by a step of its own.

use serde_json::json;
use url::Host;

use super::Tenants;
use crate::base::{Actor, Clock, Code, Refusal, Result, Seconds, Secret, Stop, TenantId};
use crate::config::Config;
use crate::outbound::{FetchError, Outbound};
use crate::store::audit::{self, Event};
use crate::store::tenant_domains::{self as store, Domain};
use crate::store::tenants::Tenant;
use crate::store::{Db, Tx};

/// Claims of a tenant.
const MOST: usize = 20;
/// How often a proven domain is looked at again.
const AGAIN: Seconds = Seconds(86_400);
/// And how many of them in a round: each may take as long as the slowest name server.
const BATCH: i64 = 4;
/// Where a domain's page is, before the tenant's id.
const PAGE: &str = "/.well-known/chancery-domain/";

/// The service. Cloning shares it.
#[derive(Clone, Debug)]
pub struct Domains {
    db: Db,
    clock: Clock,
    tenants: Tenants,
    outbound: Outbound,
    /// The platform's own host, which is nobody's.
    own: String,
    /// Scheme, and port with its colon, of every issuer.
    scheme: String,
    port: String,
}

/// What a domain has to show, in one of two ways.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    /// The name of the TXT record.
    pub record: String,
    /// Its text, and the page's.
    pub text: String,
    /// The page.
    pub page: String,
}

impl Domains {
    /// Over these services.
    #[must_use]
    pub fn new(config: &Config, (db, clock): (Db, Clock), tenants: Tenants, outbound: Outbound) -> Self {
        let url = &config.public_url;
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        let own = url.host_str().unwrap_or_default().to_owned();
        Self { db, clock, tenants, outbound, own, scheme: url.scheme().to_owned(), port }
    }

    /// The claims of a tenant.
    pub async fn list(&self, tenant: &Tenant) -> Result<Vec<Domain>> {
        Ok(store::list(&self.db, &tenant.id).await?)
    }

    /// What a claimed domain has to show.
    #[must_use]
    pub fn challenge(&self, domain: &Domain) -> Option<Challenge> {
        let text = domain.challenge.as_ref().map(|challenge| format!("chancery-domain={challenge}"))?;
        let (name, scheme, port) = (&domain.domain, &self.scheme, &self.port);
        let page = format!("{scheme}://{name}{port}{PAGE}{}", domain.tenant_id);
        Some(Challenge { record: format!("_chancery.{name}"), text, page })
    }

    /// Claims a domain; claiming it again changes nothing.
    ///
    /// # Errors
    /// It cannot be anybody's, or the tenant claims too many.
    pub async fn add(&self, tenant: &Tenant, typed: &str, by: &Actor) -> Result<Domain> {
        let domain = domain_of(typed).filter(|domain| *domain != self.own).ok_or_else(|| {
            Stop::refuse(Code::Unprocessable, "a domain is a host name of your own, without scheme, port and path")
        })?;
        if store::list(&self.db, &tenant.id).await?.len() >= MOST {
            return Err(Stop::refuse(Code::QuotaExceeded, "a tenant claims 20 domains at most"));
        }
        let (now, challenge) = (self.clock.now(), Secret::generate());
        let mut tx = self.db.begin().await?;
        if store::claim(&mut tx, &tenant.id, (&domain, challenge.expose()), now).await? {
            self.record(&mut tx, (&tenant.id, "tenant.domain_added"), &domain, by).await?;
        }
        tx.commit().await?;
        self.find(tenant, &domain).await
    }

    /// Looks whether a claimed domain shows what it has to. If so it is the tenant's from now on, even if another tenant
    /// had it whose proof is gone.
    ///
    /// # Errors
    /// It does not show it, or it is another tenant's who still proves it.
    pub async fn verify(&self, tenant: &Tenant, typed: &str, by: &Actor) -> Result<Domain> {
        let claim = self.find(tenant, typed).await?;
        let (domain, now) = (claim.domain.as_str(), self.clock.now());
        if claim.challenge.is_none() {
            return Ok(claim);
        }
        if !self.shows(&claim).await {
            store::failed(&self.db, &tenant.id, domain, now).await?;
            return Err(self.unproven(&claim).into());
        }
        let holder = store::holder(&self.db, domain).await?.filter(|holder| holder.tenant_id != tenant.id);
        if let Some(holder) = &holder
            && (holder.challenge.is_none() || self.shows(holder).await)
        {
            return Err(taken());
        }
        let mut tx = self.db.begin().await?;
        if let Some(holder) = &holder {
            self.give_up(&mut tx, holder, by).await?;
        }
        if !store::proven(&mut tx, &tenant.id, domain, now).await? {
            return Err(taken());
        }
        if claim.verified_at.is_none() {
            self.record(&mut tx, (&tenant.id, "tenant.domain_verified"), domain, by).await?;
        }
        tx.commit().await?;
        self.tenants.forget();
        self.find(tenant, domain).await
    }

    /// Gives a claim up. The domain leads nowhere from now on.
    ///
    /// # Errors
    /// There is no such claim, or the issuer is at it.
    pub async fn remove(&self, tenant: &Tenant, typed: &str, by: &Actor) -> Result<()> {
        let claim = self.find(tenant, typed).await?;
        let now = self.tenants.any(tenant.id.as_str()).await?;
        if now.settings.domain.as_ref() == Some(&claim.domain) {
            return Err(Stop::refuse(Code::Conflict, "the issuer is at this domain; move it away first"));
        }
        let mut tx = self.db.begin().await?;
        if !store::remove(&mut tx, &tenant.id, &claim.domain).await? {
            return Err(none());
        }
        self.record(&mut tx, (&tenant.id, "tenant.domain_removed"), &claim.domain, by).await?;
        tx.commit().await?;
        self.tenants.forget();
        Ok(())
    }

    /// Moves the issuer to a proven domain, or back to the platform. Every token that was issued before is of another
    /// issuer then.
    ///
    /// # Errors
    /// The domain is not proven.
    pub async fn make_primary(&self, tenant: &Tenant, typed: Option<&str>, by: &Actor) -> Result<Tenant> {
        let domain = match typed {
            None => None,
            Some(typed) => {
                let claim = self.find(tenant, typed).await?;
                if claim.verified_at.is_none() {
                    return Err(self.unproven(&claim).into());
                }
                Some(claim.domain)
            }
        };
        let mut now = self.tenants.any(tenant.id.as_str()).await?;
        if now.settings.domain != domain {
            let detail = json!({ "domain": domain });
            now.settings.0.domain = domain;
            self.tenants.change_to(&self.clock, &now, ("tenant.issuer_moved", detail), by).await?;
        }
        self.tenants.any(tenant.id.as_str()).await
    }

    /// Looks again at domains that were proven; their tenants see since when one does not show it any more.
    ///
    /// # Errors
    /// The database failed.
    pub async fn look_again(&self) -> Result<()> {
        let now = self.clock.now();
        for claim in store::due(&self.db, now.minus(AGAIN), BATCH).await? {
            if self.shows(&claim).await {
                let mut tx = self.db.begin().await?;
                store::proven(&mut tx, &claim.tenant_id, &claim.domain, now).await?;
                tx.commit().await?;
            } else {
                store::failed(&self.db, &claim.tenant_id, &claim.domain, now).await?;
            }
        }
        Ok(())
    }

    /// Whether a domain shows it at this moment.
    async fn shows(&self, claim: &Domain) -> bool {
        let Some(challenge) = self.challenge(claim) else { return false };
        let texts = self.outbound.texts(&challenge.record).await.unwrap_or_default();
        if texts.contains(&challenge.text) {
            return true;
        }
        let page: Result<Vec<u8>, FetchError> = self.outbound.bytes(&challenge.page).await;
        page.is_ok_and(|body| body.trim_ascii() == challenge.text.as_bytes())
    }

    /// Takes a domain from a tenant whose proof is gone; an issuer that was there is at the platform again.
    async fn give_up(&self, tx: &mut Tx, holder: &Domain, by: &Actor) -> Result<()> {
        if store::lost(&mut *tx, &holder.tenant_id, &holder.domain).await? {
            self.tenants.leave_domain(tx, &holder.tenant_id, &holder.domain).await?;
            self.record(tx, (&holder.tenant_id, "tenant.domain_lost"), &holder.domain, by).await?;
        }
        Ok(())
    }

    async fn find(&self, tenant: &Tenant, typed: &str) -> Result<Domain> {
        let domain = domain_of(typed).ok_or_else(none)?;
        store::find(&self.db, &tenant.id, &domain).await?.ok_or_else(none)
    }

    async fn record(&self, tx: &mut Tx, (tenant, action): (&TenantId, &str), domain: &str, by: &Actor) -> Result<()> {
        let event = Event::new(tenant, self.clock.now(), action).by(&by.id).on(domain).from(&by.origin);
        Ok(audit::record(tx, event).await?)
    }

    fn unproven(&self, claim: &Domain) -> Refusal {
        let refusal = Refusal::new(Code::Unprocessable, "the domain does not show yet that it is this tenant's");
        match self.challenge(claim) {
            Some(challenge) => refusal.member("record", challenge.record).member("text", challenge.text),
            None => refusal,
        }
    }
}

/// A host name as it stands in DNS: in lower case, in ASCII (RFC 5890), without port and final dot. Addresses are none.
#[must_use]
pub fn domain_of(typed: &str) -> Option<String> {
    let typed = typed.trim();
    let name = typed.rsplit_once(':').filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
    let name = name.map_or(typed, |(name, _)| name).trim_end_matches('.');
    match Host::parse(name).ok()? {
        Host::Domain(name) => Some(name).filter(|name| super::manage::is_host(name)),
        Host::Ipv4(_) | Host::Ipv6(_) => None,
    }
}

fn none() -> Stop {
    Stop::refuse(Code::NotFound, "this tenant does not claim such a domain")
}

fn taken() -> Stop {
    Stop::refuse(Code::Conflict, "another tenant has this domain, and proves it")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_is_one_however_it_is_written() {
        for (typed, domain) in [
            ("id.acme.test", "id.acme.test"),
            (" ID.Acme.Test.:8443 ", "id.acme.test"),
            ("bücher.example", "xn--bcher-kva.example"),
            ("%61cme.test", "acme.test"),
        ] {
            assert_eq!(domain_of(typed).as_deref(), Some(domain), "{typed}");
        }
        for bad in [
            "",
            ".",
            "https://acme.test",
            "acme.test/x",
            "127.0.0.1",
            "0x7f.1",
            "[::1]:80",
            "a b.test",
            "a_b.test",
            "a@b.test",
        ] {
            assert_eq!(domain_of(bad), None, "{bad}");
        }
    }
}

//! Organizations are made, changed, suspended and deleted. Each change and its audit row are one transaction.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::permission::{ORG_DELETE, ORG_WRITE};
use super::wish::{self, New, Wish};
use super::{Inside, Organizations, Permissions, Who};
use crate::base::{Code, OrganizationId, Refusal, Result, Slug, Stop, UserId};
use crate::store::audit::{self, Event};
use crate::store::organization_members::{self as members, OWNER};
use crate::store::organizations::{self as store, Organization, OrganizationSettings, OrganizationStatus};
use crate::store::tenants::Tenant;
use crate::store::users::{User, UserStatus};
use crate::store::{Flag, Json, Tx, endings, people};
use crate::tenants::{Counted, make_room};

/// How often a slug is looked for that nobody has.
const TRIES: u8 = 4;

impl Organizations {
    /// Makes an organization with its first owner: the caller, or whom somebody names who governs the tenant.
    ///
    /// # Errors
    /// `forbidden`: people make none here, or this one owns as many as one may. `conflict`: the slug is taken.
    /// `plan_limit_reached`.
    pub async fn create(&self, tenant: &Tenant, new: New, who: &Who) -> Result<Inside> {
        let named = wish::name(&new.name)?;
        wish::check_metadata(&new.metadata)?;
        let slugs = slugs(&named, new.slug.as_deref())?;
        let founder = founder(tenant, new.owner.as_ref(), who)?;
        let mut tx = self.db.begin().await?;
        make_room(&mut tx, tenant, Counted::Organizations, self.clock.now()).await?;
        let owner = people::lock(&mut tx, &tenant.id, &founder).await?.map(|person| person.user);
        let owner = owner.filter(|owner| owner.status == UserStatus::Active);
        let owner = owner.ok_or_else(|| Stop::refuse(Code::Unprocessable, "there is no such person in this tenant"))?;
        if !who.governs() {
            self.must_have_room(&mut tx, tenant, &owner).await?;
        }
        let organization = self.store_new(&mut tx, tenant, (named, new.metadata), slugs).await?;
        let (id, now) = (organization.id.clone(), organization.created_at);
        members::add(&mut tx, (&tenant.id, &id), &owner.id, OWNER, now).await?;
        let role = who.user.as_ref().filter(|user| user.id == owner.id).map(|_| OWNER.to_owned());
        let may = Permissions::all(&tenant.settings.organizations.permissions);
        let inside = Inside { organization, role, may, governs: who.governs() };
        let about = (&who.actor, json!({ "owner": owner.id, "name": inside.organization.name }));
        self.record(&mut tx, &inside, ("organization.created", id.as_str()), about).await?;
        tx.commit().await?;
        Ok(inside)
    }

    /// Stores it by the first of these slugs that nobody has.
    async fn store_new(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        (name, metadata): (String, Map<String, Value>),
        slugs: Vec<Slug>,
    ) -> Result<Organization> {
        let now = self.clock.now();
        for slug in slugs {
            let new = Organization {
                tenant_id: tenant.id.clone(),
                id: OrganizationId::generate(),
                slug,
                name: name.clone(),
                status: OrganizationStatus::Active,
                settings: Json::default(),
                metadata: Json(metadata.clone()),
                protected: Flag(false),
                version: 1,
                created_at: now,
                updated_at: now,
            };
            if store::insert(&mut *tx, &new).await? {
                return Ok(new);
            }
        }
        Err(taken())
    }

    /// Whether somebody may own one more; exact, because the person is locked.
    async fn must_have_room(&self, tx: &mut Tx, tenant: &Tenant, owner: &User) -> Result<()> {
        if members::count_owned(&mut *tx, &tenant.id, &owner.id).await? < tenant.settings.organizations.most_owned {
            return Ok(());
        }
        Err(Stop::refuse(Code::Forbidden, "nobody owns more organizations than that in this tenant"))
    }

    /// Changes an organization over the version that the caller has seen, where it says which.
    ///
    /// # Errors
    /// `not_found`, `forbidden`, `conflict`, `precondition_failed`; `unprocessable`: it cannot be that.
    pub async fn change(
        &self,
        (tenant, who): (&Tenant, &Who),
        named: &str,
        wish: Wish,
        over: Option<&[i64]>,
    ) -> Result<Inside> {
        let mut tx = self.db.begin().await?;
        let inside = self.enter_held(&mut tx, (tenant, who), named).await?;
        if wish.is_of_content() || wish.protected.is_none() {
            inside.must(ORG_WRITE)?;
        }
        if wish.protected.is_some() {
            inside.must(ORG_DELETE)?;
        }
        check_version(&inside, over)?;
        let (mut after, changed) = wish.applied(&inside.organization)?;
        check_domains(&inside, &after.settings, who)?;
        if changed.is_empty() {
            return Ok(inside);
        }
        let now = self.clock.now();
        after.updated_at = now;
        if !store::update(&mut tx, &after).await? {
            return Err(taken());
        }
        if after.settings.second_factor && !inside.organization.settings.second_factor {
            // What was given after one factor is not what the organization wants from now on.
            endings::of_organization(&mut tx, (&tenant.id, &after.id), None, now).await?;
        }
        after.version += 1;
        let inside = Inside { organization: after, ..inside };
        let id = inside.organization.id.clone();
        let about = (&who.actor, json!({ "changed": changed }));
        self.record(&mut tx, &inside, ("organization.updated", id.as_str()), about).await?;
        tx.commit().await?;
        Ok(inside)
    }

    /// Suspends an organization or brings it back: for those who govern the tenant. What applications were given for it
    /// ends with its suspension.
    ///
    /// # Errors
    /// `not_found`, `forbidden`.
    pub async fn set_status(
        &self,
        (tenant, who): (&Tenant, &Who),
        named: &str,
        status: OrganizationStatus,
    ) -> Result<Inside> {
        let mut tx = self.db.begin().await?;
        let inside = self.enter_held(&mut tx, (tenant, who), named).await?;
        if !inside.governs {
            return Err(Stop::refuse(Code::Forbidden, "this is for those who govern the tenant"));
        }
        let now = self.clock.now();
        let mut after = Organization { status, updated_at: now, ..inside.organization.clone() };
        if !store::update(&mut tx, &after).await? {
            return Err(taken());
        }
        let action = match status {
            OrganizationStatus::Active => "organization.activated",
            OrganizationStatus::Suspended => {
                endings::of_organization(&mut tx, (&tenant.id, &after.id), None, now).await?;
                "organization.suspended"
            }
        };
        after.version += 1;
        let inside = Inside { organization: after, ..inside };
        let id = inside.organization.id.clone();
        self.record(&mut tx, &inside, (action, id.as_str()), (&who.actor, json!({}))).await?;
        tx.commit().await?;
        Ok(inside)
    }

    /// Deletes an organization: its members are members no more, and what applications were given for it ends.
    ///
    /// # Errors
    /// `not_found`, `forbidden`, `precondition_failed`; `conflict`: it is protected.
    pub async fn delete(&self, (tenant, who): (&Tenant, &Who), named: &str, over: Option<&[i64]>) -> Result<()> {
        let mut tx = self.db.begin().await?;
        let inside = self.enter_held(&mut tx, (tenant, who), named).await?;
        inside.must(ORG_DELETE)?;
        check_version(&inside, over)?;
        let Organization { id, name, slug, protected, .. } = &inside.organization;
        if protected.0 {
            return Err(Stop::refuse(Code::Conflict, "this organization is protected from deletion"));
        }
        let now = self.clock.now();
        endings::of_organization(&mut tx, (&tenant.id, id), None, now).await?;
        store::delete(&mut tx, &tenant.id, id, now).await?;
        let event = Event::new(&tenant.id, now, "organization.deleted").by(&who.actor.id).on(id.as_str());
        let detail = json!({ "organization": id, "name": name, "slug": slug });
        audit::record(&mut tx, event.detail(detail).from(&who.actor.origin)).await?;
        Ok(tx.commit().await?)
    }
}

/// Whose a new organization will be.
fn founder(tenant: &Tenant, named: Option<&UserId>, who: &Who) -> Result<UserId> {
    if who.bound.is_some() {
        return Err(Stop::refuse(Code::Forbidden, "this token is for one organization"));
    }
    match (&who.user, named) {
        (_, Some(named)) if who.governs() => Ok(named.clone()),
        (Some(_), Some(_)) => Err(Stop::refuse(Code::Forbidden, "an organization is its maker's own")),
        (Some(user), None) if who.governs() || tenant.settings.organizations.self_service => Ok(user.id.clone()),
        (Some(_), None) => Err(Stop::refuse(Code::Forbidden, "people make no organizations in this tenant")),
        (None, _) => Err(Stop::refuse(Code::Unprocessable, "an organization needs an owner")),
    }
}

/// The slug that was asked for, or those that are like the name.
fn slugs(name: &str, wanted: Option<&str>) -> Result<Vec<Slug>, Refusal> {
    if let Some(wanted) = wanted {
        return Ok(vec![wish::slug(wanted)?]);
    }
    let random = || Uuid::new_v4().simple().to_string();
    let tails = (0..TRIES).map(|attempt| (attempt > 0).then(random));
    Ok(tails.filter_map(|tail| wish::slug_of(name, tail.as_deref().and_then(|tail| tail.get(..6)))).collect())
}

/// RFC 9110 §13.1.1.
fn check_version(inside: &Inside, over: Option<&[i64]>) -> Result<()> {
    match over {
        Some(versions) if !versions.contains(&inside.organization.version) => {
            Err(Stop::refuse(Code::PreconditionFailed, "the organization was changed by somebody else meanwhile"))
        }
        _ => Ok(()),
    }
}

/// Nobody opens an organization to the people of a domain that is not their own: a new one has to be that of the caller's
/// own verified address, unless the caller governs the tenant.
fn check_domains(inside: &Inside, after: &OrganizationSettings, who: &Who) -> Result<()> {
    let own = who.user.as_ref().and_then(domain_of);
    let known = &inside.organization.settings.domains;
    let new = after.domains.iter().find(|domain| !known.contains(domain) && own.as_ref() != Some(domain));
    match new {
        Some(_) if !inside.governs => {
            let why = "a domain has to be that of your own verified address";
            Err(Refusal::new(Code::Forbidden, why).into())
        }
        _ => Ok(()),
    }
}

/// The domain of somebody's verified address.
pub(super) fn domain_of(user: &User) -> Option<String> {
    let address = user.email.as_ref().filter(|_| user.email_verified.0)?;
    address.as_str().rsplit_once('@').map(|(_, domain)| domain.to_lowercase())
}

fn taken() -> Stop {
    Stop::refuse(Code::Conflict, "another organization has this slug")
}

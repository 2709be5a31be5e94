//! Room for one more: whether a tenant's plan lets it have another person, organization or client. To be asked in the
//! transaction that makes it, before it is made: the count is held until then, so the limit is exact however many come
//! at once. A smaller plan takes nothing away; it only lets nothing be added.

use crate::base::{Code, Refusal, Result, Timestamp};
use crate::store::Tx;
use crate::store::tenant_usage as usage;
use crate::store::tenants::Tenant;

pub use crate::store::tenant_usage::Counted;

/// What somebody hears who is not to know how many there are.
const FULL: &str = "no more accounts can be made here at the moment";

/// Refuses one more than the tenant's plan allows.
///
/// # Errors
/// `plan_limit_reached`, with how many there are and may be.
pub async fn make_room(tx: &mut Tx, tenant: &Tenant, what: Counted, now: Timestamp) -> Result<()> {
    make_room_for(tx, tenant, (what, 1), now).await
}

/// The same for several, which are made all or none.
///
/// # Errors
/// As [`make_room`].
pub async fn make_room_for(tx: &mut Tx, tenant: &Tenant, (what, more): (Counted, u64), now: Timestamp) -> Result<()> {
    let Some(limit) = tenant.held.allowance().of(what) else { return Ok(()) };
    let used = usage::hold(tx, &tenant.id, what, now).await?;
    let used = u64::try_from(used).unwrap_or_default();
    if used.saturating_add(more) <= limit {
        return Ok(());
    }
    let words = format!("the tenant's plan has no room for more {}", what.as_str());
    let refusal = Refusal::new(Code::PlanLimitReached, words)
        .member("resource", what.as_str())
        .member("limit", limit)
        .member("used", used)
        .member("plan", tenant.held.plan.as_deref());
    Err(refusal.into())
}

/// Waits as [`make_room`] does and refuses nothing: for one whose room is kept already, so that whoever adds somebody
/// to a tenant with limits takes the count first, and no two wait for each other.
///
/// # Errors
/// The database failed.
pub async fn take_turn(tx: &mut Tx, tenant: &Tenant, what: Counted, now: Timestamp) -> Result<()> {
    if tenant.held.allowance().of(what).is_some() {
        usage::hold(tx, &tenant.id, what, now).await?;
    }
    Ok(())
}

/// As [`make_room`], for strangers, whoever they say they are: they learn neither how many there are nor whether somebody is
/// among them, so it is to be asked before anybody is looked up.
///
/// # Errors
/// `plan_limit_reached`, and no more than that.
pub async fn make_room_for_stranger(tx: &mut Tx, tenant: &Tenant, now: Timestamp) -> Result<()> {
    match make_room(tx, tenant, Counted::Users, now).await {
        Err(crate::base::Stop::Refused(full)) => {
            Err(Refusal::new(full.code, FULL).hint(full.description.into_owned()).into())
        }
        made => made,
    }
}

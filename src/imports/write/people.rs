//! People, written: each with what they prove themselves by in one transaction, so that nobody is here without their
//! second factor.

use serde_json::json;

use super::Place;
use crate::base::{IdentityId, Result, Stop, UserId};
use crate::imports::record::Person;
use crate::imports::report::{Kind, Outcome, Report};
use crate::keys::Purpose;
use crate::people::Arrived;
use crate::store::Tx;
use crate::store::audit::{self, Event};
use crate::store::factors::{self, TotpFactor};
use crate::store::identities::{self, Identity};
use crate::store::providers::IdentityProvider;

/// People that happen together.
const TOGETHER: usize = 200;

/// Writes the people of a tenant.
///
/// # Errors
/// The database failed.
pub(super) async fn write(
    place: Place<'_>,
    people: Vec<Person>,
    providers: &[IdentityProvider],
    report: &mut Report,
) -> Result<()> {
    let mut people = people.into_iter().peekable();
    while people.peek().is_some() {
        let mut some: Vec<Person> = people.by_ref().take(TOGETHER).collect();
        for person in &mut some {
            hash(place, person).await?;
        }
        let mut tx = place.app.db.begin().await?;
        for person in some {
            one(place, &mut tx, (person, providers), report).await?;
        }
        tx.commit().await?;
    }
    Ok(())
}

/// A password that was kept in the clear is kept as ours are, before any transaction begins.
async fn hash(place: Place<'_>, person: &mut Person) -> Result<()> {
    if let Some(clear) = person.clear.take() {
        let hash = place.app.accounts.hash_of_known(&place.tenant.id, &clear).await?;
        person.account.password_hash = Some(hash.as_str().to_owned());
    }
    Ok(())
}

async fn one(
    place: Place<'_>,
    tx: &mut Tx,
    (person, providers): (Person, &[IdentityProvider]),
    report: &mut Report,
) -> Result<()> {
    let Person { called, old_id, account, totp, identities, .. } = person;
    let id = match place.app.people.take_in_one(tx, place.tenant, account, place.by).await {
        Ok(Arrived::Created(id)) => id,
        Ok(Arrived::Exists(_)) => {
            report.count(Kind::Person, Outcome::Exists, 1);
            return Ok(());
        }
        Ok(Arrived::Refused(refusal)) => {
            return place.refuse((Kind::Person, &called, &old_id), Stop::Refused(refusal), report);
        }
        Err(stop) => return place.refuse((Kind::Person, &called, &old_id), stop, report),
    };
    report.count(Kind::Person, Outcome::Created, 1);
    if let Some(seed) = totp {
        let sealed = place.app.keys.seal(Purpose::TotpSecret, &place.tenant.id, &seed)?;
        let factor = TotpFactor { sealed, last_step: 0, created_at: place.app.clock.now() };
        factors::set_totp(&mut *tx, &place.tenant.id, &id, &factor).await?;
    }
    for identity in identities {
        let Some(provider) = providers.iter().find(|provider| provider.slug == identity.provider) else { continue };
        let linked = Identity {
            tenant_id: place.tenant.id.clone(),
            id: IdentityId::generate(),
            provider_id: provider.id.clone(),
            subject: identity.subject,
            user_id: id.clone(),
            name: identity.name,
            created_at: place.app.clock.now(),
            last_used_at: None,
        };
        link(place, tx, (&linked, &id), report).await?;
    }
    Ok(())
}

async fn link(place: Place<'_>, tx: &mut Tx, (linked, user): (&Identity, &UserId), report: &mut Report) -> Result<()> {
    if !identities::insert(&mut *tx, linked).await? {
        report.review(
            place.called,
            linked.name.as_deref().unwrap_or_default(),
            "this account elsewhere signs in somebody else here",
        );
        return Ok(());
    }
    let event = Event::new(&place.tenant.id, linked.created_at, "identity.linked").by(&place.by.actor.id);
    let detail = json!({ "user_id": user, "provider_id": linked.provider_id, "imported": true });
    audit::record(tx, event.on(linked.id.as_str()).detail(detail)).await?;
    report.count(Kind::Identity, Outcome::Created, 1);
    Ok(())
}

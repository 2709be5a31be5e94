//! People who come: which of them can be here, which are here already, and which get in each other's way.

use std::collections::HashMap;

use super::Plan;
use crate::accounts::Passwords;
use crate::accounts::password::check_length;
use crate::app::App;
use crate::base::{Email, Result, UserId};
use crate::imports::Choices;
use crate::imports::record::{Person, why};
use crate::imports::report::{Kind, Named, Outcome, Report};
use crate::store::users::User;
use crate::store::{people, users};

/// Plans the people of a tenant.
///
/// # Errors
/// The database failed.
pub(super) async fn plan(
    app: &App,
    plan: &mut Plan,
    found: Vec<Person>,
    (choices, report): (&Choices, &mut Report),
) -> Result<()> {
    let called = plan.called.clone();
    let rivals = rivals(&found);
    let mut barred = 0_u64;
    for mut person in found {
        let names = (person.called.clone(), person.old_id.clone());
        let named = Named { tenant: &called, kind: Kind::Person, name: &names.0, old_id: &names.1 };
        if let Some(reason) = lost(&person, &rivals, choices) {
            report.leave_out(named, Outcome::Collision, reason);
            continue;
        }
        settle_password(&mut person, &called, report);
        if let Err(stop) = app.people.check(&plan.tenant, &person.account) {
            report.leave_out(named, Outcome::Refused, why(&stop));
            continue;
        }
        if !plan.is_new && is_met(app, plan, &person, (named, &mut *report)).await? {
            continue;
        }
        barred += u64::from(waits(plan, &person));
        settle_identities(plan, &mut person, report);
        plan.people.push(person);
    }
    if barred > 0 {
        let text = format!("{barred} people have not proven their address, and do not come in before they do");
        report.warn(&called, "unverified_sign_in", text);
    }
    Ok(())
}

/// Whether somebody has to prove their address before they come in, though they have a password.
fn waits(plan: &Plan, person: &Person) -> bool {
    let account = &person.account;
    let proves = account.password_hash.is_some() || person.clear.is_some();
    account.email.is_some() && !account.email_verified && proves && !plan.tenant.settings.unverified_sign_in
}

/// What two people cannot both be called.
fn keys(person: &Person) -> impl Iterator<Item = String> {
    let email = person.account.email.as_ref().map(Email::key);
    let username = person.account.username.as_deref().map(Email::key_of);
    let id = person.account.id.as_ref().map(|id| format!("id:{id}"));
    email.into_iter().chain(username).chain(id)
}

/// Everybody who is called like somebody else, by what they are called.
fn rivals(found: &[Person]) -> HashMap<String, Vec<(String, String)>> {
    let mut all: HashMap<String, Vec<(String, String)>> = HashMap::new();
    for person in found {
        for key in keys(person) {
            all.entry(key).or_default().push((person.called.clone(), person.old_id.clone()));
        }
    }
    all.retain(|_, people| people.len() > 1);
    all
}

/// Why somebody is left out for the sake of another. Of several, none is taken unless somebody has picked one: whose
/// account it is, a program cannot know.
fn lost(person: &Person, rivals: &HashMap<String, Vec<(String, String)>>, choices: &Choices) -> Option<String> {
    let picked = |old_id: &String| choices.picked.contains(old_id);
    for key in keys(person) {
        let Some(all) = rivals.get(&key) else { continue };
        let chosen = all.iter().filter(|(_, old_id)| picked(old_id)).count();
        if picked(&person.old_id) && chosen == 1 {
            continue;
        }
        let others: Vec<_> = all.iter().filter(|(_, old_id)| *old_id != person.old_id).map(shown).collect();
        let rest = if chosen == 1 { "which was picked" } else { "pick one: --pick ID" };
        return Some(format!("is the same account here as {}; {rest}", others.join(", ")));
    }
    None
}

fn shown((called, old_id): &(String, String)) -> String {
    format!("{called} ({old_id})")
}

/// A password that cannot be verified here keeps nobody out but its owner, who chooses another.
fn settle_password(person: &mut Person, tenant: &str, report: &mut Report) {
    let unknown = person.account.password_hash.as_deref().is_some_and(|hash| Passwords::accept_foreign(hash).is_err());
    let endless = person.clear.as_ref().is_some_and(|clear| check_length(clear).is_err());
    if unknown || endless {
        person.account.password_hash = None;
        person.clear = None;
        report.review(tenant, &person.called, "the password cannot be verified here: its owner has to choose another");
    }
}

/// Whether there is somebody here already who is this person, or is in the way.
async fn is_met(app: &App, plan: &Plan, person: &Person, (named, report): (Named<'_>, &mut Report)) -> Result<bool> {
    let (tenant, account) = (&plan.tenant.id, &person.account);
    let id = UserId::from(account.id.as_deref().unwrap_or_default());
    if let Some(there) = users::by_id(&app.db, tenant, &id).await? {
        report.count(Kind::Person, Outcome::Exists, 1);
        if !is_called(&there, person) {
            let text = format!("is here by another name ({}) and stays as they are", there.name_to_show());
            report.review(named.tenant, named.name, text);
        }
        return Ok(true);
    }
    if people::buried(&app.db, tenant, &id).await?.is_some() {
        let why = "was imported and deleted here since; `chancery user restore` brings them back";
        report.leave_out(named, Outcome::Refused, why);
        return Ok(true);
    }
    let typed = account.email.as_ref().map(Email::as_str).into_iter().chain(account.username.as_deref());
    for typed in typed {
        if let Some(there) = users::credentials(&app.db, tenant, typed).await? {
            let why = format!("another account here is called `{typed}` ({})", there.user.id);
            report.leave_out(named, Outcome::Collision, why);
            return Ok(true);
        }
    }
    Ok(false)
}

fn is_called(there: &User, person: &Person) -> bool {
    let account = &person.account;
    match (&there.email, &account.email) {
        (Some(there), Some(email)) => there.key() == email.key(),
        _ => there.username.as_deref().map(Email::key_of) == account.username.as_deref().map(Email::key_of),
    }
}

/// Accounts elsewhere sign somebody in only where the tenant has that provider.
fn settle_identities(plan: &Plan, person: &mut Person, report: &mut Report) {
    let called = &person.called;
    person.identities.retain(|identity| {
        let there = plan.providers.iter().any(|provider| provider.slug == identity.provider);
        if !there {
            let name = format!("{called}: {}", identity.provider);
            let named = Named { tenant: &plan.called, kind: Kind::Identity, name: &name, old_id: "" };
            let why = format!(
                "the tenant has no provider `{}`: add it before (`chancery provider add`), or they link it again",
                identity.provider
            );
            report.leave_out(named, Outcome::Skipped, why);
        }
        there
    });
}

//! A person of Authy2 with what they proved themselves by: password, authenticator app, accounts elsewhere, passkeys.

use super::aegis::canonical;
use super::authy2::{is_deleted, word};
use crate::base::{Result, Timestamp};
use crate::imports::dump::Row;
use crate::imports::record::{Identity, Person};
use crate::imports::report::{Kind, Named, Outcome, Report};
use crate::people::Travelling;
use crate::store::users::UserStatus;

/// Reads somebody; `None`: they are not brought along.
///
/// # Errors
/// The row is not one of somebody.
pub(super) fn person(row: Row<'_>, methods: &[Row<'_>], tenant: &str, report: &mut Report) -> Result<Option<Person>> {
    let (id, email) = (row.required("id")?, row.required("email")?);
    let named = Named { tenant, kind: Kind::Person, name: email, old_id: id };
    if is_deleted(row) {
        report.leave_out(named, Outcome::Skipped, "was deleted there");
        return Ok(None);
    }
    let Some(uuid) = canonical(id) else {
        report.leave_out(named, Outcome::Refused, "its id is no UUID");
        return Ok(None);
    };
    let mut account = Travelling::of(&uuid);
    match email.parse() {
        Ok(email) => account.email = Some(email),
        Err(why) => {
            report.leave_out(named, Outcome::Refused, why);
            return Ok(None);
        }
    }
    account.email_verified = row.is("email_verified");
    account.status = status(row, tenant, report);
    account.profile.name = row.text("full_name").map(str::to_owned);
    account.profile.picture = row.text("avatar_url").filter(|url| url.starts_with("https://")).map(str::to_owned);
    account.created_at = row.instant("created_at").map(Timestamp::rfc3339);
    account.password_hash = newest(methods, "password").and_then(|row| row.text("password_hash")).map(str::to_owned);
    let mut person = Person::new(email, id, account);
    person.totp = totp(methods, (tenant, email), report);
    for row in methods {
        person.identities.extend(identity(*row, (tenant, email), report));
    }
    Ok(Some(person))
}

/// The one of a kind that counted there.
fn newest<'a>(methods: &[Row<'a>], kind: &str) -> Option<Row<'a>> {
    let of_kind = methods.iter().filter(|row| word(**row, "method_type") == kind);
    of_kind.max_by_key(|row| row.text("created_at")).copied()
}

fn status(row: Row<'_>, tenant: &str, report: &mut Report) -> UserStatus {
    match word(row, "status").as_str() {
        "inactive" | "suspended" => UserStatus::Suspended,
        "compliance_suspended" => {
            let why = "was suspended because a second factor was overdue, and is suspended here";
            report.review(tenant, row.text("email").unwrap_or_default(), why);
            UserStatus::Suspended
        }
        _ => UserStatus::Active,
    }
}

/// The seed of the authenticator app, if its first code came back.
fn totp(methods: &[Row<'_>], (tenant, email): (&str, &str), report: &mut Report) -> Option<Vec<u8>> {
    let row = newest(methods, "totp").filter(|row| row.is("verified"))?;
    let kept = row.json("provider_data");
    let seed = kept["secret"].as_str().or_else(|| row.text("totp_secret")).and_then(base32);
    match &seed {
        Some(_) => report.warn(tenant, email, "keeps the authenticator app, and needs new recovery codes"),
        None => {
            report.review(tenant, email, "the seed of the authenticator app cannot be read: it has to be set up again");
        }
    }
    seed
}

/// An account elsewhere, or a passkey, which is told and left.
fn identity(row: Row<'_>, (tenant, email): (&str, &str), report: &mut Report) -> Option<Identity> {
    let provider = word(row, "method_type");
    let kept = row.json("provider_data");
    let name = format!("{email}: {provider}");
    let named = Named { tenant, kind: Kind::Identity, name: &name, old_id: row.text("id").unwrap_or_default() };
    match provider.as_str() {
        "google" | "github" | "microsoft" | "oidc" => {}
        "webauthn" => {
            let why = "its registration was never verified there: the passkey has to be added again";
            report.leave_out(Named { kind: Kind::Passkey, ..named }, Outcome::Skipped, why);
            return None;
        }
        "saml" => {
            report.leave_out(named, Outcome::Skipped, "people do not sign in with SAML here");
            return None;
        }
        _ => return None,
    }
    let subject = row.text("provider_user_id")?;
    if !row.is("verified") {
        let why = "was linked by an address that nobody had proven: its owner links it again after signing in";
        report.leave_out(named, Outcome::Skipped, why);
        report.review(tenant, email, format!("look whether the account at {provider} is really theirs: it {why}"));
        return None;
    }
    let name = kept["email"].as_str().or_else(|| kept["name"].as_str()).map(str::to_owned);
    Some(Identity { provider, subject: subject.to_owned(), name })
}

/// The seed, if it is long enough to be one (RFC 4226 §4).
fn base32(text: &str) -> Option<Vec<u8>> {
    let read = totp_rs::Secret::try_from_base32(text.trim_end_matches('=').to_ascii_uppercase()).ok()?;
    Some(read.as_bytes().to_vec()).filter(|seed| seed.len() >= 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_are_read_as_authenticator_apps_do() {
        let seed = b"12345678901234567890";
        for text in ["GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "gezdgnbvgy3tqojqgezdgnbvgy3tqojq"] {
            assert_eq!(base32(text).as_deref(), Some(&seed[..]));
        }
        for bad in ["", "AAAA", "GEZDGNBVGY3TQOJ1GEZDGNBVGY3TQOJQ", "GEZDGNBV GY3TQOJQ"] {
            assert_eq!(base32(bad), None, "{bad}");
        }
    }
}

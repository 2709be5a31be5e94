//! The people of the demonstration.

use crate::accounts::NewUser;
use crate::base::{Fault, Result};
use crate::store::users::{Address, Profile, Role};

/// Two people for a tenant: the first with every standard claim (OIDC Core §5.1), the second an administrator.
pub(super) fn of(slug: &str) -> Result<[NewUser; 2]> {
    let (first, second) = match slug {
        "acme" => (["Emmy", "Amalie", "Noether"], ["Sofia", "Wassiljewna", "Kowalewskaja"]),
        _ => (["Ada", "Augusta", "Lovelace"], ["Grace", "Brewster", "Hopper"]),
    };
    Ok([person(slug, first, complete(slug, first))?, administrator(slug, second)?])
}

fn person(slug: &str, [given, _, _]: [&str; 3], profile: Profile) -> Result<NewUser> {
    let local = given.to_lowercase();
    Ok(NewUser {
        email: Some(format!("{local}@{slug}.test").parse().map_err(Fault::new)?),
        email_verified: true,
        username: Some(local),
        password: None,
        role: Role::User,
        profile,
    })
}

fn administrator(slug: &str, names: [&str; 3]) -> Result<NewUser> {
    let [given, _, family] = names;
    let profile = Profile {
        name: Some(format!("{given} {family}")),
        given_name: Some(given.to_owned()),
        family_name: Some(family.to_owned()),
        ..Profile::default()
    };
    Ok(NewUser { role: Role::Admin, ..person(slug, names, profile)? })
}

fn complete(slug: &str, [given, middle, family]: [&str; 3]) -> Profile {
    let text = |text: &str| Some(text.to_owned());
    let local = given.to_lowercase();
    Profile {
        name: Some(format!("{given} {middle} {family}")),
        given_name: text(given),
        family_name: text(family),
        middle_name: text(middle),
        nickname: text(given),
        preferred_username: Some(local.clone()),
        profile: Some(format!("https://{slug}.test/people/{local}")),
        picture: Some(format!("https://{slug}.test/people/{local}.jpg")),
        website: Some(format!("https://{local}.{slug}.test/")),
        gender: text("female"),
        birthdate: text("1815-12-10"),
        zoneinfo: text("Europe/London"),
        locale: text("en-GB"),
        phone_number: text("+442079460123"),
        phone_number_verified: Some(true),
        address: Some(Address {
            formatted: text("12 St James's Square\nLondon SW1Y 4LB\nUnited Kingdom"),
            street_address: text("12 St James's Square"),
            locality: text("London"),
            region: text("Greater London"),
            postal_code: text("SW1Y 4LB"),
            country: text("GB"),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_person_has_every_standard_claim_and_the_second_administers() {
        for slug in ["demo", "acme"] {
            let [first, second] = of(slug).unwrap();
            let claims = serde_json::to_value(&first.profile).unwrap();
            assert_eq!(claims.as_object().unwrap().len(), 16, "{claims}");
            assert_eq!(claims["address"].as_object().unwrap().len(), 6);
            assert!(first.email_verified && first.email.is_some());
            assert_eq!(second.role, Role::Admin);
        }
    }
}

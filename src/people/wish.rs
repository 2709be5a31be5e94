//! What may be changed about a person, by whom, and into what. Everything else is refused by name (W-079, U6).

use serde_json::{Map, Value};
use url::Url;

use crate::base::{Code, Refusal};
use crate::store::users::{Address, Profile};

/// What a member of the profile has to look like.
#[derive(Clone, Copy, Debug)]
enum Rule {
    /// A line of up to so many characters.
    Line(usize),
    /// An https URL; it is never fetched by us.
    Https,
    /// A language tag (BCP 47).
    Language,
    /// `YYYY-MM-DD`, or `YYYY` (OIDC Core §5.1).
    Birthday,
    /// The `address` claim.
    Address,
}

/// What people may say of themselves.
const PROFILE: [(&str, Rule); 14] = [
    ("name", Rule::Line(200)),
    ("given_name", Rule::Line(100)),
    ("family_name", Rule::Line(100)),
    ("middle_name", Rule::Line(100)),
    ("nickname", Rule::Line(100)),
    ("profile", Rule::Https),
    ("picture", Rule::Https),
    ("website", Rule::Https),
    ("gender", Rule::Line(40)),
    ("birthdate", Rule::Birthday),
    ("zoneinfo", Rule::Line(64)),
    ("locale", Rule::Language),
    ("phone_number", Rule::Line(40)),
    ("address", Rule::Address),
];

/// A change that keeps the rules.
#[derive(Clone, Debug, Default)]
pub struct Wish {
    profile: Vec<(&'static str, Value)>,
    pub(super) user_metadata: Option<Map<String, Value>>,
    pub(super) app_metadata: Option<Map<String, Value>>,
}

impl Wish {
    /// What a person wishes for themselves.
    ///
    /// # Errors
    /// A member is not the person's to change, or cannot be that.
    pub fn of_person(members: Map<String, Value>) -> Result<Self, Refusal> {
        let mut wish = Self::default();
        for (name, value) in members {
            match name.as_str() {
                "user_metadata" => wish.user_metadata = Some(object(&name, value)?),
                _ => wish.take(&name, value)?,
            }
        }
        Ok(wish)
    }

    /// What an administrator wishes for somebody.
    ///
    /// # Errors
    /// As there.
    pub fn of_administrator(mut members: Map<String, Value>) -> Result<Self, Refusal> {
        let app = members.remove("app_metadata").map(|value| object("app_metadata", value)).transpose()?;
        Ok(Self { app_metadata: app, ..Self::of_person(members)? })
    }

    fn take(&mut self, name: &str, value: Value) -> Result<(), Refusal> {
        let name = if name == "avatar_url" { "picture" } else { name };
        let known = PROFILE.iter().find(|(known, _)| *known == name);
        let Some((name, rule)) = known else {
            let shown: String = name.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').take(60).collect();
            return Err(Refusal::new(Code::InvalidRequest, format!("unknown field `{shown}`")));
        };
        if self.profile.iter().any(|(taken, _)| taken == name) {
            return Err(Refusal::new(Code::InvalidRequest, "picture and avatar_url are the same"));
        }
        if !value.is_null() && !rule.admits(&value) {
            return Err(unfit(name));
        }
        self.profile.push((name, value));
        Ok(())
    }

    /// The profile with the wish come true.
    ///
    /// # Errors
    /// It does not fit together.
    pub(super) fn profile(&self, now: &Profile) -> Result<Profile, Refusal> {
        let impossible = |_| Refusal::new(Code::InvalidRequest, "the profile cannot be that");
        let mut members = match serde_json::to_value(now).map_err(impossible)? {
            Value::Object(members) => members,
            _ => Map::new(),
        };
        for (name, value) in &self.profile {
            let changed = members.get(*name) != Some(value);
            match value {
                Value::Null => drop(members.remove(*name)),
                value => drop(members.insert((*name).to_owned(), value.clone())),
            }
            // Whoever vouched for the number before did not vouch for this one.
            if *name == "phone_number" && changed {
                members.remove("phone_number_verified");
            }
        }
        serde_json::from_value(Value::Object(members)).map_err(impossible)
    }

    /// The names of what it wants changed, for the audit trail.
    pub(super) fn names(&self) -> Vec<&'static str> {
        let metadata = [("user_metadata", &self.user_metadata), ("app_metadata", &self.app_metadata)];
        let metadata = metadata.into_iter().filter(|(_, wish)| wish.is_some()).map(|(name, _)| name);
        self.profile.iter().map(|(name, _)| *name).chain(metadata).collect()
    }
}

impl Rule {
    fn admits(self, value: &Value) -> bool {
        if let Self::Address = self {
            return serde_json::from_value::<Address>(value.clone()).is_ok_and(|address| fits(&address));
        }
        let Some(text) = value.as_str() else { return false };
        match self {
            Self::Line(most) => is_line(text, most),
            Self::Https => text.len() <= 2_048 && Url::parse(text).is_ok_and(|url| is_harmless(&url)),
            Self::Language => is_language(text),
            Self::Birthday => is_birthday(text),
            Self::Address => false,
        }
    }
}

fn object(name: &str, value: Value) -> Result<Map<String, Value>, Refusal> {
    match value {
        Value::Object(members) => Ok(members),
        _ => Err(unfit(name)),
    }
}

fn unfit(name: &str) -> Refusal {
    Refusal::new(Code::InvalidRequest, format!("the field `{name}` cannot be that"))
}

fn is_line(text: &str, most: usize) -> bool {
    !text.trim().is_empty() && text.chars().count() <= most && !text.chars().any(char::is_control)
}

fn is_harmless(url: &Url) -> bool {
    url.scheme() == "https" && url.has_host() && url.username().is_empty() && url.password().is_none()
}

fn is_language(text: &str) -> bool {
    let part = |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let first = text.split('-').next().unwrap_or_default();
    text.len() <= 35
        && (2..=8).contains(&first.len())
        && first.bytes().all(|byte| byte.is_ascii_alphabetic())
        && text.split('-').all(part)
}

fn is_birthday(text: &str) -> bool {
    let date = time::macros::format_description!("[year]-[month]-[day]");
    let year = text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    year || (text.len() == 10 && time::Date::parse(text, &date).is_ok())
}

fn fits(address: &Address) -> bool {
    let lines = [&address.locality, &address.region, &address.postal_code, &address.country];
    let texts = [&address.formatted, &address.street_address];
    let several = |text: &String| text.len() <= 500 && text.lines().all(|line| !line.chars().any(char::is_control));
    lines.into_iter().flatten().all(|line| is_line(line, 100)) && texts.into_iter().flatten().all(several)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn wish(value: Value) -> Result<Wish, Refusal> {
        let Value::Object(members) = value else { panic!("no object") };
        Wish::of_person(members)
    }

    #[test]
    fn w079_u6_what_is_not_a_persons_to_change_is_refused_by_name() {
        for name in [
            "role",
            "roles",
            "status",
            "email",
            "email_verified",
            "username",
            "tenant_id",
            "id",
            "sub",
            "password",
            "phone_number_verified",
            "app_metadata",
            "created_at",
            "preferred_username",
            "enabled",
            "_password",
        ] {
            let refused = wish(json!({ (name): "x" })).unwrap_err();
            assert_eq!(refused.description, format!("unknown field `{name}`"));
        }
    }

    #[test]
    fn values_that_cannot_be_are_refused() {
        for (name, bad) in [
            ("name", json!("")),
            ("name", json!("a\r\nBcc: b")),
            ("name", json!("x".repeat(201))),
            ("name", json!(1)),
            ("picture", json!("http://a.test/x.png")),
            ("picture", json!("javascript:alert(1)")),
            ("picture", json!("https://u:p@a.test/")),
            ("locale", json!("e")),
            ("locale", json!("en_GB")),
            ("birthdate", json!("1815-02-30")),
            ("birthdate", json!("yesterday")),
            ("address", json!("London")),
            ("address", json!({ "planet": "Earth" })),
            ("user_metadata", json!([])),
        ] {
            assert!(wish(json!({ (name): bad })).is_err(), "{name}: {bad}");
        }
        assert!(wish(json!({ "picture": null, "avatar_url": null })).is_err());
    }

    #[test]
    fn a_wish_comes_true_and_nothing_else_changes() {
        let before = Profile {
            name: Some("Ada".to_owned()),
            phone_number: Some("+44".to_owned()),
            phone_number_verified: Some(true),
            nickname: Some("A".to_owned()),
            ..Profile::default()
        };
        let wish = wish(json!({
            "name": "Ada Lovelace", "nickname": null, "locale": "en-GB", "avatar_url": "https://a.test/a.png",
            "birthdate": "1815-12-10", "phone_number": "+33",
        }))
        .unwrap();
        let after = wish.profile(&before).unwrap();
        assert_eq!(after.name.as_deref(), Some("Ada Lovelace"));
        assert_eq!((after.nickname, after.phone_number_verified), (None, None));
        assert_eq!(after.picture.as_deref(), Some("https://a.test/a.png"));
        let same = Wish::of_person(Map::from_iter([("phone_number".to_owned(), json!("+44"))])).unwrap();
        assert_eq!(same.profile(&before).unwrap().phone_number_verified, Some(true));
    }
}

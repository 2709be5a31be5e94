//! What an organization is wished to be, and whether it can be that.

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::base::{Code, Refusal, Slug, UserId};
use crate::store::organizations::{Organization, OrganizationSettings};

/// Longest name, in characters.
const LONGEST_NAME: usize = 100;
/// Most bytes of metadata, as JSON.
const MOST_METADATA: usize = 16 * 1024;
/// Most domains whose people may join.
const MOST_DOMAINS: usize = 20;

/// An organization to be made.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct New {
    /// Its name for people.
    pub name: String,
    /// Its name in addresses; absent: made of the name.
    #[serde(default)]
    pub slug: Option<String>,
    /// What applications keep with it.
    #[serde(default)]
    pub metadata: Map<String, Value>,
    /// Whose it will be; absent: the caller's.
    #[serde(default)]
    pub owner: Option<UserId>,
}

/// What is to be changed; whatever is not named stays (RFC 7396).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Wish {
    #[serde(deserialize_with = "given")]
    name: Option<String>,
    #[serde(deserialize_with = "given")]
    slug: Option<String>,
    #[serde(deserialize_with = "given")]
    metadata: Option<Map<String, Value>>,
    #[serde(deserialize_with = "given")]
    settings: Option<SettingsWish>,
    #[serde(deserialize_with = "given")]
    pub(super) protected: Option<bool>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct SettingsWish {
    #[serde(deserialize_with = "given")]
    domains: Option<Vec<String>>,
    #[serde(deserialize_with = "given")]
    second_factor: Option<bool>,
}

/// What is to be changed about a role.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RoleWish {
    #[serde(deserialize_with = "given")]
    pub(super) description: Option<String>,
    #[serde(deserialize_with = "given")]
    pub(super) permissions: Option<Vec<String>>,
}

/// A member that is there has a value: none of these can be taken away by `null`.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(reader: D) -> Result<Option<T>, D::Error> {
    T::deserialize(reader).map(Some)
}

impl Wish {
    /// Whether anything but the protection is to be changed.
    pub(super) fn is_of_content(&self) -> bool {
        self.name.is_some() || self.slug.is_some() || self.metadata.is_some() || self.settings.is_some()
    }

    /// The organization with the wish come true, and the names of what changed.
    ///
    /// # Errors
    /// It cannot be that.
    pub(super) fn applied(self, to: &Organization) -> Result<(Organization, Vec<&'static str>), Refusal> {
        let mut after = to.clone();
        if let Some(text) = self.name {
            after.name = name(&text)?;
        }
        if let Some(text) = self.slug {
            after.slug = slug(&text)?;
        }
        if let Some(patch) = &self.metadata {
            merge(&mut after.metadata.0, patch);
            check_metadata(&after.metadata)?;
        }
        if let Some(wish) = self.settings {
            after.settings.0 = wish.applied(&to.settings)?;
        }
        after.protected.0 = self.protected.unwrap_or(to.protected.0);
        let changed = [
            ("name", after.name != to.name),
            ("slug", after.slug != to.slug),
            ("metadata", after.metadata != to.metadata),
            ("settings", after.settings != to.settings),
            ("protected", after.protected != to.protected),
        ];
        Ok((after, changed.into_iter().filter(|(_, changed)| *changed).map(|(name, _)| name).collect()))
    }
}

impl SettingsWish {
    fn applied(self, to: &OrganizationSettings) -> Result<OrganizationSettings, Refusal> {
        let mut after = to.clone();
        if let Some(domains) = self.domains {
            let mut all = domains.iter().map(|text| domain(text)).collect::<Result<Vec<_>, _>>()?;
            all.sort_unstable();
            all.dedup();
            if all.len() > MOST_DOMAINS {
                return Err(refuse(format!("an organization has {MOST_DOMAINS} domains at most")));
            }
            after.domains = all;
        }
        after.second_factor = self.second_factor.unwrap_or(after.second_factor);
        Ok(after)
    }
}

/// A name is a line for people to read.
///
/// # Errors
/// It is empty, too long or more than a line.
pub fn name(text: &str) -> Result<String, Refusal> {
    let text = text.trim();
    let fits = (1..=LONGEST_NAME).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    if fits { Ok(text.to_owned()) } else { Err(refuse("a name is one line of up to 100 characters")) }
}

/// A slug does not look like an id: either names an organization.
pub(super) fn slug(text: &str) -> Result<Slug, Refusal> {
    match text.parse::<Slug>() {
        Ok(slug) if Uuid::try_parse(text).is_err() => Ok(slug),
        Ok(_) => Err(refuse("a slug does not look like an id")),
        Err(why) => Err(refuse(why)),
    }
}

/// A slug made of a name: what of it a slug can hold. With a tail, when another has that.
pub(super) fn slug_of(name: &str, tail: Option<&str>) -> Option<Slug> {
    let mut made = String::new();
    for letter in name.to_lowercase().chars() {
        if letter.is_ascii_alphanumeric() {
            made.push(letter);
        } else if !made.is_empty() && !made.ends_with('-') {
            made.push('-');
        }
    }
    let short: String = made.chars().take(40).collect();
    let short = short.trim_end_matches('-');
    let whole = match tail {
        Some(tail) if short.is_empty() => format!("org-{tail}"),
        Some(tail) => format!("{short}-{tail}"),
        None => short.to_owned(),
    };
    slug(&whole).ok()
}

/// Refuses metadata that is too much.
///
/// # Errors
/// It is.
pub fn check_metadata(metadata: &Map<String, Value>) -> Result<(), Refusal> {
    let size = serde_json::to_string(metadata).map_or(usize::MAX, |text| text.len());
    if size <= MOST_METADATA { Ok(()) } else { Err(refuse(format!("metadata holds {MOST_METADATA} bytes at most"))) }
}

fn domain(text: &str) -> Result<String, Refusal> {
    let lower = text.trim().to_lowercase();
    let label = |label: &str| {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        (1..=63).contains(&label.len()) && label.bytes().all(plain) && !label.starts_with('-') && !label.ends_with('-')
    };
    let fits = lower.len() <= 253 && lower.contains('.') && lower.split('.').all(label);
    if fits { Ok(lower) } else { Err(refuse("a domain is the part of an address after the @")) }
}

/// RFC 7396 §2.
fn merge(target: &mut Map<String, Value>, patch: &Map<String, Value>) {
    for (name, value) in patch {
        match value {
            Value::Null => drop(target.remove(name)),
            Value::Object(inner) => {
                let slot = target.entry(name.clone()).or_insert_with(|| Value::Object(Map::new()));
                if !slot.is_object() {
                    *slot = Value::Object(Map::new());
                }
                if let Value::Object(below) = slot {
                    merge(below, inner);
                }
            }
            other => drop(target.insert(name.clone(), other.clone())),
        }
    }
}

fn refuse(why: impl Into<std::borrow::Cow<'static, str>>) -> Refusal {
    Refusal::new(Code::Unprocessable, why)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_slug_is_made_of_a_name_and_never_looks_like_an_id() {
        for (name, made) in [
            ("Acme Inc.", Some("acme-inc")),
            ("  Ünïcode & Söhne ", Some("n-code-s-hne")),
            ("日本", None),
            ("admin", None),
            ("0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b", None),
        ] {
            assert_eq!(slug_of(name, None).as_ref().map(Slug::as_str), made, "{name}");
        }
        assert_eq!(slug_of("admin", Some("7f3a")).unwrap().as_str(), "admin-7f3a");
        assert_eq!(slug_of("日本", Some("7f3a")).unwrap().as_str(), "org-7f3a");
    }

    #[test]
    fn w079_what_is_not_to_be_changed_is_refused_by_name() {
        for name in ["id", "status", "role", "version", "owner", "tenant_id", "created_at"] {
            let wished = serde_json::from_value::<Wish>(json!({ (name): "x" }));
            assert!(wished.unwrap_err().to_string().contains("unknown field"), "{name}");
        }
        for bad in [json!({ "name": null }), json!({ "settings": { "domains": "x" } }), json!({ "protected": 1 })] {
            assert!(serde_json::from_value::<Wish>(bad).is_err());
        }
    }

    #[test]
    fn domains_are_the_part_after_the_at() {
        for good in ["acme.test", "A.B-c.test"] {
            assert!(domain(good).is_ok(), "{good}");
        }
        for bad in ["", "test", "@acme.test", "*.test", "a..test", "-a.test", "a.test/"] {
            assert!(domain(bad).is_err(), "{bad}");
        }
    }
}

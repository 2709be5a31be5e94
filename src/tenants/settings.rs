//! What a tenant's owner and its operators say of it: one member by its path, or a merge patch over the version that
//! was read. What only operators decide stays theirs.

use serde_json::{Map, Value, json};

use super::Tenants;
use crate::base::{Actor, Code, Refusal, Result, Stop};
use crate::query::update::patch::merge;
use crate::store::tenants::{Settings, Tenant};

/// What owners read and do not write here: how much their tenant may have, where its issuer is, and its resource
/// servers, which have rules and an API of their own.
const OF_OPERATORS: [&str; 3] = ["quotas", "domain", "resource_servers"];
/// How often a change is tried again that somebody else was faster than.
const TRIES: usize = 3;
/// Longest name of a member that is repeated to whoever sent it.
const SHOWN: usize = 100;

/// Who changes settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Whoever administers the tenant.
    Owner,
    /// Who runs the platform.
    Operator,
}

impl Tenants {
    /// Changes what a merge patch (RFC 7396) names; what it names as null gets its default back. With a version, only
    /// that one is changed.
    ///
    /// # Errors
    /// The version is another one by now, a member is unknown or cannot be that, or it is the operators' to change.
    pub async fn change_settings(
        &self,
        tenant: &Tenant,
        (patch, version): (&Map<String, Value>, Option<i64>),
        reach: Reach,
        by: &Actor,
    ) -> Result<Tenant> {
        let mut tries = if version.is_some() { 1 } else { TRIES };
        loop {
            let mut now = self.any(tenant.id.as_str()).await?;
            if version.is_some_and(|version| version != now.version) {
                return Err(stale());
            }
            let settings = patched(&now.settings, patch, reach)?;
            if settings == now.settings.0 {
                return Ok(now);
            }
            let detail = json!({ "settings": differing(&now.settings, &settings)? });
            now.settings.0 = settings;
            tries -= 1;
            match self.change_to(&self.clock, &now, ("tenant.updated", detail), by).await {
                Err(Stop::Refused(refusal)) if refusal.code == Code::PreconditionFailed && tries > 0 => {}
                done => return self.any_after(done, tenant).await,
            }
        }
    }

    async fn any_after(&self, done: Result<()>, tenant: &Tenant) -> Result<Tenant> {
        done?;
        self.any(tenant.id.as_str()).await
    }
}

/// A change over a version that is not the newest.
pub(super) fn stale() -> Stop {
    Stop::refuse(Code::PreconditionFailed, "the tenant was changed by somebody else meanwhile")
}

/// The settings with a merge patch (RFC 7396) merged into them.
///
/// # Errors
/// A member is unknown or cannot be that, or it is the operators' to change.
pub fn patched(settings: &Settings, patch: &Map<String, Value>, reach: Reach) -> Result<Settings> {
    let before = serde_json::to_value(settings)?;
    let after = parse(&before, patch).map_err(|error| blame(&before, patch, &error))?;
    let named = serde_json::to_value(&after)?;
    let theirs = OF_OPERATORS.iter().find(|name| before.get(**name) != named.get(**name));
    match theirs.filter(|_| reach == Reach::Owner) {
        Some(name) => Err(Stop::refuse(Code::Forbidden, format!("`{name}` is for the platform's operators to change"))),
        None => Ok(after),
    }
}

fn parse(before: &Value, patch: &Map<String, Value>) -> Result<Settings, String> {
    if !is_shaped(before, patch) {
        return Err("a group of settings is an object".to_owned());
    }
    let mut merged = before.clone();
    merge(&mut merged, &Value::Object(patch.clone()));
    serde_json::from_value(merged).map_err(|error| error.to_string())
}

/// Whether groups stay groups: the parser would read a list as one, member by member.
fn is_shaped(before: &Value, patch: &Map<String, Value>) -> bool {
    patch.iter().all(|(name, value)| match (before.get(name), value) {
        (Some(group @ Value::Object(_)), Value::Object(inner)) => is_shaped(group, inner),
        (Some(Value::Object(_)), value) => value.is_null(),
        _ => true,
    })
}

/// Which member of a patch is to blame: the one without which there is no fault, or another one.
fn blame(before: &Value, patch: &Map<String, Value>, error: &str) -> Refusal {
    let mut all = Vec::new();
    leaves(patch, &mut Vec::new(), &mut all);
    let blamed = all.into_iter().find(|path| {
        let mut without = patch.clone();
        remove(&mut without, path);
        parse(before, &without).map_or_else(|other| other != error, |_| true)
    });
    let plain = |letter: &char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.');
    let path: String = blamed.unwrap_or_default().join(".").chars().filter(plain).take(SHOWN).collect();
    let sentence = if error.starts_with("unknown field") {
        format!("there is no setting `{path}`")
    } else {
        format!("the setting `{path}` cannot be that")
    };
    Refusal::new(Code::InvalidRequest, sentence).member("setting", path)
}

/// The paths of everything in an object that is no object itself, or an empty one.
fn leaves(object: &Map<String, Value>, above: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
    for (name, value) in object {
        above.push(name.clone());
        match value {
            Value::Object(inner) if !inner.is_empty() => leaves(inner, above, found),
            _ => found.push(above.clone()),
        }
        above.pop();
    }
}

fn remove(object: &mut Map<String, Value>, path: &[String]) {
    match path {
        [] => {}
        [name] => drop(object.remove(name)),
        [name, rest @ ..] => {
            if let Some(Value::Object(inner)) = object.get_mut(name) {
                remove(inner, rest);
            }
        }
    }
}

/// The settings that differ, by their paths, for the trail; what they are is not told.
///
/// # Errors
/// They cannot be written as JSON.
pub fn differing(before: &Settings, after: &Settings) -> Result<Vec<String>> {
    let (before, after) = (serde_json::to_value(before)?, serde_json::to_value(after)?);
    let mut all = Vec::new();
    if let Value::Object(object) = &after {
        leaves(object, &mut Vec::new(), &mut all);
    }
    if let Value::Object(object) = &before {
        leaves(object, &mut Vec::new(), &mut all);
    }
    let pointers = all.into_iter().map(|path| path.join("/"));
    let differs = |path: &String| before.pointer(&format!("/{path}")) != after.pointer(&format!("/{path}"));
    let mut names: Vec<String> = pointers.filter(differs).map(|path| path.replace('/', ".")).collect();
    names.sort();
    names.dedup();
    Ok(names)
}

/// Sets one member of the settings, named by its path as in `lifetimes.access_token`. Lists are separated by commas;
/// an empty value unsets an optional member.
///
/// # Errors
/// There is no such member, or the value does not fit it.
pub fn set(settings: &mut Settings, assignment: &str) -> Result<()> {
    let refuse = |sentence: String| Stop::refuse(Code::Unprocessable, sentence);
    let (path, text) =
        assignment.split_once('=').ok_or_else(|| refuse("a setting is written path=value".to_owned()))?;
    let mut members = serde_json::to_value(&*settings)?;
    let cannot_be = |error: &serde_json::Error| refuse(format!("the setting `{path}` cannot be `{text}`: {error}"));
    let pointer = format!("/{}", path.replace('.', "/"));
    if path == "domain" {
        members["domain"] = Value::Null;
    }
    let member = members
        .pointer_mut(&pointer)
        .filter(|member| !member.is_object())
        .ok_or_else(|| refuse(format!("there is no setting `{path}`")))?;
    *member = match (&*member, text) {
        (Value::Array(_), text) => text.split(',').filter(|item| !item.is_empty()).map(Value::from).collect(),
        (_, "") => Value::Null,
        (Value::Bool(_) | Value::Number(_), text) => serde_json::from_str(text).unwrap_or_else(|_| Value::from(text)),
        (_, text) => Value::from(text),
    };
    let as_number = text.parse::<i64>().ok();
    *settings = match (serde_json::from_value(members.clone()), as_number) {
        (Ok(settings), _) => settings,
        // A member that is not set yet does not show that it is a number.
        (Err(_), Some(number)) if members.pointer(&pointer).is_some_and(Value::is_string) => {
            if let Some(member) = members.pointer_mut(&pointer) {
                *member = Value::from(number);
            }
            serde_json::from_value(members).map_err(|error| cannot_be(&error))?
        }
        (Err(error), _) => return Err(cannot_be(&error)),
    };
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Seconds;

    fn patch(value: Value, reach: Reach) -> Result<Settings, String> {
        let Value::Object(patch) = value else { panic!("no object") };
        patched(&Settings::default(), &patch, reach).map_err(|stop| match stop {
            Stop::Refused(refusal) => refusal.description.into_owned(),
            Stop::Failed(fault) => fault.chain(),
        })
    }

    #[test]
    fn a_patch_is_merged_and_null_brings_the_default_back() {
        let wish = json!({ "lifetimes": { "access_token": 60, "code": null }, "language": "de", "scopes": ["a:b"] });
        let settings = patch(wish, Reach::Owner).unwrap();
        assert_eq!((settings.lifetimes.access_token, settings.lifetimes.code), (Seconds(60), Seconds(60)));
        assert_eq!((settings.language.as_deref(), settings.scopes.len()), (Some("de"), 1));
        let after = differing(&Settings::default(), &settings).unwrap();
        assert_eq!(after, ["language", "lifetimes.access_token", "scopes"]);
    }

    #[test]
    fn w079_what_is_no_setting_or_cannot_be_that_is_refused_by_its_path() {
        for (bad, said) in [
            (json!({ "language": "de", "role": "owner" }), "there is no setting `role`"),
            (json!({ "branding": { "color": "#aa3366", "x": 1 } }), "there is no setting `branding.x`"),
            (json!({ "lifetimes": { "access_token": "60" } }), "the setting `lifetimes.access_token` cannot be that"),
            (json!({ "password_grant": "false" }), "the setting `password_grant` cannot be that"),
            (json!({ "branding": [] }), "the setting `branding` cannot be that"),
            (json!({ "a\"<b>": 1 }), "there is no setting `ab`"),
        ] {
            assert_eq!(patch(bad.clone(), Reach::Operator).unwrap_err(), said, "{bad}");
        }
    }

    #[test]
    fn w068_what_operators_decide_is_read_and_not_written_by_owners() {
        for theirs in [json!({ "domain": "id.acme.test" }), json!({ "quotas": { "documents": 1_000_000 } })] {
            assert!(patch(theirs.clone(), Reach::Owner).unwrap_err().contains("operators"), "{theirs}");
            assert!(patch(theirs, Reach::Operator).is_ok());
        }
        let whole = serde_json::to_value(Settings::default()).unwrap();
        assert_eq!(patch(whole, Reach::Owner).unwrap(), Settings::default(), "what was read may be sent back");
    }

    #[test]
    fn a_setting_is_named_by_its_path() {
        let mut settings = Settings::default();
        for assignment in [
            "password_grant=true",
            "lifetimes.access_token=60",
            "branding.color=#aa3366",
            "scopes=orders:read,orders:write",
            "domain=id.demo.test",
            "mail.provider=smtp",
            "mail.smtp_port=2525",
        ] {
            set(&mut settings, assignment).unwrap();
        }
        assert!(settings.password_grant && settings.scopes.len() == 2);
        assert_eq!(settings.mail.smtp_port, Some(2_525));
        assert_eq!(settings.lifetimes.access_token, Seconds(60));
        assert_eq!(settings.branding.color.as_deref(), Some("#aa3366"));
        set(&mut settings, "branding.color=").unwrap();
        assert_eq!(settings.branding.color, None);
        let before = settings.clone();
        for bad in ["", "x", "x=1", "lifetimes=1", "lifetimes.access_token=soon", "password_grant=", "branding.x=1"] {
            assert!(set(&mut settings, bad).is_err(), "{bad}");
            assert_eq!(settings, before);
        }
    }
}

//! Who may do what with files: a filter with `$$auth` for each of reading, creating, changing and deleting. Reading is
//! part of the same statement as the list; the rest is asked of the file as it is, or as it would become.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Asker, moment};
use crate::base::{Code, Refusal, Result, StepUps, Timestamp};
use crate::query::expr::{Meter, Scope};
use crate::query::{Filter, Invalid, Variables};

/// What somebody wants to do with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// To see it.
    Read,
    /// To bring it.
    Create,
    /// To say something else about it, or give it other bytes.
    Update,
    /// To delete it.
    Delete,
}

/// How much work the rules of one request may be.
const STEPS: u64 = 100_000;

/// The rules as they are written.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// Who sees a file.
    #[serde(default = "own")]
    pub read: Value,
    /// Who brings one.
    #[serde(default = "anybody")]
    pub create: Value,
    /// Who changes one.
    #[serde(default = "own")]
    pub update: Value,
    /// Who deletes one.
    #[serde(default = "own")]
    pub delete: Value,
    /// What is asked of the sign-in behind a person's token.
    #[serde(skip)]
    pub step_up: StepUps,
}

fn own() -> Value {
    json!({ "_owner": "$$auth.sub" })
}

fn anybody() -> Value {
    Value::Bool(true)
}

impl Default for Rules {
    /// Owners have their files for themselves, and share them by saying for whom they are.
    fn default() -> Self {
        let read = json!({ "$or": [own(), { "visibility": { "$in": ["tenant", "public"] } }] });
        Self { read, create: anybody(), update: own(), delete: own(), step_up: StepUps::default() }
    }
}

impl Rules {
    /// Reads rules: an object, or `"private"` (administrators alone), `"owner"` or `"public-read"` (everybody reads).
    ///
    /// # Errors
    /// A rule says nothing in the language.
    pub fn parse(text: &Value) -> Result<Self> {
        let never = Value::Bool(false);
        let rules = match text.as_str() {
            Some("owner") => Self::default(),
            Some("private") => Self {
                read: never.clone(),
                create: never.clone(),
                update: never.clone(),
                delete: never,
                step_up: StepUps::default(),
            },
            Some("public-read") => Self { read: anybody(), ..Self::default() },
            Some(_) => return Err(Refusal::new(Code::InvalidDefinition, "there is no such preset").into()),
            None => Self::by_deed(text)?,
        };
        for rule in [&rules.read, &rules.create, &rules.update, &rules.delete] {
            filter(rule, &Variables::default())?;
        }
        Ok(rules)
    }

    fn by_deed(text: &Value) -> Result<Self, Refusal> {
        let mut text = text.clone();
        let step_up = text.as_object_mut().and_then(|members| members.remove("step_up"));
        let unknown = "rules are read, create, update, delete and step_up, and nothing else";
        let rules: Self = serde_json::from_value(text).map_err(|_| Refusal::new(Code::InvalidDefinition, unknown))?;
        let step_up = step_up.map_or(Ok(StepUps::default()), |step_up| StepUps::read(&step_up));
        let step_up = step_up.map_err(|(at, detail)| {
            let error = json!({ "pointer": format!("/step_up{at}"), "code": "invalid", "detail": detail });
            Refusal::new(Code::InvalidDefinition, detail).member("errors", json!([error]))
        })?;
        Ok(Self { step_up, ..rules })
    }

    /// As they are told, and read again.
    #[must_use]
    pub fn shown(&self) -> Value {
        let mut shown =
            json!({ "read": self.read, "create": self.create, "update": self.update, "delete": self.delete });
        if self.step_up != StepUps::default() {
            shown["step_up"] = self.step_up.written();
        }
        shown
    }

    /// What a file has to be for this deed.
    ///
    /// # Errors
    /// `insufficient_user_authentication`: the person has to prove more for this. The rule was stored by a version that
    /// understood it.
    pub fn filter(&self, deed: Deed, asker: &Asker, now: Timestamp) -> Result<Filter> {
        self.step_up.of(deed as usize).demand(asker.proven, now)?;
        if asker.admin {
            return Ok(Filter::everything());
        }
        let rule = match deed {
            Deed::Read => &self.read,
            Deed::Create => &self.create,
            Deed::Update => &self.update,
            Deed::Delete => &self.delete,
        };
        filter(rule, &asker.variables)
    }

    /// Whether the deed is allowed on a file that looks so.
    ///
    /// # Errors
    /// As [`Rules::filter`].
    pub fn allow(&self, deed: Deed, asker: &Asker, file: &Value, now: Timestamp) -> Result<bool> {
        let scope = Scope { now: &moment(now), meter: &Meter::new(STEPS) };
        // A rule that cannot be computed of this file allows nothing.
        Ok(self.filter(deed, asker, now)?.takes(file, &scope).unwrap_or(false))
    }
}

fn filter(rule: &Value, variables: &Variables) -> Result<Filter> {
    match rule {
        Value::Bool(true) => Ok(Filter::everything()),
        Value::Bool(false) => Ok(Filter::Not(Box::new(Filter::everything()))),
        Value::Object(_) => Filter::rule(rule, variables).map_err(|invalid| refused(&invalid).into()),
        _ => Err(Refusal::new(Code::InvalidDefinition, "a rule is true, false or a filter").into()),
    }
}

/// What is wrong with a text of the language, as an answer.
#[must_use]
pub fn refused(invalid: &Invalid) -> Refusal {
    let code = match invalid.subject.as_str() {
        "invalid-sort" => Code::InvalidSort,
        "invalid-regex" => Code::InvalidRegex,
        "invalid-document" => Code::InvalidDocument,
        _ => Code::InvalidFilter,
    };
    let error = json!({ "pointer": invalid.pointer, "code": invalid.code, "detail": invalid.detail });
    Refusal::new(code, invalid.detail.clone()).member("errors", json!([error]))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_800_000_000);

    fn asker(sub: &str, admin: bool) -> Asker {
        Asker { admin, ..Asker::nobody().called(sub, &["user"]) }
    }

    fn allowed(rules: &Rules, deed: Deed, sub: &str) -> bool {
        let file = json!({ "_owner": "ada", "visibility": "private", "metadata": { "team": "user" } });
        rules.allow(deed, &asker(sub, false), &file, NOW).unwrap()
    }

    #[test]
    fn w097_owners_have_their_files_for_themselves_unless_they_share_them() {
        let rules = Rules::default();
        for deed in [Deed::Read, Deed::Update, Deed::Delete] {
            assert!(allowed(&rules, deed, "ada") && !allowed(&rules, deed, "eve"));
        }
        let shared = json!({ "_owner": "ada", "visibility": "tenant" });
        assert!(rules.allow(Deed::Read, &asker("eve", false), &shared, NOW).unwrap());
        assert!(!rules.allow(Deed::Update, &asker("eve", false), &shared, NOW).unwrap());
    }

    #[test]
    fn rules_are_filters_and_presets() {
        let team = Rules::parse(&json!({ "read": { "metadata.team": { "$in": "$$auth.roles" } } })).unwrap();
        assert!(allowed(&team, Deed::Read, "eve") && !allowed(&team, Deed::Delete, "eve"));
        let private = Rules::parse(&json!("private")).unwrap();
        assert!(!allowed(&private, Deed::Read, "ada"));
        let file = json!({ "_owner": "ada" });
        assert!(private.allow(Deed::Delete, &asker("root", true), &file, NOW).unwrap(), "administrators pass");
        assert!(allowed(&Rules::parse(&json!("public-read")).unwrap(), Deed::Read, "eve"));
    }

    #[test]
    fn d2_what_is_no_rule_is_refused_when_it_is_saved() {
        for bad in [
            json!("everything"),
            json!({ "read": 1 }),
            json!({ "write": true }),
            json!({ "step_up": { "share": {} } }),
            json!({ "read": { "$where": "1" } }),
            json!({ "read": { "_owner": "$$auth.subject" } }),
            json!(null),
        ] {
            assert!(Rules::parse(&bad).is_err(), "{bad}");
        }
    }
}

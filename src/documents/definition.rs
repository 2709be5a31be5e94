//! What a tenant says of a collection: who may do what, what is hidden, how large its documents are.

use serde_json::{Map, Value, json};

use super::hidden::Hidden;
use super::refusals::{invalid, wrong};
use super::upkeep::Upkeep;
use super::{Asking, DOCUMENT_BYTES};
use crate::base::{Code, Refusal, StepUps};
use crate::query::path::{Path, Root};
use crate::query::{Filter, Variables};

/// Bytes that a definition may have.
const LARGEST: usize = 64 << 10;
/// Hidden fields of a collection.
const HIDDEN: usize = 50;

/// What a rule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// To see a document.
    Read,
    /// To store one.
    Create,
    /// To change one; asked of it before and after.
    Update,
    /// To remove one.
    Delete,
}

/// Whom a rule lets do something.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Rule {
    /// Programs that act for themselves.
    #[default]
    Programs,
    /// Everybody with the scope.
    Everybody,
    /// Nobody.
    Nobody,
    /// Whom a filter over the document lets, in which variables stand for the caller.
    Filter(Value),
}

/// The rules of a collection.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rules {
    /// Who sees which documents.
    pub read: Rule,
    /// Who stores which.
    pub create: Rule,
    /// Who changes which.
    pub update: Rule,
    /// Who removes which.
    pub delete: Rule,
}

/// How much a collection takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one document.
    pub document_bytes: usize,
}

/// What is said of a collection.
#[derive(Clone, Debug, PartialEq)]
pub struct Definition {
    /// Who may do what.
    pub rules: Rules,
    /// What is asked of the sign-in behind a person's token.
    pub step_up: StepUps,
    /// What only those who govern see.
    pub hidden: Hidden,
    /// Whether a change has to name the revision it changes.
    pub require_if_match: bool,
    /// How much it takes.
    pub limits: Limits,
    /// Indexes, schema and what else keeps it in order.
    pub upkeep: Upkeep,
}

impl Definition {
    /// Reads what was written; everything in it is known, or it is refused.
    ///
    /// # Errors
    /// `invalid_definition`, or what is wrong with a rule.
    pub fn read(text: &Map<String, Value>) -> Result<Self, Refusal> {
        let mut definition = Self {
            rules: Rules::default(),
            step_up: StepUps::default(),
            hidden: Hidden::default(),
            require_if_match: false,
            limits: Limits { document_bytes: DOCUMENT_BYTES },
            upkeep: Upkeep::default(),
        };
        if serde_json::to_vec(text).map_or(usize::MAX, |bytes| bytes.len()) > LARGEST {
            return refuse("", "a definition has at most 65536 bytes");
        }
        for (name, value) in text {
            match name.as_str() {
                "rules" => definition.rules = rules(value)?,
                "step_up" => definition.step_up = step_up(value)?,
                "hidden" => definition.hidden = hidden(value)?,
                "require_if_match" => definition.require_if_match = truth(value, "/require_if_match")?,
                "limits" => definition.limits = limits(value, &mut definition.upkeep)?,
                name if definition.upkeep.take(name, value)? => {}
                _ => return refuse(&format!("/{name}"), "a definition has no such member"),
            }
        }
        Ok(definition)
    }
}

impl Rules {
    /// The rule about this.
    #[must_use]
    pub const fn of(&self, verb: Verb) -> &Rule {
        match verb {
            Verb::Read => &self.read,
            Verb::Create => &self.create,
            Verb::Update => &self.update,
            Verb::Delete => &self.delete,
        }
    }

    /// Whether a rule names this variable.
    #[must_use]
    pub fn name(&self, variable: &str) -> bool {
        let names = |rule: &Rule| matches!(rule, Rule::Filter(filter) if filter.to_string().contains(variable));
        [&self.read, &self.create, &self.update, &self.delete].into_iter().any(names)
    }
}

impl Rule {
    /// The documents of which it lets this caller do what it is about.
    ///
    /// # Errors
    /// It was stored by a version that knew more.
    pub fn filter(&self, asking: &Asking, variables: &Variables) -> Result<Filter, Refusal> {
        let when = |is| if is { Filter::everything() } else { Filter::Any(Vec::new()) };
        match self {
            Self::Programs => Ok(when(asking.person.is_none())),
            Self::Everybody => Ok(when(true)),
            Self::Nobody => Ok(when(false)),
            Self::Filter(filter) => Filter::rule(filter, variables).map_err(|mistake| invalid("/rules", &mistake)),
        }
    }
}

fn refuse<T>(pointer: &str, detail: &str) -> Result<T, Refusal> {
    Err(wrong(Code::InvalidDefinition, pointer, "invalid", detail))
}

fn truth(value: &Value, pointer: &str) -> Result<bool, Refusal> {
    value.as_bool().map_or_else(|| refuse(pointer, "this is true or false"), Ok)
}

fn step_up(value: &Value) -> Result<StepUps, Refusal> {
    StepUps::read(value).map_err(|(at, why)| wrong(Code::InvalidDefinition, &format!("/step_up{at}"), "invalid", why))
}

fn rules(value: &Value) -> Result<Rules, Refusal> {
    match value {
        Value::String(_) => {
            let each = |verb| preset(value, verb, "/rules");
            Ok(Rules {
                read: each(Verb::Read)?,
                create: each(Verb::Create)?,
                update: each(Verb::Update)?,
                delete: each(Verb::Delete)?,
            })
        }
        Value::Object(map) => {
            let mut rules = Rules::default();
            for (name, value) in map {
                let at = format!("/rules/{name}");
                match name.as_str() {
                    "read" => rules.read = rule(value, Verb::Read, &at)?,
                    "create" => rules.create = rule(value, Verb::Create, &at)?,
                    "update" => rules.update = rule(value, Verb::Update, &at)?,
                    "delete" => rules.delete = rule(value, Verb::Delete, &at)?,
                    _ => return refuse(&at, "there are rules for read, create, update and delete"),
                }
            }
            Ok(rules)
        }
        _ => refuse("/rules", "rules are an object, or the name of a preset"),
    }
}

fn rule(value: &Value, verb: Verb, at: &str) -> Result<Rule, Refusal> {
    match value {
        Value::Bool(true) => Ok(Rule::Everybody),
        Value::Bool(false) => Ok(Rule::Nobody),
        Value::String(_) => preset(value, verb, at),
        Value::Object(_) => match Filter::rule(value, &Variables::default()) {
            Ok(_) => Ok(Rule::Filter(value.clone())),
            Err(mistake) => Err(invalid(at, &mistake)),
        },
        _ => refuse(at, "a rule is a filter, true, false, or the name of a preset"),
    }
}

fn preset(value: &Value, verb: Verb, at: &str) -> Result<Rule, Refusal> {
    let own = || Rule::Filter(json!({ "_owner": "$$auth.sub" }));
    match (value.as_str(), verb) {
        (Some("private"), _) => Ok(Rule::Programs),
        (Some("public-read"), Verb::Read) => Ok(Rule::Everybody),
        (Some("owner" | "public-read"), _) => Ok(own()),
        _ => refuse(at, "the presets are private, owner and public-read"),
    }
}

fn hidden(value: &Value) -> Result<Hidden, Refusal> {
    let list = value.as_array().filter(|list| list.len() <= HIDDEN);
    let Some(list) = list else { return refuse("/hidden", "hidden is a list of at most 50 paths") };
    let mut paths = Vec::new();
    for (n, path) in list.iter().enumerate() {
        let at = format!("/hidden/{n}");
        let Some(text) = path.as_str() else { return refuse(&at, "a path is a text") };
        let place = crate::query::At::start(crate::query::Subject::Projection);
        let path = Path::parse(text, Root::Stored, &place).map_err(|mistake| invalid(&at, &mistake))?;
        let counts = |name: &str| name.bytes().all(|byte| byte.is_ascii_digit());
        if path.server().is_some() || text.split('.').any(counts) {
            return refuse(&at, "fields of the server and elements of arrays cannot be hidden");
        }
        paths.push(text);
    }
    Ok(Hidden::of(paths))
}

fn limits(value: &Value, upkeep: &mut Upkeep) -> Result<Limits, Refusal> {
    let Some(map) = value.as_object() else { return refuse("/limits", "limits are an object") };
    let mut limits = Limits { document_bytes: DOCUMENT_BYTES };
    for (name, value) in map {
        let at = format!("/limits/{name}");
        let whole = value.as_u64().and_then(|number| usize::try_from(number).ok()).filter(|number| *number > 0);
        match (name.as_str(), whole) {
            ("max_document_bytes", Some(bytes)) if bytes <= DOCUMENT_BYTES => limits.document_bytes = bytes,
            ("max_document_bytes", _) => return refuse(&at, "this is a number from 1 to 1048576"),
            (name, _) if upkeep.limit(name, value)? => {}
            _ => return refuse(&at, "there is no such limit"),
        }
    }
    Ok(limits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: Value) -> Result<Definition, Refusal> {
        let Value::Object(map) = text else { panic!("not an object") };
        Definition::read(&map)
    }

    #[test]
    fn a_new_collection_is_for_programs_alone() {
        let empty = read(json!({})).unwrap();
        assert_eq!(empty.rules, Rules::default());
        assert_eq!((empty.limits.document_bytes, empty.require_if_match), (1_048_576, false));
    }

    #[test]
    fn presets_stand_for_all_rules_or_for_one() {
        let own = Rule::Filter(json!({"_owner": "$$auth.sub"}));
        let all = read(json!({"rules": "public-read"})).unwrap().rules;
        assert_eq!((&all.read, &all.create, &all.delete), (&Rule::Everybody, &own, &own));
        let some = read(json!({"rules": {"read": true, "create": "owner", "update": false}})).unwrap().rules;
        let expected = Rules { read: Rule::Everybody, create: own, update: Rule::Nobody, delete: Rule::Programs };
        assert_eq!(some, expected);
    }

    #[test]
    fn what_is_unknown_or_wrong_is_refused_with_its_place() {
        for (text, pointer) in [
            (json!({"rule": {}}), "/rule"),
            (json!({"rules": {"raed": true}}), "/rules/raed"),
            (json!({"rules": {"read": {"a": "$$auth.tennant"}}}), "/rules/read/a"),
            (json!({"rules": {"read": {"$where": "1"}}}), "/rules/read/$where"),
            (json!({"rules": {"read": "everybody"}}), "/rules/read"),
            (json!({"rules": []}), "/rules"),
            (json!({"step_up": {"update": {"acr": "silver"}}}), "/step_up/update/acr"),
            (json!({"hidden": ["_owner"]}), "/hidden/0"),
            (json!({"hidden": ["a", "b.0"]}), "/hidden/1"),
            (json!({"hidden": ["$a"]}), "/hidden/0"),
            (json!({"hidden": "a"}), "/hidden"),
            (json!({"require_if_match": "true"}), "/require_if_match"),
            (json!({"limits": {"max_document_bytes": 0}}), "/limits/max_document_bytes"),
            (json!({"limits": {"max_document_bytes": 1_048_577}}), "/limits/max_document_bytes"),
            (json!({"limits": {"max": 1}}), "/limits/max"),
        ] {
            let refusal = read(text.clone()).unwrap_err();
            assert_eq!(refusal.members["errors"][0]["pointer"], pointer, "{text}");
        }
    }

    #[test]
    fn rules_may_use_every_variable() {
        for variable in crate::query::VARIABLES {
            assert!(read(json!({"rules": {"read": {"a": variable}}})).unwrap().rules.name(variable));
        }
    }
}

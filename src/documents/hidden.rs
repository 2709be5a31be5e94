//! Fields that only those who govern a collection may see, name or change. What cannot be seen cannot be searched
//! for, sorted by or computed with either, or it could be guessed bit by bit (D6).

use serde_json::{Map, Value};

use super::refusals::wrong;
use crate::base::{Code, Refusal};

/// Paths of hidden fields. Elements of arrays have the fields that their array has, so numbers in paths do not count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hidden {
    paths: Vec<Vec<String>>,
    /// Where a token is for some fields only, all others of the caller's part are hidden.
    only: Option<Vec<Vec<String>>>,
}

impl Hidden {
    /// These paths.
    #[must_use]
    pub fn of<'a>(paths: impl IntoIterator<Item = &'a str>) -> Self {
        Self { paths: paths.into_iter().map(names).collect(), only: None }
    }

    /// As before, and whatever is none of these.
    #[must_use]
    pub fn only<'a>(mut self, paths: impl IntoIterator<Item = &'a str>) -> Self {
        self.only = Some(paths.into_iter().map(names).collect());
        self
    }

    /// Whether nothing is hidden.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.paths.is_empty() && self.only.is_none()
    }

    /// Whether a path leads to something hidden, or past it. The empty path is the whole document.
    #[must_use]
    pub fn meets(&self, path: &str) -> bool {
        let path = if path.is_empty() { Vec::new() } else { names(path) };
        self.paths.iter().any(|hidden| hidden.iter().zip(&path).all(|(a, b)| a == b)) || self.leaves_out(&path)
    }

    /// Whether a path leads elsewhere than into one of the only fields. Those of the server are everybody's.
    fn leaves_out(&self, path: &[String]) -> bool {
        let servers = path.first().is_some_and(|name| name.starts_with('_'));
        let within = |only: &Vec<String>| path.starts_with(only);
        self.only.as_ref().is_some_and(|only| !servers && !only.iter().any(within))
    }

    /// Collects what meets something hidden, for those who show their paths.
    ///
    /// # Errors
    /// One of the paths does.
    pub fn refuse(&self, code: Code, from: &str, show: impl FnOnce(&mut dyn FnMut(&str))) -> Result<(), Refusal> {
        let mut met = None;
        if !self.is_empty() {
            show(&mut |path| {
                if met.is_none() && self.meets(path) {
                    met = Some(path.to_owned());
                }
            });
        }
        match met {
            Some(path) => Err(wrong(code, from, "hidden-field", &format!("`{path}` is not for this caller"))),
            None => Ok(()),
        }
    }

    /// Refuses a body that names something hidden.
    ///
    /// # Errors
    /// It does.
    pub fn refuse_in(&self, body: &Value) -> Result<(), Refusal> {
        let mut outside = None;
        if self.only.is_some() {
            replaced(body, "", &mut |path| {
                if outside.is_none() && self.leaves_out(&names(path)) {
                    outside = Some(path.to_owned());
                }
            });
        }
        match self.paths.iter().find(|path| holds(body, path)).map(|path| path.join(".")).or(outside) {
            Some(path) => {
                let detail = format!("`{path}` is not for this caller");
                Err(wrong(Code::InvalidDocument, &format!("/{}", path.replace('.', "/")), "hidden-field", &detail))
            }
            None => Ok(()),
        }
    }

    /// What is left of a document for those who may not see all of it.
    #[must_use]
    pub fn strip(&self, mut document: Value) -> Value {
        for path in &self.paths {
            remove(&mut document, path);
        }
        match (&self.only, document) {
            (Some(only), Value::Object(map)) => Value::Object(within(map, only)),
            (_, document) => document,
        }
    }

    /// Takes over from the old body what whoever replaces it cannot see.
    pub fn keep(&self, old: &Map<String, Value>, new: &mut Map<String, Value>) {
        for path in &self.paths {
            copy(old, new, path);
        }
        if let Some(only) = &self.only {
            let mut outside = Value::Object(old.clone());
            for path in only {
                remove(&mut outside, path);
            }
            fill(new, outside);
        }
    }
}

/// What of an object stands at these paths; at the top the server's fields too.
fn within(map: Map<String, Value>, paths: &[Vec<String>]) -> Map<String, Value> {
    let all = map.into_iter().filter_map(|(name, value)| {
        if name.starts_with('_') {
            return Some((name, value));
        }
        let below: Vec<Vec<String>> = paths
            .iter()
            .filter(|path| path.first() == Some(&name))
            .map(|path| path.iter().skip(1).cloned().collect())
            .collect();
        inside(value, &below).map(|value| (name, value))
    });
    all.collect()
}

fn inside(value: Value, paths: &[Vec<String>]) -> Option<Value> {
    if paths.iter().any(Vec::is_empty) {
        return Some(value);
    }
    match value {
        _ if paths.is_empty() => None,
        Value::Object(map) => {
            let named = |name: &String| -> Vec<Vec<String>> {
                let own = paths.iter().filter(|path| path.first() == Some(name));
                own.map(|path| path.iter().skip(1).cloned().collect()).collect()
            };
            let left = map.into_iter().filter_map(|(name, value)| {
                let below = named(&name);
                inside(value, &below).map(|value| (name, value))
            });
            Some(Value::Object(left.collect()))
        }
        Value::Array(items) => Some(items.into_iter().filter_map(|item| inside(item, paths)).collect()),
        _ => None,
    }
}

/// Puts into an object what it does not have.
fn fill(new: &mut Map<String, Value>, old: Value) {
    let Value::Object(old) = old else { return };
    for (name, value) in old {
        match new.get_mut(&name) {
            Some(Value::Object(below)) => fill(below, value),
            Some(_) => {}
            None => drop(new.insert(name, value)),
        }
    }
}

/// The names of a path without the places in arrays.
fn names(path: &str) -> Vec<String> {
    let is_place = |name: &&str| name.bytes().all(|byte| byte.is_ascii_digit());
    path.split('.').filter(|name| !is_place(name)).map(str::to_owned).collect()
}

/// Whether something stands at a path.
fn holds(value: &Value, path: &[String]) -> bool {
    let Some((name, rest)) = path.split_first() else { return true };
    match value {
        Value::Object(map) => map.get(name).is_some_and(|value| holds(value, rest)),
        Value::Array(items) => items.iter().any(|item| holds(item, path)),
        _ => false,
    }
}

/// Shows the path of everything that a merge patch replaces.
pub(super) fn replaced(value: &Value, path: &str, see: &mut dyn FnMut(&str)) {
    let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match value {
        Value::Object(map) => map.iter().for_each(|(name, value)| replaced(value, &below(name), see)),
        _ => see(path),
    }
}

fn remove(value: &mut Value, path: &[String]) {
    let Some((name, rest)) = path.split_first() else { return };
    match value {
        Value::Object(map) if rest.is_empty() => drop(map.remove(name)),
        Value::Object(map) => {
            if let Some(value) = map.get_mut(name) {
                remove(value, rest);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| remove(item, path)),
        _ => {}
    }
}

fn copy(old: &Map<String, Value>, new: &mut Map<String, Value>, path: &[String]) {
    let Some((name, rest)) = path.split_first() else { return };
    let Some(value) = old.get(name) else { return };
    if rest.is_empty() {
        new.insert(name.clone(), value.clone());
    } else if let Value::Object(old) = value {
        let below = new.entry(name.clone()).or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(below) = below {
            copy(old, below, rest);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: Value) -> Map<String, Value> {
        let Value::Object(map) = value else { panic!("not an object") };
        map
    }

    #[test]
    fn d6_a_path_meets_what_is_hidden_above_below_and_through_arrays() {
        let hidden = Hidden::of(["cost", "items.margin"]);
        for path in ["", "cost", "cost.x", "items", "items.0", "items.margin", "items.3.margin.x", "cost.0"] {
            assert!(hidden.meets(path), "{path}");
        }
        for path in ["costs", "items.price", "items.0.price", "x.cost"] {
            assert!(!hidden.meets(path), "{path}");
        }
        assert!(!Hidden::default().meets(""));
    }

    #[test]
    fn d6_what_is_hidden_is_stripped_in_arrays_too() {
        let hidden = Hidden::of(["cost", "items.margin"]);
        let whole = json!({"cost": 1, "items": [{"margin": 1, "n": 1}, {"n": 2}, 3], "x": {"cost": 1}});
        assert_eq!(hidden.strip(whole), json!({"items": [{"n": 1}, {"n": 2}, 3], "x": {"cost": 1}}));
    }

    #[test]
    fn a_token_for_some_fields_meets_no_others() {
        let only = Hidden::default().only(["n", "o.x"]);
        for path in ["", "m", "o", "o.y", "nn"] {
            assert!(only.meets(path), "{path}");
        }
        for path in ["n", "n.a", "o.x", "o.0.x", "_id", "_owner"] {
            assert!(!only.meets(path), "{path}");
        }
        let whole = json!({"_id": "a", "n": 1, "m": 2, "o": {"x": 1, "y": 2}, "p": [{"x": 1}]});
        assert_eq!(only.strip(whole.clone()), json!({"_id": "a", "n": 1, "o": {"x": 1}}));
        assert!(only.refuse_in(&json!({"n": 1, "o": {"x": 5}})).is_ok());
        for outside in [json!({"m": 1}), json!({"o": {"y": 1}}), json!({"o": 5})] {
            assert!(only.refuse_in(&outside).is_err(), "{outside}");
        }
        let mut new = object(json!({"n": 7}));
        only.keep(&object(json!({"n": 1, "m": 2, "o": {"x": 1, "y": 2}})), &mut new);
        assert_eq!(new, object(json!({"n": 7, "m": 2, "o": {"y": 2}})));
    }

    #[test]
    fn d6_who_cannot_see_a_field_neither_sets_nor_loses_it() {
        let hidden = Hidden::of(["cost", "deep.er"]);
        let mut new = object(json!({"n": 2}));
        hidden.keep(&object(json!({"cost": 1, "n": 1, "deep": {"er": 5, "x": 1}})), &mut new);
        assert_eq!(new, object(json!({"n": 2, "cost": 1, "deep": {"er": 5}})));
        for body in [json!({"cost": 1}), json!({"deep": {"er": 1}}), json!({"deep": [1, {"er": 1}]})] {
            assert!(hidden.refuse_in(&body).is_err(), "{body}");
        }
        assert!(hidden.refuse_in(&json!({"deep": {"x": 1}, "costs": 1})).is_ok());
        let mut seen = Vec::new();
        replaced(&json!({"deep": {"x": 1, "y": null}, "z": [{"er": 1}]}), "", &mut |path| seen.push(path.to_owned()));
        assert_eq!(seen, ["deep.x", "deep.y", "z"]);
    }
}

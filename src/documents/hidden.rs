//! Fields that only those who govern a collection may see, name or change. What cannot be seen cannot be searched
//! for, sorted by or computed with either, or it could be guessed bit by bit (D6).

use serde_json::{Map, Value};

use super::refusals::wrong;
use crate::base::{Code, Refusal};

/// Paths of hidden fields. Elements of arrays have the fields that their array has, so numbers in paths do not count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hidden(Vec<Vec<String>>);

impl Hidden {
    /// These paths.
    #[must_use]
    pub fn of<'a>(paths: impl IntoIterator<Item = &'a str>) -> Self {
        Self(paths.into_iter().map(names).collect())
    }

    /// Whether nothing is hidden.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a path leads to something hidden, or past it. The empty path is the whole document.
    #[must_use]
    pub fn meets(&self, path: &str) -> bool {
        let path = if path.is_empty() { Vec::new() } else { names(path) };
        self.0.iter().any(|hidden| hidden.iter().zip(&path).all(|(a, b)| a == b))
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
        match self.0.iter().find(|path| holds(body, path)) {
            Some(path) => {
                let path = path.join(".");
                let detail = format!("`{path}` is not for this caller");
                Err(wrong(Code::InvalidDocument, &format!("/{}", path.replace('.', "/")), "hidden-field", &detail))
            }
            None => Ok(()),
        }
    }

    /// What is left of a document for those who may not see all of it.
    #[must_use]
    pub fn strip(&self, mut document: Value) -> Value {
        for path in &self.0 {
            remove(&mut document, path);
        }
        document
    }

    /// Takes over from the old body what whoever replaces it cannot see.
    pub fn keep(&self, old: &Map<String, Value>, new: &mut Map<String, Value>) {
        for path in &self.0 {
            copy(old, new, path);
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

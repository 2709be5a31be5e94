//! Projections: which fields of a document, and in pipelines which new ones.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::expr::{Expr, Failure, Scope};
use super::invalid::{At, Result, Subject};
use super::limits::FILTER_NODES;
use super::path::{Path, Root};
use super::reader::Reader;

/// Which fields.
#[derive(Clone, Debug, PartialEq)]
pub enum Projection {
    /// Only these.
    Only(Tree),
    /// All but these.
    Without(Tree),
}

/// Fields below fields.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tree(BTreeMap<String, Node>);

/// What is said of a field.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// The whole of it.
    Whole,
    /// Fields below it.
    Below(Tree),
    /// It is computed.
    Computed(Expr),
}

/// What stands beside a path.
enum Said {
    In,
    Out,
    Computed(Expr),
}

impl Projection {
    /// Reads a projection of stored documents: `{"a": 1, "b.c": 1}`, `{"d": 0}`, or as a text `a,b.c`.
    ///
    /// # Errors
    /// It says nothing in the language.
    pub fn parse(text: &Value) -> Result<Self> {
        let mut reader = Reader::new(FILTER_NODES, Root::Stored, None);
        let at = At::start(Subject::Projection);
        match text.as_str() {
            None => Self::within(text, false, &mut reader, &at),
            Some(list) => {
                let names = list.split(',').map(|name| (name.to_owned(), Value::from(1)));
                Self::within(&Value::Object(names.collect()), false, &mut reader, &at)
            }
        }
    }

    /// Reads a projection within a larger text; in pipelines fields can be computed.
    ///
    /// # Errors
    /// It says nothing in the language.
    pub fn within(text: &Value, computing: bool, reader: &mut Reader<'_>, at: &At) -> Result<Self> {
        let Some(map) = text.as_object().filter(|map| !map.is_empty()) else {
            return at.refuse("not-an-object", "a projection is an object of at least one field");
        };
        let mut said = Vec::new();
        read(map, &[], computing, reader, at, &mut said)?;
        let of_id = said.iter().rposition(|(path, _)| path.len() == 1 && path[0] == "_id");
        let id = of_id.filter(|n| said.len() > 1 && matches!(said[*n].1, Said::Out)).map(|n| said.remove(n));
        let only = !matches!(said.first(), Some((_, Said::Out)));
        let mut tree = Tree::default();
        for (path, said) in said {
            let node = match said {
                Said::In if only => Node::Whole,
                Said::Out if !only => Node::Whole,
                Said::Computed(expr) if only => Node::Computed(expr),
                _ => return at.refuse("mixed", "fields are named to be in, or to be out, but not both"),
            };
            tree.put(&path, node, at)?;
        }
        if only && id.is_none() {
            tree.0.entry("_id".to_owned()).or_insert(Node::Whole);
        } else if let (false, Some((path, _))) = (only, id) {
            tree.put(&path, Node::Whole, at)?;
        }
        Ok(if only { Self::Only(tree) } else { Self::Without(tree) })
    }

    /// All but these.
    ///
    /// # Errors
    /// Two of the paths meet.
    pub fn without(paths: &[Path], at: &At) -> Result<Self> {
        let mut tree = Tree::default();
        for path in paths {
            let names: Vec<String> = path.steps().iter().map(|step| step.name.clone()).collect();
            tree.put(&names, Node::Whole, at)?;
        }
        Ok(Self::Without(tree))
    }

    /// What is left of a document.
    ///
    /// # Errors
    /// A field cannot be computed.
    pub fn apply(&self, document: &Value, scope: &Scope<'_>) -> Result<Value, Failure> {
        match self {
            Self::Only(tree) => Ok(only(document, tree, document, scope)?.unwrap_or_default()),
            Self::Without(tree) => Ok(without(document, tree)),
        }
    }

    /// Shows every path it names or looks at.
    pub fn paths(&self, see: &mut dyn FnMut(&str)) {
        let (Self::Only(tree) | Self::Without(tree)) = self;
        tree.paths("", see);
    }
}

impl Tree {
    fn put(&mut self, path: &[String], node: Node, at: &At) -> Result<()> {
        let conflict = || at.wrong("conflict", format!("`{}` is named twice", path.join(".")));
        let Some((name, rest)) = path.split_first() else { return Ok(()) };
        if rest.is_empty() {
            return if self.0.insert(name.clone(), node).is_some() { Err(conflict()) } else { Ok(()) };
        }
        match self.0.entry(name.clone()).or_insert_with(|| Node::Below(Self::default())) {
            Node::Below(tree) => tree.put(rest, node, at),
            _ => Err(conflict()),
        }
    }

    fn paths(&self, above: &str, see: &mut dyn FnMut(&str)) {
        for (name, node) in &self.0 {
            let path = if above.is_empty() { name.clone() } else { format!("{above}.{name}") };
            match node {
                Node::Whole => see(&path),
                Node::Below(tree) => tree.paths(&path, see),
                Node::Computed(expr) => expr.paths(see),
            }
        }
    }
}

fn read(
    map: &Map<String, Value>,
    above: &[String],
    computing: bool,
    reader: &mut Reader<'_>,
    at: &At,
    said: &mut Vec<(Vec<String>, Said)>,
) -> Result<()> {
    for (name, value) in map {
        let at = at.child(name);
        reader.node(&at)?;
        let root = if above.is_empty() { reader.root() } else { Root::Any };
        let path = Path::parse(name, root, &at)?;
        let path: Vec<String> =
            above.iter().cloned().chain(path.steps().iter().map(|step| step.name.clone())).collect();
        match value {
            Value::Bool(true) => said.push((path, Said::In)),
            Value::Bool(false) => said.push((path, Said::Out)),
            Value::Number(number) => said.push((path, if number.as_f64() == Some(0.0) { Said::Out } else { Said::In })),
            Value::Object(inner) if !inner.is_empty() && !inner.keys().any(|name| name.starts_with('$')) => {
                reader.deeper(&at, |reader| read(inner, &path, computing, reader, &at, said))?;
            }
            value if computing => said.push((path, Said::Computed(Expr::within(value, reader, &at)?))),
            _ => return at.refuse("not-a-projection", "a field is in with 1 or true, out with 0 or false"),
        }
    }
    Ok(())
}

/// `None` is a value of which nothing is left: a scalar where an object was meant.
fn only(value: &Value, tree: &Tree, document: &Value, scope: &Scope<'_>) -> Result<Option<Value>, Failure> {
    match value {
        Value::Object(map) => {
            let mut left = Map::new();
            for (name, member) in map {
                match tree.0.get(name) {
                    Some(Node::Whole) => drop(left.insert(name.clone(), member.clone())),
                    Some(Node::Below(tree)) => {
                        left.extend(only(member, tree, document, scope)?.map(|member| (name.clone(), member)));
                    }
                    _ => {}
                }
            }
            computed(&mut left, map, tree, document, scope)?;
            Ok(Some(Value::Object(left)))
        }
        Value::Array(items) => {
            let mut left = Vec::new();
            for item in items {
                left.extend(only(item, tree, document, scope)?);
            }
            Ok(Some(Value::Array(left)))
        }
        _ => Ok(None),
    }
}

/// Adds what is computed, also below members that do not exist.
fn computed(
    left: &mut Map<String, Value>,
    map: &Map<String, Value>,
    tree: &Tree,
    document: &Value,
    scope: &Scope<'_>,
) -> Result<(), Failure> {
    for (name, node) in &tree.0 {
        match node {
            Node::Computed(expr) => {
                left.extend(expr.value(document, scope)?.map(|value| (name.clone(), value)));
            }
            Node::Below(tree) if !map.contains_key(name) => {
                let empty = Value::Object(Map::new());
                let made = only(&empty, tree, document, scope)?;
                left.extend(made.filter(|made| *made != empty).map(|made| (name.clone(), made)));
            }
            _ => {}
        }
    }
    Ok(())
}

fn without(value: &Value, tree: &Tree) -> Value {
    match value {
        Value::Object(map) => {
            let left = map.iter().filter_map(|(name, member)| match tree.0.get(name) {
                None => Some((name.clone(), member.clone())),
                Some(Node::Below(tree)) => Some((name.clone(), without(member, tree))),
                Some(_) => None,
            });
            Value::Object(left.collect())
        }
        Value::Array(items) => items.iter().map(|item| without(item, tree)).collect(),
        scalar => scalar.clone(),
    }
}

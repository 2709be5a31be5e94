//! From JSON to an expression.

use serde_json::{Map, Value};

use super::super::document::storable;
use super::super::invalid::{At, Result};
use super::super::limits::PATH_STEPS;
use super::super::operators;
use super::super::path;
use super::super::pattern::Pattern;
use super::super::reader::{Reader, VARIABLES};
use super::super::value::normal;
use super::operator::{Form, Operator};
use super::{Each, Expr, Loop, Variable};

impl Expr {
    /// Reads an expression within a larger text.
    ///
    /// # Errors
    /// It says nothing in the language.
    pub fn within(text: &Value, reader: &mut Reader<'_>, at: &At) -> Result<Self> {
        reader.node(at)?;
        match text {
            Value::String(text) => match text.strip_prefix('$') {
                Some(rest) => reference(rest, text, reader, at),
                None => literal(&Value::String(text.clone()), at),
            },
            Value::Array(items) => reader.deeper(at, |reader| row(items, reader, at)).map(Self::Array),
            Value::Object(map) => reader.deeper(at, |reader| object(map, reader, at)),
            scalar => literal(scalar, at),
        }
    }
}

fn literal(value: &Value, at: &At) -> Result<Expr> {
    storable(value, at)?;
    Ok(Expr::Literal(normal(value.clone())))
}

fn row(items: &[Value], reader: &mut Reader<'_>, at: &At) -> Result<Vec<Expr>> {
    items.iter().enumerate().map(|(n, item)| Expr::within(item, reader, &at.child(n))).collect()
}

/// `$path`, `$$VARIABLE`, `$$variable.path`; `rest` is without the first `$`.
fn reference(rest: &str, whole: &str, reader: &mut Reader<'_>, at: &At) -> Result<Expr> {
    let Some(variable) = rest.strip_prefix('$') else {
        return Ok(Expr::Path(Variable::Root, names(rest, at)?));
    };
    if let Some(variables) = reader.variables().filter(|_| VARIABLES.contains(&whole)) {
        return Ok(variables.value(whole, at)?.map_or(Expr::Missing, Expr::Literal));
    }
    let (name, rest) = variable.split_once('.').map_or((variable, None), |(name, rest)| (name, Some(rest)));
    let below = rest.map_or_else(|| Ok(Vec::new()), |rest| names(rest, at))?;
    match name {
        "ROOT" | "CURRENT" => Ok(Expr::Path(Variable::Root, below)),
        "NOW" | "now" => Ok(Expr::Path(Variable::Now, below)),
        "REMOVE" if below.is_empty() => Ok(Expr::Missing),
        name if reader.knows(name) => Ok(Expr::Path(Variable::Local(name.to_owned()), below)),
        _ => at.refuse("unknown-variable", format!("there is no variable `$${name}`")),
    }
}

fn names(text: &str, at: &At) -> Result<Vec<String>> {
    let names: Vec<String> = text.split('.').map(str::to_owned).collect();
    if names.len() > PATH_STEPS {
        return at.refuse("path-too-long", format!("a path has at most {PATH_STEPS} components"));
    }
    names.iter().try_for_each(|name| path::name(name, at))?;
    Ok(names)
}

fn object(map: &Map<String, Value>, reader: &mut Reader<'_>, at: &At) -> Result<Expr> {
    let operators = map.keys().filter(|name| name.starts_with('$')).count();
    if let (1, 1, Some((name, value))) = (operators, map.len(), map.iter().next()) {
        return operator(name, value, reader, &at.child(name));
    }
    if operators > 0 {
        return at.refuse("mixed", "an operator stands alone in its object");
    }
    let member = |(name, value): (&String, &Value)| {
        let at = at.child(name);
        path::name(name, &at)?;
        if name.contains('.') {
            return at.refuse("dotted-name", "a field's name holds a dot");
        }
        Ok((name.clone(), Expr::within(value, reader, &at)?))
    };
    map.iter().map(member).collect::<Result<_>>().map(Expr::Object)
}

fn operator(name: &str, value: &Value, reader: &mut Reader<'_>, at: &At) -> Result<Expr> {
    match name {
        "$literal" => literal(value, at),
        "$cond" if value.is_object() => {
            let [condition, then, otherwise] = named(value, ["if", "then", "else"], 3, reader, at)?;
            Ok(Expr::Call(Operator::Cond, vec![condition, then, otherwise]))
        }
        "$switch" => switch(value, reader, at),
        "$let" => variables(value, reader, at),
        "$map" => each(Each::Map, value, "in", reader, at),
        "$filter" => each(Each::Filter, value, "cond", reader, at),
        "$reduce" => each(Each::Reduce, value, "in", reader, at),
        "$regexMatch" => regex(value, reader, at),
        name => match Operator::named(name) {
            Some((operator, form)) => arguments(name, form, value, reader, at).map(|all| Expr::Call(operator, all)),
            None if operators::FILTER.contains(&name) || operators::STAGES.contains(&name) => {
                at.refuse("misplaced-operator", format!("`{name}` cannot stand here"))
            }
            None => at.refuse("unknown-operator", format!("`{name}` {}", operators::refusal(name))),
        },
    }
}

fn arguments(name: &str, form: Form, value: &Value, reader: &mut Reader<'_>, at: &At) -> Result<Vec<Expr>> {
    let (least, most) = match form {
        Form::Row(least, most) => (least, most),
        Form::Named(names, needed) => return by_name(value, names, needed, reader, at),
    };
    let arguments = match value {
        Value::Array(items) => row(items, reader, at)?,
        one => vec![Expr::within(one, reader, at)?],
    };
    if (least..=most).contains(&arguments.len()) {
        Ok(arguments)
    } else {
        at.refuse("wrong-arguments", format!("`{name}` does not take {} arguments", arguments.len()))
    }
}

/// Members by name; those after the first `needed` may be left out.
fn by_name(value: &Value, names: &[&str], needed: usize, reader: &mut Reader<'_>, at: &At) -> Result<Vec<Expr>> {
    let Value::Object(map) = value else { return at.refuse("not-an-object", "this takes an object") };
    if let Some(other) = map.keys().find(|name| !names.contains(&name.as_str())) {
        return at.child(other).refuse("unknown-member", format!("there is no `{other}` here"));
    }
    let argument = |(n, name): (usize, &&str)| match map.get(*name) {
        Some(value) => Expr::within(value, reader, &at.child(name)),
        None if n < needed => at.refuse("missing-member", format!("`{name}` is missing")),
        None => Ok(Expr::Missing),
    };
    names.iter().enumerate().map(argument).collect()
}

fn named<const N: usize>(
    value: &Value,
    names: [&str; N],
    needed: usize,
    reader: &mut Reader<'_>,
    at: &At,
) -> Result<[Expr; N]> {
    let all = by_name(value, &names, needed, reader, at)?;
    all.try_into().map_err(|_| at.wrong("wrong-arguments", "this has too few members"))
}

fn switch(value: &Value, reader: &mut Reader<'_>, at: &At) -> Result<Expr> {
    let Value::Object(map) = value else { return at.refuse("not-an-object", "`$switch` takes an object") };
    if let Some(other) = map.keys().find(|name| !["branches", "default"].contains(&name.as_str())) {
        return at.child(other).refuse("unknown-member", format!("there is no `{other}` here"));
    }
    let Some(branches) = map.get("branches").and_then(Value::as_array).filter(|branches| !branches.is_empty()) else {
        return at.child("branches").refuse("not-a-list", "`branches` is a list of at least one");
    };
    let at_branches = at.child("branches");
    let branch = |(n, branch): (usize, &Value)| {
        let [case, then] = named(branch, ["case", "then"], 2, reader, &at_branches.child(n))?;
        Ok((case, then))
    };
    let branches = branches.iter().enumerate().map(branch).collect::<Result<_>>()?;
    let default = map.get("default").map(|default| Expr::within(default, reader, &at.child("default"))).transpose()?;
    Ok(Expr::Switch(branches, default.map(Box::new)))
}

fn variables(value: &Value, reader: &mut Reader<'_>, at: &At) -> Result<Expr> {
    let (Some(Value::Object(vars)), Some(body), Some(2)) =
        (value.get("vars"), value.get("in"), value.as_object().map(Map::len))
    else {
        return at.refuse("wrong-arguments", "`$let` takes `vars` and `in`");
    };
    let mut bound = Vec::new();
    for (name, value) in vars {
        let at = at.child("vars").child(name);
        bound.push((variable_name(name, &at)?, Expr::within(value, reader, &at)?));
    }
    let names = bound.iter().map(|(name, _)| name.clone()).collect();
    let body = reader.knowing(names, |reader| Expr::within(body, reader, &at.child("in")))?;
    Ok(Expr::Let(bound, Box::new(body)))
}

fn variable_name(name: &str, at: &At) -> Result<String> {
    let plain = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.len() <= 64
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if plain && name != "auth" && name != "now" {
        Ok(name.to_owned())
    } else {
        at.refuse("bad-variable", "a variable's name begins with a small letter and has letters, digits and `_`")
    }
}

fn each(kind: Each, value: &Value, body: &str, reader: &mut Reader<'_>, at: &At) -> Result<Expr> {
    let Value::Object(map) = value else { return at.refuse("not-an-object", "this takes an object") };
    let needed: &[&str] = if kind == Each::Reduce { &["input", body, "initialValue"] } else { &["input", body] };
    let allowed = |name: &str| needed.contains(&name) || (name == "as" && kind != Each::Reduce);
    if let Some(other) = map.keys().find(|name| !allowed(name)) {
        return at.child(other).refuse("unknown-member", format!("there is no `{other}` here"));
    }
    let part = |name: &str, reader: &mut Reader<'_>| match map.get(name) {
        Some(value) => Expr::within(value, reader, &at.child(name)),
        None => at.refuse("missing-member", format!("`{name}` is missing")),
    };
    let input = part("input", reader)?;
    let initial = if kind == Each::Reduce { part("initialValue", reader)? } else { Expr::Missing };
    let name = match map.get("as").map(Value::as_str) {
        None => "this".to_owned(),
        Some(name) => variable_name(name.unwrap_or_default(), &at.child("as"))?,
    };
    let mut names = vec![name.clone()];
    names.extend((kind == Each::Reduce).then(|| "value".to_owned()));
    let body = reader.knowing(names, |reader| part(body, reader))?;
    Ok(Expr::Each(kind, Box::new(Loop { input, name, initial, body })))
}

/// The pattern has to stand in the text, so that it is checked before anything runs.
fn regex(value: &Value, reader: &mut Reader<'_>, at: &At) -> Result<Expr> {
    let Value::Object(map) = value else { return at.refuse("not-an-object", "`$regexMatch` takes an object") };
    if let Some(other) = map.keys().find(|name| !["input", "regex", "options"].contains(&name.as_str())) {
        return at.child(other).refuse("unknown-member", format!("there is no `{other}` here"));
    }
    let options = map.get("options").map_or(Some(""), Value::as_str);
    let (Some(input), Some(source), Some(options)) =
        (map.get("input"), map.get("regex").and_then(Value::as_str), options)
    else {
        return at.refuse("wrong-arguments", "`$regexMatch` takes `input`, and as texts `regex` and `options`");
    };
    let input = Expr::within(input, reader, &at.child("input"))?;
    Ok(Expr::Regex(Box::new(input), Pattern::parse(source, options, &at.child("regex"))?))
}

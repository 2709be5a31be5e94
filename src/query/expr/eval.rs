//! The value of an expression for one document.

use std::cmp::Ordering;

use serde_json::{Map, Value};

use super::super::value::{compare, weight};
use super::scope::{Env, Local};
use super::{Each, Expr, Failure, Loop, Operator, Scope, Variable, arithmetic, convert, dates, lists, text};

/// A value, or missing.
pub(super) type Maybe = Option<Value>;

impl Expr {
    /// Its value for a document; `None` is missing.
    ///
    /// # Errors
    /// The values do not fit an operator, or it takes too much work.
    pub fn value(&self, document: &Value, scope: &Scope<'_>) -> Result<Maybe, Failure> {
        eval(self, &Env { document, locals: None, scope })
    }

    /// Whether its value counts as true.
    ///
    /// # Errors
    /// As [`Expr::value`].
    pub fn truth(&self, document: &Value, scope: &Scope<'_>) -> Result<bool, Failure> {
        self.value(document, scope).map(|value| is_true(value.as_ref()))
    }
}

/// What is missing, `null`, `false` and 0 count as false.
pub(super) fn is_true(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => false,
        Some(Value::Bool(is)) => *is,
        Some(Value::Number(number)) => number.as_f64() != Some(0.0),
        Some(_) => true,
    }
}

/// The order of values when one may be missing: that comes first.
pub(super) fn order(a: Option<&Value>, b: Option<&Value>) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) => compare(a, b),
        (a, b) => a.is_some().cmp(&b.is_some()),
    }
}

pub(super) fn eval(expr: &Expr, env: &Env<'_>) -> Result<Maybe, Failure> {
    let meter = env.scope.meter;
    meter.spend(1)?;
    match expr {
        Expr::Literal(value) => meter.made(value.clone()),
        Expr::Missing => Ok(None),
        Expr::Path(Variable::Root, names) => follow(Some(env.document), names, env),
        Expr::Path(Variable::Local(name), names) => follow(env.local(name), names, env),
        Expr::Path(Variable::Now, names) => Ok(names.is_empty().then(|| Value::from(env.scope.now))),
        Expr::Object(members) => {
            let mut map = Map::new();
            for (name, member) in members {
                if let Some(value) = eval(member, env)? {
                    map.insert(name.clone(), value);
                }
            }
            meter.made(Value::Object(map))
        }
        Expr::Array(items) => {
            let items: Result<Vec<Value>, Failure> =
                items.iter().map(|item| eval(item, env).map(Option::unwrap_or_default)).collect();
            meter.made(Value::Array(items?))
        }
        Expr::Call(operator, arguments) => call(*operator, arguments, env),
        Expr::Switch(branches, default) => switch(branches, default.as_deref(), env),
        Expr::Let(variables, body) => bind(variables, body, env, env.locals),
        Expr::Each(kind, parts) => each(*kind, parts, env),
        Expr::Regex(input, pattern) => match eval(input, env)? {
            None | Some(Value::Null) => Ok(Some(Value::Bool(false))),
            Some(Value::String(text)) => {
                meter.spend(text.len() / 16)?;
                Ok(Some(Value::Bool(pattern.found_in(&text))))
            }
            Some(_) => Failure::wrong("`$regexMatch` takes a text"),
        },
    }
}

fn switch(branches: &[(Expr, Expr)], default: Option<&Expr>, env: &Env<'_>) -> Result<Maybe, Failure> {
    for (case, then) in branches {
        if is_true(eval(case, env)?.as_ref()) {
            return eval(then, env);
        }
    }
    match default {
        Some(default) => eval(default, env),
        None => Failure::wrong("`$switch` has no branch for this and no default"),
    }
}

fn follow(value: Option<&Value>, names: &[String], env: &Env<'_>) -> Result<Maybe, Failure> {
    match (value, names.split_first()) {
        (Some(value), None) => env.scope.meter.made(value.clone()),
        (Some(Value::Object(map)), Some((name, rest))) => follow(map.get(name), rest, env),
        (Some(Value::Array(items)), Some(_)) => {
            let mut found = Vec::new();
            for item in items {
                env.scope.meter.spend(1)?;
                found.extend(follow(Some(item), names, env)?);
            }
            Ok(Some(Value::Array(found)))
        }
        _ => Ok(None),
    }
}

/// Makes the variables one by one around each other; all of them see what is outside only.
fn bind(
    variables: &[(String, Expr)],
    body: &Expr,
    outside: &Env<'_>,
    locals: Option<&Local<'_>>,
) -> Result<Maybe, Failure> {
    match variables.split_first() {
        None => eval(body, &Env { document: outside.document, locals, scope: outside.scope }),
        Some(((name, expr), rest)) => {
            let value = eval(expr, outside)?;
            bind(rest, body, outside, Some(&Local { name, value: value.as_ref(), outer: locals }))
        }
    }
}

fn each(kind: Each, parts: &Loop, env: &Env<'_>) -> Result<Maybe, Failure> {
    let items = match eval(&parts.input, env)? {
        None | Some(Value::Null) => return Ok(Some(Value::Null)),
        Some(Value::Array(items)) => items,
        Some(_) => return Failure::wrong("`input` has to be an array"),
    };
    let run = |item: &Value, so_far: Option<&Value>| {
        let value = Local { name: "value", value: so_far, outer: env.locals };
        let outer = if kind == Each::Reduce { Some(&value) } else { env.locals };
        let this = Local { name: &parts.name, value: Some(item), outer };
        eval(&parts.body, &Env { document: env.document, locals: Some(&this), scope: env.scope })
    };
    if kind == Each::Reduce {
        let mut so_far = eval(&parts.initial, env)?;
        for item in &items {
            so_far = run(item, so_far.as_ref())?;
        }
        return Ok(so_far);
    }
    let mut made = Vec::new();
    let mut bytes = 0;
    for item in items {
        let result = run(&item, None)?;
        let kept = match kind {
            Each::Filter => is_true(result.as_ref()).then_some(item),
            _ => Some(result.unwrap_or_default()),
        };
        bytes += kept.as_ref().map_or(0, weight);
        if bytes > super::super::limits::PIPELINE_MEMORY {
            return Err(Failure::TooExpensive);
        }
        made.extend(kept);
    }
    env.scope.meter.made(Value::Array(made))
}

/// Those that do not look at all their arguments; the others go on.
fn call(operator: Operator, arguments: &[Expr], env: &Env<'_>) -> Result<Maybe, Failure> {
    match (operator, arguments) {
        (Operator::Cond, [condition, then, otherwise]) => {
            eval(if is_true(eval(condition, env)?.as_ref()) { then } else { otherwise }, env)
        }
        (Operator::And | Operator::Or, arguments) => {
            let until = operator == Operator::Or;
            for argument in arguments {
                if is_true(eval(argument, env)?.as_ref()) == until {
                    return Ok(Some(Value::Bool(until)));
                }
            }
            Ok(Some(Value::Bool(!until)))
        }
        (Operator::IfNull, arguments) => {
            let mut last = None;
            for argument in arguments {
                last = eval(argument, env)?;
                if last.as_ref().is_some_and(|value| !value.is_null()) {
                    break;
                }
            }
            Ok(last)
        }
        (operator, arguments) => {
            let values = arguments.iter().map(|argument| eval(argument, env)).collect::<Result<Vec<_>, _>>()?;
            match apply(operator, &values, env)? {
                Some(value) => env.scope.meter.made(value),
                None => Ok(None),
            }
        }
    }
}

fn apply(operator: Operator, values: &[Maybe], env: &Env<'_>) -> Result<Maybe, Failure> {
    let made = comparison(operator, values);
    if made.is_some() {
        return Ok(made);
    }
    for room in [arithmetic::apply, text::apply, lists::apply, dates::apply, convert::apply] {
        if let Some(result) = room(operator, values, env) {
            return result;
        }
    }
    Failure::wrong(format!("`{}` cannot be computed", operator.name()))
}

fn comparison(operator: Operator, values: &[Maybe]) -> Maybe {
    let [a, b] = values else {
        return match (operator, values) {
            (Operator::Not, [value]) => Some(Value::Bool(!is_true(value.as_ref()))),
            _ => None,
        };
    };
    let order = order(a.as_ref(), b.as_ref());
    let holds = match operator {
        Operator::Cmp => return Some(Value::from(order as i8)),
        Operator::Eq => order.is_eq(),
        Operator::Ne => order.is_ne(),
        Operator::Gt => order.is_gt(),
        Operator::Gte => order.is_ge(),
        Operator::Lt => order.is_lt(),
        Operator::Lte => order.is_le(),
        _ => return None,
    };
    Some(Value::Bool(holds))
}

//! From JSON to a pipeline.

use serde_json::{Map, Value};

use super::super::expr::Expr;
use super::super::filter::Filter;
use super::super::invalid::{At, Result};
use super::super::limits::{OUTPUT_DOCUMENTS, PIPELINE_LOOKUPS, PIPELINE_STAGES};
use super::super::operators;
use super::super::path::{Path, Root, name as field_name};
use super::super::projection::Projection;
use super::super::reader::Reader;
use super::super::sort::{Direction, Sort};
use super::{Accumulator, Group, Lookup, Stage, Union, Unwind, grouping};

/// What has been read so far, facets and unions counted.
struct Count {
    stages: usize,
    lookups: usize,
    nested: bool,
}

/// Reads the stages.
pub fn pipeline(text: &Value, reader: &mut Reader<'_>, at: &At) -> Result<Vec<Stage>> {
    stages(text, &mut Count { stages: 0, lookups: 0, nested: false }, reader, at)
}

fn stages(text: &Value, count: &mut Count, reader: &mut Reader<'_>, at: &At) -> Result<Vec<Stage>> {
    let Some(list) = text.as_array() else { return at.refuse("not-a-list", "a pipeline is a list of stages") };
    let mut stages = Vec::new();
    for (n, stage) in list.iter().enumerate() {
        let at = at.child(n);
        count.stages += 1;
        if count.stages > PIPELINE_STAGES {
            return at.refuse("too-large", format!("a pipeline has at most {PIPELINE_STAGES} stages"));
        }
        let one = stage.as_object().filter(|map| map.len() == 1).and_then(|map| map.iter().next());
        let Some((name, operand)) = one else {
            return at.refuse("not-a-stage", "a stage is an object with one operator");
        };
        one_stage(name, operand, count, reader, &at.child(name), &mut stages)?;
    }
    Ok(stages)
}

fn one_stage(
    name: &str,
    operand: &Value,
    count: &mut Count,
    reader: &mut Reader<'_>,
    at: &At,
    into: &mut Vec<Stage>,
) -> Result<()> {
    let stage = match name {
        "$match" => Stage::Match(Filter::within(operand, reader, at)?),
        "$project" => Stage::Project(Projection::within(operand, true, reader, at)?),
        "$addFields" | "$set" => Stage::AddFields(fields(operand, reader, at)?),
        "$unset" => Stage::Project(unset(operand, reader, at)?),
        "$replaceRoot" => {
            let Some(root) = object(operand, &["newRoot"], at)?.get("newRoot") else {
                return at.refuse("missing-member", "`newRoot` is missing");
            };
            Stage::Replace(Expr::within(root, reader, &at.child("newRoot"))?)
        }
        "$replaceWith" => Stage::Replace(Expr::within(operand, reader, at)?),
        "$group" => Stage::Group(grouping::group(operand, reader, at)?),
        "$bucket" => Stage::Bucket(grouping::bucket(operand, reader, at)?),
        "$sort" => Stage::Sort(Sort::within(operand, Root::Any, at)?),
        "$limit" | "$skip" | "$sample" => window(name, operand, at)?,
        "$unwind" => Stage::Unwind(unwind(operand, reader, at)?),
        "$count" => Stage::Count(counted(operand, at)?),
        "$sortByCount" => {
            let by = Expr::within(operand, reader, at)?;
            let one = ("count".to_owned(), Accumulator::Count, Expr::Missing);
            into.push(Stage::Group(Group { by, fields: vec![one] }));
            Stage::Sort(Sort(vec![(Path::parse("count", Root::Any, at)?, Direction::Down)]))
        }
        "$facet" => Stage::Facet(facet(operand, count, reader, at)?),
        "$lookup" => Stage::Lookup(lookup(operand, count, reader, at)?),
        "$unionWith" => Stage::Union(union(operand, count, reader, at)?),
        name => return at.refuse("unknown-operator", format!("`{name}` {}", operators::refusal(name))),
    };
    into.push(stage);
    Ok(())
}

fn window(name: &str, operand: &Value, at: &At) -> Result<Stage> {
    let most = OUTPUT_DOCUMENTS;
    if name == "$sample" {
        let size = object(operand, &["size"], at)?.get("size").and_then(whole);
        return match size.and_then(|size| usize::try_from(size).ok()).filter(|size| (1..=most).contains(size)) {
            Some(size) => Ok(Stage::Sample(size)),
            None => at.refuse("not-a-number", format!("`$sample` takes `size`, from 1 to {most}")),
        };
    }
    match (name, whole(operand)) {
        ("$skip", Some(skip)) => Ok(Stage::Skip(skip)),
        ("$limit", Some(limit @ 1..)) => Ok(Stage::Limit(limit)),
        _ => at.refuse("not-a-number", format!("`{name}` takes a whole number, `$limit` one from 1")),
    }
}

fn whole(value: &Value) -> Option<u64> {
    value.as_u64().filter(|whole| i64::try_from(*whole).is_ok())
}

pub(super) fn object<'v>(operand: &'v Value, allowed: &[&str], at: &At) -> Result<&'v Map<String, Value>> {
    let Value::Object(map) = operand else { return at.refuse("not-an-object", "this takes an object") };
    match map.keys().find(|name| !allowed.contains(&name.as_str())) {
        None => Ok(map),
        Some(other) => at.child(other).refuse(
            if other.starts_with('$') { "unknown-operator" } else { "unknown-member" },
            format!("there is no `{other}` here"),
        ),
    }
}

fn fields(operand: &Value, reader: &mut Reader<'_>, at: &At) -> Result<Vec<(Path, Expr)>> {
    let Some(map) = operand.as_object().filter(|map| !map.is_empty()) else {
        return at.refuse("not-an-object", "this takes an object of at least one field");
    };
    let mut fields: Vec<(Path, Expr)> = Vec::new();
    for (name, value) in map {
        let at = at.child(name);
        let path = reader.path(name, &at)?;
        if fields.iter().any(|(other, _)| other.overlaps(&path)) {
            return at.refuse("conflict", format!("`{name}` is set twice"));
        }
        fields.push((path, Expr::within(value, reader, &at)?));
    }
    Ok(fields)
}

fn unset(operand: &Value, reader: &Reader<'_>, at: &At) -> Result<Projection> {
    let names = match operand {
        Value::String(_) => vec![operand],
        Value::Array(names) if !names.is_empty() => names.iter().collect(),
        _ => return at.refuse("not-a-path", "`$unset` takes paths"),
    };
    let path = |name: &Value| match name.as_str() {
        Some(name) => reader.path(name, at),
        None => at.refuse("not-a-path", "`$unset` takes paths"),
    };
    Projection::without(&names.into_iter().map(path).collect::<Result<Vec<_>>>()?, at)
}

pub(super) fn plain_name(name: &str, at: &At) -> Result<()> {
    field_name(name, at)?;
    if name.contains('.') { at.refuse("dotted-name", "a field's name holds a dot") } else { Ok(()) }
}

fn field_path(text: &Value, reader: &Reader<'_>, at: &At) -> Result<Path> {
    match text.as_str().and_then(|text| text.strip_prefix('$')) {
        Some(path) if !path.starts_with('$') => reader.path(path, at),
        _ => at.refuse("not-a-path", "this takes a path that begins with `$`"),
    }
}

fn unwind(operand: &Value, reader: &Reader<'_>, at: &At) -> Result<Unwind> {
    if operand.is_string() {
        return Ok(Unwind { path: field_path(operand, reader, at)?, index: None, keep: false });
    }
    let map = object(operand, &["path", "includeArrayIndex", "preserveNullAndEmptyArrays"], at)?;
    let path = field_path(map.get("path").unwrap_or(&Value::Null), reader, &at.child("path"))?;
    let index = match map.get("includeArrayIndex") {
        None => None,
        Some(Value::String(name)) => Some(reader.path(name, &at.child("includeArrayIndex"))?),
        Some(_) => return at.child("includeArrayIndex").refuse("not-a-path", "this takes the name of a field"),
    };
    let keep = match map.get("preserveNullAndEmptyArrays") {
        None => false,
        Some(Value::Bool(keep)) => *keep,
        Some(_) => return at.child("preserveNullAndEmptyArrays").refuse("not-a-boolean", "this takes true or false"),
    };
    Ok(Unwind { path, index, keep })
}

fn counted(operand: &Value, at: &At) -> Result<String> {
    let Some(name) = operand.as_str() else { return at.refuse("not-a-text", "`$count` takes the name of a field") };
    plain_name(name, at)?;
    Ok(name.to_owned())
}

fn facet(operand: &Value, count: &mut Count, reader: &mut Reader<'_>, at: &At) -> Result<Vec<(String, Vec<Stage>)>> {
    if count.nested {
        return at.refuse("misplaced-operator", "`$facet` cannot stand within another pipeline");
    }
    let Some(map) = operand.as_object().filter(|map| !map.is_empty()) else {
        return at.refuse("not-an-object", "`$facet` takes an object of pipelines");
    };
    count.nested = true;
    let mut facets = Vec::new();
    for (name, pipeline) in map {
        let at = at.child(name);
        plain_name(name, &at)?;
        facets.push((name.clone(), stages(pipeline, count, reader, &at)?));
    }
    count.nested = false;
    Ok(facets)
}

fn other_collection(count: &mut Count, at: &At) -> Result<()> {
    if count.nested {
        return at.refuse("misplaced-operator", "other collections cannot be read within a facet or a union");
    }
    count.lookups += 1;
    if count.lookups > PIPELINE_LOOKUPS {
        return at.refuse("too-large", format!("a pipeline reads at most {PIPELINE_LOOKUPS} other collections"));
    }
    Ok(())
}

fn lookup(operand: &Value, count: &mut Count, reader: &Reader<'_>, at: &At) -> Result<Lookup> {
    other_collection(count, at)?;
    let map = object(operand, &["from", "localField", "foreignField", "as"], at)?;
    let text = |name: &str| match map.get(name).and_then(Value::as_str) {
        Some(text) => Ok(text),
        None => at.child(name).refuse("missing-member", format!("`{name}` is a text")),
    };
    Ok(Lookup {
        from: text("from")?.to_owned(),
        local: reader.path(text("localField")?, &at.child("localField"))?,
        // It is asked of stored documents.
        foreign: Path::parse(text("foreignField")?, Root::Stored, &at.child("foreignField"))?,
        into: reader.path(text("as")?, &at.child("as"))?,
    })
}

fn union(operand: &Value, count: &mut Count, reader: &mut Reader<'_>, at: &At) -> Result<Union> {
    other_collection(count, at)?;
    if let Some(with) = operand.as_str() {
        return Ok(Union { with: with.to_owned(), stages: Vec::new() });
    }
    let map = object(operand, &["coll", "pipeline"], at)?;
    let Some(with) = map.get("coll").and_then(Value::as_str) else {
        return at.child("coll").refuse("missing-member", "`coll` is a text");
    };
    count.nested = true;
    let read = map.get("pipeline").map(|pipeline| stages(pipeline, count, reader, &at.child("pipeline")));
    count.nested = false;
    Ok(Union { with: with.to_owned(), stages: read.transpose()?.unwrap_or_default() })
}

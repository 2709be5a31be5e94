//! A sort as columns: for each path the place of the kind, then the value, as `sort.rs` above defines them.

use super::super::path::{Path, Server, Step};
use super::super::sort::Direction;
use super::place::{self, Place};
use super::{Dialect, Statement};

/// The columns of one path, as expressions.
pub(super) struct Columns {
    /// The place of the kind.
    pub rank: String,
    /// On SQLite, the value.  On PostgreSQL, the number or boolean as jsonb, and the text.
    pub values: Vec<String>,
}

/// The columns of a path.
pub(super) fn columns(path: &Path, way: Direction, st: &mut Statement) -> Columns {
    if let Some(field) = path.server() {
        return of_column(field, st);
    }
    let body = Place::body(st.dialect());
    let simple = |st: &mut Statement| {
        let place = path.steps().iter().fold(body.clone(), |place, step| place.member(step, st));
        at_end(&place, way, st)
    };
    if path.steps().len() == 1 {
        return simple(st);
    }
    let arrays = in_the_way(&body, path.steps(), st);
    let plain = simple(st);
    let through = through(&body, path.steps(), way, st);
    let rank = format!("CASE WHEN {arrays} THEN COALESCE({}, 1) ELSE {} END", through.rank, plain.rank);
    let both = through.values.iter().zip(&plain.values);
    let values = both.map(|(through, plain)| format!("CASE WHEN {arrays} THEN {through} ELSE {plain} END")).collect();
    Columns { rank, values }
}

fn of_column(field: Server, st: &Statement) -> Columns {
    let name = place::column(field);
    let (rank, number) = if field == Server::Rev { (2, true) } else { (3, false) };
    let rank = format!("CASE WHEN {name} IS NULL THEN 1 ELSE {rank} END");
    let values = match (st.dialect(), number) {
        (Dialect::Sqlite, _) => vec![name.to_owned()],
        (Dialect::Postgres, true) => vec![format!("to_jsonb({name})"), "NULL::text".to_owned()],
        (Dialect::Postgres, false) => vec!["NULL::jsonb".to_owned(), name.to_owned()],
    };
    Columns { rank, values }
}

/// Whether a path passes an array before its end.
fn in_the_way(body: &Place, steps: &[Step], st: &mut Statement) -> String {
    let mut place = body.clone();
    let mut conditions = Vec::new();
    for step in &steps[..steps.len() - 1] {
        place = place.member(step, st);
        conditions.push(format!("COALESCE({} = 'array', FALSE)", place.kind(st)));
    }
    format!("({})", conditions.join(" OR "))
}

/// The place of a kind, whose name stands in `kind`.
fn rank(kind: &str, dialect: Dialect) -> String {
    match dialect {
        Dialect::Sqlite => format!(
            "CASE {kind} WHEN 'integer' THEN 2 WHEN 'real' THEN 2 WHEN 'text' THEN 3 WHEN 'object' THEN 4 \
             WHEN 'array' THEN 5 WHEN 'true' THEN 6 WHEN 'false' THEN 6 ELSE 1 END"
        ),
        Dialect::Postgres => format!(
            "CASE {kind} WHEN 'number' THEN 2 WHEN 'string' THEN 3 WHEN 'object' THEN 4 WHEN 'array' THEN 5 \
             WHEN 'boolean' THEN 6 ELSE 1 END"
        ),
    }
}

/// The value of a scalar at a place, and NULL of all else, as columns.
fn values(place: &Place, st: &mut Statement) -> Vec<String> {
    let (kind, value) = (place.kind(st), place.value(st));
    match st.dialect() {
        Dialect::Sqlite => {
            vec![format!("CASE WHEN {kind} IN ('integer', 'real', 'text', 'true', 'false') THEN {value} END")]
        }
        Dialect::Postgres => vec![
            format!("CASE WHEN {kind} IN ('number', 'boolean') THEN {value} END"),
            format!("(CASE WHEN {kind} = 'string' THEN {value} #>> '{{}}' END) COLLATE \"C\""),
        ],
    }
}

/// The columns of the value at a place; an array gives its least or greatest element.
fn at_end(place: &Place, way: Direction, st: &mut Statement) -> Columns {
    let (kind, length, dialect) = (place.kind(st), place.length(st), st.dialect());
    let own = values(place, st);
    let alias = st.alias();
    let each = place.each(&alias, st);
    let element = Place::element(dialect, &alias);
    let element_rank = rank(&element.kind(st), dialect);
    let element_values = values(&element, st);
    let order = order(&element_rank, &element_values, way);
    let pick = |what: &str| format!("(SELECT {what} FROM {each} ORDER BY {order} LIMIT 1)");
    let array = |then: &str, otherwise: &str| format!("CASE WHEN {kind} = 'array' THEN {then} ELSE {otherwise} END");
    let of_array = format!("CASE WHEN {length} = 0 THEN 0 ELSE {} END", pick(&element_rank));
    let both = element_values.iter().zip(&own);
    Columns {
        rank: array(&of_array, &rank(&kind, dialect)),
        values: both.map(|(element, own)| array(&pick(element), own)).collect(),
    }
}

fn order(rank: &str, values: &[String], way: Direction) -> String {
    let way = way.sql();
    let values: Vec<String> = values.iter().map(|value| format!("{value} {way}")).collect();
    format!("{rank} {way}, {}", values.join(", "))
}

/// The columns where arrays stand in the way: all values that the path leads to, and of them the first.
fn through(body: &Place, steps: &[Step], way: Direction, st: &mut Statement) -> Columns {
    let mut tables = Vec::new();
    let mut conditions = Vec::new();
    let mut place = body.clone();
    for (n, step) in steps.iter().enumerate() {
        let object = if n == 0 { place.clone() } else { one_by_one(&place, &mut tables, &mut conditions, st) };
        place = object.member(step, st);
    }
    let (kind, length, dialect) = (place.kind(st), place.length(st), st.dialect());
    let leaf = st.alias();
    tables.push(match dialect {
        Dialect::Sqlite => {
            let json = place.json(st);
            format!("json_each(CASE WHEN {kind} = 'array' AND {length} > 0 THEN {json} ELSE '[null]' END) {leaf}")
        }
        Dialect::Postgres => {
            let (full, value) =
                (format!("CASE WHEN {kind} = 'array' THEN {length} > 0 ELSE FALSE END"), place.value(st));
            format!("jsonb_array_elements(CASE WHEN {full} THEN {value} ELSE '[null]'::jsonb END) {leaf}(v)")
        }
    });
    let element = Place::element(dialect, &leaf);
    let (element_rank, own_rank) = (rank(&element.kind(st), dialect), rank(&kind, dialect));
    let picked = format!(
        "CASE WHEN {kind} = 'array' THEN CASE WHEN {length} = 0 THEN 0 ELSE {element_rank} END ELSE {own_rank} END"
    );
    let both: Vec<_> = values(&element, st).into_iter().zip(values(&place, st)).collect();
    let of = |(element, own): (String, String)| format!("CASE WHEN {kind} = 'array' THEN {element} ELSE {own} END");
    let found: Vec<String> = both.into_iter().map(of).collect();
    let found: Vec<String> = match dialect {
        Dialect::Sqlite => found,
        Dialect::Postgres => found
            .into_iter()
            .enumerate()
            .map(|(n, value)| if n == 1 { format!("({value}) COLLATE \"C\"") } else { value })
            .collect(),
    };
    let order = order(&picked, &found, way);
    let from = tables.join(", ");
    let of = if conditions.is_empty() { "TRUE".to_owned() } else { conditions.join(" AND ") };
    let pick = |what: &str| format!("(SELECT {what} FROM {from} WHERE {of} ORDER BY {order} LIMIT 1)");
    Columns { rank: pick(&picked), values: found.iter().map(|value| pick(value)).collect() }
}

/// The objects at a place: itself, or those among its elements; something else has no members.
fn one_by_one(place: &Place, tables: &mut Vec<String>, conditions: &mut Vec<String>, st: &mut Statement) -> Place {
    let (kind, alias, dialect) = (place.kind(st), st.alias(), st.dialect());
    tables.push(match dialect {
        Dialect::Sqlite => {
            let json = place.json(st);
            let single = format!("json_array(CASE WHEN {kind} = 'object' THEN json({json}) END)");
            format!("json_each(CASE WHEN {kind} = 'array' THEN {json} ELSE {single} END) {alias}")
        }
        Dialect::Postgres => {
            let value = place.value(st);
            format!(
                "jsonb_array_elements(CASE {kind} WHEN 'array' THEN {value} WHEN 'object' THEN jsonb_build_array({value}) \
                 ELSE '[null]'::jsonb END) {alias}(v)"
            )
        }
    });
    let element = Place::element(dialect, &alias);
    let is_object = format!("{} = 'object'", element.kind(st));
    let not_array = if dialect == Dialect::Sqlite { "IS NOT" } else { "IS DISTINCT FROM" };
    conditions.push(format!("({kind} {not_array} 'array' OR {is_object})"));
    match element {
        Place::Row(alias) => Place::Below {
            json: format!("CASE WHEN {alias}.type = 'object' THEN {alias}.value END"),
            path: "$".to_owned(),
        },
        other => other,
    }
}

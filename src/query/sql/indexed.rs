//! Where a statement looks before it asks: the entries of an index, and the columns that the database has indexed.

use serde_json::Value;

use super::super::filter::{Filter, Predicate, Test};
use super::super::index::key::hex;
use super::super::index::{Plan, Range};
use super::super::path::Server;
use super::{Bind, Dialect, Statement, place};

/// Conditions on `_id` and `_owner` that hold of every document that the filter takes.
pub(super) fn columns(filter: &Filter, st: &mut Statement) {
    match filter {
        Filter::All(parts) => parts.iter().for_each(|part| columns(part, st)),
        Filter::Field(path, test) => {
            if let Some(field @ (Server::Id | Server::Owner)) = path.server() {
                column(field, test, st);
            }
        }
        _ => {}
    }
}

fn column(field: Server, test: &Test, st: &mut Statement) {
    let values = match test {
        Test::All(tests) => return tests.iter().for_each(|test| column(field, test, st)),
        Test::Has(Predicate::Equal(value)) => std::slice::from_ref(value),
        Test::Has(Predicate::In(values)) if !values.is_empty() => values,
        _ => return,
    };
    let texts: Option<Vec<&str>> = values.iter().map(Value::as_str).collect();
    if let Some(texts) = texts {
        let texts: Vec<String> = texts.into_iter().map(|text| st.text_parameter(text)).collect();
        st.write(format_args!("{} IN ({}) AND ", place::column(field), texts.join(", ")));
    }
}

/// The entries that a plan looks at, joined to the documents or as a list of them.
pub(super) fn condition(plan: &Plan, st: &mut Statement) {
    if let (Some(walk), Some(range)) = (plan.walk, plan.ranges.first()) {
        within(plan.number, range, st);
        let edges = walk.edges;
        return st.write(format_args!(" AND (e.edges & {edges}) = {edges} AND d.id = e.id AND "));
    }
    st.push("d.id IN (");
    let several = plan.several.iter().map(|range| (-plan.number, range));
    let all = plan.ranges.iter().map(|range| (plan.number, range)).chain(several);
    for (n, (number, range)) in all.enumerate() {
        st.push(if n == 0 { "" } else { " UNION ALL " });
        st.push("SELECT e.id FROM document_entries e WHERE ");
        within(number, range, st);
    }
    if plan.ranges.is_empty() {
        st.push("SELECT e.id FROM document_entries e WHERE FALSE");
    }
    st.push(") AND ");
}

fn within(number: i64, range: &Range, st: &mut Statement) {
    let number = st.parameter(Bind::Int(number));
    let low = bytes(&range.low, st);
    st.write(format_args!("e.idx = {number} AND e.key >= {low}"));
    if let Some(high) = &range.high {
        let high = bytes(high, st);
        st.write(format_args!(" AND e.key < {high}"));
    }
}

fn bytes(bytes: &[u8], st: &mut Statement) -> String {
    let text = st.text_parameter(hex(bytes));
    match st.dialect() {
        Dialect::Sqlite => format!("unhex({text})"),
        Dialect::Postgres => format!("decode({text}, 'hex')"),
    }
}

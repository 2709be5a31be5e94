//! A filter as one condition. Every part of it is true or false, never NULL, so that negations are exact.

use serde_json::Value;

use super::super::expr::{Meter, Scope};
use super::super::filter::{Filter, Predicate, Test};
use super::super::path::{Path, Step};
use super::place::Place;
use super::{Bind, Dialect, Statement, jsonpath, postgres, sqlite};

/// How much work may be done to know an expression that is about no document.
const CONSTANT_STEPS: u64 = 100_000;

/// Where the paths of a filter begin.
#[derive(Clone, Copy, Debug)]
pub(super) enum From<'a> {
    /// At a stored document.
    Document,
    /// At an element that is an object.
    Element(&'a Place),
}

/// Writes a filter of stored documents. Answers whether the condition says all that the filter does; otherwise, which
/// only expressions cause, it takes more documents than the filter.
pub(super) fn write(filter: &Filter, now: &str, st: &mut Statement) -> bool {
    let mut writer = Writer { now, exact: true };
    writer.filter(filter, From::Document, true, st);
    writer.exact
}

struct Writer<'a> {
    now: &'a str,
    exact: bool,
}

impl Writer<'_> {
    /// `may` is what takes more documents here: to be true, or under a negation to be false.
    fn filter(&mut self, filter: &Filter, from: From<'_>, may: bool, st: &mut Statement) {
        if st.is_full() {
            return;
        }
        match filter {
            Filter::All(parts) => self.list(parts, " AND ", "TRUE", from, may, st),
            Filter::Any(parts) => self.list(parts, " OR ", "FALSE", from, may, st),
            Filter::Not(part) => {
                st.push("(NOT ");
                self.filter(part, from, !may, st);
                st.push(")");
            }
            Filter::Field(path, test) => self.field(path, test, from, st),
            Filter::Expr(expr) => {
                let mut about = false;
                expr.paths(&mut |_| about = true);
                let scope = Scope { now: self.now, meter: &Meter::new(CONSTANT_STEPS) };
                let known = if about { None } else { expr.truth(&Value::Null, &scope).ok() };
                self.exact &= known.is_some();
                st.push(if known.unwrap_or(may) { "TRUE" } else { "FALSE" });
            }
        }
    }

    fn list(&mut self, parts: &[Filter], word: &str, none: &str, from: From<'_>, may: bool, st: &mut Statement) {
        if parts.is_empty() {
            return st.push(none);
        }
        for (n, part) in parts.iter().enumerate() {
            st.push(if n == 0 { "(" } else { word });
            self.filter(part, from, may, st);
        }
        st.push(")");
    }

    fn field(&mut self, path: &Path, test: &Test, from: From<'_>, st: &mut Statement) {
        let body = Place::body(st.dialect());
        let place = match (from, path.server()) {
            (From::Document, Some(field)) => {
                return self.test(test, st, &mut |_, predicate, st| sqlite::column(field, predicate, st));
            }
            (From::Document, None) => &body,
            (From::Element(place), _) => place,
        };
        self.test(test, st, &mut |this, predicate, st| this.object(place, path.steps(), predicate, st));
    }

    fn test(&mut self, test: &Test, st: &mut Statement, has: &mut dyn FnMut(&mut Self, &Predicate, &mut Statement)) {
        match test {
            Test::Has(predicate) => has(self, predicate, st),
            Test::Never => st.push("FALSE"),
            Test::Not(test) => {
                st.push("(NOT ");
                self.test(test, st, has);
                st.push(")");
            }
            Test::All(tests) if tests.is_empty() => st.push("TRUE"),
            Test::All(tests) => {
                for (n, test) in tests.iter().enumerate() {
                    st.push(if n == 0 { "(" } else { " AND " });
                    self.test(test, st, has);
                }
                st.push(")");
            }
        }
    }

    /// The condition at a path below what is an object.
    fn object(&mut self, place: &Place, steps: &[Step], predicate: &Predicate, st: &mut Statement) {
        if st.dialect() == Dialect::Postgres
            && let Some(path) = jsonpath::of(steps, predicate)
        {
            let (value, path) = (place.value(st), st.parameter(Bind::Text(path)));
            return st.write(format_args!("(({value} @? {path}::jsonpath) IS TRUE)"));
        }
        if let Some((step, rest)) = steps.split_first() {
            let member = place.member(step, st);
            self.any(&member, rest, predicate, st);
        }
    }

    /// The condition at a path below whatever is here: an array is gone into.
    fn any(&mut self, place: &Place, steps: &[Step], predicate: &Predicate, st: &mut Statement) {
        if st.is_full() {
            return;
        }
        let Some((step, _)) = steps.split_first() else { return self.end(place, predicate, st) };
        let kind = place.kind(st);
        let apart = predicate.takes_missing();
        if apart {
            st.write(format_args!("CASE WHEN {kind} = 'array' THEN "));
            self.array(place, step, steps, predicate, st);
            st.push(" ELSE ");
            self.object(place, steps, predicate, st);
            st.push(" END");
        } else {
            st.push("(");
            self.object(place, steps, predicate, st);
            st.write(format_args!(" OR CASE WHEN {kind} = 'array' THEN "));
            self.array(place, step, steps, predicate, st);
            st.push(" ELSE FALSE END)");
        }
    }

    fn array(&mut self, place: &Place, step: &Step, steps: &[Step], predicate: &Predicate, st: &mut Statement) {
        if let Some(index) = step.index {
            let item = place.item(index);
            let kind = item.kind(st);
            st.write(format_args!("({kind} IS NOT NULL AND "));
            self.any(&item, &steps[1..], predicate, st);
            return st.push(")");
        }
        let alias = st.alias();
        let each = place.each(&alias, st);
        let element = Place::element(st.dialect(), &alias);
        let kind = element.kind(st);
        st.write(format_args!("EXISTS (SELECT 1 FROM {each} WHERE CASE WHEN {kind} = 'object' THEN "));
        self.object(&element, steps, predicate, st);
        st.push(" ELSE FALSE END)");
    }

    /// The condition on the value where the path ends, and on its elements.
    fn end(&mut self, place: &Place, predicate: &Predicate, st: &mut Statement) {
        if !predicate.enters() {
            return self.value(place, predicate, st);
        }
        st.push("(");
        self.value(place, predicate, st);
        let kind = place.kind(st);
        let alias = st.alias();
        let each = place.each(&alias, st);
        st.write(format_args!(" OR CASE WHEN {kind} = 'array' THEN EXISTS (SELECT 1 FROM {each} WHERE "));
        self.value(&Place::element(st.dialect(), &alias), predicate, st);
        st.push(") ELSE FALSE END)");
    }

    /// The condition on one value.
    fn value(&mut self, place: &Place, predicate: &Predicate, st: &mut Statement) {
        match predicate {
            Predicate::Element(filter) => self.element(place, st, |this, element, st| {
                let kind = element.kind(st);
                st.write(format_args!("CASE WHEN {kind} = 'object' THEN "));
                this.filter(filter, From::Element(element), true, st);
                st.push(" ELSE FALSE END");
            }),
            Predicate::ElementValue(test) => self.element(place, st, |this, element, st| {
                this.test(test, st, &mut |this, predicate, st| this.value(element, predicate, st));
            }),
            scalar => match st.dialect() {
                Dialect::Sqlite => sqlite::value(place, scalar, st),
                Dialect::Postgres => postgres::value(place, scalar, st),
            },
        }
    }

    fn element(&mut self, place: &Place, st: &mut Statement, test: impl FnOnce(&mut Self, &Place, &mut Statement)) {
        let kind = place.kind(st);
        let alias = st.alias();
        let each = place.each(&alias, st);
        st.write(format_args!("CASE WHEN {kind} = 'array' THEN EXISTS (SELECT 1 FROM {each} WHERE "));
        test(self, &Place::element(st.dialect(), &alias), st);
        st.push(") ELSE FALSE END");
    }
}

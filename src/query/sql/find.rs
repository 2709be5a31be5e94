//! Whole statements: the documents that a filter takes, in order, from a place on.

use serde_json::Value;

use super::super::filter::Filter;
use super::super::index::{Kept, Plan, Wanted};
use super::super::sort::{Direction, Key, Sort};
use super::super::value::Num;
use super::{Bind, Dialect, Statement, TooLarge, filter, indexed, sort};

/// Which documents of a collection, in which order, and how many.
#[derive(Clone, Copy, Debug)]
pub struct Find<'a> {
    /// The collection's number; it belongs to one tenant.
    pub collection: i64,
    /// Which documents.
    pub filter: &'a Filter,
    /// In which order.
    pub sort: &'a Sort,
    /// Only those that come after this.
    pub after: Option<&'a After>,
    /// How many are passed over.
    pub skip: u64,
    /// How many at most.
    pub limit: Option<u64>,
    /// The present time, for expressions.
    pub now: &'a str,
}

/// Where a page ended.
#[derive(Clone, Debug, PartialEq)]
pub struct After {
    /// What its last document was sorted by.
    pub keys: Vec<Key>,
    /// Its `_id`.
    pub id: String,
}

/// A find with the help of indexes.
#[derive(Clone, Copy, Debug)]
pub struct Indexed<'a> {
    find: Find<'a>,
    indexes: &'a [Kept],
}

impl Indexed<'_> {
    fn plan(&self, sorted: bool) -> Option<Plan> {
        let find = &self.find;
        let after = find.after.map(|after| after.keys.as_slice());
        let (sort, few) = (sorted.then_some(find.sort), find.limit.is_some());
        Plan::best(self.indexes, Wanted { filter: find.filter, sort, after, few })
    }

    /// As [`Find::documents`].
    ///
    /// # Errors
    /// It becomes too large.
    pub fn documents(&self, dialect: Dialect) -> Result<Query, TooLarge> {
        self.find.rows("", self.plan(true).as_ref(), dialect)
    }

    /// As [`Find::for_change`].
    ///
    /// # Errors
    /// It becomes too large.
    pub fn for_change(&self, dialect: Dialect) -> Result<Query, TooLarge> {
        let lock = if dialect == Dialect::Postgres { " FOR UPDATE OF d" } else { "" };
        self.find.rows(lock, self.plan(false).as_ref(), dialect)
    }

    /// As [`Find::count`].
    ///
    /// # Errors
    /// It becomes too large.
    pub fn count(&self, dialect: Dialect) -> Result<Query, TooLarge> {
        let mut st = Statement::new(dialect);
        st.push("SELECT count(*) AS count FROM documents d WHERE ");
        let plan = self.plan(false);
        let exact = self.find.condition(plan.as_ref(), &mut st);
        let (text, binds) = st.finish()?;
        Ok(Query { text, binds, exact, indexed: plan.is_some() })
    }
}

/// A statement that is complete.
#[derive(Clone, Debug)]
pub struct Query {
    /// The text, with `$1` and so on.
    pub text: String,
    /// The values, in their order.
    pub binds: Vec<Bind>,
    /// Whether it says all that the filter does. If not, it takes more documents, passes over none and has no limit:
    /// the filter has to be asked again of each.
    pub exact: bool,
    /// Whether it looks into an index, and finds nothing where that is gone.
    pub indexed: bool,
}

impl<'a> Find<'a> {
    /// The same with the help of indexes. What it answers is the same, too.
    #[must_use]
    pub const fn with(self, indexes: &'a [Kept]) -> Indexed<'a> {
        Indexed { find: self, indexes }
    }

    /// The documents: `id`, `rev`, `owner`, `created`, `updated`, and `body` as text.
    ///
    /// # Errors
    /// It becomes too large.
    pub fn documents(&self, dialect: Dialect) -> Result<Query, TooLarge> {
        self.with(&[]).documents(dialect)
    }

    /// The documents that are to be changed: on PostgreSQL they are locked until the transaction ends; on SQLite
    /// whoever may write is alone anyway.
    ///
    /// # Errors
    /// It becomes too large.
    pub fn for_change(&self, dialect: Dialect) -> Result<Query, TooLarge> {
        self.with(&[]).for_change(dialect)
    }

    /// How many documents: one row with `count`.
    ///
    /// # Errors
    /// It becomes too large.
    pub fn count(&self, dialect: Dialect) -> Result<Query, TooLarge> {
        self.with(&[]).count(dialect)
    }

    /// The columns that may be searched stand beside the condition, which no index of the database understands.
    fn condition(&self, plan: Option<&Plan>, st: &mut Statement) -> bool {
        let collection = st.parameter(Bind::Int(self.collection));
        st.write(format_args!("d.coll = {collection} AND "));
        indexed::columns(self.filter, st);
        if let Some(plan) = plan {
            indexed::condition(plan, st);
        }
        filter::write(self.filter, self.now, st)
    }

    fn rows(&self, lock: &str, plan: Option<&Plan>, dialect: Dialect) -> Result<Query, TooLarge> {
        let mut st = Statement::new(dialect);
        let walk = plan.and_then(|plan| plan.walk);
        st.push("SELECT q.id, q.rev, q.owner, q.created, q.updated, q.body FROM (SELECT ");
        st.push(if walk.is_some() { "e.id, e.key AS k" } else { "d.id" });
        st.push(", d.rev, d.owner, d.created, d.updated, ");
        st.push(if dialect == Dialect::Sqlite { "json(d.body) AS body" } else { "d.body::text AS body" });
        let mut order = Vec::new();
        if let Some(walk) = walk {
            order.push(format!("q.k {}", if walk.back { "DESC" } else { "ASC" }));
        }
        for (n, (path, way)) in self.sort.0.iter().enumerate() {
            let columns = sort::columns(path, *way, &mut st);
            st.write(format_args!(", {} AS r{n}", columns.rank));
            order.push(format!("q.r{n} {}", way.sql()));
            for (m, value) in columns.values.iter().enumerate() {
                st.write(format_args!(", {value} AS v{n}_{m}"));
                order.push(format!("q.v{n}_{m} {}", way.sql()));
            }
        }
        st.push(if walk.is_some() { " FROM document_entries e CROSS JOIN documents d" } else { " FROM documents d" });
        st.push(" WHERE ");
        let exact = self.condition(plan, &mut st);
        st.write(format_args!("{lock}) q"));
        if let Some(after) = self.after {
            st.push(" WHERE ");
            self.after(after, &mut st);
        }
        order.push("q.id ASC".to_owned());
        st.write(format_args!(" ORDER BY {}", order.join(", ")));
        if exact {
            self.window(&mut st);
        }
        let (text, binds) = st.finish()?;
        Ok(Query { text, binds, exact, indexed: plan.is_some() })
    }

    fn window(&self, st: &mut Statement) {
        let whole = |number: u64| Bind::Int(i64::try_from(number).unwrap_or(i64::MAX));
        if let Some(limit) = self.limit {
            let limit = st.parameter(whole(limit));
            st.write(format_args!(" LIMIT {limit}"));
        } else if self.skip > 0 && st.dialect() == Dialect::Sqlite {
            st.push(" LIMIT -1");
        }
        if self.skip > 0 {
            let skip = st.parameter(whole(self.skip));
            st.write(format_args!(" OFFSET {skip}"));
        }
    }

    /// What comes after a document: greater at the first key, or equal there and greater at the next, and so on.
    fn after(&self, after: &After, st: &mut Statement) {
        let keys: Vec<_> = self.sort.0.iter().map(|(_, way)| *way).zip(&after.keys).enumerate().collect();
        for (n, (way, key)) in &keys {
            let sign = if *way == Direction::Up { ">" } else { "<" };
            st.write(format_args!("(q.r{n} {sign} {} OR (q.r{n} = {} AND ", key.rank, key.rank));
            if let Some((column, value)) = value(*n, key, st) {
                st.write(format_args!("({column} {sign} {value} OR ({column} = {value} AND "));
            }
        }
        let id = st.text_parameter(&after.id);
        st.write(format_args!("q.id > {id}"));
        for (_, (_, key)) in keys.iter().rev() {
            st.push(if key.value.is_null() { "))" } else { "))))" });
        }
    }
}

/// The column that a key's value stands in, and the value as a parameter.
fn value(n: usize, key: &Key, st: &mut Statement) -> Option<(String, String)> {
    let text = match &key.value {
        Value::String(text) => st.text_parameter(text),
        Value::Null | Value::Object(_) | Value::Array(_) => return None,
        scalar => match st.dialect() {
            Dialect::Postgres => format!("{}::jsonb", st.text_parameter(scalar.to_string())),
            Dialect::Sqlite => match (Num::in_value(scalar), scalar.as_bool()) {
                (Some(Num::Int(int)), _) => st.parameter(Bind::Int(int)),
                (_, Some(is)) => u8::from(is).to_string(),
                _ => format!("CAST({} AS REAL)", st.text_parameter(scalar.to_string())),
            },
        },
    };
    let second = st.dialect() == Dialect::Postgres && key.value.is_string();
    let column = format!("q.v{n}_{}", u8::from(second));
    let collate = if second { " COLLATE \"C\"" } else { "" };
    Some((format!("{column}{collate}"), text))
}

//! Where a value stands in a statement: at a path below a body, or in an element of an array.

use super::super::path::{Server, Step};
use super::{Dialect, Statement};

/// A value in SQL.
#[derive(Clone, Debug)]
pub(super) enum Place {
    /// On SQLite, at a JSON path below something that is JSON.
    Below {
        /// What is JSON.
        json: String,
        /// The path, for a parameter.
        path: String,
    },
    /// On SQLite, a row of `json_each`.
    Row(String),
    /// On PostgreSQL, an expression of type jsonb; NULL is missing.
    Jsonb(String),
}

impl Place {
    /// The body of a document.
    pub(super) fn body(dialect: Dialect) -> Self {
        match dialect {
            Dialect::Sqlite => Self::Below { json: "d.body".to_owned(), path: "$".to_owned() },
            Dialect::Postgres => Self::Jsonb("d.body".to_owned()),
        }
    }

    /// An element that `each` gave a name.
    pub(super) fn element(dialect: Dialect, alias: &str) -> Self {
        match dialect {
            Dialect::Sqlite => Self::Row(alias.to_owned()),
            Dialect::Postgres => Self::Jsonb(format!("{alias}.v")),
        }
    }

    /// The member of this name.
    pub(super) fn member(&self, step: &Step, st: &mut Statement) -> Self {
        self.child(&format!(".{}", quoted(&step.name)), || step.name.clone(), st)
    }

    /// The element at an index.
    pub(super) fn item(&self, index: u32) -> Self {
        match self {
            Self::Jsonb(value) => Self::Jsonb(format!("({value} -> {index})")),
            Self::Row(alias) => Self::Below { json: format!("{alias}.value"), path: format!("$[{index}]") },
            Self::Below { json, path } => Self::Below { json: json.clone(), path: format!("{path}[{index}]") },
        }
    }

    fn child(&self, below: &str, name: impl FnOnce() -> String, st: &mut Statement) -> Self {
        match self {
            Self::Jsonb(value) => Self::Jsonb(format!("({value} -> {})", st.text_parameter(name()))),
            Self::Row(alias) => Self::Below { json: format!("{alias}.value"), path: format!("${below}") },
            Self::Below { json, path } => Self::Below { json: json.clone(), path: format!("{path}{below}") },
        }
    }

    /// The name of the kind of value here; NULL is missing.
    pub(super) fn kind(&self, st: &mut Statement) -> String {
        match self {
            Self::Below { json, path } => format!("json_type({json}, {})", st.text_parameter(path)),
            Self::Row(alias) => format!("{alias}.type"),
            Self::Jsonb(value) => format!("jsonb_typeof({value})"),
        }
    }

    /// The scalar here; on PostgreSQL as jsonb.
    pub(super) fn value(&self, st: &mut Statement) -> String {
        match self {
            Self::Below { json, path } => format!("json_extract({json}, {})", st.text_parameter(path)),
            Self::Row(alias) => format!("{alias}.value"),
            Self::Jsonb(value) => value.clone(),
        }
    }

    /// The object or array here in its written form (SQLite).
    pub(super) fn json(&self, st: &mut Statement) -> String {
        match self {
            Self::Below { json, path } => format!("({json} -> {})", st.text_parameter(path)),
            Self::Row(_) | Self::Jsonb(_) => self.value(st),
        }
    }

    /// The number of elements of the array here.
    pub(super) fn length(&self, st: &mut Statement) -> String {
        match self {
            Self::Below { json, path } => format!("json_array_length({json}, {})", st.text_parameter(path)),
            Self::Jsonb(value) => format!("jsonb_array_length({value})"),
            Self::Row(alias) => format!("json_array_length({alias}.value)"),
        }
    }

    /// The elements of the array here, as a table of this name.
    pub(super) fn each(&self, alias: &str, st: &mut Statement) -> String {
        match self {
            Self::Below { json, path } => format!("json_each({json}, {}) {alias}", st.text_parameter(path)),
            Self::Jsonb(value) => format!(
                "jsonb_array_elements(CASE WHEN jsonb_typeof({value}) = 'array' THEN {value} ELSE '[]'::jsonb END) {alias}(v)"
            ),
            Self::Row(row) => format!("json_each({row}.value) {alias}"),
        }
    }
}

/// The column of a server's field.
pub(super) const fn column(field: Server) -> &'static str {
    match field {
        Server::Id => "d.id",
        Server::Rev => "d.rev",
        Server::Owner => "d.owner",
        Server::Created => "d.created",
        Server::Updated => "d.updated",
    }
}

/// A name as SQLite's paths take it: as a JSON string.
fn quoted(name: &str) -> String {
    serde_json::Value::from(name).to_string()
}

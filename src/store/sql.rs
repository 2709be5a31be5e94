//! One SQL text for SQLite and PostgreSQL: what a statement is, what may be bound to it, what may be read from it.

use sqlx::error::BoxDynError;
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Arguments as _, FromRow, Postgres, Sqlite};

/// A statement with `N` parameters `$1…$N`. Made only by [`sql!`], which counts them at compile time: SQLite binds a
/// missing argument as NULL without a word.
#[derive(Clone, Copy, Debug)]
pub struct Sql<const N: usize> {
    pub(super) sqlite: &'static str,
    pub(super) postgres: &'static str,
}

/// A statement's texts, for the test that prepares all of them on both databases.
#[derive(Clone, Copy, Debug)]
pub struct Text {
    /// The constant's name.
    pub name: &'static str,
    /// What SQLite gets.
    pub sqlite: &'static str,
    /// What PostgreSQL gets.
    pub postgres: &'static str,
}

impl<const N: usize> Sql<N> {
    /// A statement about one tenant's data: it has to name `tenant_id`.
    #[must_use]
    pub const fn tenant(sqlite: &'static str, postgres: &'static str) -> Self {
        assert!(contains(sqlite, "tenant_id") && contains(postgres, "tenant_id"), "a tenant statement names tenant_id");
        Self::global(sqlite, postgres)
    }

    /// A statement that is rightly about all tenants, or about none.
    #[must_use]
    pub const fn global(sqlite: &'static str, postgres: &'static str) -> Self {
        assert!(parameters(sqlite) == N && parameters(postgres) == N, "the text has another number of parameters");
        Self { sqlite, postgres }
    }

    /// A statement for SQLite alone, about one tenant's data, where PostgreSQL does the same otherwise.
    #[must_use]
    pub const fn sqlite(sqlite: &'static str, _same: &'static str) -> Self {
        Self { postgres: "", ..Self::tenant(sqlite, sqlite) }
    }

    /// A statement for PostgreSQL alone.
    #[must_use]
    pub const fn postgres(postgres: &'static str, _same: &'static str) -> Self {
        Self { sqlite: "", ..Self::tenant(postgres, postgres) }
    }

    /// The texts under a name.
    #[must_use]
    pub const fn text(&self, name: &'static str) -> Text {
        Text { name, sqlite: self.sqlite, postgres: self.postgres }
    }

    /// Whether the statement only reads; the others go to SQLite's one writing connection.
    pub(super) const fn reads(&self) -> bool {
        starts_with(self.sqlite, "SELECT")
    }
}

const fn starts_with(text: &str, word: &str) -> bool {
    matches_at(text.as_bytes(), word.as_bytes(), 0)
}

const fn contains(text: &str, word: &str) -> bool {
    let mut at = 0;
    while at < text.len() {
        if matches_at(text.as_bytes(), word.as_bytes(), at) {
            return true;
        }
        at += 1;
    }
    false
}

const fn matches_at(text: &[u8], word: &[u8], at: usize) -> bool {
    let mut i = 0;
    while i < word.len() {
        if at + i >= text.len() || text[at + i] != word[i] {
            return false;
        }
        i += 1;
    }
    true
}

/// The highest `$n` of a text.
const fn parameters(text: &str) -> usize {
    let bytes = text.as_bytes();
    let (mut at, mut highest) = (0, 0);
    while at < bytes.len() {
        if bytes[at] == b'$' {
            let mut number = 0;
            at += 1;
            while at < bytes.len() && bytes[at].is_ascii_digit() {
                number = number * 10 + (bytes[at] - b'0') as usize;
                at += 1;
            }
            if number > highest {
                highest = number;
            }
        } else {
            at += 1;
        }
    }
    highest
}

/// Declares a file's statements, and `STATEMENTS` with all of them:
///
/// ```ignore
/// sql! {
///     tenant FIND(2) = "SELECT … WHERE tenant_id = $1 AND id = $2";
///     global DUE(1) = "a text for SQLite" | "another for PostgreSQL";
/// }
/// ```
macro_rules! sql {
    (@postgres $sqlite:literal) => { $sqlite };
    (@postgres $sqlite:literal $postgres:literal) => { $postgres };
    ($($(#[$meta:meta])* $scope:ident $name:ident($n:literal) = $sqlite:literal $(| $postgres:literal)?;)*) => {
        $($(#[$meta])* const $name: $crate::store::sql::Sql<$n> =
            $crate::store::sql::Sql::$scope($sqlite, sql!(@postgres $sqlite $($postgres)?));)*

        #[cfg(test)]
        pub(super) const STATEMENTS: &[$crate::store::sql::Text] = &[$($name.text(stringify!($name))),*];
    };
}
pub(super) use sql;

/// What can be bound on both databases.
pub trait Value:
    for<'q> sqlx::Encode<'q, Sqlite> + sqlx::Type<Sqlite> + for<'q> sqlx::Encode<'q, Postgres> + sqlx::Type<Postgres> + Send
{
}

impl<T> Value for T where
    T: for<'q> sqlx::Encode<'q, Sqlite>
        + sqlx::Type<Sqlite>
        + for<'q> sqlx::Encode<'q, Postgres>
        + sqlx::Type<Postgres>
        + Send
{
}

/// What can be read from a row of both databases.
pub trait Record: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}

impl<T> Record for T where T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}

/// `N` values in order: a tuple.
pub trait Args<const N: usize>: Send {
    /// As SQLite's driver takes them.
    ///
    /// # Errors
    /// A value could not be encoded.
    fn sqlite(self) -> Result<SqliteArguments, BoxDynError>;
    /// As PostgreSQL's driver takes them.
    ///
    /// # Errors
    /// A value could not be encoded.
    fn postgres(self) -> Result<PgArguments, BoxDynError>;
}

macro_rules! tuples {
    ($($n:literal: $($name:ident)*;)*) => {$(
        impl<$($name: Value),*> Args<$n> for ($($name,)*) {
            #[expect(non_snake_case, reason = "the type names double as variables")]
            fn sqlite(self) -> Result<SqliteArguments, BoxDynError> {
                let mut arguments = SqliteArguments::default();
                let ($($name,)*) = self;
                $(arguments.add($name)?;)*
                Ok(arguments)
            }

            #[expect(non_snake_case, reason = "the type names double as variables")]
            fn postgres(self) -> Result<PgArguments, BoxDynError> {
                let mut arguments = PgArguments::default();
                let ($($name,)*) = self;
                $(arguments.add($name)?;)*
                Ok(arguments)
            }
        }
    )*};
}

tuples! {
    1: A;
    2: A B;
    3: A B C;
    4: A B C D;
    5: A B C D E;
    6: A B C D E F;
    7: A B C D E F G;
    8: A B C D E F G H;
    9: A B C D E F G H I;
    10: A B C D E F G H I J;
    11: A B C D E F G H I J K;
    12: A B C D E F G H I J K L;
    13: A B C D E F G H I J K L M;
    14: A B C D E F G H I J K L M O;
}

impl Args<0> for () {
    fn sqlite(self) -> Result<SqliteArguments, BoxDynError> {
        Ok(SqliteArguments::default())
    }

    fn postgres(self) -> Result<PgArguments, BoxDynError> {
        Ok(PgArguments::default())
    }
}

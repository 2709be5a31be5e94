//! Gives every tenant the people and clients of one: by requests it would take a million of them.

use sqlx::postgres::PgPool;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use sqlx::{AssertSqlSafe, Row as _};

use crate::Failed;
use crate::server::Instance;

/// Whose rows are copied. A tenant with people has everything: they come last.
const TABLES: [&str; 4] = ["client_secrets", "clients", "passwords", "users"];
const SQLITE_COLUMNS: &str = "SELECT name FROM pragma_table_info($1)";
const POSTGRES_COLUMNS: &str = "SELECT column_name::text FROM information_schema.columns WHERE table_name = $1 AND table_schema = current_schema()";

/// Copies what the model has to each tenant that has no people yet. The instance must not run meanwhile.
pub async fn spread(instance: &Instance, url: &str, model: &str) -> Result<(), Failed> {
    macro_rules! on {
        ($pool:expr, $columns:expr) => {{
            let pool = $pool;
            for table in TABLES {
                let rows = sqlx::query($columns).bind(table).fetch_all(&pool).await?;
                let columns = rows.iter().map(|row| row.try_get::<String, _>(0)).collect::<Result<Vec<_>, _>>()?;
                sqlx::query(AssertSqlSafe(copy(table, &columns))).bind(model).execute(&pool).await?;
            }
            pool.close().await;
        }};
    }
    if url == "sqlite" {
        on!(SqlitePool::connect_with(SqliteConnectOptions::new().filename(instance.database())).await?, SQLITE_COLUMNS);
    } else {
        on!(PgPool::connect(url).await?, POSTGRES_COLUMNS);
    }
    Ok(())
}

fn copy(table: &str, columns: &[String]) -> String {
    let own: Vec<&str> = columns.iter().map(String::as_str).filter(|column| *column != "tenant_id").collect();
    let (into, from) = (own.join(", "), own.iter().map(|column| format!("m.{column}")).collect::<Vec<_>>().join(", "));
    format!(
        "INSERT INTO {table} (tenant_id, {into}) SELECT t.id, {from} FROM tenants t CROSS JOIN {table} m
         WHERE m.tenant_id = (SELECT id FROM tenants WHERE slug = $1) AND t.slug LIKE 'tenant-%'
             AND NOT EXISTS (SELECT 1 FROM users u WHERE u.tenant_id = t.id)"
    )
}

//! `chancery init`: the one-time bootstrap of an instance.

use serde::Serialize;

use super::output::Out;
use super::place::{Place, secret_from_stdin};
use crate::app::App;
use crate::base::{Clock, Email, Result, Secret, Slug};
use crate::setup::operators;
use crate::store::{Db, migrations};

/// Who the first operator is.
#[derive(Debug, clap::Args)]
pub(super) struct Init {
    /// The first operator's e-mail address
    #[arg(long, default_value = "operator@localhost")]
    email: Email,
    /// Read the operator's password from standard input; without it one is made and printed
    #[arg(long)]
    password_stdin: bool,
}

/// What is shown once.
#[derive(Serialize)]
struct Made {
    tenant: &'static str,
    email: Email,
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<String>,
    operator_api_key: String,
}

impl Init {
    pub(super) async fn run(self, place: &Place, out: Out) -> Result<()> {
        let config = place.config()?;
        config.make_data_dir()?;
        let db = Db::open(&config.database_url(), 2).await?;
        migrations::up(&db).await?;
        let app = Box::pin(App::build(config, Clock::system(), db)).await?;
        let given = if self.password_stdin { Some(secret_from_stdin()?) } else { None };
        let password = given.clone().unwrap_or_else(Secret::generate);
        let key = operators::initialise(&app, &self.email, &password).await?;
        let password = given.is_none().then(|| password.expose().to_owned());
        let made =
            Made { tenant: Slug::SYSTEM, email: self.email, password, operator_api_key: key.expose().to_owned() };
        out.record(&made)
    }
}

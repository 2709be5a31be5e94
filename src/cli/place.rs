//! Which instance a command is about: its configuration, data directory and database.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use crate::app::App;
use crate::base::{Clock, Code, Fault, Result, Secret, Stop};
use crate::config::{Config, Overrides};
use crate::setup::DevFile;
use crate::store::{Db, migrations};

/// Connections of a command: it does one thing at a time.
const CONNECTIONS: u32 = 2;

/// Which instance it is.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Place {
    /// A configuration file (TOML)
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where the embedded database, keys and files live
    #[arg(long, global = true, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// How browsers and clients reach the server
    #[arg(long, global = true, value_name = "URL")]
    public_url: Option<String>,
}

impl Place {
    /// What was said on the command line.
    pub(super) fn overrides(&self) -> Overrides {
        let Self { config, data_dir, public_url } = self.clone();
        Overrides { file: config, data_dir, public_url, ..Overrides::default() }
    }

    /// The configuration of the instance. One that `serve --dev` made is known by its `dev.json`.
    pub(super) fn config(&self) -> Result<Config> {
        let config = Config::load(&self.overrides())?;
        let Some(dev) = DevFile::read(&config.data_dir) else { return Ok(config) };
        let public_url = self.public_url.clone().or(Some(dev.public_url));
        Ok(Config::load(&Overrides { public_url, dev: true, ..self.overrides() })?)
    }

    /// The instance's services, over a database of exactly this version.
    pub(super) async fn open(&self) -> Result<App> {
        let config = self.config()?;
        let db = open_database(&config).await?;
        if migrations::status(&db).await?.iter().any(|version| !version.applied) {
            return Err(missing("the database is older than this program or new: run `chancery migrate up`"));
        }
        Ok(Box::pin(App::build(config, Clock::system(), db)).await?)
    }
}

/// Opens the configured database, which has to be there.
pub(super) async fn open_database(config: &Config) -> Result<Db> {
    let url = config.database_url();
    let file = url.strip_prefix("sqlite:").map(|path| path.trim_start_matches("//"));
    if let Some(file) = file.filter(|file| !Path::new(file.split('?').next().unwrap_or(file)).exists()) {
        return Err(missing(&format!("there is no database at {file}: run `chancery init` or `chancery serve --dev`")));
    }
    Ok(Db::open(&url, CONNECTIONS).await?)
}

fn missing(sentence: &str) -> Stop {
    Stop::refuse(Code::NotFound, sentence.to_owned())
}

/// A secret from standard input, without the line's end.
pub(super) fn secret_from_stdin() -> Result<Secret> {
    let mut text = zeroize::Zeroizing::new(String::new());
    std::io::stdin().lock().take(64 * 1024).read_to_string(&mut text)?;
    let line = text.strip_suffix('\n').unwrap_or(&text);
    let line = line.strip_suffix('\r').unwrap_or(line);
    if line.is_empty() {
        return Err(Fault::new("standard input holds no password").into());
    }
    Ok(Secret::new(line))
}

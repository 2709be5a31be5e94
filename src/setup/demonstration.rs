//! What `--dev` makes: the tenants `demo` and `acme` with people and clients, written down in `dev.json`. A second
//! start finds everything as it was.

use std::collections::BTreeMap;

use crate::app::App;
use crate::base::{ClientId, Email, Fault, Result, Scope, Secret};
use crate::clients::{Registration, scopes};
use crate::store::clients::{ApplicationType, ClientKind};
use crate::store::tenants::{Branding, Settings};

use super::file::{DevClient, DevFile, DevTenant, DevUser};
use super::{ensure, operators, people};

/// The tenants, what they are called, their colour, and whether the password grant is on.
const TENANTS: [(&str, &str, Option<&str>, bool); 2] =
    [("demo", "Demo", None, false), ("acme", "Acme", Some("#8a1c4a"), true)];

/// Whoever sees to all of them.
const OPERATOR: &str = "operator@system.test";

/// The client of `/dev/app`.
const DEV_APP: &str = "dev-app";
/// Where the demonstration clients would listen.
const HOST: &str = "http://127.0.0.1";

/// Makes what is not there yet, and answers what there is.
///
/// # Errors
/// The database or the data directory cannot be written to.
pub async fn prepare(app: &App) -> Result<DevFile> {
    let earlier = match DevFile::read(&app.config.data_dir) {
        Some(file) if is_about(app, &file).await? => file,
        _ => DevFile::default(),
    };
    if is_current(app, &earlier).await? {
        return Ok(earlier);
    }
    let base = app.config.base().to_owned();
    let mut file = DevFile {
        operator_api_key: operator(app, &earlier).await?,
        operator: Some(operator_person(app, &earlier).await?),
        mailbox_url: format!("{base}/dev/mailbox"),
        public_url: base,
        tenants: BTreeMap::new(),
    };
    for (slug, name, color, password_grant) in TENANTS {
        let branding = Branding { logo_uri: None, color: color.map(str::to_owned) };
        let settings = Settings { branding, password_grant, self_registration: true, ..Settings::default() };
        let known = earlier.tenants.get(slug).cloned().unwrap_or_default();
        file.tenants.insert(slug.to_owned(), tenant(app, (slug, name), settings, &known).await?);
    }
    file.write(&app.config.data_dir)?;
    Ok(file)
}

/// The few lines for whoever started it.
#[must_use]
pub fn lines(app: &App, file: &DevFile) -> Vec<String> {
    let someone = file.tenants.get("demo").and_then(|demo| demo.users.first());
    let dev_file = app.config.data_dir.join(super::DEV_FILE);
    let mut lines = vec![
        String::new(),
        format!("  Chancery is at   {}/", file.public_url),
        format!("  Try it           {}/dev/app", file.public_url),
    ];
    lines.extend(someone.map(|DevUser { email, password }| format!("  Sign in as       {email}   {password}")));
    lines.push(format!("  Mails            {}", file.mailbox_url));
    lines.extend(file.operator.as_ref().map(|DevUser { email, password }| {
        format!("  Console          {}/console as {email}   {password}", file.public_url)
    }));
    lines.push(format!("  Everything else  {}", dev_file.display()));
    lines.push(String::new());
    lines
}

/// Whether the file is about this database: its key opens it.
async fn is_about(app: &App, file: &DevFile) -> Result<bool> {
    let system = operators::tenant(app).await?;
    Ok(app.api_keys.find(&system.id, &Secret::new(file.operator_api_key.as_str())).await?.is_some())
}

/// Whether nothing is missing and nothing moved.
async fn is_current(app: &App, file: &DevFile) -> Result<bool> {
    for (slug, ..) in TENANTS {
        let there = ensure::found(app.tenants.look_up(slug).await)?.is_some();
        if !there || !file.tenants.contains_key(slug) {
            return Ok(false);
        }
    }
    Ok(file.public_url == app.config.base() && file.operator.is_some())
}

async fn operator(app: &App, earlier: &DevFile) -> Result<String> {
    if !earlier.operator_api_key.is_empty() {
        return Ok(earlier.operator_api_key.clone());
    }
    let system = operators::tenant(app).await?;
    Ok(operators::key(app, &system).await?.expose().to_owned())
}

async fn operator_person(app: &App, earlier: &DevFile) -> Result<DevUser> {
    let system = operators::tenant(app).await?;
    let email: Email = OPERATOR.parse().map_err(Fault::new)?;
    let known = earlier.operator.as_ref().map(|known| known.password.clone());
    let password = ensure::user(app, &system, operators::person(&email), known).await?;
    Ok(DevUser { email: OPERATOR.to_owned(), password })
}

async fn tenant(app: &App, (slug, name): (&str, &str), settings: Settings, known: &DevTenant) -> Result<DevTenant> {
    let tenant = ensure::tenant(app, slug.parse().map_err(Fault::new)?, name, settings).await?;
    let mut made = DevTenant { issuer: app.tenants.context(tenant.clone()).issuer, ..DevTenant::default() };
    for new in people::of(slug)? {
        let email = new.email.as_ref().map(|email| email.as_str().to_owned()).unwrap_or_default();
        let known = known.users.iter().find(|user| user.email == email).map(|user| user.password.clone());
        let password = ensure::user(app, &tenant, new, known).await?;
        made.users.push(DevUser { email, password });
    }
    for (part, registration) in clients(slug, tenant.settings.password_grant) {
        let client = ensure::client(app, &tenant, registration, known.clients.get(part)).await?;
        made.clients.insert(part.to_owned(), client);
    }
    if slug == "demo" {
        let _: DevClient = ensure::client(app, &tenant, dev_app(app.config.base()), None).await?;
    }
    Ok(made)
}

/// The clients of a tenant by their part.
fn clients(slug: &str, password_grant: bool) -> Vec<(&'static str, Registration)> {
    let mut all = vec![
        ("confidential", web(slug, ClientKind::Confidential, "confidential", 9871)),
        ("confidential2", web(slug, ClientKind::Confidential, "confidential2", 9872)),
        ("public", web(slug, ClientKind::Public, "public", 9873)),
        ("native", native(slug)),
        ("service", named(slug, ClientKind::Service, "service")),
    ];
    if password_grant {
        let mut wish = named(slug, ClientKind::Confidential, "password");
        wish.metadata.grant_types = vec!["password".to_owned(), "refresh_token".to_owned()];
        all.push(("password", wish));
    }
    all
}

fn named(slug: &str, kind: ClientKind, part: &str) -> Registration {
    let mut wish = Registration::preset(kind, &format!("{slug}'s {part} client"));
    wish.id = Some(ClientId::from(format!("{slug}-{part}")));
    wish.metadata.scope = Scope::of(scopes::KNOWN.iter().map(|(token, _)| *token));
    wish
}

fn web(slug: &str, kind: ClientKind, name: &str, port: u16) -> Registration {
    let mut wish = named(slug, kind, name);
    wish.metadata.redirect_uris = vec![format!("{HOST}:{port}/callback")];
    wish.metadata.post_logout_redirect_uris = vec![format!("{HOST}:{port}/signed-out")];
    wish
}

/// An application on a device (RFC 8252 §7.3): any port of the loopback address.
fn native(slug: &str) -> Registration {
    let mut wish = named(slug, ClientKind::Public, "native");
    wish.metadata.application_type = ApplicationType::Native;
    wish.metadata.redirect_uris = vec![format!("{HOST}/callback")];
    wish.metadata.post_logout_redirect_uris = vec![format!("{HOST}/signed-out")];
    wish
}

fn dev_app(base: &str) -> Registration {
    let mut wish = Registration::preset(ClientKind::Public, "Demo application");
    wish.id = Some(ClientId::from(DEV_APP));
    wish.metadata.redirect_uris = vec![format!("{base}/dev/app/callback")];
    wish.metadata.post_logout_redirect_uris = vec![format!("{base}/dev/app")];
    wish
}

//! `chancery client`.

use std::io::Read as _;

use serde::Serialize;

use super::Page;
use super::output::Out;
use crate::app::App;
use crate::base::{Actor, ClientId, Code, Refusal, Result, Scope, Seconds, strict_object};
use crate::clients::{Described, Information, Registrant, Registration, policy};
use crate::store::clients::{ApplicationType, AuthMethod, ClientKind, ClientStatus};

/// Largest metadata that is read, in bytes.
const MOST: u64 = 1024 * 1024;

/// What to do with clients.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Client {
    /// Register one; its secret is shown this once
    Create(Box<Create>),
    /// Show all of a tenant
    List {
        /// The tenant's slug
        #[arg(long)]
        tenant: String,
        #[command(flatten)]
        page: Page,
    },
    /// Show one
    Show(Which),
    /// Give another secret, which is shown this once
    RotateSecret {
        #[command(flatten)]
        which: Which,
        /// Seconds that the secret before works on
        #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(i64).range(0..=2_592_000))]
        overlap: i64,
    },
    /// Let it do nothing until it is enabled again, and end its tokens
    Disable(Which),
    /// Let it do what it did
    Enable(Which),
    /// Take it away for good, and end what people allowed it
    Delete(Which),
}

/// One client.
#[derive(Debug, clap::Args)]
pub(super) struct Which {
    /// The tenant's slug
    #[arg(long)]
    tenant: String,
    /// The `client_id`
    client: String,
}

/// A client to be registered.
#[derive(Debug, clap::Args)]
pub(super) struct Create {
    /// The tenant's slug
    #[arg(long)]
    tenant: String,
    /// Read client metadata (RFC 7591) from this file, or from standard input when it is -
    #[arg(long, value_name = "FILE", conflicts_with_all = ["redirect_uris", "grants", "scopes", "auth_method"])]
    from_json: Option<String>,
    /// A name for people
    #[arg(long, required_unless_present = "from_json")]
    name: Option<String>,
    /// confidential, public or service
    #[arg(long = "type", value_name = "TYPE")]
    kind: Option<ClientKind>,
    /// The `client_id`; a new one when absent
    #[arg(long)]
    id: Option<String>,
    /// Where an answer may go; may be repeated
    #[arg(long = "redirect-uri", value_name = "URI")]
    redirect_uris: Vec<String>,
    /// Where a sign-out may lead; may be repeated
    #[arg(long = "post-logout-redirect-uri", value_name = "URI")]
    post_logout_redirect_uris: Vec<String>,
    /// A grant type; may be repeated
    #[arg(long = "grant", value_name = "GRANT")]
    grants: Vec<String>,
    /// Scopes; may be repeated
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
    /// `client_secret_basic`, `client_secret_post`, `private_key_jwt` or `none`
    #[arg(long, value_name = "METHOD")]
    auth_method: Option<AuthMethod>,
    /// web or native
    #[arg(long, value_name = "TYPE")]
    application_type: Option<ApplicationType>,
    /// Where its public keys are (for `private_key_jwt`)
    #[arg(long, value_name = "URL")]
    jwks_uri: Option<String>,
    /// What the server decides about it, as in `require_pkce=false`; may be repeated
    #[arg(long = "policy", value_name = "KEY=VALUE")]
    policies: Vec<String>,
}

/// A rotated secret.
#[derive(Serialize)]
struct Rotated {
    client_id: ClientId,
    client_secret: String,
}

impl Client {
    pub(super) async fn run(self, app: &App, out: Out) -> Result<()> {
        match self {
            Self::Create(create) => create.run(app, out).await,
            Self::List { tenant, page } => {
                let tenant = app.tenants.look_up(&tenant).await?;
                let found = app.clients.page(&tenant, &page.after, page.limit).await?;
                let found: Vec<_> = found.iter().map(|client| Described::of(client, None)).collect();
                out.list(&found, &["client_id", "client_name", "type", "status", "grant_types"])
            }
            Self::Show(which) => {
                let tenant = app.tenants.look_up(&which.tenant).await?;
                let client = app.clients.look_up(&tenant, &ClientId::from(which.client)).await?;
                out.record(&Described::of(&client, None))
            }
            Self::RotateSecret { which, overlap } => {
                let tenant = app.tenants.look_up(&which.tenant).await?;
                let (id, by) = (ClientId::from(which.client), Actor::operator());
                let (client, secret) = app.clients.rotate_secret(&tenant, &id, Seconds(overlap), &by).await?;
                out.record(&Rotated { client_id: client.id, client_secret: secret.expose().to_owned() })
            }
            Self::Disable(which) => set_status(app, out, which, ClientStatus::Disabled).await,
            Self::Enable(which) => set_status(app, out, which, ClientStatus::Active).await,
            Self::Delete(which) => {
                let tenant = app.tenants.look_up(&which.tenant).await?;
                app.clients.delete(&tenant, &ClientId::from(which.client.as_str()), &Actor::operator()).await?;
                out.done(&format!("The client {} is gone.", which.client))
            }
        }
    }
}

async fn set_status(app: &App, out: Out, which: Which, status: ClientStatus) -> Result<()> {
    let tenant = app.tenants.look_up(&which.tenant).await?;
    let by = Registrant::operator(Actor::operator());
    let client = app.clients.set_status(&tenant, &ClientId::from(which.client), status, &by).await?;
    out.record(&Described::of(&client, None))
}

impl Create {
    async fn run(self, app: &App, out: Out) -> Result<()> {
        let tenant = app.tenants.look_up(&self.tenant).await?;
        let from_json = self.from_json.is_some();
        let wish = self.registration()?;
        let (client, secret) = app.clients.register(&tenant, wish, "operator").await?;
        // Who gives client metadata gets client information (RFC 7591 §3.2.1), which is JSON.
        let out = Out { json: out.json || from_json };
        out.record(&Information::of(&client, secret.as_ref()))
    }

    fn registration(self) -> Result<Registration> {
        let mut wish = match &self.from_json {
            Some(file) => Registration::from_metadata(strict_object(&read(file)?)?)?,
            None => Registration::preset(self.kind.unwrap_or(ClientKind::Confidential), ""),
        };
        let metadata = &mut wish.metadata;
        let replace = |list: &mut Vec<String>, given: Vec<String>| {
            if !given.is_empty() {
                *list = given;
            }
        };
        replace(&mut metadata.redirect_uris, self.redirect_uris);
        replace(&mut metadata.post_logout_redirect_uris, self.post_logout_redirect_uris);
        replace(&mut metadata.grant_types, self.grants);
        metadata.token_endpoint_auth_method = self.auth_method.unwrap_or(metadata.token_endpoint_auth_method);
        metadata.application_type = self.application_type.unwrap_or(metadata.application_type);
        metadata.jwks_uri = self.jwks_uri.or(metadata.jwks_uri.take());
        if !self.scopes.is_empty() {
            metadata.scope = self.scopes.join(" ").parse::<Scope>()?;
        }
        wish.kind = self.kind.unwrap_or(wish.kind);
        wish.name = self.name.or(wish.name);
        wish.id = self.id.map(ClientId::from);
        if self.application_type.is_none() && self.from_json.is_none() {
            wish.infer_application_type();
        }
        for assignment in &self.policies {
            policy::set(&mut wish.policy, assignment)?;
        }
        Ok(wish)
    }
}

fn read(file: &str) -> Result<Vec<u8>> {
    let mut text = Vec::new();
    if file == "-" {
        std::io::stdin().lock().take(MOST).read_to_end(&mut text)?;
    } else {
        std::fs::File::open(file)?.take(MOST).read_to_end(&mut text)?;
    }
    if text.is_empty() {
        return Err(Refusal::new(Code::InvalidClientMetadata, "there is no client metadata to read").into());
    }
    Ok(text)
}

//! Making things that may be there already: what is known about them (`known`, from an earlier `dev.json`) stays true.

use crate::accounts::NewUser;
use crate::app::App;
use crate::base::{Actor, Code, Result, Seconds, Secret, Slug, Stop};
use crate::clients::Registration;
use crate::store::clients::{AuthMethod, Client};
use crate::store::tenants::{Settings, Tenant};

use super::file::DevClient;

/// Turns "there is none" into `None`.
pub(super) fn found<T>(outcome: Result<T>) -> Result<Option<T>> {
    match outcome {
        Ok(found) => Ok(Some(found)),
        Err(Stop::Refused(refusal)) if refusal.code == Code::NotFound => Ok(None),
        Err(stop) => Err(stop),
    }
}

pub(super) async fn tenant(app: &App, slug: Slug, name: &str, settings: Settings) -> Result<Tenant> {
    if let Some(tenant) = found(app.tenants.look_up(slug.as_str()).await)? {
        return Ok(tenant);
    }
    app.tenants.create(&app.clock, (slug, name.to_owned(), settings), &Actor::operator()).await
}

/// Answers the person's password.
pub(super) async fn user(app: &App, tenant: &Tenant, new: NewUser, known: Option<String>) -> Result<String> {
    let address = new.email.as_ref().map(|email| email.as_str().to_owned()).unwrap_or_default();
    let there = found(app.accounts.look_up(tenant, &address).await)?;
    if let (Some(_), Some(password)) = (&there, &known) {
        return Ok(password.clone());
    }
    let password = known.unwrap_or_else(readable_password);
    let secret = Secret::new(password.as_str());
    if let Some(user) = there {
        app.accounts.set_password(tenant, &user.id, &secret, &Actor::operator()).await?;
    } else {
        let new = NewUser { password: Some(secret), ..new };
        app.accounts.create(tenant, new, &Actor::operator()).await?;
    }
    Ok(password)
}

/// Answers the client with its secret.
pub(super) async fn client(
    app: &App,
    tenant: &Tenant,
    wish: Registration,
    known: Option<&DevClient>,
) -> Result<DevClient> {
    let there = match &wish.id {
        Some(id) => found(app.clients.look_up(tenant, id).await)?,
        None => None,
    };
    let redirect_uris = wish.metadata.redirect_uris.clone();
    let post_logout_redirect_uris = wish.metadata.post_logout_redirect_uris.clone();
    let (id, client_secret) = if let Some(client) = there {
        let id = client.id.clone();
        (id, renew(app, tenant, (client, &wish), known.and_then(|known| known.client_secret.clone())).await?)
    } else {
        let (client, secret) = app.clients.register(tenant, wish, "operator").await?;
        (client.id, secret.map(|secret| secret.expose().to_owned()))
    };
    Ok(DevClient { client_id: id.to_string(), client_secret, redirect_uris, post_logout_redirect_uris })
}

/// Brings the addresses of a client that is there up to the wish, and answers its secret: the known one, or a new one.
async fn renew(
    app: &App,
    tenant: &Tenant,
    (mut client, wish): (Client, &Registration),
    known: Option<String>,
) -> Result<Option<String>> {
    let (metadata, wished) = (&mut client.metadata.0, &wish.metadata);
    let moved = metadata.redirect_uris != wished.redirect_uris
        || metadata.post_logout_redirect_uris != wished.post_logout_redirect_uris;
    if moved {
        metadata.redirect_uris.clone_from(&wished.redirect_uris);
        metadata.post_logout_redirect_uris.clone_from(&wished.post_logout_redirect_uris);
        app.clients.change(&client, &Actor::operator()).await?;
    }
    if known.is_some() || client.metadata.token_endpoint_auth_method == AuthMethod::None {
        return Ok(known);
    }
    let (_, secret) = app.clients.rotate_secret(tenant, &client.id, Seconds(0), &Actor::operator()).await?;
    Ok(Some(secret.expose().to_owned()))
}

/// Sixteen letters and digits: 95 random bits that can be typed.
pub(super) fn readable_password() -> String {
    let random = Secret::generate();
    random.expose().chars().filter(char::is_ascii_alphanumeric).take(16).collect()
}

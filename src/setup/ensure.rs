//! Making things that may be there already: what is known about them (`known`, from an earlier `dev.json`) stays true.

use crate::accounts::NewUser;
use crate::app::App;
use crate::base::{Actor, Code, Result, Secret, Slug, Stop};
use crate::clients::Registration;
use crate::store::clients::AuthMethod;
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
    match there {
        Some(user) => app.accounts.set_password(tenant, &user.id, &secret, &Actor::operator()).await?,
        None => {
            let new = NewUser { password: Some(secret), ..new };
            app.accounts.create(tenant, new, &Actor::operator()).await?;
        }
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
    let (redirect_uris, post_logout_redirect_uris) =
        (wish.metadata.redirect_uris.clone(), wish.metadata.post_logout_redirect_uris.clone());
    let (id, client_secret) = match there {
        None => {
            let (client, secret) = app.clients.register(tenant, wish, "operator").await?;
            (client.id, secret.map(|secret| secret.expose().to_owned()))
        }
        Some(mut client) => {
            let uris = (&client.metadata.redirect_uris, &client.metadata.post_logout_redirect_uris);
            if uris != (&redirect_uris, &post_logout_redirect_uris) {
                client.metadata.0.redirect_uris.clone_from(&redirect_uris);
                client.metadata.0.post_logout_redirect_uris.clone_from(&post_logout_redirect_uris);
                app.clients.change(&client, &Actor::operator()).await?;
            }
            let known = known.and_then(|known| known.client_secret.clone());
            let secret = match known {
                None if client.metadata.token_endpoint_auth_method != AuthMethod::None => {
                    let overlap = crate::base::Seconds(0);
                    let (_, secret) =
                        app.clients.rotate_secret(tenant, &client.id, overlap, &Actor::operator()).await?;
                    Some(secret.expose().to_owned())
                }
                known => known,
            };
            (client.id, secret)
        }
    };
    Ok(DevClient { client_id: id.to_string(), client_secret, redirect_uris, post_logout_redirect_uris })
}

/// Sixteen letters and digits: 95 random bits that can be typed.
fn readable_password() -> String {
    let random = Secret::generate();
    random.expose().chars().filter(char::is_ascii_alphanumeric).take(16).collect()
}

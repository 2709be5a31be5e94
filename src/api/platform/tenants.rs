//! Tenants: listed, made, shown, changed and deleted.

use axum::extract::State;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::Shown;
use crate::accounts::Owner;
use crate::api::page::Page;
use crate::app::App;
use crate::base::{Code, Email, Params, Refusal, Result as Done, Seconds, Secret, Slug, Stop, Timestamp};
use crate::http::bearer::Unproven;
use crate::http::{Body, Data, IfMatch, Operator, Segments};
use crate::store::Flag;
use crate::store::tenant_directory::Wanted;
use crate::store::tenants::{Settings, Tenant, TenantStatus};
use crate::tenants::{Reach, patched};

/// Tenants in the order of their slugs; `q` looks into slug and name, `status` finds deleted ones too.
///
/// # Errors
/// A parameter cannot be that.
pub(super) async fn listed(app: &App, query: &Params) -> Done<Data<Vec<Shown>>> {
    let page = Page::read(query, "")?;
    let wanted = wanted(query, &page)?;
    let found = app.tenants.list(wanted).await?;
    let meta = page.next(&found, |tenant| tenant.slug.as_str());
    Ok(Data::new(found.into_iter().map(|tenant| Shown::of(app, tenant)).collect()).meta(meta))
}

fn wanted(query: &Params, page: &Page) -> Result<Wanted, Refusal> {
    let status = match query.get("status") {
        None => None,
        Some(word) => Some(
            status_of(word)
                .ok_or_else(|| Refusal::new(Code::InvalidRequest, "status is active, suspended or deleted"))?,
        ),
    };
    let text: String = query.get("q").unwrap_or_default().trim().chars().take(100).collect();
    let plan = query.get("plan").unwrap_or_default().to_owned();
    Ok(Wanted { after: page.after.clone(), status, text, plan, limit: page.limit })
}

fn status_of(word: &str) -> Option<TenantStatus> {
    [TenantStatus::Active, TenantStatus::Suspended, TenantStatus::Deleted].into_iter().find(|one| one.as_str() == word)
}

/// A tenant to be made.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct New {
    slug: Slug,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    settings: Map<String, Value>,
    #[serde(default)]
    owner: Option<NewOwner>,
    #[serde(default)]
    deletion_protected: bool,
    #[serde(default)]
    expires_at: Option<String>,
    /// Seconds until its end.
    #[serde(default)]
    ttl: Option<i64>,
}

/// Its owner; without a password one that is invited.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewOwner {
    email: Email,
    #[serde(default)]
    password: Option<String>,
    #[serde(default)]
    full_name: Option<String>,
}

/// `POST {P}/api/v1/tenants`.
pub async fn create(State(app): State<App>, caller: Operator, Body(new): Body<New>) -> Result<Data<Shown>, Unproven> {
    let now = app.clock.now();
    let settings = patched(&Settings::default(), &new.settings, Reach::Operator)?;
    let name = new.name.unwrap_or_else(|| new.slug.to_string());
    let mut tenant = Tenant::new(new.slug, name, settings, now);
    tenant.life.deletion_protected = Flag(new.deletion_protected);
    tenant.life.expires_at = match (new.expires_at, new.ttl) {
        (Some(_), Some(_)) => return Err(refuse("expires_at and ttl say the same twice").into()),
        (Some(text), None) => Some(end(&text, now)?),
        (None, Some(seconds)) if seconds > 0 => Some(now.plus(Seconds(seconds))),
        (None, Some(_)) => return Err(refuse("ttl is a number of seconds from 1 on").into()),
        (None, None) => None,
    };
    let owner = new.owner.map(|owner| Owner {
        email: owner.email,
        password: owner.password.map(Secret::new),
        name: owner.full_name,
        vouched: true,
    });
    let (made, _) = app.accounts.found(&app.tenants, tenant, owner, &caller.actor()).await?;
    let version = made.version;
    Ok(Data::created(Shown::whole(&app, made.tenant)).tagged(version))
}

/// `GET {P}/api/v1/tenants/{id}`, deleted ones included.
pub async fn show(
    State(app): State<App>,
    _: Operator,
    Segments([named]): Segments<1>,
) -> Result<Data<Shown>, Unproven> {
    Ok(told(&app, app.tenants.any(&named).await?))
}

/// What is to be changed; what is left out stays.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Changes {
    #[serde(default)]
    name: Option<String>,
    /// A merge patch of the settings.
    #[serde(default)]
    settings: Option<Map<String, Value>>,
    #[serde(default)]
    deletion_protected: Option<bool>,
    /// Null: it lives without end.
    #[serde(default, deserialize_with = "given")]
    #[expect(clippy::option_option, reason = "null says something else than nothing")]
    expires_at: Option<Option<String>>,
}

/// Tells null from what is left out.
#[expect(clippy::option_option, reason = "null says something else than nothing")]
fn given<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Option<String>>, D::Error> {
    Option::<String>::deserialize(from).map(Some)
}

/// `PATCH` and `PUT {P}/api/v1/tenants/{id}`.
pub async fn change(
    State(app): State<App>,
    caller: Operator,
    Segments([named]): Segments<1>,
    IfMatch(version): IfMatch,
    Body(changes): Body<Changes>,
) -> Result<Data<Shown>, Unproven> {
    let mut tenant = app.tenants.any(&named).await?;
    if version.is_some_and(|version| version != tenant.version) {
        let stale = "the tenant was changed by somebody else meanwhile";
        return Err(Stop::refuse(Code::PreconditionFailed, stale).into());
    }
    if tenant.status == TenantStatus::Deleted {
        return Err(Stop::refuse(Code::Conflict, "this tenant is deleted; it can be restored").into());
    }
    tenant.name = changes.name.unwrap_or(tenant.name);
    if let Some(patch) = changes.settings {
        tenant.settings.0 = patched(&tenant.settings, &patch, Reach::Operator)?;
    }
    tenant.life.deletion_protected = changes.deletion_protected.map_or(tenant.life.deletion_protected, Flag);
    if let Some(expires_at) = changes.expires_at {
        tenant.life.expires_at = expires_at.map(|text| end(&text, app.clock.now())).transpose()?;
    }
    app.tenants.change(&app.clock, &tenant, "tenant.updated", &caller.actor()).await?;
    Ok(told(&app, app.tenants.any(tenant.id.as_str()).await?))
}

/// `DELETE {P}/api/v1/tenants/{id}`: from now on it is nobody; answers until when it can be restored.
pub async fn remove(
    State(app): State<App>,
    caller: Operator,
    Segments([named]): Segments<1>,
) -> Result<Data<Shown>, Unproven> {
    let tenant = app.tenants.any(&named).await?;
    Ok(told(&app, app.tenants.delete(tenant, &caller.actor()).await?))
}

/// One tenant, with its version.
pub(super) fn told(app: &App, tenant: Tenant) -> Data<Shown> {
    let version = tenant.version;
    Data::new(Shown::whole(app, tenant)).tagged(version)
}

fn end(text: &str, now: Timestamp) -> Done<Timestamp> {
    let found = Timestamp::of_rfc3339(text).filter(|end| *end > now);
    found.ok_or_else(|| refuse("expires_at is a time to come, as RFC 3339 writes it"))
}

fn refuse(sentence: &'static str) -> Stop {
    Stop::refuse(Code::Unprocessable, sentence)
}

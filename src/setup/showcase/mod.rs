//! A tenant filled with what a tenant has after some months, to try console and API out: made up, of believable size,
//! and made by the services that make the real things, so that rules, counts and audit rows are as they always are.

mod history;
mod names;
mod stored;

use serde::Serialize;
use serde_json::{Map, json};

use super::ensure;
use crate::accounts::NewUser;
use crate::app::App;
use crate::base::{Actor, ClientId, Code, Fault, Result, Scope, Secret, Slug, Stop};
use crate::clients::{Registrant, Registration};
use crate::organizations::{New, Who};
use crate::store::clients::{ApplicationType, ClientKind, ClientStatus};
use crate::store::tenants::Tenant;
use crate::store::users::{Profile, Role, User, UserStatus};

pub use names::PEOPLE;

/// The client that is made first: a tenant that has it was filled here.
const MARK: &str = "demo-portal";

/// What there is, of which a second time makes nothing anew.
#[derive(Debug, Default, Serialize)]
pub struct Seeded {
    /// The tenant's slug.
    pub tenant: String,
    /// People.
    pub people: usize,
    /// Clients.
    pub clients: usize,
    /// Organizations.
    pub organizations: usize,
    /// Documents.
    pub documents: i64,
    /// Files.
    pub files: u64,
    /// Sign-ins of the last weeks, failed ones included.
    pub sign_ins: usize,
    /// Whom one signs in as at the tenant's console.
    pub owner: String,
    /// The password, the first time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
}

/// Fills a tenant. Done again, it adds what is missing.
///
/// # Errors
/// `conflict`: there are people in it who were not made here.
pub async fn fill(app: &App, tenant: &Tenant, people: usize) -> Result<Seeded> {
    let ours = ensure::found(app.clients.look_up(tenant, &ClientId::from(MARK)).await)?.is_some();
    let taken = !ours && !app.accounts.page(tenant, "", 1).await?.is_empty();
    if taken || tenant.slug.as_str() == Slug::SYSTEM {
        let sentence = "this tenant has people: demonstration data goes into a tenant of its own";
        return Err(Stop::refuse(Code::Conflict, sentence));
    }
    let clients = clients(app, tenant).await?;
    let (people, owner, password) = persons(app, tenant, people).await?;
    let organizations = organizations(app, tenant, &people).await?;
    let documents = stored::documents(app, tenant, &people).await?;
    let files = stored::files(app, tenant, &people).await?;
    let sign_ins = history::sign_ins(app, tenant, &people).await?;
    let slug = tenant.slug.to_string();
    let people = people.len();
    Ok(Seeded { tenant: slug, people, clients, organizations, documents, files, sign_ins, owner, password })
}

async fn clients(app: &App, tenant: &Tenant) -> Result<usize> {
    let wishes = [
        wish(MARK, "Customer portal", ClientKind::Confidential, "https://portal.example/callback"),
        wish("demo-mobile", "Mobile app", ClientKind::Public, "com.example.app:/callback"),
        wish("demo-desk", "Help desk", ClientKind::Confidential, "https://desk.example/signed-in"),
        wish("demo-legacy", "Old intranet", ClientKind::Confidential, "https://intranet.example/cb"),
        wish("demo-reports", "Nightly reports", ClientKind::Service, ""),
    ];
    let count = wishes.len();
    for wish in wishes {
        let id = wish.id.clone().unwrap_or_else(|| ClientId::from(MARK));
        if ensure::found(app.clients.look_up(tenant, &id).await)?.is_some() {
            continue;
        }
        app.clients.register(tenant, wish, "operator").await?;
        if id.as_str() == "demo-legacy" {
            let by = Registrant::operator(Actor::operator());
            app.clients.set_status(tenant, &id, ClientStatus::Disabled, &by).await?;
        }
    }
    Ok(count)
}

fn wish(id: &str, name: &str, kind: ClientKind, redirect_uri: &str) -> Registration {
    let mut wish = Registration::preset(kind, name);
    wish.id = Some(ClientId::from(id));
    wish.metadata.scope = Scope::of(if kind == ClientKind::Service {
        vec!["storage:read", "users:read"]
    } else {
        vec!["openid", "profile", "email", "offline_access"]
    });
    if kind == ClientKind::Public {
        wish.metadata.application_type = ApplicationType::Native;
    }
    if !redirect_uri.is_empty() {
        wish.metadata.redirect_uris = vec![redirect_uri.to_owned()];
    }
    wish
}

/// The first one owns the tenant and is the only one with a password.
async fn persons(app: &App, tenant: &Tenant, most: usize) -> Result<(Vec<User>, String, Option<String>)> {
    let (mut all, mut password) = (Vec::new(), None);
    for number in 0..most.max(1) {
        let [given, family] = names::person(number);
        let email = format!("{}.{}@{}.example", given.to_lowercase(), family.to_lowercase(), tenant.slug);
        if let Some(user) = ensure::found(app.accounts.look_up(tenant, &email).await)? {
            all.push(user);
            continue;
        }
        let own = (number == 0).then(ensure::readable_password);
        let new = NewUser {
            email: Some(email.parse().map_err(Fault::new)?),
            email_verified: number % 12 != 7,
            username: None,
            password: own.as_deref().map(Secret::new),
            role: role(number),
            profile: Profile {
                name: Some(format!("{given} {family}")),
                given_name: Some(given.to_owned()),
                family_name: Some(family.to_owned()),
                ..Profile::default()
            },
        };
        let user = app.accounts.create(tenant, new, &Actor::operator()).await?;
        if number % 40 == 39 {
            app.accounts.set_status(tenant, &user.id, UserStatus::Suspended, &Actor::operator()).await?;
        }
        password = password.or(own);
        all.push(user);
    }
    let owner = all.first().and_then(|user| user.email.as_ref()).map(|email| email.as_str().to_owned());
    Ok((all, owner.unwrap_or_default(), password))
}

const fn role(number: usize) -> Role {
    match number {
        0 => Role::Owner,
        1 | 2 => Role::Admin,
        3..=5 => Role::Support,
        _ => Role::User,
    }
}

async fn organizations(app: &App, tenant: &Tenant, people: &[User]) -> Result<usize> {
    let who = Who { user: None, bound: None, actor: Actor::operator() };
    let active: Vec<&User> = people.iter().enumerate().filter(|(n, _)| n % 40 != 39).map(|(_, user)| user).collect();
    let (mut count, names) = (0, names::ORGANIZATIONS);
    for (at, name) in names.into_iter().enumerate() {
        let mut members = active.iter().skip(at).step_by(names.len());
        let Some(owner) = members.next() else { break };
        let slug = names::slug(name);
        let metadata = Map::from_iter([("demonstration".to_owned(), json!(true))]);
        let owner = Some(owner.id.clone());
        let new = New { name: name.to_owned(), slug: Some(slug.clone()), metadata, owner };
        count += 1;
        match app.organizations.create(tenant, new, &who).await {
            Ok(_) => {}
            Err(Stop::Refused(refusal)) if refusal.code == Code::Conflict => continue,
            Err(stop) => return Err(stop),
        }
        for (n, member) in members.take(25).enumerate() {
            let role = if n == 0 { "admin" } else { "member" };
            app.organizations.add((tenant, &who), &slug, (&member.id, role)).await?;
        }
    }
    Ok(count)
}

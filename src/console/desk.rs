//! Who works at the console. What a page needs of its visitor stands in its signature, as at the API; what the person's
//! role allows is asked anew with every request (W-071).

use std::marker::PhantomData;
use std::sync::Arc;

use axum::extract::{FromRequest, FromRequestParts, RawPathParams, Request};
use axum::http::Method;
use axum::http::request::Parts;

pub use super::halt::{Halt, outcome};
use super::home::Home;
use super::{again, sign_in, turned_away};
use crate::accounts::Giver;
use crate::app::App;
use crate::base::{Actor, Code, Params, Result, Scope, Seconds, Slug, Stop};
use crate::clients::Registrant;
use crate::clients::scopes::{KNOWN, within_role};
use crate::frame::Brand;
use crate::http::bearer::RequiredScope;
use crate::http::context::origin;
use crate::http::page::brand_of;
use crate::http::routes::{CONSOLE, CONSOLE_TENANTS};
use crate::http::{Browser, TickedForm};
use crate::people::above;
use crate::sessions::SignedIn;
use crate::store::users::Role;
use crate::tenants::{Hint, TenantContext};

/// How old a sign-in may be for what is dangerous (W-026).
const RECENTLY: Seconds = Seconds(600);
/// What operators hold.
const PLATFORM: &str = "platform:*";

/// Somebody who is signed in at a console.
#[derive(Clone, Debug)]
pub struct Desk {
    /// Which console.
    pub home: Home,
    /// In which browser.
    pub browser: Browser,
    /// Who.
    pub who: SignedIn,
    /// The page at hand as the console knows it: from `/console` on.
    pub at: String,
}

impl Desk {
    async fn enter(parts: &mut Parts, app: &App) -> Result<Self, Halt> {
        let home = Home::from_request_parts(parts, app).await?;
        let browser = Browser::from_request_parts(parts, app).await?;
        let at = place_of(parts);
        match browser.person(app, &home.tenant).await? {
            Some(who) => Ok(Self { home, browser, who, at }),
            None => Err(Halt::elsewhere(sign_in::begin(app, &home, &browser, (&at, false)).await?)),
        }
    }

    /// Whether the person's role reaches this scope now.
    fn reaches(&self, scope: &str) -> bool {
        !within_role(&Scope::of([scope]), self.who.user.role).is_empty()
    }

    /// Refuses who proved too long ago who they are, with a page that leads to doing it again.
    ///
    /// # Errors
    /// It was more than ten minutes ago.
    pub fn lately(&self, app: &App) -> Result<(), Halt> {
        if app.clock.now().since(self.who.session.auth_time) <= RECENTLY {
            return Ok(());
        }
        Err(Halt::elsewhere(again::ask(self)))
    }
}

/// Where a request was sent, from `/console` on; a form is come back to as the page that it stands on.
fn place_of(parts: &Parts) -> String {
    let path = parts.uri.path();
    let below = path.strip_prefix("/t/").and_then(|rest| rest.find('/').map(|end| &rest[end..]));
    let at = below.unwrap_or(path);
    let query = parts.uri.query().filter(|_| parts.method == Method::GET).unwrap_or_default();
    // What an act came to is told once.
    let kept: Vec<_> = query.split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("done=")).collect();
    if kept.is_empty() { at.to_owned() } else { format!("{at}?{}", kept.join("&")) }
}

/// Extractor: an operator.
#[derive(Clone, Debug)]
pub struct Operator(pub Desk);

impl std::ops::Deref for Operator {
    type Target = Desk;

    fn deref(&self) -> &Desk {
        &self.0
    }
}

impl FromRequestParts<App> for Operator {
    type Rejection = Halt;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Halt> {
        let desk = Desk::enter(parts, app).await?;
        if !desk.home.of_operators || !desk.reaches(PLATFORM) {
            return Err(Halt::elsewhere(turned_away::page(&desk)));
        }
        Ok(Self(desk))
    }
}

impl Operator {
    /// The operator as the one who changes something.
    #[must_use]
    pub fn actor(&self) -> Actor {
        as_operator(&self.0)
    }
}

/// In a tenant's audit trail an operator is somebody from outside.
fn as_operator(desk: &Desk) -> Actor {
    Actor { id: format!("operator:{}", desk.who.user.id), origin: origin() }
}

/// Extractor: somebody who may do what the scope says in the tenant of the path, which is their own or, for operators,
/// any.
#[derive(Clone, Debug)]
pub struct Admin<S> {
    desk: Desk,
    /// The tenant.
    pub tenant: Arc<TenantContext>,
    scope: PhantomData<S>,
}

impl<S> std::ops::Deref for Admin<S> {
    type Target = Desk;

    fn deref(&self) -> &Desk {
        &self.desk
    }
}

impl<S: RequiredScope> FromRequestParts<App> for Admin<S> {
    type Rejection = Halt;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Halt> {
        let desk = Desk::enter(parts, app).await?;
        // What operators decide is decided at their own console, whoever owns the tenant.
        let own = S::SCOPE.filter(|scope| *scope != PLATFORM);
        let needed = if desk.home.of_operators { Some(PLATFORM) } else { own };
        if !needed.is_some_and(|needed| desk.reaches(needed)) {
            return Err(Halt::elsewhere(turned_away::page(&desk)));
        }
        let tenant = if desk.home.of_operators { managed(parts, app).await? } else { Arc::clone(&desk.home.tenant) };
        Ok(Self { desk, tenant, scope: PhantomData })
    }
}

/// The tenant that an operator sees to, suspended ones included.
async fn managed(parts: &mut Parts, app: &App) -> Result<Arc<TenantContext>> {
    let none = || Stop::refuse(Code::NotFound, "there is no such tenant");
    let path = RawPathParams::from_request_parts(parts, app).await.map_err(|_| none())?;
    let slug = path.iter().find(|(name, _)| *name == "tenant").map(|(_, slug)| slug);
    let slug: Slug = slug.and_then(|slug| slug.parse().ok()).ok_or_else(none)?;
    app.tenants.find(&Hint::Slug(slug)).await?.ok_or_else(none)
}

impl<S> Admin<S> {
    /// Whether what a scope opens may be done here.
    #[must_use]
    pub fn may(&self, scope: &str) -> bool {
        self.desk.home.of_operators || self.desk.reaches(scope)
    }

    /// How far the person reaches: an operator as far as an owner.
    #[must_use]
    pub const fn role(&self) -> Role {
        if self.desk.home.of_operators { Role::Owner } else { self.desk.who.user.role }
    }

    /// The person as the one who changes something.
    #[must_use]
    pub fn actor(&self) -> Actor {
        if self.desk.home.of_operators {
            return as_operator(&self.desk);
        }
        Actor { id: self.desk.who.user.id.to_string(), origin: origin() }
    }

    /// The person as the one who gives roles away, none above their own.
    #[must_use]
    pub fn giver(&self) -> Giver {
        let name = self.desk.who.user.profile.0.name.clone();
        Giver { actor: self.actor(), highest: self.role(), name: name.filter(|_| !self.desk.home.of_operators) }
    }

    /// The person as one who registers applications: none may more than they do (C4).
    #[must_use]
    pub fn registrant(&self) -> Registrant {
        if self.desk.home.of_operators {
            return Registrant::operator(self.actor());
        }
        Registrant::holding(self.actor(), self.holds(), self.role())
    }

    /// Everything that the person's role allows here.
    #[must_use]
    pub fn holds(&self) -> Scope {
        let house = KNOWN.iter().map(|(token, _)| *token).filter(|token| !token.starts_with("platform:"));
        let own = self.tenant.settings.scopes.iter().map(String::as_str);
        within_role(&Scope::of(house.chain(own)), self.role())
    }

    /// Refuses to touch somebody whose role is above the person's own (W-070).
    ///
    /// # Errors
    /// `forbidden`.
    pub fn must_reach(&self, role: Role) -> Result<()> {
        if self.role().rank() >= role.rank() { Ok(()) } else { Err(above()) }
    }

    /// A page about the tenant, as links have it.
    #[must_use]
    pub fn path(&self, page: &str) -> String {
        if self.desk.home.of_operators {
            return self.desk.home.path(&format!("{CONSOLE_TENANTS}/{}{page}", self.tenant.slug));
        }
        self.desk.home.path(&format!("{CONSOLE}{page}"))
    }

    /// How the pages look: as the tenant's own to its administrators.
    #[must_use]
    pub fn brand(&self) -> Brand {
        if self.desk.home.of_operators {
            return self.desk.home.brand();
        }
        brand_of(&self.tenant)
    }
}

/// Extractor: a form of the console's, sent from a page that this browser got from us (W-044).
#[derive(Clone, Debug)]
pub struct Sent(pub Params);

impl FromRequest<App> for Sent {
    type Rejection = Halt;

    async fn from_request(request: Request, app: &App) -> Result<Self, Halt> {
        let (mut parts, body) = request.into_parts();
        let browser = Browser::from_request_parts(&mut parts, app).await?;
        let headers = parts.headers.clone();
        let TickedForm(form) = TickedForm::from_request(Request::from_parts(parts, body), app).await?;
        browser.check(&headers, form.get("csrf")).await?;
        Ok(Self(form))
    }
}

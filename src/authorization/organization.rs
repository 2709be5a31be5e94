//! For which of a person's organizations an application gets tokens: the one that the request names, the one that the
//! person chooses, or none.

use super::{Answer, Authorization, Next, Pending};
use crate::base::{Code, Level, Refusal, Result, Scope, Stop};
use crate::clients::KnownClient;
use crate::organizations::Belonging;
use crate::sessions::SignedIn;
use crate::store::clients::OrganizationUse;
use crate::store::factors;
use crate::tenants::TenantContext;

/// Most organizations that somebody chooses from.
const MOST: i64 = 200;

/// Where a request stands.
pub(super) enum Place {
    /// It is for no organization.
    Nowhere,
    /// It is for this one.
    In(Box<Belonging>),
    /// The person has to choose.
    Open,
    /// It cannot be for what it asks for.
    Refused(Refusal),
}

/// What a person can choose from.
#[derive(Clone, Debug)]
pub struct Choices {
    /// The person's organizations.
    pub organizations: Vec<Belonging>,
    /// Whether none of them is a choice too.
    pub none: bool,
}

impl Authorization {
    /// For which organization a request is. One that neither asks nor comes from a client that always does costs no
    /// look-up.
    pub(super) async fn place(
        &self,
        tenant: &TenantContext,
        pending: &Pending,
        client: &KnownClient,
        who: &SignedIn,
    ) -> Result<Place> {
        let required = client.policy.organization == OrganizationUse::Required;
        let chosen = pending.organization.as_deref().filter(|chosen| !(required && chosen.is_empty()));
        match (pending.request.organization.as_deref(), chosen) {
            (None, Some("")) => Ok(Place::Nowhere),
            (Some(named), _) | (None, Some(named)) => self.member_of(tenant, who, named).await,
            (None, None) if !required && !pending.request.prompt.select_account => Ok(Place::Nowhere),
            (None, None) => {
                let mut all = Belonging::all(&self.db, tenant, &who.user.id, MOST).await?;
                Ok(match (all.pop().filter(|_| all.is_empty()), required) {
                    (Some(only), true) => Place::In(Box::new(only)),
                    (None, true) if all.is_empty() => Place::Refused(no_member()),
                    (None, false) if all.is_empty() => Place::Nowhere,
                    _ => Place::Open,
                })
            }
        }
    }

    /// Whether the organization exists is not told to those who do not belong to it (W-075).
    async fn member_of(&self, tenant: &TenantContext, who: &SignedIn, named: &str) -> Result<Place> {
        let found = Belonging::find(&self.db, tenant, &who.user.id, named).await?;
        Ok(found.map_or_else(|| Place::Refused(no_member()), |found| Place::In(Box::new(found))))
    }

    /// The name of the organization that a request is for.
    ///
    /// # Errors
    /// The database failed.
    pub async fn place_name(
        &self,
        tenant: &TenantContext,
        pending: &Pending,
        who: &SignedIn,
    ) -> Result<Option<String>> {
        let Some(client) = self.clients.find(&tenant.id, &pending.request.client_id).await? else { return Ok(None) };
        Ok(match self.place(tenant, pending, &client, who).await? {
            Place::In(place) => Some(place.name),
            _ => None,
        })
    }

    /// What the person of a request that waits can choose from.
    ///
    /// # Errors
    /// The client may not do anything any more.
    pub async fn choices(&self, tenant: &TenantContext, pending: &Pending, who: &SignedIn) -> Result<Choices> {
        let client = self.clients.find(&tenant.id, &pending.request.client_id).await?;
        let gone = || Refusal::new(Code::InvalidRequest, "this application is not active any more");
        let required = client.ok_or_else(gone)?.policy.organization == OrganizationUse::Required;
        let organizations = Belonging::all(&self.db, tenant, &who.user.id, MOST).await?;
        Ok(Choices { organizations, none: !required })
    }

    /// Remembers what the person chose: one of their organizations, or none.
    ///
    /// # Errors
    /// It is none of their choices.
    pub async fn choose(
        &self,
        tenant: &TenantContext,
        at: (&str, &str),
        (pending, who): (&Pending, &SignedIn),
        chosen: &str,
    ) -> Result<Pending> {
        let choices = self.choices(tenant, pending, who).await?;
        let known = choices.organizations.iter().any(|one| one.id.as_str() == chosen);
        let is_none = chosen.is_empty() && choices.none;
        if !known && !is_none {
            return Err(Stop::refuse(Code::InvalidRequest, "this is none of your organizations"));
        }
        let pending = Pending { organization: Some(chosen.to_owned()), ..pending.clone() };
        self.remember(tenant, at, pending).await
    }

    /// The next step of a request whose person has proven enough for the application.
    pub(super) async fn next_in_place(
        &self,
        tenant: &TenantContext,
        pending: &Pending,
        client: &KnownClient,
        who: &SignedIn,
    ) -> Result<Next> {
        let request = &pending.request;
        let refuse = |code, text: &'static str| Ok(Next::Answer(request.return_to.error(&Refusal::new(code, text))));
        let place = match self.place(tenant, pending, client, who).await? {
            Place::Nowhere => None,
            Place::In(place) => Some(place),
            Place::Refused(refusal) => return Ok(Next::Answer(request.return_to.error(&refusal))),
            Place::Open if request.prompt.none => {
                return refuse(Code::AccountSelectionRequired, "the person has to choose an organization");
            }
            Place::Open => return Ok(Next::ChooseOrganization),
        };
        if lacks_factor(place.as_deref(), who) {
            let held = factors::held(&self.db, &tenant.id, &who.user.id).await?;
            return match held.passkeys > 0 || held.totp > 0 {
                _ if request.prompt.none => refuse(Code::LoginRequired, "the person has to prove more"),
                true => Ok(Next::SecondFactor),
                false => refuse(Code::AccessDenied, "this organization needs a second factor, and the person has none"),
            };
        }
        if self.must_ask(tenant, request, client, (who, place.is_some())).await? {
            return if request.prompt.none {
                refuse(Code::ConsentRequired, "the person has to be asked")
            } else {
                Ok(Next::Consent(request.scope.clone()))
            };
        }
        let organization = place.map(|place| place.id);
        self.issue_code(tenant, request, (who, organization), &request.scope).await.map(Next::Answer)
    }

    /// Issues the code for what the person allowed.
    ///
    /// # Errors
    /// The database failed; that the place is gone meanwhile is an answer for the client.
    pub async fn approve(
        &self,
        tenant: &TenantContext,
        pending: &Pending,
        who: &SignedIn,
        scope: &Scope,
    ) -> Result<Answer> {
        let request = &pending.request;
        let Some(client) = self.clients.find(&tenant.id, &request.client_id).await? else {
            let why = Refusal::new(Code::UnauthorizedClient, "this client is not active any more");
            return Ok(request.return_to.error(&why));
        };
        let place = match self.place(tenant, pending, &client, who).await? {
            Place::Nowhere => None,
            Place::In(place) if !lacks_factor(Some(&place), who) => Some(place.id),
            Place::Refused(refusal) => return Ok(request.return_to.error(&refusal)),
            Place::In(_) | Place::Open => return Ok(request.return_to.error(&no_member())),
        };
        self.issue_code(tenant, request, (who, place), scope).await
    }
}

/// Whether the organization wants a second factor that the person has not shown.
fn lacks_factor(place: Option<&Belonging>, who: &SignedIn) -> bool {
    place.is_some_and(|place| place.second_factor) && who.level() < Level::Two
}

fn no_member() -> Refusal {
    Refusal::new(Code::AccessDenied, "the person does not belong to this organization")
}

//! The life of an authorization request, whoever started it: begin, sign in, consent, approve or deny.

pub mod grants;
mod machine;
pub mod organization;
pub mod rehearsal;
pub mod request;
pub mod return_to;
mod rules;
pub mod sign_out;
mod verdict;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::base::{
    ClientId, Clock, Code, GrantId, OrganizationId, Origin, Params, Refusal, Result, Scope, Secret, SessionId, Stop,
    Timestamp,
};
use crate::clients::{Clients, KnownClient};
use crate::entitlements::Entitlements;
use crate::keys::Keys;
use crate::sessions::SignedIn;
use crate::store::audit::{self, Event};
use crate::store::grants::{self as store, CodeRequest, Context, Grant};
use crate::store::reader::Reader;
use crate::store::sessions::{self as waiting, Waiting};
use crate::store::writer::{NewCode, Write, Writer};
use crate::store::{Db, Json};
use crate::tenants::TenantContext;

pub use request::AuthorizationRequest;
pub use return_to::{Answer, ResponseMode, ReturnTo};

/// The `typ` of ID tokens.
const ID_TOKEN_TYP: &str = "JWT";

/// How a request that was just made goes on.
#[derive(Debug)]
pub enum Begun {
    /// All rules kept.
    Request(Box<AuthorizationRequest>),
    /// A rule is broken; the client is told at its proven redirect URI.
    Refused(Answer, Box<Refusal>),
}

/// A request that waits for its person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pending {
    /// What is asked.
    pub request: AuthorizationRequest,
    /// The session whose person proved who they are *for this request*: what `prompt=login` and `max_age` wait for.
    pub signed_in: Option<SessionId>,
    /// When it was asked.
    pub asked_at: Timestamp,
    /// The organization that the person chose for it; empty: none.
    #[serde(default)]
    pub organization: Option<String>,
}

/// What has to happen next.
#[derive(Debug)]
pub enum Next {
    /// The person signs in (again).
    SignIn,
    /// The person, who is signed in, shows a second factor.
    SecondFactor,
    /// The person says for which organization it is.
    ChooseOrganization,
    /// The person decides about this scope.
    Consent(Scope),
    /// The client gets its answer.
    Answer(Answer),
}

/// The service.
#[derive(Clone, Debug)]
pub struct Authorization {
    db: Db,
    clock: Clock,
    reader: Reader,
    writer: Writer,
    keys: Keys,
    clients: Clients,
    entitlements: Entitlements,
}

impl Authorization {
    /// Over these services.
    #[must_use]
    pub fn new(
        db: Db,
        clock: Clock,
        (reader, writer): (Reader, Writer),
        keys: Keys,
        (clients, entitlements): (Clients, Entitlements),
    ) -> Self {
        Self { db, clock, reader, writer, keys, clients, entitlements }
    }

    /// Checks a new request.
    ///
    /// # Errors
    /// Client or redirect URI is not proven: the person sees a page, nobody is redirected.
    pub async fn begin(&self, tenant: &TenantContext, params: &Params) -> Result<Begun> {
        let client = self.client_of(tenant, params).await?;
        let return_to = request::prove_return_to(params, tenant, &client)?;
        let checked = match request::check(params, tenant, &client, return_to.clone()) {
            Ok(request) => self.read_hint(tenant, params, request).await?,
            Err(refusal) => Err(refusal),
        };
        match checked {
            Ok(request) => Ok(Begun::Request(Box::new(request))),
            Err(refusal) => {
                tracing::info!(code = refusal.code.as_str(), why = ?refusal.why, client = %client.id, "refused");
                Ok(Begun::Refused(return_to.error(&refusal), Box::new(refusal)))
            }
        }
    }

    /// Whose request it is.
    async fn client_of(&self, tenant: &TenantContext, params: &Params) -> Result<Arc<KnownClient>> {
        let id = params.require("client_id").map_err(|missing| missing.because("client_id", None, None))?;
        let unknown = || {
            let refusal = Refusal::new(Code::InvalidRequest, "the client_id is not known here");
            refusal.because("client_id", None, id.to_owned())
        };
        let found = self.clients.find(&tenant.id, &ClientId::from(id)).await?;
        Ok(found.ok_or_else(unknown)?)
    }

    /// Whom `id_token_hint` names: a token of ours, however old (OIDC Core §3.1.2.1).
    async fn read_hint(
        &self,
        tenant: &TenantContext,
        params: &Params,
        mut request: AuthorizationRequest,
    ) -> Result<Result<AuthorizationRequest, Refusal>> {
        let Some(hint) = params.get("id_token_hint") else { return Ok(Ok(request)) };
        let claims = match self.keys.verify_hint(&tenant.id, hint, ID_TOKEN_TYP).await {
            Ok(claims) => claims,
            Err(Stop::Refused(_)) => return Ok(Err(not_ours())),
            Err(fault) => return Err(fault),
        };
        if claims.text("iss") != Some(&tenant.issuer) {
            return Ok(Err(not_ours()));
        }
        request.hinted_sub = claims.text("sub").map(str::to_owned);
        Ok(Ok(request))
    }

    /// Keeps a request while its person is busy. The reference is for the pages of this browser only.
    pub async fn keep(&self, tenant: &TenantContext, browser: &str, request: AuthorizationRequest) -> Result<Secret> {
        let (reference, now) = (Secret::generate(), self.clock.now());
        let at = Waiting { tenant: &tenant.id, reference: &reference.digest(), browser };
        let pending = Pending { request, signed_in: None, asked_at: now, organization: None };
        let until = now.plus(tenant.settings.lifetimes.authorization_request);
        waiting::put_request(&self.db, &at, pending, now, until).await?;
        Ok(reference)
    }

    /// The request behind a reference, for the browser that brought it.
    ///
    /// # Errors
    /// It was answered, it is too old, or it is another browser's.
    pub async fn pending(&self, tenant: &TenantContext, browser: &str, reference: &str) -> Result<Pending> {
        let digest = Secret::new(reference).digest();
        let at = Waiting { tenant: &tenant.id, reference: &digest, browser };
        let found = waiting::get_request(&self.db, &at, self.clock.now()).await?;
        found.ok_or_else(over)
    }

    /// Remembers that the person proved who they are for this request.
    pub async fn signed_in(
        &self,
        tenant: &TenantContext,
        (browser, reference): (&str, &str),
        pending: &Pending,
        session: &SessionId,
    ) -> Result<Pending> {
        let pending = Pending { signed_in: Some(session.clone()), ..pending.clone() };
        self.remember(tenant, (browser, reference), pending).await
    }

    /// Stores what became known of a request that waits.
    async fn remember(
        &self,
        tenant: &TenantContext,
        (browser, reference): (&str, &str),
        pending: Pending,
    ) -> Result<Pending> {
        let digest = Secret::new(reference).digest();
        let at = Waiting { tenant: &tenant.id, reference: &digest, browser };
        if waiting::update_request(&self.db, &at, pending.clone()).await? { Ok(pending) } else { Err(over()) }
    }

    /// Takes the request out of waiting, once: from here on it is answered.
    ///
    /// # Errors
    /// It was answered before, in another tab perhaps.
    pub async fn finish(&self, tenant: &TenantContext, browser: &str, reference: &str) -> Result<()> {
        let digest = Secret::new(reference).digest();
        let at = Waiting { tenant: &tenant.id, reference: &digest, browser };
        if waiting::use_request(&self.db, &at, self.clock.now()).await? { Ok(()) } else { Err(over()) }
    }

    /// Remembers what the person allowed, with its audit row. The answer is [`Authorization::approve`]'s.
    pub async fn consent(
        &self,
        tenant: &TenantContext,
        client: &ClientId,
        (who, scope): (&SignedIn, &Scope),
        origin: &Origin,
    ) -> Result<()> {
        let now = self.clock.now();
        let before = store::consent(&self.db, &tenant.id, &who.user.id, client).await?;
        let all = before.map_or_else(|| scope.clone(), |before| before.union(scope));
        let mut tx = self.db.begin().await?;
        store::set_consent(&mut tx, &tenant.id, &who.user.id, client, (&all, now)).await?;
        let event = Event::new(&tenant.id, now, "consent.granted").by(who.user.id.as_str()).on(client.as_str());
        audit::record(&mut tx, event.detail(json!({ "scope": scope })).from(origin)).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Issues the code: grant and code are stored together, and the client is answered after that.
    async fn issue_code(
        &self,
        tenant: &TenantContext,
        request: &AuthorizationRequest,
        (who, organization): (&SignedIn, Option<OrganizationId>),
        scope: &Scope,
    ) -> Result<Answer> {
        // A refresh never widens (RFC 6749 §6), so what is not paid for is not in the grant either.
        let paid = self.entitlements.of(&tenant.id, who.user.id.as_str()).await?.within(scope);
        if paid.is_empty() && !scope.is_empty() {
            return Ok(request
                .return_to
                .error(&Refusal::new(Code::InvalidScope, "all of the scope has to be paid for first")));
        }
        let now = self.clock.now();
        let lifetimes = &tenant.settings.lifetimes;
        let grant = Grant {
            tenant_id: tenant.id.clone(),
            id: GrantId::generate(),
            client_id: request.client_id.clone(),
            user_id: Some(who.user.id.clone()),
            session_id: Some(who.session.id.clone()),
            scope: paid,
            context: Json(Context {
                auth_time: Some(who.session.auth_time),
                acr: Some(request.told_acr(who.level()).to_owned()),
                amr: who.session.amr.0.clone(),
                nonce: request.nonce.clone(),
                resource: request.resource.clone(),
                claims: request.claims.clone(),
                details: request.details.clone(),
            }),
            created_at: now,
            expires_at: now.plus(lifetimes.refresh_absolute),
            revoked_at: None,
            organization_id: organization,
        };
        let code = Secret::generate_with_prefix("ac_");
        let bound = CodeRequest {
            redirect_uri: request.return_to.redirect_uri.clone(),
            code_challenge: request.code_challenge.clone(),
        };
        let new = NewCode::new(&grant, &code.digest(), &bound, now.plus(lifetimes.code))?;
        self.writer.write(Write { grant: Some(grant), code: Some(new), ..Write::default() }).await?;
        Ok(request.return_to.code(code.expose()))
    }
}

/// The answer of a person who said no (RFC 6749 §4.1.2.1).
#[must_use]
pub fn deny(request: &AuthorizationRequest) -> Answer {
    request.return_to.error(&Refusal::new(Code::AccessDenied, "the person did not allow it"))
}

fn not_ours() -> Refusal {
    let refusal = Refusal::new(Code::InvalidRequest, "the id_token_hint is not a token of this issuer");
    refusal.because("id_token_hint", None, "another token".to_owned())
}

fn over() -> Stop {
    Stop::refuse(
        Code::InvalidRequest,
        "this sign-in was finished or took too long, or it was begun in another browser; go back to the application and start again",
    )
}

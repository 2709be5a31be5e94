//! What every way in at the API ends with: tokens, the browser's cookie, or the wish for a second factor.

use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::accounts::engine::{Due, Entrance, FirstFactor, Outcome};
use crate::accounts::second::Passed;
use crate::app::App;
use crate::base::{Code, Level, Method, Origin, Proof, Refusal, Result, Secret, Stop};
use crate::clients::KnownClient;
use crate::http::context::origin;
use crate::http::{Browser, Data, Rejected, Tenant, device};
use crate::sessions::SignedIn;

/// What the caller gets in the end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Access, refresh and ID token.
    #[default]
    Tokens,
    /// A cookie for the browser that asks.
    Cookie,
}

/// What somebody wants who signs in. Kept while a second factor is due.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wish {
    /// For which of the tenant's own applications.
    pub client_id: Option<String>,
    /// What its tokens shall allow.
    pub scope: Option<String>,
    /// What the caller gets.
    pub session: Kind,
    /// Whether it shall outlive the session.
    pub remember_me: bool,
}

/// Somebody who signs in, and where.
pub struct Caller<'a> {
    /// The services.
    pub app: &'a App,
    /// The tenant.
    pub tenant: &'a Tenant,
    /// The browser, if it is one.
    pub browser: &'a Browser,
    /// What the request says of itself.
    pub headers: &'a HeaderMap,
}

impl Caller<'_> {
    /// Refuses a sign-in that would set the cookie, from a page of somebody else (S2).
    fn check(&self, wish: &Wish) -> Result<()> {
        if wish.session == Kind::Cookie && !self.browser.is_from_here(self.headers) {
            return Err(Stop::refuse(Code::Forgery, "a page of another origin cannot sign in here"));
        }
        Ok(())
    }

    /// The application, proven to be the tenant's own.
    pub async fn client(&self, wish: &Wish) -> Result<std::sync::Arc<KnownClient>> {
        self.check(wish)?;
        self.app.clients.own(self.tenant, wish.client_id.as_deref()).await
    }

    /// Goes on after a first factor.
    pub async fn arrive(&self, wish: Wish, first: Result<FirstFactor>) -> Result<Response, Rejected> {
        let client = self.client(&wish).await?;
        let origin = origin();
        let context = serde_json::to_value(&wish)?;
        let client_policy = Some(&client.policy.0);
        let at = Entrance { client: client_policy, context, ..Entrance::new(self.tenant, &origin) };
        let first = first.map_err(unauthorized)?;
        match self.app.factors.after_first_factor(&at, first).await? {
            Outcome::SignedIn(proof) => self.enter(&wish, (&client, proof), json!({}), &origin).await,
            Outcome::SecondFactorDue(due) => Ok(asked(&due, false)),
            Outcome::EnrolmentDue(due) => Ok(asked(&due, true)),
        }
    }

    /// Goes on after a second factor.
    pub async fn passed(&self, passed: Passed, origin: &Origin) -> Result<Response, Rejected> {
        let elsewhere = |_| Refusal::new(Code::Unauthorized, "this sign-in was begun at another endpoint");
        let wish: Wish = serde_json::from_value(passed.context).map_err(elsewhere)?;
        let client = self.client(&wish).await?;
        let codes: Vec<_> = passed.recovery_codes.iter().map(Secret::expose).collect();
        let more = if codes.is_empty() { json!({}) } else { json!({ "recovery_codes": codes }) };
        self.enter(&wish, (&client, passed.proof), more, origin).await
    }

    async fn enter(
        &self,
        wish: &Wish,
        (client, proof): (&KnownClient, Proof),
        more: Value,
        origin: &Origin,
    ) -> Result<Response, Rejected> {
        let current = match wish.session {
            Kind::Cookie => self.browser.person(self.app, self.tenant).await?,
            Kind::Tokens => None,
        };
        let user = self.app.accounts.find(self.tenant, &proof.user).await?;
        let user = user.ok_or_else(|| Refusal::new(Code::Unauthorized, "the account is gone"))?;
        let mut session = self.app.sessions.begin(self.tenant, proof, current.as_ref(), origin).await?;
        if wish.session == Kind::Cookie && wish.remember_me {
            self.app.sessions.remember(self.tenant, &mut session).await?;
        }
        let who = SignedIn { session, user, described: None };
        let mut told = match wish.session {
            Kind::Cookie => {
                self.browser.signed_in(&who.session.id, who.user.role).await?;
                if who.session.remembered.0 {
                    self.browser.keep(who.session.expires_at).await?;
                }
                device::know(self.app, self.tenant, &who.user, None).await?;
                json!({ "csrf_token": self.browser.csrf().await? })
            }
            Kind::Tokens => {
                let scope = wish.scope.clone().or_else(|| (!wish.remember_me).then(|| within_session(client)));
                let place = (&**self.tenant, client);
                serde_json::to_value(self.app.grants.for_person(place, &who, scope.as_deref(), origin).await?)?
            }
        };
        for part in [json!({ "session": shown(&who), "user_id": who.user.id }), more] {
            if let (Some(told), Value::Object(part)) = (told.as_object_mut(), part) {
                told.extend(part);
            }
        }
        Ok(Data::new(told).into_response())
    }
}

/// Everything but what outlives the session.
fn within_session(client: &KnownClient) -> String {
    client.metadata.scope.without("offline_access").to_string()
}

/// What is told of a session.
#[must_use]
pub fn shown(who: &SignedIn) -> Value {
    json!({
        "id": who.session.id,
        "auth_time": who.session.auth_time.rfc3339(),
        "expires_at": who.session.expires_at.rfc3339(),
        "amr": who.session.amr.0,
        "acr": who.session.acr,
        "level": Level::of(&who.session.acr).unwrap_or_default(),
    })
}

fn asked(due: &Due, enrol: bool) -> Response {
    Data::new(json!({
        "mfa_required": true,
        "enrolment_required": enrol,
        "mfa_token": due.mfa_token.expose(),
        "methods": due.methods.iter().map(|method| Method::as_str(*method)).collect::<Vec<_>>(),
        "expires_in": due.expires_in,
    }))
    .into_response()
}

/// What is no grant for OAuth is no proof here.
pub fn unauthorized(stop: Stop) -> Stop {
    match stop {
        Stop::Refused(refusal) if refusal.code == Code::InvalidGrant => {
            Stop::Refused(Refusal { code: Code::Unauthorized, ..refusal })
        }
        other => other,
    }
}

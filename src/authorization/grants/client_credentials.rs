//! The client credentials grant (RFC 6749 §4.4): a client acts for itself. It gets no refresh token, no ID token, and
//! no scope about people.

use std::borrow::Cow;

use oxide_auth::code_grant::client_credentials::{ClientCredentials, Input, Output};
use oxide_auth::primitives::grant::Extensions;
use oxide_auth::primitives::registrar::{BoundClient, PreGrant, RegisteredUrl};
use url::Url;

use super::issue::{Given, How};
use super::machine::{Proven, refused};
use super::{Grants, TokenRequest, TokenResponse, audience, details};
use crate::base::{AuthorizationDetails, Code, Fault, Refusal, Result, Scope, Stop};
use crate::clients::scopes;

impl Grants {
    /// Issues an access token to the client itself.
    pub(super) async fn client_credentials(&self, ask: &TokenRequest<'_>) -> Result<TokenResponse> {
        if !ask.client.is_confidential() {
            return Err(Stop::refuse(Code::UnauthorizedClient, "a public client cannot act for itself"));
        }
        let given = Given {
            grant: None,
            role: None,
            scope: negotiated(ask)?,
            audience: audience::of(ask, &[])?,
            details: details(ask, &AuthorizationDetails::default())?,
            with_refresh: false,
            how: How::New,
        };
        let issued = self.issue(ask, given).await?;
        Ok(issued.ok_or_else(|| Fault::new("a token was not stored"))?)
    }
}

/// Runs the machine: nothing it wants has to be fetched.
fn negotiated(ask: &TokenRequest<'_>) -> Result<Scope> {
    let mut machine = ClientCredentials::new(&Proven { client: ask.client.id.as_str(), form: &ask.form });
    // The machine binds a redirect URI that nobody is sent to.
    let unused = RegisteredUrl::Semantic(Url::parse(&ask.tenant.issuer)?);
    let (mut input, mut outcome) = (Input::None, None);
    loop {
        input = match machine.advance(input) {
            Output::Authenticate { .. } => Input::Authenticated,
            Output::Binding { client_id } => Input::Bound {
                bound_client: BoundClient {
                    client_id: Cow::Owned(client_id.to_owned()),
                    redirect_uri: Cow::Owned(unused.clone()),
                },
            },
            Output::Extend => Input::Extended { extensions: Extensions::new() },
            Output::Negotiate { bound_client, scope } => {
                let client_id = bound_client.client_id.clone().into_owned();
                let scope = outcome.insert(granted(ask, scope.map(Scope::from))?).machine().clone();
                Input::Negotiated { pre_grant: PreGrant { client_id, redirect_uri: unused.clone(), scope } }
            }
            Output::Ok { .. } => return Ok(outcome.ok_or_else(|| Fault::new("a scope was not negotiated"))?),
            Output::Err(mut error) => return Err(refused(error.description())),
        };
    }
}

/// What the client is registered for, of what it asks for; all of it when it asks for nothing.
fn granted(ask: &TokenRequest<'_>, asked: Option<Scope>) -> Result<Scope> {
    let registered = &ask.client.own_scope;
    let Some(asked) = asked.filter(|asked| !asked.is_empty()) else { return Ok(registered.clone()) };
    let granted = scopes::covered(&asked, registered);
    if granted.is_empty() {
        let refusal = Refusal::new(Code::InvalidScope, "the client is registered for nothing of this scope");
        return Err(refusal.because("scope", registered.to_string(), asked.to_string()).into());
    }
    Ok(granted)
}

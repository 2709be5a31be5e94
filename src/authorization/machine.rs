//! oxide-auth's authorization machine: it binds the request to client and redirect URI, insists on `code`, reads the
//! scope and has it negotiated, in an order that cannot be gotten wrong.

use std::borrow::Cow;

use oxide_auth::code_grant::authorization::{Authorization, Error, Input, Output, Request};
use oxide_auth::primitives::grant::Extensions;
use oxide_auth::primitives::registrar::{BoundClient, ExactUrl, PreGrant, RegisteredUrl};

use crate::base::{Code, Params, Refusal, Scope};

/// The request as the machine reads it.
struct Asked<'a> {
    params: &'a Params,
    redirect_uri: &'a str,
}

impl Request for Asked<'_> {
    fn valid(&self) -> bool {
        true
    }

    fn client_id(&self) -> Option<Cow<'_, str>> {
        self.params.get("client_id").map(Cow::Borrowed)
    }

    fn scope(&self) -> Option<Cow<'_, str>> {
        self.params.get("scope").map(Cow::Borrowed)
    }

    fn redirect_uri(&self) -> Option<Cow<'_, str>> {
        Some(Cow::Borrowed(self.redirect_uri))
    }

    fn state(&self) -> Option<Cow<'_, str>> {
        self.params.get("state").map(Cow::Borrowed)
    }

    fn response_type(&self) -> Option<Cow<'_, str>> {
        self.params.get("response_type").map(Cow::Borrowed)
    }

    fn extension(&self, key: &str) -> Option<Cow<'_, str>> {
        self.params.get(key).map(Cow::Borrowed)
    }
}

/// Runs the machine for a proven redirect URI. `negotiate` decides what of the requested scope may be asked of the
/// person.
///
/// # Errors
/// What `negotiate` refuses, an unreadable scope, another response type.
pub(super) fn scope_of(
    params: &Params,
    redirect_uri: &str,
    negotiate: impl Fn(Option<Scope>) -> Result<Scope, Refusal>,
) -> Result<Scope, Refusal> {
    let asked = Asked { params, redirect_uri };
    let mut machine = Authorization::new(&asked);
    let mut input = Input::None;
    loop {
        input = match machine.advance(input) {
            Output::Bind { client_id, redirect_uri } => {
                let redirect_uri = redirect_uri.ok_or_else(unbound)?;
                Input::Bound { request: &asked, bound_client: bound(client_id, redirect_uri) }
            }
            Output::Extend => Input::Extended(Extensions::new()),
            Output::Negotiate { bound_client, scope } => {
                let scope = negotiate(scope.map(Scope::from))?;
                let pre_grant = PreGrant {
                    client_id: bound_client.client_id.clone().into_owned(),
                    redirect_uri: bound_client.redirect_uri.clone().into_owned(),
                    scope: scope.machine().clone(),
                };
                Input::Negotiated { pre_grant, state: params.get("state").map(str::to_owned) }
            }
            Output::Ok { pre_grant, .. } => return Ok(pre_grant.scope.into()),
            Output::Err(Error::Redirect(_)) => return Err(unreadable(params)),
            Output::Err(_) => return Err(unbound()),
        };
    }
}

fn bound(client_id: String, redirect_uri: ExactUrl) -> BoundClient<'static> {
    BoundClient { client_id: Cow::Owned(client_id), redirect_uri: Cow::Owned(RegisteredUrl::Exact(redirect_uri)) }
}

fn unbound() -> Refusal {
    Refusal::new(Code::InvalidRequest, "the request cannot be bound to a client and redirect URI")
}

/// The machine says by redirect only that something is wrong: an unreadable scope, or another response type.
fn unreadable(params: &Params) -> Refusal {
    if params.get("response_type") == Some("code") {
        Refusal::new(Code::InvalidScope, "the scope has a character that is not allowed")
    } else {
        Refusal::new(Code::UnsupportedResponseType, "only response_type=code is served")
    }
}

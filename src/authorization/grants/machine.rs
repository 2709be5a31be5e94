//! What oxide-auth's machines ask of a request and of a stored grant, and what their refusals mean.

use std::borrow::Cow;
use std::time::{Duration, UNIX_EPOCH};

use oxide_auth::code_grant::error::{AccessTokenError, AccessTokenErrorType};
use oxide_auth::code_grant::{accesstoken, client_credentials, refresh};
use oxide_auth::primitives::grant::{Extensions, Grant as MachineGrant};
use oxide_auth::primitives::issuer::{IssuedToken, RefreshedToken, TokenType};
use url::Url;

use super::TokenForm;
use crate::base::{Code, Fault, Refusal, Stop};
use crate::store::grants::Grant;

/// The machines' clock is the system's. Time is judged by ours before they see a grant, so to them it ends in the
/// year 9999.
const FAR_OFF: Duration = Duration::from_secs(253_402_300_799);

/// A request of a client that has proven who it is. To the machines the proof is a secret that was right.
#[derive(Clone, Copy, Debug)]
pub(super) struct Proven<'a> {
    pub(super) client: &'a str,
    pub(super) form: &'a TokenForm<'a>,
}

fn text(value: Option<&str>) -> Option<Cow<'_, str>> {
    value.map(Cow::Borrowed)
}

impl accesstoken::Request for Proven<'_> {
    fn valid(&self) -> bool {
        true
    }

    fn code(&self) -> Option<Cow<'_, str>> {
        text(self.form.code)
    }

    fn authorization(&self) -> accesstoken::Authorization<'_> {
        accesstoken::Authorization::Username(Cow::Borrowed(self.client))
    }

    fn client_id(&self) -> Option<Cow<'_, str>> {
        None
    }

    fn redirect_uri(&self) -> Option<Cow<'_, str>> {
        text(self.form.redirect_uri)
    }

    fn grant_type(&self) -> Option<Cow<'_, str>> {
        text(Some(self.form.grant_type))
    }

    fn extension(&self, _: &str) -> Option<Cow<'_, str>> {
        None
    }
}

impl refresh::Request for Proven<'_> {
    fn valid(&self) -> bool {
        true
    }

    fn refresh_token(&self) -> Option<Cow<'_, str>> {
        text(self.form.refresh_token)
    }

    fn scope(&self) -> Option<Cow<'_, str>> {
        text(self.form.scope)
    }

    fn grant_type(&self) -> Option<Cow<'_, str>> {
        text(Some(self.form.grant_type))
    }

    fn authorization(&self) -> Option<(Cow<'_, str>, Cow<'_, [u8]>)> {
        Some((Cow::Borrowed(self.client), Cow::Borrowed(&[])))
    }

    fn extension(&self, _: &str) -> Option<Cow<'_, str>> {
        None
    }
}

impl client_credentials::Request for Proven<'_> {
    fn valid(&self) -> bool {
        true
    }

    fn authorization(&self) -> Option<(Cow<'_, str>, Cow<'_, [u8]>)> {
        Some((Cow::Borrowed(self.client), Cow::Borrowed(&[])))
    }

    fn scope(&self) -> Option<Cow<'_, str>> {
        text(self.form.scope)
    }

    fn grant_type(&self) -> Option<Cow<'_, str>> {
        text(Some(self.form.grant_type))
    }

    fn extension(&self, _: &str) -> Option<Cow<'_, str>> {
        None
    }
}

/// A stored grant as the machines know one.
pub(super) fn machine_grant(grant: &Grant, redirect_uri: Url, extensions: Extensions) -> MachineGrant {
    MachineGrant {
        owner_id: grant.user_id.as_ref().map(ToString::to_string).unwrap_or_default(),
        client_id: grant.client_id.to_string(),
        scope: grant.scope.machine().clone(),
        redirect_uri,
        until: (UNIX_EPOCH + FAR_OFF).into(),
        extensions,
    }
}

/// Tells the machine that a token was issued; the answer itself is ours.
pub(super) fn issued() -> IssuedToken {
    IssuedToken {
        token: String::new(),
        refresh: None,
        until: (UNIX_EPOCH + FAR_OFF).into(),
        token_type: TokenType::Bearer,
    }
}

/// As [`issued`], for the refresh machine.
pub(super) fn refreshed() -> RefreshedToken {
    let IssuedToken { token, refresh, until, token_type } = issued();
    RefreshedToken { token, refresh, until, token_type }
}

/// What a machine refuses, as we say it. Without a description something is wrong with how we drive it.
pub(super) fn refused(error: Option<&mut AccessTokenError>) -> Stop {
    let Some(error) = error else { return Fault::new("a grant was driven out of its order").into() };
    let (code, sentence) = match error.kind() {
        AccessTokenErrorType::InvalidClient => (Code::InvalidClient, "client authentication failed"),
        AccessTokenErrorType::InvalidGrant => (Code::InvalidGrant, "the grant is not valid"),
        AccessTokenErrorType::UnauthorizedClient => (Code::UnauthorizedClient, "the client may not use this grant"),
        AccessTokenErrorType::UnsupportedGrantType => (Code::UnsupportedGrantType, "the grant type is not supported"),
        AccessTokenErrorType::InvalidScope => (Code::InvalidScope, "the scope is malformed or more than was granted"),
        AccessTokenErrorType::InvalidRequest => (Code::InvalidRequest, "a parameter is missing or malformed"),
    };
    Refusal::new(code, sentence).into()
}

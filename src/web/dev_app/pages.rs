//! The developer's application: its page before the sign-in, and its page after.

use askama::Template;

use crate::frame::Brand;

/// Before the sign-in.
#[derive(Template)]
#[template(path = "pages/dev_app.html")]
pub struct DevAppPage {
    /// How the page looks.
    pub brand: Brand,
    /// The tenant that it signs in at.
    pub tenant: String,
    /// Why the last try did not succeed.
    pub error: Option<String>,
    /// Where the button goes.
    pub sign_in_action: String,
    /// The session's anti-forgery token.
    pub csrf: String,
    /// What to type.
    pub hint: Option<Credentials>,
}

/// Credentials made for development.
pub struct Credentials {
    /// The user name.
    pub email: String,
    /// The password.
    pub password: String,
}

/// After the sign-in.
#[derive(Template)]
#[template(path = "pages/dev_app_result.html")]
pub struct DevAppResultPage {
    /// How the page looks.
    pub brand: Brand,
    /// Whom to greet.
    pub greeting: String,
    /// How often the tokens were refreshed.
    pub refreshed: u32,
    /// The claims of the ID token, in its order.
    pub claims: Vec<(String, String)>,
    /// The access token.
    pub access_token: String,
    /// Its kind, scope and lifetime in words.
    pub token_facts: String,
    /// The protected API that was called with it.
    pub api_url: String,
    /// The status of its answer.
    pub api_status: u16,
    /// The body of its answer.
    pub api_body: String,
    /// Where the refresh button goes.
    pub refresh_action: String,
    /// Where the sign-out button goes.
    pub logout_action: String,
    /// The session's anti-forgery token.
    pub csrf: String,
}

#[cfg(test)]
mod tests;

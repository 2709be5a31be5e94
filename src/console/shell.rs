//! What every page of the console wears: where one is, where one can go, who one is, and what the last act came to.

use super::desk::{Admin, Desk, Operator};
use crate::base::{Params, Refusal, Result};
use crate::frame::Words;
use crate::http::context::request_id;
use crate::http::routes::{
    CONSOLE, CONSOLE_API_KEYS, CONSOLE_AUDIT, CONSOLE_BRANDING, CONSOLE_CLIENTS, CONSOLE_KEYS, CONSOLE_MAIL,
    CONSOLE_MAILS, CONSOLE_ORGANIZATIONS, CONSOLE_OVERVIEW, CONSOLE_PLAN, CONSOLE_PLANS, CONSOLE_PROVIDERS,
    CONSOLE_SETTINGS, CONSOLE_SIGN_OUT, CONSOLE_TENANTS, CONSOLE_USERS, CONSOLE_WEBHOOKS,
};

/// A page's place in the navigation, by the word for it.
pub type Section = &'static str;

/// The operators' sections.
const OF_PLATFORM: [(Section, &str); 4] = [
    ("console-platform", CONSOLE),
    ("console-tenants", CONSOLE_TENANTS),
    ("console-plans", CONSOLE_PLANS),
    ("console-mails", CONSOLE_MAILS),
];

/// A tenant's, each with the scope that its page needs.
const OF_TENANT: [(Section, &str, &str); 13] = [
    ("console-overview", CONSOLE_OVERVIEW, "tenant:read"),
    ("console-users", CONSOLE_USERS, "users:read"),
    ("console-organizations", CONSOLE_ORGANIZATIONS, "tenant:read"),
    ("console-clients", CONSOLE_CLIENTS, "clients:read"),
    ("console-keys", CONSOLE_KEYS, "keys:write"),
    ("console-api-keys", CONSOLE_API_KEYS, "keys:write"),
    ("console-audit", CONSOLE_AUDIT, "audit:read"),
    ("console-webhooks", CONSOLE_WEBHOOKS, "webhooks:read"),
    ("console-mail", CONSOLE_MAIL, "tenant:write"),
    ("console-providers", CONSOLE_PROVIDERS, "tenant:write"),
    ("console-branding", CONSOLE_BRANDING, "tenant:write"),
    ("console-settings", CONSOLE_SETTINGS, "tenant:write"),
    ("console-plan", CONSOLE_PLAN, "tenant:read"),
];

/// What an act can have come to, and the sentence for it.
const DONE: [(&str, &str); 13] = [
    ("saved", "console-done-saved"),
    ("created", "console-done-created"),
    ("deleted", "console-done-deleted"),
    ("rotated", "console-done-rotated"),
    ("revoked", "console-done-revoked"),
    ("published", "console-done-published"),
    ("sent", "console-done-sent"),
    ("cancelled", "console-done-cancelled"),
    ("suspended", "console-done-suspended"),
    ("activated", "console-done-activated"),
    ("restored", "console-done-restored"),
    ("ended", "console-done-ended"),
    ("proven", "console-done-proven"),
];

/// A link of the navigation.
#[derive(Clone, Debug)]
pub struct Tab {
    /// Where it leads.
    pub href: String,
    /// What it says.
    pub text: String,
    /// Whether it is the page at hand.
    pub here: bool,
}

/// What the last act came to.
#[derive(Clone, Debug)]
pub struct Notice {
    /// In a sentence.
    pub text: String,
    /// Whether it was refused; then this is the id of the request, to ask about.
    pub refused: Option<String>,
}

/// The frame of a page.
#[derive(Clone, Debug)]
pub struct Shell {
    /// The name of what is looked at.
    pub place: String,
    /// The name of the section.
    pub title: String,
    /// The sections.
    pub tabs: Vec<Tab>,
    /// From a tenant to all of them.
    pub up: Option<String>,
    /// Who is signed in.
    pub account: String,
    /// The way out.
    pub sign_out_href: String,
    /// The session's anti-forgery token.
    pub csrf: String,
    /// Where the page's own forms go.
    pub action: String,
    /// What the last act came to.
    pub notice: Option<Notice>,
}

impl Shell {
    /// At the operators' console.
    ///
    /// # Errors
    /// The browser's data cannot be read.
    pub async fn of_platform(operator: &Operator, at: Section, query: &Params) -> Result<Self> {
        let words = operator.home.brand().words;
        let tabs = OF_PLATFORM.map(|(section, path)| Tab {
            href: operator.home.path(path),
            text: words.say(section),
            here: section == at,
        });
        Self::new(operator, (words.say("console-platform"), tabs.to_vec()), (at, words), query).await
    }

    /// At a tenant.
    ///
    /// # Errors
    /// The browser's data cannot be read.
    pub async fn of_tenant<S>(admin: &Admin<S>, at: Section, query: &Params) -> Result<Self> {
        let words = admin.brand().words;
        let open = OF_TENANT.iter().filter(|(_, _, scope)| admin.may(scope));
        let tabs = open.map(|(section, page, _)| Tab {
            href: admin.path(page),
            text: words.say(section),
            here: *section == at,
        });
        let standing = admin.home.of_operators.then(|| Tab {
            href: admin.path("/standing"),
            text: words.say("console-standing"),
            here: at == "console-standing",
        });
        let tabs = tabs.chain(standing).collect();
        let shell = Self::new(admin, (admin.tenant.name.clone(), tabs), (at, words), query).await?;
        let up = admin.home.of_operators.then(|| admin.home.path(CONSOLE_TENANTS));
        Ok(Self { up, ..shell })
    }

    async fn new(
        desk: &Desk,
        (place, tabs): (String, Vec<Tab>),
        (at, words): (Section, Words),
        query: &Params,
    ) -> Result<Self> {
        let done = query.get("done").and_then(|done| DONE.iter().find(|(known, _)| *known == done));
        Ok(Self {
            place,
            title: words.say(at),
            tabs,
            up: None,
            account: desk.who.user.name_to_show().to_owned(),
            sign_out_href: desk.home.path(CONSOLE_SIGN_OUT),
            csrf: desk.browser.csrf().await?,
            action: desk.home.path(desk.at.split('?').next().unwrap_or_default()),
            notice: done.map(|(_, word)| Notice { text: words.say(word), refused: None }),
        })
    }

    /// With why an act was refused, in the place of what an earlier one came to.
    #[must_use]
    pub fn refused(mut self, words: Words, refusal: Option<&Refusal>) -> Self {
        if let Some(refusal) = refusal {
            let (code, description, hint) = (refusal.code.as_str(), &refusal.description, refusal.hint.as_deref());
            tracing::info!(code, %description, hint, request_id = request_id(), "refused");
            self.notice = Some(Notice { text: words.refusal(refusal), refused: Some(request_id()) });
        }
        self
    }
}

/// Where a page is shown again, saying what its act came to.
#[must_use]
pub fn done(path: &str, what: &str) -> String {
    format!("{path}?done={what}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clients::scopes::KNOWN;
    use crate::frame::Language;

    #[test]
    fn every_section_and_every_outcome_has_its_words_and_every_section_a_scope_that_exists() {
        let sections = OF_PLATFORM.iter().map(|(word, _)| word).chain(OF_TENANT.iter().map(|(word, ..)| word));
        for word in sections.chain(DONE.iter().map(|(_, word)| word)) {
            for language in Language::ALL {
                assert_ne!(&Words::of(language).say(word), word, "{language:?}");
            }
        }
        for (section, _, scope) in OF_TENANT {
            assert!(KNOWN.iter().any(|(known, _)| *known == scope), "{section}");
        }
    }
}

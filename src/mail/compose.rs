//! From a letter to a mail: the words in the person's language, as text and as HTML.

mod parts;
#[cfg(test)]
mod tests;

use askama::Template;
use serde::{Deserialize, Serialize};

use super::{Letter, Recipient};
use crate::base::{Fault, Seconds};
use crate::frame::{Accent, Dress, Language, Words};
use crate::store::tenants::Tenant;

/// The platform's own colour, as in `static/chancery.css`.
const COLOUR: &str = "#1d5c63";

/// What a mail says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// Its subject; one line.
    #[serde(skip)]
    pub subject: String,
    /// Its language.
    pub language: String,
    /// As plain text.
    pub text: String,
    /// As HTML.
    pub html: String,
}

/// The pieces of a mail, in order.
struct Parts {
    subject: String,
    lead: String,
    code: Option<String>,
    action: Option<Action>,
    facts: Vec<(String, String)>,
    notes: Vec<String>,
    also: Option<Action>,
}

/// Something to click.
struct Action {
    label: String,
    href: String,
}

#[derive(Template)]
#[template(path = "mail/letter.html")]
struct Html<'a> {
    words: Words,
    tenant: &'a str,
    colour: String,
    on_colour: String,
    greeting: &'a str,
    parts: &'a Parts,
}

#[derive(Template)]
#[template(path = "mail/letter.txt", escape = "none")]
struct Text<'a> {
    words: Words,
    tenant: &'a str,
    greeting: &'a str,
    parts: &'a Parts,
}

/// Writes a letter for its recipient.
pub(super) fn compose(tenant: &Tenant, to: &Recipient, letter: &Letter) -> Result<Content, Fault> {
    let spoken_here = tenant.settings.language.as_deref().and_then(Language::of_tag);
    let dress = tenant.dress();
    let language = to.language.or(spoken_here).unwrap_or_default();
    let words = Words::of(language).in_own(dress.own(language));
    compose_in((&tenant.name, &dress, words), to.name.as_deref(), letter)
}

/// A letter that proves an address, as HTML, in a brand that nobody sees yet.
///
/// # Errors
/// It cannot be rendered.
pub fn sample((name, dress, words): (&str, &Dress, Words), link: String) -> Result<String, Fault> {
    let letter = Letter::VerifyEmail { link, lifetime: Seconds(86_400) };
    Ok(compose_in((name, dress, words), Some("Ada"), &letter)?.html)
}

fn compose_in(
    (tenant, dress, words): (&str, &Dress, Words),
    to: Option<&str>,
    letter: &Letter,
) -> Result<Content, Fault> {
    let name = one_line(tenant);
    let parts = parts::of(letter, words, &name);
    let greeting = to.map_or_else(|| words.say("mail-hello"), |n| words.tell("mail-hello-name", "name", n));
    let colour = dress.accent.0.or_else(|| COLOUR.parse::<Accent>().ok());
    let html = Html {
        words,
        tenant: &name,
        colour: colour.map_or_else(|| COLOUR.to_owned(), |colour| colour.to_string()),
        on_colour: colour.map_or_else(|| "#ffffff".to_owned(), |colour| colour.ink().to_string()),
        greeting: &greeting,
        parts: &parts,
    };
    let text = Text { words, tenant: &name, greeting: &greeting, parts: &parts };
    Ok(Content {
        html: html.render()?,
        text: text.render()?,
        subject: one_line(&parts.subject),
        language: words.tag().to_owned(),
    })
}

/// Whatever was typed as a name, it stays on its line (W-113).
pub(super) fn one_line(text: &str) -> String {
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    clean.trim().to_owned()
}
